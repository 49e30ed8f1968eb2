"""How Gemini says no: a reason that is a code, and a message.

https://developer.gemini.com/error-codes, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal

REASONS: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "InvalidJson"),
    "bad_key": (400, "InvalidSignature"),
    "key_revoked": (400, "InvalidSignature"),
    "bad_signature": (400, "InvalidSignature"),
    "bad_time": (400, "InvalidNonce"),
    "not_allowed": (403, "MissingRole"),
    "insufficient_funds": (406, "InsufficientFunds"),
    "unknown_symbol": (400, "InvalidSymbol"),
    "unknown_order": (404, "OrderNotFound"),
    "order_done": (404, "OrderNotFound"),
    "bad_tick": (400, "InvalidPrice"),
    "bad_lot": (400, "InvalidQuantity"),
    "min_quantity": (400, "InvalidQuantity"),
    "max_quantity": (400, "InvalidQuantity"),
    "min_notional": (400, "InvalidQuantity"),
    "stop_price": (400, "InvalidStopPrice"),
    "would_cross": (400, "MakerOrCancelWouldTake"),
    "fok_unfillable": (400, "FillOrKillWouldNotFill"),
    "rate_limited": (429, "RateLimit"),
    "no_path": (404, "EndpointNotFound"),
    "internal": (500, "System"),
    "unavailable": (503, "Maintenance"),
}


class Said(Refusal):
    """A refusal for one of Gemini's own reasons."""

    def __init__(self, reason: str, message: str, *, status: int = 400) -> None:
        super().__init__("said", message)
        self.words = (status, reason)


def worded(refusal: Refusal) -> tuple[int, dict[str, str]]:
    """Return the status and body of a refusal."""
    if isinstance(refusal, Said):
        status, reason = refusal.words
    else:
        status, reason = REASONS.get(refusal.code) or REASONS["bad_request"]
    return status, {"result": "error", "reason": reason, "message": refusal.message}
