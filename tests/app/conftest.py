"""A venue in memory, and desks and gateways that trade on it under a clock moved by hand."""

import asyncio
import random
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.reader import read as read_files
from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.app.desk import Desk
from crossdock.app.gateway import Gateway, GatewayOptions
from crossdock.app.kernel import Kernel
from crossdock.app.registry import GROUPS, Registry
from crossdock.app.settings import load_settings
from crossdock.core import records as r
from crossdock.core.projection import SCHEMA
from crossdock.errors import JournalError, Unreachable
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    Balance,
    BookChange,
    ContractKind,
    Fill,
    Instrument,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TickBand,
    TimeInForce,
)
from crossdock.ports import (
    CONNECTED,
    AccountEventPage,
    Can,
    Durability,
    Evidence,
    FillPage,
    IdCodec,
    JournalEntry,
    Lookup,
    Manifest,
    Tier,
    Uniqueness,
)
from crossdock.toolkit.clock import CountedIds, ManualClock
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.retry import Backoff

D = Decimal
S = OrderStatus
EVIDENCE = Evidence(
    client_id=IdCodec.TEXT,
    lookup=Lookup.ANY_ORDER,
    uniqueness=Uniqueness.FOREVER,
    retention_s=86_400,
    arrival_horizon_s=5,
    visibility_lag_s=1,
    silence_s=30,
)
MANIFEST = Manifest(
    id="toy",
    kind="venue",
    name="Toy",
    docs_url="https://example.org",
    factory="decimal:Decimal",
    can=frozenset(Can) - {Can.BOOK_SNAPSHOT, Can.SERVER_TIME},
    order_types=frozenset(OrderType),
    times_in_force=frozenset(TimeInForce),
    evidence=EVIDENCE,
    tier=Tier.SANDBOXED,
    real_money=False,
)


def listed(venue="alpha", **terms):
    return Instrument(
        **{
            "id": f"BTC/USDT@{venue}",
            "venue_key": "1",
            "kind": ContractKind.SPOT,
            "base": "BTC",
            "quote": "USDT",
            "settle": "USDT",
            "tick_table": (TickBand(floor=D(0), tick=D("0.1")),),
            "quantity_step": D("0.01"),
            "taker_fee_rate": D("0.001"),
            **terms,
        }
    )


