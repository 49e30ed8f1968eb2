import shutil

import pytest

from crossdock.adapters.stores.journal.disk import Disk
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.format import (
    HEADER_SIZE,
    OVERHEAD,
    Damage,
    segment_file,
)
from crossdock.adapters.stores.journal.head import SIZE
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability

CONTENT = {
    1: [b"alpha", b"", b"gamma"],
    2: [b"snapshot one", b"d"],
    3: [b"snapshot two", b"e"],
}
ALL = [payload for payloads in CONTENT.values() for payload in payloads]


class Unsynced(Disk):
    """Thousands of openings, and no power cut among them."""

    def sync(self, fd):
        pass

    def sync_folder(self, folder):
        pass


@pytest.fixture
def path(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS, disk=Unsynced()) as journal:
        for number, payloads in CONTENT.items():
            if number > 1:
                journal.close_segment(payloads[0])
            for payload in payloads[1 if number > 1 else 0 :]:
                journal.append([payload])
    return tmp_path / "j"


def place_of(number, position):
    """Where the frame, or the header, that holds a byte begins."""
    if position < HEADER_SIZE:
        return 0
    start = HEADER_SIZE
    for payload in CONTENT[number]:
        if position < start + OVERHEAD + len(payload):
            return start
        start += OVERHEAD + len(payload)
    raise AssertionError(position)


def flips(data):
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << (position % 8)
        yield position, bytes(flipped)


def opening_fails_and_changes_nothing(path, copy):
    shutil.copytree(path, copy)
    before = {
        each.name: each.read_bytes() for each in path.iterdir() if each.name != "lock"
    }
    with pytest.raises(JournalError):
        JournalFiles.open(copy, Durability.PROCESS, disk=Unsynced())
    after = {each.name: each.read_bytes() for each in copy.iterdir() if each.name != "lock"}
    shutil.rmtree(copy)
    return before == after


@pytest.mark.parametrize("number", CONTENT)
def test_a_flipped_bit_in_any_byte_is_found_at_its_place(path, number):
    file = segment_file(path, number)
    data = file.read_bytes()
    for position, flipped in flips(data):
        file.write_bytes(flipped)
        bad = verify(path).bad
        assert bad is not None, position
        if isinstance(bad, Damage):
            assert (bad.file, bad.offset) == (file, place_of(number, position))
        else:  # the version field now names a later format
            assert (bad.code, position in (8, 9)) == ("journal-newer", True)
        with pytest.raises(JournalError):
            list(read(path))


def test_opening_refuses_a_flipped_bit_in_the_newest_segment_and_heals_nothing(
    path, tmp_path
):
    file = segment_file(path, 3)
    for _, flipped in flips(file.read_bytes()):
        file.write_bytes(flipped)
        assert opening_fails_and_changes_nothing(path, tmp_path / "copy")


@pytest.mark.parametrize("number", CONTENT)
def test_a_segment_cut_at_any_byte_is_found_by_check_and_opening(path, tmp_path, number):
    file = segment_file(path, number)
    data = file.read_bytes()
    for size in range(len(data)):
        file.write_bytes(data[:size])
        assert verify(path).bad is not None, size
        assert opening_fails_and_changes_nothing(path, tmp_path / "copy")


@pytest.mark.parametrize("number", CONTENT)
def test_a_missing_segment_is_found(path, tmp_path, number):
    segment_file(path, number).unlink()
    assert verify(path).bad is not None
    assert opening_fails_and_changes_nothing(path, tmp_path / "copy")


@pytest.mark.parametrize("number", [1, 2])
def test_bytes_added_to_a_closed_segment_are_found(path, tmp_path, number):
    file = segment_file(path, number)
    file.write_bytes(file.read_bytes() + b"\0")
    assert verify(path).bad is not None
    assert opening_fails_and_changes_nothing(path, tmp_path / "copy")


def test_a_missing_tail_is_told_with_both_ends(path):
    file = segment_file(path, 3)
    whole = file.read_bytes()
    file.write_bytes(whole[: -OVERHEAD - 1])
    with pytest.raises(Damage, match="ends at entry 6 but the head says 7") as caught:
        JournalFiles.open(path, Durability.PROCESS)
    assert (caught.value.file, caught.value.sequence) == (file, 7)
    assert caught.value.offset == len(whole) - OVERHEAD - 1
    assert "restore a backup" in caught.value.hint


def test_segments_of_another_journal_do_not_fit(path, tmp_path):
    other = tmp_path / "other"
    with JournalFiles.open(other, Durability.PROCESS, disk=Unsynced()) as journal:
        journal.append([b"ALPHA", b"", b"gamma"])
        journal.close_segment(b"snapshot one")
        journal.append([b"d"])
        journal.close_segment(b"snapshot two")
        journal.append([b"e"])
    for number in CONTENT:
        copy = tmp_path / f"copy{number}"
        shutil.copytree(path, copy)
        shutil.copy(segment_file(other, number), segment_file(copy, number))
        assert verify(copy).bad is not None
    shutil.copytree(path, tmp_path / "all")
    for number in CONTENT:
        shutil.copy(segment_file(other, number), segment_file(tmp_path / "all", number))
    with pytest.raises(Damage, match="the head says that entry 7 is another one"):
        JournalFiles.open(tmp_path / "all", Durability.PROCESS)


