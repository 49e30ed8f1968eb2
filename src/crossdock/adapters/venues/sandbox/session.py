"""The signed-in side of one WebSocket connection."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from crossdock.adapters.venues.sandbox.refusals import Refusals
from crossdock.adapters.venues.sandbox.signing import Signer
from crossdock.adapters.venues.sandbox.wire import Reply, SessionOpened
from crossdock.errors import BadPayload, NotSent, Unreachable
from crossdock.ports import Clock
from crossdock.toolkit import StreamHealth, WebSocketClient

_ANSWER_NS = 5_000_000_000
_RENEWED_BEFORE_NS = 60_000_000_000
_NEVER_NS = 1 << 62

_decode_opened = msgspec.json.Decoder(SessionOpened).decode


class SignedSession:
    """Signs a connection in, and again before or after its session ends.

    Driven by the connection's messages, so it needs no task: `take` gets every reply,
    `beat` every heartbeat, `expired` the venue's word that the session is over. What
    `take` and `beat` raise ends the connection. `on_open` follows each sign-in that was
    not a renewal of an open session.
    """

    def __init__(
        self,
        client: WebSocketClient[Any],
        signer: Signer,
        refusals: Refusals,
        clock: Clock,
        health: StreamHealth,
        on_open: Callable[[], None],
    ) -> None:
        self._client = client
        self._signer = signer
        self._refusals = refusals
        self._clock = clock
        self._health = health
        self._on_open = on_open
        self._ids = count(1)
        self._asked_id: int | None = None
        self._asked_ns = 0
        self._renew_ns = _NEVER_NS
        self.is_open = False

    def next_id(self) -> int:
        """Return an id for a request on this connection."""
        return next(self._ids)

    def sign_in(self) -> None:
        self._asked_id = self.next_id()
        self._asked_ns = self._clock.monotonic_ns()
        ask(self._client, self._signer.auth_frame(self._asked_id))

    def expired(self) -> None:
        self.is_open = False
        self._health.token_expires(self._clock.time_ns())
        self.sign_in()

    def beat(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if self._asked_id is not None:
            if now_ns - self._asked_ns > _ANSWER_NS:
                raise Unreachable("the venue does not answer our authentication")
        elif now_ns >= self._renew_ns:
            self.sign_in()

    def take(self, reply: Reply) -> bool:
        """Take a reply if it answers a sign-in. Raises what a refusal stands for."""
        if self._asked_id is None or reply.id != self._asked_id:
            return False
        self._asked_id = None
        if not reply.ok:
            error = self._refusals.of_frame(reply)
            raise error or Unreachable(f"not signed in: {reply.code}: {reply.message}")
        try:
            opened = _decode_opened(reply.result)
        except msgspec.DecodeError as error:
            raise BadPayload(f"the answer to our authentication: {error}") from error
        left_ns = opened.session_expires_ns - self._clock.time_ns()
        early_ns = min(_RENEWED_BEFORE_NS, left_ns // 4)
        self._renew_ns = self._clock.monotonic_ns() + left_ns - early_ns
        self._health.token_expires(opened.session_expires_ns)
        if not self.is_open:
            self.is_open = True
            self._on_open()
        return True


def ask(client: WebSocketClient[Any], frame: bytes) -> None:
    """Send a request that changes no order. Raises Unreachable when it cannot be sent."""
    try:
        client.send(frame)
    except NotSent as error:
        raise Unreachable(error.message) from None
