"""A message made once and sent to many, and how a client's way out is seen to be free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engineio.packet import MESSAGE  # type: ignore[import-untyped]
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT  # type: ignore[import-untyped]
from socketio.packet import Packet as SocketPacket


def encoded(event: str, message: Mapping[str, Any]) -> str:
    """Return an event as the text that goes over the wire to every client alike."""
    # binary=False: it is JSON already, and looking for bytes in it takes longer than it.
    inner = SocketPacket(EVENT, data=[event, message], binary=False).encode()
    text: str = EnginePacket(MESSAGE, data=inner).encode()
    return text


class Parcel(EnginePacket):  # type: ignore[misc]  # engineio tells no types
    """One client's copy of a shared text.

    Engine.IO asks for a packet's encoding at the moment it writes it, over a WebSocket as
    over polling, and over a WebSocket only once what went before has left the buffer. So
    `taken` tells that the way is free again, and nothing needs to be acknowledged.
    """

    def __init__(self, text: str, taken: Callable[[], None]) -> None:
        super().__init__(MESSAGE)
        self._text = text
        self._taken = taken

    def encode(self, b64: bool = False) -> str:
        self._taken()
        return self._text