def test_two_frames_in_the_wrong_order_are_found(path):
    file = segment_file(path, 1)
    data = file.read_bytes()
    second = HEADER_SIZE + OVERHEAD + len(b"alpha")
    third = second + OVERHEAD
    file.write_bytes(data[:second] + data[third:] + data[second:third])
    assert "entry 3 stands here" in verify(path).bad.what


def test_a_flipped_bit_in_any_byte_of_the_head_is_told_and_survived(path, tmp_path):
    head = path / "head"
    data = head.read_bytes()
    for position, flipped in flips(data):
        head.write_bytes(flipped)
        report = verify(path)
        assert report.bad is None
        assert report.damaged_slots == (position // 512 * 512,)
        assert report.entries == len(ALL)
    with JournalFiles.open(path, Durability.PROCESS, disk=Unsynced()) as journal:
        assert journal.damaged_slots == (512 * 3,)
        assert [e.payload for e in journal.recover()] == CONTENT[3]
    assert verify(path).whole


def test_a_head_cut_at_any_byte_is_refused(path):
    head = path / "head"
    data = head.read_bytes()
    assert len(data) == SIZE
    for size in range(SIZE):
        head.write_bytes(data[:size])
        assert verify(path).bad is not None
        with pytest.raises(JournalError):
            list(read(path))
    with pytest.raises(JournalError):
        JournalFiles.open(path, Durability.PROCESS)


def test_a_head_whose_pair_is_lost_is_refused(path):
    data = bytearray((path / "head").read_bytes())
    data[10] ^= 1
    data[512 + 10] ^= 1
    (path / "head").write_bytes(data)
    with pytest.raises(Damage, match="neither slot"):
        JournalFiles.open(path, Durability.PROCESS)


@pytest.fixture
def ahead(tmp_path):
    """A journal killed after its last write and before the head was moved."""
    path = tmp_path / "j"
    with JournalFiles.open(path, Durability.PROCESS, disk=Unsynced()) as journal:
        journal.append([b"one"])
        journal.close_segment(b"two")
        journal.append([b"three"])
        head = (path / "head").read_bytes()
        anchored = journal.segment_bytes
        journal.append([b"four", b"five"])
    (path / "head").write_bytes(head)
    return path, anchored


def reopened(path, copy):
    shutil.copytree(path, copy)
    with JournalFiles.open(copy, Durability.PROCESS, disk=Unsynced()) as journal:
        payloads = [e.payload for e in journal.recover()]
        healed = journal.healed
        kept = healed.kept.read_bytes() if healed else b""
        journal.append([b"next"])
    assert verify(copy).whole
    assert [e.payload for e in read(copy)] == [b"one", *payloads, b"next"]
    shutil.rmtree(copy)
    return payloads, healed, kept


def test_whole_entries_beyond_the_head_are_kept(ahead, tmp_path):
    path, _ = ahead
    payloads, healed, _ = reopened(path, tmp_path / "copy")
    assert payloads == [b"two", b"three", b"four", b"five"]
    assert healed is None


def test_a_tail_torn_at_any_byte_is_healed_and_kept_aside(ahead, tmp_path):
    path, anchored = ahead
    file = segment_file(path, 2)
    data = file.read_bytes()
    fourth = anchored + OVERHEAD + 4
    for size in range(anchored, len(data)):
        file.write_bytes(data[:size])
        payloads, healed, kept = reopened(path, tmp_path / "copy")
        whole = fourth if size >= fourth else anchored
        assert payloads == [b"two", b"three", b"four"][: 3 if size >= fourth else 2]
        assert kept == data[whole:size]
        assert (healed is None) == (size in (anchored, fourth))


def test_a_flipped_bit_beyond_the_head_is_healed_and_before_it_never(ahead, tmp_path):
    path, anchored = ahead
    file = segment_file(path, 2)
    for position, flipped in flips(file.read_bytes()):
        file.write_bytes(flipped)
        if position < anchored:
            assert opening_fails_and_changes_nothing(path, tmp_path / "copy")
        else:
            payloads, healed, kept = reopened(path, tmp_path / "copy")
            assert payloads in ([b"two", b"three"], [b"two", b"three", b"four"])
            assert healed.offset <= position
            assert kept == flipped[healed.offset :]


def test_a_crash_between_placing_a_segment_and_moving_the_head_loses_nothing(tmp_path):
    path = tmp_path / "j"
    with JournalFiles.open(path, Durability.PROCESS, disk=Unsynced()) as journal:
        journal.append([b"one"])
        head = (path / "head").read_bytes()
        journal.append([b"two"])
        journal.close_segment(b"three")
    (path / "head").write_bytes(head)
    segment_file(path, 3).with_suffix(".segment.new").write_bytes(b"half a segm")
    with JournalFiles.open(path, Durability.PROCESS, disk=Unsynced()) as journal:
        assert [e.payload for e in journal.recover()] == [b"three"]
        journal.append([b"four"])
        assert journal.records_since_snapshot == 1
        journal.close_segment(b"five")
    assert [e.payload for e in read(path)] == [b"one", b"two", b"three", b"four", b"five"]
    assert verify(path).whole
