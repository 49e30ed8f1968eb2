"""What must be true of a series' times: in order, in step, and where bars are missing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.adapters.stores.parquet.series import Part, SeriesManifest, read_files
from crossdock.analysis.bar_checks import DAY_NS, HOUR_NS, check_values, failing
from crossdock.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def allowance(width_ns: int) -> int:
    # Days that begin at local midnight are an hour shorter or longer twice a year.
    return HOUR_NS if width_ns >= DAY_NS else 0


def gaps_in(frame: pl.DataFrame, width_ns: int) -> list[tuple[int, int]]:
    times = frame["time"].dt.epoch("ns")
    late = (times.diff() > width_ns + allowance(width_ns)).arg_true().to_list()
    return [(times[row - 1] + width_ns, times[row]) for row in late]


def gap_count(manifest: SeriesManifest) -> int:
    if not manifest.width_ns:
        return 0
    most = manifest.width_ns + allowance(manifest.width_ns)
    parts = manifest.parts
    return sum(part.gaps for part in parts) + sum(
        after.first_ns - before.last_ns > most for before, after in pairwise(parts)
    )


def check_overlaps(
    manifest: SeriesManifest, new: Mapping[str, tuple[pl.DataFrame, Part]], width_ns: int
) -> None:
    """Refuse bars that begin inside another one: two series that are out of step."""
    least = width_ns - allowance(width_ns)
    name = f"bars of {manifest.instrument} {manifest.timeframe}"
    ends = {part.period: part for part in manifest.parts}
    ends |= {period: part for period, (_, part) in new.items()}
    parts = sorted(ends.values(), key=lambda part: part.first_ns)
    steps = [b.first_ns - a.last_ns for a, b in pairwise(parts)]
    for frame, _ in new.values():
        steps += [frame["time"].dt.epoch("ns").diff().min() or least]  # type: ignore[list-item]
    if min(steps, default=least) < least:
        raise DataError(
            f"two of them begin {min(steps) / 1e9:g} s apart",
            file=name,
            code="data-overlap",
            hint="these come from another source, out of step: give them another venue",
        )


def check_part(file: Path, part: Part, strictly: int, last_ns: int | None) -> None:
    def wrong(row: int, words: str) -> DataError:
        return DataError(
            words,
            file=str(file),
            line=row,
            code="data-damaged",
            hint="remove the folder of this series, and import it again",
        )

    if not file.exists():
        raise wrong(0, "is missing")
    frame = read_files([file])
    times = frame["time"].dt.epoch("ns")
    if len(frame) != part.count or (times[0], times[-1]) != (part.first_ns, part.last_ns):
        raise wrong(
            0, f"has {len(frame)} rows, and its manifest says {part.count}, or others"
        )
    falls = (times.diff() < strictly).arg_true().to_list()
    if falls:
        raise wrong(falls[0] + 1, "a time is there twice, or out of order")
    if last_ns is not None and times[0] < last_ns + strictly:
        raise wrong(1, "begins before the part before it ends")
    if strictly:
        fail = failing(str(file), lambda row: row + 1)
        columns = [frame[n].to_list() for n in ("open", "high", "low", "close", "volume")]
        check_values(*columns, fail=fail)
