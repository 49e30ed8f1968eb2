"""Races end the same by reply, look-up and history, though there is no stream to tell.

The conformance suite asks this of adapters that stream their account.
"""

from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from crossdock.adapters.venues.rest_api import manifest_of
from crossdock.conformance.bench import Trouble
from crossdock.conformance.recording import market_watched
from crossdock.conformance.rig import set_up
from crossdock.conformance.subjects import subjects_of
from crossdock.errors import Rejected
from crossdock.model import OrderStatus

EXAMPLE = Path(__file__).parents[3] / "docs/examples/sandbox-rest.toml"


[SUBJECT] = subjects_of(manifest_of(EXAMPLE))


@pytest.fixture(scope="module")
def peer():
    with SUBJECT.peer(SUBJECT.manifest) as running:
        yield running


@pytest_asyncio.fixture
async def rig(peer):
    async with peer.bench() as bench, set_up(SUBJECT, bench) as rig:
        yield rig


async def ended(rig, order):
    """Return status and filled quantity, the same by look-up, history and the peer."""
    found = await rig.adapter.order(rig.ref(order))
    [held] = await rig.bench.orders(order.client_order_id)
    assert held["status"] == found.status.value
    assert Decimal(held["cumulative_quantity"]) == found.cumulative_quantity
    page = await rig.adapter.fills_after("")
    assert page.complete
    ours = [it for it in page.fills if it.client_order_id == order.client_order_id]
    assert sum(it.quantity for it in ours) == found.cumulative_quantity
    assert page.cursor == await rig.adapter.fill_cursor()
    return found.status, found.cumulative_quantity


async def test_a_partial_fill_then_a_cancel_keeps_what_was_filled(rig):
    order, report = await rig.resting()
    half = order.quantity / 2
    await rig.bench.fill(order.client_order_id, half)
    await rig.adapter.cancel(rig.cancel_of(order, report))
    assert await ended(rig, order) == (OrderStatus.CANCELED, half)


async def test_a_cancel_of_a_filled_order_is_rejected(rig):
    order, report = await rig.resting()
    await rig.bench.fill(order.client_order_id, order.quantity)
    with pytest.raises(Rejected, match="order_done"):
        await rig.adapter.cancel(rig.cancel_of(order, report))
    assert await ended(rig, order) == (OrderStatus.FILLED, order.quantity)


@pytest.mark.parametrize("kind", ["cancel", "replace"])
async def test_a_fill_that_overtakes_a_write_is_kept(rig, kind):
    order, report = await rig.resting()
    trouble = {
        "cancel": Trouble.CANCEL_AFTER_FILL,
        "replace": Trouble.REPLACE_AFTER_FILL,
    }[kind]
    await rig.trouble(trouble)
    try:
        if kind == "cancel":
            told = await rig.adapter.cancel(rig.cancel_of(order, report))
        else:
            told = await rig.adapter.replace(rig.replace_of(order, report))
        status = told.status
    except Rejected:
        status = OrderStatus.FILLED
    found, filled = await ended(rig, order)
    assert found is status
    assert filled > 0


async def test_an_amended_order_is_found_and_cancelled_by_its_first_id(rig):
    order, report = await rig.resting()
    half = order.quantity / 2
    await rig.bench.fill(order.client_order_id, half)
    replaced = await rig.adapter.replace(rig.replace_of(order, report))
    assert replaced.replaces == report.venue_order_id
    assert (replaced.quantity, replaced.cumulative_quantity) == (order.quantity * 2, half)
    by_first = await rig.adapter.cancel(rig.cancel_of(order, report))
    assert by_first.venue_order_id == replaced.venue_order_id
    assert await ended(rig, order) == (OrderStatus.CANCELED, half)


async def test_each_trade_is_told_once_however_often_it_is_seen(rig):
    async with market_watched(rig) as sink:
        for _ in range(2):
            await rig.adapter.submit(await rig.new_order(crossing=True))
        looks = len(sink.changes)
        await sink.until(lambda: len(sink.all_trades) >= 2, "both trades")
        await sink.until(lambda: len(sink.changes) > looks + 2, "further looks")
    assert len({it.trade_id for it in sink.all_trades}) == len(sink.all_trades) == 2
