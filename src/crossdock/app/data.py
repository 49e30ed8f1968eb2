"""The store of bars and ticks: import into it, look at it, check it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from crossdock.analysis.closures import open_gaps
from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.errors import DataError
from crossdock.model import (
    InstrumentId,
    Quote,
    Trade,
    symbol_of,
    timeframe_of,
    width_of,
)
from crossdock.ports import (
    UNNAMED,
    Appended,
    BarRecording,
    BarStore,
    RecordedFeed,
    Recording,
    SeriesInfo,
)

_BATCH = 250_000  # ticks in memory at a time
_TICKS = ("trades", "quotes")

Progress = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import did. `left_out` are events that no series is made of."""

    format: str
    series: dict[tuple[InstrumentId, str], Appended] = field(default_factory=dict)
    left_out: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, instrument: InstrumentId, timeframe: str, told: Appended) -> None:
        before = self.series.get((instrument, timeframe))
        if before is not None:
            told = Appended(
                added=before.added + told.added,
                known=before.known + told.known,
                changed=before.changed + told.changed,
            )
        self.series[instrument, timeframe] = told


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One series, checked. `gaps` are those no closing time of its market explains."""

    series: SeriesInfo
    gaps: Sequence[tuple[int, int]]
    closures: int
    problems: Sequence[DataError]

    @property
    def is_sound(self) -> bool:
        return not self.gaps and not self.problems


def data_folder() -> Path:
    """Return where this user's bars and ticks are kept unless said otherwise."""
    return user_folders().data / "market"


def open_store(folder: Path | None = None, registry: Registry | None = None) -> BarStore:
    """Open the store in a folder, which need not exist yet."""
    registry = registry or Registry()
    factory = registry.factory(registry.manifest("store", "parquet"))
    store: BarStore = factory(folder or data_folder())
    return store


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What somebody says of recorded data, where it does not tell that itself."""

    symbol: str = ""
    venue: str = ""
    timeframe: str = ""
    timezone: str = ""


def open_recording(
    path: str, hints: Hints | None = None, registry: Registry | None = None
) -> Recording:
    """Open recorded data of any known format, as `RecordedFeed.open`. Raises DataError."""
    registry = registry or Registry()
    feed: RecordedFeed = registry.factory(registry.manifest("feed", "recorded"))()
    return feed.open(path, **asdict(hints or Hints()))


def import_recording(
    recording: Recording,
    store: BarStore,
    *,
    source: str,
    progress: Progress = lambda _: None,
) -> Imported:
    """Put a recording's bars, trades and quotes into a store. `progress` is told rows done.

    Raises DataError for one that names no symbol: strangers would end up in one series.
    """
    if any(symbol_of(each.id) == UNNAMED for each in recording.instruments()):
        raise DataError(
            "nothing in it names the symbol",
            file=source,
            code="data-symbol",
            hint="say it with --symbol, like BTC/USDT",
        )
    done = Imported(format=recording.format)
    if isinstance(recording, BarRecording):
        rows = 0
        for bars in recording.bars():
            done.add(bars.instrument, bars.timeframe, store.append(bars, source=source))
            rows += len(bars)
            progress(rows)
    else:
        _import_ticks(recording, store, done, source, progress)
    done.notes = list(recording.notes)
    if not done.series:
        raise DataError(
            f"holds {done.left_out} events, and no bar, trade or quote among them",
            file=source,
            code="data-unusable",
            hint="replay it as it is: books are not kept in the store",
        )
    return done


def _import_ticks(
    recording: Recording, store: BarStore, done: Imported, source: str, progress: Progress
) -> None:
    trades: dict[InstrumentId, list[Trade]] = {}
    quotes: dict[InstrumentId, list[Quote]] = {}
    waiting = rows = 0

    def flush() -> None:
        for instrument, mine in trades.items():
            done.add(instrument, "trades", store.append_trades(mine, source=source))
        for instrument, theirs in quotes.items():
            done.add(instrument, "quotes", store.append_quotes(theirs, source=source))
        trades.clear()
        quotes.clear()

    for event in recording.events():
        if isinstance(event, Trade):
            trades.setdefault(event.instrument, []).append(event)
        elif isinstance(event, Quote):
            quotes.setdefault(event.instrument, []).append(event)
        else:
            done.left_out += 1
            continue
        waiting += 1
        if waiting == _BATCH:
            flush()
            rows, waiting = rows + waiting, 0
            progress(rows)
    flush()
    progress(rows + waiting)


def find_series(store: BarStore, instrument: str, timeframe: str) -> SeriesInfo:
    """Return one series. Raises DataError with the nearest one there is."""
    with contextlib.suppress(ValueError):  # trades and quotes have no width
        timeframe = timeframe_of(width_of(timeframe))  # 60m is 1h
    known = {(each.instrument, each.timeframe): each for each in store.series()}
    if found := known.get((InstrumentId(instrument), timeframe)):
        return found
    wanted = f"{instrument} {timeframe}"
    names = [" ".join(key) for key in known]
    raise DataError(
        f"there is no series {wanted}",
        file="the store",
        code="data-missing",
        hint=did_you_mean(wanted, names) if names else "import one: crossdock data import",
    )


def rows_of(
    store: BarStore,
    series: SeriesInfo,
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
    last: int | None = None,
) -> list[dict[str, Any]]:
    """Return bars or ticks as plain rows, oldest first."""
    if series.timeframe not in _TICKS:
        bars = store.bars(
            series.instrument,
            width_of(series.timeframe),
            start_ns=start_ns,
            end_ns=end_ns,
            last=last,
        )
        names = ("time_ns", "open", "high", "low", "close", "volume")
        columns = (
            bars.start_time_ns,
            bars.open,
            bars.high,
            bars.low,
            bars.close,
            bars.volume,
        )
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    read = store.trades if series.timeframe == "trades" else store.quotes
    ticks = list(read(series.instrument, start_ns=start_ns, end_ns=end_ns))
    ticks = ticks if last is None else ticks[-last:]
    rows = [msgspec.structs.asdict(tick) for tick in ticks]
    for row in rows:
        row["time_ns"] = row.pop("venue_time_ns") or row["received_time_ns"]
        del row["received_time_ns"], row["instrument"]
    return rows


def check_series(store: BarStore, series: SeriesInfo) -> Checked:
    """Read a whole series: damage, bars that cannot be, and gaps while its market was open."""
    check = getattr(store, "problems", None)
    problems = check(series.instrument, series.timeframe) if check else []
    if problems or series.timeframe in _TICKS:
        return Checked(series=series, gaps=(), closures=0, problems=problems)
    width_ns = width_of(series.timeframe)
    try:
        gaps = store.gaps(series.instrument, width_ns)
        times = store.bars(series.instrument, width_ns).start_time_ns
    except DataError as error:
        return Checked(series=series, gaps=(), closures=0, problems=[error])
    unexplained = open_gaps(times, width_ns, gaps)
    return Checked(
        series=series, gaps=unexplained, closures=len(gaps) - len(unexplained), problems=[]
    )
