"""Histories are read whole, each row once, whatever the exchange's pages look like."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.timeline import Row, Strand, Timeline
from crossdock.errors import BadPayload, RateLimited

_NOW_MS = 1_700_000_000_000
_LAG_MS = 5_000


class _List:
    """An exchange's list: (time, id) in order, answered by time or by id, in pages."""

    def __init__(self, times: list[int], page: int, *, newest_first: bool = False) -> None:
        self.rows = [Row(time, str(at + 1), None) for at, time in enumerate(sorted(times))]
        self.page = page
        self.newest_first = newest_first
        self.asked = 0

    async def ask(self, since_ms, until_ms, behind):
        self.asked += 1
        if behind:
            found = [row for row in self.rows if int(row.id) >= int(behind)]
            return found[: self.page]
        found = [
            row
            for row in self.rows
            if (since_ms is None or row.time_ms >= since_ms)
            and (until_ms is None or row.time_ms < until_ms)
        ]
        takes_newest = self.newest_first or since_ms is None
        return found[-self.page :] if takes_newest else found[: self.page]

    def strand(self, key: str = "", **more) -> Strand:
        return Strand(
            key=key, ask=self.ask, page=self.page, newest_first=self.newest_first, **more
        )


def _timeline(oldest_ms: int = 0) -> Timeline:
    return Timeline(lambda: _NOW_MS, _LAG_MS, oldest_ms)


async def _all(timeline, strands, cursor=""):
    rows = []
    for _ in range(500):
        page = await timeline.page(strands, cursor)
        rows += page.rows
        cursor = page.cursor
        if page.complete:
            return rows, cursor
    raise AssertionError("it has no end")


_times = st.lists(st.integers(0, 200_000), max_size=40).map(
    lambda ages: [_NOW_MS - age * 10 for age in ages]
)


@settings(max_examples=120, deadline=None)
@given(times=_times, page=st.integers(8, 20), windows=st.booleans(), newest=st.booleans())
@example(times=[_NOW_MS - age for age in range(9)], page=8, windows=False, newest=False)
def test_every_row_is_told_once_and_oldest_first(times, page, windows, newest):
    times = sorted(set(times))  # of one moment a page may hold only some

    async def run():
        held = _List(times, page, newest_first=newest)
        strand = held.strand(window_ms=500_000 if windows else 0)
        rows, cursor = await _all(_timeline(3_000_000), [strand])
        assert [row.id for row in rows] == [row.id for row in held.rows]
        again = await _timeline().page([strand], cursor)
        assert (again.rows, again.cursor, again.complete) == ((), cursor, True)

    asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(times=_times, page=st.integers(1, 7))
