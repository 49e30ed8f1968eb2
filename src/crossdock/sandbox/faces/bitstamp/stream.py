"""The WebSocket: channels by name, private ones let in by a token.

https://www.bitstamp.net/websocket/v2/, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import OrderType, TimeInForce
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.bitstamp.market import book_row
from crossdock.sandbox.faces.bitstamp.params import Row
from crossdock.sandbox.faces.bitstamp.words import order_id, side_of, stands, trade_id
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.numbers import number, plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.feed import Topic
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
    from crossdock.sandbox.faces.bitstamp.face import BitstampFace

ORDERS, FILLS = "private-my_orders", "private-my_trades"
_CHANGES, _BOOK, _TRADES = "diff_order_book", "order_book", "live_trades"
_BOOK_DEPTH = 100
_CODES = {"not_authenticated": 4009, "no_channel": 4003}
_SUBTYPES = {TimeInForce.IOC: 4, TimeInForce.FOK: 6, TimeInForce.GTD: 8}

encode = msgspec.json.Encoder().encode


class BitstampConnection(Connection):
    def __init__(self, face: BitstampFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._account: str | None = None
        self._channels: set[str] = set()

    @property
    def is_signed_in(self) -> bool:
        return self._account is not None

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            raise Refusal("bad_request", "Incorrect JSON format.") from None
        event, data = frame.get("event"), frame.get("data") or {}
        if event == "bts:heartbeat":
            beat = {"status": "success"}
            self.send(encode({"event": event, "channel": "", "data": beat}))
            return
        channel = str(data.get("channel", ""))
        self.host.flush()
        if event == "bts:subscribe":
            self._subscribe(channel, str(data.get("auth", "")))
            self.reply(channel, "bts:subscription_succeeded")
        elif event == "bts:unsubscribe":
            self._channels.discard(channel)
            self.host.feed.unsubscribe_market(channel, self)
            self.reply(channel, "bts:unsubscription_succeeded")
        else:
            raise Refusal("bad_request", "Bad subscription string.")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode({"event": result, "channel": ticket, "data": {}})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        data = {"code": _CODES.get(refusal.code), "message": refusal.message}
        return encode({"event": "bts:error", "channel": "", "data": data})

    def hears(self, channel: str) -> bool:
        return channel in self._channels

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: what a token let in lasts as long as it does."""
        if self._account is None or account not in (None, self._account):
            return False
        self._account = None
        self.wire.close()
        return True

    def _subscribe(self, channel: str, token: str) -> None:
        kind, _, rest = channel.rpartition("_")
        if kind in (_CHANGES, _BOOK, _TRADES):
            self._face.names.market(rest)
            self.host.feed.subscribe_market(channel, self)
            return
        name, _, user_id = rest.rpartition("-")
        if kind not in (ORDERS, FILLS) or not name:
            raise Refusal("no_channel", "Bad subscription string.")
        holder = self._face.tokens.find(token)
        if holder is None or str(self._face.user_id(holder.account)) != user_id:
            raise Refusal("not_authenticated", "Connection is unauthorized.")
        self._face.names.market(name)
        if self._account is None:
            self._account = holder.account
            self.host.feed.subscribe_account(holder.account, self)
        self._channels.add(channel)


class Streams:
    """Words news for the channels."""

    def __init__(self, face: BitstampFace) -> None:
        self._face = face
        self._host = face.host

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        name = self._face.names.id(news.symbol)
        if isinstance(news, BookChanged):
            stamp = self._face.stamps.of(news.symbol, news.last)
            if self._host.feed.hears(channel := f"{_CHANGES}_{name}"):
                yield self._told(channel, "data", book_row(stamp, news.bids, news.asks))
            if self._host.feed.hears(channel := f"{_BOOK}_{name}"):
                _, bids, asks = self._host.venue.book(news.symbol, _BOOK_DEPTH)
                yield self._told(channel, "data", book_row(stamp, bids, asks))
        elif isinstance(news, Traded) and self._host.feed.hears(
            channel := f"{_TRADES}_{name}"
        ):
            yield self._told(channel, "trade", _trade(news))

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        user_id = self._face.user_id(account)
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.names:
            order = news.order
            name = self._face.names.id(order.symbol)
            event = "order_changed"
            if order.is_done:
                event = "order_deleted"
            elif not order.cumulative_quantity:
                event = "order_created"
            channel = f"{ORDERS}_{name}-{user_id}"
            yield self._told(channel, event, self._order(order))
        elif isinstance(news, Filled) and stands(news.fill):
            name = self._face.names.id(news.fill.symbol)
            channel = f"{FILLS}_{name}-{user_id}"
            yield self._told(channel, "trade", self._fill(account, news.fill))

    def _told(self, channel: str, event: str, data: Row) -> tuple[str, bytes]:
        return channel, encode({"data": data, "channel": channel, "event": event})

    def _order(self, order: VenueOrder) -> Row:
        price = order.limit_price
        subtype = _SUBTYPES.get(order.time_in_force, 0)
        if order.type is OrderType.MARKET:
            subtype = 2
        row: Row = {
            "id": order_id(order.id),
            "id_str": str(order_id(order.id)),
            "order_type": side_of(order.side),
            "order_subtype": subtype,
            "datetime": str(order.created_time_ns // SECOND_NS),
            "microtimestamp": str(order.updated_time_ns // 1000),
            "amount": number(order.leaves),
            "amount_str": plain(order.leaves),
            "amount_traded": plain(order.cumulative_quantity),
            "amount_at_create": plain(order.quantity),
            "is_liquidation": False,
            "trade_account_id": 0,
        }
        if price is not None:
            row |= {"price": number(price), "price_str": plain(price)}
        given = self._face.given_id(order.account, order.client_order_id)
        return row if given is None else row | {"client_order_id": given}

    def _fill(self, account: str, fill: VenueFill) -> Row:
        row: Row = {
            "id": trade_id(fill.execution_id),
            "order_id": str(order_id(fill.order_id)),
            "amount": plain(fill.quantity),
            "price": plain(fill.price),
            "fee": plain(fill.fee),
            "side": fill.side.value,
            "microtimestamp": str(fill.time_ns // 1000),
            "trade_account_id": 0,
        }
        given = self._face.given_id(account, fill.client_order_id)
        return row if given is None else row | {"client_order_id": given}


def _trade(trade: Traded) -> Row:
    return {
        "id": trade_id(trade.trade_id),
        "timestamp": str(trade.time_ns // SECOND_NS),
        "microtimestamp": str(trade.time_ns // 1000),
        "amount": number(trade.quantity),
        "amount_str": plain(trade.quantity),
        "price": number(trade.price),
        "price_str": plain(trade.price),
        "type": side_of(trade.side),
        "buy_order_id": order_id("0"),
        "sell_order_id": order_id("0"),
    }
