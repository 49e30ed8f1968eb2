"""Bars and rows as frames of polars or pandas, and back."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from crossdock.analysis.bar_checks import (
    Fail,
    check_order,
    check_values,
    check_width,
    failing,
    width_between,
)
from crossdock.analysis.frame_bars import FrameBars
from crossdock.errors import DataError
from crossdock.model import Bars, InstrumentId
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl

FRAME = "the frame"
_PRICES = ("open", "high", "low", "close")
_TIMES = ("time", "start_time_ns", "datetime", "timestamp", "date", "index")
_NANOSECONDS = ("start_time_ns", "time_ns")
_COLUMNS_HINT = "a frame of bars has time, open, high, low, close and, best, volume"


def bars_frame(bars: Bars) -> pl.DataFrame:
    """Return columns time (UTC, nanoseconds), open, high, low, close, volume."""
    if isinstance(bars, FrameBars) and (held := bars.frame) is not None:
        return held
    polars = load("polars", extra="research", what="frames of bars")
    prices = {
        name: polars.Series(name, getattr(bars, name), dtype=polars.Float64)
        for name in (*_PRICES, "volume")
    }
    starts = polars.Series("time", bars.start_time_ns, dtype=polars.Int64)
    time = starts.cast(polars.Datetime("ns", "UTC"))
    frame: pl.DataFrame = polars.DataFrame({"time": time, **prices})
    return frame


def bars_of(
    frame: pl.DataFrame | pd.DataFrame,
    *,
    instrument: InstrumentId,
    width_ns: int | None = None,
) -> Bars:
    """Check a frame of polars or pandas as a file is checked, and return its bars.

    Names of columns are taken in any case; a pandas index of times serves as the time.
    Times without a zone are UTC. Without a width it is the most frequent distance.
    Raises DataError about "the frame" and the row, from 1.
    """
    fail = failing(FRAME, lambda row: row + 1)
    times, columns = (
        _polars_columns(frame, fail) if _is_polars(frame) else _pandas(frame, fail)
    )
    if not times:
        raise fail(None, "there is no row", code="data-empty", hint="give at least one bar")
    if check_order(times, fail=fail):
        times.reverse()
        for column in columns.values():
            column.reverse()
        fail = failing(FRAME, lambda row: len(times) - row)
    check_values(
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        columns["volume"],
        fail=fail,
    )
    width = width_between(times, fail=fail) if width_ns is None else width_ns
    check_width(times, width, fail=fail)
    return Bars(
        instrument=instrument,
        width_ns=width,
        start_time_ns=times,
        open=columns["open"],
        high=columns["high"],
        low=columns["low"],
        close=columns["close"],
        volume=columns["volume"],
    )


def pandas_of(frame: pl.DataFrame) -> pd.DataFrame:
    """Turn a polars frame into a pandas one, without pyarrow.

    Times stay UTC; decimals stay Decimal objects; whole numbers with gaps become Int64.
    """
    pandas = load("pandas", extra="pandas", what="pandas frames")
    polars = load("polars", extra="research", what="frames")
    made: dict[str, Any] = {}
    for column in frame.iter_columns():
        kind = column.dtype
        if isinstance(kind, polars.Datetime):
            zone = kind.time_zone
            plain = pandas.Series(column.dt.replace_time_zone(None).to_numpy())
            if zone is not None:
                naive = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
                plain = pandas.Series(naive.to_numpy()).dt.tz_localize("UTC")
                plain = plain.dt.tz_convert(zone)
            made[column.name] = plain
        elif kind.is_integer() and column.null_count():
            made[column.name] = pandas.array(column.to_list(), dtype="Int64")
        elif kind.is_float() or kind.is_integer() or kind == polars.Boolean:
            made[column.name] = column.to_numpy()
        else:
            made[column.name] = pandas.Series(column.to_list(), dtype=object)
    result: pd.DataFrame = pandas.DataFrame(made)
    return result


def frame_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame: Decimals as exact decimal columns, words of enums as text.

    A column holds what all rows have, with null where one lacks it. Decimals and other
    numbers in one column become decimals; a float among them raises TypeError.
    """
    polars = load("polars", extra="research", what="frames")
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame: pl.DataFrame = polars.DataFrame(
        [_series(polars, name, [row.get(name) for row in rows]) for name in names]
    )
    return frame


