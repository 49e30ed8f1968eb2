"""Orders, what was filled, and writes whose fate is not known."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from crossdock.web.shapes._shape import (
    Amount,
    Asked,
    Lower,
    Moment,
    Told,
    Written,
    exact_text,
)

Side = Annotated[Literal["BUY", "SELL", "buy", "sell"], Lower]
StopLoss = Annotated[
    str,
    Written(
        r"^-?\d{1,30}(\.\d{1,30})?(:-?\d{1,30}(\.\d{1,30})?)?$",
        'a price, or a price and its limit, like "59000" or "59000:58900"',
    ),
    BeforeValidator(exact_text),
]
TimeInForce = Annotated[
    str, Written(r"^(GTC|IOC|FOK|DAY|GTD)$", "one of GTC, IOC, FOK, DAY and GTD")
]


class OrderTerms(Asked):
    """What is asked of an order. Which prices are given says which type it is: none is
    market, `limit`, `stop`, both, `if_touched`, or a trail.
    """

    side: Side
    symbol: str = Field(
        min_length=1, examples=["BTC/USDT@alpha"], description="May name its venue after @."
    )
    quantity: Amount
    account: str = Field("", description="Without it, the router chooses.")
    limit: Amount | None = None
    stop: Amount | None = None
    if_touched: Amount | None = None
    trail_amount: Amount | None = None
    trail_percent: Amount | None = None
    take_profit: Amount | None = Field(None, description="An exit the venue holds itself.")
    stop_loss: StopLoss | None = Field(
        None,
        description="An exit the venue holds itself: STOP, or STOP:LIMIT.",
    )
    oco: bool = Field(False, description="Both exits at once: one fill ends the other.")
    time_in_force: TimeInForce = "GTC"
    expire_time_ns: Moment | None = None
    post_only: bool = False
    reduce_only: bool = False
    portfolio: str = "main"


class NewOrder(OrderTerms):
    """An order to place. `approve` is a person's word where a limit asks for one."""

    approve: bool = False


class Amendment(Asked):
    """What of a working order becomes different: one of them at least."""

    quantity: Amount | None = None
    limit: Amount | None = None
    stop: Amount | None = None

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if self.quantity is None and self.limit is None and self.stop is None:
            raise ValueError("say what becomes different: quantity, limit or stop")
        return self


class Leg(Told):
    limit_price: str | None = None
    stop_price: str | None = None


class Order(Told):
    """An order. `status` is Unknown while a write of it is in doubt; `proven_status` is
    the last one that was proven.
    """

    order_id: str
    client_order_id: str | None = None
    venue_order_ids: list[str] = []
    account: str
    instrument: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: str
    limit_price: str | None = None
    stop_price: str | None = None
    trail_amount: str | None = None
    trail_percent: str | None = None
    attached: list[Leg] = []
    contingency: str | None = None
    parent: str | None = None
    status: str
    proven_status: str
    in_doubt: list[str] = []
    cumulative_quantity: str
    average_price: str | None = None
    fees: dict[str, str] = {}
    portfolio: str
    strategy: str
    correlation: str | None = None
    foreign: bool = False
    reason: str | None = None
    created_time_ns: int
    updated_time_ns: int


class Rehearsal(Told):
    """What would become of an order: whether it passes, and every reason why not."""

    passes: bool
    reasons: list[list[str]] = []
    allowed_quantity: str | None = None
    account: str | None = None
    live: bool = False
    venue: str | None = None
    instrument: str | None = None
    symbol: str | None = None
    side: str | None = None
    type: str | None = None
    time_in_force: str | None = None
    quantity: str | None = None
    price: str | None = None
    reference_price: str | None = None
    notional: str | None = None
    currency: str | None = None
    fee: str | None = None
    fee_currency: str | None = None
    fee_rate: str | None = None
    position_after: str | None = None
    buying_power_after: str | None = None
    buying_power_asset: str | None = None
    confirmation: Literal["none", "click", "type"] = "click"


class Fill(Told):
    execution_id: str
    order_id: str | None = None
    venue_order_id: str | None = None
    account: str
    instrument: str
    side: str
    quantity: str
    price: str
    fee: str | None = None
    fee_asset: str | None = None
    more_fees: str | None = Field(
        None, description="What was taken in other assets, as `0.1 BNB, 2 USDC`."
    )
    kind: str | None = None
    liquidity: str | None = None
    portfolio: str | None = None
    strategy: str | None = None
    replaces: str | None = None
    source: str | None = None
    sequence: int | None = None
    venue_time_ns: int | None = None
    at: int | None = None


class StoryLine(Told):
    """One journal record of a story, in words."""

    sequence: int
    at: int
    record: str
    words: str


class Doubt(Told):
    """A write whose fate is not known."""

    attempt_id: str
    kind: str
    order_id: str | None = None
    client_order_id: str | None = None
    account: str
    instrument: str
    side: str | None = None
    quantity: str
    needs_person: bool
    age_s: float


class Verdict(Asked):
    """How a person ends a doubt that no evidence can settle."""

    verdict: Literal["live", "absent"]
    words: str = Field("", max_length=1000)
    force: bool = False
