"""What a bar fills, at which price, and in which order."""

from decimal import Decimal

import pytest

from crossdock.adapters.venues.paper.matching.bars import path_of
from crossdock.model import OrderStatus, TickBand, TimeInForce

RICH = "1000000 USDT, 1000 BTC"

# side, limit, stop, the bar after it, what it fills at
TABLE = [
    ("buy", None, None, (100, 110, 90, 105), "100"),
    ("sell", None, None, (100, 110, 90, 105), "100"),
    ("buy", "95", None, (100, 110, 90, 105), "95"),
    ("buy", "90", None, (100, 110, 90, 105), "90"),
    ("buy", "89.99", None, (100, 110, 90, 105), None),
    ("buy", "101", None, (100, 110, 90, 105), "100"),
    ("sell", "105", None, (100, 110, 90, 105), "105"),
    ("sell", "110", None, (100, 110, 90, 105), "110"),
    ("sell", "110.01", None, (100, 110, 90, 105), None),
    ("sell", "99", None, (100, 110, 90, 105), "100"),
    ("buy", None, "105", (100, 110, 90, 105), "105"),
    ("buy", None, "110.01", (100, 110, 90, 105), None),
    ("buy", None, "99", (100, 110, 90, 105), "100"),
    ("sell", None, "95", (100, 110, 90, 105), "95"),
    ("sell", None, "89.99", (100, 110, 90, 105), None),
    ("sell", None, "101", (100, 110, 90, 105), "100"),
    ("buy", "106", "105", (100, 110, 90, 105), "105"),
    ("buy", "104", "105", (100, 110, 99, 103), "104"),  # comes back to its limit
    ("buy", "98", "105", (100, 110, 99, 103), None),
    ("sell", "94", "95", (100, 110, 90, 105), "95"),
    ("sell", "96", "95", (100, 101, 90, 97), "96"),
    ("sell", "102", "95", (100, 101, 90, 97), None),
]


@pytest.mark.parametrize(("side", "limit", "stop", "prices", "filled_at"), TABLE)
async def test_orders_fill_along_the_bars_path(stage, side, limit, stop, prices, filled_at):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send(side, 1, limit, stop=stop)
        await it.bar(*prices)
        expected = [] if filled_at is None else [(Decimal(filled_at), Decimal(1))]
        assert it.fills == expected


@pytest.mark.parametrize(("side", "limit", "stop", "prices", "filled_at"), TABLE)
async def test_a_bar_without_its_first_price_told_fills_the_same(
    stage, side, limit, stop, prices, filled_at
):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100, begins=False)
        await it.send(side, 1, limit, stop=stop)
        await it.bar(*prices, begins=False)
        expected = [] if filled_at is None else [(Decimal(filled_at), Decimal(1))]
        assert it.fills == expected


@pytest.mark.parametrize(
    ("bar", "path"),
    [
        ((100, 110, 95, 105), (100, 95, 110, 105)),  # the low is nearer
        ((100, 105, 90, 95), (100, 105, 90, 95)),
        ((100, 110, 90, 105), (100, 90, 110, 105)),  # equally near: it rose, low first
        ((100, 110, 90, 95), (100, 110, 90, 95)),
        ((100, 110, 100, 110), (100, 100, 110, 110)),
    ],
)
async def test_a_bar_goes_to_its_nearer_extreme_first(stage, bar, path):
    assert path_of(stage().bar_of(*bar)) == path


