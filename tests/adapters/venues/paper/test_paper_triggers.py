"""If-touched orders wait on the other side of the market; trailing stops follow it."""

from decimal import Decimal

import pytest

from crossdock.errors import Rejected
from crossdock.model import Contingency, Leg, OrderStatus, OrderType

RICH = "1000000 USDT, 1000 BTC"
MIT, LIT = OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED
TRAIL = {"type": OrderType.TRAILING_STOP}

# type, side, limit, stop, the bar after it, what it fills at
TOUCHED = [
    (MIT, "buy", None, "95", (100, 110, 90, 105), "95"),
    (MIT, "buy", None, "89.99", (100, 110, 90, 105), None),
    (MIT, "sell", None, "105", (100, 110, 90, 105), "105"),
    (MIT, "sell", None, "110.01", (100, 110, 90, 105), None),
    (MIT, "buy", None, "101", (100, 110, 90, 105), "100"),
    (LIT, "buy", "94", "95", (100, 110, 90, 105), "94"),
    (LIT, "buy", "96", "95", (100, 110, 90, 105), "95"),
    (LIT, "sell", "106", "105", (100, 110, 99, 103), "106"),
    (LIT, "sell", "112", "105", (100, 110, 99, 103), None),
]


@pytest.mark.parametrize(("kind", "side", "limit", "stop", "prices", "filled_at"), TOUCHED)
async def test_if_touched_fills_where_the_bars_path_comes_to_it(
    stage, kind, side, limit, stop, prices, filled_at
):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send(side, 1, limit, stop=stop, type=kind)
        await it.bar(*prices)
        expected = [] if filled_at is None else [(Decimal(filled_at), Decimal(1))]
        assert it.fills == expected


# side, trail, the bars after it, what it fills at
TRAILS = [
    ("sell", {"trail_amount": Decimal(5)}, [(100, 104, 100, 104)], None),
    (
        "sell",
        {"trail_amount": Decimal(5)},
        [(100, 104, 100, 104), (104, 104, 98, 98)],
        "99",
    ),
    # It went up to 110 first, so the stop stood at 105 when the price fell.
    ("sell", {"trail_amount": Decimal(5)}, [(100, 110, 90, 95)], "105"),
    ("sell", {"trail_amount": Decimal(5)}, [(100, 105, 90, 91)], "100"),
    ("sell", {"trail_percent": Decimal(10)}, [(100, 120, 119, 119)], None),
    ("sell", {"trail_percent": Decimal(10)}, [(100, 120, 100, 101)], "108"),
    ("buy", {"trail_amount": Decimal(5)}, [(100, 100, 96, 96), (96, 102, 96, 102)], "101"),
    ("buy", {"trail_percent": Decimal(10)}, [(100, 100, 80, 80), (80, 90, 80, 90)], "88"),
    # It went down to 90 first, so the stop stood at 140 when the price rose.
    ("buy", {"trail_amount": Decimal(50)}, [(100, 140, 90, 95)], "140"),
]


@pytest.mark.parametrize(("side", "trail", "bars", "filled_at"), TRAILS)
async def test_trailing_stop_follows_bars_and_fills_when_they_turn(
    stage, side, trail, bars, filled_at
):
    async with stage().open(balances=RICH) as it:
        await it.bar(100, 100, 100, 100)
        await it.send(side, 1, **TRAIL, **trail)
        for prices in bars:
            await it.bar(*prices)
        expected = [] if filled_at is None else [(Decimal(filled_at), Decimal(1))]
        assert it.fills == expected


async def test_trailing_stop_follows_trades(stage):
    async with stage().open(balances=RICH) as it:
        it.trade(100, 1)
        order = await it.send("sell", 1, **TRAIL, trail_amount=Decimal(5))
        seen = [order.stop_price]
        for price in (103, 101, 110):
            it.trade(price, 1)
            seen.append((await it.look(order)).stop_price)
        assert seen == [95, 98, 98, 105]
        it.trade(105, 1)
        assert (await it.look(order)).status is OrderStatus.FILLED


async def test_trailing_stop_follows_offers_where_no_trades_are_told(stage):
    async with stage().open(balances=RICH) as it:
        it.quote(100, 101)
        order = await it.send("sell", 1, **TRAIL, trail_amount=Decimal(5))
        assert order.stop_price == 95
        it.quote(108, 109)
        assert (await it.look(order)).stop_price == 103
        it.quote(102, 103)
        assert it.fills == [(102, 1)]


async def test_trail_is_told_and_kept(stage):
    async with stage().open(balances=RICH) as it:
        it.trade(100, 1)
        order = await it.send("buy", 1, **TRAIL, trail_percent=Decimal(2))
        assert (order.type, order.trail_percent) == (OrderType.TRAILING_STOP, 2)
        assert (await it.look(order)).trail_percent == 2


@pytest.mark.parametrize(("code", "trail"), [("no_market", 5), ("bad_trail", 100)])
async def test_stop_that_could_not_stand_anywhere_is_refused(stage, code, trail):
    async with stage().open(balances=RICH) as it:
        if code == "bad_trail":
            it.trade(100, 1)
        with pytest.raises(Rejected) as refused:
            await it.send("sell", 1, **TRAIL, trail_amount=Decimal(trail))
        assert refused.value.venue_code == code


async def test_attached_legs_are_refused(stage):
    async with stage().open(balances=RICH) as it:
        it.trade(100, 1)
        with pytest.raises(Rejected, match="no legs"):
            await it.send(
                "buy",
                1,
                99,
                attached=(Leg(stop_price=Decimal(90)),),
                contingency=Contingency.OTO,
            )
