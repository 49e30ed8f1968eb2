"""OKX: REST at `/api/v5`, WebSockets at `/ws/v5/public`, `private` and `business`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.okx.auth import verify
from crossdock.sandbox.faces.okx.ids import algo_id, order_id, trade_id
from crossdock.sandbox.faces.okx.limits import USUAL, Limiters
from crossdock.sandbox.faces.okx.names import Names
from crossdock.sandbox.faces.okx.refusals import spoken, status_of
from crossdock.sandbox.faces.okx.rest import Rest, Rows
from crossdock.sandbox.faces.okx.stream.connection import OkxConnection
from crossdock.sandbox.faces.okx.stream.market import MarketStreams
from crossdock.sandbox.faces.okx.stream.reports import Reports
from crossdock.sandbox.faces.okx.trading import Trading
from crossdock.sandbox.faces.okx.words import Words, told_status
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

PUBLIC, PRIVATE, BUSINESS = "public", "private", "business"

encode = msgspec.json.Encoder().encode


class OkxFace(Face):
    """The protocol at one venue."""

    absent = frozenset({FaultKind.BUST, FaultKind.CORRECTION})
    tells_balances = True
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.rest = Rest(self)
        self.streams = MarketStreams(self)
        self.reports = Reports(self)
        self._limiters = Limiters(self.limits)

    def routes(self) -> Sequence[Route]:
        return self.rest.routes()

    def sockets(self) -> Sequence[SocketRoute]:
        def opens(kind: str) -> SocketRoute:
            def open_(_request: web.Request, wire: Wire) -> OkxConnection:
                return OkxConnection(self, wire, kind)

            return SocketRoute(f"/ws/v5/{kind}", open_)

        return [opens(kind) for kind in (PUBLIC, PRIVATE, BUSINESS)]

    def admit(self, path: str, holder: Holder, operation: Operation) -> None:
        """Check a key and its limits. Raises Refusal."""
        self.passage.check_key(holder, operation)
        limiter = self._limiters.of(path, operation, holder.account)
        self.passage.limit(limiter, operation, holder.account)

    def claimed_key(self, call: Call) -> str:
        if not call.route.is_signed:
            return ""
        return call.request.headers.get("OK-ACCESS-KEY", "")

    def enter(self, call: Call) -> None:
        route, request = call.route, call.request
        if not route.is_signed:
            limiter = self._limiters.of(route.path, route.operation, None)
            self.passage.limit(limiter, route.operation, None)
            return
        call.holder, call.window = verify(
            self.host, request.headers, request.method, request.raw_path, call.body
        )
        self.admit(route.path, call.holder, route.operation)

    def reply(self, call: Call, result: Any) -> Reply:
        code, message = "0", ""
        if isinstance(result, Rows):
            failed = sum(row["sCode"] != "0" for row in result)
            if failed:
                whole = failed == len(result)
                code, message = ("1", "All operations failed") if whole else ("2", "")
        return Reply(encode({"code": code, "msg": message, "data": result}))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        if refusal.code == "no_path":
            body = {"code": "404", "msg": "Not Found", "data": []}
            return Reply(encode(body), status=404)
        number, words = spoken(refusal)
        body = {"code": number, "msg": words, "data": []}
        return Reply(encode(body), status=status_of(number))

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.reports.of(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.of(news)

    def own_id(self, order: VenueOrder) -> str:
        """Return the id a client gave an order, or nothing."""
        return self.client_id(order.account, order.client_order_id)

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        if not self.trading.is_algo(order):
            return [order_id(order)]
        ids = [algo_id(order)]
        return [*ids, order_id(order)] if self.trading.has_triggered(order) else ids

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return order_id(self.host.venue.find(account, order_id=fill.order_id))

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)
