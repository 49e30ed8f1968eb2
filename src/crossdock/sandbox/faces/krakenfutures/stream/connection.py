"""One connection to the feeds.

https://docs.kraken.com/exchange/guides/futures/websockets, read 2026-11-21.
"""

from __future__ import annotations

import hmac
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.krakenfutures.auth import challenge_answer
from crossdock.sandbox.faces.krakenfutures.refusals import Said, spoken
from crossdock.sandbox.faces.krakenfutures.stream.words import (
    BALANCES,
    FILLS,
    OPEN_ORDERS,
)
from crossdock.sandbox.faces.krakenfutures.words import is_told, milliseconds
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

_PUBLIC = ("book", "trade", "heartbeat")
_PRIVATE = (OPEN_ORDERS, FILLS, BALANCES)
_VERBOSE = "open_orders_verbose"
_FILLS_AT_FIRST = 100
_TRADES_AT_FIRST = 100
_FAILED = "Failed to subscribe to authenticated feed"

encode = msgspec.json.Encoder(decimal_format="number").encode


class FeedConnection(Connection):
    """Subscriptions of one connection; private ones prove their key by a challenge."""

    def __init__(self, face: KrakenFuturesFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._words = face.feed_words
        self._challenges: dict[str, str] = {}
        self._heard: dict[str, set[str]] = {}
        self._topics: set[tuple[str, str]] = set()

    @property
    def is_signed_in(self) -> bool:
        return bool(self._heard)

    def opened(self) -> None:
        self.send(encode({"event": "info", "version": 1}))

    def hears(self, channel: str) -> bool:
        return any(channel in feeds for feeds in self._heard.values())

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            self._alert("Json Parse Error")
            return
        event, feed = frame.get("event"), frame.get("feed")
        if event == "challenge":
            self._challenge(str(frame.get("api_key", "")))
        elif event not in ("subscribe", "unsubscribe"):
            self._alert("Bad request")
        elif feed in _PRIVATE or feed == _VERBOSE:
            self._private(str(feed), frame, is_begin=event == "subscribe")
        elif feed in _PUBLIC:
            self._public(str(feed), frame, is_begin=event == "subscribe")
        else:
            self._alert("Invalid feed")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode({"event": "alert", "message": spoken(refusal)[0]})

    def expire_session(self, account: str | None) -> bool:
        """End what is heard of the account here: the connection is closed."""
        if not any(account in (None, it) for it in self._heard):
            return False
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        if ("heartbeat", "") in self._topics:
            self.send(encode({"feed": "heartbeat", "time": milliseconds(now_ns)}))

    def _alert(self, words: str) -> None:
        self.send(encode({"event": "alert", "message": words}))

    def _challenge(self, key: str) -> None:
        made = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {self._face.next_challenge()}"))
        self._challenges[key] = made
        self.send(encode({"event": "challenge", "message": made}))

    def _private(self, feed: str, frame: dict[str, Any], *, is_begin: bool) -> None:
        account = self._signer(frame).account
        channel = OPEN_ORDERS if feed == _VERBOSE else feed
        heard = self._heard.setdefault(account, set())
        if not is_begin:
            heard.discard(channel)
            self.send(encode({"event": "unsubscribed", "feed": feed}))
            return
        self.host.flush()
        self.send(encode({"event": "subscribed", "feed": feed}))
        if not any(self._heard.values()) or not heard:
            balances = self.host.venue.balances(account)
            self.host.feed.subscribe_account(account, self, balances)
        heard.add(channel)
        self.send(encode(self._begin(account, channel) | {"feed": f"{feed}_snapshot"}))

    def _begin(self, account: str, channel: str) -> dict[str, Any]:
        seen = self._face.symbols
        if channel == OPEN_ORDERS:
            found = [it for it in self.host.open_orders(account) if it.symbol in seen]
            orders = [self._words.open_order(it) for it in found]
            return {"account": account, "orders": orders}
        if channel == FILLS:
            fills = [
                it
                for it in self.host.venue.fills(account)
                if is_told(it) and it.symbol in seen
            ]
            rows = [self._words.fill(account, it) for it in fills[-_FILLS_AT_FIRST:]]
            return {"account": account, "fills": rows}
        return self._words.balances(account)

    def _public(self, feed: str, frame: dict[str, Any], *, is_begin: bool) -> None:
        if feed == "heartbeat":
            (self._topics.add if is_begin else self._topics.discard)((feed, ""))
            self.send(encode({"event": f"{frame['event']}d", "feed": feed}))
            return
        names = frame.get("product_ids")
        if not isinstance(names, list) or not names:
            self._alert("Invalid product id")
            return
        known = [self._face.symbols.symbol(str(it)) for it in names]
        named = [self._face.symbols.id(it) for it in known]
        told = {"event": f"{frame['event']}d", "feed": feed, "product_ids": named}
        self.host.flush()
        for name in named:
            topic = (feed, name)
            if is_begin and topic in self._topics:
                self._alert(f"Already subscribed to feed, re-requesting: {feed}")
            elif is_begin:
                self.send(encode(told | {"product_ids": [name]}))
                self._topics.add(topic)
                self.host.feed.subscribe_market(topic, self)
                self.send(encode(self._snapshot(feed, name)))
            else:
                self._topics.discard(topic)
                self.host.feed.unsubscribe_market(topic, self)
                self.send(encode(told | {"product_ids": [name]}))

    def _snapshot(self, feed: str, name: str) -> dict[str, Any]:
        if feed == "book":
            return self._words.book(name)
        symbol = self._face.symbols.symbol(name)
        recent = self.host.feed.trades(symbol, _TRADES_AT_FIRST)
        rows = [self._words.trade(name, it) for it in reversed(recent)]
        return {"feed": "trade_snapshot", "product_id": name, "trades": rows}

    def _signer(self, frame: dict[str, Any]) -> Holder:
        """Return whose key answered the challenge it was given. Raises Refusal."""
        key, given = str(frame.get("api_key", "")), str(frame.get("signed_challenge", ""))
        holder, asked = self.host.keys.find(key), self._challenges.get(key)
        if holder is None or asked is None or frame.get("original_challenge") != asked:
            raise Said(_FAILED)
        expected = challenge_answer(holder.secret, asked)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Said(_FAILED)
        self.passage.check_key(holder, Operation.READ)
        return holder
