"""A decision fills no earlier than the next event, whatever a strategy tries.

The strongest form: what comes later can be cut off without any earlier decision or fill
being another one. The strategies here read everything that the desk gives them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.noted_decisions import decisions, equity, fills, noted

from crossdock.app.replay import NO_LIMITS, Replay, Run, Terms, backtest
from crossdock.app.replay.opening import Market
from crossdock.model import (
    AccountId,
    Asset,
    Bar,
    Bars,
    ContractKind,
    Instrument,
    InstrumentId,
    OrderRequest,
    OrderType,
    Quote,
    Side,
    TickBand,
    TimeInForce,
    Trade,
)
from crossdock.ports import MarketEvent, RecordingStats
from crossdock.strategies import Strategy
from crossdock.strategies.dca import Dca
from crossdock.strategies.rsi_reversion import RsiReversion
from crossdock.strategies.sma_cross import SmaCross

ID = InstrumentId("BTC/USDT@made")
ACCOUNT = AccountId("paper")
MINUTE_NS = 60 * 10**9
SECOND_NS = 10**9
TERMS = Terms(maker_fee="0.001", taker_fee="0.001", tick="0.01", lot="0.001")


def bars_of(rows: Sequence[tuple[int, int, int, int]]) -> Bars:
    """Make minute bars of open, high, low and close in cents."""
    first, high, low, close = ([row[at] / 100 for row in rows] for at in range(4))
    return Bars(
        instrument=ID,
        width_ns=MINUTE_NS,
        start_time_ns=[number * MINUTE_NS for number in range(1, len(rows) + 1)],
        open=first,
        high=high,
        low=low,
        close=close,
        volume=[5.0] * len(rows),
    )


class Trader(Strategy):
    """Notes what it is shown and when; `order` sends one."""

    shown: list[Any]
    asked: list[int]

    def setup(self) -> None:
        self.shown, self.asked = [], []

    def order(self, side: Side, quantity: str, limit: Decimal | None = None, **more) -> Any:
        self.asked.append(self.desk.now_ns())
        return self.desk.submit(
            OrderRequest(
                account=ACCOUNT,
                instrument=ID,
                side=side,
                type=OrderType.MARKET if limit is None else OrderType.LIMIT,
                quantity=Decimal(quantity),
                limit_price=limit,
                **more,
            )
        )


# ---- one that cheats -----------------------------------------------------------------


class Cheat(Trader):
    """Buys at the close it has just been shown, by every kind of order there is."""

    made: list["Cheat"] = []

    def setup(self) -> None:
        super().setup()
        self.made.append(self)

    def on_bar(self, bar: Bar) -> None:
        close = Decimal(repr(bar.close))
        self.order(Side.BUY, "1")
        self.order(Side.BUY, "2", close)
        self.order(Side.BUY, "3", close, time_in_force=TimeInForce.IOC)
        self.shown.append(bar.end_time_ns)


RISING = bars_of(
    [
        (price, price + 50, price - 50, price + 40)
        for price in (10_000, 10_100, 10_200, 10_300, 10_400)
    ]
)


def test_what_is_decided_on_a_close_fills_at_the_next_open_or_not_at_all():
    Cheat.made.clear()
    run = backtest(Cheat, RISING, cash="100000", terms=TERMS)
    (cheat,) = Cheat.made
    opens = dict(zip(RISING.start_time_ns, RISING.open, strict=True))
    at_market = [fill for fill in run.fills if fill.quantity == 1]
    assert len(at_market) == len(RISING) - 1
    for fill, shown_ns in zip(at_market, cheat.shown, strict=False):
        assert fill.venue_time_ns == shown_ns
        assert float(fill.price) == opens[shown_ns]
    # Each next bar opens above the last close and dips to 0.10 above it: no limit there
    # was ever reached, in hindsight or otherwise.
    assert {fill.quantity for fill in run.fills} == {Decimal(1)}


def test_a_strategy_is_shown_a_bar_only_when_it_has_closed():
    class Watches(Trader):
        made: list[Any] = []

        def setup(self) -> None:
            super().setup()
            self.made.append(self)

        def on_bar(self, bar: Bar) -> None:
            assert bar.is_closed
            self.shown.append((bar.end_time_ns, self.desk.now_ns()))

    backtest(Watches, RISING, terms=TERMS)
    (watches,) = Watches.made
    assert len(watches.shown) == len(RISING)
    assert all(closed == now for closed, now in watches.shown)


def test_nothing_a_strategy_is_handed_holds_a_price_that_is_still_to_come():
    """Walk every object that can be reached from `desk` and look for a later close."""
    secret = 98_765.43
    bars = bars_of([(10_000, 10_050, 9_950, 10_000)] * 3 + [(9_876_543,) * 4])

    class Snoops(Strategy):
        found: list[str] = []
        seen = 0

        def on_bar(self, bar: Bar) -> None:
            Snoops.seen += 1
            if bar.close != secret:
                self.look(self.desk, "desk", 4)

        def look(self, it: Any, path: str, depth: int) -> None:
            if isinstance(it, float | Decimal) and float(it) == secret:
                self.found.append(path)
            if not depth:
                return
            for name in dir(it):
                if not name.startswith("_"):
                    try:
                        value = getattr(it, name)
                    except Exception:
                        continue
                    if not callable(value):
                        self.look(value, f"{path}.{name}", depth - 1)

    backtest(Snoops, bars, terms=TERMS)
    assert Snoops.seen == 4
    assert Snoops.found == []


# ---- cutting off what comes later ----------------------------------------------------


class Nervous(Trader):
    """Takes sides by whatever it can read: bars, positions, equity, its own orders."""

    def on_bar(self, bar: Bar) -> None:
        close = Decimal(repr(bar.close))
        for order in self.desk.open_orders():
            if bar.close > bar.open:
                self.desk.cancel(order.order_id)
        if bar.close < bar.open and not self.held() and self.desk.equity() > 500:
            self.order(Side.BUY, "1")
        elif bar.close > bar.open and self.held():
            self.order(Side.SELL, str(self.held()))
        else:
            self.order(Side.BUY, "0.5", close - 1)

    def held(self) -> Decimal:
        position = self.desk.position(ACCOUNT, ID)
        return Decimal(0) if position is None else position.quantity

    def on_fill(self, fill, order) -> None:
        if fill.side is Side.BUY:
            self.order(Side.SELL, str(fill.quantity), fill.price + 1)


class Timed(Trader):
    """Acts by the clock alone, between bars and at their edges."""

    timer_s = 30.0

    def on_timer(self, now_ns: int) -> None:
        side = Side.BUY if now_ns // (30 * SECOND_NS) % 2 else Side.SELL
        self.order(side, "0.25")


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    made, price = [], 10_000
    move = st.integers(-200, 200)
    for gap, body, up, down in draw(
        st.lists(
            st.tuples(move, move, st.integers(0, 90), st.integers(0, 90)),
            min_size=4,
            max_size=40,
        )
    ):
        first = max(price + gap, 5_000)
        price = max(first + body, 5_000)
        made.append((first, max(first, price) + up, min(first, price) - down, price))
    return made


def played(
    strategy: type[Strategy], bars: Bars, params: dict[str, Any]
) -> tuple[Run, list[Any]]:
    watched, notes = noted(strategy)
    return backtest(watched, bars, cash="1000", params=params, terms=TERMS), notes


@pytest.mark.parametrize(
    ("strategy", "params"),
    [
        (SmaCross, {"fast": 1, "slow": 2}),
        (RsiReversion, {"length": 2, "window": 2}),
        (Dca, {"every": "2m", "amount": "150"}),
        (Nervous, {}),
        (Timed, {}),
    ],
)
@settings(max_examples=20, deadline=None)
@given(made=rows(), other=rows(), data=st.data())
def test_no_decision_or_fill_knows_what_comes_after_it(strategy, params, made, other, data):
    """The future cut off, and the future replaced: what was before it is the same."""
    cut = data.draw(st.integers(1, min(len(made), len(other)) - 1))
    bars, changed = bars_of(made), bars_of([*made[:cut], *other[cut:]])
    (run, notes), *others = [
        played(strategy, each, params) for each in (bars, bars[:cut], changed)
    ]
    ends_ns = bars.start_time_ns[cut]
    for their_run, their_notes in others:
        assert decisions(their_notes, ends_ns) == decisions(notes, ends_ns)
        assert fills(their_run, ends_ns) == fills(run, ends_ns)
        assert equity(their_run, ends_ns) == equity(run, ends_ns)


def test_the_strategies_that_are_cut_off_do_trade():
    """So that the property above is about something."""
    bars = bars_of([(p, p + 60, p - 60, p + 40 * (-1) ** (p // 100)) for p in RUGGED])
    for strategy, params in (
        (SmaCross, {"fast": 1, "slow": 2}),
        (Nervous, {}),
        (Timed, {}),
    ):
        assert len(played(strategy, bars, params)[0].fills) > 4, strategy.__name__


RUGGED = [10_000 + 100 * (number * 7 % 11) for number in range(40)]


# ---- streams -------------------------------------------------------------------------


class Recorded:
    """A recording made here."""

    format = "made"

    def __init__(self, events: Sequence[MarketEvent]) -> None:
        self.stats = RecordingStats()
        self._events = events

    def instruments(self) -> Sequence[Instrument]:
        return (
            Instrument(
                id=ID,
                venue_key="1",
                kind=ContractKind.SPOT,
                base=Asset("BTC"),
                quote=Asset("USDT"),
                settle=Asset("USDT"),
                tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
                quantity_step=Decimal("0.001"),
                maker_fee_rate=Decimal("0.001"),
                taker_fee_rate=Decimal("0.001"),
            ),
        )

    def events(self):
        return iter(self._events)


def replayed(events: Sequence[MarketEvent], strategy: type[Strategy]) -> Run:
    recording = Recorded(events)
    return Replay(
        Market(source="made", instruments=recording.instruments(), recording=recording),
        strategy,
        {},
        cash=Decimal(1000),
        terms=TERMS,
        risk=NO_LIMITS,
        sizing={},
        journal=None,
        progress=None,
    ).run()


class Chaser(Trader):
    """Buys what has just risen and sells what has just fallen, quote by quote."""

    def setup(self) -> None:
        super().setup()
        self.last = 0.0

    def on_quote(self, quote: Quote) -> None:
        before, self.last = self.last, quote.ask
        if before and quote.ask != before:
            self.order(Side.BUY if quote.ask > before else Side.SELL, "0.5")

    def on_trade(self, trade: Trade) -> None:
        before, self.last = self.last, float(trade.price)
        if before and self.last != before:
            self.order(Side.BUY if self.last > before else Side.SELL, "0.5")


@st.composite
def streams(draw: st.DrawFn) -> list[MarketEvent]:
    makes_quotes, price = draw(st.booleans()), 10_000
    made: list[MarketEvent] = []
    for at, move in enumerate(
        draw(st.lists(st.integers(-30, 30), min_size=4, max_size=60))
    ):
        price += move
        time_ns = (at + 1) * SECOND_NS
        if makes_quotes:
            bid, ask = (price - 1) / 100, (price + 1) / 100
            made.append(Quote(ID, bid, 50.0, ask, 50.0, time_ns, time_ns))
        else:
            exact = Decimal(price).scaleb(-2)
            side = Side.BUY if move > 0 else Side.SELL
            made.append(Trade(ID, str(at), exact, Decimal(5), side, time_ns, time_ns))
    return made


@settings(max_examples=25, deadline=None)
@given(events=streams(), data=st.data())
def test_no_decision_in_a_stream_knows_what_comes_after_it(events, data):
    cut = data.draw(st.integers(1, len(events) - 1))
    last_ns, ends_ns = events[cut - 1].received_time_ns, events[cut].received_time_ns
    (watched, notes), (cut_off, cut_notes) = noted(Chaser), noted(Chaser)
    whole, part = replayed(events, watched), replayed(events[:cut], cut_off)
    assert decisions(cut_notes, last_ns) == decisions(notes, last_ns)
    assert fills(part, ends_ns) == fills(whole, ends_ns)