def _series(polars: Any, name: str, values: list[Any]) -> pl.Series:
    from decimal import Decimal

    plain = [value.value if isinstance(value, Enum) else value for value in values]
    kinds = {type(value) for value in plain if value is not None}
    if Decimal in kinds and str not in kinds:
        if float in kinds:
            raise TypeError(
                f"{name} mixes exact decimals with floats: money is never a float"
            )
        exact = [None if value is None else Decimal(value) for value in plain]
        scale = max(
            (-int(value.as_tuple().exponent) for value in exact if value is not None),
            default=0,
        )
        exactly: pl.Series = polars.Series(
            name, exact, dtype=polars.Decimal(38, max(0, scale))
        )
        return exactly
    if kinds and not kinds <= {int, float, bool, str}:
        plain = [None if value is None else str(value) for value in plain]
    made: pl.Series = polars.Series(name, plain, strict=len(kinds) < 2)
    return made


def _is_polars(frame: object) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(frame, polars.DataFrame)


def _polars_columns(frame: Any, fail: Fail) -> tuple[list[int], dict[str, list[float]]]:
    polars = load("polars", extra="research", what="frames of bars")
    named = {name.lower(): name for name in frame.columns}
    time = frame[_found(named, fail)]
    kind = time.dtype
    if kind == polars.Date:
        time = time.cast(polars.Datetime("ns"))
    elif time.name.lower() in _NANOSECONDS and kind.is_integer():
        time = polars.from_epoch(time, time_unit="ns")
    elif not isinstance(kind, polars.Datetime):
        raise _no_time(time.name, kind, fail)
    starts = time.dt.epoch("ns").to_list()
    _none_missing(starts, "time", fail)
    columns = {
        name: _numbers(frame[named[name]].to_list(), name, fail)
        for name in (*_PRICES, "volume")
        if name in named
    }
    columns.setdefault("volume", [0.0] * len(starts))
    return starts, columns


def _pandas(frame: Any, fail: Fail) -> tuple[list[int], dict[str, list[float]]]:
    pandas = load("pandas", extra="pandas", what="pandas frames")
    if not isinstance(frame, pandas.DataFrame):
        raise TypeError(f"bars are a polars or pandas frame, not {type(frame).__name__}")
    named = {str(name).lower(): name for name in frame.columns}
    if isinstance(frame.index, pandas.DatetimeIndex):
        named = {**{n: c for n, c in named.items() if n not in _TIMES}, "time": "time"}
        time = frame.index.to_series()
        _found(named, fail)
    else:
        name = _found(named, fail)
        time = frame[name]
        if time.dtype.kind in "iu" and str(name).lower() in _NANOSECONDS:
            time = pandas.to_datetime(time, unit="ns", utc=True)
        elif time.dtype.kind != "M":
            raise _no_time(str(name), time.dtype, fail)
    if time.isna().any():
        _none_missing([None if gone else 0 for gone in time.isna()], "time", fail)
    starts = pandas.to_datetime(time, utc=True).dt.as_unit("ns").astype("int64").tolist()
    columns = {
        name: _numbers(frame[named[name]].tolist(), name, fail)
        for name in (*_PRICES, "volume")
        if name in named
    }
    columns.setdefault("volume", [0.0] * len(starts))
    return starts, columns


def _found(named: Mapping[str, Any], fail: Fail) -> Any:
    """Return the name of the column of times. Raises when a column of bars is missing."""
    time = next((named[name] for name in (*_TIMES, "time_ns") if name in named), None)
    missing = [] if time is not None else ["time"]
    missing += [name for name in _PRICES if name not in named]
    if missing:
        found = ", ".join(str(name) for name in named.values())
        raise fail(
            None,
            f"columns are missing: {', '.join(missing)}; found: {found or 'none'}",
            code="data-columns",
            hint=_COLUMNS_HINT,
        )
    return time


def _no_time(name: str, kind: object, fail: Fail) -> DataError:
    return fail(
        None,
        f"the column {name!r} is {kind}, which is no time",
        code="data-time",
        hint="cast it to a Datetime; whole nanoseconds are taken from `start_time_ns`",
    )


def _none_missing(values: Sequence[Any], name: str, fail: Fail) -> None:
    if None in values:
        row = values.index(None)
        raise fail(row, f"the {name} is missing", code="data-value", hint="remove the row")


def _numbers(values: list[Any], name: str, fail: Fail) -> list[float]:
    _none_missing(values, name, fail)
    try:
        return list(map(float, values))
    except (TypeError, ValueError):
        row = next(n for n, value in enumerate(values) if not _is_number(value))
        raise fail(
            row,
            f"{name} is {values[row]!r}, which is no number",
            code="data-value",
            hint="cast the column to Float64",
        ) from None


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True
