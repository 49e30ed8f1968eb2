"""Bitfinex spot: REST at `/v2`, and a WebSocket at `/ws/2`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.bitfinex.account import Account
from crossdock.sandbox.faces.bitfinex.auth import KEY, Door
from crossdock.sandbox.faces.bitfinex.limits import Minute
from crossdock.sandbox.faces.bitfinex.market import Market
from crossdock.sandbox.faces.bitfinex.names import Names
from crossdock.sandbox.faces.bitfinex.params import Params, order_id, trade_id
from crossdock.sandbox.faces.bitfinex.refusals import worded
from crossdock.sandbox.faces.bitfinex.stream import BitfinexConnection, Streams
from crossdock.sandbox.faces.bitfinex.trading import Trading
from crossdock.sandbox.faces.bitfinex.words import Words, told_status
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

encode = msgspec.json.Encoder().encode


class BitfinexFace(Face):
    """The protocol at one venue. Only its spot markets and its exchange wallet are seen."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
        }
    )
    tells_balances = True
    venue_rules = MappingProxyType({"partial_oco": "cancel"})
    usual_limits: Mapping[str, int] = MappingProxyType({"calls_per_minute": 90})

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.door = Door(host)
        self.streams = Streams(self)
        self.market = Market(self)
        self._account = Account(self)
        self._trading = Trading(self)
        self._limiters: dict[tuple[str, str], Minute] = {}

    def routes(self) -> Sequence[Route]:
        def read(call: Call, prepare: Any) -> Act:
            act: Act = prepare(Params.of(call), call)
            return act

        def route(path: str, prepare: Any, operation: Operation | None) -> Route:
            return Route(
                "GET" if operation is None else "POST",
                f"/v2/{path}",
                lambda call: read(call, prepare),
                operation or Operation.READ,
                is_signed=operation is not None,
            )

        return [
            *(route(path, it, None) for path, it in self.market.reads().items()),
            *(
                route(f"auth/r/{path}", it, Operation.READ)
                for path, it in self._account.reads().items()
            ),
            *(
                route(f"auth/w/{path}", it, operation)
                for path, (it, operation) in self._trading.writes().items()
            ),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute("/ws/2", lambda _, wire: BitfinexConnection(self, wire))]

    def cid(self, account: str, engine_id: str) -> int | None:
        """Return the number a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return int(shown) if shown.isdecimal() else None

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get(KEY, "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._limiter(call, ""), operation, None)
            return
        call.holder = self.door.call(call)
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not write orders")
        limiter = self._limiter(call, call.holder.key)
        self.passage.limit(limiter, operation, call.account)

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result))

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
        return [str(order_id(order.chain[0]))]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        order = self.host.venue.find(account, order_id=fill.order_id)
        return str(order_id(order.chain[0]))

    def execution_id(self, fill_id: str) -> str:
        return str(trade_id(fill_id))

    def client_id(self, account: str, engine_id: str) -> str:
        given = self.cid(account, engine_id)
        return engine_id if given is None else str(given)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _limiter(self, call: Call, who: str) -> Minute:
        key = (who, call.route.path)
        if key not in self._limiters:
            self._limiters[key] = Minute(self.limits["calls_per_minute"])
        return self._limiters[key]
