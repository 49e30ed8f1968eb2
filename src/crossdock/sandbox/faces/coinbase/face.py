"""Coinbase Advanced Trade: REST and WebSocket on one port."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.coinbase.ids import named, trade_id
from crossdock.sandbox.faces.coinbase.limits import HOUR_NS, USUAL, Allowance
from crossdock.sandbox.faces.coinbase.orders import groups
from crossdock.sandbox.faces.coinbase.orders.trading import Trading
from crossdock.sandbox.faces.coinbase.orders.words import Words, id_of
from crossdock.sandbox.faces.coinbase.products import Products
from crossdock.sandbox.faces.coinbase.refusals import spoken
from crossdock.sandbox.faces.coinbase.rest import APP, routes
from crossdock.sandbox.faces.coinbase.stream.connection import CoinbaseConnection
from crossdock.sandbox.faces.coinbase.stream.market import MarketStreams
from crossdock.sandbox.faces.coinbase.stream.user import UserStream
from crossdock.sandbox.faces.coinbase.tokens import admit, bearer, claimed_key
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

encode = msgspec.json.Encoder().encode


class CoinbaseFace(Face):
    """One venue as Coinbase Advanced Trade. Spot only."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.FUNDING,
        }
    )
    usual_limits = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.products = Products(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.streams = MarketStreams(self)
        self.user_stream = UserStream(self)
        self.unsigned_messages = Allowance(self.limits["unsigned_messages_per_s"])
        self._public = Allowance(self.limits["public_per_s"])
        self._app = Allowance(self.limits["app_per_hour"], HOUR_NS)
        self._private: dict[str, Allowance] = {}

    def routes(self) -> Sequence[Route]:
        return routes(self)

    def sockets(self) -> Sequence[SocketRoute]:
        def open_one(_request: web.Request, wire: Wire) -> CoinbaseConnection:
            return CoinbaseConnection(self, wire)

        return [SocketRoute(path, open_one) for path in ("/", "/user")]

    # In.

    def claimed_key(self, call: Call) -> str:
        if not call.route.is_signed:
            return ""
        return claimed_key(bearer(call.request.headers.get("Authorization", "")))

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if call.route.is_signed:
            request = call.request
            uri = (request.method, request.host, request.rel_url.raw_path)
            token = bearer(request.headers.get("Authorization", ""))
            call.holder, call.window = admit(self.host, token, uri)
            self.passage.check_key(call.holder, operation)
        self.passage.limit(self._allowance(call), operation, call.account or None)
        holder = call.holder
        if operation is not Operation.READ and holder is not None and not holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result), headers=self._headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, body = spoken(refusal)
        headers = {} if call is None else self._headers(call)
        if isinstance(body, str):
            return Reply(
                body.encode(), status=status, headers=headers, content_type="text/plain"
            )
        return Reply(encode(body), status=status, headers=headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.user_stream.messages(news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.messages(news)

    def tick(self, now_ns: int) -> None:
        self.streams.tick(now_ns)

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [id_of(order)]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return id_of(self.host.venue.find(account, order_id=fill.order_id))

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return groups.told_status(order)

    # What the parts share.

    def connections(self) -> Iterable[CoinbaseConnection]:
        return (it for it in self.host.connections if isinstance(it, CoinbaseConnection))

    def user_id(self, account: str) -> str:
        return named(self.host.name, account)

    def portfolio_id(self, account: str) -> str:
        return named(self.host.name, account, "portfolio")

    def _allowance(self, call: Call) -> Allowance:
        if call.route.path.startswith(APP):
            return self._app
        if not call.account:
            return self._public
        allowance = self._private.get(call.account)
        if allowance is None:
            allowance = Allowance(self.limits["private_per_s"])
            self._private[call.account] = allowance
        return allowance

    def _headers(self, call: Call) -> dict[str, str]:
        return self._allowance(call).headers(self.host.clock.time_ns())
