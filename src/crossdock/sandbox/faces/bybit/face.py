"""Bybit: REST at `/v5`, WebSockets at `/v5/public/CATEGORY` and `/v5/private`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.bybit.auth import verify
from crossdock.sandbox.faces.bybit.ids import execution_id, order_id
from crossdock.sandbox.faces.bybit.limits import TOO_FREQUENT, USUAL, Limiters
from crossdock.sandbox.faces.bybit.names import Names
from crossdock.sandbox.faces.bybit.params import Params
from crossdock.sandbox.faces.bybit.refusals import spoken
from crossdock.sandbox.faces.bybit.rest import params_of, routes
from crossdock.sandbox.faces.bybit.stream.connection import BybitConnection
from crossdock.sandbox.faces.bybit.stream.market import MarketStreams
from crossdock.sandbox.faces.bybit.stream.reports import Reports
from crossdock.sandbox.faces.bybit.trading import Trading
from crossdock.sandbox.faces.bybit.words import Words, told_status
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

_CATEGORIES = ("spot", "linear", "inverse")

encode = msgspec.json.Encoder().encode


class BybitFace(Face):
    """The protocol at one venue."""

    absent = frozenset({FaultKind.BUST, FaultKind.CORRECTION})
    tells_balances = True
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.streams = MarketStreams(self)
        self.reports = Reports(self)
        self._limiters = Limiters(self.limits)

    def routes(self) -> Sequence[Route]:
        return routes(self)

    def sockets(self) -> Sequence[SocketRoute]:
        def opens(category: str) -> SocketRoute:
            def open_(_request: web.Request, wire: Wire) -> BybitConnection:
                return BybitConnection(self, wire, category)

            path = f"/v5/public/{category}" if category else "/v5/private"
            return SocketRoute(path, open_)

        return [opens(it) for it in (*_CATEGORIES, "")]

    def claimed_key(self, call: Call) -> str:
        if not call.route.is_signed:
            return ""
        return call.request.headers.get("X-BAPI-API-KEY", "")

    def enter(self, call: Call) -> None:
        route, request = call.route, call.request
        self._limiters.address.admit(route.operation, 1, self.host.clock.time_ns())
        if not route.is_signed:
            self.passage.limit(self._limiters.address, route.operation, None, 0)
            return
        payload = request.raw_path.partition("?")[2]
        if request.method == "POST":
            payload = call.body.decode("utf-8", "replace")
        call.holder, call.window = verify(self.host, request.headers, payload)
        self.passage.check_key(call.holder, route.operation)
        limiter = self._limiters.of(route.path, route.operation, call.account)
        self.passage.limit(limiter, route.operation, call.account)

    def reply(self, call: Call, result: Any) -> Reply:
        return self._said(call, 0, "OK", result)

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        if refusal.code == TOO_FREQUENT:
            return Reply(b"access too frequent", status=403, content_type="text/plain")
        category = ""
        if call is None:
            return Reply(b"404 Not Found", status=404, content_type="text/plain")
        if refusal.code != "said":
            category = self._category(call)
        return self._said(call, *spoken(refusal, category), {})

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.reports.of(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.of(news)

    def link_id(self, order: VenueOrder) -> str:
        """Return the id a client gave an order, or nothing: exits have none."""
        if order.parent is not None:
            return ""
        return self.client_id(order.account, order.client_order_id)

    def names_of(self, order: VenueOrder) -> Sequence[str]:
        """Return both ids that clients know an order by."""
        return [*self.order_ids(order), self.link_id(order)]

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_id(order, is_spot=self.names.is_spot(order.symbol))]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return self.order_ids(self.host.venue.find(account, order_id=fill.order_id))[0]

    def execution_id(self, fill_id: str) -> str:
        return execution_id(fill_id, is_spot=self.reports.is_of_spot(fill_id))

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _category(self, call: Call) -> str:
        try:
            params: Params = params_of(call)
        except Refusal:
            return ""
        return params.maybe("category") or ""

    def _said(self, call: Call, number: int, words: str, result: Any) -> Reply:
        headers = {}
        if call.holder is not None:
            operation: Operation = call.route.operation
            limiter = self._limiters.of(call.route.path, operation, call.account)
            headers = {
                "X-Bapi-Limit": str(limiter.most),
                "X-Bapi-Limit-Status": str(limiter.left),
                "X-Bapi-Limit-Reset-Timestamp": str(limiter.reset_ns // 1_000_000),
            }
        body = {
            "retCode": number,
            "retMsg": words,
            "result": result,
            "retExtInfo": {},
            "time": self.host.now_ns() // 1_000_000,
        }
        return Reply(encode(body), headers=headers)
