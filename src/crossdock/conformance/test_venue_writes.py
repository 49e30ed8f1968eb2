"""A write is sent once, and its outcome is known or honestly unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from crossdock.conformance.bench import Trouble
from crossdock.conformance.proxy import (
    Breakage,
    Closed,
    Cut,
    Forged,
    Held,
    Lost,
    Silent,
    naming,
)
from crossdock.conformance.rig import PATIENT_S, SILENCE_S, Rig, soon
from crossdock.conformance.sniffing import Kind
from crossdock.errors import AuthFailed, NotSent, OutcomeUnknown, RateLimited, Rejected
from crossdock.model import OrderReport
from crossdock.ports import Can, NewOrder, Uniqueness

pytestmark = pytest.mark.asyncio

_HTML = b"<!doctype html><html><body>Bad gateway</body></html>"
_GIVEN_UP_S = 4.0  # long after the deadline, long before the preparation's
_LOOPS_TO_NOTICE = 10  # that idle connections of a pool were closed
_WRITES = ("submit", "cancel", "replace")


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is ready to be made, and the texts that tell it on the wire."""

    call: Callable[[], Awaitable[OrderReport]]
    needles: tuple[str, ...]
    order: NewOrder
    is_http: bool


async def _prepared(rig: Rig, kind: str, deadline_s: float = PATIENT_S) -> Write:
    """Have an order rest, so that connections are open, and prepare a write.

    Its deadline begins when it is called.
    """
    rig.needs(Can.SUBMIT)
    if kind == "replace":
        rig.needs(Can.REPLACE)
    resting, report = await rig.resting()
    is_http = rig.proxy.writes(resting.client_order_id)[-1].kind is Kind.HTTP
    adapter = rig.adapter
    if kind == "submit":
        order = await rig.new_order()

        def submit() -> Awaitable[OrderReport]:
            again: Awaitable[OrderReport] = adapter.submit(
                _due(order, rig.deadline(deadline_s))
            )
            return again

        return Write(submit, (order.client_order_id,), order, is_http)
    needles = (resting.client_order_id, report.venue_order_id)

    def change() -> Awaitable[OrderReport]:
        made: Awaitable[OrderReport] = (
            adapter.cancel(rig.cancel_of(resting, report, deadline_s))
            if kind == "cancel"
            else adapter.replace(rig.replace_of(resting, report, deadline_s=deadline_s))
        )
        return made

    return Write(change, needles, resting, is_http)


def _due(order: NewOrder, deadline_ns: int) -> NewOrder:
    fields = {name: getattr(order, name) for name in order.__slots__}
    return NewOrder(**{**fields, "deadline_ns": deadline_ns})


async def _broken(
    rig: Rig, kind: str, breakage: Breakage, deadline_s: float = PATIENT_S
) -> int:
    """Break one write, expect doubt, and return how many requests it made on the wire."""
    write = await _prepared(rig, kind, deadline_s)
    before = len(rig.proxy.writes(*write.needles))
    replies = () if write.is_http else (write.order.client_order_id,)
    rig.proxy.break_next(naming(*write.needles), breakage, *replies)
    await rig.fails(write.call, OutcomeUnknown)
    return len(rig.proxy.writes(*write.needles)) - before


@pytest.mark.parametrize("kind", _WRITES)
async def test_silent_write_is_unknown_after_exactly_one_request(
    rig: Rig, kind: str
) -> None:
    assert await _broken(rig, kind, Silent(), SILENCE_S) == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_lost_write_is_unknown_after_exactly_one_request(rig: Rig, kind: str) -> None:
    async with asyncio.timeout(_GIVEN_UP_S):
        assert await _broken(rig, kind, Lost(), SILENCE_S) == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_write_whose_connection_closes_is_unknown_and_not_repeated(
    rig: Rig, kind: str
) -> None:
    assert await _broken(rig, kind, Closed()) == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_reply_cut_in_half_leaves_doubt(rig: Rig, kind: str) -> None:
    assert await _broken(rig, kind, Cut()) == 1


