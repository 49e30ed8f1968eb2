"""Signatures of the curve secp256k1, over the SHA-256 of what is signed."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from crossdock.sandbox.faces.secp256k1 import (
    Point,
    compressed,
    is_low,
    is_signed_by,
    public_point,
)


def public_key(secret: bytes) -> bytes:
    """Return the compressed public key of a private one in hex; none where it is none."""
    point = _point(secret)
    return b"" if point is None else compressed(point)


def is_signed(secret: bytes, signature: bytes, signed: bytes) -> bool:
    """Verify r and s against a private key's public one.

    As on the chain, an s in the upper half is refused.
    """
    point = _point(secret)
    if point is None or len(signature) != 64:
        return False
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    return is_low(s) and is_signed_by(point, hashlib.sha256(signed).digest(), r, s)


@lru_cache(maxsize=64)
def _point(secret: bytes) -> Point | None:
    try:
        return public_point(bytes.fromhex(secret.decode().strip().removeprefix("0x")))
    except ValueError:
        return None
