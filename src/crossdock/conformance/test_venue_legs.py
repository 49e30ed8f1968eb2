"""Attached legs: who declares that it holds them holds them, and says whose they are."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.conformance.recording import AccountRecording, account_watched
from crossdock.conformance.rig import Rig
from crossdock.model import (
    Contingency,
    Leg,
    OrderReport,
    OrderStatus,
    OrderType,
    Side,
    VenueOrderId,
)
from crossdock.ports import Can, CancelOrder, NewOrder, OrderRef

pytestmark = pytest.mark.asyncio

_LIVE = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
_ENDED = (OrderStatus.CANCELED, OrderStatus.EXPIRED)  # venues differ in their word for it


def _needs(rig: Rig, contingency: Contingency, legs: int) -> None:
    """Skip where the venue does not declare that it holds such a group."""
    rig.needs(Can.SUBMIT, Can.ACCOUNT_STREAM, Can.ORDER_LOOKUP)
    manifest = rig.manifest
    if contingency not in manifest.contingencies or manifest.most_legs < legs:
        pytest.skip(f"{manifest.id} does not declare {legs} legs under {contingency}")


async def _bracket(rig: Rig) -> NewOrder:
    """Make a purchase that rests, with both exits; the take-profit is first in line."""
    gain = await rig.bench.resting_price(Side.SELL)
    loss = await rig.bench.stop_price(Side.SELL)
    return await rig.new_order(attached=(Leg(limit_price=gain), Leg(stop_price=loss)))


async def _exit_pair(rig: Rig) -> NewOrder:
    """Make a sale that rests, with its stop beside it."""
    loss = await rig.bench.stop_price(Side.SELL)
    return await rig.new_order(
        side=Side.SELL,
        attached=(Leg(stop_price=loss),),
        contingency=Contingency.OCO,
    )


async def _filled_bracket(rig: Rig, sink: AccountRecording) -> tuple[NewOrder, _Group]:
    """Have a bracket whose exits are live."""
    order = await _bracket(rig)
    group = _Group(sink, await rig.adapter.submit(order))
    await rig.bench.fill(order.client_order_id, order.quantity)
    await group.until(2, *_LIVE)
    return order, group


class _Group:
    """An order and its legs as the account stream tells of them."""

    def __init__(self, sink: AccountRecording, parent: OrderReport) -> None:
        self._sink = sink
        self._parent = parent.venue_order_id

    def legs(self) -> dict[VenueOrderId, OrderReport]:
        """Return the newest word on each leg."""
        return {
            it.venue_order_id: it for it in self._sink.reports if it.parent == self._parent
        }

    def of(self, kind: OrderType) -> OrderReport:
        [leg] = [it for it in self.legs().values() if it.type is kind]
        return leg

    async def until(self, count: int, *statuses: OrderStatus) -> None:
        await self._sink.until(
            lambda: (
                [it.status in statuses for it in self.legs().values()] == [True] * count
            ),
            f"{count} legs that are {' or '.join(statuses)}",
        )


def _cancel_of(rig: Rig, leg: OrderReport) -> CancelOrder:
    ref = OrderRef(
        instrument=rig.instrument,
        client_order_id=leg.client_order_id,
        venue_order_ids=(leg.venue_order_id,),
    )
    return CancelOrder(ref=ref, deadline_ns=rig.deadline())


async def test_legs_of_a_filled_bracket_are_live_and_name_their_parent(rig: Rig) -> None:
    _needs(rig, Contingency.OTO, 2)
    async with account_watched(rig) as sink:
        order, group = await _filled_bracket(rig, sink)
        for leg, wanted in zip(
            (group.of(OrderType.LIMIT), group.of(OrderType.STOP)),
            order.attached,
            strict=True,
        ):
            assert leg.side is Side.SELL
            assert leg.quantity == order.quantity
            assert (leg.limit_price, leg.stop_price) == (
                wanted.limit_price,
                wanted.stop_price,
            )


async def test_look_up_of_a_leg_names_its_parent(rig: Rig) -> None:
    _needs(rig, Contingency.OTO, 2)
    async with account_watched(rig) as sink:
        _, group = await _filled_bracket(rig, sink)
        for leg in group.legs().values():
            found = await rig.adapter.order(_cancel_of(rig, leg).ref)
            assert found is not None
            assert found.parent == leg.parent


async def test_profit_taken_ends_the_loss_and_fills_the_leg(rig: Rig) -> None:
    _needs(rig, Contingency.OTO, 2)
    rig.needs(Can.FILL_HISTORY)
    async with account_watched(rig) as sink:
        order, group = await _filled_bracket(rig, sink)
        gain = group.of(OrderType.LIMIT)
        if not gain.client_order_id:
            pytest.skip(f"{rig.manifest.id} gives legs no client id to fill them by")
        await rig.bench.fill(gain.client_order_id, order.quantity)
        await group.until(2, OrderStatus.FILLED, *_ENDED)
        assert group.of(OrderType.LIMIT).status is OrderStatus.FILLED
        page = await rig.adapter.fills_after("")
        told = [it for it in page.fills if it.venue_order_id == gain.venue_order_id]
        assert sum((it.quantity for it in told), Decimal(0)) == order.quantity


async def test_cancel_of_a_parent_that_rests_ends_its_legs(rig: Rig) -> None:
    _needs(rig, Contingency.OTO, 2)
    rig.needs(Can.OPEN_ORDERS)
    async with account_watched(rig) as sink:
        order = await _bracket(rig)
        report = await rig.adapter.submit(order)
        group = _Group(sink, report)
        await rig.adapter.cancel(rig.cancel_of(order, report))
        await sink.until(
            lambda: all(it.status.is_terminal for it in group.legs().values()), "their end"
        )
        assert not await rig.adapter.open_orders()


async def test_leg_is_canceled_by_its_own_id(rig: Rig) -> None:
    _needs(rig, Contingency.OTO, 2)
    async with account_watched(rig) as sink:
        _, group = await _filled_bracket(rig, sink)
        await rig.adapter.cancel(_cancel_of(rig, group.of(OrderType.STOP)))
        await sink.until(
            lambda: group.of(OrderType.STOP).status is OrderStatus.CANCELED, "its end"
        )


async def test_exit_pair_is_live_at_once_and_one_fill_ends_the_other(rig: Rig) -> None:
    _needs(rig, Contingency.OCO, 1)
    async with account_watched(rig) as sink:
        order = await _exit_pair(rig)
        group = _Group(sink, await rig.adapter.submit(order))
        await group.until(1, *_LIVE)
        assert group.of(OrderType.STOP).side is Side.SELL
        await rig.bench.fill(order.client_order_id, order.quantity)
        await group.until(1, *_ENDED)
        assert sink.reports_of(order.client_order_id)[-1].status is OrderStatus.FILLED
