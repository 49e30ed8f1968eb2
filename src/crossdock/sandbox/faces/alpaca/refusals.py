"""How Alpaca says no: a status, and a body with a code of eight digits and a message.

https://docs.alpaca.markets/reference/postorder and
https://alpaca.markets/learn/how-to-fix-common-trading-api-errors-at-alpaca, read
2026-11-21.
"""

from __future__ import annotations

from typing import Any

from crossdock.sandbox.faces.refusals import Refusal

MALFORMED = 40010000
PARAMETER = 40010001
FORBIDDEN = 40310000
NOT_FOUND = 40410000
UNPROCESSABLE = 42210000
THROTTLED = 42910000
INTERNAL = 50010000

_UNAUTHORISED = (401, {"message": "unauthorized."})
_UNWELL = (503, {"message": "service unavailable"})
_BY_CODE: dict[str, tuple[int, dict[str, Any]]] = {
    "bad_key": _UNAUTHORISED,
    "bad_signature": _UNAUTHORISED,
    "key_revoked": _UNAUTHORISED,
    "not_authenticated": _UNAUTHORISED,
    "no_path": (404, {"message": "endpoint not found"}),
    "unavailable": _UNWELL,
    "internal": (500, {"code": INTERNAL, "message": "internal server error occurred"}),
    "rate_limited": (429, {"code": THROTTLED, "message": "rate limit exceeded"}),
}
_FORBIDDEN = frozenset({"insufficient_funds", "min_notional", "not_allowed", "reduce_only"})
_PARAMETERS = frozenset({"bad_request"})


class Said(Refusal):
    """A refusal in the protocol's own words; a code of 0 is left out."""

    def __init__(self, status: int, number: int, message: str, **more: str) -> None:
        super().__init__("said", message)
        self.status = status
        code = {"code": number} if number else {}
        self.body: dict[str, Any] = {**code, "message": message, **more}


def parameter(words: str) -> Said:
    """Refuse a parameter."""
    return Said(422, PARAMETER, words)


def unprocessable(words: str) -> Said:
    """Refuse an order that makes no sense, or what cannot be done to an order."""
    return Said(422, UNPROCESSABLE, words)


def forbidden(words: str, **more: str) -> Said:
    return Said(403, FORBIDDEN, words, **more)


def not_found(words: str) -> Said:
    return Said(404, NOT_FOUND, words)


def data_refusal(words: str) -> Said:
    """Refuse as the Market Data API does, without a code."""
    return Said(400, 0, words)


def spoken(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    """Return status and body of a refusal."""
    if isinstance(refusal, Said):
        return refusal.status, refusal.body
    known = _BY_CODE.get(refusal.code)
    if known is not None:
        return known
    number, status = UNPROCESSABLE, 422
    if refusal.code in _FORBIDDEN:
        number, status = FORBIDDEN, 403
    elif refusal.code in _PARAMETERS:
        number = PARAMETER
    elif refusal.code == "unknown_order":
        number, status = NOT_FOUND, 404
    return status, {"code": number, "message": refusal.message}
