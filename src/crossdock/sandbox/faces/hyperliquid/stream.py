"""The WebSocket: subscriptions, each answered and then told as it happens.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions and
…/websocket/timeouts-and-heartbeats, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import AccountEventKind
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.hyperliquid.params import Params
from crossdock.sandbox.faces.hyperliquid.words import Row, stands
from crossdock.sandbox.faces.refusals import Refusal, bad_request
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    Filled,
    MarketNews,
    Moved,
    OrderChanged,
    QuoteChanged,
    Traded,
)
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.hyperliquid.face import HyperliquidFace

BOOK, TRADES, QUOTES = "l2Book", "trades", "bbo"
ORDERS, FILLS, EVENTS = "orderUpdates", "userFills", "userEvents"
FUNDINGS, LEDGER = "userFundings", "userNonFundingLedgerUpdates"
_MARKET = (BOOK, TRADES, QUOTES)
_ACCOUNT = (ORDERS, FILLS, EVENTS, FUNDINGS, LEDGER)
_SNAPSHOT_ROWS = 100
_BLOCK_NS = 500_000_000

encode = msgspec.json.Encoder().encode


def _message(channel: str, data: Any) -> bytes:
    return encode({"channel": channel, "data": data})


class StreamConnection(Connection):
    """Subscriptions of one connection. Whoever names an address hears of it."""

    def __init__(self, face: HyperliquidFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._topics: set[tuple[str, str]] = set()
        self._heard: set[tuple[str, str]] = set()

    @property
    def is_signed_in(self) -> bool:
        return bool(self._heard)

    def hears(self, channel: str) -> bool:
        kind, _, account = channel.partition(" ")
        return (kind, account) in self._heard

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise bad_request("no JSON object") from None
        match frame.get("method"):
            case "ping":
                self.send(encode({"channel": "pong"}))
            case "subscribe" | "unsubscribe" as method:
                self._turn(method, Params(frame).within("subscription"), frame)
            case _:
                raise bad_request(text)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        words = f"Error parsing JSON into valid websocket request: {refusal.message}"
        said = refusal.message if refusal.code == "err" else words
        return _message("error", said)

    def expire_session(self, account: str | None) -> bool:
        """Close a connection that hears the account."""
        if not any(account in (None, it) for _, it in self._heard):
            return False
        self.wire.close()
        return True

    def _turn(self, method: str, asked: Params, frame: Row) -> None:
        kind = asked.text("type")
        begins = method == "subscribe"
        self.host.flush()
        if kind in _MARKET:
            tell = self._market(kind, asked, begins=begins)
        elif kind in _ACCOUNT:
            tell = self._account(kind, asked, begins=begins)
        else:
            raise bad_request(f"no such subscription here: {kind}")
        told = {"method": method, "subscription": frame["subscription"]}
        self.send(_message("subscriptionResponse", told))
        tell()

    def _market(self, kind: str, asked: Params, *, begins: bool) -> Callable[[], None]:
        symbol = self._face.names.of_coin(asked.text("coin")).symbol
        topic = (kind, symbol)
        self._check(topic in self._topics, asked, begins=begins)
        if not begins:
            self._topics.discard(topic)
            self.host.feed.unsubscribe_market(topic, self)
            return _nothing
        self._topics.add(topic)
        self._face.stream.begin(topic)
        self.host.feed.subscribe_market(topic, self)
        return _nothing

    def _account(self, kind: str, asked: Params, *, begins: bool) -> Callable[[], None]:
        user = self._face.wallets.known_as(asked.text("user"))
        account = self.host.keys.account_of(user)
        if account is None:
            return _nothing  # nothing ever happens to it
        self._check((kind, account) in self._heard, asked, begins=begins)
        is_new = not any(account == it for _, it in self._heard)
        if not begins:
            self._heard.discard((kind, account))
            return _nothing
        if is_new:
            self.host.feed.subscribe_account(account, self)
        self._heard.add((kind, account))
        return lambda: self._tell_past(kind, user, account)

    def _tell_past(self, kind: str, user: str, account: str) -> None:
        """Tell what there was, where a subscription begins with it."""
        head = {"isSnapshot": True, "user": user}
        words = self._face.words
        if kind == FILLS:
            rows = words.fills(account)[-_SNAPSHOT_ROWS:][::-1]
            self.send(_message(FILLS, head | {"fills": rows}))
        elif kind == FUNDINGS:
            self.send(_message(FUNDINGS, head | {"fundings": []}))
        elif kind == LEDGER:
            self.send(_message(LEDGER, head | {"nonFundingLedgerUpdates": []}))

    def _check(self, is_heard: bool, asked: Params, *, begins: bool) -> None:
        if is_heard is begins:
            words = "Already subscribed" if begins else "Already unsubscribed"
            raise Refusal("err", f"{words}: {asked.text('type')}")


def _nothing() -> None:
    return


class Stream:
    """Words news for one venue, and tells its books as blocks come."""

    def __init__(self, face: HyperliquidFace) -> None:
        self._face = face
        self._pushed_ns: dict[tuple[str, str], int] = {}

    def begin(self, topic: tuple[str, str]) -> None:
        """Let the next book be told half a second from now, if nobody heard it yet."""
        if not self._face.host.feed.hears(topic):
            self._pushed_ns[topic] = self._face.host.clock.time_ns()

    def tick(self, now_ns: int) -> None:
        """Tell whole books, whether they changed or not."""
        feed = self._face.host.feed
        for topic, pushed_ns in self._pushed_ns.items():
            kind, symbol = topic
            due = kind == BOOK and now_ns - pushed_ns >= _BLOCK_NS
            if due and feed.hears(topic):
                self._pushed_ns[topic] = now_ns
                feed.push(topic, _message(BOOK, self._face.market.levels(symbol)))

    def quote(self, symbol: str) -> Row:
        levels = self._face.market.levels(symbol)
        best = [side[0] if side else None for side in levels.pop("levels")]
        return {**levels, "bbo": best}

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        hears, market = self._face.host.feed.hears, self._face.market
        if isinstance(news, Traded):
            yield (TRADES, news.symbol), _message(TRADES, [market.trade(news)])
        elif isinstance(news, QuoteChanged) and hears((QUOTES, news.symbol)):
            yield (QUOTES, news.symbol), _message(QUOTES, self.quote(news.symbol))

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Yield messages with whom they are for: a channel and an account."""
        for kind, message in self._account(account, news):
            yield f"{kind} {account}", message

    def _account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        user = self._face.host.keys.of_account(account).key
        words = self._face.words
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.names:
            row = words.lived(news.order, words.basic(news.order))
            yield ORDERS, _message(ORDERS, [row])
        elif isinstance(news, Filled) and stands(news.fill):
            if news.fill.symbol in self._face.names:
                fill = words.fill(account, news.fill)
                yield FILLS, _message(FILLS, {"user": user, "fills": [fill]})
                yield EVENTS, _message("user", {"fills": [fill]})
        elif isinstance(news, Moved):
            yield from self._moved(account, user, news)

    def _moved(self, account: str, user: str, news: Moved) -> Iterator[tuple[str, bytes]]:
        words, event = self._face.words, news.event
        head = {"user": user}
        if event.kind is AccountEventKind.FUNDING:
            row = words.funding(event)
            paid = {"time": row["time"], **row["delta"]}
            yield FUNDINGS, _message(FUNDINGS, head | {"fundings": [paid]})
            yield EVENTS, _message("user", {"funding": paid})
            return
        moved = words.moved(account, event)
        if moved is not None:
            told = head | {"nonFundingLedgerUpdates": [moved]}
            yield LEDGER, _message(LEDGER, told)
