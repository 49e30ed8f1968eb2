"""Binance spot: REST, market streams and WebSocket API on one port."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance.auth import unsigned, verify, window
from crossdock.sandbox.faces.binance.limits import (
    USUAL_LIMITS,
    OrderCounts,
    WeightLimiter,
)
from crossdock.sandbox.faces.binance.lists import Lists
from crossdock.sandbox.faces.binance.market_data import MarketData
from crossdock.sandbox.faces.binance.market_streams import (
    PACES,
    MarketConnection,
    MarketStreams,
)
from crossdock.sandbox.faces.binance.methods import Method, methods
from crossdock.sandbox.faces.binance.params import Params
from crossdock.sandbox.faces.binance.refusals import Said, error
from crossdock.sandbox.faces.binance.symbols import Symbols
from crossdock.sandbox.faces.binance.tokens import Tokens
from crossdock.sandbox.faces.binance.user_data import UserData
from crossdock.sandbox.faces.binance.websocket_api import ApiConnection
from crossdock.sandbox.faces.binance.words import Words, milliseconds, told_status
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

_LETTERS = string.ascii_letters + string.digits
_MADE_UP = 22

encode = msgspec.json.Encoder().encode


class BinanceFace(Face):
    """One venue as Binance."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.FUNDING,
        }
    )
    book_paces_ms = tuple(PACES)
    tells_balances = True
    usual_limits = USUAL_LIMITS
    venue_rules = MappingProxyType({"partial_oco": "cancel"})

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.symbols = Symbols(host)
        self.lists = Lists()
        self.tokens = Tokens(host)
        self.words = Words(self)
        self.weights = WeightLimiter(self.limits)
        self.market_data = MarketData(self)
        self._methods = methods(self)
        self._by_route: dict[tuple[str, str], Method] = {}
        self.over_websocket = {it.over_websocket: it for it in self._methods}
        self.over_websocket.pop("", None)
        self._user_data = UserData(self)
        self._streams = MarketStreams(self)
        self._counts: dict[str, OrderCounts] = {}
        self._cancels: dict[int, str] = {}
        self._executions = 0
        self._random = random.Random(host.name)  # noqa: S311 - not a secret

    def routes(self) -> Sequence[Route]:
        token = Method(
            "POST", "/sapi/v1/userListenToken", self._listen_token, "USER_DATA", 1
        )
        return [self._route(it) for it in (*self._methods, token)]

    def sockets(self) -> Sequence[SocketRoute]:
        return [
            SocketRoute("/ws-api/v3", lambda _, wire: ApiConnection(self, wire)),
            SocketRoute("/stream", self._open_combined),
            SocketRoute("/ws", self._open_raw),
            SocketRoute("/ws/{streams:.*}", self._open_raw),
        ]

    # In.

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("X-MBX-APIKEY", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        method = self._method(call)
        params = self._params(call)
        account = self.host.keys.account_of(self.claimed_key(call)) or ""
        self.admit_weight(method.operation, method.weight_of(params), account)
        if method.security == "NONE":
            return
        body = call.body.decode("utf-8", "replace")
        payload = unsigned(call.request.rel_url.raw_query_string) + unsigned(body)
        call.holder = self.verify(self.claimed_key(call), payload, params)
        self.admit_holder(call.holder, method)
        call.window = window(self.host, params)

    def verify(self, key: str, payload: str, params: Params) -> Holder:
        """Return who signed. Raises Refusal."""
        return verify(self.host, key, payload, params)

    def admit_weight(self, operation: Operation, weight: int, account: str) -> None:
        """Count a call's weight. Raises Refusal above the limit and under a ban."""
        self.passage.limit(self.weights, operation, account or None, weight)

    def admit_holder(self, holder: Holder, method: Method) -> None:
        """Check what a key may do, and count its orders. Raises Refusal."""
        self.passage.check_key(holder, method.operation)
        if method.security == "TRADE" and not holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        if method.orders:
            counts = self.order_counts(holder.account)
            counts.admit(method.orders, self.host.clock.time_ns())

    def order_counts(self, account: str) -> OrderCounts:
        counts = self._counts.get(account)
        if counts is None:
            counts = self._counts[account] = OrderCounts(self.limits)
        return counts

    def ref(self, params: Params, account: str, by_id: str, by_client: str) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        number, text = params.whole_or_none(by_id), params.maybe(by_client)
        if number is None and text is None:
            raise Said(
                -1102,
                f"Param '{by_client}' or '{by_id}' must be sent, but both were empty/null!",
            )
        if number is not None:
            return OrderRef(order_id=str(number))
        return OrderRef(client_id=self.host.client_ids.find(account, text or ""))

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result), headers=self._headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        operation = Operation.READ if call is None else call.route.operation
        body, status = error(refusal, operation)
        headers = self._headers(call)
        if refusal.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, -int(-refusal.retry_after_s // 1)))
        return Reply(encode(body), status=status, headers=headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        for event in self._user_data.events(news):
            yield account, encode(event)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.messages(news)

    def tick(self, now_ns: int) -> None:
        self._streams.tick()

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return order.chain[:1]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        order = self.host.venue.find(account, order_id=fill.order_id)
        return order.chain[0]

    def execution_id(self, fill_id: str) -> str:
        return fill_id[1:]

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    # What the parts share.

    def made_up(self) -> str:
        """Return an id for a client that gave none."""
        return "".join(self._random.choices(_LETTERS, k=_MADE_UP))

    def note_cancel(self, order: VenueOrder, cancel_id: str) -> None:
        """Remember what a cancel about to be tried is called."""
        self._cancels[order.number] = cancel_id

    def cancel_id(self, order: VenueOrder) -> str:
        return self._cancels.get(order.number, "")

    def next_execution(self) -> int:
        self._executions += 1
        return self._executions

    def user_id(self, account: str) -> int:
        return self.host.venue.accounts.index(account) + 1

    def _route(self, method: Method) -> Route:
        def prepare(call: Call) -> Act:
            return method.prepare(self._params(call), call.account)

        self._by_route[method.http, method.path] = method
        return Route(
            method.http,
            method.path,
            prepare,
            method.operation,
            is_signed=method.security != "NONE",
        )

    def _method(self, call: Call) -> Method:
        return self._by_route[call.route.method, call.route.path]

    def _params(self, call: Call) -> Params:
        query = call.request.rel_url.raw_query_string
        return Params.of_query(query, call.body.decode("utf-8", "replace"))

    def _headers(self, call: Call | None) -> dict[str, str]:
        now_ns = self.host.clock.time_ns()
        used = str(self.weights.used(now_ns))
        headers = {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}
        if call is not None and call.holder is not None and self._method(call).orders:
            in_10s, in_day = self.order_counts(call.account).used(now_ns)
            headers["X-MBX-ORDER-COUNT-10S"] = str(in_10s)
            headers["X-MBX-ORDER-COUNT-1D"] = str(in_day)
        return headers

    def _listen_token(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            token, expires_ns = self.tokens.make(account)
            return {"token": token, "expirationTime": milliseconds(expires_ns)}

        return act

    def _open_raw(self, request: web.Request, wire: Wire) -> MarketConnection:
        names = request.match_info.get("streams", "")
        streams = [it for it in names.split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=False)

    def _open_combined(self, request: web.Request, wire: Wire) -> MarketConnection:
        query = dict(parse_qsl(request.rel_url.raw_query_string))
        streams = [it for it in query.get("streams", "").split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=True)
