"""One of Binance's futures exchanges: REST, market streams and user data on one port."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import parse_qs

from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.binance_futures.algos import Algos, is_algo
from crossdock.sandbox.faces.binance_futures.holdings import Holdings
from crossdock.sandbox.faces.binance_futures.market_data import MarketData
from crossdock.sandbox.faces.binance_futures.methods import methods
from crossdock.sandbox.faces.binance_futures.reads import Reads
from crossdock.sandbox.faces.binance_futures.realized import Realized
from crossdock.sandbox.faces.binance_futures.refusals import VOCABULARY
from crossdock.sandbox.faces.binance_futures.streams import PACES, FuturesStreams
from crossdock.sandbox.faces.binance_futures.terms import Terms
from crossdock.sandbox.faces.binance_futures.trading import Trading
from crossdock.sandbox.faces.binance_futures.user_data import UserData
from crossdock.sandbox.faces.binance_futures.words import (
    Words,
    algo_id,
    told_status,
)
from crossdock.sandbox.faces.binance_words.door import Door, encode
from crossdock.sandbox.faces.binance_words.limits import A_MINUTE, TEN_SECONDS
from crossdock.sandbox.faces.binance_words.listening import ListenConnection, ListenKeys
from crossdock.sandbox.faces.binance_words.market_streams import MarketConnection
from crossdock.sandbox.faces.binance_words.names import Names
from crossdock.sandbox.faces.contract import Route, Socket, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire


class FuturesFace(Door):
    """One venue as a futures exchange of Binance; a subclass says which by its `terms`."""

    terms: ClassVar[Terms]
    absent = frozenset({FaultKind.BUST, FaultKind.CORRECTION, FaultKind.LIQUIDATION})
    book_paces_ms = tuple(PACES)
    tells_balances = True
    vocabulary = VOCABULARY
    order_windows = (TEN_SECONDS, A_MINUTE)
    usual_limits = MappingProxyType(
        {
            "request_weight_1m": 2400,
            "orders_10s": 300,
            "orders_1m": 1200,
            "refused_before_ban": 10,
            "ban_s": 120,
            "call_weight_1m": 12_000,
            "user_weight_1m": 180_000,
            "stream_messages_1s": 10,
        }
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.symbols = Names(host, self.terms.kind)
        self.algos = Algos()
        self.realized = Realized(host.venue)
        self.words = Words(self)
        self.market_data = MarketData(self)
        self.holdings = Holdings(self)
        self.trading = Trading(self)
        self.reads = Reads(self)
        self.listen_keys = ListenKeys(host)
        self.user_data = UserData(self)
        self._streams = FuturesStreams(self)

    def routes(self) -> Sequence[Route]:
        return self.routes_of(methods(self))

    def sockets(self) -> Sequence[SocketRoute]:
        private = self.terms.private
        routes = []
        for folder in self.terms.routes:
            routes += [
                SocketRoute(f"{folder}/stream", self._open_combined),
                SocketRoute(f"{folder}/ws", self._open_raw),
                SocketRoute(f"{folder}/ws/{{streams:.*}}", self._open_raw),
            ]
        if private:
            routes += [
                SocketRoute(f"{private}/ws", self._open_private),
                SocketRoute(f"{private}/ws/{{key}}", self._open_private),
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

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        ids = [str(algo_id(order))] if is_algo(order) else []
        return [*ids, order.chain[0]] if self.algos.is_placed(order) else ids

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _open_private(self, request: web.Request, wire: Wire) -> Socket:
        query = parse_qs(request.rel_url.raw_query_string)
        asked = query.get("listenKey", [""])[0]
        return self._heard(wire, request.match_info.get("key", asked))

    def _heard(self, wire: Wire, key: str) -> Socket:
        return ListenConnection(self, wire, key, self.listen_keys, self.user_data)

    def _open_raw(self, request: web.Request, wire: Wire) -> Socket:
        names = request.match_info.get("streams", "")
        if self.listen_keys.account_of(names) is not None:
            return self._heard(wire, names)
        streams = [it for it in names.split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=False)

    def _open_combined(self, request: web.Request, wire: Wire) -> Socket:
        query = parse_qs(request.rel_url.raw_query_string)
        streams = [it for it in query.get("streams", [""])[0].split("/") if it]
        return MarketConnection(self, wire, streams, is_combined=True)
