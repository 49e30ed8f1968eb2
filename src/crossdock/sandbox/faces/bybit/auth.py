"""Signatures of calls and of private connections.

https://bybit-exchange.github.io/docs/v5/guide and
https://bybit-exchange.github.io/docs/v5/ws/connect, read 2026-11-21.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from crossdock.sandbox.faces.bybit.refusals import Said
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

_MS_NS = 1_000_000
_USUAL_WINDOW_MS = "5000"


def signature(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), "sha256").hexdigest()


def verify(host: Host, headers: Mapping[str, str], payload: str) -> tuple[Holder, Window]:
    """Return who signed a call, and until when it is good. Raises Refusal."""
    key, stamp = headers.get("X-BAPI-API-KEY", ""), headers.get("X-BAPI-TIMESTAMP", "")
    width = headers.get("X-BAPI-RECV-WINDOW") or _USUAL_WINDOW_MS
    if not key or not (stamp.isascii() and stamp.isdigit() and width.isdigit()):
        raise Said(10001, "Request parameter error: the headers of a signed call")
    window = Window(
        from_ns=int(stamp) * _MS_NS - SECOND_NS,
        until_ns=(int(stamp) + int(width)) * _MS_NS,
        received_ns=host.clock.time_ns(),
        width_ns=int(width) * _MS_NS + SECOND_NS,
        words="the timestamp is outside of recv_window",
    )
    window.check(host.now_ns(), host.clock.time_ns())
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    expected = signature(holder.secret, f"{stamp}{key}{width}{payload}")
    if not hmac.compare_digest(
        expected.encode(), headers.get("X-BAPI-SIGN", "").lower().encode()
    ):
        raise Refusal("bad_signature", "the signature does not match")
    return holder, window


def log_in(host: Host, args: list[object]) -> Holder:
    """Return whose connection this is. Raises Refusal."""
    if len(args) != 3:
        raise Said(10001, "Params Error")
    key, expires, signed = (str(it) for it in args)
    holder = host.keys.find(key)
    if holder is None or holder.is_revoked:
        raise Said(10003, "API key is invalid.")
    is_late = not expires.isdigit() or int(expires) * _MS_NS < host.now_ns()
    expected = signature(holder.secret, f"GET/realtime{expires}")
    if is_late or not hmac.compare_digest(expected.encode(), signed.encode()):
        raise Said(10004, "Params Error")
    return holder
