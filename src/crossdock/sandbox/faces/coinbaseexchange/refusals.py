"""How Coinbase Exchange says no: a status and one message.

https://docs.cdp.coinbase.com/exchange/rest-api/requests and
https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_postorders, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_WORDS = {
    "bad_key": (401, "Invalid API Key"),
    "key_revoked": (401, "Invalid API Key"),
    "not_allowed": (403, "Forbidden"),
    "bad_signature": (401, "invalid signature"),
    "bad_time": (400, "request timestamp expired"),
    "no_path": (404, "Route not found"),
    "unavailable": (503, "Service Unavailable"),
    "internal": (500, "Internal Server Error"),
    "insufficient_funds": (400, "Insufficient funds"),
    "stop_price": (400, "Invalid stop_price"),
    "duplicate_client_order_id": (400, "client_oid is already in use"),
    "order_done": (400, "Order already done"),
}


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__("said", words)
        self.status = status


def ill_sized(code: str, market: MarketSpec) -> Said | None:
    """Return the words for a price or a size that does not fit a market."""
    if code == "bad_tick":
        unit = market.ticks[0][1]
        return Said(f"price is too accurate. Smallest unit is {unit:f}")
    if code == "bad_lot":
        return Said(f"size is too accurate. Smallest unit is {market.quantity_step:f}")
    if code in ("min_quantity", "min_notional"):
        return Said(f"size is too small. Minimum size is {market.min_quantity:f}")
    if code == "max_quantity":
        return Said(f"size is too large. Maximum size is {market.max_quantity or 0:f}")
    return None


def spoken(refusal: Refusal, operation: Operation) -> tuple[int, str]:
    """Return the status and the message of a refusal."""
    if isinstance(refusal, Said):
        return refusal.status, refusal.message
    if refusal.code == "unknown_order":
        is_read = operation is Operation.READ
        return 404, "NotFound" if is_read else "order not found"
    if refusal.code == "rate_limited":
        return 429, refusal.message
    return _WORDS.get(refusal.code) or (400, refusal.message)
