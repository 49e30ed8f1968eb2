"""Keccak-256 as Ethereum uses it: with the padding that SHA-3 had before it was a standard.

https://keccak.team/keccak_specs_summary.html, read 2026-11-21. Python's own `sha3_256` pads
otherwise, and packages that have this one are no part of the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator

_RATE = 136
_LANES = range(25)
_ROW = range(5)
_WORD = (1 << 64) - 1


def keccak256(data: bytes) -> bytes:
    """Return the digest, of 32 bytes."""
    padded = bytearray(data) + b"\x01"
    padded += bytes(-len(padded) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for index in range(_RATE // 8):
            at = start + 8 * index
            lanes[index] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(a: list[int]) -> list[int]:
    """Return the state after Keccak-f[1600]; lane (x, y) stands at x + 5 y."""
    b = a
    for constant in _CONSTANTS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in _ROW]
        d = [c[x - 1] ^ _turned(c[(x + 1) % 5], 1) for x in _ROW]
        b = [0] * 25
        for at in _LANES:
            b[_PLACES[at]] = _turned(a[at] ^ d[at % 5], _TURNS[at])
        a = [
            b[at] ^ (~b[at - at % 5 + (at + 1) % 5] & b[at - at % 5 + (at + 2) % 5])
            for at in _LANES
        ]
        a[0] ^= constant
    return a


def _turned(lane: int, by: int) -> int:
    return ((lane << by) | (lane >> (64 - by))) & _WORD


def _turns() -> list[int]:
    """Return by how much the step rho turns each lane."""
    turns = [0] * 25
    x, y = 1, 0
    for step in range(24):
        turns[x + 5 * y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return turns


def _constants() -> Iterator[int]:
    """Yield the constant of each round, out of the shift register of the step iota."""
    register = 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        yield constant


_TURNS = _turns()
_PLACES = [at // 5 + 5 * ((2 * (at % 5) + 3 * (at // 5)) % 5) for at in _LANES]
_CONSTANTS = tuple(_constants())
