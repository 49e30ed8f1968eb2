"""The indexer's WebSocket: channels, each with what there is first and then its news.

https://docs.dydx.xyz/indexer-client/websockets and
https://github.com/dydxprotocol/v4-chain/blob/main/indexer/services/socks/src/websocket/index.ts,
read 2026-11-21.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.dydx.reads.market import RESOLUTIONS
from crossdock.sandbox.faces.dydx.refusals import Unserved
from crossdock.sandbox.faces.dydx.words import (
    candle_row,
    height,
    is_told,
    trade_row,
)
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.news import (
    AccountNews,
    BookChanged,
    Filled,
    MarketNews,
    Moved,
    OrderChanged,
    Traded,
)
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace

BOOK, TRADES, CANDLES = "v4_orderbook", "v4_trades", "v4_candles"
MARKETS, SUBACCOUNTS = "v4_markets", "v4_subaccounts"
_CHANNELS = (BOOK, TRADES, CANDLES, MARKETS, SUBACCOUNTS)
_VERSION = "1.0.0"
_FIRST_TRADES = 100
_FIRST_CANDLES = 100

encode = msgspec.json.Encoder(decimal_format="string").encode


class Subscribed(Connection):
    """One connection: its messages are numbered one by one."""

    def __init__(self, face: DydxFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._id = str(uuid.uuid4())
        self._count = 0
        self._begun: set[tuple[str, str]] = set()

    @property
    def _head(self) -> dict[str, Any]:
        return {"connection_id": self._id, "message_id": self._count}

    def opened(self) -> None:
        self.send(encode({"type": "connected", **self._head}))

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            raise Refusal("bad_request", "Invalid message: could not parse") from None
        kind, channel = frame.get("type"), str(frame.get("channel", ""))
        if not kind:
            raise Refusal("bad_request", "Invalid message: type is required")
        if kind == "ping":
            return
        if kind not in ("subscribe", "unsubscribe"):
            raise Refusal("bad_request", f"Invalid message type: {kind}")
        if channel not in _CHANNELS:
            raise Refusal("bad_request", f"Invalid channel: {channel}")
        name = "" if channel == MARKETS else str(frame.get("id", ""))
        if kind == "subscribe":
            self._begin(channel, name)
        else:
            self._end(channel, name)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        self._count += 1
        return encode({"type": "error", "message": refusal.message, **self._head})

    def hears(self, channel: str) -> bool:
        return (SUBACCOUNTS, channel) in self._begun

    def framed(self, topic: Topic, body: bytes) -> bytes:
        """Put in front of the news what names the channel and counts the message."""
        channel, name = topic if isinstance(topic, tuple) else (SUBACCOUNTS, str(topic))
        self._count += 1
        head = {"type": "channel_data", **self._head, "channel": channel}
        if name:
            head["id"] = name
        front = encode(head | {"version": _VERSION})
        return text_frame(front[:-1] + b',"contents":' + body + b"}")

    def _begin(self, channel: str, name: str) -> None:
        if (channel, name) in self._begun:
            problem = f"already subscribed ({channel}-{name})"
            raise Refusal("bad_request", f"Invalid subscribe message: {problem}")
        self.host.flush()
        try:
            contents = self._face.channels.first(channel, name)
        except Unserved:
            problem = f"Invalid subscription id for channel: ({channel}-{name})"
            raise Refusal("bad_request", problem) from None
        self._count += 1
        told = {"type": "subscribed", **self._head, "channel": channel}
        if name:
            told["id"] = name
        self.send(encode(told | {"contents": contents}))
        self._begun.add((channel, name))
        account = self._face.channels.account(name) if channel == SUBACCOUNTS else None
        if account is None:
            self.host.feed.subscribe_market((channel, name), self)
        else:
            self.host.feed.subscribe_account(account, self)

    def _end(self, channel: str, name: str) -> None:
        self._begun.discard((channel, name))
        account = self._face.channels.account(name) if channel == SUBACCOUNTS else None
        if account is None:
            self.host.feed.unsubscribe_market((channel, name), self)
        else:
            self.host.feed.leave_account(self, account)
        self._count += 1
        told = {"type": "unsubscribed", **self._head, "channel": channel}
        self.send(encode(told | ({"id": name} if name else {})))


class Channels:
    """What each channel begins with, and what it tells of the news."""

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._host = face.host

    def account(self, name: str) -> str | None:
        """Return the account of `address/number`, if there is one."""
        address, _, number = name.partition("/")
        holder = self._host.keys.find(address)
        return None if holder is None or number != "0" else holder.account

    def first(self, channel: str, name: str) -> Any:
        """Return what a subscription begins with. Raises Unserved."""
        markets = self._face.markets
        match channel:
            case "v4_markets":
                return {"markets": markets.rows()}
            case "v4_orderbook":
                return self._face.market_reads.book_of(markets.called(name).symbol)
            case "v4_trades":
                symbol = markets.called(name).symbol
                recent = self._host.feed.trades(symbol, _FIRST_TRADES)
                return {"trades": [trade_row(it) for it in reversed(recent)]}
            case "v4_candles":
                return {"candles": self._candles(name)}
            case _:
                return self._subaccount(name)

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.markets:
            return
        ticker = self._face.markets.of(news.symbol).ticker
        if isinstance(news, BookChanged):
            sides = (("bids", news.bids), ("asks", news.asks))
            told = {
                side: [[plain(price), plain(size)] for price, size in rows]
                for side, rows in sides
                if rows
            }
            yield (BOOK, ticker), encode(told)
        elif isinstance(news, Traded):
            yield (TRADES, ticker), encode({"trades": [trade_row(news)]})
            for resolution in RESOLUTIONS:
                topic = (CANDLES, f"{ticker}/{resolution}")
                if self._host.feed.hears(topic):
                    for row in self._candles(topic[1])[:1]:
                        yield topic, encode(row)

    def told(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Return what a subaccount's channel tells."""
        words = self._face.words
        told: dict[str, Any] = {}
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.markets:
            told = {"orders": [words.order(news.order)]}
        elif isinstance(news, Filled) and is_told(news.fill):
            if news.fill.symbol in self._face.markets:
                fill = words.fill(account, news.fill)
                told = {"fills": [_without_fee(fill)]}
        elif isinstance(news, Moved):
            moved = words.transfer(account, news.event)
            told = {} if moved is None else {"transfers": moved}
        if told:
            told["blockHeight"] = height(self._host.now_ns())
            yield f"{words.owner(account)}/0", encode(told)

    def _candles(self, name: str) -> list[dict[str, Any]]:
        ticker, _, resolution = name.partition("/")
        market = self._face.markets.called(ticker)
        width_s = RESOLUTIONS.get(resolution)
        if width_s is None:
            raise Unserved(400, "resolution must be a valid Candle Resolution")
        rows = self._host.bars.closed(
            market.symbol, width_s, start_ns=0, end_ns=2**62, limit=1_000_000
        )
        forming = self._host.bars.forming(market.symbol, width_s)
        rows = [*rows, *([] if forming is None else [forming])][-_FIRST_CANDLES:]
        return [candle_row(market, resolution, start, it) for start, it in reversed(rows)]

    def _subaccount(self, name: str) -> Any:
        account = self.account(name)
        if account is None:
            raise Unserved(404, f"no subaccount {name}")
        words = self._face.words
        orders = [
            words.order(it)
            for it in self._host.open_orders(account)
            if it.symbol in self._face.markets
        ]
        return {
            "subaccount": words.subaccount(account),
            "orders": orders,
            "blockHeight": height(self._host.now_ns()),
        }


def _without_fee(fill: dict[str, Any]) -> dict[str, Any]:
    """Return a fill as the channel tells it: what it cost stands in the list of fills."""
    told = {name: it for name, it in fill.items() if name not in ("fee", "market")}
    return told | {"ticker": fill["market"]}
