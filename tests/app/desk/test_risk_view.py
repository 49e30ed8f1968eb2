"""What the gate reads of the desk: sums that hold for every order, not for the last tenth."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.desk.market.markets import Markets
from crossdock.app.desk.risk_view import FRESH_NS, DeskView
from crossdock.core import records as r
from crossdock.core.bus import Bus
from crossdock.core.risk import Gate, LimitBook, Limits
from crossdock.errors import RiskRefused
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    Balance,
    BookChange,
    ContractKind,
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    WriteKind,
)

D = Decimal
NET, LONG, SHORT = PositionSide.NET, PositionSide.LONG, PositionSide.SHORT
SPOT, EURO, ETHER = "BTC/USDT@alpha", "BTC/EUR@alpha", "ETH/USDT@alpha"
PERPETUAL, INVERSE = "BTC/USDT:USDT@alpha", "BTC/USD:BTC@alpha"
EUROS, SHARE, ELSEWHERE = "EUR/USDT@alpha", "AAPL/USDT@alpha", "BTC/USDT@beta"
PRICES = {SPOT: 100, EURO: 80, ETHER: 10, PERPETUAL: 101, INVERSE: 100, EUROS: "1.25"}
PRICES |= {SHARE: 50, ELSEWHERE: 100}
BUSINESS_DAY = 20_000 * 86_400 * 10**9  # 2024-10-04, a Friday
DAY_NS = 86_400 * 10**9


class Account:
    """A desk's state, its market, and one account with a view on it."""

    def __init__(self, toy, clock, manifest=None, currency="USDT"):
        self.clock = clock
        self.kernel = toy.kernel(clock, toy.MemoryJournal())
        self.state = self.kernel.state
        self.numbers = count(1)
        self.markets = Markets(Bus(lambda *_: None), lambda *_: None)
        ready = asyncio.Event()
        ready.set()
        gateway = SimpleNamespace(
            facts=None,
            options=SimpleNamespace(venue="alpha"),
            manifest=manifest or toy.MANIFEST,
            evidence=toy.EVIDENCE,
            ready=ready,
            skewed="",
            standing="ready",
            reason="",
        )
        self.view = DeskView(
            self.kernel,
            self.markets,
            {"main": gateway},
            currency=currency,
            live=frozenset(),
        )
        kinds = {PERPETUAL: ContractKind.LINEAR, INVERSE: ContractKind.INVERSE}
        self.listed = {}
        for name in PRICES:
            symbol, _, venue = name.partition("@")
            base, quote = symbol.partition(":")[0].split("/")
            self.list(
                toy.listed(
                    venue,
                    id=name,
                    kind=kinds.get(name, ContractKind.SPOT),
                    base=base,
                    quote=quote,
                    settle=symbol.partition(":")[2] or quote,
                    multiplier=D(10) if name == INVERSE else D(1),
                    tags=("class:us_equity",) if name == SHARE else (),
                )
            )

    def list(self, instrument):
        self.listed[instrument.id] = instrument
        self.note(r.InstrumentListed(at=1, instrument=instrument))

    def note(self, *records):
        self.kernel.note(records)

    def price(self, name, price):
        now = self.clock.time_ns()
        self.markets.book(
            BookChange(
                instrument=name,
                snapshot=True,
                bids=[(str(D(price) - D("0.1")), "1000")],
                asks=[(str(D(price) + D("0.1")), "1000")],
                first_sequence=next(self.numbers),
                last_sequence=0,
                venue_time_ns=now,
                received_time_ns=now,
            )
        )

    def begin(self, **balances):
        held = tuple(
            Balance(account="main", asset=asset, total=D(total))
            for asset, total in balances.items()
        )
        self.note(
            r.BaselineTaken(
                at=1,
                account="main",
                balances=held,
                positions=(),
                fill_cursor="",
                event_cursor="",
            )
        )

    def request(
        self, name=SPOT, side=Side.BUY, quantity="1", price="100", position_side=NET
    ):
        return OrderRequest(
            account="main",
            instrument=name,
            side=side,
            type=OrderType.LIMIT,
            quantity=D(quantity),
            limit_price=D(price),
            position_side=position_side,
        )

    def intend(self, *args, **values):
        order_id = f"o{next(self.numbers)}"
        self.note(
            r.OrderIntended(
                at=1,
                order_id=order_id,
                client_order_id=f"c-{order_id}",
                request=self.request(*args, **values),
                approval_id="ap",
                reference_price=D(100),
            ),
            r.AttemptStarted(
                at=1, attempt_id=f"a-{order_id}", order_id=order_id, kind=WriteKind.SUBMIT
            ),
        )
        return order_id

    def end(self, order_id, outcome, status=None):
        order = self.state.orders[order_id]
        report = (
            None if status is None else self.report(order.request, f"v-{order_id}", status)
        )
        self.note(
            r.AttemptEnded(
                at=2,
                attempt_id=f"a-{order_id}",
                order_id=order_id,
                outcome=outcome,
                report=report,
            )
        )

    def report(self, request, venue_order_id, status=OrderStatus.NEW):
        return OrderReport(
            account="main",
            instrument=request.instrument,
            venue_order_id=venue_order_id,
            status=status,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            limit_price=request.limit_price,
        )

    def see_foreign(self, *args, **values):
        name = f"x{next(self.numbers)}"
        report = self.report(self.request(*args, **values), name)
        self.note(r.ForeignOrderSeen(at=1, order_id=name, report=report, adopted=False))
        return name

    def fill(self, order_id=None, quantity="1", price="100", at=0, **values):
        number = next(self.numbers)
        request = (
            self.state.orders[order_id].request if order_id else self.request(**values)
        )
        fill = Fill(
            account="main",
            instrument=request.instrument,
            venue_order_id=f"v-{order_id or number}",
            execution_id=f"e{number}",
            side=request.side,
            price=D(price),
            quantity=D(quantity),
            fee=D(0),
            fee_asset="USDT",
            position_side=request.position_side,
            venue_time_ns=at,
        )
        source = r.Source.STREAM
        self.note(r.FillRecorded(at=2, fill=fill, source=source, order_id=order_id))

    def move(self, asset, amount):
        event = AccountEvent(
            account="main",
            event_id=f"d{next(self.numbers)}",
            kind=AccountEventKind.DEPOSIT,
            asset=asset,
            amount=D(amount),
        )
        self.note(r.AccountMoved(at=2, event=event))

    @property
    def gross(self):
        return self.view.account("main").gross_exposure

    def counted_anew(self):
        """Gross exposure from the orders and the ledger alone, with no running total."""
        lines = {}
        ledger = self.state.ledger
        for name, listed in self.listed.items():
            if not name.endswith("@alpha") or listed.base == "USDT":
                continue
            for side in PositionSide:
                spot = listed.kind is ContractKind.SPOT
                key = listed.base if spot else (name, side)
                line = lines.setdefault(key, {"buys": D(0), "sells": D(0), "unit": D(0)})
                line["unit"] = max(line["unit"], self.unit(listed))
                if spot:
                    line["held"] = ledger.balance("main", listed.base)
                else:
                    line["held"] = sum(
                        (
                            position.quantity
                            for position in ledger.positions("main", name)
                            if position.key.position_side is side
                        ),
                        D(0),
                    )
                for order in self.state.open_orders("main"):
                    asked = order.request
                    if (asked.instrument, asked.position_side) == (name, side):
                        which = "buys" if asked.side is Side.BUY else "sells"
                        line[which] += order.worst_quantity
        return sum(
            (
                max(abs(line["held"] + line["buys"]), abs(line["held"] - line["sells"]))
                * line["unit"]
                for line in lines.values()
            ),
            D(0),
        )

    def unit(self, listed):
        rates = {"USDT": D(1), "EUR": D("1.25"), "BTC": D(PRICES[SPOT])}
        return abs(listed.notional(D(1), D(PRICES[listed.id]))) * rates[listed.settle]


