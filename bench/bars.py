"""A year of minute bars into a store and out again, beside DuckDB and ArcticDB.

525,600 bars of one instrument. Importing is from a CSV file into a store on disk, and for us
includes every check of the file. Reading is of the whole year, from a store that is open and
files that the system has in its cache, into what the contender's users compute on: our
`frame` and DuckDB's `pl()` are polars, ArcticDB's is pandas; our `lists` are the plain columns
a replay runs on. DuckDB is measured with its own table and with Parquet files.

One JSON line per row and peer, in milliseconds, the best of some rounds.

    python bench/bars.py [--bars 525600] [--rounds 5] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from _contest import OURS, Contender, Figures, beside, run
from _market import MINUTE_NS, minutes

from crossdock.model import Bars, InstrumentId

IMPORTS = 3


class Store(NamedTuple):
    """One contender's store. `take` imports a CSV file under a number, each its own."""

    take: Callable[[Path, int], object]
    reads: Mapping[str, Callable[[], Any]]  # of what was imported as number 0


def ours(folder: Path) -> Store:
    from crossdock.adapters.feeds.recorded.feed import RecordedFiles
    from crossdock.adapters.stores.parquet.store import ParquetStore

    feed, store = RecordedFiles(), ParquetStore(folder)

    def take(file: Path, number: int) -> None:
        symbol = f"A{number}/USDT"
        opened = feed.open(str(file), symbol=symbol, venue="bench", timeframe="1m")
        for bars in opened.bars():
            store.append(bars, source=str(file))

    name = InstrumentId("A0/USDT@bench")
    return Store(
        take,
        {
            "frame": lambda: store.frame(name, MINUTE_NS),
            "lists": lambda: columns(store.bars(name, MINUTE_NS)),
        },
    )


def columns(bars: Bars) -> list[Sequence[float]]:
    """Look at every column, which is when a store's bars become lists."""
    names = ("start_time_ns", "open", "high", "low", "close", "volume")
    return [getattr(bars, name) for name in names]


CSV = """
    SELECT timestamp * 1000000 AS start_time_ns, open, high, low, close, volume
    FROM read_csv('{file}')
"""


def duckdb_table(folder: Path) -> Store:
    import duckdb

    connection = duckdb.connect(str(folder / "bars.duckdb"))

    def take(file: Path, number: int) -> None:
        connection.execute(f"CREATE TABLE bars_{number} AS {CSV.format(file=file)}")
        connection.execute("CHECKPOINT")

    return Store(take, {"frame": lambda: connection.sql("SELECT * FROM bars_0").pl()})


def duckdb_parquet(folder: Path) -> Store:
    import duckdb

    connection = duckdb.connect()

    def take(file: Path, number: int) -> None:
        into = folder / f"{number}.parquet"
        chosen = "FORMAT parquet, COMPRESSION zstd"
        connection.execute(f"COPY ({CSV.format(file=file)}) TO '{into}' ({chosen})")

    read = f"SELECT * FROM read_parquet('{folder / '0.parquet'}')"
    return Store(take, {"frame": lambda: connection.sql(read).pl()})


def arcticdb(folder: Path) -> Store:
    import pandas as pd
    from arcticdb import Arctic

    library = Arctic(f"lmdb://{folder}").create_library("bars")

    def take(file: Path, number: int) -> None:
        read = pd.read_csv(file)
        read.index = pd.to_datetime(read.pop("timestamp"), unit="ms")
        library.write(str(number), read)

    return Store(take, {"frame": lambda: library.read("0").data})


def write_csv(file: Path, bars: int) -> None:
    with file.open("w", encoding="ascii") as text:
        text.write("timestamp,open,high,low,close,volume\n")
        for start_ns, *values in minutes(bars):
            text.write(f"{start_ns // 10**6},{','.join(map(str, values))}\n")


def best_ms(act: Callable[[int], object], rounds: int) -> float:
    spent = []
    for number in range(rounds):
        gc.collect()
        began = perf_counter()
        act(number)
        spent.append(perf_counter() - began)
    return min(spent) * 1000


def contender(open_store: Callable[[Path], Store]) -> Contender:
    def measure(given: argparse.Namespace) -> Mapping[str, Any]:
        with tempfile.TemporaryDirectory() as name:
            file, folder = Path(name, "year.csv"), Path(name, "store")
            write_csv(file, given.bars)
            folder.mkdir()
            store = open_store(folder)
            figures = {"import": best_ms(lambda at: store.take(file, at), IMPORTS)}
            for what, read in store.reads.items():
                whole = read()
                rows = len(whole[0] if what == "lists" else whole)
                assert rows == given.bars, f"{what}: {rows} bars came back"
                figures[what] = best_ms(lambda _, read=read: read(), given.rounds)
        return figures

    return measure


CONTENDERS = {
    each.__name__: contender(each)
    for each in (ours, duckdb_table, duckdb_parquet, arcticdb)
}
ROWS = {"import": "CSV into the store", "frame": "a year into a frame"}


def lines(given: argparse.Namespace, figures: Figures) -> Iterator[dict[str, Any]]:
    lists = {"frame": figures[OURS].get("lists", 0.0)}
    for what, words in [*ROWS.items(), ("lists", "a year into plain lists")]:
        for peer, theirs in figures.items():
            if peer == OURS:
                continue
            line = {"bench": "bars", "row": f"{words}, {given.bars} bars", "unit": "ms"}
            line["peer"] = peer
            if what != "lists":
                yield beside(line, figures[OURS], theirs, what)
            elif lists["frame"]:
                yield beside(line | {"theirs_is": "frame"}, lists, theirs, "frame")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bars", type=int, default=525_600)
    options.add_argument("--rounds", type=int, default=5)
    run(options, CONTENDERS, lines)


if __name__ == "__main__":
    main()
