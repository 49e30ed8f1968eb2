"""Names of folders and periods: where a series and a part of it lie."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote

from crossdock.model import InstrumentId
from crossdock.model.bars import SECOND_NS

TICKS = ("trades", "quotes")
_HOUR_NS = 3_600 * SECOND_NS
_DAY_NS = 24 * _HOUR_NS
_SAFE = "@+=,-_. "  # beside letters and digits; no file system minds them


def folder_of(root: Path, instrument: InstrumentId, timeframe: str) -> Path:
    """Return the folder of a series: `BTC%2FUSDT@binance/1m`."""
    name = quote(instrument, safe=_SAFE)
    return root / re.sub(r"^\.|[. ]$", lambda dot: f"%{ord(dot[0]):02X}", name) / timeframe


def instrument_in(folder: Path) -> InstrumentId:
    return InstrumentId(unquote(folder.name))


def period_format(width_ns: int) -> str:
    """Return how the parts of a series are named, and so how much each holds.

    A month of minute bars is written in 4 ms, a year in 40; a year of twelve parts is
    read in 6.5 ms, of one in 4.3 (525,600 bars, one machine). Ticks: a day.
    """
    if width_ns >= _DAY_NS:
        return "all"
    if width_ns >= _HOUR_NS:
        return "%Y"
    return "%Y-%m" if width_ns else "%Y-%m-%d"
