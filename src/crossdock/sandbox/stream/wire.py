"""One WebSocket as the venue writes to it: its outbox, its history, its troubles."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum, auto

MOST_UNSENT_BYTES = 4 * 1024 * 1024
_REMEMBERED = 16


class Manner(Enum):
    """How an account message goes out."""

    PLAIN = auto()
    TWICE = auto()
    MISSING = auto()
    HELD = auto()  # until the next one went first


class Wire:
    """Writes straight to the transport. A consumer too slow for it loses its connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._outbox: list[bytes] = []
        self._held: bytes | None = None
        self._earlier: deque[bytes] = deque(maxlen=_REMEMBERED)
        self.is_silent = False  # nothing is written any more, on purpose
        self.muted_until_ns = 0

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def write(self, frame: bytes) -> None:
        """Write a frame now, after whatever was queued."""
        if self._outbox:
            self.queue(frame)
            self.flush()
        else:
            self._send(frame)

    def queue(self, frame: bytes) -> None:
        if not self.is_silent:
            self._outbox.append(frame)

    def flush(self) -> None:
        """Write what is queued, as one piece."""
        frames, self._outbox = self._outbox, []
        if frames:
            self._send(frames[0] if len(frames) == 1 else b"".join(frames))

    def _send(self, data: bytes) -> None:
        if self.is_silent or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            self._transport.abort()
            return
        self._transport.write(data)

    def begin_account(self) -> None:
        """Forget what was held back of another subscription."""
        self._held = None

    def queue_account(self, frame: bytes, manner: Manner, *, is_muted: bool) -> None:
        """Queue an account message as told."""
        if is_muted or manner is Manner.MISSING:
            return
        self._earlier.append(frame)
        if manner is Manner.HELD:
            self._held = frame
            return
        self.queue(frame)
        if manner is Manner.TWICE:
            self.queue(frame)
        self.release()

    def release(self) -> None:
        """Queue the message that was held back, if one was."""
        if self._held is not None:
            self.queue(self._held)
            self._held = None

    def repeat(self) -> bool:
        """Queue an account message sent before, the oldest remembered one first."""
        if not self._earlier:
            return False
        self.queue(self._earlier[0])
        self._earlier.rotate(-1)
        return True

    def silence(self) -> None:
        """Write nothing any more, and keep the connection as it is."""
        self.is_silent = True
        self._outbox.clear()

    def freeze(self) -> None:
        """Neither write nor read any more: half open."""
        self.silence()
        self._transport.pause_reading()

    def cut(self, frame: bytes) -> None:
        """Write half of a frame's bytes and close."""
        self.flush()
        if not self._transport.is_closing():
            self._transport.write(frame[: len(frame) // 2])
        self.silence()
        self._transport.close()

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()
