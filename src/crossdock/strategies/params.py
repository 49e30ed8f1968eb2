"""A strategy's parameters: declared with their meaning, read from settings or text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from inspect import get_annotations
from math import isfinite
from operator import index
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a strategy, as forms and documents show it.

    `type` is int, float, decimal, text, bool or choice. Bounds are inclusive.
    """

    name: str
    type: str
    default: Any
    help: str
    least: Any = None
    most: Any = None
    choices: tuple[Any, ...] = ()

    @property
    def expected(self) -> str:
        """What fits, in words: `a whole number, 1 or more`."""
        if self.choices:
            return f"one of {', '.join(str(choice) for choice in self.choices)}"
        words = _WORDS[self.type]
        if self.least is not None and self.most is not None:
            return f"{words} from {self.least} to {self.most}"
        if self.least is not None:
            return f"{words}, {self.least} or more"
        return words if self.most is None else f"{words}, {self.most} or less"

    def parse(self, value: object) -> Any:
        """Return the value in the parameter's type. Raises ValueError that says what fits.

        Text is read; a float is refused for a decimal, for its digits are not exact.
        """
        if self.choices:
            found = [each for each in self.choices if value == each or value == str(each)]
            if not found or isinstance(value, bool) != isinstance(found[0], bool):
                raise self._misfit(value)
            return found[0]
        try:
            read = _READ[self.type](value)
        except (TypeError, ValueError, ArithmeticError):
            raise self._misfit(value) from None
        too_low = self.least is not None and read < self.least
        if too_low or (self.most is not None and read > self.most):
            raise self._misfit(value)
        return read

    def _misfit(self, value: object) -> ValueError:
        words = f"{self.name} = {value!r}: expected {self.expected}"
        if self.type == "decimal" and isinstance(value, float):
            words += f'; a float is not exact, write it as text: "{value!r}"'
        return ValueError(words)


@dataclass(frozen=True, slots=True)
class _Declared:
    default: Any
    help: str
    least: Any
    most: Any
    choices: tuple[Any, ...]


def param(
    default: object,
    help: str,  # noqa: A002  it reads as what it is where it is called
    *,
    least: object = None,
    most: object = None,
    choices: tuple[object, ...] = (),
) -> Any:
    """Declare a parameter in a strategy's class body; the annotation gives its type.

    `fast: int = param(10, "bars in the fast average", least=1)`. Annotations may be int,
    float, Decimal, str, bool or a Literal of choices. Write a Decimal's default as text.
    """
    return _Declared(default, help, least, most, choices)


def declared(cls: type, inherited: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Collect the parameters of a class. Raises TypeError for a wrong declaration."""
    own = {name: it for name, it in vars(cls).items() if isinstance(it, _Declared)}
    for name in inherited.keys() & vars(cls).keys() - own.keys():
        raise TypeError(
            f"{cls.__name__}.{name} hides a parameter: give it a new default with param(…)"
        )
    for name in own:
        if name not in inherited and (name.startswith("_") or name in _taken(cls)):
            raise TypeError(f"{cls.__name__}.{name} cannot be the name of a parameter")
    annotations = get_annotations(cls)
    types = _evaluated(
        {name: annotations[name] for name in own if name in annotations}, cls
    )
    found = dict(inherited)
    for name, it in own.items():
        if name not in types and name in inherited:
            kind, choices = inherited[name].type, it.choices or inherited[name].choices
        else:
            kind, choices = _kind_of(types.get(name), it, f"{cls.__name__}.{name}")
        found[name] = _made(name, kind, choices, it, cls.__name__)
    return found


def parse_all(
    parameters: Mapping[str, Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return every parameter's value, given or default.

    Raises one ValueError that names everything wrong.
    """
    problems = [_unknown(name, parameters) for name in given if name not in parameters]
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        try:
            values[name] = (
                parameter.parse(given[name]) if name in given else parameter.default
            )
        except ValueError as error:
            problems.append(f"{error} ({parameter.help})")
    if problems:
        raise ValueError("; ".join(problems))
    return values


def _unknown(name: str, parameters: Mapping[str, Parameter]) -> str:
    if not parameters:
        return f"{name}: this strategy takes no parameters"
    close = get_close_matches(name, parameters, n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are {', '.join(parameters)}"
    return f"there is no parameter {name}, {advice}"


def _taken(cls: type) -> set[str]:
    """Return what every strategy has already, but for what a parameter may well be."""
    named = {name for base in cls.__mro__[1:] for name in vars(base)}
    return (named | {"desk", "id", "params", "symbols"}) - {"timeframe", "timer_s"}


def _evaluated(annotations: dict[str, Any], cls: type) -> dict[str, Any]:
    """Resolve annotations that are text, as `from __future__ import annotations` leaves them."""
    module = sys.modules.get(cls.__module__)
    known = {"Decimal": Decimal, "Literal": Literal}
    return get_type_hints(
        SimpleNamespace(__annotations__=annotations),
        globalns={**known, **(vars(module) if module else {})},
    )


def _kind_of(annotation: Any, it: _Declared, where: str) -> tuple[str, tuple[Any, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation)
    kind = _TYPES.get(annotation)
    if kind is None:
        raise TypeError(
            f"{where}: annotate a parameter as int, float, Decimal, str, bool or Literal"
        )
    return ("choice" if it.choices else kind), it.choices


def _made(
    name: str, kind: str, choices: tuple[Any, ...], it: _Declared, owner: str
) -> Parameter:
    unbounded = Parameter(name=name, type=kind, default=None, help=it.help, choices=choices)

    def read(value: Any) -> Any:
        return None if value is None else unbounded.parse(value)

    try:
        made = Parameter(
            name=name,
            type=kind,
            default=None,
            help=it.help,
            least=read(it.least),
            most=read(it.most),
            choices=choices,
        )
        default = made.parse(it.default)
    except ValueError as error:
        raise TypeError(f"{owner}: the declaration of {error}") from None
    return Parameter(
        name=name,
        type=kind,
        default=default,
        help=it.help,
        least=made.least,
        most=made.most,
        choices=choices,
    )


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, str):
        return int(value)
    if isinstance(value, Decimal):
        if value != value.to_integral_value():
            raise ValueError
        return int(value)
    return index(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isfinite(read := float(value)):
        raise ValueError
    return read


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool | float) or not (read := Decimal(value)).is_finite():
        raise ValueError
    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise TypeError
    return value


_TYPES: Mapping[Any, str] = {
    int: "int",
    float: "float",
    Decimal: "decimal",
    str: "text",
    bool: "bool",
}
_WORDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "an exact number",
    "text": "text",
    "bool": "true or false",
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": _number,
    "decimal": _exact,
    "text": _text,
    "bool": _flag,
}
