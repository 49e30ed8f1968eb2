"""How the protocol says no: a code and the status that goes with it."""

from __future__ import annotations

STATUS_OF = {
    "bad_time": 400,
    "bad_signature": 401,
    "bad_key": 401,
    "key_revoked": 401,
    "session_expired": 401,
    "not_authenticated": 401,
    "bad_request": 400,
    "unknown_symbol": 400,
    "bad_tick": 400,
    "bad_lot": 400,
    "min_quantity": 400,
    "min_notional": 400,
    "max_quantity": 400,
    "insufficient_funds": 400,
    "would_cross": 400,
    "fok_unfillable": 400,
    "reduce_only": 400,
    "stop_price": 400,
    "duplicate_client_order_id": 409,
    "unknown_order": 404,
    "order_done": 409,
    "rate_limited": 429,
    "banned": 418,
    "internal": 500,
}
_SPOKEN_AS = {"unavailable": ("internal", 503), "no_path": ("bad_request", 400)}


def spoken(code: str) -> tuple[str, int]:
    """Return the protocol's code and status for one of the door's."""
    return _SPOKEN_AS.get(code) or (code, STATUS_OF[code])
