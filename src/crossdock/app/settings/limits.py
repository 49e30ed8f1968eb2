"""The [risk] tables: limits by the names of `Limits`, and overrides beneath them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.models import exact
from crossdock.app.settings.origins import KeyPath, Problem, dotted
from crossdock.app.settings.sources import Given, Tree
from crossdock.core.risk.limits import Limit, LimitBook, LimitOverride, Limits
from crossdock.errors import ConfigError
from crossdock.model import AccountId, PortfolioId, StrategyId

NO_LIMIT = "none"  # TOML has no null
OVERRIDES = ("accounts", "portfolios", "strategies", "symbols")

LIMIT_HELP: Mapping[str, str] = {
    "daily_loss_pct": "Loss since the day began, of equity then, at which trading stops.",
    "position_pct": "Largest position in one instrument, of equity.",
    "correlation_max": "Underlyings that correlate above this count as one position.",
    "leverage_max": "Gross exposure over equity.",
    "order_notional_max": "Largest value of one order.",
    "order_quantity_max": "Largest quantity of one order.",
    "orders_per_s": "Orders of one account in a second, replaces included.",
    "orders_per_minute": "Orders of one account in a minute, replaces included.",
    "price_collar_bps": "Farthest a price may stand from the market, both ways.",
    "fat_finger_multiple": "Largest order, as a multiple of the strategy's usual size.",
    "fat_finger_equity_pct": "Largest order, of equity.",
    "duplicate_window_s": "An equal order within this many seconds is refused.",
    "stale_after_s": "A market price older than this is not traded on.",
    "max_open_orders": "Open orders of one account.",
    "max_open_orders_total": "Open orders of the whole desk.",
    "day_trades_max": "Day trades in five business days, below day_trade_equity.",
    "day_trade_equity": "Equity from which day trades are not counted.",
    "allowed_symbols": 'Patterns of symbols that may be traded, such as "BTC/*".',
    "denied_symbols": "Patterns of symbols that may not.",
    "short_allowed": "Whether anything may be sold short.",
    "paper_only": "Refuse orders on accounts where real money moves.",
    "approval_over": "A person approves orders of more value than this.",
    "first_day_order_max": "Value of one order, on the UTC day an account first trades real "
    "money.",
    "first_day_total_max": "Value of all orders of an account, on that day.",
}


def limit_book(tree: Tree, problems: list[Problem]) -> LimitBook:
    """Read [risk] and its overrides; what is wrong goes to `problems`."""
    base: dict[str, Limit] = {}
    groups: dict[tuple[str, str], dict[str, Limit]] = {}
    for rest, given in tree.section("risk").items():
        path = ("risk", *rest)
        if len(rest) == 1:
            target = base
        elif len(rest) == 3 and rest[0] in OVERRIDES:
            target = groups.setdefault((rest[0], rest[1]), {})
        else:
            problems.append(
                Problem(
                    code="config-unknown",
                    text=f"there is no setting {dotted(path)}",
                    origin=given.origin,
                    hint=did_you_mean(rest[0], [f'{group}."NAME"' for group in OVERRIDES]),
                )
            )
            continue
        _read(path, given, target, problems)
    for path, origin in tree.tables.items():
        wrong = path[0] == "risk" and len(path) > 1 and path[1] not in OVERRIDES
        if wrong and path not in tree.leaves and len(path) == 2:
            problems.append(
                Problem(
                    code="config-unknown",
                    text=f"there is no table {dotted(path)}",
                    origin=origin,
                    hint=did_you_mean(path[1], OVERRIDES),
                )
            )
    limits = Limits(**base)  # type: ignore[arg-type]
    return LimitBook(
        limits, [_override(group, name, values) for (group, name), values in groups.items()]
    )


def lifted(limits: LimitBook) -> LimitBook:
    """Return limits that refuse nothing but real money, where that was refused before."""
    none: dict[str, Any] = {
        name: None for name, kinds in _KINDS.items() if type(None) in kinds
    }
    return LimitBook(Limits(**none, paper_only=limits.base.paper_only))


def _override(group: str, name: str, values: Mapping[str, Limit]) -> LimitOverride:
    return LimitOverride(
        account=AccountId(name) if group == "accounts" else None,
        portfolio=PortfolioId(name) if group == "portfolios" else None,
        strategy=StrategyId(name) if group == "strategies" else None,
        symbol=name if group == "symbols" else None,
        values=values,
    )


def _read(
    path: KeyPath, given: Given, into: dict[str, Limit], problems: list[Problem]
) -> None:
    name = path[-1]
    if name not in _KINDS:
        problems.append(
            Problem(
                code="config-unknown",
                text=f"there is no risk limit {dotted(path)}",
                origin=given.origin,
                hint=did_you_mean(name, _KINDS),
            )
        )
        return
    try:
        value = _typed(given, _KINDS[name])
        LimitOverride(values={name: value})  # its own rules: range, and None or not
    except (ValueError, ConfigError) as error:
        words = error.message if isinstance(error, ConfigError) else str(error)
        problems.append(
            Problem(
                code="config-value",
                text=f'{dotted(path)} = "{given.value}": {words}',
                origin=given.origin,
                hint=LIMIT_HELP.get(name, ""),
            )
        )
        return
    into[name] = value


def _typed(given: Given, kinds: frozenset[type]) -> Any:
    """Return the value in its limit's type; what does not fit is for LimitOverride."""
    value: Any = given.value
    if value == NO_LIMIT:
        return None
    if bool in kinds:
        words = {"true": True, "false": False} if given.is_text else {}
        value = words.get(value, value) if isinstance(value, str) else value
    elif tuple in kinds:
        if given.is_text:
            value = [part.strip() for part in value.split(",") if part.strip()]
        value = tuple(value) if isinstance(value, list) else value
    elif Decimal in kinds:
        value = exact(value)
    elif given.is_text and value.isdecimal():
        value = int(value)
    return value


def _kinds() -> dict[str, frozenset[type]]:
    hints = get_type_hints(Limits)
    kinds: dict[str, frozenset[type]] = {}
    for field in fields(Limits):
        if field.init:
            hint = hints[field.name]
            options = (hint,) if not _is_union(hint) else get_args(hint)
            kinds[field.name] = frozenset(getattr(o, "__origin__", o) for o in options)
    return kinds


def _is_union(hint: object) -> bool:
    return type(None) in get_args(hint)


_KINDS: Mapping[str, frozenset[type]] = _kinds()
