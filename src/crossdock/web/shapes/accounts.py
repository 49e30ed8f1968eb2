"""One account besides its orders: margin, loans, transfers, what idle assets earn, rates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Size, Told

Symbol = Annotated[
    str, Field(min_length=1, max_length=128, description="As the venue lists it.")
]
Asset = Annotated[str, Field(min_length=1, max_length=64, examples=["USDT"])]
Wallet = Annotated[
    str,
    Field(min_length=1, max_length=256, description="Or a sub-account, as sub:NAME."),
]
OnSymbol = Annotated[
    str, Field(max_length=128, description="On the isolated margin of this symbol.")
]


class LeverageChange(Asked):
    """What the next orders of an instrument are to have."""

    symbol: Symbol
    leverage: Size
    margin_mode: Literal["none", "cross", "isolated"] = Field(
        "none", description="none leaves it as it is."
    )


class MarginModeChange(Asked):
    symbol: Symbol
    margin_mode: Literal["cross", "isolated"]


class LoanTerms(Asked):
    asset: Asset
    amount: Size
    symbol: OnSymbol = ""


class TransferTerms(Asked):
    asset: Asset
    amount: Size
    source: Wallet
    destination: Wallet


class EarnTerms(Asked):
    offer: str = Field(min_length=1, max_length=128, description="Its `offer_id`.")
    amount: Size


class Leverage(Told):
    """What a venue multiplies the margin by. A mode of none: the venue does not say."""

    account: str
    instrument: str
    long: str
    short: str
    margin_mode: str


class LeverageChosen(Told):
    account: str
    symbol: str
    leverage: str
    margin_mode: str


class MarginModeChosen(Told):
    account: str
    symbol: str
    margin_mode: str


class BorrowRate(Told):
    """`rate` is a fraction for `per_s` seconds."""

    asset: str
    rate: str
    per_s: int
    instrument: str | None = None
    venue_time_ns: int = 0


class Loan(Told):
    """What is owed: principal and the interest that came on top."""

    account: str
    asset: str
    principal: str
    interest: str
    instrument: str | None = None


class Moved(Told):
    """The venue's word on money it moved. Not done: accepted, and still under way."""

    account: str
    kind: str
    movement_id: str = Field(description="The venue's; empty where it gives none.")
    asset: str
    amount: str
    is_done: bool
    source: str = ""
    destination: str = ""
    venue_time_ns: int = 0


class Movement(Told):
    """Money that was asked to move, and what is proven of it."""

    movement_id: str
    account: str
    kind: str
    asset: str
    amount: str
    source: str = ""
    destination: str = ""
    instrument: str | None = None
    product: str = ""
    status: str
    in_doubt: bool
    venue_movement_id: str | None = None
    by: str = ""
    words: str = ""
    created_time_ns: int
    updated_time_ns: int


class SubAccount(Told):
    """An account beneath this one. Transfers name it by sub:NAME."""

    name: str
    venue_id: str
    is_frozen: bool = False


class EarnOffer(Told):
    """What a venue pays for an asset left with it. `rate` is a fraction a year."""

    offer_id: str
    kind: str
    asset: str
    rate: str | None = None
    min_amount: str
    max_amount: str | None = None
    lock_s: int = Field(description="0: redeemable at any time.")
    is_open: bool


class EarnHolding(Told):
    """What is left with a venue to earn."""

    account: str
    offer_id: str
    kind: str
    asset: str
    amount: str
    earned: str
    redeemable_time_ns: int = 0


class FundingRate(Told):
    """What longs of a perpetual pay shorts, as a fraction of notional."""

    instrument: str
    rate: str
    funding_time_ns: int
    interval_s: int = Field(description="Between payments; 0: the venue does not say.")
    mark_price: str | None = None
    index_price: str | None = None
    venue_time_ns: int = 0


class FeeRates(Told):
    """What this account pays, of notional; a maker's negative rate is a rebate."""

    instrument: str
    maker: str
    taker: str


class Greeks(Told):
    """Of the premium in quote, for one unit of the underlying."""

    delta: float | None = None
    gamma: float | None = None
    theta: float | None = Field(None, description="For a day.")
    vega: float | None = Field(None, description="For one percentage point.")
    rho: float | None = Field(None, description="For one percentage point.")


class OptionQuote(Told):
    """One option of a chain. Volatilities are implied, 1.0 is 100 %."""

    instrument: str
    bid: str | None = None
    ask: str | None = None
    last: str | None = None
    mark: str | None = None
    bid_volatility: float | None = None
    ask_volatility: float | None = None
    mark_volatility: float | None = None
    greeks: Greeks | None = None
    open_interest: str | None = None
    underlying_price: str | None = None
    venue_time_ns: int = 0


class TradingDay(Told):
    """A day on which the market is open; its date is the market's own. 0: no such hour."""

    date: str
    open_time_ns: int
    close_time_ns: int
    early_open_time_ns: int = 0
    late_close_time_ns: int = 0


class Auction(Told):
    """An auction's official print."""

    instrument: str
    kind: str
    price: str
    quantity: str
    exchange: str
    venue_time_ns: int


class KeyRights(Told):
    """What the account's key may do. Null: the venue does not say."""

    rights: list[str]
    is_address_bound: bool | None = None
    expires_time_ns: int | None = None


class AccountFacts(Told):
    """What a broker says of an account besides its balances. Money in `currency`."""

    account: str
    currency: str
    equity: str
    buying_power: str | None = None
    day_trade_buying_power: str | None = None
    day_trades: int | None = Field(None, description="In the last five trading days.")
    is_pattern_day_trader: bool = False
    is_trading_blocked: bool = False
    can_short: bool = False
    multiplier: str | None = None
    notes: list[str] = []
