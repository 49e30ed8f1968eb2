"""A stage for the paper venue: a market that the test plays, and one log of all that is told."""

import asyncio
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from crossdock.adapters.venues.paper import MANIFEST
from crossdock.adapters.venues.paper.venue import Paper
from crossdock.model import (
    AccountId,
    Asset,
    Bar,
    BookChange,
    ClientOrderId,
    ContractKind,
    Instrument,
    OrderType,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import CancelOrder, NewOrder, OrderRef, ReplaceOrder
from crossdock.toolkit import (
    AdapterContext,
    CountedIds,
    HealthRegistry,
    ManualClock,
    Masker,
    RateBudgets,
    read_settings,
)

MINUTE_NS = 60_000_000_000
VENUE = "recorded"
_TYPES = {
    (False, False): OrderType.MARKET,
    (True, False): OrderType.LIMIT,
    (False, True): OrderType.STOP,
    (True, True): OrderType.STOP_LIMIT,
}
START_NS = 1_700_000_040_000_000_000  # a whole minute


def instrument_of(kind=ContractKind.SPOT, **changes):
    symbol, quote, settle = {
        ContractKind.SPOT: ("BTC/USDT", "USDT", "USDT"),
        ContractKind.LINEAR: ("BTC/USDT:USDT", "USDT", "USDT"),
        ContractKind.INVERSE: ("BTC/USD:BTC", "USD", "BTC"),
        ContractKind.OPTION: ("BTC/USDT:USDT-C", "USDT", "USDT"),
    }[kind]
    fields = {
        "id": instrument_id(symbol, VENUE),
        "venue_key": symbol,
        "kind": kind,
        "base": Asset("BTC"),
        "quote": Asset(quote),
        "settle": Asset(settle),
        "tick_table": (TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
        "quantity_step": Decimal("0.001"),
        "maker_fee_rate": Decimal("0.001"),
        "taker_fee_rate": Decimal("0.002"),
        **changes,
    }
    return Instrument(**fields)


class MemoryState:
    def __init__(self):
        self.kept = {}
        self.saves = 0

    def load(self, key):
        return self.kept.get(key)

    def save(self, key, value):
        self.saves += 1
        self.kept[key] = value


class Log:
    """Sink of market and account at once: (word, item), in the order told.

    `on` handlers run as each item is told, as a strategy would.
    """

    def __init__(self):
        self.told = []
        self.on = {}

    def _tell(self, word, items):
        for item in items:
            self.told.append((word, item))
            if handler := self.on.get(word):
                handler(item)

    def quotes(self, batch):
        self._tell("quote", batch)

    def trades(self, batch):
        self._tell("trade", batch)

    def book(self, change):
        self._tell("book", [change])

    def bars(self, batch):
        self._tell("bar", batch)

    def market_gap(self, instruments, reason):
        self._tell("gap", [(tuple(instruments), reason)])

    def orders(self, batch):
        self._tell("order", batch)

    def fills(self, batch):
        self._tell("fill", batch)

    def account_events(self, batch):
        self._tell("event", batch)

    def account_gap(self, reason):
        self._tell("account_gap", [reason])

    def instruments_changed(self, instruments):
        self._tell("instrument", instruments)

    def of(self, word):
        return [item for each, item in self.told if each == word]

    @property
    def words(self):
        return [word for word, _ in self.told]


class Stage:
    """Plays a market to a paper venue. Numbers are given as text or int."""

    def __init__(self, instruments, state=None, ids=None):
        self.clock = ManualClock(START_NS)
        self.state = state if state is not None else MemoryState()
        self.ids = ids or CountedIds()
        self.listed = list(instruments)
        self.instrument = self.listed[0]
        self.log = Log()
        self.venue = None
        self.sinks = []
        self._names = count(1)
        self._sequence = 0

    # ---- the market's source

    async def instruments(self):
        return self.listed

    async def watch_market(self, instruments, sink):
        self.sinks.append(sink)
        try:
            await asyncio.Event().wait()
        finally:
            self.sinks.remove(sink)

    @asynccontextmanager
    async def open(self, *, watches=True, **settings):
        settings = read_settings(
            MANIFEST,
            settings,
            account=AccountId("paper"),
            environ={},
            base_path=Path(),
            masker=Masker(),
        )
        context = AdapterContext(
            account=AccountId("paper"),
            venue=VENUE,
            manifest=MANIFEST,
            settings=settings,
            clock=self.clock,
            ids=self.ids,
            http=None,
            budgets=RateBudgets(self.clock),
            health=HealthRegistry(self.clock),
            state=self.state,
            masker=Masker(),
            market=self,
        )
        self.health = context.health
        async with Paper(context) as self.venue:
            tasks = [asyncio.create_task(self.venue.watch_account(self.log))]
            if watches:
                ids = [it.id for it in self.listed]
                tasks.append(asyncio.create_task(self.venue.watch_market(ids, self.log)))
            await asyncio.sleep(0)
            try:
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    # ---- events

    def _push(self, method, *arguments):
        for sink in tuple(self.sinks):
            getattr(sink, method)(*arguments)

    def quote_of(self, bid, ask, bid_quantity=0, ask_quantity=0):
        now = self.clock.time_ns()
        return Quote(
            self.instrument.id,
            float(bid),
            float(bid_quantity),
            float(ask),
            float(ask_quantity),
            now,
            now,
        )

    def quote(self, bid, ask, bid_quantity=0, ask_quantity=0):
        self._push("quotes", (self.quote_of(bid, ask, bid_quantity, ask_quantity),))

    def trade(self, price, quantity, side=Side.SELL):
        now = self.clock.time_ns()
        trade = Trade(
            self.instrument.id, "t", Decimal(price), Decimal(quantity), side, now, now
        )
        self._push("trades", (trade,))

    def book(self, bids=(), asks=(), *, snapshot=False):
        """Levels as (price, quantity) pairs."""
        self._sequence += 1
        now = self.clock.time_ns()
        levels = [[(str(p), str(q)) for p, q in side] for side in (bids, asks)]
        change = BookChange(
            self.instrument.id, snapshot, *levels, self._sequence, self._sequence, now, now
        )
        self._push("book", change)

    def lose_book(self):
        self._sequence += 5
        self._push("market_gap", (self.instrument.id,), "lost")

    def bar_of(self, open_, high, low, close, volume=1000, *, closed=True, start_ns=None):
        """Return a bar that begins now, or at another time."""
        start_ns = self.clock.time_ns() if start_ns is None else start_ns
        prices = (float(open_), float(high), float(low), float(close), float(volume))
        return Bar(self.instrument.id, start_ns, MINUTE_NS, *prices, closed)

    async def bar(self, open_, high, low, close, volume=1000, *, begins=True):
        """Play one minute as a replay does: its first price when it begins, the bar at its end."""
        start_ns = self.clock.time_ns()
        if begins:
            first = self.bar_of(open_, open_, open_, open_, 0, closed=False)
            self._push("bars", (first,))
        await self.clock.advance(60)
        whole = self.bar_of(open_, high, low, close, volume, start_ns=start_ns)
        self._push("bars", (whole,))

    def push_bar(self, bar):
        self._push("bars", (bar,))

    # ---- writes

    def new(self, side, quantity=1, limit=None, *, stop=None, **more):
        fields = {
            "client_order_id": ClientOrderId(f"c{next(self._names)}"),
            "instrument": self.instrument,
            "side": Side(side),
            "type": _TYPES[limit is not None, stop is not None],
            "quantity": Decimal(quantity),
            "limit_price": None if limit is None else Decimal(limit),
            "stop_price": None if stop is None else Decimal(stop),
            "deadline_ns": self.deadline_ns(),
            **more,
        }
        return NewOrder(**fields)

    def deadline_ns(self):
        return self.clock.monotonic_ns() + 30_000_000_000

    async def send(self, side, quantity=1, limit=None, **more):
        return await self.venue.submit(self.new(side, quantity, limit, **more))

    def ref(self, report):
        return OrderRef(
            instrument=self.instrument,
            client_order_id=report.client_order_id,
            venue_order_ids=(report.venue_order_id,),
        )

    async def look(self, report):
        return await self.venue.order(self.ref(report))

    async def cancel(self, report):
        cancel = CancelOrder(ref=self.ref(report), deadline_ns=self.deadline_ns())
        return await self.venue.cancel(cancel)

    async def replace(self, report, quantity, limit=None, stop=None):
        replace = ReplaceOrder(
            ref=self.ref(report),
            quantity=Decimal(quantity),
            limit_price=None if limit is None else Decimal(limit),
            stop_price=None if stop is None else Decimal(stop),
            deadline_ns=self.deadline_ns(),
        )
        return await self.venue.replace(replace)

    # ---- what came of it

    @property
    def fills(self):
        return [(fill.price, fill.quantity) for fill in self.log.of("fill")]

    async def cash(self):
        return {it.asset: it.total for it in await self.venue.balances()}

    async def held(self):
        return {it.asset: it.held for it in await self.venue.balances()}


def pairs(*texts):
    """Read "price x quantity" texts as the fills they stand for."""
    return [tuple(Decimal(part) for part in text.split(" x ")) for text in texts]


@pytest.fixture
def stage():
    """Make a stage for instruments, a spot market by default."""

    def make(*instruments, **more):
        return Stage(instruments or (instrument_of(),), **more)

    return make


@pytest.fixture(scope="session")
def make_stage():
    """As `stage`, for tests that need many: hypothesis wants no fixture made anew."""
    return lambda *instruments: Stage(instruments or (instrument_of(),))


@pytest.fixture(name="instrument_of", scope="session")
def _instrument_of():
    return instrument_of


@pytest.fixture(name="pairs")
def _pairs():
    return pairs
