"""The life of an order at the paper venue: refusals, ends, amends, look-ups, latency."""

import asyncio
from decimal import Decimal

import pytest

from crossdock.adapters.venues.paper import MANIFEST
from crossdock.errors import ConfigError, NotSent, OutcomeUnknown, Rejected
from crossdock.model import (
    ContractKind,
    MarginMode,
    OrderStatus,
    PositionSide,
    TimeInForce,
)
from crossdock.ports import CancelOrder, OrderRef

DAY_NS = 86_400_000_000_000
BIDS = [(99, 5), (98, 5)]
ASKS = [(101, 2), (102, 3)]


@pytest.mark.parametrize(
    ("code", "order"),
    [
        ("bad_tick", {"limit": "99.005"}),
        ("bad_tick", {"limit": "0"}),
        ("bad_tick", {"limit": "NaN"}),
        ("bad_tick", {"stop": "99.005"}),
        ("bad_lot", {"quantity": "0.0005"}),
        ("bad_lot", {"quantity": "-1"}),
        ("min_quantity", {"quantity": "0.001"}),
        ("max_quantity", {"quantity": "51"}),
        ("min_notional", {"quantity": "0.1", "limit": 99}),
        ("min_notional", {"quantity": "0.1"}),
        ("insufficient_funds", {"quantity": "50", "limit": 99}),
        ("insufficient_funds", {"quantity": "2"}),
        ("insufficient_funds", {"side": "sell", "quantity": "2"}),
        ("insufficient_funds", {"quantity": "2", "stop": 110}),
        ("would_cross", {"limit": 101, "post_only": True}),
        (
            "fok_unfillable",
            {"limit": 101, "time_in_force": TimeInForce.FOK, "quantity": "1.8"},
        ),
        ("not_offered", {"reduce_only": True}),
        ("not_offered", {"margin_mode": MarginMode.CROSS}),
        ("not_offered", {"position_side": PositionSide.LONG}),
        (
            "bad_expiry",
            {"limit": 99, "time_in_force": TimeInForce.GTD, "expire_time_ns": 1},
        ),
    ],
)
async def test_refusals_carry_their_code_and_change_nothing(
    stage, instrument_of, code, order
):
    instrument = instrument_of(
        min_quantity=Decimal("0.01"), max_quantity=Decimal(50), min_notional=Decimal(20)
    )
    async with stage(instrument).open(balances="200 USDT, 1 BTC") as it:
        it.book(BIDS, [(101, "0.5"), (102, 3)], snapshot=True)
        before = len(it.log.told)
        with pytest.raises(Rejected) as refused:
            await it.send(**{"side": "buy", "quantity": "1", **order})
        assert refused.value.venue_code == code
        assert code in MANIFEST.rejection_codes
        assert await it.venue.open_orders() == []
        assert await it.held() == {"BTC": 0, "USDT": 0}
        assert len(it.log.told) == before


async def test_contracts_of_a_kind_it_cannot_account_for_are_refused(stage, instrument_of):
    async with stage(instrument_of(ContractKind.OPTION)).open() as it:
        with pytest.raises(Rejected) as refused:
            await it.send("buy", 1, 99)
        assert refused.value.venue_code == "not_offered"


@pytest.mark.parametrize("seen", ["nothing", "one side", "no quote"])
async def test_a_market_order_without_a_market_is_refused(stage, seen):
    async with stage().open() as it:
        if seen == "one side":
            it.book(BIDS, [], snapshot=True)
        if seen == "no quote":
            it.quote(99, "nan")
        with pytest.raises(Rejected) as refused:
            await it.send("buy", 1)
        assert refused.value.venue_code == "no_market"


async def test_a_limit_order_waits_for_its_market_and_then_takes(stage, pairs):
    async with stage().open() as it:
        await it.send("buy", 1, 102)
        it.book(BIDS, ASKS, snapshot=True)
        assert it.fills == pairs("101 x 1")


async def test_an_id_that_is_taken_is_doubt_and_no_second_order(stage):
    async with stage().open() as it:
        order = it.new("buy", 1, 99)
        await it.venue.submit(order)
        with pytest.raises(OutcomeUnknown):
            await it.venue.submit(order)
        assert len(await it.venue.open_orders()) == 1


