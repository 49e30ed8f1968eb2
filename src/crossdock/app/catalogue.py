"""Which strategies there are: worked examples, and those of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from crossdock.app.nearest import did_you_mean
from crossdock.errors import ConfigError
from crossdock.strategies import EXAMPLES, Parameter

GROUP = "crossdock.strategies"
_NEEDED = ("start", "stop")  # a class of a strategy may lack its other handlers


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyKind:
    """A strategy that settings can name. `problem` says why one cannot be used."""

    name: str
    target: str  # "module:Class"
    source: str  # "example", or the package that brings it
    words: str = ""
    timeframe: str = ""
    parameters: tuple[Parameter, ...] = ()
    problem: str = ""


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


Source = Callable[[], Iterable[EntryPoint]]


def strategy_kinds(source: Source = _installed) -> list[StrategyKind]:
    """Import every strategy there is and describe it, by name. One that fails fails alone."""
    found = [_kind(name, target, "example") for name, target in EXAMPLES.items()]
    for point in source():
        package = point.dist.name if point.dist else "unknown"
        if point.name in EXAMPLES:
            problem = "an example has this name already"
            found.append(
                StrategyKind(
                    name=point.name, target=point.value, source=package, problem=problem
                )
            )
        else:
            found.append(_kind(point.name, point.value, package))
    return sorted(found, key=lambda kind: (kind.name, kind.source != "example"))


def describe(kind: str, source: Source = _installed) -> StrategyKind:
    """Describe a strategy by name or "module:Class". Raises ConfigError."""
    load_strategy(kind, source)
    for known in strategy_kinds(source):
        if known.name == kind and not known.problem:
            return known
    return _kind(kind, kind, kind.partition(":")[0])


def named_strategies(source: Source = _installed) -> Mapping[str, str]:
    """Return where each strategy with a name is, "module:Class", importing none."""
    return {**{each.name: each.value for each in source()}, **EXAMPLES}


def load_strategy(kind: str, source: Source = _installed) -> type[Any]:
    """Import the class that a name, or "module:Class", stands for. Raises ConfigError."""
    named = named_strategies(source)
    target = named.get(kind, kind)
    if ":" not in target:
        raise ConfigError(
            f"there is no strategy {kind!r}",
            code="strategy-unknown",
            hint=did_you_mean(kind, named) or 'expected a name or "module:Class"',
        )
    try:
        return _imported(target)
    # Foreign code runs here: whatever it raises is told under the strategy's name.
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{kind!r} cannot be imported: {type(error).__name__}: {error}",
            code="strategy-unknown",
            hint=_where_to_put(target, error),
        ) from error


def _where_to_put(target: str, error: BaseException) -> str:
    module = target.partition(":")[0]
    if not isinstance(error, ModuleNotFoundError) or error.name != module.partition(".")[0]:
        return ""  # it was found, and something in it is wrong
    return f"put {module.replace('.', '/')}.py into this folder, or one of PYTHONPATH"


def _imported(target: str) -> type[Any]:
    module, _, attribute = target.partition(":")
    found: object = import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    if not isinstance(found, type):
        raise TypeError(f"{target} is no class")
    if lacks := [name for name in _NEEDED if not callable(getattr(found, name, None))]:
        raise TypeError(f"{target} is no strategy: it lacks {', '.join(lacks)}")
    return found


def _kind(name: str, target: str, source: str) -> StrategyKind:
    try:
        made = _imported(target)
    except (Exception, SystemExit) as error:  # noqa: BLE001  the others stay usable
        problem = f"{type(error).__name__}: {error}"
        return StrategyKind(name=name, target=target, source=source, problem=problem)
    parameters = tuple(getattr(made, "parameters", tuple)())
    # Where the timeframe is a parameter, the class holds its declaration.
    defaults = {each.name: each.default for each in parameters}
    timeframe = defaults.get("timeframe", getattr(made, "timeframe", ""))
    return StrategyKind(
        name=name,
        target=target,
        source=source,
        words=(made.__doc__ or "").strip().partition("\n")[0],
        timeframe=str(timeframe),
        parameters=parameters,
    )
