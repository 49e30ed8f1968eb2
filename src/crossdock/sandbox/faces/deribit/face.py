"""Deribit: methods at `/api/v2/SCOPE/NAME`, and the same ones over `/ws/api/v2`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.deribit.auth import Door
from crossdock.sandbox.faces.deribit.limits import USUAL, Pools
from crossdock.sandbox.faces.deribit.methods import PRIVATE, PUBLIC, Method, methods
from crossdock.sandbox.faces.deribit.names import Names
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.refusals import spoken, status_of
from crossdock.sandbox.faces.deribit.stream.connection import DeribitConnection
from crossdock.sandbox.faces.deribit.stream.market import PACES_MS, MarketStreams
from crossdock.sandbox.faces.deribit.stream.reports import Reports
from crossdock.sandbox.faces.deribit.trading import Trading
from crossdock.sandbox.faces.deribit.words import (
    Words,
    encode,
    order_id,
    told_status,
    trade_id,
)
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

ROOT = "/api/v2"


class DeribitFace(Face):
    """The protocol at one venue."""

    absent = frozenset({FaultKind.BUST, FaultKind.CORRECTION})
    book_paces_ms = PACES_MS
    tells_balances = True
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.streams = MarketStreams(self)
        self.reports = Reports(self)
        self.door = Door(host)
        self.methods = methods(self)
        self._pools = Pools(self.limits)

    def routes(self) -> Sequence[Route]:
        called = [
            Route(
                "GET",
                f"{ROOT}/{scope}/{name}",
                _asked(method),
                method.operation,
                is_signed=scope == PRIVATE,
            )
            for (scope, name), method in self.methods.items()
        ]
        log_in = Route("GET", f"{ROOT}/{PUBLIC}/auth", self._log_in, is_signed=False)
        return [*called, log_in]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute(f"/ws{ROOT}", lambda _, wire: DeribitConnection(self, wire))]

    def claimed_key(self, call: Call) -> str:
        if not call.route.is_signed:
            return ""
        return self.door.key_of(call.request.headers.get("Authorization", ""))

    def enter(self, call: Call) -> None:
        route, request = call.route, call.request
        if not route.is_signed:
            pool = self._pools.of("", Operation.READ)
            self.passage.limit(pool, route.operation, None)
            return
        call.holder, call.window = self.door.verify(
            request.headers.get("Authorization", ""),
            request.method,
            request.raw_path,
            call.body.decode("utf-8", "replace"),
        )
        self.admit(call.holder, route.operation)

    def admit(self, holder: Holder, operation: Operation) -> None:
        """Check a key's rights and its credits. Raises Refusal; nothing was done then."""
        self.passage.check_key(holder, operation)
        if operation is not Operation.READ and not holder.may_trade:
            raise Refusal("not_allowed", "scope trade:read_write is missing")
        pool = self._pools.of(holder.account, operation)
        self.passage.limit(pool, operation, holder.account)

    def answer(self, ticket: Any, **outcome: Any) -> bytes:
        """Word a reply: `outcome` is a result or an error."""
        now_us = self.host.now_ns() // 1000
        row = {"jsonrpc": "2.0"} | ({} if ticket is None else {"id": ticket}) | outcome
        return encode(
            row | {"usIn": now_us, "usOut": now_us, "usDiff": 0, "testnet": False}
        )

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(self.answer(None, result=result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        body = self.answer(None, error=spoken(refusal))
        return Reply(body, status=status_of(refusal))

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.reports.of(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.of(news)

    def label(self, order: VenueOrder) -> str:
        """Return the label a client gave an order, or nothing."""
        return self.client_id(order.account, order.client_order_id)

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_id(order, self.names.currency(order.symbol))]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return self.order_ids(self.host.venue.find(account, order_id=fill.order_id))[0]

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _log_in(self, call: Call) -> Act:
        params = Params(dict(call.request.query))

        def act(_now_ns: int) -> Any:
            holder, told = self.door.log_in(params)
            self.passage.check_key(holder, Operation.READ)
            return told

        return act


def _asked(method: Method) -> Any:
    def prepare(call: Call) -> Act:
        return method.prepare(Params(dict(call.request.query)), call.account)

    return prepare