async def test_a_write_past_its_deadline_is_not_sent(stage):
    async with stage().open() as it:
        with pytest.raises(NotSent):
            await it.send("buy", 1, 99, deadline_ns=0)
        assert await it.venue.open_orders() == []


async def test_cancel_names_what_it_cannot_cancel(stage):
    async with stage().open() as it:
        report = await it.send("buy", 1, 99)
        assert (await it.cancel(report)).status is OrderStatus.CANCELED
        with pytest.raises(Rejected) as done:
            await it.cancel(report)
        assert done.value.venue_code == "order_done"
        stranger = OrderRef(instrument=it.instrument, client_order_id="other")
        with pytest.raises(Rejected) as unknown:
            await it.venue.cancel(CancelOrder(ref=stranger, deadline_ns=it.deadline_ns()))
        assert unknown.value.venue_code == "unknown_order"
        assert await it.venue.order(stranger) is None


async def test_cancel_all_ends_every_order_and_gives_everything_back(stage):
    async with stage().open(balances="1000 USDT, 1 BTC") as it:
        await it.send("buy", 1, 99)
        await it.send("sell", 1, 105)
        await it.send("buy", 1, stop=110)
        await it.venue.cancel_all()
        assert await it.venue.open_orders() == []
        assert await it.held() == {"BTC": 0, "USDT": 0}


@pytest.mark.parametrize(
    ("quantity", "limit", "keeps_its_place"),
    [("2", 99, True), ("5", 99, False), ("4", "98.5", False)],
)
async def test_a_replace_keeps_its_place_only_if_it_shrinks(
    stage, pairs, quantity, limit, keeps_its_place
):
    async with stage().open() as it:
        it.book([(99, 5), ("98.5", 5)], ASKS, snapshot=True)
        report = await it.send("buy", 4, 99)
        it.trade(99, 4)
        replaced = await it.replace(report, quantity, limit)
        assert replaced.venue_order_id == report.venue_order_id
        assert (replaced.quantity, replaced.limit_price) == (
            Decimal(quantity),
            limit and Decimal(limit),
        )
        it.trade(str(limit), 2)
        assert bool(it.fills) is keeps_its_place


async def test_a_replace_that_crosses_takes(stage, pairs):
    async with stage().open() as it:
        it.book(BIDS, ASKS, snapshot=True)
        report = await it.send("buy", 1, 99)
        replaced = await it.replace(report, 1, 101)
        assert replaced.status is OrderStatus.FILLED
        assert it.fills == pairs("101 x 1")


@pytest.mark.parametrize(
    ("code", "quantity", "limit"),
    [
        ("below_filled", "0.5", 101),
        ("bad_tick", "3", "99.001"),
        ("bad_lot", "2.00005", 101),
        ("insufficient_funds", "2000", 101),
        ("not_offered", "3", None),
    ],
)
async def test_a_refused_replace_changes_nothing(stage, code, quantity, limit):
    async with stage().open() as it:
        it.book(BIDS, [(101, 1), (103, 1)], snapshot=True)
        report = await it.send("buy", 3, 101)
        before, held = await it.look(report), await it.held()
        with pytest.raises(Rejected) as refused:
            await it.replace(report, quantity, limit)
        assert refused.value.venue_code == code
        assert await it.look(report) == before
        assert await it.held() == held


async def test_day_orders_end_with_the_utc_day_and_gtd_at_their_time(stage):
    async with stage().open() as it:
        now_ns = it.clock.time_ns()
        day = await it.send("buy", 1, 90, time_in_force=TimeInForce.DAY)
        gtd = await it.send(
            "buy",
            1,
            90,
            time_in_force=TimeInForce.GTD,
            expire_time_ns=now_ns + 3_600_000_000_000,
        )
        gtc = await it.send("buy", 1, 90)
        await it.clock.advance(3600)
        it.quote(80, 85)
        assert (await it.look(gtd)).status is OrderStatus.EXPIRED
        filled = [await it.look(each) for each in (day, gtc)]
        assert [each.status for each in filled] == [OrderStatus.FILLED] * 2
        again = await it.send("buy", 1, 70, time_in_force=TimeInForce.DAY)
        left_s = (DAY_NS - it.clock.time_ns() % DAY_NS) / 1e9
        await it.clock.advance(left_s - 1)
        assert (await it.look(again)).status is OrderStatus.NEW
        await it.clock.advance(1)
        assert (await it.look(again)).status is OrderStatus.EXPIRED


