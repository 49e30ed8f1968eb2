"""How Bybit says no: a number and words under HTTP status 200; spot has numbers of its own.

https://bybit-exchange.github.io/docs/v5/error, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal

SPOT = "spot"


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__("said", words)
        self.number = number


def invalid(name: str) -> Said:
    return Said(10001, f"Request parameter error: {name}")


_OF_SPOT = {
    "unknown_symbol": (170121, "Invalid symbol."),
    "insufficient_funds": (170131, "Insufficient balance."),
    "bad_tick": (170134, "Order price has too many decimals."),
    "max_quantity": (170135, "Order quantity exceeded upper limit."),
    "min_quantity": (170136, "Order quantity exceeded lower limit."),
    "bad_lot": (170137, "Order quantity has too many decimals."),
    "min_notional": (170140, "Order value exceeded lower limit."),
    "duplicate_client_order_id": (170141, "Duplicate clientOrderId"),
    "unknown_order": (170213, "Order does not exist."),
    "order_done": (170213, "Order does not exist."),
    "would_cross": (170218, "The LIMIT-MAKER order is rejected due to invalid price."),
}
_OF_CONTRACTS = {
    "insufficient_funds": (110007, "ab not enough for new order"),
    "reduce_only": (110017, "Reduce-only rule not satisfied"),
    "duplicate_client_order_id": (110072, "OrderLinkedID is duplicate"),
    "min_notional": (110094, "Order notional value below the lower limit"),
    "unknown_order": (110001, "order not exists or too late to cancel"),
    "order_done": (110001, "order not exists or too late to cancel"),
}
_WORDS = {
    "bad_time": (10002, "invalid request, please check your server timestamp"),
    "bad_key": (10003, "API key is invalid."),
    "key_revoked": (10003, "API key is invalid."),
    "bad_signature": (
        10004,
        "Error sign, please check your signature generation algorithm.",
    ),
    "not_allowed": (10005, "Permission denied, please check your API key permissions."),
    "rate_limited": (10006, "Too many visits. Exceeded the API Rate Limit."),
    "unavailable": (10016, "Service is restarting"),
    "internal": (10000, "Server Timeout"),
}


def spoken(refusal: Refusal, category: str) -> tuple[int, str]:
    """Return a refusal's number and words."""
    if isinstance(refusal, Said):
        return refusal.number, refusal.message
    own = _OF_SPOT if category == SPOT else _OF_CONTRACTS
    found = own.get(refusal.code) or _WORDS.get(refusal.code)
    return found or (10001, f"Request parameter error: {refusal.message}")
