"""The journal beside SQLite, on the same disk in the same run. Prints one JSON per line.

    python bench/journal.py [--records 1000000] [--folder DIR]

`ratio` is the peer's p50 over ours: above 1, ours is faster.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.ports import Durability

RECORD = bytes(range(200))
INSERT = "INSERT INTO journal (payload) VALUES (?)"


def percentiles(times_ns: list[int]) -> dict[str, float]:
    ordered = sorted(times_ns)
    return {
        "p50_us": round(statistics.median(ordered) / 1e3, 2),
        "p99_us": round(ordered[len(ordered) * 99 // 100] / 1e3, 2),
    }


def timed(call: Callable[[], object], count: int) -> list[int]:
    clock = time.perf_counter_ns
    times = []
    for _ in range(count):
        began = clock()
        call()
        times.append(clock() - began)
    return times


def sqlite_journal(file: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("CREATE TABLE journal (sequence INTEGER PRIMARY KEY, payload BLOB)")
    return connection


def sqlite_commits(file: Path, synchronous: str, count: int) -> list[int]:
    connection = sqlite_journal(file, synchronous)
    times = timed(lambda: connection.execute(INSERT, (RECORD,)), count)
    connection.close()
    return times


def in_process(folder: Path, count: int) -> list[int]:
    with JournalFiles.open(folder, Durability.PROCESS) as journal:
        return timed(lambda: journal.append([RECORD]), count)


async def through_power(folder: Path, count: int) -> list[int]:
    clock = time.perf_counter_ns
    times = []
    with JournalFiles.open(folder, Durability.POWER) as journal:
        for _ in range(count):
            began = clock()
            durable = journal.append([RECORD])
            assert durable is not None
            await durable
            times.append(clock() - began)
    return times


async def sqlite_commits_off_the_loop(file: Path, count: int) -> list[int]:
    """The same commits as a desk on a loop must make them: in a thread, awaited."""
    clock = time.perf_counter_ns
    times = []
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        connection = await loop.run_in_executor(thread, sqlite_journal, file, "FULL")
        for _ in range(count):
            began = clock()
            await loop.run_in_executor(thread, connection.execute, INSERT, (RECORD,))
            times.append(clock() - began)
        await loop.run_in_executor(thread, connection.close)
    return times


async def gathered_power(folder: Path, count: int, together: int) -> float:
    """Return microseconds per record when many appends wait for one sync."""
    with JournalFiles.open(folder, Durability.POWER) as journal:
        began = time.perf_counter_ns()
        for _ in range(count // together):
            waits: list[Awaitable[None] | None] = [
                journal.append([RECORD]) for _ in range(together)
            ]
            for wait in waits:
                assert wait is not None
                await wait
        return (time.perf_counter_ns() - began) / 1e3 / count


def recovery(folder: Path, records: int) -> dict[str, float]:
    with JournalFiles.open(folder, Durability.PROCESS) as journal:
        batch = [RECORD] * 1000
        for _ in range(records // 1000):
            journal.append(batch)
    began = time.perf_counter()
    with JournalFiles.open(folder, Durability.PROCESS) as journal:
        opened = time.perf_counter()
        found = sum(1 for _ in journal.recover())
        done = time.perf_counter()
    per_million = 1e6 / found
    return {
        "records": found,
        "open_s_per_million": round((opened - began) * per_million, 2),
        "recover_s_per_million": round((done - opened) * per_million, 2),
    }


def show(name: str, **values: object) -> None:
    print(json.dumps({"benchmark": name, **values}), flush=True)


def beside(name: str, ours: list[int], peer_name: str, peer: list[int]) -> None:
    mine, theirs = percentiles(ours), percentiles(peer)
    ratio = round(theirs["p50_us"] / mine["p50_us"], 2)
    show(name, **mine, peer=peer_name, peer_us=theirs, ratio=ratio)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--appends", type=int, default=50_000)
    arguments.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    given = arguments.parse_args()
    syncs = max(given.appends // 25, 100)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        beside(
            "journal.append.process",
            in_process(folder / "process", given.appends),
            "sqlite3 commit, WAL, synchronous=OFF",
            sqlite_commits(folder / "process.db", "OFF", given.appends),
        )
        power = asyncio.run(through_power(folder / "power", syncs))
        beside(
            "journal.append.power",
            power,
            "sqlite3 commit in a thread, WAL, synchronous=FULL",
            asyncio.run(sqlite_commits_off_the_loop(folder / "thread.db", syncs)),
        )
        beside(
            "journal.append.power",
            power,
            "sqlite3 commit that blocks the loop, WAL, synchronous=FULL",
            sqlite_commits(folder / "power.db", "FULL", syncs),
        )
        each = asyncio.run(gathered_power(folder / "gathered", syncs * 25, 50))
        show("journal.append.power.gathered", together=50, mean_us=round(each, 2))
        show("journal.recover", **recovery(folder / "recovery", given.records))


if __name__ == "__main__":
    main()
