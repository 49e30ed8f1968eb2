"""Limits that people set while the desk runs: read from text, laid over the settings'."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.core.person_records import LimitSet
from crossdock.core.risk.limits import (
    COUNTS,
    DECIMALS,
    PATTERNS,
    Limit,
    LimitBook,
    LimitOverride,
    Limits,
)
from crossdock.errors import ConfigError
from crossdock.model import AccountId, PortfolioId, StrategyId

DESK = "desk"
NO_LIMIT = "none"
_SWITCHES = {"true": True, "false": False}
_SCOPES = ("account", "portfolio", "strategy", "symbol")


def read_limit(name: str, text: str) -> Limit:
    """Read a limit as settings write it. Raises ConfigError for a name or value that is none."""
    value: Any = text
    if text == NO_LIMIT:
        value = None
    elif name in DECIMALS:
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = text
    elif name in COUNTS:
        value = int(text) if text.isdecimal() else text
    elif name in PATTERNS:
        value = tuple(part.strip() for part in text.split(",") if part.strip())
    else:
        value = _SWITCHES.get(text, text)
    return LimitOverride(values={name: value}).values[name]  # it refuses what is wrong


def limits_set(base: LimitBook, sets: Iterable[LimitSet]) -> LimitBook:
    """Return limits as the settings have them, with those that people set on top.

    Raises ConfigError for one that is no limit, or whose scope is none.
    """
    limits: Limits = base.base
    overrides = list(base.overrides)
    for each in sets:
        value = read_limit(each.name, each.value or NO_LIMIT)
        if each.scope == DESK:
            limits = replace(limits, **{each.name: value})  # type: ignore[arg-type]
        else:
            overrides.append(_override(each.scope, {each.name: value}))
    return LimitBook(limits, overrides)


def _override(scope: str, values: dict[str, Limit]) -> LimitOverride:
    kind, sign, name = scope.partition(":")
    if not sign or not name or kind not in _SCOPES:
        raise ConfigError(
            f"a limit is set for {DESK}, or for {', '.join(f'{s}:NAME' for s in _SCOPES)}; "
            f"got {scope!r}",
            code="bad-argument",
        )
    return LimitOverride(
        account=AccountId(name) if kind == "account" else None,
        portfolio=PortfolioId(name) if kind == "portfolio" else None,
        strategy=StrategyId(name) if kind == "strategy" else None,
        symbol=name if kind == "symbol" else None,
        values=values,
    )