class Venue:
    """One account at one venue, which outlives the connections to it.

    `on_write` may raise, or return an awaitable, in place of the plain answer to a write.
    """

    def __init__(self, clock, name="alpha", account="main", **terms):
        self.clock, self.name, self.account = clock, name, account
        self.instrument = listed(name, **terms)
        self.cash = {"BTC": D(10), "USDT": D(100_000)}
        self.orders, self.fills, self.events = {}, [], []
        self.calls = []
        self.sinks = []
        self.market_sinks = []
        self.page = 100
        self.failure = None  # raised by every read
        self.on_write = None
        self.is_mute = False  # streams stay connected and say nothing
        self.connections = 0
        self.bid, self.ask = "99.9", "100.1"
        self._streams = []

    # ---- what tests do ----------------------------------------------------------

    def report(self, order, **changes):
        for name, value in changes.items():
            order[name] = value
        order["venue_time_ns"] = self.clock.time_ns()
        told = OrderReport(**order)
        self.tell(lambda sink: sink.orders([told]))
        return told

    def tell(self, say):
        if not self.is_mute:
            for sink in list(self.sinks):
                say(sink)

    def place(self, client="", side=Side.BUY, quantity="1", price="99", status=S.NEW):
        name = f"v{len(self.orders) + 1}"
        self.orders[name] = {
            "account": self.account,
            "instrument": self.instrument.id,
            "venue_order_id": name,
            "client_order_id": client,
            "status": status,
            "side": side,
            "type": OrderType.LIMIT,
            "quantity": D(quantity),
            "limit_price": D(price),
            "cumulative_quantity": D(0),
        }
        return self.report(self.orders[name])

    def fill(self, name, quantity="1", price="100", *, told=True, more_fees=()):
        order = self.orders[name]
        quantity, price = D(quantity), D(price)
        order["cumulative_quantity"] += quantity
        full = order["cumulative_quantity"] >= order["quantity"]
        fill = Fill(
            account=self.account,
            instrument=order["instrument"],
            venue_order_id=name,
            execution_id=f"e{len(self.fills) + 1}",
            side=order["side"],
            price=price,
            quantity=quantity,
            fee=D("0.1"),
            fee_asset="USDT",
            client_order_id=order["client_order_id"],
            venue_time_ns=self.clock.time_ns(),
            more_fees=more_fees,
        )
        self.fills.append(fill)
        self.cash["BTC"] += quantity * order["side"].sign
        self.cash["USDT"] -= quantity * price * order["side"].sign + fill.fee
        for asset, fee in more_fees:
            self.cash[asset] -= fee
        before, self.is_mute = self.is_mute, self.is_mute or not told
        self.report(order, status=S.FILLED if full else S.PARTIALLY_FILLED)
        self.tell(lambda sink: sink.fills([fill]))
        self.is_mute = before
        return fill

    def deposit(self, amount, *, told=True):
        event = AccountEvent(
            account=self.account,
            event_id=f"d{len(self.events) + 1}",
            kind=AccountEventKind.DEPOSIT,
            asset="USDT",
            amount=D(amount),
        )
        self.events.append(event)
        self.cash["USDT"] += D(amount)
        if told:
            self.tell(lambda sink: sink.account_events([event]))

    def break_streams(self, error):
        for stream in self._streams:
            if not stream.done():
                stream.set_exception(error)

    def quote(self, bid=None, ask=None, size="1000"):
        """Publish the whole book again, as of now."""
        self.bid, self.ask = bid or self.bid, ask or self.ask
        now = self.clock.time_ns()
        change = BookChange(
            instrument=self.instrument.id,
            snapshot=True,
            bids=[(self.bid, size)],
            asks=[(self.ask, size)],
            first_sequence=now,
            last_sequence=now,
            venue_time_ns=now,
            received_time_ns=now,
        )
        for sink in list(self.market_sinks):
            sink.book(change)

    def called(self, name):
        return [args for call, args in self.calls if call == name]

    # ---- the adapter ------------------------------------------------------------

    async def __aenter__(self):
        self.connections += 1
        if self.failure is not None:
            raise self.failure
        return self

    async def __aexit__(self, *_):
        pass

    async def _read(self, name, *args):
        self.calls.append((name, args))
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure

    def _write(self, name, order, answer):
        self.calls.append((name, order))
        if self.on_write is not None:
            planned = self.on_write(name, order)
            if planned is not None:
                return planned
        return self._answer(answer)

    async def _answer(self, answer):
        return answer()

    def submit(self, order):
        def accept():
            price = order.limit_price or D(self.ask)
            return self.place(order.client_order_id, order.side, order.quantity, price)

        return self._write("submit", order, accept)

    def cancel(self, cancel):
        return self._write("cancel", cancel, lambda: self.take_cancel(cancel))

    def take_cancel(self, cancel):
        return self.report(self._find(cancel.ref), status=S.CANCELED)

    def replace(self, replace_):
        def amend():
            old = self._find(replace_.ref)
            name = f"v{len(self.orders) + 1}"
            self.orders[name] = {
                **old,
                "venue_order_id": name,
                "replaces": old["venue_order_id"],
                "quantity": replace_.quantity,
                "limit_price": replace_.limit_price,
            }
            old["client_order_id"] = f"was-{old['client_order_id']}"
            old["status"] = S.CANCELED
            return self.report(self.orders[name])

        return self._write("replace", replace_, amend)

    async def cancel_all(self):
        self.calls.append(("cancel_all", ()))
        for order in list(self.orders.values()):
            if not order["status"].is_terminal:
                self.report(order, status=S.CANCELED)

    def _find(self, ref):
        for order in reversed(self.orders.values()):  # the newest of a chain
            same = order["client_order_id"] == ref.client_order_id != ""
            if same or order["venue_order_id"] in ref.venue_order_ids:
                return order
        return None

    async def order(self, ref):
        await self._read("order", ref)
        found = self._find(ref)
        return None if found is None else OrderReport(**found)

    async def open_orders(self):
        await self._read("open_orders")
        return [
            OrderReport(**order)
            for order in self.orders.values()
            if not order["status"].is_terminal
        ]

    async def instruments(self):
        await self._read("instruments")
        return [self.instrument]

    async def fills_after(self, cursor):
        await self._read("fills_after", cursor)
        start = int(cursor or 0)
        page = tuple(self.fills[start : start + self.page])
        end = start + len(page)
        return FillPage(fills=page, cursor=str(end), complete=end == len(self.fills))

    async def fill_cursor(self):
        await self._read("fill_cursor")
        return str(len(self.fills))

    async def account_events_after(self, cursor):
        await self._read("account_events_after", cursor)
        start = int(cursor or 0)
        page = tuple(self.events[start : start + self.page])
        end = start + len(page)
        return AccountEventPage(
            events=page, cursor=str(end), complete=end == len(self.events)
        )

    async def account_event_cursor(self):
        await self._read("account_event_cursor")
        return str(len(self.events))

    async def balances(self):
        await self._read("balances")
        return [
            Balance(account=self.account, asset=asset, total=total)
            for asset, total in self.cash.items()
        ]

    async def positions(self):
        await self._read("positions")
        return []

    async def _stream(self, sinks, sink):
        ended = asyncio.get_running_loop().create_future()
        sinks.append(sink)
        self._streams.append(ended)
        try:
            await ended
        finally:
            sinks.remove(sink)
            self._streams.remove(ended)

    async def watch_account(self, sink):
        sink.account_gap(CONNECTED)
        await self._stream(self.sinks, sink)

    async def watch_market(self, instruments, sink):
        self.calls.append(("watch_market", instruments))
        asyncio.get_running_loop().call_soon(self.quote)
        await self._stream(self.market_sinks, sink)


