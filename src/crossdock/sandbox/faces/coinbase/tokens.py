"""Tokens by which calls are signed: JWTs of a key's own making, good for two minutes.

https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication, read 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import msgspec

from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

LIFE_S = 120
_ISSUERS = ("cdp", "coinbase-cloud")
_HOST = "api.coinbase.com"
_CURVE_BYTES = 32
_PRIMITIVES = "cryptography.hazmat.primitives"


class _Head(msgspec.Struct):
    alg: str
    kid: str
    nonce: str


class _Claims(msgspec.Struct):
    sub: str
    iss: str
    nbf: int
    exp: int
    uri: str = ""
    uris: list[str] = []


@dataclass(frozen=True, slots=True)
class _Token:
    head: _Head
    claims: _Claims
    signed: bytes
    signature: bytes


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header, or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def claimed_key(token: str) -> str:
    """Return whose key a token names, not verified, or nothing."""
    try:
        return _read(token).head.kid
    except Refusal:
        return ""


def admit(
    host: Host, token: str, uri: tuple[str, str, str] | None
) -> tuple[Holder, Window]:
    """Return who signed, and how long it is good for. Raises Refusal.

    `uri` is the call's method, host and path; WebSocket tokens have none.
    """
    read = _read(token)
    claims = read.claims
    holder = host.keys.find(read.head.kid)
    if holder is None or claims.sub != read.head.kid or claims.iss not in _ISSUERS:
        raise Refusal("bad_key", "no such key")
    if not _is_signed(holder.secret, read):
        raise Refusal("bad_signature", "the signature does not match")
    if uri is not None and not _is_for(claims, *uri):
        raise Refusal("bad_signature", "the token is for another call")
    life_s = claims.exp - claims.nbf
    if not 0 < life_s <= LIFE_S:
        raise Refusal("bad_time", "a token lives two minutes at most")
    window = Window(
        from_ns=claims.nbf * SECOND_NS,
        until_ns=claims.exp * SECOND_NS,
        received_ns=host.clock.time_ns(),
        width_ns=life_s * SECOND_NS,
        words="the token is not good now",
    )
    window.check(host.now_ns(), host.clock.time_ns())
    return holder, window


def _is_for(claims: _Claims, method: str, host: str, path: str) -> bool:
    """Tell whether a token is for a call; the scheme is not part of what it names."""
    for uri in (claims.uri, *claims.uris):
        verb, _, address = uri.partition(" ")
        address = address.rpartition("://")[2]
        if verb == method and address in (f"{host}{path}", f"{_HOST}{path}"):
            return True
    return False


def _read(token: str) -> _Token:
    try:
        head, claims, signature = token.split(".")
        return _Token(
            msgspec.json.decode(_decoded(head), type=_Head),
            msgspec.json.decode(_decoded(claims), type=_Claims),
            f"{head}.{claims}".encode(),
            _decoded(signature),
        )
    except (ValueError, msgspec.DecodeError):
        raise Refusal("bad_signature", "a JWT was expected") from None


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _is_signed(secret: bytes, token: _Token) -> bool:
    """Verify by the key's public part. Its package comes with ccxt and is imported late."""
    key = _public(secret)
    invalid = import_module("cryptography.exceptions").InvalidSignature
    is_edwards = type(key).__name__.endswith("Ed25519PublicKey")
    if token.head.alg != ("EdDSA" if is_edwards else "ES256"):
        return False
    try:
        if is_edwards:
            key.verify(token.signature, token.signed)
        else:
            ec: Any = import_module(f"{_PRIMITIVES}.asymmetric.ec")
            sha256 = import_module(f"{_PRIMITIVES}.hashes").SHA256()
            key.verify(_as_der(token.signature), token.signed, ec.ECDSA(sha256))
    except invalid:
        return False
    return True


def _as_der(signature: bytes) -> bytes:
    """Return a signature of ES256 as the verifier wants it."""
    asymmetric: Any = import_module(f"{_PRIMITIVES}.asymmetric.utils")
    r, s = signature[:_CURVE_BYTES], signature[_CURVE_BYTES:]
    made: bytes = asymmetric.encode_dss_signature(
        int.from_bytes(r, "big"), int.from_bytes(s, "big")
    )
    return made


@lru_cache(maxsize=64)
def _public(secret: bytes) -> Any:
    """Return the public key of a configured secret.

    It is that key in PEM; or the private one as Coinbase hands it out, PEM or base64.
    """
    serialization: Any = import_module(f"{_PRIMITIVES}.serialization")
    edwards: Any = import_module(f"{_PRIMITIVES}.asymmetric.ed25519")
    try:
        if b"PUBLIC KEY" in secret:
            return serialization.load_pem_public_key(secret)
        if secret.lstrip().startswith(b"-----BEGIN"):
            return serialization.load_pem_private_key(secret, password=None).public_key()
        seed = base64.b64decode(secret, validate=True)[:_CURVE_BYTES]
        return edwards.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    except (ValueError, binascii.Error):
        raise Refusal("bad_key", "the account's secret is no key") from None
