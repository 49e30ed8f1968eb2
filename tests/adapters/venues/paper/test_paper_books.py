"""What books, quotes and trades fill."""

from decimal import Decimal

import pytest

from crossdock.errors import Rejected
from crossdock.model import OrderStatus, Side, TimeInForce

RICH = "1000000 USDT, 1000 BTC"
BIDS = [(99, 5), (98, 5)]
ASKS = [(101, 2), (102, 3)]


async def test_a_taker_eats_levels_best_first(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 4)
        assert it.fills == pairs("101 x 2", "102 x 2")
        assert report.average_price == Decimal("101.5")


async def test_a_market_order_that_finds_too_little_ends_with_what_it_got(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 9)
        assert it.fills == pairs("101 x 2", "102 x 3")
        assert (report.status, report.reason) == (OrderStatus.EXPIRED, "no_liquidity")


async def test_displayed_quantity_is_taken_once_until_its_level_changes(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 2)
        await it.send("buy", 1)
        assert it.fills == pairs("101 x 2", "102 x 1")
        it.book(asks=[(103, 1)])
        await it.send("buy", 1)
        assert it.fills[2:] == pairs("102 x 1")
        it.book(asks=[(101, 1)])
        await it.send("buy", 1)
        assert it.fills[3:] == pairs("101 x 1")


async def test_an_equal_snapshot_does_not_show_new_quantity(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 2)
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 1)
        it.book(BIDS, [(101, 4), (102, 3)], snapshot=True)
        await it.send("buy", 1)
        assert it.fills == pairs("101 x 2", "102 x 1", "101 x 1")


async def test_a_gap_does_not_show_the_same_quantity_again(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 2)
        it.lose_book()
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 1)
        assert it.fills == pairs("101 x 2", "102 x 1")


async def test_a_limit_takes_up_to_its_price_and_rests_with_the_remainder(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 4, 101)
        assert it.fills == pairs("101 x 2")
        assert report.status is OrderStatus.PARTIALLY_FILLED
        it.book(asks=[(101, "1.5")])
        assert it.fills[1:] == pairs("101 x 1.5")


