"""Turns what the user gave, a path, bars or a frame, into a market that can be replayed."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crossdock.app.data import Hints, open_recording
from crossdock.app.registry import Registry
from crossdock.app.replay.inferring import instrument_of
from crossdock.app.replay.terms import Terms
from crossdock.errors import ConfigError, DataError
from crossdock.model import Bars, Instrument, InstrumentId, instrument_id, venue_of
from crossdock.ports import BarRecording, Recording

VENUE = "replay"  # where bars that name no venue are said to be traded


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Either bars or a recording of a stream, and the instruments in it on their terms."""

    source: str
    instruments: Sequence[Instrument]
    bars: Sequence[Bars] = ()
    notes: Sequence[str] = ()  # what was taken for granted in reading it
    recording: Recording | None = None

    @property
    def venue(self) -> str:
        return venue_of(self.instruments[0].id)


def open_market(
    data: Any,
    terms: Terms,
    *,
    instruments: Sequence[Instrument] = (),
    hints: Hints | None = None,
    start_ns: int | None = None,
    end_ns: int | None = None,
    registry: Registry | None = None,
) -> Market:
    """Open what is to be replayed; bars are cut to [start_ns, end_ns).

    Takes a path, a recording, `Bars` or several of them, or a polars or pandas frame;
    `instruments` are those of given bars that are known. Raises DataError for data that
    is wrong or empty, ConfigError for what is no data at all.
    """
    hints = hints or Hints()
    if isinstance(data, str | os.PathLike):
        recording = open_recording(os.fspath(data), hints, registry)
        return _of_recording(recording, os.fspath(data), terms, start_ns, end_ns)
    if isinstance(data, Recording):
        return _of_recording(data, data.format, terms, start_ns, end_ns)
    if isinstance(data, Bars):
        series: Sequence[Bars] = (data,)
    elif isinstance(data, list | tuple) and data and isinstance(data[0], Bars):
        series = data
    else:
        series = (_of_frame(data, hints.symbol),)
    # Bars may be older than the version of the instrument that is known.
    known = {it.id: replace(it, valid_from_ns=0, valid_until_ns=None) for it in instruments}
    return _of_bars(series, "bars", known, terms, start_ns, end_ns)


def _of_recording(
    recording: Recording,
    source: str,
    terms: Terms,
    start_ns: int | None,
    end_ns: int | None,
) -> Market:
    if isinstance(recording, BarRecording):
        listed = {instrument.id: instrument for instrument in recording.instruments()}
        return _of_bars(
            recording.bars(), source, listed, terms, start_ns, end_ns, recording.notes
        )
    if start_ns is not None or end_ns is not None:
        raise ConfigError(
            f"{source} is a recorded stream: only bars can be cut by time",
            code="bad-argument",
            hint="replay it whole, or cut the file itself",
        )
    instruments = [terms.apply(each) for each in recording.instruments()]
    if not instruments:
        raise DataError("no instrument is traded in it", file=source, hint="record again")
    return Market(
        source=source,
        instruments=instruments,
        notes=recording.notes,
        recording=recording,
    )


def _of_bars(
    series: Sequence[Bars],
    source: str,
    listed: dict[InstrumentId, Instrument],
    terms: Terms,
    start_ns: int | None,
    end_ns: int | None,
    notes: Sequence[str] = (),
) -> Market:
    cut = [_cut(bars, start_ns, end_ns) for bars in series]
    cut = [bars for bars in cut if len(bars)]
    if not cut:
        raise DataError(
            "there are no bars" + (" in that time" if any(map(len, series)) else ""),
            file=source,
            hint="choose another period; `crossdock data list` shows what there is",
        )
    venues = {venue_of(bars.instrument) for bars in cut}
    if len(venues) > 1:
        raise ConfigError(
            f"bars of one venue can be replayed together, not of {', '.join(sorted(venues))}",
            code="bad-argument",
        )
    instruments = {
        bars.instrument: terms.apply(listed.get(bars.instrument) or instrument_of(bars))
        for bars in cut
    }
    return Market(
        source=source, instruments=list(instruments.values()), bars=cut, notes=notes
    )


def _cut(bars: Bars, start_ns: int | None, end_ns: int | None) -> Bars:
    if start_ns is None and end_ns is None:
        return bars
    times = bars.start_time_ns
    first = 0 if start_ns is None else bisect_left(times, start_ns)
    last = len(times) if end_ns is None else bisect_left(times, end_ns)
    return bars[first:last]


def _of_frame(data: Any, symbol: str) -> Bars:
    from crossdock.analysis.frames import bars_of

    if not hasattr(data, "columns"):
        raise ConfigError(
            f"a market is a path, bars or a frame of bars; got {type(data).__name__}",
            code="bad-argument",
        )
    name = (
        instrument_id(symbol.partition("@")[0], symbol.partition("@")[2] or VENUE)
        if symbol
        else None
    )
    return bars_of(data, instrument=name or _named_in(data))


def _named_in(frame: Any) -> InstrumentId:
    """Return the instrument a frame of the desk's names itself; else a neutral one."""
    if "instrument" in list(frame.columns) and len(frame):
        return InstrumentId(str(frame["instrument"][0]))
    return instrument_id("ASSET/USD", VENUE)
