"""How Coinbase says no.

A call that may not be made has an HTTP status; an order that is not taken has 200 and
reasons. https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders,
read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from crossdock.model import OrderStatus, Side
from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.coinbase.values import Row
from crossdock.sandbox.faces.refusals import Refusal

NO_EDIT_REASON = "UNKNOWN_EDIT_ORDER_FAILURE_REASON"
NO_PREVIEW_REASON = "UNKNOWN_PREVIEW_FAILURE_REASON"
NO_CANCEL_REASON = "UNKNOWN_CANCEL_FAILURE_REASON"
NO_REASON = "UNKNOWN_FAILURE_REASON"
UNKNOWN_CANCEL = "UNKNOWN_CANCEL_ORDER"


class Said(Refusal):
    """A refusal in the protocol's own words: a status and a body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__("said", str(body))
        self.status = status
        self.body = body


def invalid(words: str) -> Said:
    return Said(400, _error("INVALID_ARGUMENT", words))


def not_found(words: str) -> Said:
    return Said(404, _error("NOT_FOUND", words))


_UNAUTHORIZED = frozenset(
    {
        *("bad_key", "bad_signature", "bad_time", "key_revoked"),
        *("not_authenticated", "session_expired"),
    }
)
_LIMITED = {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}


def spoken(refusal: Refusal) -> tuple[int, Any]:
    """Return the status and the body, which is text where there is no JSON."""
    if isinstance(refusal, Said):
        return refusal.status, refusal.body
    code = refusal.code
    if code in _UNAUTHORIZED:
        return 401, "Unauthorized\n"
    if code == "not_allowed":
        return 403, _error("PERMISSION_DENIED", "Missing required scopes")
    if code == "rate_limited":
        return 429, _LIMITED
    if code in ("unknown_order", "order_done"):
        return 404, _error("NOT_FOUND", "order with this orderID was not found")
    if code == "no_path":
        return 404, _error("NOT_FOUND", "Not Found")
    if code == "unavailable":
        return 503, _error("UNAVAILABLE", "upstream connect error")
    if code == "internal":
        return 500, _error("INTERNAL", "internal server error")
    return 400, _error("INVALID_ARGUMENT", refusal.message)


_FUND = "Insufficient balance in source account"
_NOT_CREATED: dict[str, tuple[str, str, str]] = {
    "unknown_symbol": (
        "INVALID_PRODUCT_ID",
        "PREVIEW_INVALID_PRODUCT_ID",
        "Invalid product_id",
    ),
    "bad_tick": (
        "INVALID_PRICE_PRECISION",
        "PREVIEW_INVALID_PRICE_PRECISION",
        "Too many decimals in order price",
    ),
    "bad_lot": (
        "INVALID_SIZE_PRECISION",
        "PREVIEW_INVALID_SIZE_PRECISION",
        "Too many decimals in order amount",
    ),
    "min_quantity": (NO_REASON, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL", ""),
    "max_quantity": (NO_REASON, "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE", ""),
    "min_notional": (NO_REASON, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", ""),
    "insufficient_funds": ("INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND", _FUND),
    "would_cross": (
        "INVALID_LIMIT_PRICE_POST_ONLY",
        "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY",
        "Invalid limit price for post only order",
    ),
    "fok_unfillable": (
        "INVALID_NO_LIQUIDITY",
        "PREVIEW_INVALID_NO_LIQUIDITY",
        "No liquidity",
    ),
}
_STOP = {
    Side.BUY: "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
    Side.SELL: "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
}
"""By the side whose plain stop it is: of a buy it lies above the market."""


class NotTaken(Exception):
    """An order that is not created, and why."""

    def __init__(self, reason: str, preview: str, words: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.preview = preview
        self.words = words

    @classmethod
    def unsupported(cls, words: str) -> NotTaken:
        return cls("UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG", words)

    @classmethod
    def of(cls, refused: Refused, *, rises: bool | None, is_bracket: bool) -> NotTaken:
        """Word the engine's refusal; `rises` says that the stop waits for a higher price."""
        if refused.code == "stop_price":
            if is_bracket or rises is None:
                return cls("INVALID_BRACKET_PRICES", NO_PREVIEW_REASON, refused.message)
            return cls(NO_REASON, _STOP[Side.BUY if rises else Side.SELL], "")
        known = _NOT_CREATED.get(refused.code)
        if known is None:
            return cls("INVALID_REQUEST", NO_PREVIEW_REASON, refused.message)
        return cls(*known)

    def body(self, configuration: Row) -> Row:
        return {
            "success": False,
            "failure_reason": NO_REASON,
            "order_id": "",
            "error_response": {
                "error": self.reason,
                "message": self.words,
                "error_details": self.words,
                "preview_failure_reason": self.preview,
                "new_order_failure_reason": self.reason,
            },
            "order_configuration": configuration,
        }


def not_canceled(refused: Refused) -> str:
    """Return why an order is not canceled."""
    order = refused.order
    if order is not None and order.status is OrderStatus.FILLED:
        return "ORDER_IS_FULLY_FILLED"
    return UNKNOWN_CANCEL


_NOT_EDITED = {
    "unknown_order": ("ORDER_NOT_FOUND", NO_PREVIEW_REASON),
    "order_done": ("ONLY_OPEN_ORDERS_CAN_BE_EDITED", NO_PREVIEW_REASON),
    "bad_tick": ("INVALID_EDITED_PRICE", "PREVIEW_INVALID_PRICE_PRECISION"),
    "bad_lot": ("INVALID_EDITED_SIZE", "PREVIEW_INVALID_SIZE_PRECISION"),
    "min_quantity": ("INVALID_EDITED_SIZE", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
    "max_quantity": ("INVALID_EDITED_SIZE", "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE"),
    "min_notional": ("INVALID_EDITED_SIZE", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
    "insufficient_funds": (NO_EDIT_REASON, "PREVIEW_INSUFFICIENT_FUND"),
    "would_cross": (NO_EDIT_REASON, "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"),
}


class NotEdited(Exception):
    """An order that is not changed, and why."""

    def __init__(self, reason: str, preview: str = NO_PREVIEW_REASON) -> None:
        super().__init__(reason)
        self.reason = reason
        self.preview = preview

    @classmethod
    def of(cls, refused: Refused) -> NotEdited:
        unknown = ("COMMANDER_REJECTED_EDIT_ORDER", NO_PREVIEW_REASON)
        return cls(*_NOT_EDITED.get(refused.code, unknown))

    def errors(self) -> list[Row]:
        return [
            {"edit_failure_reason": self.reason, "preview_failure_reason": self.preview}
        ]


def _error(code: str, words: str) -> Row:
    return {"error": code, "error_details": words, "message": words}
