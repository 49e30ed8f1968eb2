import os
import stat
import tempfile
import threading
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.stores.journal.disk import Disk
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.format import FIRST, MAX_PAYLOAD, segment_file
from crossdock.adapters.stores.journal.head import read_head
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability

PAYLOADS = st.lists(st.binary(max_size=40), max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), PAYLOADS),
        st.tuples(st.just("close_segment"), st.binary(max_size=40)),
        st.tuples(st.just("reopen"), st.sampled_from(Durability)),
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from(Durability))
@settings(max_examples=40, deadline=None)
def test_what_was_appended_is_read_back_over_segments_and_reopenings(steps, durability):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "journal"
        model = []
        journal = JournalFiles.open(path, durability)
        for step, value in steps:
            if step == "append":
                journal.append(value)
                model += [(payload, False) for payload in value]
            elif step == "close_segment":
                journal.close_segment(value)
                model.append((value, True))
            else:
                journal.close()
                journal = JournalFiles.open(path, value)
        newest = max(
            (i for i, (_, is_snapshot) in enumerate(model) if is_snapshot), default=0
        )
        recovered = list(journal.recover())
        snapshots = any(is_snapshot for _, is_snapshot in model)
        since = len(model) - newest - (1 if snapshots else 0)
        assert journal.records_since_snapshot == since
        assert journal.sequence == len(model)
        journal.close()
        entries = list(read(path))
        assert [(e.payload, e.is_snapshot) for e in entries] == model
        assert [e.sequence for e in entries] == list(range(1, len(model) + 1))
        assert recovered == entries[newest:]
        assert list(read(path, from_snapshot=True)) == recovered
        report = verify(path)
        assert report.whole
        assert (report.entries, report.head.sequence) == (len(model), len(model))


def test_each_digest_chains_the_previous_one_and_the_payload(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"one", b"two"])
    digest = blake2b(FIRST.pack(), digest_size=32).digest()
    for entry in read(tmp_path / "j"):
        fields = (
            len(entry.payload).to_bytes(4, "little")
            + entry.sequence.to_bytes(8, "little")
            + b"\0"
        )
        digest = blake2b(digest + fields + entry.payload, digest_size=32).digest()
        assert entry.digest == digest
    assert entry.sequence == 2


def test_records_larger_than_a_read_come_back(tmp_path):
    large = bytes(range(256)) * 12_000
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"small", large, b"small", large])
        journal.close_segment(large)
        assert [e.payload for e in journal.recover()] == [large]
    assert [len(e.payload) for e in read(tmp_path / "j")] == [
        5,
        3072000,
        5,
        3072000,
        3072000,
    ]


def test_a_record_that_is_too_large_is_refused_and_harms_nothing(tmp_path):
    class Long(bytes):
        def __len__(self):
            return MAX_PAYLOAD + 1

    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        with pytest.raises(JournalError, match="too large"):
            journal.append([b"fits", Long()])
        journal.append([b"next"])
    assert [e.payload for e in read(tmp_path / "j")] == [b"next"]


def test_an_append_of_several_records_is_one_write(tmp_path):
    class CountingDisk(Disk):
        writes = 0

        def write(self, fd, data):
            self.writes += 1
            return os.write(fd, data)

    disk = CountingDisk()
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS, disk=disk) as journal:
        before = disk.writes
        assert journal.append([b"a", b"b", b"c"]) is None
        assert disk.writes == before + 1
        assert journal.append([]) is None
        assert disk.writes == before + 1


def test_the_size_of_the_open_segment_is_told_and_starts_over(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"x" * 1000])
        assert journal.segment_bytes == segment_file(tmp_path / "j", 1).stat().st_size
        journal.close_segment(b"")
        assert journal.segment_bytes == segment_file(tmp_path / "j", 2).stat().st_size < 200


def test_only_the_owner_may_look_into_the_journal(tmp_path):
    path = tmp_path / "deep" / "journal"
    with JournalFiles.open(path, Durability.PROCESS) as journal:
        journal.append([b"a"])
        journal.close_segment(b"s")
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.iterdir()}
    assert set(modes) == {"lock", "head", "00000001.segment", "00000002.segment"}
    assert set(modes.values()) == {0o600}


def test_a_second_opener_is_told_who_owns_the_journal(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        with pytest.raises(JournalError) as caught:
            JournalFiles.open(tmp_path / "j", Durability.PROCESS)
        assert caught.value.code == "journal-locked"
        assert f"process {os.getpid()} since 20" in str(caught.value)
        assert "stop that process" in caught.value.hint
        journal.append([b"still mine"])
    JournalFiles.open(tmp_path / "j", Durability.PROCESS).close()


def test_an_opening_that_fails_frees_the_lock(tmp_path):
    JournalFiles.open(tmp_path / "j", Durability.PROCESS).close()
    head = (tmp_path / "j" / "head").read_bytes()
    (tmp_path / "j" / "head").unlink()
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"a"])
    (tmp_path / "j" / "head").unlink()
    for _ in range(2):
        with pytest.raises(JournalError, match="the head is missing"):
            JournalFiles.open(tmp_path / "j", Durability.PROCESS)
    (tmp_path / "j" / "head").write_bytes(head)
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        assert [e.payload for e in journal.recover()] == [b"a"]


def test_a_missing_journal_is_not_made_when_one_is_expected(tmp_path):
    with pytest.raises(JournalError, match="there is no journal"):
        JournalFiles.open(tmp_path / "j", create=False)
    assert not (tmp_path / "j").exists()
    for reader in (verify, lambda path: list(read(path))):
        with pytest.raises(JournalError, match="there is no journal"):
            reader(tmp_path / "j")


