"""Functions of the values at one bar."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from operator import attrgetter
from types import ModuleType
from typing import Any

from crossdock.analysis.indicators.expressions.expression import (
    NAN,
    Column,
    Expression,
    Live,
    Pull,
)
from crossdock.model import Bar

START_COLUMN = "start_time_ns"


class Source(Expression):
    """A column of the bars: a price, the volume, or the nanoseconds they start at."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def live(self, *pulls: Pull) -> Live:
        return Live(attrgetter(self.name))

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        return column


class Pointwise(Expression):
    """A function of one to three values with no memory, in plain floats and in columns."""

    __slots__ = ("_columns", "_plain")

    def __init__(
        self,
        plain: Callable[..., float],
        columns: Callable[..., Column],
        *inputs: Expression,
    ) -> None:
        super().__init__(*inputs)
        self._plain = plain
        self._columns = columns

    def live(self, *pulls: Pull) -> Live:
        function = self._plain
        if len(pulls) == 1:
            (only,) = pulls
            return Live(lambda bar: function(only(bar)))
        if len(pulls) == 2:
            left, right = pulls
            return Live(lambda bar: function(left(bar), right(bar)))
        first, second, third = pulls
        return Live(lambda bar: function(first(bar), second(bar), third(bar)))

    def over(self, np: ModuleType, *columns: Column) -> Column:
        return self._columns(np, *columns)


OPEN, HIGH, LOW, CLOSE, VOLUME, START = (
    Source(name) for name in ("open", "high", "low", "close", "volume", START_COLUMN)
)


def absolute(of: Expression) -> Expression:
    return Pointwise(abs, lambda np, x: np.abs(x), of)


def root(of: Expression) -> Expression:
    """Return the square root of what is never negative."""
    return Pointwise(sqrt, lambda np, x: np.sqrt(x), of)


def reach(high: Expression, low: Expression, point: Expression) -> Expression:
    """Return the distance from high to low, each moved to the point if that is beyond."""
    return Pointwise(
        lambda x, y, z: (x if x > z else z) - (y if y < z else z),  # noqa: FURB136  (fast)
        lambda np, x, y, z: np.maximum(x, z) - np.minimum(y, z),
        high,
        low,
        point,
    )


def positive(of: Expression) -> Expression:
    """Return what is above 0, and 0 for the rest."""
    return Pointwise(lambda x: max(0.0, x), lambda np, x: np.where(x > 0.0, x, 0.0), of)


def sign(of: Expression) -> Expression:
    return Pointwise(lambda x: (x > 0.0) - (x < 0.0) * 1.0, lambda np, x: np.sign(x), of)


def where_above(left: Expression, right: Expression, then: Expression) -> Expression:
    """Return `then` where left is above right, and 0 elsewhere."""
    return Pointwise(
        lambda x, y, z: z if x > y else 0.0,
        lambda np, x, y, z: np.where(x > y, z, 0.0),
        left,
        right,
        then,
    )


def ratio(above: Expression, below: Expression, *, otherwise: float) -> Expression:
    """Divide; `otherwise` is the value where the divisor is 0."""

    def columns(np: ModuleType, x: Column, y: Column) -> Column:
        return np.divide(x, y, out=np.full(len(x), otherwise), where=y != 0.0)

    return Pointwise(lambda x, y: x / y if y else otherwise, columns, above, below)


class Lag(Expression):
    """The value some bars ago. With `hold`, the first value stands for those before it."""

    __slots__ = ("_bars", "_hold")

    def __init__(self, of: Expression, bars: int = 1, *, hold: bool = False) -> None:
        super().__init__(of, lead=0 if hold else bars)
        self._bars = bars
        self._hold = hold

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        bars = self._bars
        left = self.skipped + 1 if self._hold else 0  # bars until there is one to hold
        # As many values as bars: the newest takes the place of the one that is returned.
        past = [NAN] * bars
        at = 0

        def step(bar: Bar) -> float:
            nonlocal left, at
            value = pull(bar)
            if left:
                left -= 1
                past[:] = [value] * bars
            before = past[at]
            past[at] = value
            at = at + 1 if at + 1 < bars else 0
            return before

        def restore(state: Any) -> None:
            nonlocal left, at
            left, at, past[:] = state

        return Live(step, lambda: [left, at, list(past)], restore)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        kept = column[: max(len(column) - self._bars, 0)]
        if not self._hold or not len(column):
            return kept
        held = np.full(min(self._bars, len(column)), column[0])
        return np.concatenate((held, kept))
