"""What leaves on the wire, how often, and what its replies are taken for."""

from __future__ import annotations

import asyncio
import socket
import traceback
from dataclasses import replace
from decimal import Decimal

import pytest
from yarl import URL

from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.model import MarginMode, OrderStatus, OrderType, TimeInForce
from crossdock.ports import CancelOrder, RateLimit
from crossdock.toolkit import CancelledInDoubt, CancelledUnsent, ManualClock

_ORDER = ("POST", "/api/v3/order")
_CANCEL = ("DELETE", "/api/v3/order")
_SECRET = "s3cr3t-that-must-not-be-told"


async def _failed(awaitable) -> BaseException:
    with pytest.raises((AdapterError, asyncio.CancelledError)) as caught:
        await awaitable
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert _SECRET not in told
    assert "signature=" not in told
    return caught.value


async def test_submit_is_one_request_with_exact_numbers_and_our_id(small):
    order = small.order(quantity=Decimal("1E-5"), limit_price=Decimal("1E+4"))
    report = await small.adapter.submit(order)
    [sent] = small.server.writes()
    assert (sent["quantity"], sent["price"]) == ("0.00001", "10000")
    assert sent["newClientOrderId"] == order.client_order_id
    assert report.status is OrderStatus.NEW
    assert (report.quantity, report.limit_price) == (Decimal("0.00001"), Decimal(10000))
    assert len(small.server.asked) == 1, "nothing else was asked for on the way"


async def test_silent_submit_is_in_doubt_after_exactly_one_request(small):
    small.server.next[_ORDER] = small.answer(hold=True)
    error = await _failed(small.adapter.submit(small.order(seconds=0.2)))
    assert isinstance(error, OutcomeUnknown)
    assert len(small.server.writes()) == 1


@pytest.mark.parametrize("execute", [True, False])
async def test_a_write_whose_connection_drops_is_in_doubt_and_not_repeated(small, execute):
    order = small.order()
    report = await small.adapter.submit(order)
    small.server.next[_CANCEL] = small.answer(cut=True, execute=execute)
    cancel = CancelOrder(
        ref=small.ref(order, report.venue_order_id), deadline_ns=small.deadline()
    )
    assert isinstance(await _failed(small.adapter.cancel(cancel)), OutcomeUnknown)
    assert len(small.server.writes("DELETE")) == 1
    small.server.next[_ORDER] = small.answer(cut=True, execute=execute)
    assert isinstance(await _failed(small.adapter.submit(small.order())), OutcomeUnknown)
    assert len(small.server.writes()) == 2


async def test_refused_connection_is_not_sent(small, make_context):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    manifest = small.context.manifest
    async with make_context(manifest, url) as context, connect(context) as alone:
        alone.session.driver.set_markets_from_exchange(small.adapter.session.driver)
        assert isinstance(await _failed(alone.submit(small.order())), NotSent)


async def test_a_deadline_that_passed_sends_nothing(small):
    assert isinstance(await _failed(small.adapter.submit(small.order(0.0))), NotSent)
    assert not small.server.asked


async def test_the_deadline_holds_in_the_queue_of_our_rate_limit(opened):
    limits = (RateLimit(scope="orders", calls=1, per_s=60.0),)
    async with opened(manifest={"rate_limits": limits}, clock=ManualClock()) as small:
        await small.adapter.submit(small.order())
        error = await _failed(small.adapter.submit(small.order(seconds=5.0)))
        assert isinstance(error, NotSent)
        assert len(small.server.writes()) == 1


async def test_cancelled_in_the_queue_is_not_sent(opened):
    limits = (RateLimit(scope="orders", calls=1, per_s=60.0),)
    async with opened(manifest={"rate_limits": limits}, clock=ManualClock()) as small:
        await small.adapter.submit(small.order())
        queued = asyncio.ensure_future(small.adapter.submit(small.order(seconds=90.0)))
        await small.context.clock.settle()
        queued.cancel()
        assert isinstance(await _failed(queued), CancelledUnsent)
        assert len(small.server.writes()) == 1


async def test_cancelled_on_the_way_is_in_doubt(small):
    small.server.next[_ORDER] = small.answer(hold=True)
    small.server.arrived.clear()
    sent = asyncio.ensure_future(small.adapter.submit(small.order()))
    await small.server.arrived.wait()
    sent.cancel()
    assert isinstance(await _failed(sent), CancelledInDoubt)
    assert len(small.server.writes()) == 1


