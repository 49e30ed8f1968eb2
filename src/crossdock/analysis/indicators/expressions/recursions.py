"""Functions of everything so far: each value follows from the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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


class Smooth(Expression):
    """Exponential smoothing: each value moves it by `weight` of the distance.

    The seed is the mean of the first `seed` values; 1 begins at the first value.
    """

    __slots__ = ("_seed", "_weight")

    def __init__(self, of: Expression, weight: float, *, seed: int) -> None:
        super().__init__(of, lead=seed - 1)
        self._weight = weight
        self._seed = seed

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        weight, seed = self._weight, self._seed
        left = self.skipped + seed
        level = 0.0

        def step(bar: Bar) -> float:
            nonlocal left, level
            value: float = pull(bar)
            if not left:
                level += weight * (value - level)
                return level
            if left <= seed:
                level += value
            left -= 1
            if left:
                return NAN
            level /= seed
            return level

        def restore(state: Any) -> None:
            nonlocal left, level
            left, level = state

        return Live(step, lambda: [left, level], restore)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        weight, seed = self._weight, self._seed
        values = column.tolist()
        if len(values) < seed:
            return np.empty(0)
        level = 0.0
        for value in values[:seed]:
            level += value
        level /= seed
        levels = np.empty(len(values) - seed + 1)
        levels[0] = level
        later = _levels(level, values[seed:], weight)
        levels[1:] = np.fromiter(later, np.float64, len(values) - seed)
        return levels


def _levels(level: float, values: list[float], weight: float) -> Iterator[float]:
    for value in values:
        level += weight * (value - level)
        yield level


class Cumulate(Expression):
    """The sum of everything so far."""

    __slots__ = ()
    is_endless = True

    def __init__(self, of: Expression) -> None:
        super().__init__(of)

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        skip = self.skipped
        total = 0.0

        def step(bar: Bar) -> float:
            nonlocal skip, total
            value: float = pull(bar)
            if skip:
                skip -= 1
                return NAN
            total += value
            return total

        def restore(state: Any) -> None:
            nonlocal skip, total
            skip, total = state

        return Live(step, lambda: [skip, total], restore)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (column,) = columns
        return np.cumsum(column)


State = tuple[float, ...]


class Scan(Expression):
    """A step that is no arithmetic: the state after each bar, from that before it.

    `begin` makes the first state of the inputs, `advance` each further one of the state
    and the inputs. Columns are run through the same step, value by value. `field` picks
    an expression out of the state.
    """

    __slots__ = ("_advance", "_begin")

    def __init__(
        self,
        begin: Callable[..., State],
        advance: Callable[..., State],
        *inputs: Expression,
    ) -> None:
        super().__init__(*inputs)
        self._begin = begin
        self._advance = advance

    def field(self, place: int) -> Expression:
        return Field(self, place)

    def live(self, *pulls: Pull) -> Live:
        begin, advance, skip = self._begin, self._advance, self.skipped
        now: State = ()

        def step(bar: Bar) -> State:
            nonlocal skip, now
            values = [pull(bar) for pull in pulls]
            if skip:
                skip -= 1
            else:
                now = advance(now, *values) if now else begin(*values)
            return now

        def restore(state: Any) -> None:
            nonlocal skip, now
            skip, now = state[0], tuple(state[1])

        return Live(step, lambda: [skip, list(now)], restore)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        count = len(columns[0])
        if not count:
            return ()
        rows = zip(*(column.tolist() for column in columns), strict=True)
        now = self._begin(*next(rows))
        table = np.empty((count, len(now)))
        table[0] = now
        kind = np.dtype((np.float64, len(now)))
        table[1:] = np.fromiter(self._states(now, rows), kind, count - 1)
        return tuple(table.T)

    def _states(self, now: State, rows: Iterable[Sequence[float]]) -> Iterator[State]:
        advance = self._advance
        for values in rows:
            now = advance(now, *values)
            yield now


class Field(Expression):
    """One number out of a scan's state."""

    __slots__ = ("_place",)

    def __init__(self, of: Scan, place: int) -> None:
        super().__init__(of)
        self._place = place

    def live(self, *pulls: Pull) -> Live:
        (pull,) = pulls
        place = self._place

        def step(bar: Bar) -> float:
            state: State = pull(bar)
            return state[place] if state else NAN

        return Live(step)

    def over(self, np: ModuleType, *columns: Column) -> Column:
        (states,) = columns
        return states[self._place] if states else np.empty(0)
