"""How Bitstamp says no: words, and a code beside them.

https://www.bitstamp.net/api/#section/Response-codes, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.sandbox.faces.refusals import Refusal

Words = tuple[int, str, str]
"""HTTP status, response code, and what is said with it."""

_REJECTED = (400, "500.017", "Order rejected by matching engine.")
_GONE = (200, "404.002", "Order not found.")
_TOO_SMALL = (200, "400.020", "Provided order size is lower than minimum order value.")

WORDS: Mapping[str, Words] = {
    "bad_request": (400, "400.007", "POST parameter(s) is malformed."),
    "insufficient_funds": (200, "400.009", "Check your account balance for details."),
    "min_quantity": _TOO_SMALL,
    "min_notional": _TOO_SMALL,
    "max_quantity": (200, "400.038", "Provided order amount is too large."),
    "unknown_symbol": (404, "404.007", "Market not found for corresponding request."),
    "unknown_order": _GONE,
    "order_done": _GONE,
    "would_cross": _REJECTED,
    "fok_unfillable": _REJECTED,
    "rate_limited": (400, "400.002", "Request rejected due to exceeded rate limit."),
    "no_path": (404, "404.001", "Unknown not found error."),
    "unavailable": (503, "500.002", "Service currently unavailable. Try again later."),
    "internal": (400, "500.003", "Unknown error while processing order."),
}
_AT_THE_DOOR: Mapping[str, tuple[str, str]] = {
    "bad_key": ("API0001", "API key not found"),
    "key_revoked": ("API0001", "API key not found"),
    "not_allowed": ("API0003", "No permission found"),
    "bad_nonce": ("API0004", "Invalid nonce"),
    "bad_signature": ("API0005", "Invalid signature"),
    "bad_version": ("API0010", "Invalid version"),
    "no_header": ("API0012", "X-Auth header is required"),
    "bad_time": ("API0017", "X-Auth-Timestamp header is out of boundaries"),
    "bad_timestamp": ("API0018", "X-Auth-Timestamp header is invalid"),
}
_DECIMALS = "Ensure that there are no more than {} decimal places."


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, code: str, words: str, *, status: int = 200) -> None:
        super().__init__("said", words)
        self.words: Words = (status, code, words)


def malformed(name: str) -> Said:
    return Said("400.007", f"POST parameter(s) is malformed: {name}.", status=400)


class TooFine(Refusal):
    """A number with more decimals than its market has."""

    def __init__(self, name: str, decimals: int) -> None:
        super().__init__("too_fine", _DECIMALS.format(decimals))
        self.name = name


def worded(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    """Return the status and body of a refusal."""
    door = _AT_THE_DOOR.get(refusal.code)
    if door is not None:
        return 403, {"status": "error", "reason": door[1], "code": door[0]}
    if isinstance(refusal, TooFine):
        reason = {refusal.name: [refusal.message], "__all__": [""]}
        code = "400.026" if refusal.name == "amount" else "400.041"
        return 200, {"status": "error", "reason": reason, "response_code": code}
    if isinstance(refusal, Said):
        status, code, words = refusal.words
    else:
        status, code, words = WORDS.get(refusal.code) or WORDS["bad_request"]
    told: str | dict[str, list[str]] = {"__all__": [words]}
    if code == _GONE[1]:
        told = words
    return status, {"status": "error", "reason": told, "response_code": code}