def test_by_id_pages_may_be_of_any_size_and_hold_any_number_of_one_moment(times, page):
    async def run():
        held = _List([time // 1000 * 1000 for time in times], page + 1)
        strand = held.strand(by_id=True, first_id="0")
        rows, _ = await _all(_timeline(), [strand])
        assert [row.id for row in rows] == [row.id for row in held.rows]

    asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(times=_times, later=st.lists(st.integers(0, 400), max_size=5), by_id=st.booleans())
def test_the_newest_cursor_stands_behind_everything_and_before_what_comes(
    times, later, by_id
):
    async def run():
        held = _List(times, 1000)
        strand = held.strand(by_id=by_id, first_id="0")
        timeline = _timeline()
        cursor = await timeline.newest([strand], _NOW_MS)
        assert await timeline.newest([strand], _NOW_MS) == cursor
        assert not (await timeline.page([strand], cursor)).rows
        count = len(held.rows)
        newest = max((row.time_ms for row in held.rows), default=_NOW_MS)
        held.rows += [
            Row(newest + late, str(count + at + 1), None)
            for at, late in enumerate(sorted(later))
        ]
        rows, _ = await _all(timeline, [strand], cursor)
        assert [row.id for row in rows] == [row.id for row in held.rows[count:]]

    asyncio.run(run())


class _Arriving(_List):
    """Deposits that are listed from their begin and are done at a later round, or never."""

    def __init__(self, times, page, done_at, **more):
        super().__init__(times, page, **more)
        self.done_at = dict(zip((row.id for row in self.rows), done_at, strict=False))
        self.round = 0

    async def ask(self, since_ms, until_ms, behind):
        return [
            Row(row.time_ms, row.id, None, under_way=self.done_at[row.id] > self.round)
            for row in await super().ask(since_ms, until_ms, behind)
        ]


_NEVER = 99


@settings(max_examples=150, deadline=None)
@given(
    times=_times,
    done_at=st.lists(st.sampled_from([0, 1, 2, 3, _NEVER]), min_size=40, max_size=40),
    page=st.integers(8, 20),
    windows=st.booleans(),
    newest=st.booleans(),
    baseline=st.booleans(),
)
def test_what_is_under_way_is_told_once_and_when_it_is_done(
    times, done_at, page, windows, newest, baseline
):
    times = sorted(set(times))

    async def run():
        held = _Arriving(times, page, done_at, newest_first=newest)
        strand = held.strand(window_ms=500_000 if windows else 0)
        timeline, cursor, told, known = _timeline(3_000_000), "", [], set()
        if baseline:
            every, begun_ms = held.rows, _NOW_MS - 500_000
            held.rows = [row for row in every if row.time_ms < begun_ms]
            first = await held.ask(None, None, "")
            cursor = await timeline.newest([strand], begun_ms)
            awaited = {row.id for row in first if row.under_way}
            known = {row.id for row in held.rows} - awaited
            held.rows = every
        for held.round in range(5):
            rows, cursor = await _all(timeline, [strand], cursor)
            told += [row.id for row in rows]
            assert len(told) == len(set(told))
            done = {key for key, at in held.done_at.items() if at <= held.round}
            assert set(told) == done - known

    asyncio.run(run())


async def test_a_deposit_that_was_pending_is_told_although_later_rows_came_first():
    held = _Arriving([_NOW_MS - 900_000, _NOW_MS - 600_000], 50, [2, 0])
    held.round = 1
    timeline, strand = _timeline(), held.strand()
    rows, cursor = await _all(timeline, [strand])
    assert [row.id for row in rows] == ["2"]
    asked = held.asked
    assert (await timeline.page([strand], cursor)).complete
    assert held.asked == asked + 2  # where it stands, and where all that is new does
    held.round = 2
    rows, cursor = await _all(timeline, [strand], cursor)
    assert [row.id for row in rows] == ["1"]
    asked = held.asked
    assert (await timeline.page([strand], cursor)).complete
    assert held.asked == asked + 1


async def test_a_deposit_whose_time_changes_as_it_arrives_is_told_once():
    held = _Arriving([_NOW_MS - 900_000, _NOW_MS - 600_000], 50, [2, 0])
    held.round = 1
    timeline, strand = _timeline(), held.strand()
    _, cursor = await _all(timeline, [strand])
    held.round = 2
    held.rows = [held.rows[1], Row(_NOW_MS - 1000, "1", None)]
    rows, cursor = await _all(timeline, [strand], cursor)
    assert [row.id for row in rows] == ["1"]
    assert (await timeline.page([strand], cursor)).complete


async def test_what_never_arrives_is_not_asked_for_for_ever():
    held = _Arriving([_NOW_MS - 91 * 86_400_000, _NOW_MS - 600_000], 50, [_NEVER, 0])
    held.round = 1
    timeline, strand = _timeline(), held.strand()
    _, cursor = await _all(timeline, [strand])
    asked = held.asked
    assert (await timeline.page([strand], cursor)).complete
    assert held.asked == asked + 1


async def test_a_row_that_becomes_visible_late_is_told():
    held = _List([_NOW_MS - 60_000, _NOW_MS - 1_000], 100)
    late = Row(_NOW_MS - 3_000, "late", None)
    timeline = _timeline()
    _, cursor = await _all(timeline, [held.strand()])
    held.rows.insert(1, late)
    rows, _ = await _all(timeline, [held.strand()], cursor)
    assert [row.id for row in rows] == ["late"]


async def test_a_strand_that_is_added_later_begins_where_the_cursor_did():
    old, new = _List([_NOW_MS - 50_000], 100), _List([_NOW_MS - 900_000, _NOW_MS], 100)
    timeline = _timeline()
    cursor = await timeline.newest([old.strand("BTC")], _NOW_MS - 50_000)
    rows, cursor = await _all(timeline, [old.strand("BTC"), new.strand("ETH")], cursor)
    assert [row.time_ms for row in rows] == [_NOW_MS], "the past before it is not news"


async def test_strands_are_told_together_in_order_of_time():
    first, second = _List([1_000, 3_000], 9), _List([2_000, 4_000], 9)
    rows, _ = await _all(_timeline(), [first.strand("a"), second.strand("b")])
    assert [row.time_ms for row in rows] == [1_000, 2_000, 3_000, 4_000]


async def test_a_page_full_of_one_moment_is_refused_instead_of_skipped():
    held = _List([_NOW_MS] * 5, 3)
    with pytest.raises(BadPayload, match="one moment"):
        await _all(_timeline(), [held.strand()])
    held = _List([_NOW_MS] * 5, 3, newest_first=True)
    with pytest.raises(BadPayload, match="one moment"):
        await _all(_timeline(), [held.strand()])


async def test_newest_first_without_an_end_to_ask_for_is_refused():
    held = _List([_NOW_MS - at for at in range(9)], 3, newest_first=True)
    with pytest.raises(BadPayload, match="no way"):
        await _all(_timeline(), [held.strand(takes_until=False)])


async def test_a_long_silence_takes_pages_and_not_one_endless_call():
    held = _List([], 100)
    strand = held.strand(window_ms=86_400_000)
    timeline = _timeline(oldest_ms=100 * 86_400_000)
    page = await timeline.page([strand], "")
    assert not page.complete
    assert held.asked <= 20
    rows, cursor = await _all(timeline, [strand], page.cursor)
    assert not rows
    assert (await timeline.page([strand], cursor)).complete


@pytest.mark.parametrize("cursor", ["x", "{}", '{"begun_ms":"a"}', "[]"])
async def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(BadPayload):
        await _timeline().page([_List([], 1).strand()], cursor)


_DAY_MS = 86_400_000


@settings(max_examples=40, deadline=None)
@given(
    window_days=st.sampled_from([0, 1, 2, 7, 89]),
    newest=st.booleans(),
    by_id=st.booleans(),
    traded=st.sets(st.integers(0, 399), max_size=6),
    hours=st.sampled_from([1, 6, 24, 60]),
)
@example(window_days=1, newest=False, by_id=True, traded=set(), hours=24)
@example(window_days=7, newest=True, by_id=False, traded={0}, hours=24)
def test_an_idle_list_costs_the_same_on_every_day(
    window_days, newest, by_id, traded, hours
):
    """However long nothing comes, and whatever came before: what does come is told."""

    async def run():
        now = [_NOW_MS]
        held = _List([], 1000, newest_first=newest)
        timeline = Timeline(lambda: now[0], _LAG_MS, 0)
        strand = held.strand(window_ms=window_days * _DAY_MS, by_id=by_id, first_id="0")
        cursor = await timeline.newest([strand], now[0] - 120_000)
        told = []
        for day in range(400):
            if day in traded:
                late_ms = 60_000  # its time was a minute ago, and it shows now
                held.rows.append(Row(now[0] - late_ms, str(len(held.rows) + 1), None))
            rows, cursor = await _all(timeline, [strand], cursor)
            told += rows
            held.asked = 0
            page = await timeline.page([strand], cursor)
            assert (page.rows, page.complete) == ((), True)
            assert held.asked <= 1 + -(-hours // (24 * (window_days or 1000)))
            cursor = page.cursor
            now[0] += hours * 3_600_000
        assert told == held.rows

    asyncio.run(run())


async def test_a_list_at_rest_keeps_its_cursor_for_hours():
    now = [_NOW_MS]
    held = _List([_NOW_MS - 1000], 100)
    timeline, strand = Timeline(lambda: now[0], _LAG_MS, 0), held.strand(window_ms=_DAY_MS)
    first = await timeline.newest([strand], _NOW_MS)
    cursors = []
    for _ in range(10_000):  # audits of a day, and some hours
        page = await timeline.page([strand], cursors[-1] if cursors else first)
        assert page.complete
        if page.cursor not in cursors:
            cursors.append(page.cursor)
        now[0] += 10_000
    assert len(cursors) <= 4


async def test_what_is_pending_outlasts_the_rest_of_its_list():
    now = [_NOW_MS]
    held = _Arriving([_NOW_MS - 900_000], 50, [2])
    timeline, strand = Timeline(lambda: now[0], _LAG_MS, 0), held.strand(window_ms=_DAY_MS)
    held.round = 1
    _, cursor = await _all(timeline, [strand])
    for _ in range(30):
        now[0] += _DAY_MS
        rows, cursor = await _all(timeline, [strand], cursor)
        assert not rows
    held.round = 2
    rows, cursor = await _all(timeline, [strand], cursor)
    assert [row.id for row in rows] == ["1"]


@pytest.mark.parametrize("by_id", [False, True])
async def test_two_rows_of_one_number_are_two(by_id):
    """Both halves of a trade with oneself have the trade's number."""
    held = _List([_NOW_MS - 9000, _NOW_MS - 8000], 100)
    halves = [Row(_NOW_MS - 7000, f"{order}:3", None, number="3") for order in "ab"]
    timeline = _timeline()

    async def numbered(since_ms, until_ms, behind):
        whole = [row for row in held.rows if int(row.number or row.id) >= int(behind or 0)]
        return [it for it in whole if since_ms is None or it.time_ms >= since_ms]

    strand = Strand(key="", ask=numbered, page=100, by_id=by_id, first_id="0")
    rows, cursor = await _all(timeline, [strand])
    assert [row.id for row in rows] == ["1", "2"]
    held.rows.append(halves[0])
    rows, cursor = await _all(timeline, [strand], cursor)
    assert rows == halves[:1]
    held.rows.append(halves[1])  # the page was cut between them
    rows, cursor = await _all(timeline, [strand], cursor)
    assert rows == halves[1:]
    assert (await timeline.page([strand], cursor)).complete


async def test_what_is_read_forward_begins_before_the_baseline_and_not_at_the_oldest():
    held = _List([_NOW_MS - age * _DAY_MS for age in range(1, 40)], 5)

    async def forward(since_ms, until_ms, behind):
        assert since_ms is not None, "asked for no time it would list the oldest"
        return await held.ask(since_ms, until_ms, behind)

    strand = Strand(key="", ask=forward, page=5, wants_since=True)
    timeline = _timeline()
    cursor = await timeline.newest([strand], _NOW_MS)
    held.rows.append(Row(_NOW_MS, "99", None))
    rows, _ = await _all(timeline, [strand], cursor)
    assert [row.id for row in rows] == ["99"]
    rows, _ = await _all(timeline, [strand])
    assert len(rows) == 40


class _Budget:
    """So many calls a minute, in a time that passes only where it is waited for."""

    def __init__(self, calls: int) -> None:
        self.calls = self.left = calls
        self.now_ms = _NOW_MS

    def spend(self) -> None:
        if not self.left:
            raise RateLimited("no room", retry_after_s=60.0)
        self.left -= 1

    def wait(self) -> None:
        self.now_ms += 60_000
        self.left = self.calls

    def limits(self, held: _List, key: str, **more) -> Strand:
        async def ask(since_ms, until_ms, behind):
            self.spend()
            return await held.ask(since_ms, until_ms, behind)

        return Strand(key=key, ask=ask, page=held.page, **more)


async def _all_within(budget, timeline, strands, cursor, *, most, until=None):
    """Read to the end as a caller does that tries again each minute."""
    rows = []
    for _ in range(most):
        try:
            while True:
                page = await timeline.page(strands, cursor)
                assert page.complete or page.cursor != cursor
                rows += page.rows
                cursor = page.cursor
                if page.complete or (until is not None and len(rows) >= until):
                    return rows
        except RateLimited:
            budget.wait()
    raise AssertionError("it has no end")


_SYMBOLS = 15
_AGES = st.lists(st.integers(0, 30 * 24 * 60 - 1), max_size=6, unique=True)


@settings(max_examples=25, deadline=None)
@given(
    ages=st.lists(_AGES, min_size=_SYMBOLS, max_size=_SYMBOLS),
    calls=st.integers(_SYMBOLS, 60),
    windows=st.booleans(),
)
@example(ages=[[]] * _SYMBOLS, calls=_SYMBOLS, windows=True)
@example(ages=[[]] * _SYMBOLS, calls=240, windows=True)
def test_a_rate_limit_takes_no_progress_back(ages, calls, windows):
    async def run():
        budget = _Budget(calls)
        lists = [_List([_NOW_MS - age * 60_000 for age in each], 20) for each in ages]
        strands = [
            budget.limits(held, f"S{at}", window_ms=_DAY_MS if windows else 0)
            for at, held in enumerate(lists)
        ]
        timeline = Timeline(lambda: budget.now_ms, _LAG_MS, 0)
        begun_ms = _NOW_MS - 30 * _DAY_MS
        cursor = f'{{"begun_ms":{begun_ms},"marks":{{}}}}'
        rows = await _all_within(budget, timeline, strands, cursor, most=100)
        want = sorted(row.time_ms for held in lists for row in held.rows)
        assert sorted(row.time_ms for row in rows) == want

    asyncio.run(run())


@pytest.mark.parametrize("calls", [1, 4])
async def test_quiet_symbols_do_not_keep_a_small_budget_from_the_others(calls):
    budget = _Budget(calls)
    quiet = [budget.limits(_List([], 20), f"quiet {at}") for at in range(8)]
    busy = _List([_NOW_MS - 60_000, _NOW_MS - 1], 20)
    strands = [*quiet, budget.limits(busy, "busy")]
    timeline = Timeline(lambda: budget.now_ms, _LAG_MS, 0)
    marks = ",".join(
        f'"quiet {at}":{{"since_ms":{_NOW_MS - 3 * _DAY_MS}}}' for at in range(8)
    )
    cursor = f'{{"begun_ms":{_NOW_MS - _DAY_MS},"marks":{{{marks}}}}}'
    rows = await _all_within(budget, timeline, strands, cursor, most=20, until=2)
    assert [row.id for row in rows] == ["1", "2"]


async def test_a_rate_limit_before_anything_was_read_is_raised():
    budget = _Budget(0)
    strand = budget.limits(_List([_NOW_MS - 1], 20), "")
    with pytest.raises(RateLimited):
        await Timeline(lambda: budget.now_ms, _LAG_MS, 0).page([strand], "")


async def test_what_is_done_is_told_though_a_rate_limit_ends_the_page():
    budget = _Budget(2)
    held = _List([_NOW_MS - 2 * _DAY_MS], 20)
    strand = budget.limits(held, "")
    timeline = Timeline(lambda: budget.now_ms, _LAG_MS, 0)
    since_ms, at_ms = _NOW_MS - _DAY_MS, _NOW_MS - 2 * _DAY_MS
    mark = f'{{"since_ms":{since_ms},"under_way":{{"1":{at_ms}}}}}'
    budget.left = 1
    page = await timeline.page([strand], f'{{"begun_ms":{since_ms},"marks":{{"":{mark}}}}}')
    assert ([row.id for row in page.rows], page.complete) == (["1"], False)
    budget.wait()
    again = await timeline.page([strand], page.cursor)
    assert (again.rows, again.complete) == ((), True)
