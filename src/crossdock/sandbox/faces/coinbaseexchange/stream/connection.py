"""One connection to the feed.

https://docs.cdp.coinbase.com/exchange/websocket-feed/overview, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.coinbaseexchange.auth import FEED_PATH, verify, window
from crossdock.sandbox.faces.coinbaseexchange.refusals import spoken
from crossdock.sandbox.faces.coinbaseexchange.stream.words import LEVEL2
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

_BOOKS = tuple(LEVEL2.values())
_CHANNELS = (*_BOOKS, "matches", "ticker", "heartbeat", "user")
_SIGNED = ("user", "level2")

encode = msgspec.json.Encoder().encode


class FeedConnection(Connection):
    """Subscriptions of one connection, to products by channel."""

    def __init__(self, face: CoinbaseExchangeFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._words = face.feed_words
        self._account: str | None = None
        self._topics: dict[tuple[str, str], None] = {}

    @property
    def is_signed_in(self) -> bool:
        return self._account is not None

    def hears(self, channel: str) -> bool:
        return ("user", channel) in self._topics

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            self._fail("Failed to subscribe", "malformed JSON")
            return
        kind = frame.get("type")
        if kind not in ("subscribe", "unsubscribe"):
            self._fail("Malformed message", "type is not valid")
            return
        asked = list(_asked(frame))
        for channel, name in asked:
            if channel not in _CHANNELS:
                self._fail("Failed to subscribe", f"{channel} is not a valid channel")
                return
            if name not in self._face.products.names:
                self._fail("Failed to subscribe", f"{name} is not a valid product")
                return
        if kind == "unsubscribe":
            for topic in asked:
                self._leave(topic)
            self._tell_subscriptions()
            return
        if any(channel in _SIGNED for channel, _ in asked):
            try:
                account = self._signer(frame)
            except Refusal as refusal:
                self._fail("Authentication Failed", spoken(refusal, Operation.READ)[1])
                return
            self._sign_in(account)
        self._begin(asked)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        words = spoken(refusal, Operation.READ)[1]
        return encode({"type": "error", "message": words, "reason": words})

    def expire_session(self, account: str | None) -> bool:
        """End what is heard of the account here: the connection is closed."""
        if self._account is None or account not in (None, self._account):
            return False
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        for channel, name in self._topics:
            if channel == "heartbeat":
                self.send(encode(self._words.heartbeat(name, now_ns)))

    def _fail(self, message: str, reason: str) -> None:
        self.send(encode({"type": "error", "message": message, "reason": reason}))

    def _signer(self, frame: dict[str, Any]) -> str:
        """Return whose signature a subscription carries. Raises Refusal."""
        timestamp = str(frame.get("timestamp", ""))
        holder = verify(
            self.host,
            str(frame.get("key", "")),
            str(frame.get("passphrase", "")),
            str(frame.get("signature", "")),
            timestamp,
            f"GET{FEED_PATH}",
        )
        self.passage.check_key(holder, Operation.READ)
        window(self.host, timestamp)
        return holder.account

    def _sign_in(self, account: str) -> None:
        if self._account is None:
            self.host.flush()
            self._account = account
            balances = self.host.venue.balances(account)
            self.host.feed.subscribe_account(account, self, balances)

    def _begin(self, asked: list[tuple[str, str]]) -> None:
        self.host.flush()
        new = [it for it in asked if it not in self._topics]
        self._topics.update(dict.fromkeys(new))
        snapshots = []
        for channel, name in new:
            if channel != "user":
                self.host.feed.subscribe_market((channel, name), self)
            if channel in _BOOKS:
                snapshots.append(self._words.book(name))
            elif channel == "matches":
                snapshots += self._last_match(name)
        for row in snapshots:
            self.send(encode(row))
        self._tell_subscriptions()

    def _last_match(self, name: str) -> list[dict[str, Any]]:
        recent = self.host.feed.trades(self._face.products.symbol(name), 1)
        return [self._words.match(name, it, "last_match") for it in recent]

    def _leave(self, topic: tuple[str, str]) -> None:
        if topic in self._topics:
            del self._topics[topic]
            self.host.feed.unsubscribe_market(topic, self)

    def _tell_subscriptions(self) -> None:
        channels: dict[str, list[str]] = {}
        for channel, name in self._topics:
            channels.setdefault(channel, []).append(name)
        rows = [{"name": it, "product_ids": names} for it, names in channels.items()]
        self.send(encode({"type": "subscriptions", "channels": rows}))


def _asked(frame: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return (channel, product) pairs: products stand in the frame or in the channel."""
    common = frame.get("product_ids") or []
    for each in frame.get("channels") or []:
        channel, names = each, common
        if isinstance(each, dict):
            channel, names = each.get("name"), each.get("product_ids") or common
        for name in names:
            yield str(channel), str(name)
