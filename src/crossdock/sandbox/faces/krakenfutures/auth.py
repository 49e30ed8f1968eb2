"""Signatures of calls and of challenges.

https://docs.kraken.com/exchange/guides/futures/rest and
https://docs.kraken.com/exchange/guides/futures/websockets, read 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.krakenfutures.refusals import Said
from crossdock.sandbox.host import Host

_GATEWAY = "/derivatives"


def authent(secret: bytes, posted: str, nonce: str, path: str) -> str:
    """Return what Authent has to be: over parameters, nonce and path, as they were sent."""
    signed = (posted + nonce + path.removeprefix(_GATEWAY)).encode()
    return _signed(secret, signed)


def challenge_answer(secret: bytes, challenge: str) -> str:
    return _signed(secret, challenge.encode())


def verify(host: Host, key: str, expected: str, given: str) -> Holder:
    """Return who signed. Raises Refusal."""
    holder = host.keys.find(key)
    if holder is None or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Said("authenticationError", status=401)
    return holder


class Nonces:
    """The last nonce of each key that gave one: the next one has to be greater."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def take(self, key: str, text: str) -> None:
        """Use a nonce up, if one is given. Raises Refusal."""
        if not text:
            return
        if not (text.isascii() and text.isdigit()):
            raise Said("nonceBelowThreshold")
        last = self._last.get(key)
        if last is not None and int(text) <= last:
            raise Said("nonceDuplicate" if int(text) == last else "nonceBelowThreshold")
        self._last[key] = int(text)


def _signed(secret: bytes, text: bytes) -> str:
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        key = secret
    digest = hashlib.sha256(text).digest()
    return base64.b64encode(hmac.digest(key, digest, "sha512")).decode()
