"""Signatures of calls, and the tokens that logins are answered with.

ccxt 4.5.90, async_support/deribit.py (`sign`) and pro/deribit.py (`authenticate`);
https://docs.deribit.com/articles/authentication, read 2026-11-21.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

SCHEME, BEARER = "deri-hmac-sha256 ", "Bearer "
_GOOD_FOR_NS = 60 * SECOND_NS
_TOKEN_LIFE_S = 900
_GRANTS = ("client_credentials", "client_signature")


@dataclass(frozen=True, slots=True)
class _Token:
    holder: Holder
    expires_ns: int


def signature(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def fields_of(header: str) -> dict[str, str]:
    """Return the fields of a signed call's header."""
    parts = (part.partition("=") for part in header.removeprefix(SCHEME).split(","))
    return {name.strip(): value.strip() for name, _, value in parts}


class Door:
    """Who may come in to one venue."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._tokens: dict[str, _Token] = {}

    def key_of(self, header: str) -> str:
        """Return the key that a header names, not verified."""
        if header.startswith(BEARER):
            found = self._tokens.get(header.removeprefix(BEARER))
            return "" if found is None else found.holder.key
        return fields_of(header).get("id", "")

    def verify(
        self, header: str, method: str, target: str, body: str
    ) -> tuple[Holder, Window | None]:
        """Return who calls, and until when a signed call is good. Raises Refusal."""
        if header.startswith(BEARER):
            return self.of_token(header.removeprefix(BEARER)), None
        if not header.startswith(SCHEME):
            raise Refusal("not_authenticated", "no authorization")
        fields = fields_of(header)
        stamp, nonce = fields.get("ts", ""), fields.get("nonce", "")
        window = self._window(stamp)
        text = f"{stamp}\n{nonce}\n{method}\n{target}\n{body}\n"
        return self._signed(fields.get("id", ""), fields.get("sig", ""), text), window

    def log_in(self, params: Params) -> tuple[Holder, dict[str, Any]]:
        """Return whose login this is, and what it is answered with. Raises Refusal."""
        key = params.text("client_id")
        if params.choice("grant_type", _GRANTS) == "client_signature":
            stamp = params.text("timestamp")
            self._window(stamp)
            nonce, data = params.maybe("nonce") or "", params.maybe("data") or ""
            text = f"{stamp}\n{nonce}\n{data}"
            holder = self._signed(key, params.text("signature"), text)
        else:
            holder = self._holder(key)
            given = params.text("client_secret").encode()
            if not hmac.compare_digest(given, holder.secret):
                raise Refusal("bad_key", "invalid credentials")
        seed = f"{self._host.name} {holder.key} {len(self._tokens)}"
        token = hashlib.sha256(seed.encode()).hexdigest()
        expires_ns = self._host.now_ns() + _TOKEN_LIFE_S * SECOND_NS
        self._tokens[token] = _Token(holder, expires_ns)
        scopes = "account:read trade:read_write wallet:read"
        if not holder.may_trade:
            scopes = "account:read trade:read wallet:read"
        return holder, {
            "access_token": token,
            "expires_in": _TOKEN_LIFE_S,
            "refresh_token": "",
            "scope": f"connection {scopes}",
            "token_type": "bearer",
        }

    def of_token(self, token: str) -> Holder:
        found = self._tokens.get(token)
        if found is None or self._host.now_ns() >= found.expires_ns:
            raise Refusal("not_authenticated", "invalid_token")
        return found.holder

    def _holder(self, key: str) -> Holder:
        holder = self._host.keys.find(key)
        if holder is None:
            raise Refusal("bad_key", "invalid credentials")
        return holder

    def _signed(self, key: str, signed: str, text: str) -> Holder:
        holder = self._holder(key)
        expected = signature(holder.secret, text)
        if not hmac.compare_digest(expected.encode(), signed.lower().encode()):
            raise Refusal("bad_signature", "invalid signature")
        return holder

    def _window(self, stamp: str) -> Window:
        if not stamp.isascii() or not stamp.isdigit():
            raise Refusal("bad_time", "invalid timestamp")
        sent_ns = int(stamp) * 1_000_000
        window = Window(
            from_ns=sent_ns - _GOOD_FOR_NS,
            until_ns=sent_ns + _GOOD_FOR_NS,
            received_ns=self._host.clock.time_ns(),
            width_ns=2 * _GOOD_FOR_NS,
            words="the timestamp is too far off",
        )
        window.check(self._host.now_ns(), self._host.clock.time_ns())
        return window
