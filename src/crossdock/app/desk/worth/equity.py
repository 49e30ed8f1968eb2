"""What the desk was worth, sampled while it runs, and kept over restarts.

It has a file of its own, a line a minute, and not the journal or its projection: prices are
not journaled, so no reading of the journal could make these figures again.
"""

from __future__ import annotations

import logging
import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

EVERY_S = 5
KEPT_EVERY_S = 60
RECENT = 720  # samples five seconds apart: an hour
KEPT = 20_160  # samples a minute apart: two weeks
POINTS = 2_000  # an answer has at most about so many
SECOND_NS = 1_000_000_000
_READ_BACK = 8_000_000  # bytes of the file that a start reads
_LARGEST = 64_000_000

DESK = ""  # the series of the whole desk; others are `portfolio:NAME` and `strategy:NAME`


class Reading(NamedTuple):
    equity: float
    pnl: float
    gross_exposure: float


class Point(NamedTuple):
    """`time_s` is UTC. `drawdown` is the share of the best equity that has been lost."""

    time_s: float
    equity: float
    pnl: float
    drawdown: float
    gross_exposure: float


class _Samples:
    """Points as flat numbers: forty bytes each. The oldest go when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._flat = array("d")

    def add(self, point: Point) -> None:
        self._flat.extend(point)
        if len(self) > self._most + self._most // 8:
            del self._flat[: (len(self) - self._most) * len(Point._fields)]

    def __len__(self) -> int:
        return len(self._flat) // len(Point._fields)

    def since(self, time_s: float) -> list[Point]:
        width = len(Point._fields)
        flat = self._flat
        starts = range(0, len(flat), width)
        return [Point(*flat[at : at + width]) for at in starts if flat[at] >= time_s]

    def first_since(self, time_s: float) -> Point | None:
        width = len(Point._fields)
        flat = self._flat
        index = bisect_left(range(len(self)), time_s, key=lambda at: flat[at * width])
        return (
            Point(*flat[index * width : (index + 1) * width]) if index < len(self) else None
        )

    @property
    def first_s(self) -> float:
        return self._flat[0] if self._flat else float("inf")


class _Series:
    def __init__(self) -> None:
        self.recent = _Samples(RECENT)
        self.kept = _Samples(KEPT)
        self._best_pnl: float | None = None
        self.drawdown = 0.0
        self._kept_s = 0.0

    def add(self, time_s: float, reading: Reading) -> bool:
        """Take in a sample. True when it is one of those that are kept for long."""
        equity, pnl, gross = reading
        best = self._best_pnl = pnl if self._best_pnl is None else max(self._best_pnl, pnl)
        # Against the best result, not the best equity: what was paid out is no loss.
        highest = equity - pnl + best
        self.drawdown = (best - pnl) / highest if highest > 0 else 0.0
        point = Point(time_s, equity, pnl, self.drawdown, gross)
        self.recent.add(point)
        if time_s - self._kept_s < KEPT_EVERY_S:
            return False
        self._kept_s = time_s
        self.kept.add(point)
        return True

    def points(self, since_s: float) -> list[Point]:
        begins_s = self.recent.first_s
        older = [each for each in self.kept.since(since_s) if each.time_s < begins_s]
        return older + self.recent.since(since_s)


class EquityHistory:
    """`measure` returns a reading for each series that can be told now."""

    def __init__(
        self, file: Path | None, measure: Callable[[], Mapping[str, Reading]]
    ) -> None:
        """`file` is read back at once; None keeps nothing over a restart."""
        self._file = file
        self._measure = measure
        self._series: dict[str, _Series] = {}
        self._sampled_ns: int | None = None
        if file is not None:
            self._read_back(file)

    def sample(self, now_ns: int) -> None:
        """Take a sample when the last one is old enough; the first once there is any."""
        if self._sampled_ns is not None:
            since_ns = now_ns - self._sampled_ns
            if 0 <= since_ns < EVERY_S * SECOND_NS:
                return
        readings = self._measure()
        if not readings:
            return  # prices are missing yet: whoever looks on waits for the first of them
        self._sampled_ns = now_ns
        time_s = now_ns / SECOND_NS
        lines = []
        for name, reading in readings.items():
            if self._of(name).add(time_s, reading):
                lines.append(_line(time_s, name, reading))
        if lines and self._file is not None:
            self._append(self._file, lines)

    def points(self, since_ns: int = 0, name: str = DESK) -> list[Point]:
        """Return samples, oldest first, thinned evenly where there are very many."""
        series = self._series.get(name)
        if series is None:
            return []
        found = series.points(since_ns / SECOND_NS)
        step = -(-len(found) // POINTS)
        if step <= 1:
            return found
        return found[(len(found) - 1) % step :: step]  # the newest is always one of them

    def first_since(self, since_ns: int, name: str = DESK) -> Point | None:
        """Return the first sample from a time on, None before there is one."""
        series = self._series.get(name)
        if series is None:
            return None
        found = series.kept.first_since(since_ns / SECOND_NS)
        return found or series.recent.first_since(since_ns / SECOND_NS)

    def drawdown(self, name: str = DESK) -> float:
        series = self._series.get(name)
        return 0.0 if series is None else round(series.drawdown, 8)

    def _of(self, name: str) -> _Series:
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series()
        return series

    def _append(self, file: Path, lines: Iterable[str]) -> None:
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.writelines(lines)
        except OSError as error:
            log.warning("equity is not kept: %s", error)
            self._file = None  # told once; the samples of this run stay

    def _read_back(self, file: Path) -> None:
        try:
            size = file.stat().st_size
            with file.open("rb") as opened:
                opened.seek(max(size - _READ_BACK, 0))
                text = opened.read().decode("utf-8", "replace")
            if size > _LARGEST:
                file.replace(file.with_suffix(".old"))
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("the equity kept so far cannot be read: %s", error)
            return
        for line in text.splitlines():
            *numbers, name = line.split(",", 4)
            try:
                time_s, equity, pnl, gross = map(float, numbers)
            except ValueError:
                continue  # the first or the last line may be a part of one
            self._of(name).add(time_s, Reading(equity, pnl, gross))
        for series in self._series.values():
            series.recent = _Samples(RECENT)  # what was read back is a minute apart


def _line(time_s: float, name: str, reading: Reading) -> str:
    numbers = (reading.equity, reading.pnl, reading.gross_exposure)
    name = " ".join(name.split())  # a line is a sample, whatever somebody called a strategy
    return f"{time_s:.0f},{','.join(map(repr, numbers))},{name}\n"
