"""A derivative position by average cost."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.adapters.venues.paper.funds.exact import (
    add,
    average,
    multiply,
    share,
    subtract,
    worth,
)
from crossdock.model import (
    ZERO,
    AccountId,
    ContractKind,
    Instrument,
    InstrumentId,
    MarginMode,
    Position,
    PositionKey,
)


class Holding(msgspec.Struct, kw_only=True):
    """A signed quantity, what it cost, and what closing parts of it has realised.

    The cost is signed like what a price rise does to it: an inverse contract's worth
    falls in its settlement asset as the price rises, so a long one's cost is negative.
    """

    instrument: InstrumentId
    margin_mode: MarginMode
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO

    def trade(self, instrument: Instrument, signed: Decimal, price: Decimal) -> Decimal:
        """Book an execution and return the cash it realised."""
        flow = _flow(instrument, signed, price)
        held = self.quantity
        after = add(held, signed)
        if not held or held.is_signed() == signed.is_signed():
            self.quantity, self.cost = after, add(self.cost, flow)
            return ZERO
        if not after or after.is_signed() == held.is_signed():
            removed = share(self.cost, signed.copy_negate(), held) if after else self.cost
            gained = subtract(flow.copy_negate(), removed)
            self.quantity, self.cost = after, subtract(self.cost, removed)
        else:  # through zero: all is closed at this price, the rest is new
            closing = _flow(instrument, held.copy_negate(), price)
            gained = subtract(closing.copy_negate(), self.cost)
            self.quantity, self.cost = after, subtract(flow, closing)
        self.realized = add(self.realized, gained)
        return gained

    def margin(self, instrument: Instrument) -> Decimal:
        """Return what is set aside while the position is open."""
        rate = instrument.margin_rate
        cost = self.cost.copy_abs()
        return cost if rate is None else multiply(cost, rate)

    def closable(self, signed: Decimal) -> Decimal:
        """Return how much an execution in this direction can close at most."""
        opposes = self.quantity.is_signed() != signed.is_signed()
        return self.quantity.copy_abs() if opposes else ZERO

    def view(self, account: AccountId, instrument: Instrument) -> Position:
        entry = None
        if self.quantity:
            size = multiply(self.quantity, instrument.multiplier)
            if instrument.kind is ContractKind.INVERSE:
                entry = average(size.copy_negate(), self.cost)
            else:
                entry = average(self.cost, size)
        return Position(
            key=PositionKey(
                account=account,
                instrument=self.instrument,
                margin_mode=self.margin_mode,
                settle=instrument.settle,
            ),
            quantity=self.quantity,
            entry_price=entry,
            realized_pnl=self.realized,
        )


def _flow(instrument: Instrument, signed: Decimal, price: Decimal) -> Decimal:
    value = worth(instrument, signed, price)
    return value.copy_negate() if instrument.kind is ContractKind.INVERSE else value