class BlindVenue(Venue):
    """It offers no way to look an order up."""

    order = None


class MemoryJournal:
    """A journal in memory that fails when told: now, or when its future is awaited."""

    def __init__(self):
        self.entries = []
        self.writable = True
        self.closed = False
        self.appends = 0
        self.futures = None  # a list: power durability, each append's future is kept here
        self.begins_at = 0

    def append(self, payloads):
        self.appends += 1
        if not self.writable:
            raise JournalError("the disk is full", code="journal-failed")
        self._keep(payloads)
        if self.futures is None:
            return None
        future = asyncio.get_running_loop().create_future()
        self.futures.append(future)
        return future

    def _keep(self, payloads, *, is_snapshot=False):
        for payload in payloads:
            self.entries.append(
                JournalEntry(
                    sequence=len(self.entries) + 1,
                    payload=payload,
                    digest=b"",
                    is_snapshot=is_snapshot,
                )
            )

    def close_segment(self, snapshot):
        if not self.writable:
            raise JournalError("the disk is full", code="journal-failed")
        self.begins_at = len(self.entries)
        self._keep([snapshot], is_snapshot=True)

    @property
    def records_since_snapshot(self):
        return len(self.entries) - self.begins_at

    def recover(self):
        yield from self.entries[self.begins_at :]

    def close(self):
        self.closed = True

    def records(self, kind=None):
        decoded = [r.decode(entry.payload) for entry in self.entries]
        return [each for each in decoded if kind is None or isinstance(each, kind)]


def make_kernel(clock, journal, *, ids=None, checkpoint=None, on_error=None, scrub=str):
    failed = []
    kernel = Kernel(
        journal=journal,
        clock=clock,
        ids=ids or CountedIds(),
        on_handler_error=on_error or (lambda *error: failed.append(error)),
        scrub=scrub,
        **({"checkpoint": checkpoint} if checkpoint else {}),
    )
    kernel.failed = failed
    return kernel


class Watched:
    """A market sink that keeps what it is told."""

    def __init__(self):
        self.gaps = []
        self.newest = 0

    def quotes(self, batch): ...
    def trades(self, batch): ...
    def book(self, change): ...
    def bars(self, batch): ...
    def market_gap(self, instruments, reason):
        self.gaps.append(reason)

    def newest_ns(self, instruments):
        return self.newest


def make_gateway(
    kernel, venue, *, manifest=MANIFEST, evidence=None, audit_s=600.0, **options
):
    if evidence is not None:
        manifest = replace(manifest, evidence=evidence)
    return Gateway(
        kernel,
        manifest,
        GatewayOptions(
            account=venue.account,
            venue=venue.name,
            streams_market=False,
            audit_s=audit_s,
            **options,
        ),
        lambda: venue,
        Watched(),
        health=HealthRegistry(kernel.clock),
        backoff=lambda: Backoff(random.Random(1), first_s=0.5, most_s=1.0),
    )


@asynccontextmanager
async def running(*gateways):
    tasks = [asyncio.ensure_future(gateway.run()) for gateway in gateways]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(clock, condition, *, step_s=0.1, steps=400):
    """Move the clock in small steps until something is so."""
    for _ in range(steps):
        if condition():
            return
        await clock.advance(step_s)
    raise AssertionError(f"not so after {steps * step_s:g} s")


async def until_audited(gateway):
    """Have an audit at once and wait for its end; it asks no clock."""
    before = gateway.audits
    gateway._audit.want()
    for _ in range(400):
        await asyncio.sleep(0)
        if gateway.audits > before:
            return
    raise AssertionError("no audit came through")