def test_a_closed_journal_refuses_appends_and_closes_twice(tmp_path):
    journal = JournalFiles.open(tmp_path / "j", Durability.POWER)
    journal.append([b"a"])
    journal.close()
    journal.close()
    assert not journal.writable
    with pytest.raises(JournalError, match="closed"):
        journal.append([b"b"])
    with pytest.raises(JournalError, match="closed"):
        journal.close_segment(b"s")
    assert [e.payload for e in journal.recover()] == [b"a"]


def test_an_interrupted_append_is_the_last(tmp_path):
    class InterruptingDisk(Disk):
        armed = False

        def write(self, fd, data):
            written = os.write(fd, data)
            if self.armed:
                raise KeyboardInterrupt
            return written

    disk = InterruptingDisk()
    journal = JournalFiles.open(tmp_path / "j", Durability.PROCESS, disk=disk)
    journal.append([b"a"])
    disk.armed = True
    with pytest.raises(KeyboardInterrupt):
        journal.append([b"b"])
    disk.armed = False
    assert not journal.writable
    with pytest.raises(JournalError, match="interrupted"):
        journal.append([b"c"])
    journal.close()
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        assert [e.payload for e in journal.recover()] == [b"a", b"b"]


def test_a_newer_format_is_refused_in_words_and_left_alone(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"a"])
        journal.close_segment(b"s")
    file = segment_file(tmp_path / "j", 2)
    data = file.read_bytes()
    file.write_bytes(data[:8] + (2).to_bytes(2, "little") + data[10:])
    before = {each.name: each.read_bytes() for each in (tmp_path / "j").glob("*.segment")}
    with pytest.raises(JournalError, match="has format 2") as caught:
        JournalFiles.open(tmp_path / "j", Durability.PROCESS)
    assert caught.value.code == "journal-newer"
    assert "the version of Crossdock that wrote it" in caught.value.hint
    assert verify(tmp_path / "j").bad.code == "journal-newer"
    after = {each.name: each.read_bytes() for each in (tmp_path / "j").glob("*.segment")}
    assert before == after


def test_a_reader_follows_a_desk_that_appends_and_closes_segments(tmp_path):
    path = tmp_path / "j"
    with JournalFiles.open(path, Durability.PROCESS) as journal:
        journal.append([b"1", b"2"])
        reader = read(path)
        seen = [next(reader).payload]
        journal.append([b"3"])
        journal.close_segment(b"4")
        journal.append([b"5"])
        seen += [entry.payload for entry in reader]
    assert seen == [b"1", b"2", b"3", b"4", b"5"]


def test_a_reader_stops_quietly_at_a_write_under_way(tmp_path):
    path = tmp_path / "j"
    with JournalFiles.open(path, Durability.PROCESS) as journal:
        journal.append([b"1", b"2"])
        whole = segment_file(path, 1).stat().st_size
        head = (path / "head").read_bytes()
        journal.append([b"3"])
    data = segment_file(path, 1).read_bytes()
    (path / "head").write_bytes(head)
    for end in range(whole, len(data)):
        segment_file(path, 1).write_bytes(data[:end])
        assert [e.payload for e in read(path)] == [b"1", b"2"]
        assert verify(path).tail_bytes == end - whole


def test_readers_see_every_record_while_each_one_ends_a_segment(tmp_path):
    path = tmp_path / "j"
    begun, finished = threading.Event(), threading.Event()

    def desk():
        with JournalFiles.open(path, Durability.PROCESS) as journal:
            for _ in range(60):
                journal.append([b"r"] * 3)
                journal.close_segment(b"s")
                begun.set()
        finished.set()

    thread = threading.Thread(target=desk)
    thread.start()
    begun.wait()
    counts = []
    while not counts or not finished.is_set():
        sequences = [entry.sequence for entry in read(path)]
        assert sequences == list(range(1, len(sequences) + 1))
        counts.append(len(sequences))
    thread.join()
    assert counts == sorted(counts)
    assert len(list(read(path))) == 240


def test_a_segment_is_synced_before_its_name_is_placed(tmp_path, recording_disk):
    with JournalFiles.open(
        tmp_path / "j", Durability.PROCESS, disk=recording_disk
    ) as journal:
        recording_disk.calls.clear()
        journal.append([b"a"])
        assert recording_disk.calls == ["write"]
        journal.close_segment(b"s")
        old, new = ["sync"], ["create", "write", "sync", "rename", "sync_folder"]
        assert recording_disk.calls == ["write", *old, *new]


@pytest.mark.parametrize(
    ("pair", "kind"), [((0, 512), "written"), ((1024, 1536), "synced")]
)
def test_a_torn_update_of_the_head_leaves_the_one_before(tmp_path, pair, kind):
    (tmp_path / "torn").mkdir()
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.close_segment(b"1")
        for sequence in range(2, 7):
            if kind == "written":
                journal.append([b"a"])
            else:
                journal.close_segment(b"s")
            data = (tmp_path / "j" / "head").read_bytes()
            left = set()
            for at in pair:
                torn = data[:at] + b"\xff" * 512 + data[at + 512 :]
                (tmp_path / "torn" / "head").write_bytes(torn)
                left.add(getattr(read_head(tmp_path / "torn"), kind).sequence)
            assert left == {sequence - 1, sequence}
