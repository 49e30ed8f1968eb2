import asyncio
import shutil
import threading

import pytest

from crossdock.adapters.stores.journal.disk import Disk
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.power_cut import lose_unsynced
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability


class GatedDisk(Disk):
    """Holds every sync until the gate is opened."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.held = threading.Event()
        self.syncs = 0

    def sync(self, fd):
        self.held.set()
        self.gate.wait()
        self.syncs += 1
        super().sync(fd)


@pytest.fixture
def disk():
    return GatedDisk()


@pytest.fixture
def journal(tmp_path, disk):
    with JournalFiles.open(tmp_path / "j", Durability.POWER, disk=disk) as journal:
        disk.syncs = 0
        disk.held.clear()
        yield journal
        disk.gate.set()


def copy_of(journal):
    """The files as they are, with the owner still at work."""
    target = journal.folder.with_name("copy")
    shutil.copytree(journal.folder, target)
    return target


async def until_held(disk):
    await asyncio.get_running_loop().run_in_executor(None, disk.held.wait)


async def test_an_append_completes_after_the_sync_and_not_before(journal, disk):
    disk.gate.clear()
    durable = journal.append([b"a"])
    await until_held(disk)
    await asyncio.sleep(0)
    assert not durable.done()
    lost = copy_of(journal)
    lose_unsynced(lost)
    assert list(read(lost)) == []
    disk.gate.set()
    await durable
    shutil.rmtree(lost)
    kept = copy_of(journal)
    lose_unsynced(kept)
    assert [e.payload for e in read(kept)] == [b"a"]


async def test_appends_that_gather_during_a_sync_share_the_next_one(journal, disk):
    disk.gate.clear()
    first = journal.append([b"0"])
    await until_held(disk)
    rest = [journal.append([b"%d" % number]) for number in range(1, 100)]
    disk.gate.set()
    for durable in (first, *rest):
        await durable
    assert disk.syncs == 2
    assert [e.payload for e in read(journal.folder)] == [b"%d" % n for n in range(100)]


async def test_a_cancelled_wait_harms_neither_the_record_nor_the_others(journal, disk):
    disk.gate.clear()
    waits = [asyncio.ensure_future(journal.append([b"%d" % number])) for number in range(3)]
    waits[1].cancel()
    disk.gate.set()
    await waits[0]
    await waits[2]
    assert [e.payload for e in read(journal.folder)] == [b"0", b"1", b"2"]


async def test_a_failed_sync_fails_every_wait_and_is_never_tried_again(tmp_path):
    class BrokenDisk(GatedDisk):
        broken = False

        def sync(self, fd):
            super().sync(fd)
            if self.broken:
                raise OSError(5, "Input/output error")

    disk = BrokenDisk()
    journal = JournalFiles.open(tmp_path / "j", Durability.POWER, disk=disk)
    await journal.append([b"good"])
    disk.broken = True
    disk.gate.clear()
    disk.held.clear()
    first = journal.append([b"doubtful"])
    await until_held(disk)
    second = journal.append([b"never written"])
    syncs = disk.syncs
    disk.gate.set()
    for durable in (first, second):
        with pytest.raises(JournalError, match="Input/output error"):
            await durable
    assert disk.syncs == syncs + 1
    assert not journal.writable
    with pytest.raises(JournalError, match="Input/output error"):
        journal.append([b"refused at once"])
    assert [e.payload for e in journal.recover()] == [b"good", b"doubtful"]
    journal.close()


async def test_closing_a_segment_waits_for_what_was_appended(journal):
    waits = [journal.append([b"%d" % number]) for number in range(5)]
    journal.close_segment(b"snapshot")
    lose_unsynced(copy := copy_of(journal))
    assert [e.payload for e in read(copy)] == [b"0", b"1", b"2", b"3", b"4", b"snapshot"]
    for durable in waits:
        await durable


async def test_closing_makes_durable_what_nobody_waited_for(journal):
    journal.append([b"a"])
    journal.append([b"b"])
    journal.close()
    assert [e.payload for e in read(journal.folder)] == [b"a", b"b"]


def test_without_a_loop_an_append_is_durable_when_it_returns(journal):
    assert journal.append([b"a"]) is None
    lose_unsynced(copy := copy_of(journal))
    assert [e.payload for e in read(copy)] == [b"a"]


def test_a_waiter_whose_loop_is_gone_stops_nobody(journal, disk):
    async def leave():
        disk.gate.clear()
        journal.append([b"a"])

    asyncio.run(leave())
    disk.gate.set()
    assert journal.append([b"b"]) is None
    assert [e.payload for e in read(journal.folder)] == [b"a", b"b"]


def test_a_power_cut_in_process_mode_goes_back_to_the_last_sync_and_no_further(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"1"])
        journal.close_segment(b"2")
        journal.append([b"3"])
        journal.append([b"4"])
        for keep_bytes in range(150):
            copy = copy_of(journal)
            mark = lose_unsynced(copy, keep_bytes=keep_bytes)
            assert mark.sequence == 2
            with JournalFiles.open(copy, Durability.PROCESS) as survivor:
                payloads = [e.payload for e in survivor.recover()]
            assert payloads == [b"2", b"3", b"4"][: len(payloads)]
            assert (payloads == [b"2"]) == (keep_bytes < 50)
            assert verify(copy).whole
            shutil.rmtree(copy)


def test_a_power_cut_is_not_played_on_a_journal_with_an_owner(tmp_path):
    with JournalFiles.open(tmp_path / "j", Durability.PROCESS) as journal:
        journal.append([b"1"])
        with pytest.raises(JournalError, match="in use by process"):
            lose_unsynced(tmp_path / "j")
        assert len(list(read(tmp_path / "j"))) == 1
