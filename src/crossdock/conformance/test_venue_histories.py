"""Histories: told whole and once, however many pages the venue tells them in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.conformance.bench import BusyBench
from crossdock.conformance.rig import Rig
from crossdock.model import AccountEvent, Fill
from crossdock.ports import Can

pytestmark = pytest.mark.asyncio

_MOST_PAGES = 50
_BURSTS, _AT_ONCE = 5, 26  # more than a page in all, and less of one moment
_AMOUNT = Decimal(777)


async def _events(rig: Rig, cursor: str) -> tuple[list[AccountEvent], str]:
    """Read every event behind a cursor, until the venue proves there are no more."""
    events: list[AccountEvent] = []
    for _ in range(_MOST_PAGES):
        page = await rig.adapter.account_events_after(cursor)
        events += page.events
        cursor = page.cursor
        if page.complete:
            return events, cursor
    pytest.fail(f"the events are not complete after {_MOST_PAGES} pages")


async def _fills(rig: Rig, cursor: str) -> tuple[list[Fill], str]:
    fills: list[Fill] = []
    for _ in range(_MOST_PAGES):
        page = await rig.adapter.fills_after(cursor)
        fills += page.fills
        cursor = page.cursor
        if page.complete:
            return fills, cursor
    pytest.fail(f"the fills are not complete after {_MOST_PAGES} pages")


def _busy(rig: Rig) -> BusyBench:
    if not isinstance(rig.bench, BusyBench):
        pytest.skip(f"nobody is busy at the peer of {rig.manifest.id}")
    return rig.bench


async def test_a_deposit_before_more_trades_than_a_page_is_told_once(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_HISTORY)
    bench = _busy(rig)
    cursor = await rig.adapter.account_event_cursor()
    asset = await bench.deposit(_AMOUNT)
    await bench.trade_much()
    events, cursor = await _events(rig, cursor)
    assert [(it.asset, it.amount) for it in events] == [(asset, _AMOUNT)]
    assert (await _events(rig, cursor))[0] == []


async def test_of_more_deposits_than_a_page_each_is_told_once(rig: Rig) -> None:
    rig.needs(Can.ACCOUNT_HISTORY)
    bench = _busy(rig)
    cursor = await rig.adapter.account_event_cursor()
    await bench.deposit(_AMOUNT)
    for _ in range(_BURSTS):
        await bench.deposit(Decimal(1), times=_AT_ONCE)
    events, cursor = await _events(rig, cursor)
    assert len({it.event_id for it in events}) == len(events)
    assert sum(it.amount for it in events) == _AMOUNT + _BURSTS * _AT_ONCE
    assert (await _events(rig, cursor))[0] == []


async def test_of_more_fills_than_a_page_each_is_told_once(rig: Rig) -> None:
    rig.needs(Can.SUBMIT, Can.FILL_HISTORY)
    bench = _busy(rig)
    await rig.adapter.submit(await rig.new_order(crossing=True))  # it deals there now
    fills, cursor = await _fills(rig, "")
    assert len(fills) == 1
    await bench.trade_much()
    fills, cursor = await _fills(rig, cursor)
    known = set((await rig.bench.executions())[1:])
    assert sorted(it.execution_id for it in fills) == sorted(known)
    assert (await _fills(rig, cursor))[0] == []
