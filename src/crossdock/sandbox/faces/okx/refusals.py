"""How OKX says no: a number, words and, for a few, an HTTP status.

https://www.okx.com/docs-v5/en/#error-code, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, number: str, words: str) -> None:
        super().__init__("said", words)
        self.number = number


def invalid(name: str) -> Said:
    return Said("51000", f"Parameter {name} error")


_STATUSES = {
    "50001": 503,
    "50011": 429,
    "50026": 500,
    "50102": 401,
    "50103": 401,
    "50105": 401,
    "50111": 401,
    "50112": 401,
    "50113": 401,
    "50120": 401,
}
_WORDS = {
    "bad_request": ("51000", ""),
    "bad_tick": ("51000", "Parameter px error"),
    "would_cross": ("51000", "Parameter px error: the order would take"),
    "fok_unfillable": ("51000", "Parameter ordType error: the order cannot fill"),
    "stop_price": ("51280", "SL trigger price cannot be higher than the last price"),
    "unknown_symbol": ("51001", "Instrument ID does not exist"),
    "max_quantity": ("51005", "Your order amount exceeds the max order amount."),
    "insufficient_funds": ("51008", "Order failed. Insufficient balance in account"),
    "duplicate_client_order_id": ("51016", "Duplicated client order ID"),
    "min_quantity": ("51020", "Your order should meet or exceed the minimum order amount."),
    "min_notional": ("51020", "Your order should meet or exceed the minimum order amount."),
    "bad_lot": ("51121", "Order quantity must be a multiple of the lot size."),
    "reduce_only": (
        "51169",
        "Order failed because you don't have any positions in this direction to reduce.",
    ),
    "unknown_order": ("51603", "Order does not exist"),
    "order_done": ("51603", "Order does not exist"),
    "unavailable": ("50001", "Service temporarily unavailable. Try again later"),
    "rate_limited": (
        "50011",
        "Rate limit reached. Please refer to API documentation and throttle requests.",
    ),
    "internal": ("50026", "System error. Try again later"),
    "bad_time": ("50102", "Timestamp request expired"),
    "bad_key": ("50111", "Invalid OK-ACCESS-KEY"),
    "key_revoked": ("50111", "Invalid OK-ACCESS-KEY"),
    "bad_signature": ("50113", "Invalid Sign"),
    "not_allowed": ("50120", "This API key doesn't have permission to use this function"),
}
_IN_A_CANCEL = (
    "51400",
    "Order cancellation failed as the order has been filled, canceled or does not exist.",
)
_IN_AN_AMEND = (
    "51503",
    "Order modification failed as the order has been filled, canceled or does not exist.",
)
_GONE = frozenset({"unknown_order", "order_done"})


def spoken(refusal: Refusal) -> tuple[str, str]:
    """Return a refusal's number and words."""
    if isinstance(refusal, Said):
        return refusal.number, refusal.message
    number, words = _WORDS.get(refusal.code, ("51000", ""))
    return number, words or f"Parameter error: {refusal.message}"


def spoken_of_cancel(refusal: Refusal) -> tuple[str, str]:
    return _IN_A_CANCEL if refusal.code in _GONE else spoken(refusal)


def spoken_of_amend(refusal: Refusal) -> tuple[str, str]:
    return _IN_AN_AMEND if refusal.code in _GONE else spoken(refusal)


def status_of(number: str) -> int:
    """Return the HTTP status that goes with a number of the whole reply."""
    return _STATUSES.get(number, 200)
