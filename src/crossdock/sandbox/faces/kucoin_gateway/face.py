"""What both exchanges answer alike: who calls, how often, in which envelope."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.kucoin_gateway.auth import Tokens, verify
from crossdock.sandbox.faces.kucoin_gateway.ids import trade_id
from crossdock.sandbox.faces.kucoin_gateway.limits import Pool
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import Words, worded
from crossdock.sandbox.faces.kucoin_gateway.stream import KucoinConnection
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.wire import Wire

PING_INTERVAL_MS = 18_000
PING_TIMEOUT_MS = 10_000
SOCKET_PATH = "/endpoint"

encode = msgspec.json.Encoder().encode
Prepare = Callable[[Params, Call], Act]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call: what does it, and the weight it takes from its pool."""

    method: str
    path: str
    prepare: Prepare
    weight: int = 2
    operation: Operation = Operation.READ
    is_signed: bool = True


class KucoinGateway(Face):
    """One of KuCoin's exchanges at one venue."""

    absent = frozenset({FaultKind.BUST, FaultKind.CORRECTION})
    refusing: Mapping[str, Words] = {}
    """What the exchange says of an order it refuses, by the engine's codes."""

    private_topics: frozenset[str] = frozenset()
    trade_right = ""
    """What a key that may trade is told to have, beside `General`."""

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.tokens = Tokens(host)
        self._by_route: dict[tuple[str, str], Endpoint] = {}
        self._public = Pool(self.limits["public_most"])
        self._pools: dict[str, Pool] = {}

    @abstractmethod
    def endpoints(self) -> Sequence[Endpoint]: ...

    def rights(self, call: Call) -> str:
        """Return what the caller's key may do, in words."""
        assert call.holder is not None, "the call is signed"
        return f"General,{self.trade_right}" if call.holder.may_trade else "General"

    @abstractmethod
    def market_topics(self, text: str) -> Sequence[Topic]:
        """Return what a public topic's name asks for. Raises Refusal."""

    def currency(self, asset: str) -> str:
        """Return what the exchange calls an asset."""
        return asset

    def routes(self) -> Sequence[Route]:
        found = [*self._shared(), *self.endpoints()]
        self._by_route = {(it.method, it.path): it for it in found}
        return [self._route(it) for it in found]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute(SOCKET_PATH, self._open)]

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("KC-API-KEY", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        endpoint = self._endpoint(call)
        operation = endpoint.operation
        if not endpoint.is_signed:
            self.passage.limit(self._public, operation, None, endpoint.weight)
            return
        call.holder, call.window = verify(self.host, call)
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        pool = self._pool(call.account)
        self.passage.limit(pool, operation, call.account, endpoint.weight)

    def reply(self, call: Call, result: Any) -> Reply:
        body = encode({"code": "200000", "data": result})
        return Reply(body, headers=self._headers(call, None))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, code, words = worded(refusal, self.refusing)
        headers = {} if call is None else self._headers(call, refusal)
        return Reply(encode({"code": code, "msg": words}), status=status, headers=headers)

    def status(self, order: VenueOrder) -> OrderStatus:
        """Return the status KuCoin tells: what is done was filled or else canceled."""
        if order.status in (OrderStatus.EXPIRED, OrderStatus.REJECTED):
            return OrderStatus.CANCELED
        return order.status

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.client_oid(account, engine_id) or engine_id

    def client_oid(self, account: str, engine_id: str) -> str | None:
        """Return the id a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return None if shown == engine_id else shown or None

    def pushed(self, topic: str, subject: str, data: Row) -> tuple[str, bytes]:
        """Word a message of a private topic."""
        message = {
            "topic": topic,
            "type": "message",
            "subject": subject,
            "userId": self.host.name,
            "channelType": "private",
            "data": data,
        }
        return topic, encode(message)

    def told(self, topic: str, subject: str, data: Row) -> tuple[Topic, bytes]:
        """Word a message of a public topic."""
        message = {"topic": topic, "type": "message", "subject": subject, "data": data}
        return topic, encode(message)

    def _shared(self) -> Iterable[Endpoint]:
        read = self._answer
        return [
            Endpoint("GET", "/api/v1/timestamp", read(ms), 3, is_signed=False),
            Endpoint("GET", "/api/v3/currencies", self._currencies, 3, is_signed=False),
            Endpoint("POST", "/api/v1/bullet-public", self._bullet, 10, is_signed=False),
            Endpoint("POST", "/api/v1/bullet-private", self._bullet, 10),
            Endpoint("GET", "/api/v1/hf/accounts/opened", read(lambda _: True)),
            Endpoint("GET", "/api/v3/margin/symbols", read(_no_items), 3),
            Endpoint("GET", "/api/v1/isolated/symbols", read(lambda _: []), 3),
            Endpoint("GET", "/api/v2/sub/user", read(lambda _: []), 20),
            Endpoint("GET", "/api/ua/v1/account/mode", read(_classic), 30),
            Endpoint("GET", "/api/v1/user/api-key", self._key, 20),
        ]

    def _answer(self, result: Callable[[int], Any]) -> Prepare:
        return lambda _params, _call: result

    def _currencies(self, params: Params, call: Call) -> Act:
        markets = self.host.venue.markets.values()
        assets = {it for market in markets for it in (market.base, market.quote)}
        return lambda _now_ns: [_currency(self.currency(it)) for it in sorted(assets)]

    def _bullet(self, params: Params, call: Call) -> Act:
        endpoint = f"ws://{call.request.host}{SOCKET_PATH}"

        def act(_now_ns: int) -> Row:
            server = {
                "endpoint": endpoint,
                "encrypt": False,
                "protocol": "websocket",
                "pingInterval": PING_INTERVAL_MS,
                "pingTimeout": PING_TIMEOUT_MS,
            }
            token = self.tokens.issue(call.holder)
            return {"token": token, "instanceServers": [server]}

        return act

    def _key(self, params: Params, call: Call) -> Act:
        holder = call.holder
        assert holder is not None, "the call is signed"

        def act(now_ns: int) -> Row:
            rights = self.rights(call)
            return {
                "remark": holder.account,
                "apiKey": holder.key,
                "apiVersion": 3,
                "permission": f"{rights},Withdrawal" if holder.may_withdraw else rights,
                "createdAt": ms(now_ns),
                "uid": self.host.venue.accounts.index(holder.account) + 1,
                "isMaster": True,
            }

        return act

    def _open(self, request: web.Request, wire: Wire) -> KucoinConnection:
        query = request.query
        return KucoinConnection(
            self, wire, token=query.get("token", ""), name=query.get("connectId", "")
        )

    def _route(self, endpoint: Endpoint) -> Route:
        return Route(
            endpoint.method,
            endpoint.path,
            lambda call: endpoint.prepare(Params.of(call), call),
            endpoint.operation,
            is_signed=endpoint.is_signed,
        )

    def _endpoint(self, call: Call) -> Endpoint:
        return self._by_route[call.route.method, call.route.path]

    def _pool(self, account: str) -> Pool:
        return self._pools.setdefault(account, Pool(self.limits["account_most"]))

    def _headers(self, call: Call, refusal: Refusal | None) -> dict[str, str]:
        pool = self._pool(call.account) if call.account else self._public
        return pool.headers(self.host.clock.time_ns(), refusal)


def _no_items(now_ns: int) -> Row:
    return {"timestamp": ms(now_ns), "items": []}


def _classic(_now_ns: int) -> Row:
    return {"selfAccountMode": "CLASSIC", "unifiedAccountMode": ""}


def _currency(asset: str) -> Row:
    return {
        "currency": asset,
        "name": asset,
        "fullName": asset,
        "precision": 8,
        "confirms": None,
        "contractAddress": None,
        "isMarginEnabled": False,
        "isDebitEnabled": False,
        "chains": [],
    }
