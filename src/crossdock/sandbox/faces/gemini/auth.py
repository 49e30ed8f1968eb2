"""Signed payloads, and nonces that are times.

https://docs.gemini.com/rest-api/#private-api-invocation, read 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from crossdock.sandbox.faces.gemini.refusals import Said
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

KEY, PAYLOAD, SIGNATURE = "X-GEMINI-APIKEY", "X-GEMINI-PAYLOAD", "X-GEMINI-SIGNATURE"
_MISSING = {
    KEY: "MissingApikeyHeader",
    PAYLOAD: "MissingPayloadHeader",
    SIGNATURE: "MissingSignatureHeader",
}
_CLOCKS_DIFFER_NS = 30 * SECOND_NS
_FIRST_MS = 100_000_000_000  # what is smaller counts seconds


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a payload, and until when it is good."""

    holder: Holder
    window: Window


class Door:
    """Lets signed payloads in, and keeps the last nonce of each key."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._last: dict[str, int] = {}

    def verify(self, headers: Mapping[str, str], path: str) -> Signed:
        """Raises Refusal."""
        for name, reason in _MISSING.items():
            if not headers.get(name):
                raise Said(reason, f"{name} is missing")
        holder = self._host.keys.find(headers[KEY])
        if holder is None:
            raise Refusal("bad_key", "no such key")
        payload = headers[PAYLOAD].encode()
        made = hmac.digest(holder.secret, payload, "sha384").hex()
        if not hmac.compare_digest(made.encode(), headers[SIGNATURE].lower().encode()):
            raise Refusal("bad_signature", "InvalidSignature")
        fields = payload_of(headers)
        if fields.get("request") != path:
            raise Said("EndpointMismatch", f"the payload is not for {path}")
        return Signed(holder, self._take(holder.key, fields.get("nonce")))

    def _take(self, key: str, told: Any) -> Window:
        """Use a nonce up: it is above the last one, and a time."""
        if told is None:
            raise Said("MissingNonce", "nonce is missing")
        try:
            nonce = int(str(told))
        except ValueError:
            raise Said("InvalidNonce", "a nonce is a whole number") from None
        if nonce <= self._last.get(key, 0):
            raise Said(
                "InvalidNonce", f"Nonce {nonce} has not increased since the last call"
            )
        unit_ns = 1_000_000 if nonce >= _FIRST_MS else SECOND_NS
        window = Window(
            from_ns=nonce * unit_ns - _CLOCKS_DIFFER_NS,
            until_ns=nonce * unit_ns + _CLOCKS_DIFFER_NS,
            received_ns=self._host.clock.time_ns(),
            width_ns=2 * _CLOCKS_DIFFER_NS,
            words=f"Nonce {nonce} is not within 30 seconds of server time",
        )
        window.check(self._host.now_ns(), self._host.clock.time_ns())
        self._last[key] = nonce
        return window


def payload_of(headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the fields of a payload. Raises Refusal."""
    payload = headers[PAYLOAD].encode()
    try:
        fields: Mapping[str, Any] = msgspec.json.decode(
            base64.b64decode(payload, validate=True), type=dict[str, Any]
        )
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise Said("InvalidJson", "the payload is no JSON object") from None
    return fields