@pytest.fixture
def account(toy, clock):
    made = Account(toy, clock)
    for name, price in PRICES.items():
        made.price(name, price)
    return made


NAMES = st.sampled_from([SPOT, EURO, ETHER, PERPETUAL, INVERSE, EUROS])
SIZES = st.sampled_from(["0.01", "0.5", "1", "2.25", "7"])
STEPS = st.one_of(
    st.tuples(
        st.just("intend"),
        NAMES,
        st.sampled_from(Side),
        SIZES,
        st.sampled_from(["90", "100", "117.3"]),
        st.sampled_from(PositionSide),
    ),
    st.tuples(st.just("accept"), st.integers(0, 9)),
    st.tuples(st.just("reject"), st.integers(0, 9)),
    st.tuples(st.just("doubt"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("fill"), st.integers(0, 9), SIZES),
    st.tuples(st.just("foreign"), NAMES, st.sampled_from(Side), SIZES),
    st.tuples(st.just("move"), st.sampled_from(["BTC", "ETH", "EUR", "USDT"]), SIZES),
    st.tuples(st.just("read")),
)


def take(account, orders, step):
    kind, *rest = step
    if kind == "intend":
        name, side, quantity, price, position_side = rest
        if account.listed[name].kind is ContractKind.SPOT:
            position_side = NET
        orders.append(account.intend(name, side, quantity, price, position_side))
    elif kind == "foreign":
        account.see_foreign(*rest)
    elif kind == "move":
        account.move(*rest)
    elif kind == "read":
        assert account.gross is not None
    elif orders:
        order_id = orders[rest[0] % len(orders)]
        order = account.state.orders[order_id]
        if kind == "fill":
            account.fill(order_id, rest[1])
        elif order.attempts and kind == "accept":
            account.end(order_id, r.Outcome.ACCEPTED, OrderStatus.NEW)
        elif order.attempts and kind == "reject":
            account.end(order_id, r.Outcome.REJECTED)
        elif order.attempts and kind == "doubt":
            account.end(order_id, r.Outcome.UNKNOWN)
        elif not order.attempts and kind == "cancel":
            report = account.report(order.request, f"v-{order_id}", OrderStatus.CANCELED)
            told = replace(report, cumulative_quantity=order.cumulative_quantity)
            account.note(
                r.OrderReported(
                    at=3, order_id=order_id, report=told, source=r.Source.STREAM
                )
            )


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_running_gross_exposure_equals_the_sum_counted_anew(toy, steps):
    account = Account(toy, SimpleNamespace(time_ns=lambda: 10**18, monotonic_ns=lambda: 0))
    for name, price in PRICES.items():
        account.price(name, price)
    account.begin(BTC="2", USDT="100000", EUR="500")
    orders = []
    for step in steps:
        take(account, orders, step)
        assert account.gross == account.counted_anew()


def test_each_order_of_a_burst_counts_against_leverage(account):
    account.begin(USDT="1000")
    off = dict.fromkeys(
        ("position_pct", "fat_finger_equity_pct", "daily_loss_pct", "orders_per_s")
    )
    gate = Gate(
        LimitBook(Limits(**off, leverage_max=D(1))),
        account.state.reservations,
        account.kernel.ids,
    )
    for quantity in ("3", "3.1", "3.2"):  # in one instant: no clock moves, no price comes
        gate.consume(
            gate.check(account.request(PERPETUAL, quantity=quantity), account.view),
            account.view,
        )
        account.intend(PERPETUAL, quantity=quantity)
    with pytest.raises(RiskRefused) as refused:
        gate.check(account.request(PERPETUAL, quantity="0.8"), account.view)
    assert "leverage" in dict(refused.value.reasons)


def test_an_approval_not_used_yet_counts(account):
    account.begin(USDT="100000")
    limits = LimitBook(Limits(position_pct=None, fat_finger_equity_pct=None))
    gate = Gate(limits, account.state.reservations, account.kernel.ids)
    account.note(
        r.DayOpened(at=1, account="main", day="d", equity=D(100_000), currency="USDT")
    )
    gate.check(account.request(quantity="2"), account.view)
    assert account.gross == 200


def test_open_orders_of_every_pair_of_a_base_count_and_its_holding_once(account):
    account.begin(BTC="1", USDT="1000", EUR="1000")
    account.intend(SPOT, quantity="2")
    account.intend(EURO, quantity="3", price="80")
    euros = D(1000) * D("1.25")
    assert account.gross == (1 + 2 + 3) * 100 + euros
    assert account.view.open_exposure("main", EURO, NET).buy_quantity == 5
    assert account.view.position("main", EURO, NET) == 1


def test_what_another_pair_already_sells_cannot_be_sold_as_reducing(account):
    account.begin(BTC="1", USDT="1000")
    account.intend(SPOT, Side.SELL, quantity="0.8")
    gate = Gate(
        LimitBook(Limits(short_allowed=False)),
        account.state.reservations,
        account.kernel.ids,
    )
    with pytest.raises(RiskRefused) as refused:
        gate.check(account.request(EURO, Side.SELL, "0.5", "80"), account.view)
    assert "short" in dict(refused.value.reasons)


def test_both_hedge_legs_count(account):
    account.begin(USDT="100000")
    account.fill(name=PERPETUAL, quantity="3", position_side=LONG)
    account.fill(name=PERPETUAL, side=Side.SELL, quantity="2", position_side=SHORT)
    assert account.gross == 5 * 101
    assert account.view.position("main", PERPETUAL, SHORT) == -2
    assert account.view.underlying_exposure("main", "BTC") == (101, 101)


def test_the_reporting_currency_itself_is_no_exposure(toy, clock):
    account = Account(toy, clock, currency="EUR")
    for name, price in PRICES.items():
        account.price(name, price)
    account.begin(EUR="1000")
    assert account.gross == 0


@pytest.mark.parametrize("open_", [False, True])
def test_without_a_price_for_what_is_held_or_open_nothing_is_known(toy, clock, open_):
    account = Account(toy, clock)
    account.price(ETHER, 10)
    account.begin(USDT="1000", BTC="0" if open_ else "1")
    if open_:
        account.intend(PERPETUAL)
    assert account.gross is None
    assert account.view.underlying_exposure("main", "BTC") is None
    assert account.view.underlying_exposure("main", "ETH") == (0, 0)
    account.price(SPOT, 100)
    account.price(PERPETUAL, 100)
    account.view._valued_ns -= FRESH_NS
    assert account.gross == 100
    assert account.view.underlying_exposure("main", "BTC").long == 100


async def test_sums_follow_the_market_within_a_tenth_of_a_second(account, clock):
    account.begin(BTC="1")
    assert account.gross == 100
    account.price(SPOT, 120)
    account.price(EURO, 96)
    await clock.advance(0.1)
    assert account.gross == 120
    assert account.view.account("main").equity == 120


def test_what_is_listed_anew_counts_at_once(account):
    """A contract ten times the size is ten times the exposure, within the same tenth."""
    account.begin(USDT="100")
    account.price(PERPETUAL, 100)
    account.view._valued_ns -= FRESH_NS
    account.intend(PERPETUAL, quantity="2")
    assert account.gross == 200
    account.list(replace(account.listed[PERPETUAL], multiplier=D(10)))
    assert account.gross == 2000


def test_instruments_of_another_venue_are_none_of_the_account(account):
    account.begin(USDT="100")
    assert account.view.terms("main", ELSEWHERE) is None
    account.move("BTC", "1")
    account.price(SPOT, 100)
    assert account.gross == 100  # by the pair here, not by the one at beta


def test_foreign_open_orders_hold_their_cash_and_add_no_exposure(account):
    account.begin(USDT="1000", BTC="2")
    name = account.see_foreign(SPOT, quantity="3")
    account.see_foreign(SPOT, Side.SELL, quantity="0.5")
    assert account.view.free_cash("main", "USDT") == D(1000) - 300 * D("1.001")
    assert account.view.free_cash("main", "BTC") == D("1.5")
    assert account.gross == 200
    report = account.report(account.request(quantity="3"), name, OrderStatus.CANCELED)
    account.note(
        r.OrderReported(at=3, order_id=name, report=report, source=r.Source.STREAM)
    )
    assert account.view.free_cash("main", "USDT") == 1000


def test_a_known_margin_rate_is_what_gate_and_state_set_aside(account):
    margined = replace(account.listed[PERPETUAL], margin_rate=D("0.1"))
    account.list(margined)
    account.begin(USDT="1000")
    account.intend(PERPETUAL, quantity="10")
    assert account.view.margin_rate("main", PERPETUAL) == D("0.1")
    assert account.view.free_cash("main", "USDT") == 1000 - D(1000) * D("0.101")
    gate = Gate(LimitBook(), account.state.reservations, account.kernel.ids)
    with pytest.raises(RiskRefused) as refused:
        gate.check(account.request(PERPETUAL, quantity="9"), account.view)
    assert "buying_power" not in dict(refused.value.reasons)


def test_terms_say_what_manifest_and_tags_say(toy, clock):
    account = Account(toy, clock, replace(toy.MANIFEST, reduce_only=True))
    terms = account.view.terms("main", SHARE)
    assert terms.enforces_reduce_only
    assert terms.day_trade_rule
    assert not account.view.terms("main", SPOT).day_trade_rule
    account.list(replace(account.listed[SPOT], tags=("class:us_equity",)))
    assert account.view.terms("main", SPOT).day_trade_rule
    assert TimeInForce.GTC in terms.times_in_force


def test_day_trades_survive_a_restart(account, clock):
    clock._time_ns = BUSINESS_DAY + 15 * 3600 * 10**9
    account.begin(USDT="100000")
    for quantity in ("1", "1", "2"):
        side = Side.SELL if quantity == "2" else Side.BUY
        account.fill(name=SHARE, side=side, quantity=quantity, at=clock.time_ns())
    account.fill(name=SPOT, at=clock.time_ns())
    account.fill(name=SPOT, side=Side.SELL, at=clock.time_ns())
    assert account.view.account("main").day_trades == 1
    account.kernel.snapshot(0)
    restarted = account.kernel.__class__(
        journal=account.kernel.journal,
        clock=clock,
        ids=account.kernel.ids,
        on_handler_error=lambda *_: None,
    )
    restarted.recover()
    assert restarted.state.account("main").day_trades == {20_000: 1}


def test_the_usual_size_is_each_strategys_own(account):
    small = OrderRequest(
        account="main",
        instrument=SPOT,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=D("0.01"),
        strategy="quick",
    )
    for _ in range(5):
        account.view.note_order(small)
    for _ in range(5):
        account.view.note_order(replace(small, strategy="slow", quantity=D(3)))
    assert account.view.average_quantity("main", SPOT, "quick") == D("0.01")
    assert account.view.average_quantity("main", SPOT, "slow") == D(3)
    assert account.view.average_quantity("main", SPOT, "manual") is None