_HTML = b"<!doctype html><html><body>Sign in</body></html>"
_REPLIES = {
    "listed code": (400, b'{"code":-1013,"msg":"Filter failure: LOT_SIZE"}', Rejected),
    "funds": (400, b'{"code":-2010,"msg":"Account has insufficient balance."}', Rejected),
    "unlisted code": (
        400,
        b'{"code":-1006,"msg":"An unexpected response."}',
        OutcomeUnknown,
    ),
    "no code": (400, b"{}", OutcomeUnknown),
    "timeout code": (408, b'{"code":-1007,"msg":"Timeout waiting."}', OutcomeUnknown),
    "server": (500, b'{"code":-1013,"msg":"said by a broken gateway"}', OutcomeUnknown),
    "bad gateway": (502, _HTML, OutcomeUnknown),
    "unavailable": (503, b"{}", OutcomeUnknown),
    "duplicate": (400, b'{"code":-2010,"msg":"Duplicate order sent."}', OutcomeUnknown),
    "keys": (
        401,
        b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions."}',
        AuthFailed,
    ),
    "too many": (429, b'{"code":-1003,"msg":"Too many requests."}', RateLimited),
    "banned": (418, b'{"code":-1003,"msg":"Way too many requests."}', RateLimited),
    "redirect": (302, b"", OutcomeUnknown),
    "html": (200, _HTML, OutcomeUnknown),
    "another shape": (200, b'{"surprise":[1,2]}', OutcomeUnknown),
    "half": (200, b'{"surprise":', OutcomeUnknown),
    "nothing": (200, b"", OutcomeUnknown),
    "no text": (200, b"\xff\xfe", OutcomeUnknown),
}


@pytest.mark.parametrize("case", _REPLIES)
async def test_what_a_reply_to_a_submit_proves(small, case):
    status, body, expected = _REPLIES[case]
    headers = {"Retry-After": "7", "Location": "/api/v3/elsewhere"}
    small.server.next[_ORDER] = small.answer(status, body, headers)
    error = await _failed(small.adapter.submit(small.order()))
    assert type(error) is expected
    assert len(small.server.asked) == 1
    if isinstance(error, Rejected):
        assert error.venue_code in small.context.manifest.rejection_codes
        assert "-" in error.message
    if isinstance(error, RateLimited):
        assert error.retry_after_s == 7.0


async def test_a_second_order_with_the_same_id_is_evidence_and_no_rejection(small):
    order = small.order()
    await small.adapter.submit(order)
    error = await _failed(small.adapter.submit(order))
    assert isinstance(error, OutcomeUnknown)
    assert "look it up" in error.hint


async def test_a_failure_after_execution_leaves_doubt_that_a_look_up_ends(small):
    order = small.order()
    small.server.next[_ORDER] = small.answer(500, b"{}", execute=True)
    assert isinstance(await _failed(small.adapter.submit(order)), OutcomeUnknown)
    found = await small.adapter.order(small.ref(order))
    assert found is not None
    assert found.client_order_id == order.client_order_id


async def test_too_many_calls_hold_back_everything_until_then(small):
    small.server.next[_ORDER] = small.answer(429, b"{}", {"Retry-After": "30"})
    await _failed(small.adapter.submit(small.order()))
    error = await _failed(small.adapter.submit(small.order(seconds=5.0)))
    assert isinstance(error, NotSent)
    assert len(small.server.writes()) == 1


async def test_cancel_by_our_id_alone_reports_the_order_by_our_id(small):
    order = small.order()
    await small.adapter.submit(order)
    cancel = CancelOrder(ref=small.ref(order), deadline_ns=small.deadline())
    report = await small.adapter.cancel(cancel)
    assert report.status is OrderStatus.CANCELED
    assert report.client_order_id == order.client_order_id
    [sent] = small.server.writes("DELETE")
    assert sent["origClientOrderId"] == order.client_order_id


async def test_cancel_of_a_done_order_is_rejected(small):
    order = small.order()
    report = await small.adapter.submit(order)
    cancel = CancelOrder(
        ref=small.ref(order, report.venue_order_id), deadline_ns=small.deadline()
    )
    await small.adapter.cancel(cancel)
    error = await _failed(small.adapter.cancel(cancel))
    assert isinstance(error, Rejected)
    assert error.venue_code == "-2011"


