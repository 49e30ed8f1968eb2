"""Binance options: REST, market streams and user data on one port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from urllib.parse import parse_qs

from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance_words.door import Door, encode
from crossdock.sandbox.faces.binance_words.limits import A_MINUTE, TEN_SECONDS
from crossdock.sandbox.faces.binance_words.listening import ListenConnection, ListenKeys
from crossdock.sandbox.faces.binance_words.market_streams import MarketConnection
from crossdock.sandbox.faces.binance_words.method import Method, Prepare, Weight, either
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.rights import restrictions
from crossdock.sandbox.faces.binanceoptions.account import Account
from crossdock.sandbox.faces.binanceoptions.market_data import MarketData
from crossdock.sandbox.faces.binanceoptions.names import OptionNames
from crossdock.sandbox.faces.binanceoptions.refusals import VOCABULARY
from crossdock.sandbox.faces.binanceoptions.streams import PACES, OptionStreams
from crossdock.sandbox.faces.binanceoptions.trading import Trading
from crossdock.sandbox.faces.binanceoptions.user_data import UserData
from crossdock.sandbox.faces.binanceoptions.words import (
    Words,
    engine_id,
    order_id,
    told_status,
)
from crossdock.sandbox.faces.contract import Act, Route, Socket, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

_V1 = "/eapi/v1"


class BinanceOptionsFace(Door):
    """One venue as Binance's options exchange."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
            FaultKind.REPLACE_FILL_RACE,
        }
    )
    book_paces_ms = tuple(PACES)
    tells_balances = True
    vocabulary = VOCABULARY
    order_windows = (TEN_SECONDS, A_MINUTE)
    usual_limits = MappingProxyType(
        {
            "request_weight_1m": 400,
            "orders_10s": 30,
            "orders_1m": 100,
            "refused_before_ban": 10,
            "ban_s": 120,
            "call_weight_1m": 12_000,
            "user_weight_1m": 180_000,
            "stream_messages_1s": 10,
        }
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.symbols = OptionNames(host)
        self.words = Words(self)
        self.market_data = MarketData(self)
        self.account = Account(self)
        self.trading = Trading(self)
        self.listen_keys = ListenKeys(host)
        self.user_data = UserData(self)
        self._streams = OptionStreams(self)

    def routes(self) -> Sequence[Route]:
        return self.routes_of([*self._public(), *self._private(), *self._writes()])

    def sockets(self) -> Sequence[SocketRoute]:
        routes = [SocketRoute("/private/ws/{key}", self._open_private)]
        for folder in ("/public", "/market"):
            routes += [
                SocketRoute(f"{folder}/stream", self._open_combined),
                SocketRoute(f"{folder}/ws", self._open_raw),
                SocketRoute(f"{folder}/ws/{{streams:.*}}", self._open_raw),
            ]
        return routes

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        for event in self.user_data.events(account, news):
            yield account, encode(event)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.messages(news)

    def tick(self, now_ns: int) -> None:
        self._streams.tick()

    def order_ref(self, params: Params, account: str) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        ref = self.ref(params, account, "orderId", "clientOrderId")
        if ref.order_id is None:
            return ref
        return OrderRef(order_id=engine_id(int(ref.order_id)))

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [str(order_id(order))]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return str(order_id(self.host.venue.find(account, order_id=fill.order_id)))

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _public(self) -> Iterator[Method]:
        data = self.market_data
        calls: list[tuple[str, Prepare, int | Weight]] = [
            ("ping", data.ping, 1),
            ("time", data.time, 1),
            ("exchangeInfo", data.exchange_info, 1),
            ("depth", data.depth, _depth_weight),
            ("trades", data.trades, 5),
            ("klines", data.klines, 1),
            ("ticker", data.tickers, 5),
            ("mark", data.marks, 5),
        ]
        for name, prepare, weight in calls:
            yield Method("GET", f"{_V1}/{name}", prepare, "NONE", weight)

    def _private(self) -> Iterator[Method]:
        calls: list[tuple[str, Prepare, int | Weight]] = [
            ("order", self.account.order, 1),
            ("openOrders", self.account.open_orders, either(1, 40)),
            ("historyOrders", self.account.done_orders, 3),
            ("userTrades", self.account.trades, 5),
            ("position", self.account.positions, 5),
            ("marginAccount", self.account.money, 3),
        ]
        for name, prepare, weight in calls:
            yield Method("GET", f"{_V1}/{name}", prepare, "USER_DATA", weight)
        path = "/sapi/v1/account/apiRestrictions"
        yield Method("GET", path, self._rights, "USER_DATA", 1)

    def _writes(self) -> Iterator[Method]:
        trading, keys = self.trading, self.listen_keys
        submit, cancel = Operation.SUBMIT, Operation.CANCEL
        calls: list[tuple[str, str, Prepare, int, Operation, int]] = [
            ("POST", "order", trading.place, 0, submit, 1),
            ("DELETE", "order", trading.cancel, 1, cancel, 0),
            ("DELETE", "allOpenOrders", trading.cancel_open, 1, cancel, 0),
        ]
        for http, name, prepare, weight, operation, orders in calls:
            path = f"{_V1}/{name}"
            yield Method(http, path, prepare, "TRADE", weight, operation, orders)
        for http, listen in (
            ("POST", keys.make),
            ("PUT", keys.extend),
            ("DELETE", keys.end),
        ):
            yield Method(http, f"{_V1}/listenKey", listen, "USER_STREAM", 1)

    def _rights(self, _params: Params, account: str) -> Act:
        return lambda now_ns: restrictions(self.host.keys.of_account(account), now_ns)

    def _open_private(self, request: web.Request, wire: Wire) -> Socket:
        key = request.match_info["key"]
        return ListenConnection(self, wire, key, self.listen_keys, self.user_data)

    def _open_raw(self, request: web.Request, wire: Wire) -> Socket:
        streams = [it for it in request.match_info.get("streams", "").split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=False)

    def _open_combined(self, request: web.Request, wire: Wire) -> Socket:
        query = parse_qs(request.rel_url.raw_query_string)
        streams = [it for it in query.get("streams", [""])[0].split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=True)


def _depth_weight(params: Params) -> int:
    limit = params.whole("limit", 100)
    for most, weight in ((99, 1), (100, 2), (500, 5)):
        if limit <= most:
            return weight
    return 10
