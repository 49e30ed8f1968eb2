"""An opinion of a strategy, before anybody decided on a quantity or a venue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from crossdock.model.ids import CorrelationId, PortfolioId, StrategyId


class Direction(StrEnum):
    LONG = "long"
    SHORT = "short"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`confidence` and `strength` are 0 to 1; `horizon_s` is how long it should matter.

    `symbol` names no venue: the router picks the cheapest that trades it. Sizing by
    volatility needs `volatility` (standard deviation of a year's return, 0.6 is 60 %),
    sizing by fixed risk needs `stop_distance` (price units from entry to stop).
    """

    symbol: str
    direction: Direction
    confidence: float
    strength: float
    horizon_s: float
    strategy: StrategyId
    portfolio: PortfolioId = PortfolioId("main")
    correlation: CorrelationId = CorrelationId("")
    time_ns: int = 0
    volatility: float | None = None
    stop_distance: float | None = None

    def __post_init__(self) -> None:
        for name in ("confidence", "strength"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is between 0 and 1, got {getattr(self, name)}")
        if self.horizon_s <= 0:
            raise ValueError(f"horizon_s is positive, got {self.horizon_s}")
        for name in ("volatility", "stop_distance"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and isfinite(value)):
                raise ValueError(f"{name} is positive and finite, or None; got {value}")
