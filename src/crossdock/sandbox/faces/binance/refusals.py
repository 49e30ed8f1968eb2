"""How Binance says no: a code, words, and the HTTP status that goes with them.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/errors.md, read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation


class Said(Refusal):
    """A refusal in the protocol's own words, `data` beside them where it has some."""

    def __init__(
        self, number: int, words: str, *, status: int = 400, data: Any = None
    ) -> None:
        super().__init__("said", words)
        self.number = number
        self.status = status
        self.data = data


def mandatory(name: str) -> Said:
    return Said(
        -1102,
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    )


def filtered(name: str) -> Said:
    return Said(-1013, f"Filter failure: {name}")


_OVERLOADED = (
    "Server is currently overloaded with other requests. Please try again in a few minutes."
)
_TIMEOUT = (
    "Timeout waiting for response from backend server. "
    "Send status unknown; execution status unknown."
)
_UNKNOWN_SENT = (-2011, "Unknown order sent.", 400)
_LOT = (-1013, "Filter failure: LOT_SIZE", 400)
_WORDS: dict[str, tuple[int, str, int]] = {
    "unknown_symbol": (-1121, "Invalid symbol.", 400),
    "bad_tick": (-1013, "Filter failure: PRICE_FILTER", 400),
    "bad_lot": _LOT,
    "min_quantity": _LOT,
    "max_quantity": _LOT,
    "min_notional": (-1013, "Filter failure: NOTIONAL", 400),
    "insufficient_funds": (
        -2010,
        "Account has insufficient balance for requested action.",
        400,
    ),
    "would_cross": (-2010, "Order would immediately match and take.", 400),
    "stop_price": (-2010, "Order would trigger immediately.", 400),
    "fok_unfillable": (-2010, "NEW_ORDER_REJECTED", 400),
    "duplicate_client_order_id": (-2010, "Duplicate order sent.", 400),
    "bad_key": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "key_revoked": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "not_allowed": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "not_authenticated": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "session_expired": (-2015, "Invalid API-key, IP, or permissions for action.", 401),
    "bad_signature": (-1022, "Signature for this request is not valid.", 400),
    "no_path": (-1000, "Path not found.", 404),
    "unavailable": (
        -1008,
        _OVERLOADED,
        503,
    ),
    "internal": (
        -1007,
        _TIMEOUT,
        504,
    ),
}
_OF_ORDERS: dict[Operation, tuple[int, str, int]] = {
    Operation.READ: (-2013, "Order does not exist.", 400),
    Operation.CANCEL: _UNKNOWN_SENT,
    Operation.REPLACE: _UNKNOWN_SENT,
    Operation.SUBMIT: _UNKNOWN_SENT,
}
_AS_SENT = {"rate_limited": (-1003, 429), "banned": (-1003, 418), "bad_time": (-1021, 400)}


def spoken(refusal: Refusal, operation: Operation) -> tuple[int, str, int]:
    """Return the code, the words and the status for a refusal."""
    if isinstance(refusal, Said):
        return refusal.number, refusal.message, refusal.status
    if refusal.code in ("unknown_order", "order_done"):
        return _OF_ORDERS[operation]
    if refusal.code in _AS_SENT:
        number, status = _AS_SENT[refusal.code]
        return number, refusal.message, status
    return _WORDS.get(refusal.code) or (-1130, refusal.message, 400)


def error(refusal: Refusal, operation: Operation) -> tuple[dict[str, Any], int]:
    """Return the error as an object, and the status."""
    number, words, status = spoken(refusal, operation)
    body: dict[str, Any] = {"code": number, "msg": words}
    if isinstance(refusal, Said) and refusal.data is not None:
        body["data"] = refusal.data
    return body, status
