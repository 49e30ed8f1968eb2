"""Signatures by HMAC-SHA384, and nonces that rise from call to call.

https://docs.bitfinex.com/docs/rest-auth and https://docs.bitfinex.com/docs/ws-auth, read
2026-11-21.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host

KEY, NONCE, SIGNATURE = "bfx-apikey", "bfx-nonce", "bfx-signature"
_NONCE = re.compile(r"\d{1,16}", re.ASCII)
_MOST_NONCE = 2**53 - 1


class Door:
    """Lets signed calls and sockets in, and keeps the last nonce of each key."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._last: dict[str, int] = {}

    def call(self, call: Call) -> Holder:
        """Return who signed a call. Raises Refusal."""
        headers = call.request.headers
        nonce = headers.get(NONCE, "")
        text = f"/api{call.request.raw_path}{nonce}".encode() + call.body
        return self._enter(headers.get(KEY, ""), nonce, text, headers.get(SIGNATURE, ""))

    def socket(self, frame: Mapping[str, Any]) -> Holder:
        """Return who signed a frame. Raises Refusal."""
        nonce, text = str(frame.get("authNonce", "")), str(frame.get("authPayload", ""))
        key, signature = str(frame.get("apiKey", "")), str(frame.get("authSig", ""))
        if text != f"AUTH{nonce}":
            raise Refusal("bad_signature", "the payload does not carry the nonce")
        return self._enter(key, nonce, text.encode(), signature)

    def _enter(self, key: str, nonce: str, text: bytes, signature: str) -> Holder:
        holder = self._host.keys.find(key)
        if holder is None:
            raise Refusal("bad_key", "no such key")
        made = hmac.digest(holder.secret, text, "sha384").hex()
        if not hmac.compare_digest(made.encode(), signature.lower().encode()):
            raise Refusal("bad_signature", "the signature does not match")
        is_number = _NONCE.fullmatch(nonce) is not None
        if not is_number or not self._last.get(key, 0) < int(nonce) <= _MOST_NONCE:
            raise Refusal("bad_time", "the nonce has not risen")
        self._last[key] = int(nonce)
        return holder
