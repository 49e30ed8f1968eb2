"""The curve secp256k1: public points of private keys, and who made a signature.

https://www.secg.org/sec1-v2.pdf (4.1.4, verifying, and 4.1.6, public key recovery), read
2026-11-21. It verifies keys of a sandbox, so nothing here keeps an onlooker with a clock
from learning one.
"""

from __future__ import annotations

_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_G = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)
_NOWHERE = (1, 1, 0)

Point = tuple[int, int]
_Projective = tuple[int, int, int]


def public_point(private_key: bytes) -> Point:
    """Raises ValueError for what is no private key."""
    number = int.from_bytes(private_key, "big")
    if not 0 < number < _N:
        raise ValueError("not a private key of secp256k1")
    return _point(_sum(number, _G, 0, _G))


def compressed(point: Point) -> bytes:
    x, y = point
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def is_low(s: int) -> bool:
    """Tell whether an s is the lower of the two that would do."""
    return s <= _N // 2


def is_signed_by(point: Point, digest: bytes, r: int, s: int) -> bool:
    if not (0 < r < _N and 0 < s < _N):
        return False
    inverse = pow(s, -1, _N)
    told = int.from_bytes(digest, "big")
    found = _sum(told * inverse % _N, _G, r * inverse % _N, point)
    return found[2] != 0 and _point(found)[0] % _N == r


def signing_point(digest: bytes, r: int, s: int, *, is_odd: bool) -> Point:
    """Return the public point whose key signed a digest. Raises ValueError."""
    if not (0 < r < _N and 0 < s < _N):
        raise ValueError("not a signature")
    square = (pow(r, 3, _P) + 7) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if y * y % _P != square:
        raise ValueError("not a signature")
    if y & 1 != is_odd:
        y = _P - y
    inverse = pow(r, -1, _N)
    told = int.from_bytes(digest, "big")
    return _point(_sum(-told * inverse % _N, _G, s * inverse % _N, (r, y)))


def _point(found: _Projective) -> Point:
    x, y, z = found
    if z == 0:
        raise ValueError("not a signature")
    inverse = pow(z, -1, _P)
    return x * inverse**2 % _P, y * inverse**3 % _P


def _sum(times: int, one: Point, more: int, other: Point) -> _Projective:
    """Return `times` of one point and `more` of another, doubling once for both."""
    first, second = (*one, 1), (*other, 1)
    both = _added(first, second)
    found: _Projective = _NOWHERE
    for bit in range(max(times.bit_length(), more.bit_length()) - 1, -1, -1):
        found = _doubled(found)
        match times >> bit & 1, more >> bit & 1:
            case 1, 1:
                found = _added(found, both)
            case 1, 0:
                found = _added(found, first)
            case 0, 1:
                found = _added(found, second)
    return found


def _doubled(point: _Projective) -> _Projective:
    x, y, z = point
    if z == 0 or y == 0:
        return _NOWHERE
    yy = y * y % _P
    s = 4 * x * yy % _P
    m = 3 * x * x % _P
    new_x = (m * m - 2 * s) % _P
    return new_x, (m * (s - new_x) - 8 * yy * yy) % _P, 2 * y * z % _P


def _added(one: _Projective, other: _Projective) -> _Projective:
    if one[2] == 0:
        return other
    if other[2] == 0:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, other
    zz1, zz2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2 = x1 * zz2 % _P, x2 * zz1 % _P
    s1, s2 = y1 * zz2 * z2 % _P, y2 * zz1 * z1 % _P
    if u1 == u2:
        return _doubled(one) if s1 == s2 else _NOWHERE
    h, r = u2 - u1, s2 - s1
    hh = h * h % _P
    hhh, v = h * hh % _P, u1 * hh % _P
    x = (r * r - hhh - 2 * v) % _P
    return x, (r * (v - x) - s1 * hhh) % _P, h * z1 * z2 % _P
