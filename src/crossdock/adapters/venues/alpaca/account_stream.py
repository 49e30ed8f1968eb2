"""The account's stream: what befell its orders, told once and without numbers.

https://docs.alpaca.markets/docs/websocket-streaming, read 2026-11-21. Messages bear no
sequence, so one that never comes is noticed by the look-ups and histories only.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec

from crossdock.adapters.venues.alpaca.orders import (
    REPLACED,
    OrderTranslation,
    flat,
    is_void,
)
from crossdock.adapters.venues.alpaca.wire import (
    AccountFrame,
    Authorization,
    Listening,
    TradeUpdate,
)
from crossdock.errors import AuthFailed, Unreachable
from crossdock.model import ExecutionId, Fill, FillKind
from crossdock.ports import CONNECTED, AccountSink
from crossdock.toolkit import AdapterContext, Secret, StreamHealth, WebSocketClient

_PING_S = 10.0
_STREAM = "trade_updates"
_FILLS = ("fill", "partial_fill")
_TAKEN_BACK = ("trade_bust", "trade_correct")
_MOST_EXECUTIONS = 10_000
_ZERO = Decimal(0)

_decode = msgspec.json.Decoder(AccountFrame).decode
_decode_authorization = msgspec.json.Decoder(Authorization).decode
_decode_listening = msgspec.json.Decoder(Listening).decode
_decode_update = msgspec.json.Decoder(TradeUpdate).decode
_encode = msgspec.json.Encoder().encode


class Executions(dict[str, ExecutionId]):
    """Our names of executions by the stream's, to find those that are taken back."""

    def note(self, theirs: str, ours: ExecutionId) -> None:
        self[theirs] = ours
        if len(self) > _MOST_EXECUTIONS:
            del self[next(iter(self))]


class AccountFeed:
    """One connection's life. `run` signs in, listens, and ends by raising why."""

    def __init__(
        self,
        context: AdapterContext,
        url: str,
        sink: AccountSink,
        *,
        key: str,
        secret: Secret,
        orders: OrderTranslation,
        executions: Executions,
        health: StreamHealth,
    ) -> None:
        self._sink = sink
        self._key = key
        self._secret = secret
        self._orders = orders
        self._executions = executions
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

    async def run(self) -> None:
        async with self._client:
            keys = {"key_id": self._key, "secret_key": self._secret.reveal()}
            self._client.send(_encode({"action": "authenticate", "data": keys}))
            await self._client.ended()

    def _take(self, frame: AccountFrame, received_ns: int) -> None:
        if frame.stream == _STREAM:
            self._update(_decode_update(frame.data), received_ns)
        elif frame.stream == "authorization":
            if _decode_authorization(frame.data).status != "authorized":
                raise AuthFailed("the stream refused our keys", hint="check key and secret")
            listen = {"action": "listen", "data": {"streams": [_STREAM]}}
            self._client.send(_encode(listen))
        elif frame.stream == "listening":
            if _STREAM not in _decode_listening(frame.data).streams:
                raise Unreachable("the venue does not stream what befalls orders")
            # Whatever happened before this moment was not pushed to this connection.
            self._sink.account_gap(CONNECTED)

    def _update(self, update: TradeUpdate, received_ns: int) -> None:
        order, chains = update.order, self._orders.chains
        chains.learn(order)
        self._health.order_event()
        if not order.symbol:
            for leg in flat((order,)):
                chains.learn(leg, order.id)
            self._gap("an order of several legs moved: its history says how")
            return
        if update.event in _FILLS:
            self._fill(update, received_ns)
        elif update.event in _TAKEN_BACK:
            self._taken_back(update, received_ns)
        if order.status == REPLACED:
            return  # told by the order that took over
        if is_void(order):
            self._gap("a replacement was rejected: what it was to replace is asked for")
            return
        if chains.unknown_before(order) is not None:
            self._gap("an order took over from one that was not seen here")
            return
        if not chains.is_placed(order):
            self._gap("an exit moved, and whose it is was not seen here")
            return
        self._sink.orders((self._orders.report(order, received_ns),))

    def _fill(self, update: TradeUpdate, received_ns: int) -> None:
        fill = self._told(update, received_ns)
        if fill is None:
            self._gap("a fill came without its price, quantity or time")
            return
        if update.execution_id is not None:
            self._executions.note(update.execution_id, fill.execution_id)
        self._sink.fills((fill,))

    def _taken_back(self, update: TradeUpdate, received_ns: int) -> None:
        """Void or correct a fill told before; one from before our time is a gap."""
        before = self._executions.get(update.previous_execution_id or "")
        fill = self._told(update, received_ns)
        if before is None or fill is None or update.execution_id is None:
            self._gap("the venue took back a fill that was not seen here")
            return
        is_bust = update.event == "trade_bust"
        ours = ExecutionId(f"{update.order.id}:{update.execution_id}")
        self._executions.note(update.execution_id, ours)
        changed = replace(
            fill,
            execution_id=ours,
            quantity=_ZERO if is_bust else fill.quantity,
            kind=FillKind.BUSTED if is_bust else FillKind.CORRECTED,
            replaces=before,
        )
        self._sink.fills((changed,))

    def _told(self, update: TradeUpdate, received_ns: int) -> Fill | None:
        order, at = update.order, update.timestamp or update.at
        if update.price is None or update.qty is None or at is None:
            return None
        return self._orders.fill(
            order.id,
            symbol=order.symbol or "",
            asset_class=order.asset_class or "",
            side=order.side,
            price=update.price,
            quantity=abs(update.qty),
            cumulative=order.filled_qty or update.qty,
            time=at,
            received_ns=received_ns,
        )

    def _gap(self, words: str) -> None:
        self._health.gap(words)
        self._sink.account_gap(words)
