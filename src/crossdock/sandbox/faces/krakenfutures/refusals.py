"""How Kraken Futures says no: calls by `error`, orders by the status of what was asked.

https://docs.kraken.com/exchange/guides/futures/rest and
https://docs.kraken.com/api/docs/futures-api/trading/send-order, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.refusals import Refusal

_CALLS = {
    "bad_key": ("authenticationError", 401),
    "bad_signature": ("authenticationError", 401),
    "key_revoked": ("authenticationError", 401),
    "not_allowed": ("authenticationError", 401),
    "rate_limited": ("apiLimitExceeded", 429),
    "unavailable": ("Unavailable", 503),
    "internal": ("Server Error", 500),
    "no_path": ("notFound", 404),
}
_ORDERS = {
    "bad_tick": "invalidPrice",
    "bad_lot": "invalidSize",
    "min_quantity": "invalidSize",
    "max_quantity": "invalidSize",
    "min_notional": "invalidSize",
    "insufficient_funds": "insufficientAvailableFunds",
    "would_cross": "postWouldExecute",
    "fok_unfillable": "iocWouldNotExecute",
    "reduce_only": "wouldNotReducePosition",
    "stop_price": "invalidPrice",
    "duplicate_client_order_id": "clientOrderIdAlreadyExist",
}


class Said(Refusal):
    """A refusal of a call in the protocol's own words."""

    def __init__(self, words: str, *, status: int = 200) -> None:
        super().__init__("said", words)
        self.status = status


class OrderSaid(Refused):
    """A refusal of an order in the protocol's own words."""

    def __init__(self, status: str) -> None:
        super().__init__("said", status)


def spoken(refusal: Refusal) -> tuple[str, int]:
    """Return a refused call's error and its status."""
    if isinstance(refusal, Said):
        return refusal.message, refusal.status
    return _CALLS.get(refusal.code) or (f"invalidArgument: {refusal.message}", 200)


def order_status(refused: Refused) -> str:
    """Return what became of an order that was refused."""
    if isinstance(refused, OrderSaid):
        return refused.message
    return _ORDERS.get(refused.code, "invalidArgument")