async def test_a_reduce_only_order_is_trimmed_and_ends_with_the_position(
    stage, instrument_of, pairs
):
    async with stage(instrument_of(ContractKind.LINEAR)).open() as it:
        it.quote(99, 101)
        with pytest.raises(Rejected) as refused:
            await it.send("sell", 1, reduce_only=True)
        assert refused.value.venue_code == "reduce_only"
        await it.send("buy", 2)
        waits = await it.send("sell", 1, 150, reduce_only=True)
        trimmed = await it.send("sell", 5, reduce_only=True)
        assert it.fills == pairs("101 x 2", "99 x 2")
        assert trimmed.status is OrderStatus.CANCELED
        assert (await it.look(waits)).reason == "reduce_only"
        assert await it.venue.positions() == []


async def test_fills_are_paged_by_cursor_and_a_foreign_cursor_begins_anew(stage):
    async with stage().open(balances="1000000 USDT") as it:
        it.quote(99, 101)
        for _ in range(501):
            await it.send("buy", "0.001")
        first = await it.venue.fills_after("")
        second = await it.venue.fills_after(first.cursor)
        assert (len(first.fills), first.complete) == (500, False)
        assert (len(second.fills), second.complete) == (1, True)
        assert second.cursor == await it.venue.fill_cursor()
        assert (await it.venue.fills_after("another-life:501")).fills == first.fills


async def test_the_opening_deposit_is_in_the_history_and_in_no_stream(stage):
    async with stage().open(balances="10 USDT, 1 BTC") as it:
        page = await it.venue.account_events_after("")
        assert [(e.asset, e.amount) for e in page.events] == [("USDT", 10), ("BTC", 1)]
        assert page.complete
        assert page.cursor == await it.venue.account_event_cursor()
        assert it.log.of("event") == []


async def test_overlapping_account_streams_are_told_everything(stage):
    async with stage().open() as it:
        second = type(it.log)()
        watching = asyncio.create_task(it.venue.watch_account(second))
        await asyncio.sleep(0)
        await it.send("buy", 1, 99)
        assert second.words == ["account_gap", "order"]
        assert it.log.words == ["account_gap", "order"]
        watching.cancel()


async def test_overlapping_market_streams_fill_once(stage, pairs):
    async with stage().open() as it:
        it.trade(100, 1)
        second = type(it.log)()
        watching = asyncio.create_task(it.venue.watch_market([it.instrument.id], second))
        await asyncio.sleep(0)
        await it.send("buy", 5)
        it.trade(100, 1)
        assert it.fills == pairs("100 x 1")
        assert second.words == ["trade"]
        watching.cancel()


async def test_a_market_that_the_desk_does_not_watch_is_watched_for_its_orders(
    stage, pairs
):
    async with stage().open(watches=False) as it:
        await it.send("buy", 1, 100)
        await asyncio.sleep(0)
        it.quote(98, 99)
        assert it.fills == pairs("99 x 1")
        watching = asyncio.create_task(it.venue.watch_market([it.instrument.id], it.log))
        await it.clock.settle()
        assert len(it.sinks) == 1, "the desk's feed took over"
        watching.cancel()
    assert it.sinks == []


async def test_a_market_stream_that_ends_is_a_gap(stage):
    async with stage().open(watches=False) as it:
        watching = asyncio.create_task(it.venue.watch_market([it.instrument.id], it.log))
        await asyncio.sleep(0)
        it.quote(99, 101)
        watching.cancel()
        await it.clock.settle()
        with pytest.raises(Rejected) as refused:
            await it.send("buy", 1)
        assert refused.value.venue_code == "no_market"


