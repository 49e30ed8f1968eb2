"""Gemini spot: REST at `/v1`, and two WebSockets.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.gemini.auth import KEY, Door, payload_of
from crossdock.sandbox.faces.gemini.limits import Minute
from crossdock.sandbox.faces.gemini.market import Market
from crossdock.sandbox.faces.gemini.params import Params, order_id, trade_id
from crossdock.sandbox.faces.gemini.refusals import worded
from crossdock.sandbox.faces.gemini.stream import (
    MARKET_DATA,
    ORDER_EVENTS,
    MarketConnection,
    OrderConnection,
    Streams,
)
from crossdock.sandbox.faces.gemini.trading import Trading
from crossdock.sandbox.faces.gemini.words import Names, Words, told_status
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

encode = msgspec.json.Encoder().encode


class GeminiFace(Face):
    """The protocol at one venue. Only its spot markets are seen."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
        }
    )
    usual_limits: Mapping[str, int] = MappingProxyType(
        {"private_per_minute": 600, "public_per_minute": 120}
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.door = Door(host)
        self.streams = Streams(self)
        self._market = Market(self)
        self._trading = Trading(self)
        self._public = Minute(self.limits["public_per_minute"])
        self._private: dict[str, Minute] = {}

    def routes(self) -> Sequence[Route]:
        def public(path: str, prepare: Any) -> Route:
            def read(call: Call) -> Any:
                fields = {**call.request.query, **call.request.match_info}
                return prepare(Params(fields), call)

            return Route("GET", path, read, is_signed=False)

        def private(path: str, prepare: Any, operation: Operation) -> Route:
            def read(call: Call) -> Any:
                return prepare(Params(payload_of(call.request.headers)), call)

            return Route("POST", path, read, operation)

        return [
            *(public(path, prepare) for path, prepare in self._market.reads().items()),
            *(
                private(path, prepare, operation)
                for path, (prepare, operation) in self._trading.calls().items()
            ),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        def orders(request: web.Request, wire: Wire) -> OrderConnection:
            kinds = request.query.getall("eventTypeFilter", [])
            return OrderConnection(self, wire, request.headers, kinds)

        return [
            SocketRoute(MARKET_DATA, lambda _, wire: MarketConnection(self, wire)),
            SocketRoute(ORDER_EVENTS, orders),
        ]

    def given_id(self, account: str, engine_id: str) -> str | None:
        """Return the id a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return None if shown == engine_id else shown or None

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get(KEY, "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._public, operation, None)
            return
        signed = self.door.verify(call.request.headers, call.request.path)
        call.holder, call.window = signed.holder, signed.window
        self.passage.check_key(signed.holder, operation)
        if operation is not Operation.READ and not signed.holder.may_trade:
            raise Refusal("not_allowed", "the key lacks the role Trader")
        key = signed.holder.key
        if key not in self._private:
            self._private[key] = Minute(self.limits["private_per_minute"])
        self.passage.limit(self._private[key], operation, call.account)

    def reply(self, call: Call, result: Any) -> Reply:
        return result if isinstance(result, Reply) else Reply(encode(result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, body = worded(refusal)
        return Reply(encode(body), status=status)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.streams.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.market(news)

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_id(it) for it in order.chain]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return order_id(fill.order_id)

    def execution_id(self, fill_id: str) -> str:
        return str(trade_id(fill_id))

    def client_id(self, account: str, engine_id: str) -> str:
        return self.given_id(account, engine_id) or engine_id

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)
