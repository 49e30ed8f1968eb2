"""Signatures of calls, and of subscriptions.

https://docs.cdp.coinbase.com/exchange/rest-api/authentication, read 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re

from crossdock.sandbox.faces.coinbaseexchange.refusals import Said
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

FEED_PATH = "/users/self/verify"
_WINDOW_NS = 30 * SECOND_NS
_SECONDS = re.compile(r"\d{1,11}(\.\d{1,9})?", re.ASCII)
_EXPIRED = "request timestamp expired"


def signature(secret: bytes, text: str) -> str:
    """Return what CB-ACCESS-SIGN has to be. `secret` is in base 64."""
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        key = secret
    return base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()


def verify(
    host: Host, key: str, passphrase: str, given: str, timestamp: str, signed: str
) -> Holder:
    """Return who signed `signed`, the text without its timestamp. Raises Refusal."""
    if not key or not given or not timestamp:
        raise Said("CB-ACCESS-KEY header is required", 401)
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    if not hmac.compare_digest(holder.passphrase.encode(), passphrase.encode()):
        raise Said("Invalid Passphrase", 401)
    expected = signature(holder.secret, timestamp + signed)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refusal("bad_signature", "the signature does not match")
    return holder


def window(host: Host, timestamp: str) -> Window:
    """Return the window a call is good for. Raises Refusal, also when it is over."""
    if _SECONDS.fullmatch(timestamp) is None:
        raise Said("invalid timestamp")
    whole, _, part = timestamp.partition(".")
    sent_ns = int(whole) * SECOND_NS + int(f"{part:0<9}")
    good_for = Window(
        from_ns=sent_ns - _WINDOW_NS,
        until_ns=sent_ns + _WINDOW_NS,
        received_ns=host.clock.time_ns(),
        width_ns=2 * _WINDOW_NS,
        words=_EXPIRED,
    )
    good_for.check(host.now_ns(), host.clock.time_ns())
    return good_for
