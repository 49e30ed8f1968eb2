"""Whatever happens, money, positions and quantities add up, and nobody is favoured."""

import asyncio
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.errors import Rejected
from crossdock.model import ContractKind, Liquidity, Side, TimeInForce

OPENING = {"USDT": Decimal(20000), "BTC": Decimal(50)}
SPOT = "20000 USDT, 50 BTC"
FEW = settings(max_examples=40, deadline=None)

prices = st.integers(90, 110)
quantities = st.integers(1, 40).map(lambda n: Decimal(n) / 10)
sides = st.sampled_from(list(Side))
orders = st.tuples(
    st.just("order"),
    sides,
    quantities,
    st.none() | prices,
    st.none() | prices,
    st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]),
)
cancels = st.tuples(st.just("cancel"), st.integers(0, 5))
replaces = st.tuples(st.just("replace"), st.integers(0, 5), quantities, prices)
trades = st.tuples(st.just("trade"), prices, quantities, sides)
levels = st.dictionaries(st.integers(1, 6), quantities, max_size=3)
books = st.tuples(st.just("book"), prices, levels, levels)
quotes = st.tuples(st.just("quote"), prices, st.integers(1, 3), quantities, quantities)
bars = st.tuples(st.just("bar"), prices, prices, prices, prices)
writes = st.one_of(orders, orders, cancels, replaces)


class Played:
    """A stage on which steps are played; checked after each."""

    def __init__(self, it):
        self.it = it
        self.reports = []
        self.cumulative = Counter()
        self.ask_left = self.bid_left = None
        self.trade_left = None

    async def play(self, step):
        it, seen = self.it, len(self.it.log.of("fill"))
        self.trade_left = None
        self.began_ns = it.clock.time_ns()
        match step:
            case ("order", side, quantity, limit, stop, tif):
                await self.write(
                    it.send(side, quantity, limit, stop=stop, time_in_force=tif)
                )
            case ("cancel", index) if self.reports:
                report = self.reports[index % len(self.reports)]
                await self.write(it.cancel(report))
            case ("replace", index, quantity, price) if self.reports:
                report = self.reports[index % len(self.reports)]
                if report.limit_price is not None and report.stop_price is None:
                    await self.write(it.replace(report, quantity, price))
            case ("trade", price, quantity, side):
                self.trade_left = quantity
                it.trade(price, quantity, side)
            case ("book", middle, bids, asks):
                self.bid_left = sum(bids.values(), Decimal(0))
                self.ask_left = sum(asks.values(), Decimal(0))
                it.book(
                    [(middle - n, q) for n, q in bids.items()],
                    [(middle + n, q) for n, q in asks.items()],
                    snapshot=True,
                )
            case ("quote", bid, spread, bid_quantity, ask_quantity):
                self.bid_left, self.ask_left = bid_quantity, ask_quantity
                it.quote(bid, bid + spread, bid_quantity, ask_quantity)
            case ("bar", *four):
                await it.bar(four[0], max(four), min(four), four[1])
        await self.check(it.log.of("fill")[seen:])

    async def write(self, writing):
        try:
            report = await writing
        except Rejected:
            return
        self.reports.append(report)

    async def check(self, news):
        it = self.it
        for fill in news:
            found = await it.look(fill)
            assert fill.quantity > 0
            assert self.began_ns <= fill.venue_time_ns <= it.clock.time_ns()
            if found.limit_price is not None:
                slack = (found.limit_price - fill.price) * fill.side.sign
                assert slack >= 0, "worse than its limit"
            if fill.liquidity is Liquidity.MAKER:
                assert found.limit_price is not None
            if self.trade_left is not None and self.ask_left is None:
                self.trade_left -= fill.quantity
                assert self.trade_left >= 0
            elif self.ask_left is not None and self.trade_left is None:
                if fill.side is Side.BUY:
                    self.ask_left -= fill.quantity
                else:
                    self.bid_left -= fill.quantity
                assert min(self.ask_left, self.bid_left) >= 0, "more than was displayed"
        by_order = Counter()
        for fill in it.log.of("fill"):
            by_order[fill.venue_order_id] += fill.quantity
        for report in self.reports:
            found = await it.look(report)
            assert found.cumulative_quantity == by_order[found.venue_order_id]
            assert self.cumulative[found.venue_order_id] <= found.cumulative_quantity
            assert found.cumulative_quantity <= found.quantity
            self.cumulative[found.venue_order_id] = found.cumulative_quantity
        for balance in await it.venue.balances():
            assert 0 <= balance.held <= max(balance.total, 0)
        assert {r.venue_order_id for r in await it.venue.open_orders()} == {
            (await it.look(r)).venue_order_id
            for r in self.reports
            if not (await it.look(r)).status.is_terminal
        }

    async def wind_down(self):
        await self.it.venue.cancel_all()


def play(make, instrument, steps, **options):
    async def run():
        async with make(instrument).open(**options) as it:
            played = Played(it)
            for step in steps:
                await played.play(step)
            await played.wind_down()
            return (
                it.log.of("fill"),
                await it.cash(),
                await it.held(),
                await it.venue.positions(),
            )

    return asyncio.run(run())


def spot_oracle(fills):
    cash = dict(OPENING)
    for fill in fills:
        cash["BTC"] += fill.side.sign * fill.quantity
        cash["USDT"] -= fill.side.sign * fill.quantity * fill.price
        cash[fill.fee_asset] -= fill.fee
    return cash


