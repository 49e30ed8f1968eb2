"""Binance spot: REST, market streams and WebSocket API on one port."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from crossdock.model import ContractKind, OrderStatus
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.binance.lists import Lists
from crossdock.sandbox.faces.binance.market_data import MarketData
from crossdock.sandbox.faces.binance.market_streams import PACES, SpotStreams
from crossdock.sandbox.faces.binance.methods import methods
from crossdock.sandbox.faces.binance.refusals import VOCABULARY
from crossdock.sandbox.faces.binance.tokens import Tokens
from crossdock.sandbox.faces.binance.user_data import UserData
from crossdock.sandbox.faces.binance.websocket_api import ApiConnection
from crossdock.sandbox.faces.binance.words import Words, told_status
from crossdock.sandbox.faces.binance_words.door import Door, encode
from crossdock.sandbox.faces.binance_words.limits import A_DAY, TEN_SECONDS
from crossdock.sandbox.faces.binance_words.market_streams import MarketConnection
from crossdock.sandbox.faces.binance_words.method import Method
from crossdock.sandbox.faces.binance_words.names import Names
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.contract import Act, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire


class BinanceFace(Door):
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
    usual_limits = MappingProxyType(
        {
            "request_weight_1m": 6000,
            "orders_10s": 100,
            "orders_1d": 200_000,
            "refused_before_ban": 10,
            "ban_s": 120,
            "call_weight_1m": 12_000,
            "user_weight_1m": 180_000,
            "stream_messages_1s": 5,
        }
    )
    order_windows = (TEN_SECONDS, A_DAY)
    vocabulary = VOCABULARY
    venue_rules = MappingProxyType({"partial_oco": "cancel"})

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.symbols = Names(host, ContractKind.SPOT)
        self.lists = Lists()
        self.tokens = Tokens(host)
        self.words = Words(self)
        self.market_data = MarketData(self)
        self._methods = methods(self)
        self.over_websocket = {it.over_websocket: it for it in self._methods}
        self.over_websocket.pop("", None)
        self._user_data = UserData(self)
        self._streams = SpotStreams(self)
        self._cancels: dict[int, str] = {}
        self._executions = 0

    def routes(self) -> Sequence[Route]:
        token = Method(
            "POST", "/sapi/v1/userListenToken", self._listen_token, "USER_DATA", 1
        )
        return self.routes_of((*self._methods, token))

    def sockets(self) -> Sequence[SocketRoute]:
        return [
            SocketRoute("/ws-api/v3", lambda _, wire: ApiConnection(self, wire)),
            SocketRoute("/stream", self._open_combined),
            SocketRoute("/ws", self._open_raw),
            SocketRoute("/ws/{streams:.*}", self._open_raw),
        ]

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        for event in self._user_data.events(news):
            yield account, encode(event)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.messages(news)

    def tick(self, now_ns: int) -> None:
        self._streams.tick()

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    # What the parts share.

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

    def assets(self) -> list[str]:
        """Return every asset that is traded."""
        markets = self.symbols.markets()
        return sorted({asset for it in markets for asset in (it.base, it.quote)})

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