@pytest.mark.parametrize(("limit", "fills"), [("90", 0), ("110", 0), ("95", 1)])
async def test_with_through_a_touched_limit_does_not_fill(stage, limit, fills):
    side = "buy" if Decimal(limit) < 100 else "sell"
    async with stage().open(bar_fill="through", balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send(side, 1, limit)
        await it.bar(100, 110, 90, 105)
        assert len(it.fills) == fills


async def test_an_entry_and_its_stop_fill_in_the_order_of_the_path(stage):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send("sell", 1, stop="92")
        await it.send("buy", 1, "95")
        await it.bar(100, 110, 90, 105)
        assert [fill.price for fill in it.log.of("fill")] == [Decimal(95), Decimal(92)]


async def test_slippage_worsens_market_and_stop_orders_and_no_limit(stage):
    async with stage().open(balances=RICH, slippage_bps="10") as it:
        await it.bar(100, 100, 100, 100)
        await it.send("buy", 1)
        await it.send("sell", 1)
        await it.send("buy", 1, stop="105")
        await it.send("buy", 1, "95")
        await it.bar(100, 110, 90, 105)
        prices = [fill.price for fill in it.log.of("fill")]
        assert prices == [Decimal(p) for p in ("100.1", "99.9", "95", "105.11")]


async def test_a_price_between_two_ticks_is_rounded_against_the_order(stage):
    async with stage().open(balances=RICH) as it:
        await it.send("buy", 1, "200")
        await it.send("sell", 1, "50")
        await it.bar("100.005", 110, 90, 105)
        prices = [fill.price for fill in it.log.of("fill")]
        assert prices == [Decimal("100.01"), Decimal("100.00")]


@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_the_noise_of_a_float_is_no_price_between_two_ticks(
    stage, instrument_of, side
):
    tick = (TickBand(floor=Decimal(0), tick=Decimal("0.00000001")),)
    async with stage(instrument_of(tick_table=tick)).open(balances=RICH) as it:
        await it.bar("0.00005", "0.00005", "0.00005", "0.00005")
        await it.send(side)
        noisy = 0.00005049 + 7e-21
        assert repr(noisy) == "5.0490000000000006e-05"
        it.push_bar(it.bar_of(noisy, noisy, noisy, noisy, closed=False))
        assert [fill.price for fill in it.log.of("fill")] == [Decimal("0.00005049")]


async def test_a_share_of_the_bars_volume_caps_what_fills(stage, pairs):
    async with stage().open(balances=RICH, participation="0.1") as it:
        await it.bar(100, 100, 100, 100)
        report = await it.send("buy", 25)
        await it.send("buy", 5, "90")
        await it.bar(100, 110, 90, 105, volume=100)
        assert it.fills == pairs("100 x 10")
        assert (await it.look(report)).status is OrderStatus.PARTIALLY_FILLED
        await it.bar(101, 110, 90, 105, volume=200)
        assert it.fills == pairs("100 x 10", "101 x 15", "90 x 5")


async def test_an_unfinished_bar_shares_one_cap_with_its_end(stage, pairs):
    async with stage().open(balances=RICH, participation="0.1") as it:
        start_ns = it.clock.time_ns()
        it.push_bar(it.bar_of(100, 100, 100, 100, 0, closed=False))
        await it.send("buy", 25)
        it.push_bar(it.bar_of(100, 101, 99, 101, 50, closed=False, start_ns=start_ns))
        await it.clock.advance(60)
        it.push_bar(it.bar_of(100, 101, 99, 99, 100, start_ns=start_ns))
        assert it.fills == pairs("101 x 5", "100 x 5")


@pytest.mark.parametrize("tif", [TimeInForce.IOC, TimeInForce.FOK])
@pytest.mark.parametrize(("limit", "filled"), [("101", True), ("99", False)])
async def test_an_order_for_at_once_lives_until_the_next_price(stage, tif, limit, filled):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        report = await it.send("buy", 1, limit, time_in_force=tif)
        assert report.status is OrderStatus.NEW
        await it.bar(100, 110, 90, 105)
        ended = OrderStatus.FILLED if filled else OrderStatus.EXPIRED
        assert (await it.look(report)).status is ended


async def test_a_post_only_order_that_would_take_at_the_open_ends(stage):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        takes = await it.send("buy", 1, "101", post_only=True)
        rests = await it.send("buy", 1, "95", post_only=True)
        await it.bar(100, 110, 90, 105)
        assert (await it.look(takes)).reason == "would_cross"
        assert (await it.look(rests)).status is OrderStatus.FILLED


async def test_bars_are_left_alone_where_quotes_or_trades_tell_more(stage):
    async with stage().open(balances=RICH) as it:
        it.quote(99, 101)
        await it.send("buy", 1, "95")
        await it.bar(100, 110, 90, 105)
        assert it.fills == []


async def test_what_fills_at_the_open_takes_and_what_waited_makes(stage):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send("buy", 1)
        await it.send("buy", 1, "95")
        await it.bar(100, 110, 90, 105)
        kinds = [(fill.liquidity.value, fill.fee) for fill in it.log.of("fill")]
        assert kinds == [("taker", Decimal("0.2")), ("maker", Decimal("0.095"))]
