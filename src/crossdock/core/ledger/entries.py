"""What is written down of each thing that moved a position: enough to post it again."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.model import (
    Asset,
    ExecutionId,
    Fill,
    FillKind,
    Instrument,
    PortfolioId,
    Side,
    StrategyId,
    VenueOrderId,
)

EXTERNAL = PortfolioId("external")
"""The portfolio of what none of ours did: baselines, manual trades, foreign fills."""

NOBODY = StrategyId("")


class Traded(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="traded"):
    """A fill. `quantity` is signed; `multiplier` is the instrument's at that time."""

    venue_order_id: VenueOrderId
    execution_id: ExecutionId
    kind: FillKind
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    fee: Decimal
    fee_asset: Asset
    portfolio: PortfolioId
    strategy: StrategyId
    place: int = 0  # `account_sequence` of what it was made from
    more_fees: tuple[tuple[Asset, Decimal], ...] = ()

    @property
    def fees(self) -> tuple[tuple[Asset, Decimal], ...]:
        first = ((self.fee_asset, self.fee),) if self.fee else ()
        return first + self.more_fees


class Moved(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="moved"):
    """A liquidation, deleveraging, expiry or assignment: like a fill, and nobody's."""

    event_id: str
    quantity: Decimal
    price: Decimal
    multiplier: Decimal
    place: int = 0


class Split(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="split"):
    """More or fewer units for the same cost; `price` only where nothing was held."""

    event_id: str
    quantity: Decimal
    price: Decimal | None
    multiplier: Decimal
    place: int = 0


class Earned(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="earned"):
    """Cash that a position brought or, as a fee, took. `amount` is signed as received."""

    event_id: str
    asset: Asset
    amount: Decimal
    is_fee: bool
    place: int = 0


Entry = Traded | Moved | Split | Earned


class Opening(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a position was before its first entry."""

    quantity: Decimal
    cost: Decimal


def traded(
    fill: Fill,
    instrument: Instrument,
    portfolio: PortfolioId | None,
    strategy: StrategyId | None,
) -> Traded:
    """Return the entry of a fill; positional, for this is made for every fill."""
    quantity = fill.quantity if fill.side is Side.BUY else fill.quantity.copy_negate()
    return Traded(
        fill.venue_order_id,
        fill.execution_id,
        fill.kind,
        quantity,
        fill.price,
        instrument.multiplier,
        fill.fee,
        fill.fee_asset,
        portfolio or EXTERNAL,
        strategy or NOBODY,
        fill.account_sequence,
        fill.more_fees,
    )
