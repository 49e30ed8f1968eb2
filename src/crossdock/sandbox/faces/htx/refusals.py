"""How HTX says no: a status, a code in words, and a message.

https://huobiapi.github.io/docs/spot/v1/en/#error-code, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal

Words = tuple[int, str, str]
"""HTTP status, code, and what is said with it."""


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__("said", words)
        self.words: Words = (200, code, words)


def bad_field(name: str) -> Said:
    return Said("validation-format-error", f"Format Error: {name}.")


_NOT_VALID = "api-signature-not-valid"
_AMOUNT = "order-limitorder-amount"
_WORDS: Mapping[str, Words] = {
    "bad_key": (200, _NOT_VALID, "Signature not valid: Incorrect Access key"),
    "key_revoked": (200, _NOT_VALID, "Signature not valid: Incorrect Access key"),
    "bad_signature": (200, _NOT_VALID, "Signature not valid: Verification failure"),
    "bad_time": (200, _NOT_VALID, "Signature not valid: Invalid submission time"),
    "not_allowed": (200, _NOT_VALID, "Signature not valid: the key may not trade"),
    "rate_limited": (
        429,
        "base-request-exceed-frequency-limit",
        "Frequency of requests has exceeded the limit, please try again later",
    ),
    "unavailable": (503, "system-maintenance", "System is in maintenance!"),
    "internal": (500, "gateway-internal-error", "Failed to load data. Try again later."),
    "no_path": (404, "api-not-found", "no such method and path"),
    "unknown_symbol": (200, "base-symbol-error", "The symbol is invalid"),
    "unknown_order": (200, "base-record-invalid", "record invalid"),
    "order_done": (200, "order-orderstate-error", "Incorrect order state"),
    "insufficient_funds": (
        200,
        "account-frozen-balance-insufficient-error",
        "trade account balance is not enough",
    ),
    "bad_tick": (200, "order-orderprice-precision-error", "order price precision error"),
    "bad_lot": (200, "order-orderamount-precision-error", "order amount precision error"),
    "min_quantity": (200, f"{_AMOUNT}-min-error", "limit order amount error"),
    "max_quantity": (200, f"{_AMOUNT}-max-error", "limit order amount error"),
    "min_notional": (200, "order-value-min-error", "Order total cannot be lower"),
    "stop_price": (
        200,
        "order-stop-order-hit-trigger",
        "Orders that are triggered immediately are not supported.",
    ),
}
_BAD_REQUEST: Words = (200, "bad-request", "bad request")


def worded(refusal: Refusal) -> Words:
    if isinstance(refusal, Said):
        return refusal.words
    return _WORDS.get(refusal.code, _BAD_REQUEST)
