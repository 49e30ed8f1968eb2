"""Signatures, and the tokens that WebSockets are let in with.

https://www.kucoin.com/docs-new/authentication, read 2026-11-21.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

_HEADERS = ("KC-API-KEY", "KC-API-SIGN", "KC-API-TIMESTAMP", "KC-API-PASSPHRASE")
_CLOCKS_DIFFER_NS = 5 * SECOND_NS
_MS_NS = 1_000_000
_TOKEN_LIFE_NS = 24 * 3600 * SECOND_NS


def signed(secret: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, text, "sha256")).decode()


def verify(host: Host, call: Call) -> tuple[Holder, Window]:
    """Return who signed a call, and until when it is good. Raises Refusal."""
    headers = call.request.headers
    if not all(headers.get(name) for name in _HEADERS):
        names = ", ".join(_HEADERS)
        raise Said(
            "400001", f"Please check the header of your request for {names}", status=401
        )
    key, signature, timestamp, passphrase = (headers[name] for name in _HEADERS)
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    window = _window(host, timestamp)
    expected = holder.passphrase
    if headers.get("KC-API-KEY-VERSION", "1") != "1":
        expected = signed(holder.secret, holder.passphrase.encode())
    if not hmac.compare_digest(expected.encode(), passphrase.encode()):
        raise Refusal("bad_passphrase", "the passphrase does not match")
    request = call.request
    text = f"{timestamp}{request.method}{request.raw_path}".encode() + call.body
    if not hmac.compare_digest(signed(holder.secret, text).encode(), signature.encode()):
        raise Refusal("bad_signature", "the signature does not match")
    return holder, window


def _window(host: Host, timestamp: str) -> Window:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise Refusal("bad_time", "the time is no number")
    signed_ns = int(timestamp) * _MS_NS
    window = Window(
        from_ns=signed_ns - _CLOCKS_DIFFER_NS,
        until_ns=signed_ns + _CLOCKS_DIFFER_NS,
        received_ns=host.clock.time_ns(),
        width_ns=2 * _CLOCKS_DIFFER_NS,
        words="the time differs by more than five seconds",
    )
    window.check(host.now_ns(), host.clock.time_ns())
    return window


@dataclass(frozen=True, slots=True)
class _Token:
    holder: Holder | None
    expires_ns: int


class Tokens:
    """Bullets, as KuCoin calls them: public ones, and those of an account. Good for a day."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._count = 0
        self._tokens: dict[str, _Token] = {}

    def issue(self, holder: Holder | None) -> str:
        self._count += 1
        text = f"{self._host.name} {self._count}".encode()
        token = base64.urlsafe_b64encode(hashlib.sha384(text).digest()).decode()
        self._tokens[token] = _Token(holder, self._host.now_ns() + _TOKEN_LIFE_NS)
        return token

    def find(self, token: str) -> Holder | None:
        """Return whose a token is, None for a public one. Raises Refusal."""
        found = self._tokens.get(token)
        if found is None or self._host.now_ns() >= found.expires_ns:
            raise Refusal("not_authenticated", "token is invalid")
        return found.holder
