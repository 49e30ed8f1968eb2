"""Journal, state and bus move together; what the world told stays true without the disk."""

import errno
import os

import pytest

from crossdock.adapters.stores.journal.disk import Disk
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.core import records as r
from crossdock.errors import JournalError
from crossdock.ports import Durability


def halt(reason="why"):
    return r.AccountHalted(at=1, account="main", halted=True, by="Ann", reason=reason)


class FullDisk(Disk):
    """Takes everything until it is full."""

    is_full = False

    def write(self, fd, data):
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


def test_a_commit_is_journaled_before_it_is_applied_and_told_after(kernel, journal):
    seen = []

    def look(record):
        told = kernel.state.account("main").halted
        seen.append((len(journal.entries), told))

    kernel.bus.subscribe(r.AccountHalted, look)
    assert kernel.commit([halt()]) is None
    assert seen == [(1, "why")]
    assert journal.records() == [halt()]


def test_all_records_of_a_commit_are_applied_before_the_first_is_told(kernel):
    seen = []
    kernel.bus.subscribe(
        r.AccountHalted, lambda record: seen.append(kernel.state.account("main").halted)
    )
    kernel.commit([halt("first"), halt("second")])
    assert seen == ["second", "second"]


def test_nothing_is_applied_of_what_the_journal_refuses(kernel, journal):
    told = []
    kernel.bus.subscribe(r.AccountHalted, told.append)
    journal.writable = False
    with pytest.raises(JournalError):
        kernel.commit([halt()])
    assert kernel.state.account("main").halted == "" and not told
    assert kernel.sequence == 0 and not kernel.unprojected


def test_what_was_noted_is_true_without_the_journal_and_counted(kernel, journal):
    told = []
    kernel.bus.subscribe(r.AccountHalted, told.append)
    journal.writable = False
    kernel.note([halt("one"), halt("two")])
    kernel.note([halt("three")])
    assert kernel.state.account("main").halted == "three"
    assert (kernel.unwritten, len(told)) == (3, 3)
    assert kernel.sequence == 0


def test_noting_nothing_writes_nothing(kernel, journal):
    kernel.note([])
    assert journal.appends == 0


def test_a_handler_that_raises_keeps_the_record_from_nobody(kernel, journal):
    told = []
    kernel.bus.subscribe(r.AccountHalted, lambda record: 1 / 0)
    kernel.bus.subscribe(r.AccountHalted, told.append)
    kernel.commit([halt()])
    assert told == [halt()] and len(kernel.failed) == 1


def test_recovery_begins_at_the_snapshot(toy, clock, journal, kernel):
    kernel.commit([halt("before")])
    kernel.snapshot(keep_done_s=1)
    kernel.commit([r.StrategySaved(at=2, strategy="t", state={"n": 1})])
    later = toy.kernel(clock, journal)
    assert later.recover() == 2
    assert later.state.account("main").halted == "before"
    assert later.state.strategies == {"t": {"n": 1}}
    assert later.sequence == kernel.sequence == 3


async def test_a_durable_commit_is_awaited_by_who_acts_on_it(toy, clock, journal):
    journal.futures = []
    kernel = toy.kernel(clock, journal)
    durable = kernel.commit([halt()])
    assert not durable.done() and kernel.state.account("main").halted == "why"
    journal.futures[0].set_result(None)
    await durable


@pytest.mark.parametrize("durability", [Durability.PROCESS, Durability.POWER])
def test_a_disk_that_fills_up_refuses_commits_and_keeps_what_was_whole(
    toy, clock, tmp_path, durability
):
    disk = FullDisk()
    files = JournalFiles.open(tmp_path / "journal", durability, disk=disk)
    kernel = toy.kernel(clock, files)
    kernel.commit([halt("kept")])
    disk.is_full = True
    with pytest.raises(JournalError):
        kernel.commit([halt("lost")])
    kernel.note([halt("noted")])
    assert kernel.state.account("main").halted == "noted"
    assert kernel.unwritten == 1
    files.close()
    again = toy.kernel(clock, JournalFiles.open(tmp_path / "journal", durability))
    again.recover()
    assert again.state.account("main").halted == "kept"
    again.journal.close()


def unknown_order():
    return r.DoubtResolved(
        at=2,
        attempt_id="a",
        order_id="nobody",
        verdict=r.Verdict.ABSENT,
        by="person:Ann",
    )


def test_a_record_that_does_not_fit_is_passed_over_live_and_at_every_start(
    toy, clock, journal, kernel
):
    kernel.note([unknown_order(), halt()])
    assert kernel.state.account("main").halted == "why"
    assert ["DoubtResolved" in unfit.words for unfit in kernel.unfit] == [True]
    again = toy.kernel(clock, journal)
    assert again.recover() == 2
    assert again.state.account("main").halted == "why" and len(again.unfit) == 1


def test_a_record_that_would_not_read_back_is_never_written(kernel, journal):
    wrong = halt(reason=None)
    with pytest.raises(JournalError):
        kernel.commit([wrong])
    kernel.note([wrong, halt()])
    assert journal.records() == [halt()]
    assert len(kernel.unfit) == 1
