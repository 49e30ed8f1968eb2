"""The top of a book: when it may be acted on, and that a change of that is told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.doors.watching.market_topics import Books
from crossdock.core.risk import LimitBook
from crossdock.model import Quote

BTC = "BTC/USDT@alpha"


def quoted(desk, bid=88.0, ask=90.0):
    now = desk.kernel.clock.time_ns()
    desk.markets.quotes([Quote(BTC, bid, 1.0, ask, 1.0, now, now)])


def lost(desk):
    desk.markets.market_gap([BTC], "lost")


def top(desk):
    [row] = desk.operations.books()
    return row["ready"], row["bid"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([], (True, "99.9")),
        ([quoted], (True, "99.9")),
        ([quoted, lost], (False, None)),
        ([quoted, lost, lost], (False, None)),
        ([lost, quoted], (True, "88.0")),
        ([lost, quoted, lost], (False, None)),
        ([lost, quoted, lost, quoted], (True, "88.0")),
    ],
)
async def test_a_gapped_book_falls_back_only_on_a_quote_that_came_after_the_gap(
    venue, open_toy_desk, steps, told
):
    async with open_toy_desk(venue) as desk:
        for step in steps:
            step(desk)
        assert top(desk) == told


def allow_quotes_of(desk, stale_after_s):
    desk.gate.limits = LimitBook(
        replace(desk.gate.limits.base, stale_after_s=stale_after_s)
    )


async def test_a_quote_too_old_to_be_traded_on_is_not_ready_and_that_is_told(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        allow_quotes_of(desk, Decimal(10))
        lost(desk)
        quoted(desk)
        books = Books(desk)
        [row] = books.news().data
        assert row["ready"]
        clock.step(10)
        assert books.news() is None and top(desk) == (True, "88.0")
        clock.step(0.001)
        [row] = books.news().data
        assert (row["ready"], row["bid"]) == (False, "88.0")
        assert books.news() is None and top(desk) == (False, "88.0")


async def test_without_a_limit_of_age_a_quote_is_ready_until_something_is_lost(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        allow_quotes_of(desk, None)
        lost(desk)
        quoted(desk)
        clock.step(86_400)
        assert top(desk) == (True, "88.0")
