"""One WebSocket of version 2: subscriptions, and order entry by `method`.

https://docs.kraken.com/exchange/api-reference/spot-websocket-v2, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection, Entry
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.kraken.params import Params, flat, read_json
from crossdock.sandbox.faces.kraken.reads.market import INTERVALS
from crossdock.sandbox.faces.kraken.refusals import Said, spoken
from crossdock.sandbox.faces.kraken.stream.books import DEPTHS
from crossdock.sandbox.faces.kraken.stream.market import INSTRUMENTS
from crossdock.sandbox.faces.kraken.stream.reports import BALANCES, EXECUTIONS, TRANSITIONS
from crossdock.sandbox.faces.kraken.stream.writes import METHODS, Writes
from crossdock.sandbox.faces.kraken.words import Row, moment
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

_DEADLINE_NS = 5_000_000_000
_PUBLIC = frozenset({"ticker", "book", "trade", "ohlc", "instrument"})
_PRIVATE = frozenset({EXECUTIONS, BALANCES})

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a reply repeats of its request."""

    method: str
    req_id: int | None
    time_in_ns: int
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class _Channel:
    """A public channel of one symbol: where it is heard, what is said, what comes first."""

    topic: Topic
    terms: Row
    snapshot: Callable[[], bytes]
    has_snapshot: bool


