"""How a venue says no, before a protocol words it."""

from __future__ import annotations

from crossdock.sandbox.engine import Refused, VenueOrder


class Refusal(Exception):
    """An error reply. `retry_after_s` is None where no hint goes with it.

    `code` is one of the engine's (see `Refused`), or of the door's: bad_request, bad_key,
    bad_signature, bad_time, key_revoked, not_allowed, not_authenticated, session_expired,
    rate_limited, banned, no_path; unavailable, when nothing was done; internal, when it
    was. A face may have codes of its own.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retry_after_s: float | None = None,
        order: VenueOrder | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.order = order

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        return cls(refused.code, refused.message, order=refused.order)


def bad_request(message: str) -> Refusal:
    return Refusal("bad_request", message)
