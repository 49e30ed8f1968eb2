"""WebSocket frames as a server sends them: whole, unmasked, uncompressed."""

from __future__ import annotations

import struct

_TEXT = 0x81
_BINARY = 0x82
_PING = 0x89
_PONG = 0x8A
_SHORT = struct.Struct("!BB").pack
_MIDDLE = struct.Struct("!BBH").pack
_LONG = struct.Struct("!BBQ").pack


def text_frame(payload: bytes) -> bytes:
    return _head(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    return _head(_BINARY, len(payload)) + payload


def ping_frame(payload: bytes) -> bytes:
    return _head(_PING, len(payload)) + payload


def pong_frame(payload: bytes) -> bytes:
    return _head(_PONG, len(payload)) + payload


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return _SHORT(first, length)
    if length < 65536:
        return _MIDDLE(first, 126, length)
    return _LONG(first, 127, length)
