"""The protocol's signature and its window of time."""

from __future__ import annotations

import hashlib
import hmac

from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal, bad_request
from crossdock.sandbox.host import Host

STREAM_PATH = "/v1/stream"
_MOST_WINDOW_MS = 60_000
_MS_NS = 1_000_000


def signature(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def verify(host: Host, key: str, message: bytes, signed: str) -> Holder:
    """Return who signed. Raises Refusal for a key or signature that is not good."""
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    expected = signature(holder.secret, message)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise Refusal("bad_signature", "the signature does not match")
    if holder.is_revoked:
        raise Refusal("key_revoked", "the key is revoked")
    return holder


def window(host: Host, time_ms: int, width_ms: int) -> Window:
    """Return the window of a call that has just come in. Raises Refusal."""
    if not 0 < width_ms <= _MOST_WINDOW_MS:
        raise bad_request(f"window: 1 to {_MOST_WINDOW_MS} milliseconds")
    width_ns = width_ms * _MS_NS
    return Window(
        from_ns=time_ms * _MS_NS - width_ns,
        until_ns=time_ms * _MS_NS + width_ns,
        received_ns=host.clock.time_ns(),
        width_ns=width_ns,
        words=f"the venue's clock is not within {width_ms} ms of {time_ms}",
    )
