"""What another platform pushes to be shown, and what is told of it.

`at_ns` is when something was so, the moment it came where it is left out.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crossdock.web.shapes._shape import MOST_DIGITS, Asked, Told, Written, exact_text

MOST_POINTS = 2_000
_Short = Annotated[str, Field(min_length=1, max_length=200)]
Link = Annotated[
    str,
    Field(max_length=2_000),
    Written(r"^(https?://\S+)?$", "an address that begins with https:// or http://"),
]
_Text = Annotated[str, Field(max_length=4_000)]


def _as_text(value: Any) -> Any:
    """Take a number as the text of it: platforms count in floats, and are only shown."""
    value = exact_text(value)
    if isinstance(value, bool) or not isinstance(value, float | str):
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return value
    is_plain = number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS
    return f"{number:f}" if is_plain else value


Number = Annotated[
    str,
    Written(
        r"^-?\d{1,60}(\.\d{1,60})?$",
        "a finite number of 30 digits before the point at most, as 0.05 or as text",
    ),
    BeforeValidator(_as_text, json_schema_input_type=str | float),
    Field(examples=["0.05"]),
]


def _above_zero(number: str) -> str:
    if Decimal(number) <= 0:
        raise ValueError("more than 0: `side` says whether it was bought or sold")
    return number


Quantity = Annotated[Number, AfterValidator(_above_zero)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Pushed(Asked):
    """One thing a platform says. `key` names it within its subject: the newest counts."""

    subject: ClassVar[str]
    kept: ClassVar[int] = 200
    at_ns: int | None = Field(None, ge=0, lt=1 << 63)

    @property
    def key(self) -> str:
        return ""


class MarketData(Pushed):
    subject, kept = "market-data", 500
    symbol: _Short
    bid: Number | None = None
    ask: Number | None = None
    last: Number | None = None
    volume: Number | None = None
    change_pct: Finite | None = None

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        if self.bid is None and self.ask is None and self.last is None:
            raise ValueError("say a price of it: bid, ask or last")
        return self

    @property
    def key(self) -> str:
        return self.symbol


class PlatformPosition(Asked):
    symbol: _Short
    quantity: Number
    entry_price: Number | None = None
    mark: Number | None = None
    pnl: Number | None = None


class PlatformPortfolio(Pushed):
    subject, kept = "portfolio", 1
    equity: Number
    currency: str = Field("USD", max_length=20)
    cash: Number | None = None
    pnl: Number | None = None
    day_pnl: Number | None = None
    positions: list[PlatformPosition] = Field([], max_length=500)


class PlatformOrder(Pushed):
    subject = "orders"
    order_id: _Short
    symbol: _Short
    side: Literal["BUY", "SELL"]
    quantity: Quantity
    type: str = Field("", max_length=40)
    price: Number | None = None
    status: str = Field("", max_length=40)
    filled_quantity: Number | None = None

    @property
    def key(self) -> str:
        return self.order_id


class PlatformFill(Pushed):
    subject = "fills"
    fill_id: _Short
    symbol: _Short
    side: Literal["BUY", "SELL"]
    quantity: Quantity
    price: Number
    order_id: str = Field("", max_length=200)
    fee: Number | None = None
    fee_currency: str = Field("", max_length=20)

    @property
    def key(self) -> str:
        return self.fill_id


class StrategyPerformance(Pushed):
    subject = "strategy-performance"
    strategy: _Short
    pnl: Number | None = None
    day_pnl: Number | None = None
    trades: int | None = Field(None, ge=0)
    win_rate: float | None = Field(None, ge=0, le=1)
    sharpe: Finite | None = None
    max_drawdown: Finite | None = None
    state: str = Field("", max_length=40)

    @property
    def key(self) -> str:
        return self.strategy


class RiskMetrics(Pushed):
    subject, kept = "risk-metrics", 1
    metrics: dict[_Short, Finite] = Field(min_length=1, max_length=200)


class CustomMetric(Pushed):
    subject, kept = "metrics", 500
    name: _Short
    value: Finite
    unit: str = Field("", max_length=40)
    words: str = Field("", max_length=400)

    @property
    def key(self) -> str:
        return self.name


class ChartSeries(Asked):
    """Points as [x, y]; x is seconds where `x` of the chart is time."""

    name: _Short
    points: list[tuple[Finite, Finite]] = Field(max_length=MOST_POINTS)


class CustomChart(Pushed):
    subject, kept = "charts", 20
    name: _Short
    series: list[ChartSeries] = Field(min_length=1, max_length=10)
    kind: Literal["line", "bar", "area", "scatter"] = "line"
    x: Literal["time", "number"] = "time"
    unit: str = Field("", max_length=40)

    @property
    def key(self) -> str:
        return self.name


class Prediction(Pushed):
    subject = "predictions"
    symbol: _Short
    model: str = Field("", max_length=200)
    direction: Literal["up", "down", "flat"] | None = None
    probability: float | None = Field(None, ge=0, le=1)
    value: Number | None = None
    horizon_s: float | None = Field(None, gt=0, le=1e10)

    @property
    def key(self) -> str:
        return f"{self.symbol} {self.model}".rstrip()


class News(Pushed):
    subject = "news"
    title: _Short
    id: str = Field("", max_length=200, description="Without it, title and url name it.")
    url: Link = ""
    source: str = Field("", max_length=200)
    symbols: list[_Short] = Field([], max_length=50)
    words: _Text = ""

    @property
    def key(self) -> str:
        made = hashlib.sha256(f"{self.title}\n{self.url}".encode()).hexdigest()
        return self.id or made[:32]


class Sentiment(Pushed):
    """`score` is -1 (all fear) to 1."""

    subject = "sentiment"
    symbol: _Short
    score: float = Field(ge=-1, le=1)
    source: str = Field("", max_length=200)
    count: int | None = Field(None, ge=0)

    @property
    def key(self) -> str:
        return f"{self.symbol} {self.source}".rstrip()


PUSHED: dict[str, type[Pushed]] = {
    shape.subject: shape
    for shape in (
        MarketData,
        PlatformPortfolio,
        PlatformOrder,
        PlatformFill,
        StrategyPerformance,
        RiskMetrics,
        CustomMetric,
        CustomChart,
        Prediction,
        News,
        Sentiment,
    )
}


class Taken(Told):
    """How many were taken in."""

    taken: int


class HeldValue(Told):
    """The newest that a platform said of one thing, in the shape it pushed."""

    subject: str
    key: str
    at_ns: int
    value: dict[str, Any]


class PlatformTold(Told):
    platform: str
    at_ns: int
    subjects: dict[str, int]


class MetricHistory(Told):
    """Points as [seconds, value], oldest first."""

    platform: str
    name: str
    points: list[list[float]]
