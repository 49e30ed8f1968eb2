"""The WebSocket: public channels by number, the account as channel 0.

https://docs.bitfinex.com/docs/ws-general, …/docs/ws-auth and …/docs/ws-websocket-checksum,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.faces.bitfinex.books import Book, Shown
from crossdock.sandbox.faces.bitfinex.market import (
    LENGTHS,
    WIDTHS_S,
    candle,
    public_trade,
)
from crossdock.sandbox.faces.bitfinex.params import Params, Row
from crossdock.sandbox.faces.bitfinex.refusals import (
    AUTH,
    DUPLICATE_CHANNEL,
    NOT_SUBSCRIBED,
    UNKNOWN_CHANNEL,
    Said,
    code_of,
    invalid,
)
from crossdock.sandbox.faces.bitfinex.words import stands
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    BalancesChanged,
    BookChanged,
    Filled,
    MarketNews,
    OrderChanged,
    Traded,
)
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitfinex.face import BitfinexFace

CHECKSUMS = 131_072
ACCOUNT = "0"
_SNAPSHOT_TRADES = 30
_SNAPSHOT_BARS = 240
_BEAT_NS = 15_000_000_000
_MS_NS = 1_000_000
_SERVER = "00000000-0000-4000-8000-000000000002"
_CAPS = ("orders", "account", "funding", "history", "wallets", "withdraw", "positions")

encode = msgspec.json.Encoder().encode


class BitfinexConnection(Connection):
    def __init__(self, face: BitfinexFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._account: str | None = None
        self._channels: dict[int, Topic] = {}
        self._numbers = count(1)
        self._flags = 0
        self._beaten_ns = self.host.clock.time_ns()

    @property
    def is_signed_in(self) -> bool:
        return self._account is not None

    def opened(self) -> None:
        told = {"version": 2, "serverId": _SERVER, "platform": {"status": 1}}
        self.send(encode({"event": "info"} | told))

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            raise invalid("event") from None
        handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "ping": self._ping,
            "conf": self._configure,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "auth": self._sign_in,
        }
        handler = handlers.get(str(frame.get("event")))
        if handler is None:
            raise invalid("event")
        self.host.flush()
        handler(frame)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        code, words = code_of(refusal)
        told: dict[str, Any] = {"event": "error", "msg": words, "code": code}
        if ticket == "auth":
            told |= {"event": "auth", "status": "FAILED", "chanId": 0}
        return encode(told)

    def framed(self, topic: Topic, body: bytes) -> bytes:
        """Put the number of the channel before a message."""
        if topic == ACCOUNT:
            return super().framed(topic, body)
        base = topic[1] if isinstance(topic, tuple) and topic[0] == "checksum" else topic
        number = next(it for it, known in self._channels.items() if known == base)
        return super().framed(topic, b"[%d,%b" % (number, body))

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: who signed in stays so as long as it lasts."""
        if self._account is None or account not in (None, self._account):
            return False
        self._account = None
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        if now_ns - self._beaten_ns < _BEAT_NS:
            return
        self._beaten_ns = now_ns
        for number in (*self._channels, *([0] if self.is_signed_in else [])):
            self.send(encode([number, "hb"]))

    def _ping(self, frame: dict[str, Any]) -> None:
        now_ms = self.host.now_ns() // _MS_NS
        self.send(encode({"event": "pong", "cid": frame.get("cid"), "ts": now_ms}))

    def _configure(self, frame: dict[str, Any]) -> None:
        flags = frame.get("flags")
        if not isinstance(flags, int) or flags & ~CHECKSUMS:
            raise invalid("flags")
        self._flags = flags
        for topic in self._channels.values():
            self._check(topic)
        self.send(encode({"event": "conf", "status": "OK", "flags": flags}))

    def _subscribe(self, frame: dict[str, Any]) -> None:
        topic, told, snapshot = self._channel(frame)
        if topic in self._channels.values():
            raise Said(DUPLICATE_CHANNEL, "subscribe: dup")
        number = next(self._numbers)
        self._channels[number] = topic
        self.host.feed.subscribe_market(topic, self)
        self._check(topic)
        self.send(encode({"event": "subscribed", "chanId": number} | told))
        self.send(encode([number, snapshot]))

    def _check(self, topic: Topic) -> None:
        """Have checksums told with a book, or no more."""
        if isinstance(topic, Shown):
            feed = self.host.feed
            turn = feed.subscribe_market if self._flags else feed.unsubscribe_market
            turn(("checksum", topic), self)

    def _channel(self, frame: dict[str, Any]) -> tuple[Topic, dict[str, Any], list[Row]]:
        """Return a channel's topic, how it is confirmed, and what it begins with."""
        channel, names = frame.get("channel"), self._face.names
        if channel == "candles":
            kind, _, rest = str(frame.get("key")).partition(":")
            width, _, name = rest.partition(":")
            market = names.market(name)
            if kind != "trade" or width not in WIDTHS_S:
                raise invalid("key")
            bars = self._face.market.bars(market.symbol, width, limit=_SNAPSHOT_BARS)[::-1]
            told = {"channel": channel, "key": frame.get("key")}
            return (channel, market.symbol, width), told, bars
        if channel not in ("book", "trades", "ticker"):
            raise Said(UNKNOWN_CHANNEL, "channel: unknown")
        name = str(frame.get("symbol"))
        symbol = names.market(name).symbol
        told = {"channel": channel, "symbol": name, "pair": name[1:]}
        if channel == "ticker":
            return (channel, symbol), told, self._face.market.ticker_row(symbol)
        if channel == "trades":
            recent = self.host.feed.trades(symbol, _SNAPSHOT_TRADES)
            return (channel, symbol), told, [public_trade(it) for it in recent[::-1]]
        depth, prec = Params(frame).whole("len", 25), frame.get("prec", "P0")
        if depth not in LENGTHS or prec != "P0" or frame.get("freq", "F0") != "F0":
            raise invalid("len" if depth not in LENGTHS else "prec")
        topic = Shown(symbol, depth)
        rows = self._face.streams.book(topic).begin()
        return topic, told | {"prec": prec, "freq": "F0", "len": str(depth)}, rows

    def _unsubscribe(self, frame: dict[str, Any]) -> None:
        number = Params(frame).whole("chanId", 0)
        topic = self._channels.pop(number, None)
        if topic is None:
            raise Said(NOT_SUBSCRIBED, "unsubscribe: invalid")
        self.host.feed.unsubscribe_market(topic, self)
        self.host.feed.unsubscribe_market(("checksum", topic), self)
        self.send(encode({"event": "unsubscribed", "status": "OK", "chanId": number}))

    def _sign_in(self, frame: dict[str, Any]) -> None:
        try:
            if self._account is not None:
                raise Said(AUTH, "auth: dup")
            holder = self._face.door.socket(frame)
            self.passage.check_key(holder, Operation.READ)
        except Refusal as refusal:
            self.refuse("auth", refusal)
            return
        account, venue, words = holder.account, self.host.venue, self._face.words
        self._account = account
        caps = {it: {"read": 1, "write": 0} for it in _CAPS}
        caps["orders"]["write"] = int(holder.may_trade)
        user = 1_000_000 + venue.accounts.index(account)
        told = {"status": "OK", "chanId": 0, "userId": user, "caps": caps}
        self.send(encode({"event": "auth"} | told))
        rows = venue.balances(account)
        self.host.feed.subscribe_account(account, self, rows)
        open_orders = [words.order(it) for it in venue.open_orders(account)]
        self.send(encode([0, "ps", []]))
        self.send(encode([0, "ws", [words.wallet(*row) for row in rows]]))
        self.send(encode([0, "os", open_orders]))


