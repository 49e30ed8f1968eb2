"""Which market a command line names: a file, or bars of the bar store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.app.data import find_series, open_store
from crossdock.errors import DataError
from crossdock.model import width_of
from crossdock.ports import BarStore

_TICKS = ("trades", "quotes")


@dataclass(frozen=True, slots=True)
class Named:
    """What to replay. `source` is empty for a file, which names itself."""

    data: Any
    source: str = ""


def named_market(
    name: str,
    *,
    timeframe: str = "",
    start_ns: int | None = None,
    end_ns: int | None = None,
    store: BarStore | None = None,
) -> Named:
    """Return a file's path, else the bars of SYMBOL@VENUE. Raises DataError.

    Without a timeframe the instrument has to have bars of one only.
    """
    if "@" not in name or Path(name).exists():
        return Named(name)
    store = store or open_store()
    timeframe = timeframe or _only_timeframe(store, name)
    series = find_series(store, name, timeframe)
    bars = store.bars(
        series.instrument, width_of(timeframe), start_ns=start_ns, end_ns=end_ns
    )
    return Named(bars, f"{name} {timeframe} of the bar store")


def _only_timeframe(store: BarStore, name: str) -> str:
    found = [
        each.timeframe
        for each in store.series()
        if each.instrument == name and each.timeframe not in _TICKS
    ]
    if len(found) > 1:
        raise DataError(
            f"{name} has bars of {', '.join(found)}",
            file="the store",
            code="data-missing",
            hint="say which with --timeframe",
        )
    return found[0] if found else "1d"