def order(**values):
    return OrderRequest(
        **{
            "account": "main",
            "instrument": "BTC/USDT@alpha",
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D(1),
            "limit_price": D(99),
            **values,
        }
    )


RISK = """
[risk]
daily_loss_pct = "none"
position_pct = "none"
leverage_max = "none"
price_collar_bps = "none"
orders_per_s = "none"
orders_per_minute = "none"
duplicate_window_s = "none"
stale_after_s = "none"
fat_finger_multiple = "none"
fat_finger_equity_pct = "none"
"""


class ToyPoint(EntryPoint):
    def load(self):
        return ToyPoint.manifests


@pytest.fixture
def settings_of(tmp_path):
    """Load settings for accounts at toy venues from a text."""

    def load(text="", accounts=("main",), manifest=MANIFEST, risk=RISK):
        names = {"main": "alpha", "second": "beta", "third": "gamma"}
        tables = "".join(
            f'[accounts.{name}]\nadapter = "toy"\nvenue = "{names[name]}"\n'
            for name in accounts
        )
        file = tmp_path / "settings.toml"
        file.write_text(risk + tables + text, "utf-8")
        file.chmod(0o600)
        point = type("Point", (EntryPoint,), {"load": lambda self: manifest})
        entry = point("toy", "toys:MANIFEST", GROUPS["venue"])
        return load_settings(
            file,
            environment={"HOME": str(tmp_path)},
            registry=Registry(lambda group: [entry] if group == GROUPS["venue"] else []),
        )

    return load


@pytest.fixture
def open_toy_desk(settings_of, tmp_path):
    """Open a whole desk at venues in memory; its journal is real unless one is given."""

    @asynccontextmanager
    async def open_(
        *venues,
        text="",
        journal=None,
        clock=None,
        manifest=MANIFEST,
        risk=RISK,
        strategies=False,
    ):
        clock = clock or venues[0].clock
        settings = settings_of(
            text, tuple(venue.account for venue in venues), manifest, risk
        )
        folder = settings.desk.journal
        rows = tmp_path / f"rows-{len(list(tmp_path.iterdir()))}"
        if journal is None:
            journal = JournalFiles.open(folder, Durability.PROCESS)
            rows = folder.with_name(f"{folder.name}.sqlite")
            read = lambda: read_files(folder)  # noqa: E731
        else:
            read = lambda: iter(journal.entries)  # noqa: E731
        holder = []
        kernel = make_kernel(
            clock,
            journal,
            on_error=lambda *failed: holder[0].handler_failed(*failed),
            scrub=settings.masker().scrub,
        )
        by_account = {venue.account: venue for venue in venues}
        desk = Desk(
            settings,
            kernel,
            SqliteProjection(rows, SCHEMA),
            HealthRegistry(clock),
            lambda account: by_account[account],
            read,
            lambda: Backoff(random.Random(1), first_s=0.5, most_s=1.0),
            serves_control=False,
            runs_strategies=strategies,
        )
        holder.append(desk)
        entering = asyncio.ensure_future(desk.__aenter__())
        await until(clock, entering.done)
        entering.result()
        try:
            kept = {**desk.gateways, **desk.watches}
            waiting = [kept[venue.account] for venue in venues]
            wanted = [g for g in waiting if by_account[g.account].failure is None]
            await until(clock, lambda: all(g.ready.is_set() for g in wanted))
            for venue in venues:
                venue.quote()
            await clock.settle()
            desk.upkeep.open_days()
            desk.view._valued_ns = -(10**12)
            for name in desk.gateways:
                desk.view.forget(name)
            yield desk
        finally:
            leaving = asyncio.ensure_future(desk.__aexit__(None, None, None))
            await until(clock, leaving.done)
            leaving.result()

    return open_


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def journal():
    return MemoryJournal()


@pytest.fixture
def venue(clock):
    return Venue(clock)


@pytest.fixture(scope="session")
def toy():
    """Everything above that a test may need by name."""
    return SimpleNamespace(
        Venue=Venue,
        BlindVenue=BlindVenue,
        MemoryJournal=MemoryJournal,
        EVIDENCE=EVIDENCE,
        MANIFEST=MANIFEST,
        RISK=RISK,
        listed=listed,
        order=order,
        kernel=make_kernel,
        gateway=make_gateway,
        running=running,
        until=until,
        until_audited=until_audited,
        Unreachable=Unreachable,
        deque=deque,
    )
