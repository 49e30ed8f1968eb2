import errno
import shutil

import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability

FAULTS = {
    "once": {},
    "a short write": {"short": True},
    "for good": {"stays_broken": True, "number": errno.EIO},
    "a short write and then for good": {"short": True, "stays_broken": True},
}


def run(path, durability, disk):
    """Play a desk's day. Returns the journal, if it opened, and what was acknowledged."""
    acknowledged = []
    journal = JournalFiles.open(path, durability, disk=disk)
    try:
        for batch in ([b"1"], [b"2", b"3"]):
            journal.append(batch)
            acknowledged += batch
        journal.close_segment(b"4")
        acknowledged.append(b"4")
        for batch in ([b"5"], [b"6", b"7", b"8"]):
            journal.append(batch)
            acknowledged += batch
        journal.close()
    except JournalError as error:
        return journal, acknowledged, error
    return journal, acknowledged, None


def calls_of_a_day(path, durability, failing_disk):
    disk = failing_disk(10**9)
    run(path, durability, disk)
    shutil.rmtree(path)
    return disk.calls


def assert_continues(found, acknowledged, *, exact):
    """Everything acknowledged is there; what could be neither kept nor cut may be too."""
    count = len(acknowledged)
    more = [b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8"]
    begin = more.index(acknowledged[-1]) + 1 if acknowledged else 0
    assert found[:count] == acknowledged
    assert found[count:] == more[begin : begin + len(found) - count]
    if exact:
        assert found[count:] in ([], [b"4"])  # a snapshot placed, its name not synced


@pytest.mark.parametrize("durability", Durability)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_fails_at_any_call_costs_nothing_acknowledged(
    tmp_path, failing_disk, durability, fault
):
    path = tmp_path / "j"
    failures = 0
    cuts = durability is Durability.PROCESS and "for good" not in fault
    for number in range(1, calls_of_a_day(path, durability, failing_disk) + 1):
        disk = failing_disk(number, **FAULTS[fault])
        acknowledged, failed = [], False
        try:
            journal, acknowledged, error = run(path, durability, disk)
        except JournalError as refusal:  # it did not open
            error, failed = refusal, True
        else:
            if error is not None:
                failed = True
                assert not journal.writable
                with pytest.raises(JournalError):
                    journal.append([b"refused"])
                with pytest.raises(JournalError):
                    journal.close_segment(b"refused")
                since = acknowledged.index(b"4") if b"4" in acknowledged else 0
                recovered = [e.payload for e in journal.recover()]
                assert_continues(recovered, acknowledged[since:], exact=cuts)
                journal.close()
        if fault == "once" or "for good" in fault:
            assert failed
        if failed:
            failures += 1
            assert "cannot be" in error.message
            assert error.hint
        with JournalFiles.open(path, durability) as journal:
            journal.append([b"after"])
        payloads = [e.payload for e in read(path)]
        assert_continues(payloads[:-1], acknowledged, exact=cuts)
        assert verify(path).whole
        shutil.rmtree(path)
    assert failures >= 4


@pytest.mark.parametrize("durability", Durability)
def test_a_full_disk_cuts_the_partial_frame_and_says_what_to_do(
    tmp_path, failing_disk, durability
):
    disk = failing_disk(10**9)
    journal = JournalFiles.open(tmp_path / "j", durability, disk=disk)
    journal.append([b"kept"])
    size = journal.segment_bytes
    disk.fails_at, disk.short = disk.calls + 1, True
    with pytest.raises(JournalError, match="No space left on device") as caught:
        journal.append([b"lost" * 100])
    assert "no new order is taken" in caught.value.hint
    assert (tmp_path / "j" / "00000001.segment").stat().st_size == size
    assert [e.payload for e in journal.recover()] == [b"kept"]
    journal.close()
    with JournalFiles.open(tmp_path / "j", durability) as journal:
        assert journal.healed is None


def test_a_lock_is_had_on_a_full_disk_but_the_journal_is_refused(tmp_path, failing_disk):
    JournalFiles.open(tmp_path / "j", Durability.PROCESS).close()
    for _ in range(2):  # the refusal leaves no lock behind
        with pytest.raises(JournalError, match="cannot be opened: No space left"):
            JournalFiles.open(
                tmp_path / "j", Durability.PROCESS, disk=failing_disk(1, stays_broken=True)
            )
    JournalFiles.open(tmp_path / "j", Durability.PROCESS).close()