async def test_latency_delays_the_order_its_reply_and_the_news(stage, pairs):
    async with stage().open(latency_ms="100") as it:
        it.quote(99, 101)
        sent = asyncio.ensure_future(it.venue.submit(it.new("buy", 1)))
        await it.clock.advance(0.099)
        it.quote(103, 105)
        assert it.fills == []
        await it.clock.advance(0.001)
        [fill] = (await it.venue.fills_after("")).fills
        assert fill.price == 105
        assert fill.venue_time_ns == it.clock.time_ns()
        await it.clock.advance(0.099)
        assert it.fills == []
        assert not sent.done()
        await it.clock.advance(0.001)
        assert it.fills == pairs("105 x 1")
        assert (await sent).status is OrderStatus.FILLED


async def test_an_order_under_way_arrives_before_an_event_after_its_time(stage, pairs):
    async with stage().open(latency_ms="100") as it:
        it.quote(99, 101)
        sent = it.venue.submit(it.new("buy", 1))
        it.clock._time_ns += 200_000_000  # a replay steps from event to event
        it.quote(109, 111)
        assert [fill.price for fill in (await it.venue.fills_after("")).fills] == [101]
        it.clock._monotonic_ns += 200_000_000
        assert (await sent).status is OrderStatus.FILLED


async def test_a_refusal_takes_its_time_as_well(stage):
    async with stage().open(latency_ms="100") as it:
        sent = asyncio.ensure_future(it.venue.submit(it.new("buy", 1)))
        await it.clock.advance(0.15)
        assert not sent.done()
        await it.clock.advance(0.05)
        with pytest.raises(Rejected):
            await sent


async def test_a_fill_overtakes_a_cancel_under_way(stage, pairs):
    async with stage().open(latency_ms="100") as it:
        it.quote(99, 101)
        sent = asyncio.ensure_future(it.venue.submit(it.new("buy", 1, 100)))
        await it.clock.advance(0.2)
        report = await sent
        canceling = asyncio.ensure_future(it.cancel(report))
        await it.clock.advance(0.05)
        it.quote(98, 99)
        await it.clock.advance(0.2)
        with pytest.raises(Rejected) as refused:
            await canceling
        assert refused.value.venue_code == "order_done"
        assert it.fills == pairs("100 x 1")


async def test_an_order_whose_caller_gave_up_arrives_all_the_same(stage):
    async with stage().open(latency_ms="100") as it:
        order = it.new("buy", 1, 99)
        sent = asyncio.ensure_future(it.venue.submit(order))
        await it.clock.advance(0.01)
        sent.cancel()
        await it.clock.advance(0.2)
        assert [each.client_order_id for each in await it.venue.open_orders()] == [
            order.client_order_id
        ]


async def test_an_order_under_way_when_the_account_closes_was_not_sent(stage):
    async with stage().open(latency_ms="100") as it:
        it.quote(99, 101)
        sent = asyncio.ensure_future(it.venue.submit(it.new("buy", 1)))
        await it.clock.advance(0.05)
    await it.clock.advance(0.2)
    with pytest.raises(NotSent):
        await sent
    assert not (await it.venue.fills_after("")).fills


@pytest.mark.parametrize(
    "settings",
    [
        {"balances": "lots of USDT"},
        {"balances": "1 USDT, 2 USDT"},
        {"balances": "-5 USDT"},
        {"latency_ms": "-1"},
        {"latency_ms": "soon"},
        {"slippage_bps": "nan"},
        {"maker_fee": "2"},
        {"participation": "1.5"},
        {"queue": "first"},
    ],
)
async def test_a_setting_that_makes_no_sense_is_named(stage, settings):
    [name] = settings
    with pytest.raises(ConfigError, match=name):
        async with stage().open(**settings):
            pass


async def test_models_are_named_as_set(stage):
    async with stage().open(
        taker_fee="0.0005", latency_ms="2.5", queue="touch", participation="0.1"
    ) as it:
        models = it.venue.models
        assert "taker 0.0005" in models["fees"]
        assert "the instrument's maker rate" in models["fees"]
        assert models["latency"] == "2.5 ms to the venue, 2.5 ms back"
        assert "touched" in models["queue"]
        assert models["share of a bar"] == "at most 0.1 of its volume"
