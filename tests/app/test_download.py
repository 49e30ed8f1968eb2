"""A venue's history comes whole: interrupted anywhere and run again, nothing twice or missing."""

import asyncio
import contextlib
import random
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from crossdock.adapters.stores.journal.state import StateFiles
from crossdock.adapters.stores.parquet.store import ParquetStore
from crossdock.app.download import Fetch, Wanted
from crossdock.app.download.covered import Covered, joined
from crossdock.errors import AuthFailed, DeskError, RateLimited, Unreachable
from crossdock.model import Bar, Bars, Side, Trade
from crossdock.toolkit.clock import ManualClock
from crossdock.toolkit.retry import Backoff

MINUTE = 60 * 10**9
NAME = "BTC/USDT@alpha"
START = 1_600_000_020 * 10**9 // MINUTE * MINUTE
NOW = START + 400 * MINUTE + 17 * 10**9  # within the bar number 400


class Killed(BaseException):
    """What a kill -9 is to the code it ends: nothing after it happens."""


class Steps:
    """Ends the process at one chosen step."""

    def __init__(self, at=None):
        self.at = at
        self.count = 0

    def __call__(self, *_):
        self.count += 1
        if self.count == self.at:
            raise Killed


class History:
    """A venue with bars at some minutes, `page` at a time, the one under way included."""

    def __init__(self, minutes, page, step):
        self.minutes = sorted(minutes)
        self.page = page
        self.step = step
        self.asked = []
        self.fails = []

    async def bars(self, instrument, width_ns, *, start_ns, end_ns):
        self.step("ask")
        self.asked.append((start_ns, end_ns))
        if self.fails:
            raise self.fails.pop(0)
        found = [START + n * MINUTE for n in self.minutes]
        found = [at for at in found if start_ns <= at < end_ns][: self.page]
        self.step("answer")
        return Bars.of([_bar(at) for at in found], instrument=NAME, width_ns=width_ns)


def _bar(at):
    price = 100.0 + (at // MINUTE) % 997
    return Bar(NAME, at, MINUTE, price, price + 1, price - 1, price, 7.0)


def clock_at(now_ns):
    clock = ManualClock()
    clock.time_ns = lambda: now_ns
    return clock


def wanted(start=0, end=500):
    return Wanted(
        instrument=NAME,
        kind="bars",
        width_ns=MINUTE,
        start_ns=START + start * MINUTE,
        end_ns=START + end * MINUTE,
        source="alpha, downloaded",
    )


class Memory(StateFiles):
    """Kept state that a kill may strike before or after it is saved."""

    def __init__(self, folder, step):
        super().__init__(folder)
        self._step = step

    def save(self, key, value):
        self._step("save")
        super().save(key, value)
        self._step("saved")


def fetch_into(folder, venue, now_ns=NOW):
    step = venue.step
    return Fetch(
        venue,
        ParquetStore(folder, checkpoint=step),
        Memory(folder / ".downloads", step),
        clock_at(now_ns),
        lambda: Backoff(random.Random(1)),
    )


def stored(folder):
    return list(ParquetStore(folder).bars(NAME, MINUTE).start_time_ns)


def truth(minutes, below=400):
    return [START + n * MINUTE for n in sorted(minutes) if n < below]


MINUTES = st.sets(st.integers(0, 400), min_size=1, max_size=60)


@settings(max_examples=60)
@given(
    minutes=MINUTES, page=st.integers(1, 30), kills=st.lists(st.integers(1, 60), max_size=4)
)
def test_killed_at_any_steps_and_run_again_it_holds_every_bar_once(minutes, page, kills):
    async def run(folder):
        for at in kills:
            with contextlib.suppress(Killed):
                venue = History(minutes, page, Steps(at))
                await fetch_into(folder, venue).series(wanted())
        return await fetch_into(folder, History(minutes, page, Steps())).series(wanted())

    with tempfile.TemporaryDirectory() as name:
        done = asyncio.run(run(Path(name)))
        assert stored(Path(name)) == truth(minutes)
    assert done.changed == 0
    if not kills:
        assert (done.added, done.known) == (len(truth(minutes)), 0)


async def test_every_single_step_is_a_place_to_be_killed_at(tmp_path):
    minutes = [n for n in range(0, 400, 7) if n not in range(100, 130)]
    steps = Steps()
    whole = History(minutes, 9, steps)
    await fetch_into(tmp_path / "whole", whole).series(wanted())
    assert steps.count > 40
    for at in range(1, steps.count + 1):
        folder = tmp_path / str(at)
        with pytest.raises(Killed):
            await fetch_into(folder, History(minutes, 9, Steps(at))).series(wanted())
        await fetch_into(folder, History(minutes, 9, Steps())).series(wanted())
        assert stored(folder) == truth(minutes)


async def test_what_was_answered_is_not_asked_again_holes_of_the_venue_included(tmp_path):
    minutes = [*range(50), *range(100, 401)]
    await fetch_into(tmp_path, History(minutes, 40, Steps())).series(wanted())
    again = History(minutes, 40, Steps())
    done = await fetch_into(tmp_path, again).series(wanted())
    assert len(again.asked) <= 1, "the newest minutes may have come late"
    assert all(start >= START + 397 * MINUTE for start, _ in again.asked)
    assert (done.added, done.known) == (0, 0)
    assert done.gaps == [(START + 50 * MINUTE, START + 100 * MINUTE)]


async def test_an_unfinished_bar_is_never_stored_and_comes_when_it_is_over(tmp_path):
    venue = History(range(402), 1000, Steps())
    await fetch_into(tmp_path, venue).series(wanted())
    assert stored(tmp_path)[-1] == START + 399 * MINUTE
    later = NOW + 2 * MINUTE
    await fetch_into(tmp_path, venue, later).series(wanted())
    assert stored(tmp_path)[-1] == START + 401 * MINUTE
    assert len(stored(tmp_path)) == 402


async def test_a_bar_is_finished_by_the_venues_clock_as_well(tmp_path):
    class Slow(History):
        async def server_time_ns(self):
            return NOW - 3 * MINUTE

    await fetch_into(tmp_path, Slow(range(402), 1000, Steps())).series(wanted())
    assert stored(tmp_path)[-1] == START + 396 * MINUTE


async def test_an_earlier_since_fetches_only_what_lies_before(tmp_path):
    venue = History(range(401), 1000, Steps())
    await fetch_into(tmp_path, venue).series(wanted(200, 300))
    venue.asked.clear()
    done = await fetch_into(tmp_path, venue).series(wanted(150, 300))
    assert venue.asked == [(START + 150 * MINUTE, START + 200 * MINUTE)]
    assert done.added == 50


async def test_a_series_that_was_removed_is_fetched_anew(tmp_path):
    venue = History(range(401), 1000, Steps())
    await fetch_into(tmp_path, venue).series(wanted())
    for file in tmp_path.rglob("*"):
        if file.is_file() and ".downloads" not in file.parts:
            file.unlink()
    done = await fetch_into(tmp_path, venue).series(wanted())
    assert done.added == 400


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_memory_that_does_not_read_is_no_memory(tmp_path, damage):
    memory = StateFiles(tmp_path)
    store = ParquetStore(tmp_path / "store")
    Covered(memory, store, f"{NAME} 1m").add(0, 5)
    assert list(Covered(memory, store, f"{NAME} 1m").missing(0, 9)) == [(5, 9)]
    if damage is None:
        memory.save(f"{NAME} 1m", b"[1]")
    else:
        for file in filter(Path.is_file, tmp_path.iterdir()):
            file.write_bytes(damage)
    assert list(Covered(memory, store, f"{NAME} 1m").missing(0, 9)) == [(0, 9)]


async def test_what_may_be_repeated_is_and_limits_are_waited_for(tmp_path):
    venue = History(range(401), 1000, Steps())
    venue.fails = [Unreachable("cut"), RateLimited("too many", retry_after_s=30.0)]
    fetch = fetch_into(tmp_path, venue)
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    fetch._clock.sleep = sleep
    done = await fetch.series(wanted())
    assert (done.added, done.repeats) == (400, 2)
    assert slept[1] >= 30.0


@pytest.mark.parametrize("error", [AuthFailed("keys"), Unreachable("down")])
async def test_what_does_not_get_better_ends_it_with_all_stored_so_far(tmp_path, error):
    venue = History(range(401), 100, Steps())
    fetch = fetch_into(tmp_path, venue)

    async def sleep(seconds):
        pass

    fetch._clock.sleep = sleep
    answered = venue.bars

    async def bars(*args, **more):
        if len(venue.asked) >= 2:
            raise error
        return await answered(*args, **more)

    venue.bars = bars
    with pytest.raises(type(error)):
        await fetch.series(wanted())
    assert len(stored(tmp_path)) == 200


async def test_bars_out_of_order_are_refused(tmp_path):
    class Newest(History):
        async def bars(self, instrument, width_ns, *, start_ns, end_ns):
            found = [_bar(START + n * MINUTE) for n in (2, 1)]
            return Bars.of(found, instrument=NAME, width_ns=width_ns)

    with pytest.raises(DeskError, match="not oldest first"):
        await fetch_into(tmp_path, Newest([], 9, Steps())).series(wanted())


STRETCHES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=12,
)


