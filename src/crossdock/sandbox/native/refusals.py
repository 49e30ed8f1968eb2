"""How the protocol says no: a code, the status that goes with it, and words."""

from __future__ import annotations

from crossdock.sandbox.engine import Refused, VenueOrder

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


class Refusal(Exception):
    """An error reply. `retry_after_s` is None where no hint goes with it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        order: VenueOrder | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = STATUS_OF[code] if status is None else status
        self.retry_after_s = retry_after_s
        self.order = order

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        return cls(refused.code, refused.message, order=refused.order)


def bad_request(message: str) -> Refusal:
    return Refusal("bad_request", message)
