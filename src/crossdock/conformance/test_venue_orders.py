"""The life of an order ends the same by reply, stream, look-up and history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.conformance.bench import Trouble
from crossdock.conformance.recording import AccountRecording, account_watched
from crossdock.conformance.rig import Rig
from crossdock.errors import OutcomeUnknown, Rejected, Unreachable
from crossdock.model import (
    Fill,
    OrderReport,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.ports import Can, Lookup, NewOrder, OrderRef

pytestmark = pytest.mark.asyncio

_MOST_PAGES = 50
_ZERO = Decimal(0)


async def _history(rig: Rig) -> list[Fill]:
    """Read every fill, page by page, until the venue proves there are no more."""
    fills: list[Fill] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = await rig.adapter.fills_after(cursor)
        fills.extend(page.fills)
        cursor = page.cursor
        if page.complete:
            return fills
    pytest.fail(f"the history is not complete after {_MOST_PAGES} pages")


async def _told_end(sink: AccountRecording, order: NewOrder) -> OrderStatus:
    told = sink.reports_of
    ours = order.client_order_id
    await sink.until(lambda: any(it.status.is_terminal for it in told(ours)), "its end")
    return told(ours)[-1].status


async def _assert_told_alike(
    rig: Rig, sink: AccountRecording, order: NewOrder, status: OrderStatus
) -> OrderReport:
    """Assert that stream, look-up, history and the peer itself agree; return the look-up."""
    ours = order.client_order_id
    await sink.until(
        lambda: any(it.status is status for it in sink.reports_of(ours)), f"{status}"
    )
    found: OrderReport | None = await rig.adapter.order(rig.ref(order))
    assert found is not None
    total = found.quantity  # an amendment has a status in common with what was before
    await sink.until(lambda: sink.reports_of(ours)[-1].quantity == total, f"{total} of it")
    streamed = sink.reports_of(ours)[-1]
    [held] = await rig.bench.orders(ours)
    assert found.status is streamed.status is status
    assert held["status"] == status.value
    assert found.quantity == streamed.quantity == Decimal(held["quantity"])
    filled = Decimal(held["cumulative_quantity"])
    assert found.cumulative_quantity == streamed.cumulative_quantity == filled
    await sink.until(lambda: sink.filled(ours) == filled, f"fills of {filled}")
    past = {it.key: it for it in await _history(rig) if it.client_order_id == ours}
    assert past.keys() == sink.fills_of(ours).keys()
    assert sum((it.quantity for it in past.values()), _ZERO) == filled
    for key, fill in sink.fills_of(ours).items():
        assert replace(fill, received_time_ns=0) == replace(past[key], received_time_ns=0)
    return found


async def _assert_not_lost(
    rig: Rig, ref: OrderRef, ends: Collection[OrderStatus], filled: Decimal
) -> None:
    """Assert that an order is found as it ended, or stays in doubt where it need not be."""
    try:
        found = await rig.adapter.order(ref)
    except Unreachable:
        assert rig.manifest.evidence is not None
        assert rig.manifest.evidence.lookup is Lookup.OPEN_ONLY
        return
    assert found is not None, "an order that filled is told to have never been"
    assert found.status in ends
    assert found.cumulative_quantity == filled


async def test_submit_keeps_our_id_and_sends_exact_numbers(rig: Rig) -> None:
    rig.needs(Can.SUBMIT)
    for side in Side:
        order = await rig.new_order(side=side)
        report = await rig.adapter.submit(order)
        assert report.client_order_id in (order.client_order_id, "")
        assert (report.quantity, report.limit_price) == (order.quantity, order.limit_price)
        assert report.side is side
        assert report.account == rig.context.account
        assert report.instrument == rig.instrument.id
        [held] = await rig.bench.orders(order.client_order_id)
        assert Decimal(held["quantity"]) == order.quantity
        assert Decimal(held["limit_price"]) == order.limit_price
        await rig.adapter.cancel(rig.cancel_of(order, report))


async def test_numbers_are_sent_without_an_exponent(rig: Rig) -> None:
    rig.needs(Can.SUBMIT)
    worth = rig.bench.quantity * await rig.bench.resting_price(Side.BUY)
    quantity = Decimal("1E+1")
    price = Decimal((0, (1,), (worth / quantity).adjusted()))  # 1E+1 for worth of 199.5
    order = await rig.new_order(limit_price=price, quantity=quantity)
    await rig.adapter.submit(order)
    [held] = await rig.bench.orders(order.client_order_id)
    assert Decimal(held["limit_price"]) == price
    assert Decimal(held["quantity"]) == quantity


@pytest.mark.parametrize("type_", OrderType)
async def test_every_declared_order_type_is_accepted(rig: Rig, type_: OrderType) -> None:
    if type_ not in (rig.instrument.order_types or rig.manifest.order_types):
        pytest.skip(f"{rig.manifest.id} does not declare {type_} for {rig.instrument.id}")
    if type_ is OrderType.TRAILING_STOP:
        await rig.adapter.submit(await rig.new_order(crossing=True))  # a price to trail
    for side in Side:
        order = await rig.new_order(type=type_, side=side)
        report = await rig.adapter.submit(order)
        assert report.type is type_
        assert report.status is not OrderStatus.REJECTED
        trail = (order.trail_amount, order.trail_percent)
        assert (report.trail_amount, report.trail_percent) == trail
        if type_ is not OrderType.TRAILING_STOP:
            assert report.stop_price == order.stop_price


@pytest.mark.parametrize("tif", TimeInForce)
async def test_every_declared_time_in_force_is_accepted(rig: Rig, tif: TimeInForce) -> None:
    if tif not in rig.manifest.times_in_force:
        pytest.skip(f"{rig.manifest.id} does not declare {tif}")
    crossing = tif in (TimeInForce.IOC, TimeInForce.FOK)
    order = await rig.new_order(time_in_force=tif, crossing=crossing)
    report = await rig.adapter.submit(order)
    assert report.time_in_force is tif
    found = await rig.adapter.order(rig.ref(order))
    assert found is not None
    assert found.status is (OrderStatus.FILLED if crossing else OrderStatus.NEW)


async def test_look_up_knows_of_no_order_that_never_was(rig: Rig) -> None:
    rig.needs(Can.ORDER_LOOKUP)
    order = await rig.new_order()
    assert await rig.adapter.order(rig.ref(order)) is None


@pytest.mark.parametrize("knows", ["its_making", "nothing"])
async def test_an_order_that_filled_is_found_behind_a_page_of_later_ones(
    rig: Rig, knows: str
) -> None:
    """Who knows only our id must not take a filled order for one that never was."""
    rig.needs(Can.SUBMIT, Can.ORDER_LOOKUP)
    peer = rig.forgetful
    made_ns = rig.context.clock.time_ns() if knows == "its_making" else 0
    order = await rig.new_order(crossing=True)
    await rig.adapter.submit(order)
    await peer.bury()
    ref = replace(rig.ref(order), created_time_ns=made_ns)
    await _assert_not_lost(rig, ref, (OrderStatus.FILLED,), order.quantity)


async def test_an_order_that_expired_in_part_is_found_by_our_id(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.ORDER_LOOKUP)
    ending = {TimeInForce.GTD, TimeInForce.DAY} & rig.manifest.times_in_force
    if not ending:
        pytest.skip(f"{rig.manifest.id} declares no order that ends by its time")
    peer = rig.forgetful
    order = await rig.new_order(time_in_force=max(ending))
    await rig.adapter.submit(order)
    await rig.bench.fill(order.client_order_id, order.quantity / 2)
    await peer.expire()
    ends = (OrderStatus.EXPIRED, OrderStatus.CANCELED)  # some have no word of their own
    [held] = await rig.bench.orders(order.client_order_id)
    assert held["status"] in ends
    await peer.bury()
    await _assert_not_lost(rig, rig.ref(order), ends, order.quantity / 2)


async def test_open_orders_lists_what_rests_and_nothing_else(rig: Rig) -> None:
    rig.needs(Can.OPEN_ORDERS)
    kept, _ = await rig.resting()
    canceled, report = await rig.resting()
    await rig.adapter.cancel(rig.cancel_of(canceled, report))
    listed = [it.client_order_id for it in await rig.adapter.open_orders()]
    assert listed == [kept.client_order_id]


async def test_cancel_all_leaves_nothing_open_and_may_be_repeated(rig: Rig) -> None:
    rig.needs(Can.CANCEL_ALL, Can.OPEN_ORDERS)
    await rig.resting()
    await rig.resting()
    await rig.adapter.cancel_all()
    assert not await rig.adapter.open_orders()
    await rig.adapter.cancel_all()


async def test_an_order_filled_at_once_ends_filled_everywhere(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order = await rig.new_order(crossing=True)
        await rig.adapter.submit(order)
        await _assert_told_alike(rig, sink, order, OrderStatus.FILLED)


async def test_cancel_of_a_filled_order_is_rejected_and_changes_nothing(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, report = await rig.resting()
        await rig.bench.fill(order.client_order_id, order.quantity)
        await rig.fails(lambda: rig.adapter.cancel(rig.cancel_of(order, report)), Rejected)
        await _assert_told_alike(rig, sink, order, OrderStatus.FILLED)


async def test_partial_fill_then_cancel_ends_canceled_with_what_was_filled(
    rig: Rig,
) -> None:
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, report = await rig.resting()
        await rig.bench.fill(order.client_order_id, order.quantity / 2)
        await rig.adapter.cancel(rig.cancel_of(order, report))
        found = await _assert_told_alike(rig, sink, order, OrderStatus.CANCELED)
        assert found.cumulative_quantity == order.quantity / 2


async def test_a_fill_that_overtakes_a_cancel_is_kept(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, report = await rig.resting()
        await rig.trouble(Trouble.CANCEL_AFTER_FILL)
        try:
            ended = (await rig.adapter.cancel(rig.cancel_of(order, report))).status
        except Rejected:
            ended = OrderStatus.FILLED
        if not ended.is_terminal:  # taken in only: the stream tells what became of it
            ended = await _told_end(sink, order)
        found = await _assert_told_alike(rig, sink, order, ended)
        assert found.cumulative_quantity > 0


async def test_replace_changes_the_total_and_the_chain_leads_to_one_order(rig: Rig) -> None:
    rig.needs(Can.REPLACE, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, report = await rig.resting()
        half = order.quantity / 2
        await rig.bench.fill(order.client_order_id, half)
        replaced = await rig.adapter.replace(rig.replace_of(order, report))
        assert replaced.quantity == order.quantity * 2
        assert replaced.cumulative_quantity == half
        if replaced.venue_order_id != report.venue_order_id:
            assert replaced.replaces == report.venue_order_id
        await rig.bench.fill(order.client_order_id, half)
        by_old_id = await rig.adapter.cancel(rig.cancel_of(order, report))
        assert by_old_id.venue_order_id == replaced.venue_order_id
        found = await _assert_told_alike(rig, sink, order, OrderStatus.CANCELED)
        assert found.cumulative_quantity == order.quantity


async def test_a_fill_that_overtakes_a_replace_is_kept(rig: Rig) -> None:
    rig.needs(Can.REPLACE, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, report = await rig.resting()
        await rig.trouble(Trouble.REPLACE_AFTER_FILL)
        try:
            replaced = await rig.adapter.replace(rig.replace_of(order, report))
            ended = replaced.status
        except Rejected:
            ended = OrderStatus.FILLED
        found = await _assert_told_alike(rig, sink, order, ended)
        assert found.cumulative_quantity > 0


async def test_a_replace_to_what_is_filled_is_rejected(rig: Rig) -> None:
    rig.needs(Can.REPLACE)
    order, report = await rig.resting()
    half = order.quantity / 2
    await rig.bench.fill(order.client_order_id, half)
    replace = rig.replace_of(order, report, quantity=half)
    await rig.fails(lambda: rig.adapter.replace(replace), Rejected, OutcomeUnknown)
    [held] = await rig.bench.orders(order.client_order_id)
    assert Decimal(held["quantity"]) == order.quantity


async def test_a_fill_told_twice_counts_once(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP, Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, _ = await rig.resting()
        await rig.trouble(Trouble.STREAM_DUPLICATE)
        await rig.bench.fill(order.client_order_id, order.quantity)
        await _assert_told_alike(rig, sink, order, OrderStatus.FILLED)


async def test_fills_are_paged_to_completion_over_short_pages(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.FILL_HISTORY)
    for _ in range(5):
        await rig.adapter.submit(await rig.new_order(crossing=True))
    await rig.trouble(Trouble.HISTORY_SHORT)
    fills = await _history(rig)
    assert [it.execution_id for it in fills] == list(await rig.bench.executions())


async def test_the_fill_cursor_stands_behind_the_newest_fill(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.FILL_HISTORY)
    await rig.adapter.submit(await rig.new_order(crossing=True))
    cursor = await rig.adapter.fill_cursor()
    page = await rig.adapter.fills_after(cursor)
    assert (page.fills, page.complete, page.cursor) == ((), True, cursor)
    known = len(await rig.bench.executions())
    await rig.adapter.submit(await rig.new_order(crossing=True))
    page = await rig.adapter.fills_after(cursor)
    news = list(await rig.bench.executions())[known:]
    assert [it.execution_id for it in page.fills] == news
