"""What an Arrow schema says about itself, read from the bytes Parquet files carry it in.

polars keeps these words to itself. The layout is
https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format and
`format/Schema.fbs`, read 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import struct

_MARK = b"\xff\xff\xff\xff"
_HEADER_OF_MESSAGE = 2
_METADATA_OF_SCHEMA = 2


def schema_metadata(encoded: str) -> dict[str, str]:
    """Return key and value pairs of a schema in base64; none where it does not parse."""
    try:
        data = base64.b64decode(encoded, validate=True)
        start = 8 if data.startswith(_MARK) else 4
        schema = _Table.root(data[start:]).table(_HEADER_OF_MESSAGE)
        pairs = schema.tables(_METADATA_OF_SCHEMA) if schema else []
        return {pair.text(0): pair.text(1) for pair in pairs}
    except (struct.error, binascii.Error, UnicodeDecodeError, IndexError):
        return {}


class _Table:
    """One table of a flatbuffer: its fields are found through offsets in its vtable."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._offsets = at - self._number("<i", at)

    @classmethod
    def root(cls, data: bytes) -> _Table:
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def table(self, field: int) -> _Table | None:
        at = self._field(field)
        return _Table(self._data, at) if at else None

    def tables(self, field: int) -> list[_Table]:
        at = self._field(field)
        if not at:
            return []
        places = range(at + 4, at + 4 + 4 * self._number("<I", at), 4)
        return [_Table(self._data, place + self._number("<I", place)) for place in places]

    def text(self, field: int) -> str:
        at = self._field(field)
        size = self._number("<I", at) if at else 0
        return self._data[at + 4 : at + 4 + size].decode()

    def _field(self, field: int) -> int:
        entry = 4 + 2 * field
        if entry >= self._number("<H", self._offsets):
            return 0
        offset = self._number("<H", self._offsets + entry)
        if not offset:
            return 0
        return self._at + offset + self._number("<I", self._at + offset)

    def _number(self, form: str, at: int) -> int:
        return int(struct.unpack_from(form, self._data, at)[0])
