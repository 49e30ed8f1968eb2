"""One connected client: who it is, and whether its socket takes more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from crossdock.web.identity.roles import Caller
from crossdock.web.push.parcel import Parcel

if TYPE_CHECKING:
    from crossdock.web.push.lanes import Lane

MOST_ROOMS = 100
ASKS_AT_ONCE, ASKS_A_SECOND = 200.0, 20.0

Send = Callable[[Any], Awaitable[None]]


class Client:
    """At most one parcel waits for its socket; what it misses meanwhile is never queued."""

    def __init__(self, sid: str, caller: Caller, key: str | None, send: Send) -> None:
        self.sid = sid
        self.caller = caller
        self.key = key  # the API key it came with; None: a session's cookie
        self.lanes: dict[str, Lane] = {}
        self.late: dict[Lane, None] = {}
        self.sent_bytes = 0
        self.waiting = 0
        self._send = send
        self._asks, self._asked_s = ASKS_AT_ONCE, 0.0
        self.drained: Callable[[Client], None] = lambda _: None

    def __repr__(self) -> str:
        return f"Client({self.caller.name}, {len(self.lanes)} rooms)"

    @property
    def is_free(self) -> bool:
        return not self.waiting

    async def send(self, text: str) -> None:
        self.waiting += 1
        self.sent_bytes += len(text)
        await self._send(Parcel(text, self._taken))

    def _taken(self) -> None:
        self.waiting = 0
        if self.late:
            self.drained(self)

    def may_ask(self, now_s: float) -> bool:
        """Count a question. One who asks without end, and reads no answer, must not."""
        since_s, self._asked_s = now_s - self._asked_s, now_s
        self._asks = min(self._asks + since_s * ASKS_A_SECOND, ASKS_AT_ONCE)
        if self._asks < 1:
            return False
        self._asks -= 1
        return True
