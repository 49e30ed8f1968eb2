"""Keys, signatures and the window of time a signed call is good for."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from crossdock.sandbox.native.limits import Limiter
from crossdock.sandbox.native.refusals import Refusal, bad_request

STREAM_PATH = "/v1/stream"
_MOST_WINDOW_MS = 60_000
_MS_NS = 1_000_000


@dataclass(slots=True)
class Holder:
    """Who holds a key: an account, its limits, and whether the key is good."""

    account: str
    key: str
    secret: bytes = field(repr=False)
    limiter: Limiter
    expires_ns: int
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The time within which a call may reach the engine: the arrival horizon.

    `received_ns` is steady time. It bounds how long a call may stay inside the venue, so
    that a step of the venue's clock never lets one in that is older than its width.
    """

    time_ms: int
    width_ms: int
    received_ns: int

    def __post_init__(self) -> None:
        if not 0 < self.width_ms <= _MOST_WINDOW_MS:
            raise bad_request(f"window: 1 to {_MOST_WINDOW_MS} milliseconds")

    def check(self, venue_now_ns: int, steady_now_ns: int) -> None:
        """Raise Refusal (`bad_time`) unless the venue's clock lies inside."""
        width_ns = self.width_ms * _MS_NS
        if (
            abs(venue_now_ns - self.time_ms * _MS_NS) > width_ns
            or steady_now_ns - self.received_ns > width_ns
        ):
            raise Refusal(
                "bad_time",
                f"the venue's clock is not within {self.width_ms} ms of {self.time_ms}",
            )


def signature(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


class Keys:
    """Every key of a venue."""

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}

    def add(self, holder: Holder) -> None:
        self._holders[holder.key] = holder

    def __contains__(self, key: str) -> bool:
        return key in self._holders

    def account_of(self, key: str) -> str | None:
        holder = self._holders.get(key)
        return None if holder is None else holder.account

    def of_account(self, account: str) -> Holder:
        for holder in self._holders.values():
            if holder.account == account:
                return holder
        raise KeyError(account)

    def verify(self, key: str, message: bytes, signed: str) -> Holder:
        """Return who signed. Raises Refusal for a key or signature that is not good."""
        holder = self._holders.get(key)
        if holder is None:
            raise Refusal("bad_key", "no such key")
        expected = signature(holder.secret, message)
        if not hmac.compare_digest(expected.encode(), signed.encode()):
            raise Refusal("bad_signature", "the signature does not match")
        if holder.is_revoked:
            raise Refusal("key_revoked", "the key is revoked")
        return holder
