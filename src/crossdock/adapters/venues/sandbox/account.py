"""The account's stream: orders, fills and events, in sequence or announced as a gap."""

from __future__ import annotations

import msgspec

from crossdock.adapters.venues.sandbox.refusals import Refusals
from crossdock.adapters.venues.sandbox.session import SignedSession
from crossdock.adapters.venues.sandbox.signing import Signer
from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.adapters.venues.sandbox.wire import (
    AccountFrame,
    AccountMessage,
    Heartbeat,
    Reply,
    Session,
)
from crossdock.errors import Unreachable
from crossdock.model import Instrument
from crossdock.ports import CONNECTED, AccountSink
from crossdock.toolkit import AdapterContext, StreamHealth, WebSocketClient

_PING_S = 3.0

_decode = msgspec.json.Decoder(AccountFrame).decode
_encode = msgspec.json.Encoder().encode


class AccountFeed:
    """One connection's life. `run` signs in, subscribes, and ends by raising why."""

    def __init__(
        self,
        context: AdapterContext,
        url: str,
        sink: AccountSink,
        *,
        signer: Signer,
        refusals: Refusals,
        translation: Translation,
        health: StreamHealth,
    ) -> None:
        self._sink = sink
        self._translation = translation
        self._health = health
        self._client: WebSocketClient[AccountFrame] = WebSocketClient(
            context.http,
            url,
            clock=context.clock,
            masker=context.masker,
            decode=_decode,
            on_message=self._take,
            health=health,
            ping_s=_PING_S,
        )
        self._session = SignedSession(
            self._client, signer, refusals, context.clock, health, self._subscribe
        )
        self._subscription_id: int | None = None
        self._next: int | None = None  # the sequence awaited; None: not subscribed
        self._versions: dict[str, int] = {}

    async def run(self) -> None:
        async with self._client:
            self._session.sign_in()
            await self._client.ended()

    def _subscribe(self) -> None:
        self._next = None
        self._subscription_id = self._session.next_id()
        self._client.send(
            _encode(
                {"op": "subscribe", "id": self._subscription_id, "channels": ["account"]}
            )
        )

    def _take(self, frame: AccountFrame, received_ns: int) -> None:
        if type(frame) is AccountMessage:
            self._message(frame, received_ns)
        elif type(frame) is Heartbeat:
            self._health.heartbeat()
            self._session.beat()
        elif type(frame) is Reply:
            self._reply(frame)
        elif type(frame) is Session:
            self._next = None
            self._session.expired()

    def _reply(self, reply: Reply) -> None:
        if reply.id == self._subscription_id and reply.id is not None:
            self._subscription_id = None
            if not reply.ok:
                raise Unreachable(f"not subscribed: {reply.code}: {reply.message}")
            self._next = 1
            # Whatever happened before this moment was not pushed to this subscription.
            self._sink.account_gap(CONNECTED)
            return
        self._session.take(reply)

    def _message(self, message: AccountMessage, received_ns: int) -> None:
        expected, sequence = self._next, message.sequence
        if expected is None or sequence < expected:
            return  # of an earlier subscription, or a second time
        if sequence > expected:
            words = f"account messages {expected} to {sequence - 1} did not come"
            self._health.gap(words)
            self._sink.account_gap(words)
        self._next = sequence + 1
        translation, sink = self._translation, self._sink
        if message.order is not None:
            self._health.order_event(message.order.updated_time_ns)
            sink.orders((translation.order(message.order, received_ns),))
        if message.fill is not None:
            self._health.order_event(message.fill.time_ns)
            sink.fills((translation.fill(message.fill, received_ns),))
        if message.event is not None:
            self._health.data(message.event.time_ns)
            sink.account_events((translation.event(message.event, received_ns),))
        if message.instruments:
            self._health.data()
            sink.instruments_changed(self._newer(message))

    def _newer(self, message: AccountMessage) -> list[Instrument]:
        """Leave out versions older than one already told of: messages may swap places."""
        newer = []
        for it in message.instruments:
            if it.version >= self._versions.get(it.symbol, 0):
                self._versions[it.symbol] = it.version
                newer.append(self._translation.instrument(it))
        return newer