@FEW
@given(
    market=st.sampled_from(
        [(books, trades), (quotes,), (quotes, trades), (trades,), (bars,)]
    ),
    data=st.data(),
    fee_asset=st.sampled_from(["quote", "received"]),
    queue=st.sampled_from(["last", "touch"]),
)
def test_spot_money_is_the_sum_of_fills_and_fees(
    make_stage, instrument_of, market, data, fee_asset, queue
):
    steps = data.draw(st.lists(st.one_of(*market, writes), max_size=25))
    options = {"balances": SPOT, "fee_asset": fee_asset, "queue": queue, "keep_state": "no"}
    fills, cash, held, _ = play(make_stage, instrument_of(), steps, **options)
    assert cash == spot_oracle(fills)
    assert set(held.values()) == {0}
    assert min(cash.values()) >= 0
    for fill in fills:
        rate = Decimal("0.001") if fill.liquidity is Liquidity.MAKER else Decimal("0.002")
        paid_in = "BTC" if fee_asset == "received" and fill.side is Side.BUY else "USDT"
        base = fill.quantity if paid_in == "BTC" else fill.quantity * fill.price
        assert (fill.fee, fill.fee_asset) == (base * rate, paid_in)


@FEW
@given(
    kind=st.sampled_from([ContractKind.LINEAR, ContractKind.INVERSE]),
    steps=st.lists(st.one_of(quotes, writes), max_size=25),
    margin_rate=st.sampled_from([None, Decimal("0.1")]),
)
def test_contracts_settle_in_cash_what_their_fills_were_worth(
    make_stage, instrument_of, kind, steps, margin_rate
):
    instrument = instrument_of(kind, margin_rate=margin_rate, multiplier=Decimal(10))
    asset = instrument.settle
    options = {"balances": f"5000 {asset}", "keep_state": "no"}
    fills, cash, held, positions = play(make_stage, instrument, steps, **options)
    sign = -1 if kind is ContractKind.INVERSE else 1

    def worth(signed, price):
        size = Fraction(signed) * 10
        return size / Fraction(price) if sign < 0 else size * Fraction(price)

    moved = sum((worth(f.side.sign * f.quantity, f.price) for f in fills), Fraction(0))
    held_quantity = sum((f.side.sign * f.quantity for f in fills), Decimal(0))
    cost = Fraction(0)
    if held_quantity:
        [position] = positions
        assert position.quantity == held_quantity
        cost = worth(position.quantity, position.entry_price)
    fees = sum((Fraction(f.fee) for f in fills), Fraction(0))
    expected = 5000 - fees + sign * (cost - moved)
    assert abs(Fraction(cash[asset]) - expected) < Fraction(1, 10**15)
    if not held_quantity:
        assert positions == []
        assert held[asset] == 0
    elif margin_rate is None:
        assert abs(Fraction(held[asset]) - min(abs(cost), 10**9)) < Fraction(1, 10**15) or (
            held[asset] == cash[asset]
        )


async def test_a_position_is_taken_only_with_its_initial_margin(stage, instrument_of):
    instrument = instrument_of(ContractKind.LINEAR, margin_rate=Decimal("0.1"))
    async with stage(instrument).open(balances="100 USDT") as it:
        it.quote(100, 100)
        with pytest.raises(Rejected) as refused:
            await it.send("sell", 10)
        assert refused.value.venue_code == "insufficient_funds"
        await it.send("sell", 9)
        assert (await it.held())["USDT"] == 90
        await it.send("buy", 9)  # closing needs nothing
        assert await it.held() == {"USDT": 0}


async def test_a_new_margin_rate_holds_for_the_open_position_too(stage, instrument_of):
    first = instrument_of(ContractKind.LINEAR, margin_rate=Decimal("0.1"))
    second = instrument_of(ContractKind.LINEAR, margin_rate=Decimal("0.5"))
    async with stage(first).open(taker_fee="0") as it:
        it.quote(100, 100)
        await it.send("buy", 2)
        assert (await it.held())["USDT"] == 20
        await it.send("buy", 1, 50, instrument=second)
        assert (await it.held())["USDT"] == 100 + Decimal("25.05")
        await it.send("sell", 2, instrument=second)
        assert (await it.held())["USDT"] == Decimal("25.05")


async def test_a_flip_realises_all_and_opens_the_rest(stage, instrument_of):
    async with stage(instrument_of(ContractKind.LINEAR)).open(taker_fee="0") as it:
        it.quote(100, 100)
        await it.send("buy", 2)
        it.quote(110, 110)
        await it.send("sell", 3)
        [position] = await it.venue.positions()
        assert (position.quantity, position.entry_price) == (-1, 110)
        assert position.realized_pnl == 20
        assert await it.cash() == {"USDT": 10020}


@pytest.mark.parametrize("first", [150, "100.9"])  # the latter but for its fee
async def test_a_market_order_that_can_no_longer_be_paid_ends(stage, first):
    async with stage().open(balances="101 USDT") as it:
        await it.bar(100, 100, 100, 100)
        report = await it.send("buy", 1)
        await it.bar(first, 160, 90, 150)
        assert (await it.look(report)).reason == "insufficient_funds"
        assert await it.cash() == {"USDT": 101}


@FEW
@given(steps=st.lists(st.one_of(books, trades, writes), max_size=20))
def test_the_same_events_and_orders_end_the_same(make_stage, instrument_of, steps):
    first = play(make_stage, instrument_of(), steps, balances=SPOT, keep_state="no")
    again = play(make_stage, instrument_of(), steps, balances=SPOT, keep_state="yes")
    assert first == again
