"""How Hyperliquid says no: to a call by `status`, to an order within the reply to its batch.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec, Refused
from crossdock.sandbox.faces.refusals import Refusal

_NEVER = "Order was never placed, already canceled, or filled."
_ORDERS: Mapping[str, str] = {
    "bad_tick": "Price must be divisible by tick size.",
    "bad_lot": "Order has invalid size.",
    "min_quantity": "Order has invalid size.",
    "max_quantity": "Order has invalid size.",
    "reduce_only": "Reduce only order would increase position.",
    "stop_price": "Invalid TP/SL price.",
    "unknown_order": _NEVER,
    "order_done": _NEVER,
}
IOC_CANCEL = "Order could not immediately match against any resting orders."
CANNOT_MODIFY = "Cannot modify canceled or filled order"
MALFORMED = "Failed to deserialize the JSON body into the target type"


class Err(Refusal):
    """A refusal of a call in the protocol's own words."""

    def __init__(self, words: str) -> None:
        super().__init__("err", words)


def malformed() -> Refusal:
    """Return what is said of a body that is none of the protocol's."""
    return Refusal("malformed", MALFORMED)


class OrderSaid(Refused):
    """A refusal of an order in the protocol's own words."""

    def __init__(self, words: str) -> None:
        super().__init__("said", words)


def order_words(refused: Refused, market: MarketSpec, best: str) -> str:
    """Return what is said of an order of a market that was refused.

    `best` is what stands at the top of its book.
    """
    if isinstance(refused, OrderSaid):
        return refused.message
    is_spot = market.kind is ContractKind.SPOT
    match refused.code:
        case "min_notional" if is_spot:
            return f"Order must have minimum value of 10 {market.quote}."
        case "min_notional":
            return "Order must have minimum value of $10."
        case "insufficient_funds" if is_spot:
            return "Insufficient spot balance"
        case "insufficient_funds":
            return "Insufficient margin to place order."
        case "would_cross":
            return f"Post only order would have immediately matched, bbo was {best}."
        case code:
            return _ORDERS.get(code, f"Order is invalid: {refused.message}.")
