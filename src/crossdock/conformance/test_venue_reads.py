"""Reads: what they return, and what becomes of replies that are late, cut or wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from crossdock.conformance.proxy import Breakage, Closed, Cut, Forged, reading
from crossdock.conformance.rig import Rig
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    RateLimited,
    Rejected,
    Unavailable,
    Unreachable,
)
from crossdock.model import Bars, ContractKind, symbol_of, venue_of
from crossdock.ports import Can

pytestmark = pytest.mark.asyncio

_MINUTE_NS = 60_000_000_000
_HTML = b"<!doctype html><html><body>Sign in to go on</body></html>"


async def _minutes(rig: Rig, *, count: int = 100, back: int = 0) -> Bars:
    """Ask for `count` minutes, the last of which began `back` minutes before this one."""
    end_ns = (rig.context.clock.time_ns() // _MINUTE_NS + 1 - back) * _MINUTE_NS
    bars: Bars = await rig.adapter.bars(
        rig.instrument.id, _MINUTE_NS, start_ns=end_ns - count * _MINUTE_NS, end_ns=end_ns
    )
    return bars


_READS: tuple[tuple[Can, Callable[[Rig], Awaitable[object]]], ...] = (
    (Can.INSTRUMENTS, lambda rig: rig.adapter.instruments()),
    (Can.BALANCES, lambda rig: rig.adapter.balances()),
    (Can.POSITIONS, lambda rig: rig.adapter.positions()),
    (Can.OPEN_ORDERS, lambda rig: rig.adapter.open_orders()),
    (Can.FILL_HISTORY, lambda rig: rig.adapter.fills_after("")),
    (Can.ACCOUNT_HISTORY, lambda rig: rig.adapter.account_events_after("")),
    (Can.BOOK_SNAPSHOT, lambda rig: rig.adapter.book_snapshot(rig.instrument.id)),
    (Can.SERVER_TIME, lambda rig: rig.adapter.server_time_ns()),
    (Can.BAR_HISTORY, _minutes),
)


_BROKEN: dict[str, tuple[Breakage, tuple[type[BaseException], ...]]] = {
    "cut": (Cut(), (Unreachable, BadPayload)),
    "closed": (Closed(), (Unreachable,)),
    "html": (Forged(_HTML, content_type="text/html"), (BadPayload,)),
    "html_error": (Forged(_HTML, 502, "text/html"), (Unreachable, BadPayload)),
    "wrong_shape": (Forged(b'{"surprise":[1,2]}'), (BadPayload,)),
    "half_json": (Forged(b'{"surprise":'), (BadPayload,)),
    "no_json": (Forged(b""), (BadPayload,)),
    "error_500": (Forged(b"{}", 500), (Unreachable, BadPayload)),
    "error_503": (Forged(b"{}", 503), (Unreachable,)),
    "unauthorised": (Forged(b"{}", 401), (AuthFailed,)),
    "too_many": (Forged(b"{}", 429, headers=(("Retry-After", "0.1"),)), (RateLimited,)),
    "refused": (Forged(b"{}", 400), (Rejected, BadPayload)),
}


@pytest.mark.parametrize("broken", _BROKEN)
async def test_a_broken_reply_to_a_read_is_one_of_our_errors(rig: Rig, broken: str) -> None:
    breakage, kinds = _BROKEN[broken]
    rig.proxy.break_every(reading, breakage)  # a client may repeat a read
    for ability, read in _READS:
        if ability not in rig.manifest.can:
            continue
        error = await rig.fails(lambda read=read: read(rig), *kinds)  # type: ignore[misc]
        if isinstance(error, RateLimited):
            assert 0 < error.retry_after_s < 5


async def test_a_refused_connection_makes_reads_unreachable(rig: Rig) -> None:
    await rig.proxy.refuse()
    for ability, read in _READS:
        if ability in rig.manifest.can:
            await rig.fails(lambda read=read: read(rig), Unreachable)  # type: ignore[misc]


async def test_instruments_step_by_positive_decimals(rig: Rig) -> None:
    rig.needs(Can.INSTRUMENTS)
    listed = await rig.adapter.instruments()
    assert listed
    assert len({it.id for it in listed}) == len(listed), "an id stands twice"
    for it in listed:
        assert venue_of(it.id) == rig.bench.venue
        assert symbol_of(it.id)
        assert it.venue_key
        steps = [it.quantity_step, it.multiplier, *(band.tick for band in it.tick_table)]
        for step in steps:
            assert isinstance(step, Decimal)
            assert step > 0
        assert it.tick_table == tuple(sorted(it.tick_table, key=lambda band: band.floor))
        assert it.max_quantity is None or it.max_quantity >= it.min_quantity
        match it.kind:
            case ContractKind.SPOT | ContractKind.LINEAR:
                assert it.settle == it.quote
            case ContractKind.INVERSE:
                assert it.settle == it.base


async def test_a_book_snapshot_is_sorted_and_not_crossed(rig: Rig) -> None:
    rig.needs(Can.BOOK_SNAPSHOT)
    book = await rig.adapter.book_snapshot(rig.instrument.id)
    assert book.snapshot
    assert book.instrument == rig.instrument.id
    bids = [Decimal(price) for price, _ in book.bids]
    asks = [Decimal(price) for price, _ in book.asks]
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    assert all(Decimal(quantity) > 0 for _, quantity in [*book.bids, *book.asks])


async def test_balances_are_exact_and_name_each_asset_once(rig: Rig) -> None:
    rig.needs(Can.BALANCES)
    balances = await rig.adapter.balances()
    assert len({it.asset for it in balances}) == len(balances)
    for it in balances:
        assert it.account == rig.context.account
        assert isinstance(it.total, Decimal)
        assert 0 <= it.held <= it.total


async def test_server_time_is_within_a_minute_of_ours(rig: Rig) -> None:
    rig.needs(Can.SERVER_TIME)
    before_ns = rig.context.clock.time_ns()
    server_ns = await rig.adapter.server_time_ns()
    after_ns = rig.context.clock.time_ns()
    assert before_ns - _MINUTE_NS < server_ns < after_ns + _MINUTE_NS


async def test_bars_are_whole_and_oldest_first(rig: Rig) -> None:
    rig.needs(Can.BAR_HISTORY)
    bars = await _minutes(rig)
    assert (bars.instrument, bars.width_ns) == (rig.instrument.id, _MINUTE_NS)
    assert len(bars)
    starts = list(bars.start_time_ns)
    assert starts == sorted(set(starts)), "a bar stands twice, or out of order"
    for bar in bars:
        assert bar.start_time_ns % _MINUTE_NS == 0
        assert bar.low <= min(bar.open, bar.close)
        assert bar.high >= max(bar.open, bar.close)
        assert bar.volume >= 0


async def test_a_bar_that_is_not_closed_is_not_told(rig: Rig) -> None:
    rig.needs(Can.BAR_HISTORY)
    asked_ns = rig.context.clock.time_ns()
    newest = list(await _minutes(rig))[-1]
    assert newest.end_time_ns <= max(asked_ns, rig.context.clock.time_ns())


async def test_bars_begin_in_the_time_asked_for_its_end_left_out(rig: Rig) -> None:
    rig.needs(Can.BAR_HISTORY)
    ten = await _minutes(rig, count=10, back=5)
    first_ns, last_ns = ten.start_time_ns[0], ten.start_time_ns[-1]
    asked = rig.adapter.bars(
        rig.instrument.id, _MINUTE_NS, start_ns=first_ns, end_ns=last_ns
    )
    assert list((await asked).start_time_ns) == list(ten.start_time_ns)[:-1]
    asked = rig.adapter.bars(
        rig.instrument.id, _MINUTE_NS, start_ns=first_ns + 1, end_ns=last_ns + 1
    )
    assert list((await asked).start_time_ns) == list(ten.start_time_ns)[1:]
    asked = rig.adapter.bars(
        rig.instrument.id, _MINUTE_NS, start_ns=last_ns, end_ns=last_ns
    )
    assert not len(await asked)


async def test_bars_come_in_pages_that_join(rig: Rig) -> None:
    """More than any page holds: what is asked for again behind the last one follows on."""
    rig.needs(Can.BAR_HISTORY)
    end_ns = rig.context.clock.time_ns() // _MINUTE_NS * _MINUTE_NS
    start_ns, starts = end_ns - 1500 * _MINUTE_NS, []
    while len(
        page := await rig.adapter.bars(
            rig.instrument.id, _MINUTE_NS, start_ns=start_ns, end_ns=end_ns
        )
    ):
        starts += page.start_time_ns
        start_ns = page.start_time_ns[-1] + 1
    assert starts == sorted(set(starts))
    half = starts[len(starts) // 2 :]
    again = rig.adapter.bars(rig.instrument.id, _MINUTE_NS, start_ns=half[0], end_ns=end_ns)
    told = list((await again).start_time_ns)
    assert told
    assert told == half[: len(told)], "a page begins where it was asked to"


async def test_a_width_of_bars_that_is_not_there_is_unavailable(rig: Rig) -> None:
    rig.needs(Can.BAR_HISTORY)
    await rig.fails(
        lambda: rig.adapter.bars(rig.instrument.id, 7, start_ns=0, end_ns=_MINUTE_NS),
        Unavailable,
    )
