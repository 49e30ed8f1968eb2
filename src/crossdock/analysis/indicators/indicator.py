"""An indicator: a named definition that is fed bar by bar, or run over whole columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from crossdock.analysis.indicators.expressions import START, START_COLUMN, Expression
from crossdock.analysis.indicators.expressions.graph import (
    Circuit,
    columns_of,
    in_order,
    wired,
)
from crossdock.model import Bar, Bars
from crossdock.ports import extras

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


class Frame(Protocol):
    """Columns by name: a polars or pandas frame, or a mapping. `time` is UTC."""

    def __getitem__(self, name: str, /) -> Any: ...


class Indicator(Generic[T]):
    """What is to be computed. It holds no values: `stream()` makes what does.

    `T` is `float`, or a named tuple of floats where there are several outputs. `overlay`
    names the outputs that lie on the scale of the price, as averages do and a relative
    strength index does not. `forgets` is False where a value depends on which bar was the
    first, however long ago, as that of a running sum does.
    """

    __slots__ = ("_make", "forgets", "label", "outputs", "overlay", "warm_up")

    def __init__(
        self,
        label: str,
        outputs: Mapping[str, Expression],
        make: Callable[..., T] | None = None,
        *,
        overlay: Collection[str] = (),
    ) -> None:
        """`make` is called with the values in the order of `outputs`; None for a single."""
        self.label = label
        self.outputs = dict(outputs)
        self.overlay = frozenset(overlay)
        self.warm_up = max(each.warm_up for each in self.outputs.values())
        nodes = in_order(self.outputs.values())
        self.forgets = not any(each.is_endless or each is START for each in nodes)
        self._make = make

    def stream(self) -> Stream[T]:
        """Return a fresh stream, which has seen no bar."""
        return Stream(self, self._make)

    def over(self, bars: Bars | Frame) -> Any:
        """Return a numpy array of float64, or a named tuple of them, one value a bar.

        NaN where an output has not warmed up; an output that is ready before the others
        has values before a stream, which waits for all. Raises ValueError for columns
        that hold something else than finite numbers, ExtraMissing without numpy.
        """
        numpy = extras.load("numpy", extra="research", what="indicators over columns")

        def source(name: str) -> NDArray[np.float64]:
            if isinstance(bars, Bars):
                given = getattr(bars, name)
            elif name == START_COLUMN:
                given = numpy.asarray(bars["time"], dtype="datetime64[ns]").view("i8")
            else:
                given = bars[name]
            column = numpy.asarray(given, dtype=numpy.float64)
            if not numpy.isfinite(column).all():
                raise ValueError(f"{self.label}: {name} is not a finite number everywhere")
            return cast("NDArray[np.float64]", column)

        columns = columns_of(list(self.outputs.values()), source, numpy)
        return columns[0] if self._make is None else self._make(*columns)

    def output(self, name: str) -> Indicator[float]:
        """Return one of several outputs, to be shown or to be the source of another."""
        if name not in self.outputs:
            raise ValueError(f"{self.label} has {', '.join(self.outputs)}, not {name}")
        overlay = self.overlay & {name}
        return Indicator(
            f"{self.label}.{name}", {name: self.outputs[name]}, overlay=overlay
        )

    def __repr__(self) -> str:
        return f"<{self.label}>"


class Stream(Generic[T]):
    """An indicator that is fed closed bars of one instrument and width, oldest first.

    `value` is the newest one: None until `warm_up` bars have been seen, and where there
    is none, as for a volume-weighted price of nothing traded.
    """

    __slots__ = ("_left", "_make", "_nodes", "_read", "indicator", "value", "warm_up")

    def __init__(self, indicator: Indicator[T], make: Callable[..., T] | None) -> None:
        circuit = wired(list(indicator.outputs.values()))
        self.indicator = indicator
        self.warm_up = indicator.warm_up
        self.value: T | None = None
        self._left = indicator.warm_up
        self._make = make
        self._nodes = circuit.nodes
        self._read = _reader(circuit, make)

    @property
    def ready(self) -> bool:
        return not self._left

    def update(self, bar: Bar) -> T | None:
        """Take the next bar and return the value after it."""
        value: T | None = self._read(bar)
        if self._left:
            self._left -= 1
            if self._left:
                return None
        if value != value:  # noqa: PLR0124  (only NaN differs from itself)
            value = None
        self.value = value
        return value

    def state(self) -> dict[str, Any]:
        """Return all it needs to go on, as plain values that JSON holds exactly."""
        nodes = [node.state() for node in self._nodes if node.state is not None]
        return {
            "indicator": self.indicator.label,
            "left": self._left,
            "value": _plain(self.value),
            "nodes": _plain(nodes),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state, which may have been JSON. ValueError: it is another's."""
        if state["indicator"] != self.indicator.label:
            raise ValueError(
                f"the state is of {state['indicator']}, not of {self.indicator.label}"
            )
        for node, kept in zip(self._nodes, _parsed(state["nodes"]), strict=True):
            assert node.restore is not None
            node.restore(kept)
        self._left = state["left"]
        value = state["value"]
        if value is None or self._make is None:
            self.value = value
        else:
            self.value = self._make(*value)

    def __repr__(self) -> str:
        return f"<{self.indicator.label}: {self.value}>"


def _reader(circuit: Circuit, make: Callable[..., T] | None) -> Callable[[Bar], Any]:
    first, outputs = circuit.first, circuit.outputs
    if make is None:
        (output,) = outputs
        if not first:
            return output

        def one(bar: Bar) -> Any:
            for keep in first:
                keep(bar)
            return output(bar)

        return one

    def several(bar: Bar) -> T:
        for keep in first:
            keep(bar)
        return make(*[output(bar) for output in outputs])

    return several


def _plain(value: Any) -> Any:
    """Lists for tuples and None for NaN, which JSON lacks."""
    if isinstance(value, (list, tuple)):
        # Windows of floats: those that are as they should be cost no call.
        return [e if type(e) is float and e == e else _plain(e) for e in value]  # noqa: PLR0124
    return None if value != value else value  # noqa: PLR0124  (NaN)


def _parsed(value: Any) -> Any:
    if isinstance(value, list):
        return [_parsed(each) for each in value]
    return float("nan") if value is None else value
