"""Nobody fills at a price that was over, or hears of an event before its time."""

from decimal import Decimal

import pytest

from crossdock.model import OrderStatus

MINUTE_NS = 60_000_000_000


async def test_an_order_decided_on_a_bar_fills_at_the_next_bars_first_price(stage, pairs):
    async with stage().open() as it:
        sent = []

        def decide(bar):
            if bar.is_closed and not sent:
                sent.append(it.venue.submit(it.new("buy")))

        it.log.on["bar"] = decide
        await it.bar(100, 120, 90, 110)
        await sent[0]
        assert it.fills == []
        await it.bar(115, 130, 80, 118)
        assert it.fills == pairs("115 x 1")


@pytest.mark.parametrize(("side", "limit"), [("buy", 95), ("sell", 115)])
async def test_a_cheat_that_names_a_bars_extreme_after_it_closed_gets_nothing(
    stage, side, limit
):
    async with stage().open(balances="10000 USDT, 10 BTC") as it:
        sent = []

        def cheat(bar):
            if bar.is_closed and not sent:
                sent.append(it.venue.submit(it.new(side, 1, limit)))

        it.log.on["bar"] = cheat
        await it.bar(100, 120, 90, 105)
        report = await sent[0]
        await it.bar(105, 106, 104, 105)
        assert it.fills == []
        assert (await it.look(report)).status is OrderStatus.NEW


@pytest.mark.parametrize("limit", [None, 95])
async def test_a_bar_that_comes_again_does_not_fill_what_was_decided_on_it(stage, limit):
    async with stage().open() as it:
        start_ns = it.clock.time_ns()
        await it.bar(100, 120, 90, 110)
        await it.send("buy", 1, limit)
        it.push_bar(it.bar_of(100, 120, 90, 110, start_ns=start_ns))
        assert it.fills == []


@pytest.mark.parametrize("limit", [None, "104"])
async def test_an_order_that_came_while_a_bar_ran_meets_its_close_alone(
    stage, pairs, limit
):
    async with stage().open() as it:
        it.push_bar(it.bar_of(99, 101, 98, 100, start_ns=it.clock.time_ns() - MINUTE_NS))
        start_ns = it.clock.time_ns()
        await it.clock.advance(1)
        await it.send("buy", 1, limit)
        await it.clock.advance(59)
        it.push_bar(it.bar_of(100, 120, 90, 103, start_ns=start_ns))
        assert it.fills == pairs("103 x 1")


async def test_a_limit_below_the_close_does_not_fill_in_the_bar_it_came_into(stage):
    async with stage().open() as it:
        start_ns = it.clock.time_ns()
        await it.clock.advance(1)
        await it.send("buy", 1, 95)
        await it.clock.advance(59)
        it.push_bar(it.bar_of(100, 120, 90, 103, start_ns=start_ns))
        assert it.fills == []


async def test_a_fill_is_told_before_the_event_that_made_it(stage):
    async with stage().open() as it:
        it.quote(99, 101)
        await it.send("buy", 1, 100)
        it.quote(98, "99.5")
        tail = it.log.words[-3:]
        assert tail == ["fill", "order", "quote"]


async def test_events_of_one_batch_pass_the_engine_one_at_a_time(stage):
    async with stage().open() as it:
        it.quote(99, 101)
        await it.send("buy", 1, 100)
        before = len(it.log.told)
        batch = [it.quote_of(99, "100.5"), it.quote_of(98, 99)]
        it._push("quotes", batch)
        assert it.log.words[before:] == ["quote", "fill", "order", "quote"]
        assert it.log.of("quote")[-2:] == batch


async def test_an_order_decided_on_one_quote_of_a_batch_does_not_take_from_the_next(
    stage, pairs
):
    async with stage().open() as it:
        sent = []

        def decide(quote):
            if not sent:
                sent.append(it.venue.submit(it.new("buy")))

        it.log.on["quote"] = decide
        it._push("quotes", [it.quote_of(99, 101), it.quote_of(49, 50)])
        await sent[0]
        assert it.fills == pairs("101 x 1")


async def test_nothing_is_told_from_within_a_write(stage):
    async with stage().open() as it:
        it.quote(99, 101)
        before = len(it.log.told)
        reply = it.venue.submit(it.new("buy"))
        assert len(it.log.told) == before
        report = await reply
        assert report.status is OrderStatus.FILLED
        assert it.log.words[before:] == ["fill", "order"]


async def test_what_a_write_did_is_told_before_what_the_next_event_does(stage):
    async with stage().open() as it:
        it.quote(99, 101)
        reply = it.venue.submit(it.new("buy", 1, 100))
        it.quote(98, 99)
        statuses = [order.status for order in it.log.of("order")]
        assert statuses == [OrderStatus.NEW, OrderStatus.FILLED]
        await reply


async def test_a_fill_inside_a_bar_carries_the_clocks_time(stage):
    async with stage().open() as it:
        await it.send("buy", 1, 95)
        await it.bar(100, 120, 90, 110)
        [fill] = it.log.of("fill")
        assert fill.price == Decimal(95)
        assert fill.venue_time_ns == it.clock.time_ns()