class KrakenConnection(Connection):
    """A client of public and private channels alike; a token says who it is."""

    def __init__(self, face: KrakenFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._writes = Writes(face)
        self._topics: set[Topic] = set()
        self._channels: set[str] = set()
        self._sequences: dict[str, int] = {}
        self._tokens: dict[str, Holder] = {}
        self._holder: Holder | None = None

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def opened(self) -> None:
        row = {
            "version": "2.0.10",
            "system": "online",
            "api_version": "v2",
            "connection_id": self._face.count_connection(),
        }
        self.send(encode({"channel": "status", "type": "update", "data": [row]}))

    def received(self, text: str) -> None:
        try:
            frame = read_json(text)
        except msgspec.DecodeError:
            raise Said("Malformed request") from None
        fields = frame.get("params")
        params: dict[str, Any] = fields if isinstance(fields, dict) else {}
        method, req_id = frame.get("method"), frame.get("req_id")
        ticket = Ticket(
            method if isinstance(method, str) else "",
            req_id if isinstance(req_id, int) else None,
            self.host.now_ns(),
        )
        operation = METHODS.get(ticket.method)
        if operation is not None:
            token = params.get("token")
            self.enter(
                ticket,
                operation,
                self._claimed_key(token),
                lambda: self._admitted(ticket.method, operation, token, params),
            )
            return
        try:
            self._ask(ticket, params)
        except Refusal as refusal:
            self.refuse(ticket, refusal)

    def reply(self, ticket: Any, result: Any) -> None:
        for row in result if isinstance(result, list) else [result]:
            self.send(self.answer(ticket, row))

    def answer(self, ticket: Ticket, result: Any) -> bytes:
        """Word a result; of several, which are replies of their own, the first."""
        row = result[0] if isinstance(result, list) else result
        return self._worded(ticket, {"success": True} | row)

    def refused(self, ticket: Ticket | None, refusal: Refusal) -> bytes:
        ticket = ticket or Ticket("", None, self.host.now_ns())
        return self._worded(ticket, {"error": spoken(refusal), "success": False})

    def hears(self, channel: str) -> bool:
        return channel in self._channels

    def framed(self, topic: Topic, body: bytes) -> bytes:
        if not isinstance(topic, str):
            return text_frame(body)
        channel = EXECUTIONS if topic == TRANSITIONS else topic
        number = self._sequences[channel] = self._sequences.get(channel, 0) + 1
        return text_frame(
            b'{"channel":"%s",%s,"sequence":%d}' % (channel.encode(), body, number)
        )

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: a token that was used ends with nothing less."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def beat(self, now_ns: int) -> None:
        if self._topics or self._channels:
            self.send(b'{"channel":"heartbeat"}')

    def _worded(self, ticket: Ticket, row: Row) -> bytes:
        said: Row = {"method": ticket.method} if ticket.method else {}
        said |= row
        if ticket.symbol is not None and not row["success"]:
            said["symbol"] = ticket.symbol
        if ticket.req_id is not None:
            said["req_id"] = ticket.req_id
        said["time_in"] = moment(ticket.time_in_ns)
        said["time_out"] = moment(self.host.now_ns())
        return encode(said)

    # Order entry.

    def _claimed_key(self, token: Any) -> str:
        holder = self._found(token)
        return "" if holder is None else holder.key

    def _found(self, token: Any) -> Holder | None:
        if not isinstance(token, str):
            return None
        return self._tokens.get(token) or self._face.tokens.find(token)

    def _signed_in(self, token: Any) -> Holder:
        """Return whose a token is. Raises Refusal."""
        holder = self._found(token)
        if holder is None:
            raise Refusal("session_expired", "the token is not good")
        self._tokens[token] = holder
        return holder

    def _admitted(
        self, method: str, operation: Operation, token: Any, fields: dict[str, Any]
    ) -> Entry:
        holder = self._signed_in(token)
        self._face.admit(holder, operation, 0)
        params = Params(flat(fields))
        window = self._face.window(params.maybe("deadline"), params)
        if window is None:
            window = self._face.until(self.host.now_ns() + _DEADLINE_NS)
        act: Act = self._writes.prepare(method, fields, params, holder.account)
        return Entry(holder.account, window, act)

    # Subscriptions.

    def _ask(self, ticket: Ticket, fields: dict[str, Any]) -> None:
        if ticket.method == "ping":
            pong = Ticket("pong", ticket.req_id, ticket.time_in_ns)
            self.send(self._worded(pong, {"success": True}))
            return
        if ticket.method not in ("subscribe", "unsubscribe"):
            raise Said("Method not supported")
        params = Params(flat(fields))
        channel = params.maybe("channel") or ""
        self.host.flush()
        if channel in _PRIVATE:
            self._private(ticket, channel, params)
            return
        if channel not in _PUBLIC:
            raise Said("Subscription name invalid")
        symbols = [None] if channel == "instrument" else params.words("symbol")
        if not symbols:
            raise Said("Symbol(s) not found")
        for symbol in symbols:
            part = Ticket(ticket.method, ticket.req_id, ticket.time_in_ns, symbol)
            try:
                self._public(part, self._channel(channel, symbol, params))
            except Refusal as refusal:
                self.refuse(part, refusal)

    def _public(self, ticket: Ticket, channel: _Channel) -> None:
        if ticket.method == "unsubscribe":
            if channel.topic not in self._topics:
                raise Said("Subscription not found")
            self._topics.remove(channel.topic)
            self.host.feed.unsubscribe_market(channel.topic, self)
            self.reply(ticket, {"result": channel.terms})
            return
        if channel.topic in self._topics:
            raise Said("Already subscribed")
        terms = channel.terms | {"snapshot": channel.has_snapshot}
        self.reply(ticket, {"result": terms})
        self._topics.add(channel.topic)
        self.host.feed.subscribe_market(channel.topic, self)
        body = channel.snapshot()
        if channel.has_snapshot:
            self.send(body)

    def _channel(self, name: str, symbol: str | None, params: Params) -> _Channel:
        """Read what a subscription asks for. Raises Refusal."""
        streams = self._face.streams
        has_snapshot = params.flag("snapshot", default=name != "trade")
        if symbol is None:
            symbols = self._face.names.symbols
            return _Channel(
                INSTRUMENTS,
                {"channel": name},
                lambda: streams.instruments("snapshot", symbols),
                has_snapshot,
            )
        if symbol not in self._face.names:
            raise Said(f"Currency pair not supported {symbol}")
        terms: Row = {"channel": name, "symbol": symbol}
        if name == "book":
            depth = params.whole("depth", DEPTHS[0])
            if depth not in DEPTHS:
                raise Said("Subscription depth not supported")
            return _Channel(
                ("book", symbol, depth),
                terms | {"depth": depth},
                lambda: streams.book(symbol, depth),
                has_snapshot,
            )
        if name == "ohlc":
            interval = params.whole("interval", INTERVALS[0])
            if interval not in INTERVALS:
                raise Said("Subscription ohlc interval not supported")
            return _Channel(
                ("ohlc", symbol, interval),
                terms | {"interval": interval},
                lambda: streams.ohlc(symbol, interval),
                has_snapshot,
            )
        if name == "ticker":
            trigger = params.choice("event_trigger", ("trades", "bbo"), "trades")
            return _Channel(
                ("ticker", symbol, trigger),
                terms | {"event_trigger": trigger},
                lambda: streams.ticker(symbol, "snapshot"),
                has_snapshot,
            )
        return _Channel(
            ("trade", symbol), terms, lambda: streams.trades(symbol), has_snapshot
        )

    def _private(self, ticket: Ticket, channel: str, params: Params) -> None:
        holder = self._signed_in(params.maybe("token"))
        self.passage.check_key(holder, Operation.READ)
        if ticket.method == "unsubscribe":
            self._channels -= {channel, TRANSITIONS if channel == EXECUTIONS else channel}
            if not self._channels:
                self.host.feed.leave_account(self)
            self.reply(ticket, {"result": {"channel": channel}})
            return
        if channel in self._channels:
            raise Said("Already subscribed")
        if self._holder is not None and self._holder is not holder:
            raise Refusal("session_expired", "the connection is another account's")
        terms, body = self._first(channel, params, holder.account)
        self.reply(ticket, {"result": terms})
        if not self._channels:
            self.host.feed.subscribe_account(holder.account, self)
        self._holder = holder
        self._channels.add(channel)
        if channel == EXECUTIONS and params.flag("order_status", default=True):
            self._channels.add(TRANSITIONS)
        self._sequences[channel] = 0
        if body is not None:
            self.wire.write(self.framed(channel, body))

    def _first(
        self, channel: str, params: Params, account: str
    ) -> tuple[Row, bytes | None]:
        """Return what a private subscription is told first: its terms and its snapshot."""
        reports = self._face.reports
        if channel == BALANCES:
            has_snapshot = params.flag("snapshot", default=True)
            body = reports.balances(account) if has_snapshot else None
            return {"channel": channel, "snapshot": has_snapshot}, body
        orders = params.flag("snap_orders", default=True)
        trades = params.flag("snap_trades")
        body = None
        if orders or trades:
            body = reports.executions(account, orders=orders, trades=trades)
        return {
            "channel": channel,
            "maxratecount": self._face.limits["orders_most"],
            "snap_orders": orders,
            "snap_trades": trades,
        }, body
