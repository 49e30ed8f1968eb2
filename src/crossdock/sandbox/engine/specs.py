"""What a venue and its markets are configured to be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from crossdock.model import ONE, ZERO, ContractKind

SelfTradePrevention = Literal["cancel_resting", "cancel_taking", "cancel_both"]
PartialOco = Literal["shrink", "cancel"]
"""What befalls the rivals of an order that was filled in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSpec:
    """One market. `ticks` holds (floor, tick) pairs sorted by floor.

    An option is paid as it is traded: its price is a premium, and it never expires here.

    Fee rates are of notional; a negative one is a rebate. Fees are paid in `settle`,
    which for spot is the quote asset. `version` grows with each change of the ticks.
    """

    symbol: str
    key: str
    kind: ContractKind
    base: str
    quote: str
    settle: str
    ticks: tuple[tuple[Decimal, Decimal], ...]
    quantity_step: Decimal
    min_quantity: Decimal = ZERO
    max_quantity: Decimal | None = None
    min_notional: Decimal = ZERO
    multiplier: Decimal = ONE
    maker_fee: Decimal = ZERO
    taker_fee: Decimal = ZERO
    version: int = 1

    def __post_init__(self) -> None:
        if not self.ticks:
            raise ValueError(f"{self.symbol}: ticks is empty; give at least one pair")
        steps = (*(tick for _, tick in self.ticks), self.quantity_step, self.multiplier)
        if min(steps) <= 0:
            raise ValueError(
                f"{self.symbol}: ticks, quantity_step and multiplier must be positive"
            )
        if self.kind is ContractKind.QUANTO:
            raise ValueError(
                f"{self.symbol}: the sandbox trades spot, linear, inverse and options, "
                f"not {self.kind}"
            )
        expected = self.base if self.kind is ContractKind.INVERSE else self.quote
        if self.settle != expected:
            raise ValueError(
                f"{self.symbol}: a {self.kind} market settles in {expected}, "
                f"not {self.settle}"
            )

    def tick_at(self, price: Decimal) -> Decimal:
        """Return the step of prices at `price`."""
        tick = self.ticks[0][1]
        for floor, band in self.ticks[1:]:
            if price < floor:
                break
            tick = band
        return tick


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSpec:
    """A venue. In hedge mode every derivative order names its leg, long or short."""

    name: str
    markets: tuple[MarketSpec, ...]
    hedge_mode: bool = False
    self_trade_prevention: SelfTradePrevention = "cancel_resting"
    partial_oco: PartialOco = "shrink"

    def __post_init__(self) -> None:
        symbols = [market.symbol for market in self.markets]
        if len(set(symbols)) != len(symbols):
            raise ValueError(f"{self.name}: a symbol stands twice in {symbols}")
