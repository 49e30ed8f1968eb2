"""Implements `ports.BarStore`: series in folders, parts in Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crossdock.adapters.stores.parquet.continuity import (
    check_overlaps,
    check_part,
    gap_count,
    gaps_in,
)
from crossdock.adapters.stores.parquet.layout import (
    TICKS,
    folder_of,
    instrument_in,
    period_format,
)
from crossdock.adapters.stores.parquet.rows import (
    merge,
    quotes_frame,
    quotes_of,
    trades_frame,
    trades_of,
)
from crossdock.adapters.stores.parquet.series import (
    MANIFEST_NAME,
    Checkpoint,
    Part,
    Series,
    SeriesManifest,
    instrument_mismatch,
    read_files,
)
from crossdock.analysis.bar_checks import check_order, check_values, failing
from crossdock.analysis.frame_bars import FrameBars, is_sound
from crossdock.analysis.frames import bars_frame
from crossdock.errors import DataError
from crossdock.model import Bars, InstrumentId, Quote, Trade, timeframe_of
from crossdock.ports import Appended, SeriesInfo

if TYPE_CHECKING:
    import polars as pl

# Of 525,600 minute bars in twelve parts: plain 6.4 ms, lz4 9, zstd 24; 25, 17 and 14 MB.
_BARS_COMPRESSION = "uncompressed"
_TICKS_COMPRESSION = "zstd"
_PERIODS = {"%Y": "1y", "%Y-%m": "1mo", "%Y-%m-%d": "1d"}


def _pass(step: str) -> None: ...


class ParquetStore:
    """Bars and ticks beneath one folder. `checkpoint` is told each step of a commit."""

    def __init__(self, path: str | Path, *, checkpoint: Checkpoint = _pass) -> None:
        self._root = Path(path)
        self._checkpoint = checkpoint

    def append(self, bars: Bars, *, source: str) -> Appended:
        """Add bars, replacing those that are there with other values.

        Raises DataError for bars that cannot be, and for ones that overlap with the
        series' own.
        """
        name = f"bars of {bars.instrument} {bars.timeframe}"
        fail = failing(name, lambda row: row + 1)
        if not len(bars):
            return Appended(added=0, known=0, changed=0)
        frame = bars_frame(bars)
        if not is_sound(frame):
            if check_order(bars.start_time_ns, fail=fail):
                raise fail(
                    1, "newest first", code="data-order", hint="sort them, oldest first"
                )
            check_values(bars.open, bars.high, bars.low, bars.close, bars.volume, fail=fail)
        return self._append(bars.instrument, bars.timeframe, bars.width_ns, frame, source)

    def append_trades(self, trades: Sequence[Trade], *, source: str) -> Appended:
        return self._append_ticks("trades", trades, source)

    def append_quotes(self, quotes: Sequence[Quote], *, source: str) -> Appended:
        return self._append_ticks("quotes", quotes, source)

    def frame(
        self,
        instrument: InstrumentId,
        width_ns: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        last: int | None = None,
    ) -> pl.DataFrame:
        """Return bars as columns time, open, high, low, close, volume: as `bars`, faster."""
        timeframe = timeframe_of(width_ns)
        found = self._series(instrument, timeframe).read(start_ns, end_ns, last)
        if found is None:
            nothing = Bars(
                instrument=instrument,
                width_ns=width_ns,
                start_time_ns=(),
                open=(),
                high=(),
                low=(),
                close=(),
                volume=(),
            )
            return bars_frame(nothing)
        frame = _between(found, start_ns, end_ns)
        return frame if last is None else frame.tail(last)

    def bars(
        self,
        instrument: InstrumentId,
        width_ns: int,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        last: int | None = None,
    ) -> Bars:
        frame = self.frame(
            instrument, width_ns, start_ns=start_ns, end_ns=end_ns, last=last
        )
        return FrameBars.over(frame, instrument=instrument, width_ns=width_ns)

    def trades(
        self,
        instrument: InstrumentId,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Iterator[Trade]:
        for frame in self._ticks(instrument, "trades", start_ns, end_ns):
            yield from trades_of(frame, instrument)

    def quotes(
        self,
        instrument: InstrumentId,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Iterator[Quote]:
        for frame in self._ticks(instrument, "quotes", start_ns, end_ns):
            yield from quotes_of(frame, instrument)

    def series(self) -> Sequence[SeriesInfo]:
        found = []
        for file in sorted(self._root.glob(f"*/*/{MANIFEST_NAME}")):
            manifest = Series(file.parent, self._checkpoint).manifest()
            if manifest is None or not manifest.parts:
                continue
            named = instrument_in(file.parent.parent)
            if named != manifest.instrument:
                raise instrument_mismatch(file.parent, named, manifest.instrument)
            parts = manifest.parts
            found.append(
                SeriesInfo(
                    instrument=InstrumentId(manifest.instrument),
                    timeframe=manifest.timeframe,
                    count=sum(part.count for part in parts),
                    first_time_ns=parts[0].first_ns,
                    last_time_ns=parts[-1].last_ns,
                    gaps=gap_count(manifest),
                    source=", ".join(manifest.sources),
                )
            )
        return found

    def gaps(self, instrument: InstrumentId, width_ns: int) -> Sequence[tuple[int, int]]:
        found = self._series(instrument, timeframe_of(width_ns)).read(None, None)
        return [] if found is None else gaps_in(found, width_ns)

    def problems(self, instrument: InstrumentId, timeframe: str) -> Sequence[DataError]:
        """Read every part and check it against its manifest and against what must be."""
        series = self._series(instrument, timeframe)
        manifest = series.manifest()
        found: list[DataError] = []
        last_ns = None
        for part in manifest.parts if manifest else ():
            file = series.folder / part.file
            try:
                check_part(file, part, 0 if timeframe in TICKS else 1, last_ns)
            except DataError as error:
                found.append(error)
            last_ns = part.last_ns
        return found

    def _series(self, instrument: InstrumentId, timeframe: str) -> Series:
        return Series(folder_of(self._root, instrument, timeframe), self._checkpoint)

    def _append_ticks(
        self, kind: str, ticks: Sequence[Trade] | Sequence[Quote], source: str
    ) -> Appended:
        """Add ticks, of several instruments too: each instrument's atomically."""
        by_instrument: dict[InstrumentId, list[Trade | Quote]] = {}
        for tick in ticks:
            by_instrument.setdefault(tick.instrument, []).append(tick)
        total = Appended(added=0, known=0, changed=0)
        for instrument, mine in by_instrument.items():
            frame = (
                trades_frame(mine)  # type: ignore[arg-type]
                if kind == "trades"
                else quotes_frame(mine)  # type: ignore[arg-type]
            )
            total = plus(total, self._append(instrument, kind, 0, frame, source))
        return total

    def _append(
        self,
        instrument: InstrumentId,
        timeframe: str,
        width_ns: int,
        frame: pl.DataFrame,
        source: str,
    ) -> Appended:
        series = self._series(instrument, timeframe)
        kind = timeframe if timeframe in TICKS else "bars"
        with series.writing():
            manifest = series.manifest() or SeriesManifest(
                instrument=instrument, timeframe=timeframe, width_ns=width_ns
            )
            if manifest.instrument != instrument:
                raise instrument_mismatch(series.folder, instrument, manifest.instrument)
            series.sweep(manifest)
            generation = manifest.generation + 1
            parts = {part.period: part for part in manifest.parts}
            total = Appended(added=0, known=0, changed=0)
            new: dict[str, tuple[pl.DataFrame, Part]] = {}
            for period, rows in _by_period(frame, width_ns):
                old = parts.get(period)
                before = None if old is None else read_files([series.folder / old.file])
                merged, told = merge(before, rows, kind)
                total = plus(total, told)
                if told.added or told.changed:
                    file = f"{period}.{generation}.parquet"
                    new[period] = (merged, _part(merged, file, period, width_ns))
            if not new:
                return total
            if width_ns:
                check_overlaps(manifest, new, width_ns)
            sources = tuple(dict.fromkeys((*manifest.sources, source)))
            series.commit(
                msgspec.structs.replace(manifest, generation=generation, sources=sources),
                new,
                compression=_TICKS_COMPRESSION if kind in TICKS else _BARS_COMPRESSION,
            )
        return total

    def _ticks(
        self, instrument: InstrumentId, kind: str, start_ns: int | None, end_ns: int | None
    ) -> Iterator[pl.DataFrame]:
        """Yield a day at a time, so that a year of ticks needs no year of memory."""
        series = self._series(instrument, kind)
        manifest = series.manifest()
        for part in manifest.parts if manifest else ():
            first, end = part.first_ns, part.last_ns + 1
            first = first if start_ns is None else max(first, start_ns)
            end = end if end_ns is None else min(end, end_ns)
            if first < end and (found := series.read(first, end)) is not None:
                yield _between(found, first, end)


