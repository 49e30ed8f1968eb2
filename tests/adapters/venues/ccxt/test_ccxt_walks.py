"""A list of orders is read to its end, or it says that it was not."""

import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.abilities.walks import (
    ReadsOrderLists,
    Walk,
    speaks_of,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import OrderList, Pages


def listed(**more):
    return OrderList(method="ask", page=3, pages=Pages(rows_path="rows", **more))


BY_CURSOR = listed(cursor_param="cursor", cursor_path="next")
BY_COUNT = listed(offset_param="skip", total_path="total")
BY_OFFSET = listed(offset_param="skip")
AS_A_WHOLE = listed()
BY_TIME = replace(AS_A_WHOLE, until_param="until")
WAYS = {
    "cursor": BY_CURSOR,
    "count": BY_COUNT,
    "offset": BY_OFFSET,
    "time": BY_TIME,
}


class Exchange:
    """Lists rows, newest first, three at a time, in every way of paging that is asked for."""

    def __init__(self, times=(), arriving=0, short_by=0):
        self.rows = [row(f"o{i}", at) for i, at in enumerate(sorted(times, reverse=True))]
        self.arriving, self.short_by = arriving, short_by
        self.asked = []
        self.driver = self
        self.session = self
        self.manifest = SimpleNamespace(name="Somewhere")

    async def ask(self, symbol, since_ms, limit, params):
        self.asked.append((symbol, since_ms, limit, params))
        if self.arriving and len(self.asked) > 1:  # something ends meanwhile
            self.arriving -= 1
            self.rows.insert(0, row(f"new{self.arriving}", 10_000 + len(self.asked)))
        rows = self.rows
        if "until" in params:
            rows = [it for it in rows if it["timestamp"] <= params["until"]]
        if "cursor" in params:
            rows = rows[len(rows) - int(params["cursor"]) :]
        rows = rows[params.get("skip", 0) :]
        page = rows[: limit - self.short_by]
        left = len(rows) - len(page)
        return page, {"rows": page, "next": str(left or ""), "total": len(self.rows)}

    async def listed(self, what, ask):
        return await ask()


def row(name, at):
    return {"id": name, "timestamp": at, "info": {"changed": str(at)}}


async def read(exchange, of, **more):
    walk = Walk(exchange, of, symbol="BTC/USD", params={}, **more)
    seen = set()
    while (page := await walk.page()) is not None:
        seen |= {it["id"] for it in page[0]}
    return seen, walk.problem


@pytest.mark.parametrize("way", WAYS)
@given(
    times=st.lists(st.integers(0, 9), max_size=12),
    arriving=st.integers(0, 3),
    short_by=st.integers(0, 1),
)
@settings(max_examples=60, deadline=None)
async def test_a_walk_sees_every_row_or_says_that_it_did_not(
    way, times, arriving, short_by
):
    if way == "time" and short_by:
        times = set(times)  # of one moment, what a short page leaves out cannot be known
    exchange = Exchange(times, arriving, short_by)
    there = {it["id"] for it in exchange.rows}
    seen, problem = await read(exchange, WAYS[way])
    assert problem or there <= seen
    if way != "time":
        assert not problem


async def test_a_full_page_without_a_way_on_is_not_the_end():
    for count, whole in ((0, True), (2, True), (3, False), (7, False)):
        _, problem = await read(Exchange(range(count)), AS_A_WHOLE)
        assert (not problem) is whole


async def test_a_page_full_of_one_moment_is_not_the_end():
    seen, problem = await read(Exchange([5, 5, 5, 5, 1]), BY_TIME)
    assert "o4" not in seen
    assert "one moment" in problem


async def test_a_cursor_that_leads_in_a_circle_is_not_the_end():
    exchange = Exchange(range(9))

    async def ask(*_):
        return [row("o1", 1)], {"rows": [1], "next": "again"}

    exchange.ask = ask
    _, problem = await read(exchange, BY_CURSOR)
    assert "leads nowhere" in problem


async def test_a_page_that_says_more_follows_and_not_where_is_not_the_end():
    exchange = Exchange()

    async def ask(*_):
        return [], {"rows": [], "next": "", "more": True}

    exchange.ask = ask
    _, problem = await read(exchange, replace(BY_CURSOR, more_path="more"))
    assert "leads nowhere" in problem


async def test_a_list_that_is_shorter_than_its_count_is_not_the_end():
    exchange = Exchange()

    async def ask(*_):
        return [], {"rows": [], "total": 7}

    exchange.ask = ask
    _, problem = await read(exchange, BY_COUNT)
    assert "fewer" in problem


async def test_a_walk_ends_where_all_of_a_page_changed_before_the_order_was_made():
    of = replace(BY_OFFSET, takes_since=False, changed_path="changed")
    exchange = Exchange(range(100))
    seen, problem = await read(exchange, of, since_ms=90)
    assert not problem
    assert {f"o{i}" for i in range(10)} <= seen
    assert len(exchange.asked) < 7
    assert all(asked[1] is None for asked in exchange.asked)


async def test_what_was_made_long_ago_does_not_end_a_walk():
    """It may have ended just now, before what was made since in the list."""
    exchange = Exchange(range(9))
    seen, _ = await read(exchange, BY_CURSOR, since_ms=8)
    assert len(seen) == 9
    assert exchange.asked[0][1] == 8


@pytest.mark.parametrize(
    ("reply", "names", "speaks"),
    [
        ({"a": [{"cid": 12345}]}, {"12345"}, True),
        ({"a": [{"cid": 123456}]}, {"12345"}, False),
        ({"order-1": {}}, {"order-1"}, True),
        ([["x", None, "tag-0123456789ab"]], {"0123456789ab"}, True),
        ({"a": "b"}, {""}, False),
    ],
)
def test_a_reply_speaks_of_an_order_by_its_id_alone(reply, names, speaks):
    assert speaks_of(reply, names) is speaks


def test_a_row_that_cannot_be_read_is_told_once(caplog):
    context = SimpleNamespace(account="main")
    lists = object.__new__(ReadsOrderLists)
    told = []
    lists.context, lists._unread = context, {}
    lists.health = SimpleNamespace(gap=told.append)
    with caplog.at_level(logging.WARNING):
        for name in ("7", "7", "8"):
            lists.tell_unread({"id": name}, "no quantity")
    assert len(told) == len(caplog.records) == 2
    assert "(7)" in caplog.text


def test_a_list_that_was_not_read_to_its_end_is_told_of_in_its_own_words(caplog):
    lists = object.__new__(ReadsOrderLists)
    told = []
    lists.context, lists._unread = SimpleNamespace(account="main"), {}
    lists.health = SimpleNamespace(gap=told.append)
    walk = Walk(Exchange(), AS_A_WHOLE, symbol=None, params={})
    walk._hidden("a full page")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            lists.tell_hidden(walk)
    assert told == ["Somewhere does not list all of the orders: a full page"]
    assert [it.getMessage() for it in caplog.records] == [f"main: {told[0]}"]


@pytest.mark.parametrize("of", [BY_COUNT, BY_OFFSET, BY_TIME, AS_A_WHOLE])
async def test_rows_that_do_not_stand_where_they_are_counted_are_not_the_end(of):
    elsewhere = replace(of, pages=replace(of.pages, rows_path="elsewhere"))
    _, problem = await read(Exchange(range(9)), elsewhere)
    assert "where they are counted" in problem
    _, problem = await read(Exchange(), elsewhere)
    assert not problem
