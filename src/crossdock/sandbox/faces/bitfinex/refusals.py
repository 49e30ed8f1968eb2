"""How Bitfinex says no: status 500, a list of "error", a code and words.

https://docs.bitfinex.com/docs/abbreviations-glossary, read 2026-11-21. All refusals of
orders share one code, and only their words tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal

UNKNOWN, GENERIC, PARAMS, AUTH, NONCE = 10000, 10001, 10020, 10100, 10114
DUPLICATE_CHANNEL, UNKNOWN_CHANNEL, NOT_SUBSCRIBED = 10301, 10302, 10401

WORDS: Mapping[str, tuple[int, str]] = {
    "bad_key": (AUTH, "apikey: invalid"),
    "key_revoked": (AUTH, "apikey: invalid"),
    "bad_signature": (AUTH, "apikey: digest invalid"),
    "bad_time": (NONCE, "nonce: small"),
    "not_allowed": (GENERIC, "api_key: permission invalid"),
    "unknown_symbol": (PARAMS, "symbol: invalid"),
    "unknown_order": (GENERIC, "Order not found."),
    "order_done": (GENERIC, "Order not found."),
    "would_cross": (GENERIC, "POSTONLY CANCELED"),
    "fok_unfillable": (GENERIC, "FILLORKILL CANCELED"),
    "bad_tick": (GENERIC, "Invalid price."),
    "stop_price": (GENERIC, "Invalid price."),
    "bad_lot": (PARAMS, "amount: invalid"),
    "max_quantity": (GENERIC, "Invalid order: maximum size exceeded"),
    "internal": (UNKNOWN, "unknown error"),
}
_LIMITED = {"error": "ERR_RATE_LIMIT"}
_SICK = {"code": 503, "error": "temporarily_unavailable"}


class Said(Refusal):
    """A refusal in Bitfinex's own code and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__("said", words)
        self.words = (code, words)


def invalid(name: str) -> Said:
    """Refuse a field of a call."""
    return Said(PARAMS, f"{name}: invalid")


def code_of(refusal: Refusal) -> tuple[int, str]:
    if isinstance(refusal, Said):
        return refusal.words
    return WORDS.get(refusal.code) or (PARAMS, refusal.message)


def worded(refusal: Refusal) -> tuple[int, object]:
    """Return the status and body of a refusal."""
    if refusal.code == "rate_limited":
        return 429, _LIMITED
    if refusal.code == "unavailable":
        return 503, _SICK
    if refusal.code == "no_path":
        return 404, ["error", PARAMS, "path: invalid"]
    code, words = code_of(refusal)
    return 500, ["error", code, words]
