"""Functions of the last so many values, without drift: no value is ever subtracted.

The values are cut into blocks as long as the window. A window then is the end of one
block and the beginning of the next: a fold from a block's end backwards, made once a
block, joined to a running fold. What has left the window has left no trace.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from operator import add
from types import ModuleType
from typing import Any, NamedTuple

from crossdock.analysis.indicators.expressions.expression import (
    NAN,
    Column,
    Expression,
    Live,
    Pull,
)
from crossdock.model import Bar


class Fold(NamedTuple):
    """An associative way to join an older part of a window to the newer one.

    `lift` makes a part of one value, `finish` the result of the whole; without them
    values themselves are joined. `columns` joins columns, where `join` itself cannot.
    """

    join: Callable[[Any, Any], Any]
    columns: Callable[[ModuleType, Any, Any], Any]
    lift: Callable[[Any], Any] | None = None
    finish: Callable[[Any], Any] | None = None


Moments = tuple[Any, Any, Any]
"""Count, mean, and sum of squared distances from it."""


def _join_moments(older: Moments, newer: Moments) -> Moments:
    count, mean, squares = older
    more, other, others = newer
    total = count + more
    gap = other - mean
    return (
        total,
        mean + gap * more / total,
        squares + others + gap * gap * count * more / total,
    )


def _join_weighted(older: Moments, newer: Moments) -> Moments:
    count, total, weighted = older
    more, other, others = newer
    return count + more, total + other, weighted + (others + count * other)


def _join_peaks(older: Moments, newer: Moments) -> Moments:
    count, value, age = older
    more, other, newer_age = newer
    if other >= value:
        return count + more, other, newer_age
    return count + more, value, age + more


def _join_peak_columns(np: ModuleType, older: Moments, newer: Moments) -> Moments:
    count, value, age = older
    more, other, newer_age = newer
    newer_wins = other >= value
    return (
        count + more,
        np.where(newer_wins, other, value),
        np.where(newer_wins, newer_age, age + more),
    )


_SUM = Fold(add, lambda _, older, newer: older + newer)
_LEAST = Fold(min, lambda np, older, newer: np.minimum(older, newer))
_MOST = Fold(max, lambda np, older, newer: np.maximum(older, newer))
_VARIANCE = Fold(
    _join_moments,
    lambda _, older, newer: _join_moments(older, newer),
    lift=lambda value: (1.0, value, 0.0 * value),
    finish=lambda whole: whole[2] / whole[0],
)
_WEIGHTED = Fold(
    _join_weighted,
    lambda _, older, newer: _join_weighted(older, newer),
    lift=lambda value: (1.0, value, value),
    finish=lambda whole: whole[2],
)
_PEAK_AGE = Fold(
    _join_peaks,
    _join_peak_columns,
    lift=lambda value: (1.0, value, 0.0 * value),
    finish=lambda whole: whole[2],
)


class Window(Expression):
    """A fold over the last `length` values."""

    __slots__ = ("_fold", "_length")

    def __init__(self, of: Expression, length: int, fold: Fold) -> None:
        super().__init__(of, lead=length - 1)
        self._length = length
        self._fold = fold

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        length, skip = self._length, self.skipped
        join, _, lift, finish = self._fold
        block: list[Any] = []
        append = block.append
        ends: list[Any] = []  # folds of the last block's ends, the longest last
        begun: Any = None  # the fold of this block so far

        def step(bar: Bar) -> Any:
            nonlocal skip, begun, ends
            value = pull(bar)
            if skip:
                skip -= 1
                return NAN
            begun = join(begun, value) if block else value
            append(value)
            if len(block) < length:
                return join(ends.pop(), begun) if ends else NAN
            ends = list(accumulate(reversed(block), _backwards(join)))
            ends.pop()
            block.clear()
            return begun

        def finished(bar: Bar) -> Any:
            assert finish is not None
            whole = step(bar)
            return NAN if whole is NAN else finish(whole)

        def restore(state: Any) -> None:
            nonlocal skip, begun, ends
            skip, block[:], ends, begun = state[0], state[1], list(state[2]), state[3]

        if lift is not None:
            pull = _lifting(pull, lift)
        return Live(
            step if finish is None else finished,
            lambda: [skip, list(block), list(ends), begun],
            restore,
        )

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        length, count = self._length, len(column)
        if count < length:
            return np.empty(0)
        _, join, lift, finish = self._fold
        blocks = -(-count // length)
        padded = np.full(blocks * length, NAN)
        padded[:count] = column
        # One row for each place in a block, so that joining is along whole rows.
        rows = list(np.ascontiguousarray(padded.reshape(blocks, length).T))
        parts = rows if lift is None else [lift(row) for row in rows]
        begun = list(accumulate(parts, lambda older, newer: join(np, older, newer)))
        ends = list(
            accumulate(reversed(parts), lambda newer, older: join(np, older, newer))
        )
        whole = np.empty((blocks, length))
        for place in range(length):
            fold = begun[place]
            if place < length - 1:
                end = ends[length - 2 - place]
                fold = join(np, _rows(end, slice(-1)), _rows(fold, slice(1, None)))
            result = fold if finish is None else finish(fold)
            whole[blocks - len(result) :, place] = result
        return whole.reshape(-1)[length - 1 : count]


def _backwards(join: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    # The plain joins do not mind the order, and are spared a call.
    if join in (add, min, max):
        return join
    return lambda newer, older: join(older, newer)


def _lifting(pull: Pull, lift: Callable[[Any], Any]) -> Pull:
    return lambda bar: lift(pull(bar))


def _rows(part: Any, rows: slice) -> Any:
    if isinstance(part, tuple):
        count, *columns = part
        return (count, *(column[rows] for column in columns))
    return part[rows]


class MeanDistance(Expression):
    """The mean distance of the last values from their own mean, or that over each value."""

    __slots__ = ("_length", "_relative")

    def __init__(self, of: Expression, length: int, *, relative: bool = False) -> None:
        super().__init__(of, lead=length - 1)
        self._length = length
        self._relative = relative

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        length, relative, skip = self._length, self._relative, self.skipped
        window: list[float] = []

        def step(bar: Bar) -> float:
            nonlocal skip
            value = pull(bar)
            if skip:
                skip -= 1
                return NAN
            window.append(value)
            if len(window) < length:
                return NAN
            if len(window) > length:
                del window[0]
            total = away = 0.0
            for each in window:
                total += each
            mean = total / length
            if relative:
                for each in window:
                    away += abs(each - mean) / each if each else 0.0
            else:
                for each in window:
                    away += abs(each - mean)
            return away / length

        def restore(state: Any) -> None:
            nonlocal skip
            skip, window[:] = state

        return Live(step, lambda: [skip, list(window)], restore)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        length, count = self._length, len(column) - self._length + 1
        if count < 1:
            return np.empty(0)
        lagged = [column[place : place + count] for place in range(length)]
        total, away = np.zeros(count), np.zeros(count)
        for each in lagged:
            total += each
        mean = total / length
        for each in lagged:
            distance = np.abs(each - mean)
            if self._relative:
                distance = np.divide(distance, each, out=np.zeros(count), where=each != 0.0)
            away += distance
        return away / length


def total(of: Expression, length: int) -> Expression:
    return Window(of, length, _SUM)


def mean(of: Expression, length: int) -> Expression:
    return total(of, length) / length


def least(of: Expression, length: int) -> Expression:
    return Window(of, length, _LEAST)


def most(of: Expression, length: int) -> Expression:
    return Window(of, length, _MOST)


def variance(of: Expression, length: int) -> Expression:
    """Return the mean squared distance from the mean (divided by n)."""
    return Window(of, length, _VARIANCE)


def weighted(of: Expression, length: int) -> Expression:
    """Return 1 x the oldest value + 2 x the next + … + length x the newest."""
    return Window(of, length, _WEIGHTED)


def peak_age(of: Expression, length: int) -> Expression:
    """Return the bars since the largest value; since the latest of equal ones."""
    return Window(of, length, _PEAK_AGE)
