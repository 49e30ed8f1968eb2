"""Signatures of the curve secp256k1, over the SHA-256 of what is signed.

What verifies them comes with ccxt and is imported late.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

_BYTES = 64  # r and s


@lru_cache(maxsize=64)
def public_key(secret: bytes) -> bytes:
    """Return the compressed public key of a private one in hex; none where it is none."""
    try:
        key = bytes.fromhex(secret.decode().strip().removeprefix("0x"))
        made: bytes = _curve().PrivateKey(key).public_key.format(compressed=True)
    except ValueError:
        return b""
    return made


def is_signed(key: bytes, signature: bytes, signed: bytes) -> bool:
    """Verify r and s; as on the chain, an s in the upper half is refused."""
    if len(signature) != _BYTES:
        return False
    ecdsa: Any = import_module("coincurve.ecdsa")
    try:
        der = ecdsa.cdata_to_der(ecdsa.deserialize_compact(signature))
        return bool(_curve().PublicKey(key).verify(der, signed))
    except ValueError:
        return False


def _curve() -> Any:
    return import_module("coincurve")
