"""Signatures, nonces, and the tokens WebSockets are let in with.

https://docs.kraken.com/exchange/guides/rest/authentication and
https://docs.kraken.com/exchange/guides/websockets/authentication, read 2026-11-21;
https://support.kraken.com/articles/360000714526 on two-factor authentication, read 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.refusals import Said
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

TOKEN_LIFE_S = 900
_APP = "totp:"
"""Begins an account's passphrase that is the setup key of an authenticator app."""

_STEP_S = 30
_MOST_NONCE = 1 << 64


def signature(secret: bytes, path: str, nonce: str, body: bytes) -> str:
    """Return what API-Sign has to be. `secret` is in base 64; what is not counts as it is."""
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        key = secret
    digest = hashlib.sha256(nonce.encode() + body).digest()
    return base64.b64encode(hmac.digest(key, path.encode() + digest, "sha512")).decode()


class Nonces:
    """The last nonce of each key: the next one has to be greater."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def last(self, key: str) -> int:
        return self._last.get(key, 0)

    def take(self, key: str, text: str) -> None:
        """Use a nonce up. Raises Refusal."""
        if not (text.isascii() and text.isdigit()) or int(text) >= _MOST_NONCE:
            raise Said("EAPI:Invalid nonce")
        nonce = int(text)
        if nonce <= self.last(key):
            raise Said("EAPI:Invalid nonce")
        self._last[key] = nonce


def verify(
    host: Host, key: str, path: str, params: Params, body: bytes, signed: str
) -> Holder:
    """Return who signed. Raises Refusal."""
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    expected = signature(holder.secret, path, params.maybe("nonce") or "", body)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise Refusal("bad_signature", "the signature does not match")
    told = (params.maybe("otp") or "").encode()
    taken = _passwords(holder.passphrase, host.now_ns() // SECOND_NS)
    if not any(hmac.compare_digest(it.encode(), told) for it in taken):
        raise Refusal("bad_signature", "the second factor does not match")
    return holder


def _passwords(passphrase: str, now_s: int) -> list[str]:
    """Return what a key's second factor may be: of digits, those before and behind too."""
    if not passphrase.startswith(_APP):
        return [passphrase]
    seed = base64.b32decode(passphrase.removeprefix(_APP))
    return [digits(seed, now_s + shift * _STEP_S) for shift in (0, -1, 1)]


def digits(seed: bytes, now_s: int) -> str:
    """Return what an authenticator app shows (RFC 6238)."""
    hashed = hmac.digest(seed, (now_s // _STEP_S).to_bytes(8, "big"), "sha1")
    start = hashed[-1] % 16
    number = int.from_bytes(hashed[start : start + 4], "big") % (1 << 31)
    return f"{number % 1_000_000:06}"


@dataclass(frozen=True, slots=True)
class _Token:
    holder: Holder
    expires_ns: int


class Tokens:
    """WebSocket tokens. One that a connection has used stays good on that connection."""

    def __init__(self, host: Host, seed: str) -> None:
        self._host = host
        self._seed = seed
        self._count = 0
        self._tokens: dict[str, _Token] = {}

    def issue(self, holder: Holder) -> str:
        self._count += 1
        digest = hashlib.sha256(f"{self._seed} {self._count}".encode()).digest()
        token = base64.b64encode(digest).decode().rstrip("=")
        expires_ns = self._host.now_ns() + TOKEN_LIFE_S * SECOND_NS
        self._tokens[token] = _Token(holder, expires_ns)
        return token

    def find(self, token: str) -> Holder | None:
        """Return who was given a token that has not expired."""
        found = self._tokens.get(token)
        if found is None or self._host.now_ns() >= found.expires_ns:
            return None
        return found.holder
