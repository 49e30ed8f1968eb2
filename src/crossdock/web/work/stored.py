"""Stored series: what there is, how fresh it is, and where it has holes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crossdock.app.data import (
    Checked,
    check_series,
    find_series,
    open_store,
    rows_of,
)
from crossdock.model import width_of
from crossdock.ports import BarStore, SeriesInfo
from crossdock.web.problems import Problem

GAPS_TOLD = 50
_TICKS = ("trades", "quotes")


class Stored:
    """Reads in threads. A series is checked once for each state that it is in."""

    def __init__(self, folder: Path, now_ns: Callable[[], int]) -> None:
        self.folder = folder
        self._now_ns = now_ns
        self._checked: dict[tuple[str, str], Checked] = {}

    async def all(self) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self._all)

    async def bars(
        self, series: str, *, start_ns: int | None, end_ns: int | None, last: int
    ) -> dict[str, Any]:
        """Return bars of a series named as `all` names it. Raises DataError, Problem."""
        return await asyncio.to_thread(self._bars, series, start_ns, end_ns, last)

    def find(self, instrument: str, timeframe: str) -> SeriesInfo:
        """Return a series. Raises DataError `data-missing`."""
        return find_series(self._store(), instrument, timeframe)

    def _store(self) -> BarStore:
        return open_store(self.folder)

    def _all(self) -> list[dict[str, Any]]:
        store = self._store()
        return [self._told(store, each) for each in store.series()]

    def _told(self, store: BarStore, series: SeriesInfo) -> dict[str, Any]:
        key = (series.instrument, series.timeframe)
        checked = self._checked.get(key)
        if checked is None or checked.series != series:
            checked = self._checked[key] = check_series(store, series)
        is_ticks = series.timeframe in _TICKS
        ends_ns = series.last_time_ns + (0 if is_ticks else width_of(series.timeframe))
        return {
            "name": f"{series.instrument} {series.timeframe}",
            "instrument": series.instrument,
            "timeframe": series.timeframe,
            "kind": series.timeframe if is_ticks else "bars",
            "first_ns": series.first_time_ns,
            "last_ns": series.last_time_ns,
            "age_s": round(max(self._now_ns() - ends_ns, 0) / 1e9, 3),
            "rows": series.count,
            "gap_count": len(checked.gaps),
            "gaps": [list(gap) for gap in checked.gaps[-GAPS_TOLD:]],
            "closures": checked.closures,
            "problems": [str(problem) for problem in checked.problems],
            "source": series.source,
        }

    def _bars(
        self, name: str, start_ns: int | None, end_ns: int | None, last: int
    ) -> dict[str, Any]:
        instrument, _, timeframe = name.rpartition(" ")
        store = self._store()
        series = find_series(store, instrument, timeframe)
        if series.timeframe in _TICKS:
            raise Problem(422, "bad-argument", f"{name} holds no bars")
        rows = rows_of(store, series, start_ns=start_ns, end_ns=end_ns, last=last)
        columns = ("open", "high", "low", "close", "volume")
        return {
            "symbol": instrument.partition("@")[0],
            "instrument": instrument,
            "timeframe": series.timeframe,
            "bars": [
                [row["time_ns"] / 1e9, *(float(row[name]) for name in columns)]
                for row in rows
            ],
            "forming": None,
            "source": "store",
        }