class Streams:
    """Words news for the channels."""

    def __init__(self, face: BitfinexFace) -> None:
        self._face = face
        self._host = face.host
        self._books: dict[Shown, Book] = {}

    def book(self, shown: Shown) -> Book:
        """Return what is told of a book to this depth."""
        if not self._host.feed.hears(shown):
            self._books.pop(shown, None)
        if shown not in self._books:
            self._books[shown] = Book(self._host.venue, shown)
        return self._books[shown]

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        symbol, feed = news.symbol, self._host.feed
        if symbol not in self._face.names:
            return
        if isinstance(news, BookChanged):
            for depth in LENGTHS:
                if feed.hears(shown := Shown(symbol, depth)):
                    yield from self._levels(shown)
        elif isinstance(news, Traded):
            if feed.hears(topic := ("trades", symbol)):
                row = encode(public_trade(news))
                yield topic, b'"te",%b]' % row
                yield topic, b'"tu",%b]' % row
            for width, width_s in WIDTHS_S.items():
                forming = self._host.bars.forming(symbol, width_s)
                if feed.hears(bars := ("candles", symbol, width)) and forming:
                    yield bars, b"%b]" % encode(candle(*forming))
        elif feed.hears(topic := ("ticker", symbol)):
            yield topic, b"%b]" % encode(self._face.market.ticker_row(symbol))

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        words = self._face.words
        if isinstance(news, Filled) and news.fill.symbol in self._face.names:
            if stands(news.fill):
                told = words.fill(account, news.fill, with_fee=False)
                yield ACCOUNT, encode([0, "te", told])
                yield ACCOUNT, encode([0, "tu", words.fill(account, news.fill)])
        elif isinstance(news, OrderChanged) and news.order.symbol in self._face.names:
            order = news.order
            kind = "ou"
            if order.is_done:
                kind = "oc"
            elif order.status is OrderStatus.NEW and len(order.chain) == 1:
                kind = "on"
            yield ACCOUNT, encode([0, kind, words.order(order)])
        elif isinstance(news, BalancesChanged):
            for row in news.rows:
                yield ACCOUNT, encode([0, "wu", words.wallet(*row)])

    def _levels(self, shown: Shown) -> Iterator[tuple[Topic, bytes]]:
        book = self.book(shown)
        rows = book.changes()
        for row in rows:
            yield shown, b"%b]" % encode(row)
        if rows and self._host.feed.hears(topic := ("checksum", shown)):
            yield topic, b'"cs",%d]' % book.checksum()
