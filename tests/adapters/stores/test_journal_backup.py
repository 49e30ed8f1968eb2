import stat
import threading

import pytest

from crossdock.adapters.stores.journal.backup import backup, restore, salvage
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.format import segment_file
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability


@pytest.fixture
def path(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"1", b"2"])
        journal.close_segment(b"3")
        journal.append([b"4", b"5"])
    return tmp_path / "j"


def payloads(path):
    return [entry.payload for entry in read(path)]


def test_a_backup_is_a_journal_of_its_own_and_restores_as_one(path, tmp_path):
    report = backup(path, tmp_path / "deep" / "copy")
    assert report.whole
    assert report.entries == 5
    restore(tmp_path / "deep" / "copy", tmp_path / "back")
    with JournalFiles.open(tmp_path / "back", Durability.POWER) as journal:
        assert [e.payload for e in journal.recover()] == [b"3", b"4", b"5"]
        journal.append([b"6"])
    assert payloads(tmp_path / "back") == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert (
        payloads(path)
        == payloads(tmp_path / "deep" / "copy")
        == [b"1", b"2", b"3", b"4", b"5"]
    )
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o700
    assert stat.S_IMODE(segment_file(tmp_path / "back", 1).stat().st_mode) == 0o600


@pytest.mark.parametrize("make", [backup, restore, salvage])
def test_nothing_is_ever_overwritten(path, tmp_path, make):
    (tmp_path / "there").mkdir()
    for target in (tmp_path / "there", path):
        with pytest.raises(JournalError, match="exists already"):
            make(path, target)
    assert list((tmp_path / "there").iterdir()) == []
    assert len(payloads(path)) == 5


def test_backups_taken_while_a_desk_appends_are_whole_prefixes(tmp_path):
    path = tmp_path / "j"
    journal = JournalFiles.open(path, Durability.PROCESS)
    begun, finished = threading.Event(), threading.Event()

    def desk():
        for number in range(3000):
            journal.append([b"%d" % (journal.sequence + 1)])
            if number % 500 == 499:
                journal.close_segment(b"%d" % (journal.sequence + 1))
            if number == 100:
                begun.set()
        finished.set()

    thread = threading.Thread(target=desk)
    thread.start()
    begun.wait()
    count, counts = 0, []
    while not finished.is_set() or not counts:
        count += 1
        report = backup(path, tmp_path / f"copy{count}")
        assert report.whole
        counts.append(report.entries)
    thread.join()
    journal.close()
    assert counts == sorted(counts)
    assert counts[0] >= 100
    for number, entries in enumerate(counts, 1):
        expected = [b"%d" % sequence for sequence in range(1, entries + 1)]
        assert payloads(tmp_path / f"copy{number}") == expected


def test_a_backup_leaves_a_write_under_way_out(path, tmp_path):
    with segment_file(path, 2).open("ab") as file:
        file.write(b"half a fra")
    assert backup(path, tmp_path / "copy").tail_bytes == 0
    assert payloads(tmp_path / "copy") == [b"1", b"2", b"3", b"4", b"5"]


@pytest.mark.parametrize("make", [backup, restore])
def test_a_damaged_journal_is_not_copied_and_nothing_is_left_of_the_try(
    path, tmp_path, make
):
    data = bytearray(segment_file(path, 1).read_bytes())
    data[-1] ^= 1
    segment_file(path, 1).write_bytes(data)
    with pytest.raises(JournalError, match="hash chain"):
        make(path, tmp_path / "copy")
    assert [each.name for each in tmp_path.iterdir()] == ["j"]


def test_salvage_saves_what_precedes_the_damage_and_says_what_it_was(path, tmp_path):
    data = bytearray(segment_file(path, 2).read_bytes())
    data[-1] ^= 1
    segment_file(path, 2).write_bytes(data)
    report = salvage(path, tmp_path / "saved")
    assert "hash chain" in report.bad.what
    assert report.end.sequence == 4
    with JournalFiles.open(tmp_path / "saved", Durability.PROCESS) as journal:
        assert [e.payload for e in journal.recover()] == [b"3", b"4"]
    assert verify(path).bad is not None


def test_salvage_does_without_a_head_but_not_without_a_first_header(path, tmp_path):
    (path / "head").unlink()
    assert salvage(path, tmp_path / "saved").bad is not None
    assert len(payloads(tmp_path / "saved")) == 5
    segment_file(path, 1).write_bytes(b"")
    with pytest.raises(JournalError, match="cut short"):
        salvage(path, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_salvage_does_not_cut_off_what_a_newer_version_wrote(path, tmp_path):
    data = segment_file(path, 2).read_bytes()
    segment_file(path, 2).write_bytes(data[:8] + b"\x09\x00" + data[10:])
    with pytest.raises(JournalError, match="has format 9"):
        salvage(path, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
