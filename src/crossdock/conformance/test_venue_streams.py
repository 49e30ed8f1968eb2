"""A stream tells everything, or says that it did not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from crossdock.conformance.bench import Trouble
from crossdock.conformance.recording import (
    AccountRecording,
    MarketRecording,
    account_watched,
    market_watched,
)
from crossdock.conformance.rig import Rig, soon
from crossdock.errors import AdapterError
from crossdock.model import Side
from crossdock.ports import CONNECTED, Can

pytestmark = pytest.mark.asyncio


def _books(sink: MarketRecording) -> dict[Side, dict[Decimal, Decimal]]:
    """Build the book that the changes since the newest snapshot make."""
    sides: dict[Side, dict[Decimal, Decimal]] = {Side.BUY: {}, Side.SELL: {}}
    for change in sink.changes:
        if change.snapshot:
            sides = {Side.BUY: {}, Side.SELL: {}}
        for side, levels in ((Side.BUY, change.bids), (Side.SELL, change.asks)):
            for price, quantity in levels:
                sides[side][Decimal(price)] = Decimal(quantity)
                if not Decimal(quantity):
                    del sides[side][Decimal(price)]
    return sides


async def test_an_account_stream_says_where_it_begins(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM)
    async with account_watched(rig) as sink:
        assert sink.gaps == [CONNECTED]


async def test_a_missing_account_message_is_announced(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM, Can.SUBMIT)
    async with account_watched(rig) as sink:
        order, _ = await rig.resting()
        await sink.until(lambda: bool(sink.reports_of(order.client_order_id)), "an order")
        await rig.trouble(Trouble.STREAM_MISSING)
        await rig.bench.fill(order.client_order_id, order.quantity / 2)
        await rig.resting(Side.SELL)
        await sink.until(lambda: len(sink.gaps) == 2, "the gap")
        assert sink.gaps[1]


async def test_a_lost_connection_ends_the_account_stream_with_an_error(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM)
    sink = AccountRecording()
    watching = asyncio.create_task(rig.adapter.watch_account(sink))
    await sink.until(lambda: bool(sink.gaps), "its start")
    rig.proxy.drop()
    await rig.fails(lambda: soon(watching), AdapterError)
    async with account_watched(rig) as again:
        assert again.gaps == [CONNECTED], "history must be asked after every connection"


async def test_a_lost_connection_ends_the_market_stream_with_an_error(rig: Rig) -> None:
    rig.needs(Can.MARKET_STREAM)
    sink = MarketRecording()
    watching = asyncio.create_task(rig.adapter.watch_market([rig.instrument.id], sink))
    await sink.until(lambda: bool(sink.changes), "a snapshot")
    before = len(sink.changes)
    rig.proxy.drop()
    looks = sink.until(lambda: len(sink.changes) > before + 1, "more of the book")
    polled = asyncio.create_task(looks)
    await asyncio.wait({watching, polled}, return_when=asyncio.FIRST_COMPLETED)
    polled.cancel()
    if not watching.done():
        # It polls, and lost no connection: it ends when there is none to be had.
        assert all(change.snapshot for change in sink.changes)
        await rig.proxy.refuse()
    await rig.fails(lambda: soon(watching), AdapterError)


async def test_a_half_open_account_stream_ends_by_itself(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM)
    sink = AccountRecording()
    watching = asyncio.create_task(rig.adapter.watch_account(sink))
    await sink.until(lambda: bool(sink.gaps), "its start")
    rig.proxy.freeze()
    await rig.fails(lambda: soon(watching), AdapterError)
    rig.proxy.thaw()


async def test_a_refused_stream_is_an_error_of_ours(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM)
    await rig.proxy.refuse()
    await rig.fails(lambda: rig.adapter.watch_account(AccountRecording()), AdapterError)


async def test_a_book_begins_with_a_snapshot_and_follows_the_venue(rig: Rig) -> None:
    rig.needs(Can.MARKET_STREAM, Can.BOOK_SNAPSHOT, Can.SUBMIT)
    async with market_watched(rig) as sink:
        assert sink.changes[0].snapshot
        for _ in range(3):
            order, report = await rig.resting()
            await rig.adapter.cancel(rig.cancel_of(order, report))
        await rig.resting()
        asked = await rig.adapter.book_snapshot(rig.instrument.id)
        expected = {
            Side.BUY: {Decimal(p): Decimal(q) for p, q in asked.bids},
            Side.SELL: {Decimal(p): Decimal(q) for p, q in asked.asks},
        }

        def is_there() -> bool:
            """Look at the number too: before each cancel the book was the same."""
            reached = sink.changes[-1].last_sequence >= asked.last_sequence
            return reached and _books(sink) == expected

        # Not every venue numbers its book: what was asked for may come before the change.
        await sink.until(is_there, "the book that was asked for")
        for earlier, later in zip(sink.changes, sink.changes[1:], strict=False):
            assert later.first_sequence <= earlier.last_sequence + 1


async def test_a_missing_book_change_is_a_gap_and_then_a_snapshot(rig: Rig) -> None:
    rig.needs(Can.MARKET_STREAM, Can.SUBMIT)
    async with market_watched(rig) as sink:
        await rig.trouble(Trouble.MARKET_GAP)
        await rig.resting()
        await rig.resting(Side.SELL)
        await sink.until(lambda: bool(sink.gaps), "the gap")
        instruments, reason = sink.gaps[0]
        assert tuple(instruments) == (rig.instrument.id,)
        assert reason
        await sink.until(lambda: len(sink.changes) > sink.gap_before, "a new snapshot")
        assert sink.changes[sink.gap_before].snapshot


async def test_quotes_and_trades_come_with_exact_trade_numbers(rig: Rig) -> None:
    rig.needs(Can.MARKET_STREAM, Can.SUBMIT)
    if rig.manifest.needs_market:
        pytest.skip("its orders leave no trace in the market it trades against")
    async with market_watched(rig) as sink:
        order = await rig.new_order(crossing=True)
        await rig.adapter.submit(order)
        # Several makers may share the fill: the trades of it add up to the order.
        await sink.until(
            lambda: sum(it.quantity for it in sink.all_trades) >= order.quantity,
            "the trades",
        )
        assert sum(it.quantity for it in sink.all_trades) == order.quantity
        assert {it.price for it in sink.all_trades} == {order.limit_price}
        assert {it.side for it in sink.all_trades} == {Side.BUY}
        await rig.resting()
        await sink.until(lambda: bool(sink.all_quotes), "a quote")
        quote = sink.all_quotes[-1]
        assert quote.instrument == rig.instrument.id
        assert quote.bid < quote.ask
        assert quote.received_time_ns >= rig.context.clock.time_ns() - 60_000_000_000


async def test_streams_tell_their_health(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_STREAM)
    async with account_watched(rig):
        streams = rig.context.health.streams()
        alive = {name for name, it in streams.items() if it.connected_s is not None}
        assert alive
    assert any(streams[name].last_end for name in alive)
