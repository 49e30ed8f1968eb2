"""A desk in a `with`: its loop is in a thread, and everything comes back as it would awaited."""

import threading
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from crossdock.app.doors.user import DeskOpening, UserDesk
from crossdock.errors import DeskError, RiskRefused

THREAD = "crossdock desk"


@pytest.fixture
def opened(toy, clock, open_toy_desk):
    """Open a desk in memory with `with`; tells how its life ended."""
    ends = []
    venue = toy.Venue(clock)

    @asynccontextmanager
    async def make():
        try:
            async with open_toy_desk(venue) as desk:
                yield UserDesk(desk)
        except BaseException as error:
            ends.append(error)
            raise
        ends.append(None)

    opening = DeskOpening(make)
    opening.ends, opening.venue = ends, venue
    yield opening
    assert THREAD not in {thread.name for thread in threading.enumerate()}


def test_a_script_buys_and_looks_without_an_event_loop(opened):
    with opened as desk:
        book = desk.book("BTC/USDT")
        assert (book.symbol, book.bid, book.ask) == (
            "BTC/USDT",
            Decimal("99.9"),
            Decimal("100.1"),
        )
        assert (book.bid_quantity, book.ask_quantity) == (1000, 1000)
        assert book.venues == ("alpha",)
        assert len(book.levels("asks")) == 1
        order = desk.buy("BTC/USDT", "1", limit="99")
        assert order.view.request.account == "main"
        assert "buy 1 BTC/USDT@alpha" in repr(order)
        [row] = desk.orders()
        assert row["order_id"] == order.id
        assert desk.sell("BTC/USDT", "1", limit="120").status in ("Sent", "New")
        assert {row["account"] for row in desk.positions()} == {"main"}
        assert desk.fills() == []
        assert desk.status()["accounts"][0]["venue"] == "alpha"
        assert desk.books()[0]["bid"] == "99.9"
        assert "BTC/USDT on alpha" in repr(book)
        for shown in (book, order, desk.positions()):
            assert shown._repr_html_().startswith("<table>")
    assert opened.ends == [None]


def test_errors_come_out_as_they_are(opened):
    with opened as desk:
        with pytest.raises(RiskRefused):
            desk.buy("BTC/USDT", "9999")
        with pytest.raises(TypeError, match="never a float"):
            desk.buy("BTC/USDT", 0.1)
        with pytest.raises(DeskError, match="no account trades"):
            desk.book("DOGE/USDT")
        with pytest.raises(TimeoutError):
            desk.buy("BTC/USDT", "1", limit="99").filled(timeout_s=0)


@pytest.mark.parametrize(
    "error", [ValueError("mine"), KeyboardInterrupt(), StopIteration()]
)
def test_what_ends_the_block_closes_the_desk_and_goes_on_its_way(opened, error):
    with pytest.raises(type(error)) as raised, opened as desk:
        desk.positions()
        raise error
    assert raised.value is error
    [told] = opened.ends
    assert told is error or isinstance(told, RuntimeError)


def test_a_desk_that_cannot_be_opened_says_so_and_leaves_no_thread():
    @asynccontextmanager
    async def make():
        raise DeskError("no venue")
        yield

    with pytest.raises(DeskError, match="no venue"), DeskOpening(make):
        pass
    assert THREAD not in {thread.name for thread in threading.enumerate()}


def test_a_desk_that_fails_to_close_says_so():
    @asynccontextmanager
    async def make():
        yield None
        raise DeskError("the journal broke")

    with pytest.raises(DeskError, match="the journal broke"), DeskOpening(make):
        pass


def test_a_closed_desk_answers_nothing(opened):
    with opened as desk:
        book = desk.book("BTC/USDT")
    for ask in (desk.positions, lambda: book.ask, lambda: desk.buy("BTC/USDT", 1)):
        with pytest.raises(DeskError) as refused:
            ask()
        assert refused.value.code == "desk-closed"


async def test_the_same_opening_serves_async_with(opened):
    async with opened as desk:
        assert isinstance(desk, UserDesk)
        assert (await desk.book("BTC/USDT")).ask
    assert opened.ends == [None]


async def test_a_desk_that_was_awaited_stays_open_until_it_is_closed(opened):
    """As over the cells of a notebook."""
    desk = await opened
    assert (await desk.book("BTC/USDT")).ask
    assert opened.ends == []
    await desk.close()
    await desk.close()
    assert opened.ends == [None]


async def test_a_with_works_where_a_loop_runs_already(opened):
    """As in a notebook's cell."""
    with opened as desk:
        assert desk.book("BTC/USDT").ask
