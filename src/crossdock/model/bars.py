"""Bars by the thousand, as columns, and the widths they come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossdock.model.ids import InstrumentId
from crossdock.model.market import Bar

SECOND_NS = 1_000_000_000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def width_of(timeframe: str) -> int:
    """Return the nanoseconds of a timeframe such as 1s, 5m, 4h, 1d or 1w.

    Raises ValueError, for months too: they have no fixed width.
    """
    number, unit = timeframe[:-1], timeframe[-1:]
    if not number.isdecimal() or int(number) == 0 or unit not in _UNITS:
        raise ValueError(
            f"a timeframe is a number and s, m, h, d or w, like 1m or 4h; got {timeframe!r}"
        )
    return int(number) * _UNITS[unit] * SECOND_NS


def timeframe_of(width_ns: int) -> str:
    """Return a width's timeframe in its largest whole unit: 60 seconds are 1m."""
    for unit, seconds in reversed(_UNITS.items()):
        if width_ns > 0 and width_ns % (seconds * SECOND_NS) == 0:
            return f"{width_ns // (seconds * SECOND_NS)}{unit}"
    raise ValueError(f"a width is a whole number of seconds, got {width_ns} ns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars of one instrument and one width: oldest first, each start once.

    Plain lists, one value a bar; times are UTC nanoseconds. What is missing between two
    bars is missing: nothing is filled in.
    """

    instrument: InstrumentId
    width_ns: int
    start_time_ns: Sequence[int]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    volume: Sequence[float]

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self._columns()}
        if len(lengths) != 1:
            raise ValueError(f"{self.instrument}: the columns of bars differ in length")

    def _columns(self) -> tuple[Sequence[float], ...]:
        return (
            self.start_time_ns,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
        )

    @property
    def timeframe(self) -> str:
        return timeframe_of(self.width_ns)

    def __len__(self) -> int:
        return len(self.start_time_ns)

    def __iter__(self) -> Iterator[Bar]:
        instrument, width_ns = self.instrument, self.width_ns
        for start, *prices in zip(*self._columns(), strict=True):
            yield Bar(instrument, int(start), width_ns, *prices)

    def __getitem__(self, part: slice) -> Bars:
        start, *prices = (column[part] for column in self._columns())
        return Bars(
            instrument=self.instrument,
            width_ns=self.width_ns,
            start_time_ns=[int(time) for time in start],
            **dict(zip(("open", "high", "low", "close", "volume"), prices, strict=True)),
        )

    @classmethod
    def of(cls, bars: Sequence[Bar], *, instrument: InstrumentId, width_ns: int) -> Bars:
        """Gather single bars, which are oldest first already."""
        return cls(
            instrument=instrument,
            width_ns=width_ns,
            start_time_ns=[bar.start_time_ns for bar in bars],
            open=[bar.open for bar in bars],
            high=[bar.high for bar in bars],
            low=[bar.low for bar in bars],
            close=[bar.close for bar in bars],
            volume=[bar.volume for bar in bars],
        )

    def __repr__(self) -> str:
        return f"<{len(self)} bars of {self.instrument} {self.timeframe}>"
