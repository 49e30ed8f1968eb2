"""Kraken spot: REST at `/0`, and a WebSocket at `/v2`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.kraken.auth import Nonces, Tokens, verify
from crossdock.sandbox.faces.kraken.ids import order_id, trade_id
from crossdock.sandbox.faces.kraken.limits import USUAL, CallLimiter, Counter, OrderLimiter
from crossdock.sandbox.faces.kraken.names import Names
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.reads.ledger import Ledger
from crossdock.sandbox.faces.kraken.refusals import invalid, spoken
from crossdock.sandbox.faces.kraken.rest import Rest, weight_of
from crossdock.sandbox.faces.kraken.stream.connection import KrakenConnection
from crossdock.sandbox.faces.kraken.stream.market import MarketStreams
from crossdock.sandbox.faces.kraken.stream.reports import Reports
from crossdock.sandbox.faces.kraken.trading import Trading
from crossdock.sandbox.faces.kraken.words import Words, told_status
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

STREAM_PATHS = ("/v2", "/v2/private")
_LEAST_DEADLINE_NS = 500_000_000
_MOST_DEADLINE_NS = 60_000_000_000

encode = msgspec.json.Encoder().encode


class KrakenFace(Face):
    """The protocol at one venue. Only its spot markets are seen."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
        }
    )
    usual_limits: Mapping[str, int] = USUAL
    venue_rules: Mapping[str, Any] = MappingProxyType(
        {"self_trade_prevention": "cancel_taking"}
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.nonces = Nonces()
        self.tokens = Tokens(host, host.name)
        self.rest = Rest(self)
        self.streams = MarketStreams(self)
        self.reports = Reports(self)
        self._connections = 0
        self._ledgers: dict[str, Ledger] = {}
        self._public = CallLimiter(self._counter("public"), is_public=True)
        self._calls: dict[str, CallLimiter] = {}
        self._orders = OrderLimiter(self._counter("orders"))

    def routes(self) -> Sequence[Route]:
        return self.rest.routes()

    def sockets(self) -> Sequence[SocketRoute]:
        return [
            SocketRoute(path, lambda _, wire: KrakenConnection(self, wire))
            for path in STREAM_PATHS
        ]

    def count_connection(self) -> int:
        """Return the number of a new connection."""
        self._connections += 1
        return self._connections

    def ledger(self, account: str) -> Ledger:
        ledger = self._ledgers.get(account)
        if ledger is None:
            ledger = self._ledgers[account] = Ledger(self.host, account)
        return ledger

    def params(self, call: Call) -> Params:
        """Return what a call asks for."""
        if call.request.method == "GET":
            return Params(dict(call.request.query))
        return Params.of_body(call.body, call.request.content_type)

    def window(self, text: str | None, params: Params) -> Window | None:
        """Return the window a deadline leaves, or None where there is no deadline."""
        if text is None:
            return None
        until_ns, now_ns = params.moment_ns("deadline"), self.host.now_ns()
        if until_ns is None:
            raise invalid("deadline")
        if not _LEAST_DEADLINE_NS <= until_ns - now_ns <= _MOST_DEADLINE_NS:
            raise invalid("deadline")
        return self.until(until_ns)

    def until(self, until_ns: int) -> Window:
        """Return the window that ends at a time of the venue's clock."""
        now_ns = self.host.now_ns()
        return Window(
            from_ns=min(now_ns, until_ns),
            until_ns=until_ns,
            received_ns=self.host.clock.time_ns(),
            width_ns=until_ns - now_ns,
            words="the deadline has passed",
        )

    def admit(self, holder: Holder, operation: Operation, weight: int) -> None:
        """Check a key's rights and its limits. Raises Refusal; nothing was done then."""
        self.passage.check_key(holder, operation)
        if operation is not Operation.READ and not holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        limiter: CallLimiter = self._orders
        if weight:
            limiter = self._calls.setdefault(
                holder.key, CallLimiter(self._counter("calls"))
            )
        self.passage.limit(limiter, operation, holder.account, weight)

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("API-Key", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        route = call.route
        if not route.is_signed:
            self.passage.limit(self._public, route.operation, None)
            return
        headers, params = call.request.headers, self.params(call)
        nonce = params.maybe("nonce") or ""
        call.holder = verify(
            self.host,
            headers.get("API-Key", ""),
            call.request.raw_path,
            params,
            call.body,
            headers.get("API-Sign", ""),
        )
        self.nonces.take(call.holder.key, nonce)
        self.admit(call.holder, route.operation, weight_of(route.path))
        if route.operation is not Operation.READ:
            call.window = self.window(params.maybe("deadline"), params)

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode({"error": [], "result": result}))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status = 404 if refusal.code == "no_path" else 200
        return Reply(encode({"error": [spoken(refusal)]}), status=status)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.reports.of(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.of(news)

    def tick(self, now_ns: int) -> None:
        self.trading.tick()
        self.streams.tick()

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_id(order.chain[0])]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        order = self.host.venue.find(account, order_id=fill.order_id)
        return order_id(order.chain[0])

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.cl_ord_id(account, engine_id) or engine_id

    def cl_ord_id(self, account: str, engine_id: str) -> str | None:
        """Return the id a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return None if shown == engine_id else shown or None

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _counter(self, kind: str) -> Counter:
        return Counter(self.limits[f"{kind}_most"], self.limits[f"{kind}_decay_per_minute"])
