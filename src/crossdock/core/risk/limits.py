"""Every number the gate compares with, and which of them holds for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import NamedTuple

from crossdock.errors import ConfigError
from crossdock.model import (
    AccountId,
    InstrumentId,
    PortfolioId,
    StrategyId,
    symbol_of,
)

Limit = Decimal | int | bool | tuple[str, ...] | None

DECIMALS = frozenset(
    {
        "daily_loss_pct",
        "position_pct",
        "correlation_max",
        "leverage_max",
        "order_notional_max",
        "order_quantity_max",
        "price_collar_bps",
        "fat_finger_multiple",
        "fat_finger_equity_pct",
        "duplicate_window_s",
        "stale_after_s",
        "day_trade_equity",
        "approval_over",
        "first_day_order_max",
        "first_day_total_max",
    }
)
COUNTS = frozenset(
    {
        "orders_per_s",
        "orders_per_minute",
        "max_open_orders",
        "max_open_orders_total",
        "day_trades_max",
    }
)
PATTERNS = frozenset({"allowed_symbols", "denied_symbols"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one order. Money is in the reporting currency; None: no limit.

    Symbol patterns are globs over the symbol, or over `symbol@venue` when they hold an @.
    """

    daily_loss_pct: Decimal | None = Decimal(5)  # of equity at the day's start
    position_pct: Decimal | None = Decimal(10)  # of equity, per instrument
    correlation_max: Decimal | None = Decimal("0.7")  # above it, underlyings count as one
    leverage_max: Decimal | None = Decimal(1)  # gross exposure over equity
    order_notional_max: Decimal | None = None
    order_quantity_max: Decimal | None = None
    orders_per_s: int | None = 10  # per account, replaces included
    orders_per_minute: int | None = 300
    price_collar_bps: Decimal | None = Decimal(500)  # from the mark, both ways
    fat_finger_multiple: Decimal | None = Decimal(20)  # of the usual order size
    fat_finger_equity_pct: Decimal | None = Decimal(25)  # of equity, one order
    duplicate_window_s: Decimal | None = Decimal(1)  # at most 60
    stale_after_s: Decimal | None = Decimal(10)  # age of the mark
    max_open_orders: int | None = 200  # per account
    max_open_orders_total: int | None = 1000
    day_trades_max: int | None = 3  # in five business days, below `day_trade_equity`
    day_trade_equity: Decimal = Decimal(25_000)
    allowed_symbols: tuple[str, ...] = ("*",)
    denied_symbols: tuple[str, ...] = ()
    short_allowed: bool = True
    paper_only: bool = False
    approval_over: Decimal | None = None  # notional above which a person must approve
    first_day_order_max: Decimal | None = Decimal(100)  # of one order, see `first_day`
    first_day_total_max: Decimal | None = Decimal(1_000)  # of all orders that day
    duplicate_window_ns: int = field(init=False, default=0)
    stale_after_ns: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.init:
                _require(each.name, getattr(self, each.name))
        if self.duplicate_window_s is not None and self.duplicate_window_s > 60:
            raise ConfigError("risk limit duplicate_window_s is at most 60")
        for name in ("duplicate_window", "stale_after"):
            seconds = getattr(self, f"{name}_s")
            object.__setattr__(self, f"{name}_ns", int((seconds or 0) * 1_000_000_000))


def _require(name: str, value: Limit) -> None:
    """Raise ConfigError for a value that a limit of this name cannot have."""
    if value is None and name not in _NEVER_NONE:
        return
    if name in DECIMALS:
        good = isinstance(value, Decimal) and value.is_finite() and value >= 0
        wanted = "a number, 0 or more"
    elif name in COUNTS:
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        wanted = "a whole number, 0 or more"
    elif name in PATTERNS:
        good = isinstance(value, tuple) and all(isinstance(each, str) for each in value)
        wanted = "patterns of symbols"
    else:
        good = isinstance(value, bool)
        wanted = "true or false"
    if not good:
        told = "none" if value is None else value
        raise ConfigError(f"risk limit {name} must be {wanted}, not {told}")


_NEVER_NONE = PATTERNS | {"day_trade_equity", "short_allowed", "paper_only"}
_NAMES = frozenset(each.name for each in fields(Limits) if each.init)


def require_known(name: str) -> None:
    """Raise ConfigError for a name that no limit has."""
    if name not in _NAMES:
        raise ConfigError(f"there is no risk limit called {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOverride:
    """Other values for the orders it names. What it leaves None it does not ask about.

    `symbol` is a glob as in `Limits`. `values` maps names of limits to their values.
    """

    account: AccountId | None = None
    portfolio: PortfolioId | None = None
    strategy: StrategyId | None = None
    symbol: str | None = None
    values: Mapping[str, Limit]

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            require_known(name)
            _require(name, value)

    def covers(
        self,
        account: AccountId,
        portfolio: PortfolioId,
        strategy: StrategyId,
        instrument: InstrumentId,
    ) -> bool:
        return (
            self.account in (None, account)
            and self.portfolio in (None, portfolio)
            and self.strategy in (None, strategy)
            and (self.symbol is None or matches(self.symbol, instrument))
        )

    @property
    def rank(self) -> tuple[int, bool, bool, bool]:
        """Sort key, least specific first: account, portfolio, strategy, then symbol.

        Of two symbol patterns the one with more plain characters is more specific.
        """
        plain = -1
        if self.symbol is not None:
            plain = sum(character not in "*?[]" for character in self.symbol)
        return (
            plain,
            self.strategy is not None,
            self.portfolio is not None,
            self.account is not None,
        )


class Resolved(NamedTuple):
    """The limits of one kind of order, and why its symbol is refused, if it is."""

    limits: Limits
    symbol_refusal: str


class LimitBook:
    """Base limits and overrides. Immutable: new limits are a new book."""

    def __init__(
        self, base: Limits | None = None, overrides: Iterable[LimitOverride] = ()
    ) -> None:
        self.base = base or Limits()
        self.overrides = tuple(sorted(overrides, key=lambda override: override.rank))
        self._resolved: dict[
            tuple[AccountId, PortfolioId, StrategyId, InstrumentId], Resolved
        ] = {}

    def resolve(
        self,
        account: AccountId,
        portfolio: PortfolioId,
        strategy: StrategyId,
        instrument: InstrumentId,
    ) -> Resolved:
        """Return each limit from the most specific override that sets it, else the base.

        Of two equally specific overrides the later one wins.
        """
        key = (account, portfolio, strategy, instrument)
        found = self._resolved.get(key)
        if found is None:
            values: dict[str, Limit] = {}
            for override in self.overrides:
                if override.covers(account, portfolio, strategy, instrument):
                    values.update(override.values)
            limits = replace(self.base, **values)  # type: ignore[arg-type]
            found = Resolved(limits, _symbol_refusal(limits, instrument))
            self._resolved[key] = found
        return found


def matches(pattern: str, instrument: InstrumentId) -> bool:
    """Tell whether a glob covers an instrument, by symbol or, with an @, by whole id."""
    text = instrument if "@" in pattern else symbol_of(instrument)
    return fnmatchcase(text, pattern)


def _symbol_refusal(limits: Limits, instrument: InstrumentId) -> str:
    for pattern in limits.denied_symbols:
        if matches(pattern, instrument):
            return f"{instrument} is denied by {pattern!r}"
    if not any(matches(pattern, instrument) for pattern in limits.allowed_symbols):
        return f"{instrument} is not among the allowed: {', '.join(limits.allowed_symbols)}"
    return ""
