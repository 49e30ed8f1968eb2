"""What every indicator tells of itself, and the checks of what it is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import cleandoc, signature
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from crossdock.analysis.indicators.expressions import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    VOLUME,
    Expression,
)
from crossdock.analysis.indicators.indicator import Indicator

P = ParamSpec("P")
T = TypeVar("T")

Source = str | Expression | Indicator[float]
"""A name of `SOURCES`, another indicator with one output, or an expression."""

TYPICAL = (HIGH + LOW + CLOSE) / 3
MIDPOINT = (HIGH + LOW) / 2

SOURCES: Mapping[str, Expression] = MappingProxyType(
    {
        "open": OPEN,
        "high": HIGH,
        "low": LOW,
        "close": CLOSE,
        "volume": VOLUME,
        "midpoint": MIDPOINT,
        "typical": TYPICAL,
        "average": (OPEN + HIGH + LOW + CLOSE) / 4,
    }
)

_HELP = {
    "source": "what it is of: " + ", ".join(SOURCES) + ", or another indicator",
    "length": "bars in its window",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    default: int | float | str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorInfo:
    """One entry of the catalogue. `make` takes the parameters by name."""

    name: str
    words: str
    group: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    overlay: tuple[str, ...]  # those on the scale of the price, of the default source
    formula: str
    warm_up: int  # with the defaults
    make: Callable[..., Indicator[Any]]


_entries: dict[str, IndicatorInfo] = {}

CATALOGUE: Mapping[str, IndicatorInfo] = MappingProxyType(_entries)
"""Every indicator by name."""


def listed(
    formula: str, *, overlay: bool | Collection[str] = False, **helps: str
) -> Callable[[Callable[P, Indicator[T]]], Callable[P, Indicator[T]]]:
    """Put a function that makes an indicator into the catalogue, and label what it makes.

    Its docstring becomes the words, its signature the parameters; `helps` says what they
    are, `formula` how it is computed. `overlay`: the outputs, or all of them, that lie on
    the scale of what it is of.
    """

    def enter(function: Callable[P, Indicator[T]]) -> Callable[P, Indicator[T]]:
        expected = signature(function)

        @wraps(function)
        def make(*args: P.args, **kwargs: P.kwargs) -> Indicator[T]:
            indicator = function(*args, **kwargs)
            given = expected.bind(*args, **kwargs)
            given.apply_defaults()
            indicator.label = _label(function.__name__, given.arguments)
            if overlay and _is_price(given.arguments.get("source", "close")):
                names = indicator.outputs if overlay is True else overlay
                indicator.overlay = frozenset(names)
            return indicator

        name = function.__name__
        words = cleandoc(function.__doc__ or "")
        example = make()  # type: ignore[call-arg]
        _entries[name] = IndicatorInfo(
            name=name,
            words=" ".join(words.split()),
            group=function.__module__.rpartition(".")[2],
            parameters=tuple(
                Parameter(
                    name=each.name,
                    default=each.default,
                    help=helps[each.name] if each.name in helps else _HELP[each.name],
                )
                for each in expected.parameters.values()
            ),
            outputs=tuple(example.outputs),
            overlay=tuple(name for name in example.outputs if name in example.overlay),
            formula=formula,
            warm_up=example.warm_up,
            make=make,
        )
        return make

    return enter


def single(**output: Expression) -> Indicator[float]:
    """Return an indicator of one output, still without its label."""
    return Indicator("", output)


def source_of(source: Source) -> Expression:
    """Return the expression a source stands for. Raises ValueError."""
    if isinstance(source, Expression):
        return source
    if isinstance(source, Indicator):
        if len(source.outputs) > 1:
            names = ", ".join(source.outputs)
            raise ValueError(f"{source.label} has {names}: choose one by output(name)")
        return next(iter(source.outputs.values()))
    if source not in SOURCES:
        raise ValueError(
            f"source is one of {', '.join(SOURCES)} or an indicator, got {source!r}"
        )
    return SOURCES[source]


def _is_price(source: Source) -> bool:
    """Tell whether a source lies on the scale of the price."""
    if isinstance(source, str):
        return source != "volume"
    if isinstance(source, Indicator):
        return source.overlay == source.outputs.keys()
    return any(source is each for name, each in SOURCES.items() if name != "volume")


def check_lengths(least: int = 1, **lengths: int) -> None:
    """Refuse what is not a whole number of at least `least`: ValueError, naming it."""
    for name, value in lengths.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} is a whole number of at least {least}, got {value!r}")


def check_positive(**factors: float) -> None:
    """Refuse what is not a number above 0: ValueError, naming it."""
    for name, value in factors.items():
        if not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ValueError(f"{name} is a number above 0, got {value!r}")


def check_rising(**lengths: int) -> None:
    """Refuse two parameters of which the first is not the smaller: ValueError."""
    (first, small), (second, large) = lengths.items()
    if not small < large:
        raise ValueError(f"{first} is less than {second}, got {small} and {large}")


def _label(name: str, arguments: Mapping[str, Any]) -> str:
    shown = []
    for key, value in arguments.items():
        if key == "source":
            if value != "close":
                of = value.label if isinstance(value, Indicator) else value
                shown.append(f"source={of if isinstance(of, str) else 'expression'}")
        else:
            shown.append(str(value))
    return f"{name}({', '.join(shown)})"
