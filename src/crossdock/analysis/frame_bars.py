"""Bars that are a frame of polars, and what is true of every bar, checked on frames."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from crossdock.model import Bars, InstrumentId
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

_PRICES = ("open", "high", "low", "close")
_NAMES = {"start_time_ns": "time"} | {name: name for name in (*_PRICES, "volume")}


class FrameBars(Bars):
    """Bars over a frame: a column becomes the plain list it must be when first asked for.

    Half a million floats are 4 MB in a frame and made in no time; as objects they are 17,
    and take 15 ms. From a file into a store nobody needs them as objects.
    """

    # `Bars` has a slot for each column. One still empty is what `__getattr__` answers for,
    # so that a column that was read costs what it costs in other bars.
    __slots__ = ("_frame",)
    _frame: pl.DataFrame | None

    @classmethod
    def over(
        cls, frame: pl.DataFrame, *, instrument: InstrumentId, width_ns: int
    ) -> FrameBars:
        """Take columns as `bars_frame` makes them, in order and without a null."""
        bars = cls.__new__(cls)
        object.__setattr__(bars, "instrument", instrument)
        object.__setattr__(bars, "width_ns", width_ns)
        object.__setattr__(bars, "_frame", frame)
        return bars

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "_frame", None)

    @property
    def frame(self) -> pl.DataFrame | None:
        """Return the frame, the caller's own; None for bars that were made of lists."""
        return None if self._frame is None else self._frame.clone()

    def __getattr__(self, name: str) -> Any:
        if name == "_frame":
            return None  # copied or unpickled: those have lists
        column = _NAMES.get(name)
        if column is None or self._frame is None:
            raise AttributeError(f"bars have no {name!r}")
        series = self._frame[column]
        values = (series.dt.epoch("ns") if column == "time" else series).to_list()
        object.__setattr__(self, name, values)
        return values

    def __len__(self) -> int:
        return super().__len__() if self._frame is None else self._frame.height

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bars):
            return NotImplemented  # the other side is asked
        names = [field.name for field in fields(Bars)]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment] # lists have none either


def is_sound(frame: pl.DataFrame) -> bool:
    """Tell whether `check_order` and `check_values` would pass bars without a word.

    Where they would not, only they know which row it is and what there is to say.
    """
    polars = load("polars", extra="research", what="frames of bars")
    if any(frame.null_count().row(0)):
        return False
    open_, high, low, close, volume = map(polars.col, (*_PRICES, "volume"))
    return bool(
        frame.select(
            polars.all_horizontal(
                (polars.col("time").to_physical().diff().drop_nulls() > 0).all(),
                *(each.is_finite().all() for each in (open_, high, low, close, volume)),
                *((high >= each).all() for each in (low, open_, close)),
                *((each >= low).all() for each in (open_, close)),
                (low > 0).all(),
                (volume >= 0).all(),
            )
        ).item()
    )
