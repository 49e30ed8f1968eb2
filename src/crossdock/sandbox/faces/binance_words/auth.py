"""Signatures of Binance: HMAC-SHA256, or Ed25519 and RSA for keys given in PEM.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/rest-api.md#request-security, read
2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from importlib import import_module
from typing import Any

from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host

_USUAL_WINDOW_MS = 5000
_MOST_WINDOW_MS = 60_000
_AHEAD_NS = 1_000_000_000
_MS_NS = 1_000_000
_PEM = b"-----BEGIN PUBLIC KEY-----"


def unsigned(text: str) -> str:
    """Return a query string or form without its signature, otherwise as it was sent."""
    return "&".join(it for it in text.split("&") if not it.startswith("signature="))


def verify(host: Host, key: str, payload: str, params: Params) -> Holder:
    """Return who signed. Raises Refusal."""
    if not key:
        raise Said(-2014, "API-key format invalid.", status=401)
    holder = host.keys.find(key)
    if holder is None:
        raise Refusal("bad_key", "no such key")
    if not _is_signed(holder.secret, payload.encode(), params.text("signature")):
        raise Refusal("bad_signature", "the signature does not match")
    return holder


def window(host: Host, params: Params) -> Window:
    """Return the window a call is good for. Raises Refusal, also when it is over."""
    sent_ns = params.time_ns("timestamp")
    if sent_ns is None:
        params.whole("timestamp")
        raise AssertionError("a timestamp that is missing is refused")
    width_ms = params.decimal_or_none("recvWindow") or _USUAL_WINDOW_MS
    if width_ms > _MOST_WINDOW_MS:
        raise Said(-1131, "recvWindow must be less than 60000.")
    width_ns = int(width_ms * _MS_NS)
    if sent_ns >= host.now_ns() + _AHEAD_NS:
        words = "Timestamp for this request was 1000ms ahead of the server's time."
        raise Refusal("bad_time", words)
    good_for = Window(
        from_ns=sent_ns - _AHEAD_NS,
        until_ns=sent_ns + width_ns,
        received_ns=host.clock.time_ns(),
        width_ns=width_ns,
        words="Timestamp for this request is outside of the recvWindow.",
    )
    good_for.check(host.now_ns(), host.clock.time_ns())
    return good_for


def _is_signed(secret: bytes, payload: bytes, signature: str) -> bool:
    if not secret.startswith(_PEM):
        expected = hmac.new(secret, payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.lower().encode())
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return _is_signed_by(secret, payload, signed)


def _is_signed_by(pem: bytes, payload: bytes, signed: bytes) -> bool:
    """Verify by a public key. Its package comes with ccxt and is imported late."""
    primitives = "cryptography.hazmat.primitives"
    public: Any = import_module(f"{primitives}.serialization").load_pem_public_key(pem)
    asymmetric = import_module(f"{primitives}.asymmetric")
    invalid = import_module("cryptography.exceptions").InvalidSignature
    rsa = import_module(f"{asymmetric.__name__}.rsa")
    try:
        if isinstance(public, rsa.RSAPublicKey):
            padding = import_module(f"{asymmetric.__name__}.padding").PKCS1v15()
            sha256 = import_module(f"{primitives}.hashes").SHA256()
            public.verify(signed, payload, padding, sha256)
        else:
            public.verify(signed, payload)
    except invalid:
        return False
    return True