def plus(one: Appended, other: Appended) -> Appended:
    return Appended(
        added=one.added + other.added,
        known=one.known + other.known,
        changed=one.changed + other.changed,
    )


def _by_period(frame: pl.DataFrame, width_ns: int) -> Iterator[tuple[str, pl.DataFrame]]:
    form = period_format(width_ns)
    if form == "all":
        yield form, frame
        return
    starts = frame["time"].dt.truncate(_PERIODS[form])
    for (start,), rows in frame.with_columns(period=starts).group_by(
        "period", maintain_order=True
    ):
        yield start.strftime(form), rows.drop("period")


def _between(frame: pl.DataFrame, start_ns: int | None, end_ns: int | None) -> pl.DataFrame:
    times = frame["time"].dt.epoch("ns")
    first = 0 if start_ns is None else times.search_sorted(start_ns, side="left")
    end = len(frame) if end_ns is None else times.search_sorted(end_ns, side="left")
    return frame if (first, end) == (0, len(frame)) else frame[first:end]


def _part(frame: pl.DataFrame, file: str, period: str, width_ns: int) -> Part:
    times = frame["time"].dt.epoch("ns")
    return Part(
        file=file,
        period=period,
        count=len(frame),
        first_ns=times[0],
        last_ns=times[-1],
        gaps=len(gaps_in(frame, width_ns)) if width_ns else 0,
    )
