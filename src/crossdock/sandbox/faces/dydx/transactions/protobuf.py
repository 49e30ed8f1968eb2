"""The wire format of protobuf, as much of it as transactions are made of.

https://protobuf.dev/programming-guides/encoding/, read 2026-11-21.
"""

from __future__ import annotations

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_MOST_BITS = 64


class Malformed(ValueError):
    """Bytes that are no message, or a field of another kind than it should be."""


class Message:
    """Fields by number, each as often as it came. What is not there reads as nothing."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        position = 0
        while position < len(data):
            key, position = _varint(data, position)
            value, position = _value(data, position, key & 7)
            self._fields.setdefault(key >> 3, []).append(value)

    def __contains__(self, field: int) -> bool:
        return field in self._fields

    def number(self, field: int) -> int:
        """Return a number, 0 where there is none; of several the last counts."""
        value = self._fields.get(field, [0])[-1]
        if isinstance(value, bytes):
            raise Malformed(f"field {field} is no number")
        return value

    def data(self, field: int) -> bytes:
        return self.every(field)[-1] if field in self else b""

    def text(self, field: int) -> str:
        try:
            return self.data(field).decode()
        except UnicodeDecodeError:
            raise Malformed(f"field {field} is no text") from None

    def message(self, field: int) -> Message:
        return Message(self.data(field))

    def every(self, field: int) -> list[bytes]:
        """Return each of a repeated field's strings of bytes, texts or messages."""
        values = self._fields.get(field, [])
        found = [it for it in values if isinstance(it, bytes)]
        if len(found) != len(values):
            raise Malformed(f"field {field} is a number")
        return found

    def numbers(self, field: int) -> list[int]:
        """Return a repeated number, packed or not."""
        found: list[int] = []
        for value in self._fields.get(field, ()):
            if isinstance(value, int):
                found.append(value)
                continue
            position = 0
            while position < len(value):
                number, position = _varint(value, position)
                found.append(number)
        return found


def joined(*fields: tuple[int, int | bytes]) -> bytes:
    """Write fields in the order given; what is nothing is left out, as proto3 does."""
    parts = []
    for field, value in fields:
        if isinstance(value, int):
            parts.append(_key(field, _VARINT) + _written(value) if value else b"")
        elif value:
            parts.append(_key(field, _BYTES) + _written(len(value)) + value)
    return b"".join(parts)


def _key(field: int, kind: int) -> bytes:
    return _written(field << 3 | kind)


def _written(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, _MOST_BITS + 6, 7):
        if position >= len(data):
            raise Malformed("a number is cut off")
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
    raise Malformed("a number is too long")


def _value(data: bytes, position: int, kind: int) -> tuple[int | bytes, int]:
    if kind == _VARINT:
        return _varint(data, position)
    if kind == _BYTES:
        length, position = _varint(data, position)
    elif kind in (_FOUR, _EIGHT):
        length = 4 if kind == _FOUR else 8
    else:
        raise Malformed(f"there is no kind {kind} of field")
    end = position + length
    if end > len(data):
        raise Malformed("a field is cut off")
    found = data[position:end]
    return (found if kind == _BYTES else int.from_bytes(found, "little")), end