@pytest.mark.parametrize("kind", _WRITES)
@pytest.mark.parametrize(
    "payload", [_HTML, b'{"surprise":[1,2]}', b'{"surprise":', b"\xff\xfe"], ids=str
)
async def test_unreadable_reply_leaves_doubt(rig: Rig, kind: str, payload: bytes) -> None:
    assert await _broken(rig, kind, Forged(payload)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_error_leaves_doubt(rig: Rig, status: int) -> None:
    write = await _prepared(rig, "submit")
    if not write.is_http:
        pytest.skip("its writes do not go over HTTP")
    rig.proxy.break_next(naming(*write.needles), Forged(_HTML, status, "text/html"))
    await rig.fails(write.call, OutcomeUnknown)


async def test_status_without_words_leaves_doubt(rig: Rig) -> None:
    write = await _prepared(rig, "submit")
    if not write.is_http:
        pytest.skip("its writes do not go over HTTP")
    rig.proxy.break_next(naming(*write.needles), Forged(b"{}", 400))
    await rig.fails(write.call, OutcomeUnknown)


async def test_failure_after_execution_leaves_doubt_and_one_order(rig: Rig) -> None:
    write = await _prepared(rig, "submit")
    await rig.trouble(Trouble.WRITE_FAILED_AFTER)
    await rig.fails(write.call, OutcomeUnknown)
    assert len(await rig.bench.orders(write.order.client_order_id)) == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_throttled_write_is_rate_limited_and_did_nothing(rig: Rig, kind: str) -> None:
    write = await _prepared(rig, kind)
    await rig.trouble(Trouble.WRITE_THROTTLED)
    held = await rig.bench.orders(write.order.client_order_id)
    error = await rig.fails(write.call, RateLimited)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s > 0
    assert await rig.bench.orders(write.order.client_order_id) == held


@pytest.mark.parametrize("kind", _WRITES)
async def test_write_with_refused_keys_is_auth_failed(rig: Rig, kind: str) -> None:
    write = await _prepared(rig, kind)
    await rig.trouble(Trouble.WRITE_UNAUTHORISED)
    await rig.fails(write.call, AuthFailed)


async def test_a_session_that_ends_leaves_no_doubt_and_the_next_write_goes_through(
    rig: Rig,
) -> None:
    rig.needs(Can.SUBMIT)
    await rig.resting()
    await rig.trouble(Trouble.SESSION_EXPIRED)
    for _ in range(3):
        order = await rig.new_order()
        try:
            await soon(rig.adapter.submit(order))
        except (AuthFailed, NotSent):
            assert not await rig.bench.orders(order.client_order_id)
        else:
            break
    assert len(await rig.bench.orders(order.client_order_id)) == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_refused_connection_is_not_sent(rig: Rig, kind: str) -> None:
    write = await _prepared(rig, kind)
    before = len(rig.proxy.writes(*write.needles))
    await rig.proxy.refuse()
    await rig.fails(write.call, NotSent)
    assert len(rig.proxy.writes(*write.needles)) == before


@pytest.mark.parametrize("kind", _WRITES)
async def test_write_past_its_deadline_is_not_sent(rig: Rig, kind: str) -> None:
    write = await _prepared(rig, kind, deadline_s=0.0)
    before = len(rig.proxy.writes(*write.needles))
    await rig.fails(write.call, NotSent)
    assert len(rig.proxy.writes(*write.needles)) == before


@pytest.mark.parametrize("kind", _WRITES)
async def test_cancelled_write_was_sent_once_and_is_not_called_unsent(
    rig: Rig, kind: str
) -> None:
    write = await _prepared(rig, kind)
    before = len(rig.proxy.writes(*write.needles))
    rig.proxy.break_next(naming(*write.needles), Held())

    async def written() -> OrderReport:
        return await write.call()

    task = asyncio.create_task(written())
    await soon(rig.proxy.seen(lambda it: it in rig.proxy.writes(*write.needles)[before:]))
    task.cancel()
    error = await rig.fails(lambda: task, asyncio.CancelledError)
    assert not isinstance(error, NotSent)
    rig.proxy.release()
    assert len(rig.proxy.writes(*write.needles)) - before == 1


@pytest.mark.parametrize("kind", _WRITES)
async def test_half_open_connection_leaves_doubt_and_the_next_write_goes_through(
    rig: Rig, kind: str
) -> None:
    write = await _prepared(rig, kind, SILENCE_S)
    before = len(rig.proxy.writes(*write.needles))
    rig.proxy.freeze()
    error = await rig.fails(write.call, OutcomeUnknown, NotSent)
    rig.proxy.thaw()
    if not isinstance(error, NotSent):
        rig.proxy.drop()
        for _ in range(_LOOPS_TO_NOTICE):
            await asyncio.sleep(0)
    order = await rig.new_order()
    report = await soon(_until_sent(rig, order))
    assert report.client_order_id == order.client_order_id
    if isinstance(error, NotSent):
        # It asked how the order stands first. What had left came through with the thaw.
        assert len(rig.proxy.writes(*write.needles)) == before


async def _until_sent(rig: Rig, order: NewOrder) -> OrderReport:
    """Submit, again while it is proven that no byte left."""
    while True:
        try:
            report: OrderReport = await rig.adapter.submit(order)
        except NotSent:
            await asyncio.sleep(0)
        else:
            return report


async def test_a_second_order_with_the_same_id_is_doubt_and_not_a_rejection(
    rig: Rig,
) -> None:
    rig.needs(Can.SUBMIT)
    order, _ = await rig.resting()
    if not order.client_order_id:
        pytest.skip("the venue takes no client order id")
    evidence = rig.manifest.evidence
    if evidence is None or evidence.uniqueness is Uniqueness.NONE:
        pytest.skip("the venue takes an id twice, and says so")
    await rig.fails(lambda: rig.adapter.submit(order), OutcomeUnknown, Rejected)
    assert not isinstance(rig.errors[-1], Rejected), "the order with this id exists"
    assert len(await rig.bench.orders(order.client_order_id)) == 1


async def test_rejections_carry_a_declared_code(rig: Rig) -> None:
    rig.needs(Can.SUBMIT)
    order = await rig.new_order(quantity=rig.instrument.quantity_step / Decimal(8))
    error = await rig.fails(lambda: rig.adapter.submit(order), Rejected)
    assert isinstance(error, Rejected)
    assert error.venue_code in rig.manifest.rejection_codes
    assert not await rig.bench.orders(order.client_order_id)
