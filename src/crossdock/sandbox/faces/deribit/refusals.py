"""How Deribit says no: a number and a word of JSON-RPC.

https://docs.deribit.com/articles/errors shows the form, read 2026-11-21; numbers and words
are those of ccxt 4.5.90, async_support/deribit.py.
"""

from __future__ import annotations

from typing import Any

from crossdock.sandbox.faces.refusals import Refusal

_INVALID = -32602


class Said(Refusal):
    """A refusal in the protocol's own words; `reason` and `param` go with it as data."""

    def __init__(self, number: int, words: str, reason: str = "", param: str = "") -> None:
        super().__init__("said", words)
        self.number = number
        self.data = {
            name: text for name, text in (("reason", reason), ("param", param)) if text
        }


def invalid(param: str, reason: str = "wrong format") -> Said:
    return Said(_INVALID, "Invalid params", reason, param)


_WORDS = {
    "bad_lot": (10021, "invalid_amount"),
    "bad_key": (13004, "invalid_credentials"),
    "bad_signature": (13009, "unauthorized"),
    "bad_tick": (10043, "price_wrong_tick"),
    "bad_time": (13009, "unauthorized"),
    "fok_unfillable": (11030, "other_reject"),
    "insufficient_funds": (10009, "not_enough_funds"),
    "internal": (11094, "internal_server_error"),
    "key_revoked": (13004, "invalid_credentials"),
    "max_quantity": (10021, "invalid_amount"),
    "min_notional": (10032, "whole_cost_too_low"),
    "min_quantity": (10002, "qty_too_low"),
    "no_path": (-32601, "Method not found"),
    "not_allowed": (13021, "forbidden"),
    "not_authenticated": (13009, "unauthorized"),
    "order_done": (11044, "not_open_order"),
    "rate_limited": (10028, "too_many_requests"),
    "reduce_only": (11030, "other_reject"),
    "stop_price": (11036, "invalid_stoppx_for_index_or_last"),
    "unavailable": (10040, "retry"),
    "unknown_order": (10004, "order_not_found"),
    "unknown_symbol": (13020, "not_found"),
    "would_cross": (11054, "post_only_reject"),
}
_STATUSES = {"rate_limited": 429, "unavailable": 503, "internal": 500, "no_path": 404}


def spoken(refusal: Refusal) -> dict[str, Any]:
    """Return the error object of a refusal."""
    if isinstance(refusal, Said):
        row: dict[str, Any] = {"code": refusal.number, "message": refusal.message}
        return row | ({"data": refusal.data} if refusal.data else {})
    number, words = _WORDS.get(refusal.code, (_INVALID, "Invalid params"))
    return {"code": number, "message": words, "data": {"reason": refusal.message}}


def status_of(refusal: Refusal) -> int:
    return _STATUSES.get(refusal.code, 400)
