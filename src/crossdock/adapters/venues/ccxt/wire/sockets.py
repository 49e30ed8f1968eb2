"""What ccxt takes for an aiohttp session: WebSockets of the desk's own pool, and no proxy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from crossdock.toolkit import HttpPool, Recorder, StreamHealth

_WITH_DATA = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)


class Sockets:
    """Opens ccxt's WebSockets where they are to go. HTTP does not pass here."""

    def __init__(self, pool: HttpPool, moved: Callable[[str], URL]) -> None:
        self._pool = pool
        self._moved = moved
        self.headers: Mapping[str, str] = {}
        self.cookie_jar = aiohttp.DummyCookieJar()

    def ws_connect(self, url: str, **more: Any) -> Any:
        return self._pool.reads.ws_connect(self._moved(url), **more)


class Activity:
    """Whether the sockets of a stream have been answered since they were last spoken to.

    Venues acknowledge a subscription, so an answer after our last word means that it
    stands; before that a stream may be connected and deaf. Where the venue `greets`, its
    first message answers nothing, even if it comes after our first word.
    """

    def __init__(
        self, health: StreamHealth, recorder: Recorder | None, *, greets: bool = False
    ) -> None:
        self._health = health
        self._recorder = recorder
        self._greets = greets
        self._greeted: set[int] = set()
        self._unanswered: set[int] = set()
        self._known: dict[int, Any] = {}
        self.said = 0  # messages sent, on every socket together

    def attach(self, client: Any) -> None:
        """Watch one of ccxt's WebSocket clients, once."""
        key = id(client)
        if self._known.get(key) is client:
            return
        self._known[key] = client
        self._unanswered.add(key)
        receive, send = client.handle_message, client.send

        def handle_message(message: Any) -> None:
            has_data = message.type in _WITH_DATA
            if key in self._greeted or not self._greets:
                self._unanswered.discard(key)
            elif has_data:
                self._greeted.add(key)
            self._health.received()
            if has_data:
                self._record(client.url, message.data, sent=False)
            receive(message)

        async def send_message(message: Any) -> Any:
            self.said += 1
            self._unanswered.add(key)
            self._record(client.url, message, sent=True)
            return await send(message)

        client.handle_message = handle_message
        client.send = send_message

    @property
    def is_settled(self) -> bool:
        """Tell whether there is a socket, and every one was answered.

        ccxt makes clients that it never dials, only to keep something by their address.
        """
        dialled = {key for key, it in self._known.items() if it.connecting or it.connection}
        return bool(dialled) and not dialled & self._unanswered

    def _record(self, url: str, message: Any, *, sent: bool) -> None:
        if self._recorder is None:
            return
        if isinstance(message, str):
            data = message.encode()
        elif isinstance(message, bytes):
            data = message
        else:
            data = msgspec.json.encode(message)
        self._recorder.frame(urlsplit(url).path, data, sent=sent)
