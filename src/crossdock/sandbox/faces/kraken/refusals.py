"""How Kraken says no: words that begin with E and a category, under HTTP status 200.

https://docs.kraken.com/exchange/guides/general/errors and
https://support.kraken.com/articles/360001491786, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, words: str) -> None:
        super().__init__("said", words)


def invalid(name: str) -> Said:
    return Said(f"EGeneral:Invalid arguments:{name}")


_UNKNOWN_ORDER = "EOrder:Unknown order"
_VOLUME = "EGeneral:Invalid arguments:volume"
_WORDS = {
    "unknown_symbol": "EQuery:Unknown asset pair",
    "bad_tick": "EOrder:Tick size check failed",
    "bad_lot": _VOLUME,
    "max_quantity": _VOLUME,
    "min_quantity": f"{_VOLUME} minimum not met",
    "min_notional": "EOrder:Cost minimum not met",
    "insufficient_funds": "EOrder:Insufficient funds",
    "would_cross": "EOrder:Post only order",
    "stop_price": "EOrder:Invalid price",
    "duplicate_client_order_id": "EGeneral:Invalid arguments:cl_ord_id not unique",
    "unknown_order": _UNKNOWN_ORDER,
    "order_done": _UNKNOWN_ORDER,
    "bad_key": "EAPI:Invalid key",
    "key_revoked": "EAPI:Invalid key",
    "bad_signature": "EAPI:Invalid signature",
    "bad_time": "EService:Deadline elapsed",
    "not_allowed": "EGeneral:Permission denied",
    "not_authenticated": "ESession:Invalid session",
    "session_expired": "ESession:Invalid session",
    "no_path": "EGeneral:Unknown method",
    "unavailable": "EService:Unavailable",
    "internal": "EGeneral:Internal error",
}
_AS_SENT = frozenset({"said", "rate_limited"})


def spoken(refusal: Refusal) -> str:
    """Return a refusal in the protocol's words."""
    if refusal.code in _AS_SENT:
        return refusal.message
    return _WORDS.get(refusal.code, "EGeneral:Invalid arguments")
