"""What a venue tells besides prices: options, calendars, auctions, rights and limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crossdock.model.ids import AccountId, Asset, InstrumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """Sensitivities of one option, as the venue computes them.

    Of the premium in quote, for one unit of the underlying: delta for a move by one,
    theta for a day, vega and rho for one percentage point.
    """

    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionQuote:
    """One option of a chain, with prices and implied volatilities (1.0 is 100 %)."""

    instrument: InstrumentId
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None = None
    mark: Decimal | None = None
    bid_volatility: float | None = None
    ask_volatility: float | None = None
    mark_volatility: float | None = None
    greeks: Greeks | None = None
    open_interest: Decimal | None = None
    underlying_price: Decimal | None = None
    venue_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingDay:
    """One day of a market that closes. All times UTC."""

    date: str  # ISO 8601, in the market's own time zone
    open_time_ns: int
    close_time_ns: int
    early_open_time_ns: int = 0  # of the extended session; 0: none
    late_close_time_ns: int = 0


class AuctionKind(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Auction:
    """An auction's official print."""

    instrument: InstrumentId
    kind: AuctionKind
    price: Decimal
    quantity: Decimal
    exchange: str
    venue_time_ns: int


class Right(StrEnum):
    """What a key may do."""

    READ = "read"
    TRADE = "trade"
    TRANSFER = "transfer"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the venue says that our key may do, and from where."""

    rights: frozenset[Right]
    is_address_bound: bool | None = None  # None: the venue does not say
    expires_time_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What a broker says of an account besides its balances. Money in `currency`."""

    account: AccountId
    currency: Asset
    equity: Decimal
    buying_power: Decimal | None = None
    day_trade_buying_power: Decimal | None = None
    day_trades: int | None = None  # in the last five trading days
    is_pattern_day_trader: bool = False
    is_trading_blocked: bool = False
    can_short: bool = False
    multiplier: Decimal | None = None
    notes: tuple[str, ...] = ()
