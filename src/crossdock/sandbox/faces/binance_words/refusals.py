"""How Binance says no: a code, words, and the HTTP status that goes with them.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/errors.md, read 2026-11-21; the
futures exchanges have the same at the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

Words = tuple[int, str, int]
"""Code, words and status."""


class Said(Refusal):
    """A refusal in the protocol's own words, `data` beside them where it has some."""

    def __init__(
        self, number: int, words: str, *, status: int = 400, data: Any = None
    ) -> None:
        super().__init__("said", words)
        self.number = number
        self.status = status
        self.data = data


def mandatory(name: str) -> Said:
    return Said(
        -1102,
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    )


_NO_RIGHT = (-2015, "Invalid API-key, IP, or permissions for action.", 401)
_UNKNOWN_SENT = (-2011, "Unknown order sent.", 400)
_OVERLOADED = (
    "Server is currently overloaded with other requests. Please try again in a few minutes."
)
_TIMEOUT = (
    "Timeout waiting for response from backend server. "
    "Send status unknown; execution status unknown."
)
_DOOR: Mapping[str, Words] = {
    "unknown_symbol": (-1121, "Invalid symbol.", 400),
    "bad_key": _NO_RIGHT,
    "key_revoked": _NO_RIGHT,
    "not_allowed": _NO_RIGHT,
    "not_authenticated": _NO_RIGHT,
    "session_expired": _NO_RIGHT,
    "bad_signature": (-1022, "Signature for this request is not valid.", 400),
    "no_path": (-1000, "Path not found.", 404),
    "unavailable": (
        -1008,
        _OVERLOADED,
        503,
    ),
    "internal": (
        -1007,
        _TIMEOUT,
        504,
    ),
}
_OF_ORDERS: Mapping[Operation, Words] = {
    Operation.READ: (-2013, "Order does not exist.", 400),
    Operation.CANCEL: _UNKNOWN_SENT,
    Operation.REPLACE: _UNKNOWN_SENT,
    Operation.SUBMIT: _UNKNOWN_SENT,
}
_AS_SENT = {"rate_limited": (-1003, 429), "banned": (-1003, 418), "bad_time": (-1021, 400)}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One exchange's words: those of the door, and `words` for the engine's refusals."""

    words: Mapping[str, Words]

    def spoken(self, refusal: Refusal, operation: Operation) -> Words:
        """Return the code, the words and the status for a refusal."""
        if isinstance(refusal, Said):
            return refusal.number, refusal.message, refusal.status
        if refusal.code in ("unknown_order", "order_done"):
            return _OF_ORDERS[operation]
        if refusal.code in _AS_SENT:
            number, status = _AS_SENT[refusal.code]
            return number, refusal.message, status
        found = self.words.get(refusal.code) or _DOOR.get(refusal.code)
        return found or (-1130, refusal.message, 400)

    def error(self, refusal: Refusal, operation: Operation) -> tuple[dict[str, Any], int]:
        """Return the error as an object, and the status."""
        number, words, status = self.spoken(refusal, operation)
        body: dict[str, Any] = {"code": number, "msg": words}
        if isinstance(refusal, Said) and refusal.data is not None:
            body["data"] = refusal.data
        return body, status
