"""What can be told of a run before its market is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crossdock.app.catalogue import load_strategy
from crossdock.app.nearest import did_you_mean
from crossdock.app.replay.terms import Number, number
from crossdock.errors import ConfigError
from crossdock.ports import Strategy


def check_run(
    strategy: str | type[Strategy],
    params: Mapping[str, Any],
    *,
    cash: Number,
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> None:
    """Raise ConfigError for what no market could make a run of."""
    cash_of(cash)
    if start_ns is not None and end_ns is not None and start_ns >= end_ns:
        raise ConfigError("a run ends after it begins", code="bad-argument")
    declared = check_names(strategy, params)
    for name, value in params.items():
        try:
            if name in declared:
                declared[name].parse(value)
        except ValueError as error:
            raise ConfigError(str(error), code="strategy-params") from error


def check_names(strategy: str | type[Strategy], names: Iterable[str]) -> Mapping[str, Any]:
    """Return the parameters of a strategy by name. Raises ConfigError for one it has not.

    A class of its own kind declares none: only it knows what it takes.
    """
    loaded = load_strategy(strategy) if isinstance(strategy, str) else strategy
    parameters = getattr(loaded, "parameters", None)
    if parameters is None:
        return {}
    declared = {each.name: each for each in parameters()}
    for name in names:
        if name not in declared:
            raise ConfigError(
                f"{loaded.__name__} has no parameter {name}",
                code="bad-argument",
                hint=did_you_mean(name, declared),
            )
    return declared


def cash_of(given: Number) -> Decimal:
    """Return the money a run begins with. Raises ConfigError unless there is some."""
    cash = number("cash", given)
    if cash <= 0:
        raise ConfigError(f"cash = {cash}: expected above zero", code="bad-argument")
    return cash
