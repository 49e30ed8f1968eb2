"""Signatures, nonces, and the tokens that WebSockets are let in with.

https://www.bitstamp.net/api/#section/Authentication, read 2026-11-21.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

TOKEN_LIFE_S = 60
_HOME = "www.bitstamp.net"
_HEADERS = tuple(f"X-Auth{it}" for it in ("", "-Signature", "-Nonce", "-Timestamp"))
_SCHEME = "BITSTAMP "
_CLOCKS_DIFFER_NS = 150 * SECOND_NS
_NONCES_KEPT_NS = 300 * SECOND_NS
_MS_NS = 1_000_000
_NONCE = re.compile(r"[0-9a-z-]{36}", re.ASCII)


class Nonces:
    """The nonces of each key: none is good twice within five minutes."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], int] = {}

    def take(self, key: str, nonce: str, now_ns: int) -> None:
        """Use a nonce up. Raises Refusal."""
        used_ns = self._used.get((key, nonce))
        is_fresh = used_ns is None or now_ns - used_ns >= _NONCES_KEPT_NS
        if _NONCE.fullmatch(nonce) is None or not is_fresh:
            raise Refusal("bad_nonce", "the nonce was used before")
        self._used = {
            it: then for it, then in self._used.items() if now_ns - then < _NONCES_KEPT_NS
        }
        self._used[key, nonce] = now_ns


def claimed_key(call: Call) -> str:
    return call.request.headers.get("X-Auth", "").removeprefix(_SCHEME)


def verify(host: Host, call: Call, nonces: Nonces) -> tuple[Holder, Window]:
    """Return who signed a call, and until when it is good. Raises Refusal."""
    headers = call.request.headers
    if not all(headers.get(name) for name in _HEADERS):
        raise Refusal("no_header", "a header is missing")
    if headers.get("X-Auth-Version") != "v2":
        raise Refusal("bad_version", "the version is v2")
    holder = host.keys.find(claimed_key(call))
    if holder is None:
        raise Refusal("bad_key", "no such key")
    window = _window(host, headers["X-Auth-Timestamp"])
    given = headers["X-Auth-Signature"].lower().encode()
    made = (signature(holder.secret, call, at).encode() for at in _addresses(call))
    if not any(hmac.compare_digest(it, given) for it in made):
        raise Refusal("bad_signature", "the signature does not match")
    nonces.take(holder.key, headers["X-Auth-Nonce"], host.clock.time_ns())
    return holder, window


def signature(secret: bytes, call: Call, address: str) -> str:
    """Return what X-Auth-Signature has to be for a call to an address."""
    headers, request = call.request.headers, call.request
    content_type = headers.get("Content-Type", "") if call.body else ""
    text = (
        f"{headers['X-Auth']}{request.method}{address}{request.raw_path}{content_type}"
        f"{headers['X-Auth-Nonce']}{headers['X-Auth-Timestamp']}v2"
    )
    return hmac.digest(secret, text.encode() + call.body, "sha256").hex()


def _addresses(call: Call) -> tuple[str, ...]:
    """Return Bitstamp's own address, and this one, which a client may sign with its scheme."""
    here = call.request.host
    return _HOME, here, f"http://{here}"


def _window(host: Host, timestamp: str) -> Window:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise Refusal("bad_timestamp", "the time is no number")
    signed_ns = int(timestamp) * _MS_NS
    window = Window(
        from_ns=signed_ns - _CLOCKS_DIFFER_NS,
        until_ns=signed_ns + _CLOCKS_DIFFER_NS,
        received_ns=host.clock.time_ns(),
        width_ns=2 * _CLOCKS_DIFFER_NS,
        words="the time differs by more than 150 seconds",
    )
    window.check(host.now_ns(), host.clock.time_ns())
    return window


@dataclass(frozen=True, slots=True)
class _Token:
    holder: Holder
    expires_ns: int


class Tokens:
    """What lets a subscription to private channels in, for a minute."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._count = 0
        self._tokens: dict[str, _Token] = {}

    def issue(self, holder: Holder) -> str:
        self._count += 1
        text = f"{self._host.name} {self._count}".encode()
        token = hashlib.sha256(text).hexdigest()[:32]
        expires_ns = self._host.now_ns() + TOKEN_LIFE_S * SECOND_NS
        self._tokens[token] = _Token(holder, expires_ns)
        return token

    def find(self, token: str) -> Holder | None:
        """Return who was given a token that has not expired."""
        found = self._tokens.get(token)
        if found is None or self._host.now_ns() >= found.expires_ns:
            return None
        return found.holder