async def test_a_resting_order_waits_for_the_queue_ahead(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade(99, 3)
        assert it.fills == []
        it.trade(99, 3)
        assert it.fills == pairs("99 x 1")
        it.trade(99, 2)
        assert it.fills[1:] == pairs("99 x 2")


async def test_takers_of_our_own_side_do_not_move_the_queue(stage):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade(99, 50, Side.BUY)
        assert it.fills == []


async def test_cancels_ahead_move_the_queue(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.book(bids=[(99, 1)])
        it.book(bids=[(99, 7)])  # they stand behind us
        it.trade(99, 3)
        assert it.fills == pairs("99 x 2")


async def test_a_level_that_vanishes_leaves_us_first(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.book(bids=[(99, 0)])
        it.trade(99, 1)
        assert it.fills == pairs("99 x 1")


async def test_a_trade_through_the_price_fills_whoever_waited(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade("98.5", 3)
        assert it.fills == pairs("99 x 3")


async def test_a_trade_through_the_price_takes_all_that_was_ahead(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade("98.5", 1)
        it.trade(99, 2)
        assert it.fills == pairs("99 x 1", "99 x 2")


async def test_two_orders_at_a_price_share_a_trade_in_the_order_they_came(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 1, 99)
        await it.send("buy", 4, 99)
        it.trade(99, 8)
        assert it.fills == pairs("99 x 1", "99 x 2")


async def test_participation_caps_our_share_of_a_trade(stage, pairs):
    async with stage().open(balances=RICH, participation="0.25") as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 100)
        it.trade(100, 8)
        assert it.fills == pairs("100 x 2")


async def test_with_touch_there_is_no_queue(stage, pairs):
    async with stage().open(balances=RICH, queue="touch") as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade(99, 3, Side.BUY)
        assert it.fills == pairs("99 x 3")


async def test_an_offer_that_comes_to_our_price_fills_us_there(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 100)
        it.book(asks=[("99.5", 3)])
        assert it.fills == pairs("100 x 3")
        it.book(bids=[(97, 1)])
        assert len(it.fills) == 1, "the same displayed quantity fills once"


async def test_a_book_with_a_gap_fills_nobody_until_its_snapshot(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 1, 100)
        it.lose_book()
        it.book(asks=[(90, 5)])
        with pytest.raises(Rejected) as refused:
            await it.send("buy", 1)
        assert refused.value.venue_code == "no_market"
        late = await it.send("buy", 1, 100)
        assert it.fills == []
        it.book(BIDS, [(99, 1), (101, 9)], snapshot=True)  # crossed: it shows nothing
        assert it.fills == []
        it.book([(98, 5)], [(99, "1.5")], snapshot=True)
        assert it.fills == pairs("100 x 1", "99 x 0.5")
        assert (await it.look(report)).status is OrderStatus.FILLED
        assert (await it.look(late)).status is OrderStatus.PARTIALLY_FILLED


async def test_bids_and_asks_are_eaten_apart(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.quote(99, 101, 2, 2)
        await it.send("buy", 2, 101)
        await it.send("sell", 2, 99)
        assert it.fills == pairs("101 x 2", "99 x 2")


async def test_a_quotes_quantity_is_taken_once_until_it_changes(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.quote(99, 101, 2, 2)
        await it.send("buy", 3)
        assert it.fills == pairs("101 x 2")
        it.quote(98, 101, 2, 2)
        assert len(it.fills) == 1, "the ask did not change"
        it.quote(98, 101, 2, "1.5")
        assert it.fills[1:] == pairs("101 x 1")


async def test_a_quote_without_sizes_fills_all(stage, pairs):
    async with stage().open(balances=RICH, slippage_bps="100") as it:
        it.quote(99, 100)
        await it.send("buy", 7)
        assert it.fills == pairs("101 x 7")


@pytest.mark.parametrize(
    ("queue", "ask", "fills"), [("last", 100, 0), ("last", "99.99", 1), ("touch", 100, 1)]
)
async def test_without_depth_a_limit_is_traded_through_or_touched(stage, queue, ask, fills):
    async with stage().open(balances=RICH, queue=queue) as it:
        it.quote(99, 101)
        await it.send("buy", 1, 100)
        it.quote(99, ask)
        assert len(it.fills) == fills


@pytest.mark.parametrize(
    ("queue", "price", "fills"), [("last", 100, 0), ("last", "99.99", 1), ("touch", 100, 1)]
)
async def test_trades_alone_fill_a_limit_likewise(stage, queue, price, fills):
    async with stage().open(balances=RICH, queue=queue) as it:
        it.trade(101, 5)
        await it.send("buy", 1, 100)
        it.trade(price, 5)
        assert len(it.fills) == fills


async def test_trades_alone_fill_a_market_order_by_their_quantity(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.trade(101, 5)
        await it.send("buy", 7)
        assert it.fills == []
        it.trade(100, 5)
        it.trade(102, 5)
        assert it.fills == pairs("100 x 5", "102 x 2")


async def test_stops_go_by_trades_where_there_are_any(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        it.trade(100, 1)
        await it.send("buy", 1, stop=101)
        it.book(bids=[(97, 1)])
        assert it.fills == []
        it.trade(101, 1)
        assert it.fills == pairs("101 x 1")


async def test_stops_go_by_the_offers_where_no_trades_are_told(stage, pairs):
    async with stage().open(balances=RICH) as it:
        it.quote(99, 100)
        await it.send("buy", 1, stop=102)
        it.quote(100, 101)
        assert it.fills == []
        it.quote(102, 103)
        assert it.fills == pairs("103 x 1")


@pytest.mark.parametrize(
    ("tif", "limit", "status", "filled"),
    [
        (TimeInForce.IOC, 101, OrderStatus.EXPIRED, 2),
        (TimeInForce.IOC, 100, OrderStatus.EXPIRED, 0),
        (TimeInForce.IOC, 102, OrderStatus.FILLED, 4),
        (TimeInForce.FOK, 102, OrderStatus.FILLED, 4),
    ],
)
async def test_orders_for_at_once_never_rest(stage, tif, limit, status, filled):
    async with stage().open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 4, limit, time_in_force=tif)
        assert (report.status, report.cumulative_quantity) == (status, filled)
        assert await it.venue.open_orders() == []
