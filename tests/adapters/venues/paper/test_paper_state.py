"""A killed desk finds its paper account as it was told of it."""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from crossdock.errors import ConfigError
from crossdock.model import ContractKind, OrderStatus
from crossdock.toolkit import CountedIds

RICH = "1000000 USDT, 1000 BTC"
BIDS = [(99, 5), (98, 5)]
ASKS = [(101, 2), (102, 3)]


async def _picture(venue):
    page = await venue.fills_after("")
    return (
        await venue.balances(),
        await venue.positions(),
        await venue.open_orders(),
        page.fills,
        page.cursor,
        await venue.account_events_after(""),
    )


@pytest.mark.parametrize("kind", [ContractKind.SPOT, ContractKind.LINEAR])
async def test_an_account_is_the_same_after_a_restart(stage, instrument_of, kind):
    first = stage(instrument_of(kind))
    async with first.open(balances=RICH) as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 3)
        await it.send("sell", 1, 120)
        await it.send("buy", 1, stop=130)
        gone = await it.send("buy", 1, 90)
        await it.cancel(gone)
        before = await _picture(it.venue)
    second = stage(instrument_of(kind), state=first.state, ids=first.ids)
    async with second.open(balances="1 USDT") as it:
        assert await _picture(it.venue) == before
        assert (await it.look(gone)).status is OrderStatus.CANCELED
        await it.venue.cancel_all()
        held = await it.held()
        assert held["USDT"] == (Decimal(304) if kind is ContractKind.LINEAR else 0)


async def test_what_was_told_is_kept_before_it_is_told(stage):
    stages = [stage()]
    kept = []

    def look(item):
        kept.append((item, dict(stages[0].state.kept)))

    async with stages[0].open(balances=RICH) as it:
        it.log.on = {"fill": look, "order": look}
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 3)
        report = await it.send("buy", 2, 100)
        it.trade(100, 1)
        await it.replace(report, 3, 100)
        await it.cancel(report)
    assert len(kept) >= 6
    for item, state in kept:
        again = stage()
        again.state.kept = state
        async with again.open() as it:
            if hasattr(item, "execution_id"):
                assert item in (await it.venue.fills_after("")).fills
            else:
                found = await it.look(item)
                assert found.status is item.status
                assert found.cumulative_quantity == item.cumulative_quantity


async def test_an_order_keeps_its_place_in_the_queue_over_a_restart(stage, pairs):
    first = stage()
    async with first.open() as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 4, 99)
        it.trade(99, 3)
        await it.send("buy", 1, 98)
    second = stage(state=first.state, ids=first.ids)
    async with second.open() as it:
        it.book([(99, 4), (98, 5)], ASKS, snapshot=True)
        it.trade(99, 3)
        assert it.fills == pairs("99 x 1")


async def test_what_the_market_did_meanwhile_fills_at_its_return(stage, pairs):
    first = stage()
    async with first.open() as it:
        it.book(BIDS, ASKS, snapshot=True)
        await it.send("buy", 1, 99)
    second = stage(state=first.state, ids=first.ids)
    async with second.open() as it:
        it.book([(89, 1)], [(90, 5)], snapshot=True)
        assert it.fills == pairs("99 x 1")


async def test_a_long_history_is_kept_in_pages_that_are_written_once(stage):
    first = stage()
    async with first.open(balances=RICH) as it:
        it.quote(99, 101)
        sizes = []
        for _ in range(450):
            await it.send("buy", "0.001")
            sizes.append(len(it.state.kept["account"]))
        before = await it.venue.fills_after("")
        assert sizes[-1] < sizes[198], "a save does not grow with the history"
        assert {"fills-0", "fills-1", "done-0", "done-1"} <= it.state.kept.keys()
    second = stage(state=first.state, ids=first.ids)
    async with second.open() as it:
        assert await it.venue.fills_after("") == before
        assert (await it.look(before.fills[3])).status is OrderStatus.FILLED
        it.quote(99, 101)
        await it.send("buy", "0.001", client_order_id="another")
        assert (await it.venue.fills_after(before.cursor)).fills[0].account_sequence == 453


async def test_nothing_is_kept_where_nothing_shall_be(stage):
    async with stage().open(keep_state="no") as it:
        it.quote(99, 101)
        await it.send("buy", 1)
        assert it.state.kept == {}


async def test_events_that_change_nothing_save_nothing(stage):
    async with stage().open() as it:
        it.quote(99, 101)
        await it.send("buy", 1, 90)
        saves = it.state.saves
        for price in range(91, 99):
            it.quote(price, 101)
        await it.look(it.log.of("order")[0])
        assert it.state.saves == saves


async def test_an_account_begun_anew_is_not_read_by_the_old_ones_cursor(stage):
    first = stage()
    async with first.open(keep_state="no") as it:
        it.quote(99, 101)
        await it.send("buy", 1)
        cursor = await it.venue.fill_cursor()
    second = stage(ids=CountedIds(50))
    async with second.open(keep_state="no") as it:
        it.quote(99, 101)
        await it.send("buy", 1)
        assert len((await it.venue.fills_after(cursor)).fills) == 1


@pytest.mark.parametrize("damage", ["format", "shape", "bytes"])
async def test_what_cannot_be_read_is_refused_with_a_way_out(stage, damage):
    first = stage()
    async with first.open() as it:
        await it.send("buy", 1, 90)
    kept = first.state.kept
    if damage == "bytes":
        kept["account"] = kept["account"][:-3]
    else:
        fields = msgspec.msgpack.decode(kept["account"])
        fields["format" if damage == "format" else "cash"] = 99
        kept["account"] = msgspec.msgpack.encode(fields)
    with pytest.raises(ConfigError, match="paper"):
        async with stage(state=first.state).open():
            pass


async def test_open_orders_of_an_unwatched_market_are_watched_after_a_restart(stage, pairs):
    first = stage()
    async with first.open() as it:
        await it.send("buy", 1, 99)
    second = stage(state=first.state, ids=first.ids)
    async with second.open(watches=False) as it:
        await asyncio.sleep(0)
        it.quote(97, 98)
        assert it.fills == pairs("98 x 1")
