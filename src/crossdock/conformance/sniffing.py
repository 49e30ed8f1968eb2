"""Whole messages out of a byte stream: HTTP, WebSocket frames, or bytes as they come.

Enough to count and to break what passes by, not to serve: what it cannot read it hands
on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_REQUEST_LINE = re.compile(rb"[A-Z]{3,10} \S+ HTTP/1\.[01]\Z")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] \d{3}")
_LINE_BEGINS = re.compile(rb"[A-Z]{1,10}(/[\d.]*)?( [^\r\n]*)?\r?\Z")  # not whole yet
_UNWANTED = (b"sec-websocket-extensions", b"accept-encoding")
_NO_BODY = (204, 304)


class Kind(StrEnum):
    HTTP = "http"
    WS = "ws"
    WS_CONTROL = "ws_control"  # ping, pong, close
    RAW = "raw"  # neither: one chunk, as it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in one direction. `raw` is what goes on over the wire.

    `head` is a request or status line; `body` a body or a frame's payload, unmasked.
    `writes` are what the request lines of writes name, where the method does not tell.
    """

    kind: Kind
    raw: bytes
    head: bytes = b""
    body: bytes = b""
    writes: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        if self.kind is not Kind.HTTP:
            return False
        if self.writes:
            return not any(write.encode() in self.head for write in self.writes)
        return self.head.startswith((b"GET ", b"HEAD "))

    @property
    def is_upgrade(self) -> bool:
        return self.kind is Kind.HTTP and self.head.startswith(b"HTTP/1.1 101")

    def names(self, *needles: str) -> bool:
        """Tell whether any of these texts is in it, however an id may be written."""
        seen = self.head + b"\n" + self.body if self.kind is not Kind.RAW else self.raw
        return any(
            written.encode() in seen for needle in needles for written in _writings(needle)
        )


class Sniffer:
    """Cuts one direction of one connection into messages. Bytes are never lost or doubled.

    Asks for neither compression nor WebSocket extensions, so that payloads can be read.
    """

    def __init__(self, writes: tuple[str, ...] = ()) -> None:
        self._writes = writes
        self._buffer = b""
        self._frames = False
        self._raw = False

    def to_frames(self) -> None:
        """From here on this connection speaks WebSocket."""
        self._frames = True

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes in and yield every message that is complete."""
        self._buffer += data
        while self._buffer:
            message = self._frame() if self._frames else self._http()
            if message is None:
                break
            yield message

    def rest(self) -> bytes:
        """Return what came and is no whole message."""
        rest, self._buffer = self._buffer, b""
        return rest

    def _http(self) -> Message | None:
        if self._raw:
            return Message(kind=Kind.RAW, raw=self.rest())
        head, separator, after = self._buffer.partition(b"\r\n\r\n")
        first, line_end, _ = self._buffer.partition(b"\r\n")
        whole_line = _REQUEST_LINE.match(first) or _STATUS_LINE.match(first)
        if not (whole_line if line_end else _LINE_BEGINS.match(first)):
            self._raw = True
            return self._http()
        if not separator:
            return None
        headers = _headers(head)
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            length = _chunked_length(after)
        else:
            length = int(headers.get(b"content-length", b"0"))
        if first.startswith(b"HTTP/1.") and int(first[9:12]) in _NO_BODY:
            length = 0
        if length is None or len(after) < length:
            return None
        body, self._buffer = after[:length], after[length:]
        lines = [line for line in head.split(b"\r\n") if not _is_unwanted(line)]
        raw = b"\r\n".join(lines) + separator + body
        return Message(kind=Kind.HTTP, raw=raw, head=first, body=body, writes=self._writes)

    def _frame(self) -> Message | None:
        data = self._buffer
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        mask = b""
        if data[1] & 0x80:
            mask = data[start : start + 4]
            start += 4
        end = start + length
        if len(data) < end:
            return None
        body, self._buffer = data[start:end], data[end:]
        if mask:
            body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))
        kind = Kind.WS_CONTROL if data[0] & 0x08 else Kind.WS
        return Message(kind=kind, raw=data[:end], body=body)


def text_frame(payload: bytes) -> bytes:
    """Return an unmasked text frame, as a server sends it."""
    if len(payload) < 126:
        head = bytes((0x81, len(payload)))
    elif len(payload) < 65536:
        head = bytes((0x81, 126)) + len(payload).to_bytes(2, "big")
    else:
        head = bytes((0x81, 127)) + len(payload).to_bytes(8, "big")
    return head + payload


def _writings(text: str) -> Iterator[str]:
    """Yield a text, then without its hyphens, then as protobuf's fixed32, in hex."""
    yield text
    yield text.replace("-", "")
    if text.isdecimal() and int(text) < 2**32:
        yield int(text).to_bytes(4, "little").hex()


def _headers(head: bytes) -> dict[bytes, bytes]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _is_unwanted(line: bytes) -> bool:
    return line.partition(b":")[0].strip().lower() in _UNWANTED


def _chunked_length(data: bytes) -> int | None:
    """Return how many bytes a chunked body takes, None while its end is missing."""
    position = 0
    while True:
        line, separator, _ = data[position:].partition(b"\r\n")
        if not separator:
            return None
        size = int(line.partition(b";")[0], 16)
        position += len(line) + 2 + size + 2
        if position > len(data):
            return None
        if size == 0:
            return position
