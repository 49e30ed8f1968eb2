"""Addresses of wallets: of a private key, and of who made a signature."""

from __future__ import annotations

from crossdock.sandbox.faces.hyperliquid.signing.keccak import keccak256
from crossdock.sandbox.faces.secp256k1 import Point, public_point, signing_point

_EVEN, _ODD = 27, 28  # what v says of the point's y


def address_of(private_key: bytes) -> str:
    """Raises ValueError for what is no private key."""
    return _address(public_point(private_key))


def signer_of(digest: bytes, r: int, s: int, v: int) -> str:
    """Return the address whose key signed a digest. Raises ValueError."""
    if v not in (_EVEN, _ODD):
        raise ValueError("not a signature")
    return _address(signing_point(digest, r, s, is_odd=v == _ODD))


def _address(public: Point) -> str:
    x, y = public
    return "0x" + keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[-20:].hex()
