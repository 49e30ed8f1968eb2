"""Limits that people set while the desk runs: read from text, laid over the settings'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from crossdock.core.person_records import LimitSet
from crossdock.core.risk.limits import (
    COUNTS,
    DECIMALS,
    PATTERNS,
    Limit,
    LimitBook,
    LimitOverride,
    Limits,
    matches,
    require_known,
)
from crossdock.errors import ConfigError
from crossdock.model import AccountId, InstrumentId, PortfolioId, StrategyId, symbol_of

DESK = "desk"
NO_LIMIT = "none"
_SWITCHES = {"true": True, "false": False}
_SCOPES = ("account", "portfolio", "strategy", "symbol")
_GLOB = frozenset("*?[")
_NOT_SET = Decimal("Infinity")
_FAR = 10
_LESS_IS_LOOSER = frozenset({"duplicate_window_s", "day_trade_equity", "paper_only"})


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

    One that is given back leaves what the settings have. Raises ConfigError for one that is
    no limit, or whose scope is none.
    """
    limits: Limits = base.base
    overrides = list(base.overrides)
    for each in sets:
        values = _values(each)
        if each.scope == DESK:
            limits = replace(limits, **values)  # type: ignore[arg-type]
            continue
        override = _override(each.scope, values)
        if values:
            overrides.append(override)
    return LimitBook(limits, overrides)


def _values(setting: LimitSet) -> dict[str, Limit]:
    if setting.value is None:
        require_known(setting.name)
        return {}
    # Journals of old may hold an empty text, which was taken for no limit and stays that.
    return {setting.name: read_limit(setting.name, setting.value or NO_LIMIT)}


def is_looser(before: LimitBook, after: LimitBook, name: str) -> bool:
    """Tell whether `after` may let an order pass that this limit of `before` refused.

    What cannot be told from scopes and patterns alone, such as whether two patterns share a
    symbol, is taken to be so.
    """
    old, new = _layers(before, name), _layers(after, name)
    for at, layer in enumerate(new):
        above = new[at + 1 :]
        if any(_holds(each, layer) for each in above):
            continue  # it speaks for no order
        for earlier in reversed(old):
            if any(_holds(each, earlier) for each in above):
                continue  # none of its orders come down to this layer
            if _are_apart(earlier, layer):
                continue
            if _allows_more(name, earlier.values[name], layer.values[name]):
                return True
            if _holds(earlier, layer):
                break  # it spoke for all orders of this layer
    return False


def is_far(before: LimitBook, setting: LimitSet) -> bool:
    """Tell whether a number may be a slip: ten times as loose as what holds, or more, or 0."""
    if setting.value is None:
        return False
    name, now = setting.name, value_of(before, setting.name, setting.scope)
    wanted = read_limit(name, setting.value)
    if not _is_number(wanted) or wanted == now:
        return False
    if not wanted:
        return True
    if not _is_number(now) or not now:
        return False
    loose, tight = (now, wanted) if name in _LESS_IS_LOOSER else (wanted, now)
    return Decimal(loose) >= _FAR * Decimal(tight)


def value_of(book: LimitBook, name: str, scope: str) -> Limit:
    """Return what was set for just this scope, else what holds for the desk."""
    of = None if scope == DESK else _scope(_override(scope, {}))
    for layer in reversed(book.overrides):
        if name in layer.values and _scope(layer) == of:
            return layer.values[name]
    found: Limit = getattr(book.base, name)
    return found


def _is_number(value: Limit) -> TypeGuard[Decimal | int]:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


def _layers(book: LimitBook, name: str) -> Sequence[LimitOverride]:
    """Return all that set a limit; of two that hold for an order the later one does."""
    base = LimitOverride(values={name: getattr(book.base, name)})
    return [base, *(each for each in book.overrides if name in each.values)]


def _allows_more(name: str, before: Limit, after: Limit) -> bool:
    if isinstance(before, tuple) and isinstance(after, tuple):
        wide, narrow = (after, before) if name == "denied_symbols" else (before, after)
        return not all(_is_covered(each, wide) for each in narrow)
    return _reach(name, before) < _reach(name, after)


def _reach(name: str, value: Limit) -> Decimal:
    """Return what grows with how much a limit lets through; a switch that is on is 1."""
    if value is None or isinstance(value, tuple):
        return _NOT_SET
    return -Decimal(value) if name in _LESS_IS_LOOSER else Decimal(value)


def _is_covered(pattern: str, by: Iterable[str]) -> bool:
    """Tell whether others surely match whatever a pattern of symbols does."""
    is_name = not _GLOB & {*pattern}
    return any(
        wide in ("*", pattern)
        or (
            is_name
            and ("@" in pattern or "@" not in wide)
            and matches(wide, InstrumentId(pattern))
        )
        for wide in by
    )


def _holds(wide: LimitOverride, narrow: LimitOverride) -> bool:
    """Tell whether every order of `narrow` is one of `wide`."""
    return all(
        one is None or one == other
        for one, other in zip(_scope(wide), _scope(narrow), strict=True)
    )


def _are_apart(one: LimitOverride, other: LimitOverride) -> bool:
    """Tell whether no order can be in both."""
    *names, symbol = _scope(one)
    *others, pattern = _scope(other)
    if any(a and b and a != b for a, b in zip(names, others, strict=True)):
        return True
    if symbol is None or pattern is None or _GLOB & {*symbol, *pattern}:
        return False
    return symbol_of(InstrumentId(symbol)) != symbol_of(InstrumentId(pattern))


def _scope(layer: LimitOverride) -> tuple[str | None, ...]:
    return layer.account, layer.portfolio, layer.strategy, layer.symbol


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
