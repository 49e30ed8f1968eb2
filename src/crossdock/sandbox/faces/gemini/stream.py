"""The WebSockets: market data of version 2, and order events.

https://docs.gemini.com/websocket-api/#market-data-version-2 and
https://docs.gemini.com/websocket/order-events/response, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.gemini.params import Row, trade_id
from crossdock.sandbox.faces.gemini.refusals import worded
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.news import (
    AccountNews,
    BookChanged,
    Filled,
    MarketNews,
    OrderChanged,
    Traded,
)
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.gemini.face import GeminiFace

MARKET_DATA, ORDER_EVENTS = "/v2/marketdata", "/v1/order/events"
_BEAT_NS = 5_000_000_000
_MS_NS = 1_000_000
_DEPTH = 5000

encode = msgspec.json.Encoder().encode


class MarketConnection(Connection):
    """A client of `l2`: books whole and then by their changes, and trades."""

    def __init__(self, face: GeminiFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._beat_ns = face.host.now_ns()

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            raise Refusal("bad_request", "the frame is no JSON object") from None
        begins = {"subscribe": True, "unsubscribe": False}.get(str(frame.get("type")))
        if begins is None:
            raise Refusal("bad_request", "type is subscribe or unsubscribe")
        for each in frame.get("subscriptions") or ():
            if each.get("name") != "l2":
                raise Refusal("bad_request", "no such feed here")
            for name in each.get("symbols") or ():
                self._turn(str(name), begins=begins)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode(worded(refusal)[1])

    def beat(self, now_ns: int) -> None:
        if now_ns - self._beat_ns >= _BEAT_NS:
            self._beat_ns = now_ns
            self.send(encode({"type": "heartbeat", "timestamp": now_ns // _MS_NS}))

    def _turn(self, name: str, *, begins: bool) -> None:
        symbol = self._face.names.market(name).symbol
        self.host.flush()
        if not begins:
            self.host.feed.unsubscribe_market(symbol, self)
            return
        self.host.feed.subscribe_market(symbol, self)
        _, bids, asks = self.host.venue.book(symbol, _DEPTH)
        told = self._face.streams.changes(symbol, bids, asks)
        self.reply(None, told | {"trades": [], "auction_events": []})


class OrderConnection(Connection):
    """A client of order events. Every message here is numbered."""

    def __init__(
        self, face: GeminiFace, wire: Wire, headers: Mapping[str, str], kinds: list[str]
    ) -> None:
        super().__init__(face, wire)
        self._face = face
        self._headers = headers
        self._kinds = kinds
        self._holder: Holder | None = None
        self._sequence = -1
        self._beat_ns = face.host.now_ns()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def opened(self) -> None:
        try:
            signed = self._face.door.verify(self._headers, ORDER_EVENTS)
            self.passage.check(signed.window)
        except Refusal as refusal:
            self.refuse(None, refusal)
            self.wire.close()
            return
        self._holder = signed.holder
        account = signed.holder.account
        ack = {
            "type": "subscription_ack",
            "accountId": self.host.venue.accounts.index(account) + 1,
            "subscriptionId": f"order-events-websocket-{account}",
            "symbolFilter": [],
            "apiSessionFilter": [],
            "eventTypeFilter": self._kinds,
        }
        self.send(encode(ack))
        self.host.flush()
        self.host.feed.subscribe_account(account, self)
        if self.hears("initial"):
            orders = self.host.open_orders(account)
            rows = [self._face.words.event(it, "initial", it.number) for it in orders]
            number = self._next()
            self.send(encode([row | {"socket_sequence": number} for row in rows]))

    def received(self, text: str) -> None:
        raise Refusal("bad_request", "nothing can be asked here")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode(worded(refusal)[1])

    def hears(self, channel: str) -> bool:
        return self._holder is not None and (not self._kinds or channel in self._kinds)

    def framed(self, topic: Topic, body: bytes) -> bytes:
        row = msgspec.json.decode(body)
        return text_frame(encode([row | {"socket_sequence": self._next()}]))

    def beat(self, now_ns: int) -> None:
        if self._holder is None or now_ns - self._beat_ns < _BEAT_NS:
            return
        self._beat_ns = now_ns
        row = {"type": "heartbeat", "timestampms": now_ns // _MS_NS}
        self.send(encode(row | {"socket_sequence": self._next()}))

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: a session is one."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence


class Streams:
    """Words news for both."""

    def __init__(self, face: GeminiFace) -> None:
        self._face = face
        self._events = 0
        self._booked: set[int] = set()

    def changes(self, symbol: str, bids: Any, asks: Any) -> Row:
        name = self._face.names.id(symbol).upper()
        rows = [["buy", plain(price), plain(amount)] for price, amount in bids]
        rows += [["sell", plain(price), plain(amount)] for price, amount in asks]
        return {"type": "l2_updates", "symbol": name, "changes": rows}

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        if isinstance(news, BookChanged):
            yield news.symbol, encode(self.changes(news.symbol, news.bids, news.asks))
        elif isinstance(news, Traded):
            yield news.symbol, encode(self._trade(news))

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        if isinstance(news, Filled) or not isinstance(news, OrderChanged):
            return
        order = news.order
        if order.symbol not in self._face.names:
            return
        for kind in self._kinds(order, is_fill=news.fill is not None):
            self._events += 1
            row = self._face.words.event(order, kind, self._events)
            if news.fill is not None and kind == "fill":
                row["fill"] = {
                    "trade_id": str(trade_id(news.fill.execution_id)),
                    "liquidity": news.fill.liquidity.value.capitalize(),
                    "price": plain(news.fill.price),
                    "amount": plain(news.fill.quantity),
                    "fee": plain(news.fill.fee),
                    "fee_currency": news.fill.fee_asset,
                }
            yield kind, encode(row)

    def _kinds(self, order: VenueOrder, *, is_fill: bool) -> Iterator[str]:
        if order.number not in self._booked:
            self._booked.add(order.number)
            yield "accepted"
            if not is_fill and not order.is_done and not order.is_waiting:
                yield "booked"
        if is_fill:
            yield "fill"
        if order.is_done:
            if order.status is not OrderStatus.FILLED:
                yield "cancelled"
            yield "closed"

    def _trade(self, trade: Traded) -> Row:
        return {
            "type": "trade",
            "symbol": self._face.names.id(trade.symbol).upper(),
            "event_id": trade_id(trade.trade_id),
            "timestamp": trade.time_ns // _MS_NS,
            "price": plain(trade.price),
            "quantity": plain(trade.quantity),
            "side": trade.side.value,
        }