@settings(max_examples=100)
@given(stretches=STRETCHES, start=st.integers(0, 80), length=st.integers(0, 40))
def test_missing_and_covered_are_each_others_rest(stretches, start, length):
    class Nowhere:
        def load(self, key):
            return None

        def save(self, key, value):
            pass

    class Empty:
        def series(self):
            return []

    covered = Covered(Nowhere(), Empty(), "x")
    for each in stretches:
        covered.add(*each)
    inside = {n for begun, ended in stretches for n in range(begun, ended)}
    missing = list(covered.missing(start, start + length))
    assert {n for begun, ended in missing for n in range(begun, ended)} == (
        set(range(start, start + length)) - inside
    )
    assert missing == joined(missing)


# ---- ticks -------------------------------------------------------------------------


class Tape:
    """Public trades, several at one time, `page` at a time."""

    def __init__(self, times, page):
        self.trades = [
            Trade(NAME, str(n), Decimal(100), Decimal(1), Side.BUY, START + at, START + at)
            for n, at in enumerate(sorted(times))
        ]
        self.page = page
        self.asked = 0

    async def trades_between(self, instrument, *, start_ns, end_ns):
        found = [t for t in self.trades if start_ns <= t.venue_time_ns < end_ns]
        self.asked += 1  # received at another time whenever it is asked for
        return [
            structs.replace(each, received_time_ns=START + 10**9 * self.asked)
            for each in found[: self.page]
        ]


@settings(max_examples=40)
@given(
    times=st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(
        lambda times: max(times.count(t) for t in times) <= 5
    ),
    page=st.integers(6, 12),
)
def test_pages_that_end_among_equal_times_lose_no_trade(times, page):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venue = Tape(times, page)
        venue.step = Steps()
        want = Wanted(
            instrument=NAME,
            kind="trades",
            width_ns=0,
            start_ns=START,
            end_ns=START + 10**6,
            source="x",
        )
        done = asyncio.run(fetch_into(folder, venue).series(want))
        assert list(ParquetStore(folder).trades(NAME)) == venue.trades
        assert (done.added, done.changed) == (len(times), 0)
