"""From expressions to closures, or to columns: every node once, however often it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from crossdock.analysis.indicators.expressions.expression import (
    NAN,
    Column,
    Expression,
    Live,
    Pull,
)
from crossdock.analysis.indicators.expressions.pointwise import Source
from crossdock.model import Bar


def in_order(outputs: Iterable[Expression]) -> list[Expression]:
    """Return every node once, each after its inputs."""
    placed: dict[Expression, None] = {}
    waiting = list(outputs)[::-1]
    while waiting:
        node = waiting[-1]
        missing = [each for each in node.inputs if each not in placed]
        if missing:
            waiting += missing[::-1]
        else:
            placed.setdefault(waiting.pop())
    return list(placed)


class Circuit(NamedTuple):
    """A graph made into closures.

    For each bar call `first` in order, which compute what several nodes read, then
    `outputs`. `nodes` are those with a state, in the graph's order.
    """

    first: Sequence[Pull]
    outputs: Sequence[Pull]
    nodes: Sequence[Live]


def wired(outputs: Sequence[Expression]) -> Circuit:
    """Make fresh closures, each calling those of its inputs directly."""
    order = in_order(outputs)
    readers = Counter(each for node in order for each in node.inputs)
    readers.update(outputs)
    pulls: dict[Expression, Pull] = {}
    first: list[Pull] = []
    nodes: list[Live] = []
    for node in order:
        live = node.live(*(pulls[each] for each in node.inputs))
        if live.state is not None:
            nodes.append(live)
        if readers[node] > 1 and not isinstance(node, Source):
            keep, pulls[node] = _kept(live.pull)
            first.append(keep)
        else:
            pulls[node] = live.pull
    return Circuit(first, [pulls[output] for output in outputs], nodes)


def _kept(pull: Pull) -> tuple[Pull, Pull]:
    value: Any = None

    def keep(bar: Bar) -> None:
        nonlocal value
        value = pull(bar)

    return keep, lambda _: value


def columns_of(
    outputs: Sequence[Expression], source: Callable[[str], Column], np: ModuleType
) -> list[Column]:
    """Run the graph over columns. NaN stands for what had not warmed up."""
    made: dict[Expression, Column] = {}
    bars = 0
    with np.errstate(all="ignore"):
        for node in in_order(outputs):
            if isinstance(node, Source):
                column = made[node] = node.over(np, source(node.name))
                bars = len(column)
                continue
            inputs = [
                _from(made[each], node.skipped + 1 - each.warm_up) for each in node.inputs
            ]
            made[node] = node.over(np, *inputs)
    return [_padded(np, made[output], bars) for output in outputs]


def _from(column: Column, place: int) -> Column:
    if isinstance(column, tuple):
        return tuple(each[place:] for each in column)
    return column[place:] if place else column


def _padded(np: ModuleType, column: Column, bars: int) -> Column:
    whole = np.full(bars, NAN)
    whole[bars - len(column) :] = column
    return whole
