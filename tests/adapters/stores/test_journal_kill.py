import subprocess
import sys

import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.power_cut import lose_unsynced
from crossdock.adapters.stores.journal.reader import read
from crossdock.adapters.stores.journal.verify import verify
from crossdock.errors import JournalError
from crossdock.ports import Durability

OWNER = """
import asyncio, sys
from crossdock.adapters.stores.journal.files import JournalFiles

async def main(path, durability):
    journal = JournalFiles.open(path, durability)
    while True:
        number = journal.sequence + 1
        durable = journal.append([b"record %d" % number])
        if durable is not None:
            await durable
        print(journal.sequence, flush=True)
        if number % 37 == 0:
            journal.close_segment(b"snapshot %d" % (number + 1))
            print(journal.sequence, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def killed_after(path, durability, lines):
    """Let an owner write, kill it with SIGKILL, and return what it acknowledged last."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(path), durability],
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        seen = [owner.stdout.readline() for _ in range(lines)]
        with pytest.raises(JournalError, match=f"in use by process {owner.pid}"):
            JournalFiles.open(path, durability)
        owner.kill()
        rest = owner.stdout.read().split("\n")
    return int(([line for line in rest[:-1] if line] or [seen[-1]])[-1])


@pytest.mark.parametrize("lines", [1, 36, 200])
@pytest.mark.parametrize("durability", Durability)
def test_what_an_owner_acknowledged_before_kill_9_is_there(tmp_path, durability, lines):
    path = tmp_path / "j"
    acknowledged = killed_after(path, durability, lines)
    if durability is Durability.POWER:
        assert lose_unsynced(path).sequence >= acknowledged
    with JournalFiles.open(path, durability) as journal:
        assert journal.sequence >= acknowledged
        journal.append([b"after"])
    *entries, last = read(path)
    assert last.payload == b"after"
    for entry in entries:
        word = "snapshot" if entry.is_snapshot else "record"
        assert entry.payload == f"{word} {entry.sequence}".encode()
    assert verify(path).whole


def test_a_journal_killed_again_and_again_goes_on_where_it_was(tmp_path):
    acknowledged = 0
    for durability in (*Durability, *Durability):
        before = acknowledged
        acknowledged = killed_after(tmp_path / "j", durability, 60)
        assert acknowledged > before
        assert verify(tmp_path / "j").bad is None