@pytest.mark.parametrize(
    "change",
    [
        {"time_in_force": TimeInForce.DAY},
        {"type": OrderType.TRAILING_STOP, "limit_price": None, "trail_amount": Decimal(5)},
    ],
    ids=str,
)
async def test_what_the_exchange_cannot_do_is_not_sent(small, change):
    assert isinstance(await _failed(small.adapter.submit(small.order(**change))), NotSent)
    assert not small.server.asked


async def test_a_type_the_market_does_not_take_is_not_sent(small):
    market = replace(small.instrument, order_types=(OrderType.MARKET,))
    order = small.order(instrument=market, margin_mode=MarginMode.NONE)
    assert isinstance(await _failed(small.adapter.submit(order)), NotSent)


async def test_the_exchanges_own_count_of_our_weight_is_learned(small):
    small.server.used_weight = 5990
    await small.adapter.server_time_ns()
    limiter = small.context.limiter(URL(small.server.url).authority)
    [quota] = [it for it in limiter.quotas() if it.scope == "all"]
    assert quota.ours + quota.foreign == 5990
    assert limiter.wait_s("all", 20) > 1


async def test_every_call_is_counted_with_how_it_ended(small):
    limiter = small.context.limiter(URL(small.server.url).authority)
    before = limiter.usage.total.calls
    await small.adapter.server_time_ns()
    small.server.next["GET", "/api/v3/time"] = small.answer(status=503)
    with pytest.raises(Unreachable):
        await small.adapter.server_time_ns()
    order = small.order()
    small.server.next[_ORDER] = small.answer(cut=True)
    assert isinstance(await _failed(small.adapter.submit(order)), OutcomeUnknown)
    total = limiter.usage.total
    assert total.calls - before == 3
    assert total.errors == {"unreachable": 2}
    assert total.latencies.buckets.total() == total.calls - 1


async def test_no_repr_of_the_adapter_tells_a_secret(small):
    await small.adapter.submit(small.order())
    seen = [
        small.adapter,
        *vars(small.adapter).values(),
        *vars(small.adapter.session).values(),
    ]
    for thing in seen:
        assert _SECRET not in repr(thing)


_BEHIND = [
    (400, b'{"code":-1013,"msg":"a listed code"}'),
    (401, b'{"code":-2015,"msg":"keys"}'),
    (429, b"{}"),
    (503, b"{}"),
    (200, b"half"),
]


@pytest.mark.parametrize(("status", "body"), _BEHIND)
async def test_what_fails_behind_a_write_that_went_out_leaves_doubt(small, status, body):
    driver = small.adapter.session.driver

    async def submit_then_look():
        order = await driver.create_order("BTC/USDT", "limit", "buy", "0.01", "10000")
        return await driver.fetch_order(order["id"], "BTC/USDT")

    small.server.next["GET", "/api/v3/order"] = small.answer(status, body)
    write = small.adapter.session.write(
        "submit", submit_then_look, deadline_ns=small.deadline()
    )
    assert type(await _failed(write)) is OutcomeUnknown
    assert len(small.server.writes()) == 1


@pytest.mark.parametrize(
    ("status", "expected"), [(400, NotSent), (401, AuthFailed), (503, NotSent)]
)
async def test_what_fails_before_a_write_went_out_leaves_none(small, status, expected):
    driver = small.adapter.session.driver

    async def look_then_submit():
        await driver.fetch_order("1", "BTC/USDT")
        return await driver.create_order("BTC/USDT", "limit", "buy", "0.01", "10000")

    body = b'{"code":-2015,"msg":"keys"}' if status == 401 else b"{}"
    small.server.next["GET", "/api/v3/order"] = small.answer(status, body)
    write = small.adapter.session.write(
        "submit", look_then_submit, deadline_ns=small.deadline()
    )
    assert type(await _failed(write)) is expected
    assert not small.server.writes()


async def test_a_second_write_of_one_call_never_goes_out(small):
    driver = small.adapter.session.driver

    async def twice():
        for _ in range(2):
            await driver.create_order("BTC/USDT", "limit", "buy", "0.01", "10000")

    write = small.adapter.session.write("submit", twice, deadline_ns=small.deadline())
    assert type(await _failed(write)) is OutcomeUnknown
    assert len(small.server.writes()) == 1
