"""Alpaca: the Trading API v2, the Market Data API, and their streams, at one address.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.alpaca.assets import Assets
from crossdock.sandbox.faces.alpaca.chains import Chains
from crossdock.sandbox.faces.alpaca.data.quotes import Quotes
from crossdock.sandbox.faces.alpaca.data.reads import COINS, OPTIONS, STOCKS, MarketData
from crossdock.sandbox.faces.alpaca.executions import Executions
from crossdock.sandbox.faces.alpaca.ids import order_id
from crossdock.sandbox.faces.alpaca.limits import USUAL, MinuteLimiter, spent
from crossdock.sandbox.faces.alpaca.reads.account import AccountReads
from crossdock.sandbox.faces.alpaca.reads.activities import Activities
from crossdock.sandbox.faces.alpaca.reads.calendar import Calendar
from crossdock.sandbox.faces.alpaca.reads.listing import Listing
from crossdock.sandbox.faces.alpaca.reads.orders import OrderReads
from crossdock.sandbox.faces.alpaca.refusals import spoken
from crossdock.sandbox.faces.alpaca.stream.account import PATH, AccountConnection
from crossdock.sandbox.faces.alpaca.stream.data import (
    COIN_PATH,
    STOCK_PATHS,
    DataConnection,
)
from crossdock.sandbox.faces.alpaca.stream.market import MarketStreams
from crossdock.sandbox.faces.alpaca.stream.updates import Updates
from crossdock.sandbox.faces.alpaca.trading import Answer, Trading
from crossdock.sandbox.faces.alpaca.words import Words, told_status
from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import SECOND_NS, Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_DATA = (STOCKS, COINS, OPTIONS)

_encode = msgspec.json.Encoder(decimal_format="number").encode


class AlpacaFace(Face):
    """The protocol at one venue. Only its spot markets are seen."""

    absent = frozenset(
        {
            # The stream has words for these two, the history of activities has none.
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
        }
    )
    venue_rules: Mapping[str, Any] = {"partial_oco": "shrink"}
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.assets = Assets(host)
        self.chains = Chains(host)
        self.executions = Executions(host)
        self.words = Words(self)
        self.account = AccountReads(self)
        self.trading = Trading(self)
        self.quotes = Quotes(host, self.assets)
        self.streams = MarketStreams(self)
        self._updates = Updates(self)
        self._limiters: dict[tuple[str, str], MinuteLimiter] = {}

    def routes(self) -> Sequence[Route]:
        account, trading, orders = self.account, self.trading, OrderReads(self)
        activities, calendar, listing = Activities(self), Calendar(self), Listing(self)
        submit, replace, cancel = Operation.SUBMIT, Operation.REPLACE, Operation.CANCEL
        return [
            Route("GET", "/v2/account", account.account),
            Route("GET", "/v2/account/configurations", account.settings),
            Route("PATCH", "/v2/account/configurations", account.change_settings),
            Route("GET", "/v2/account/activities", activities.listed),
            Route("GET", "/v2/account/activities/{type}", activities.listed),
            Route("GET", "/v2/account/portfolio/history", account.portfolio_history),
            Route("GET", "/v2/assets", listing.assets),
            Route("GET", "/v2/assets/{symbol:.+}", listing.asset),
            Route("GET", "/v2/options/contracts", listing.contracts),
            Route("GET", "/v2/options/contracts/{symbol}", listing.contract),
            Route("GET", "/v2/clock", calendar.clock),
            Route("GET", "/v2/calendar", calendar.days),
            Route("GET", "/v2/orders", orders.listed),
            Route("POST", "/v2/orders", trading.submit, submit),
            Route("DELETE", "/v2/orders", trading.cancel_all, cancel),
            Route("GET", "/v2/orders:by_client_order_id", orders.by_client_id),
            Route("GET", "/v2/orders/{id}", orders.by_id),
            Route("PATCH", "/v2/orders/{id}", trading.replace, replace),
            Route("DELETE", "/v2/orders/{id}", trading.cancel, cancel),
            Route("GET", "/v2/positions", account.positions),
            Route("DELETE", "/v2/positions", account.close_all, submit),
            Route("GET", "/v2/positions/{symbol:.+}", account.position),
            Route("DELETE", "/v2/positions/{symbol:.+}", account.close, submit),
            *MarketData(self).routes(),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        def data(path: str) -> SocketRoute:
            return SocketRoute(path, lambda asked, wire: DataConnection(self, wire, asked))

        return [
            SocketRoute(PATH, lambda _, wire: AccountConnection(self, wire)),
            *map(data, (*STOCK_PATHS, COIN_PATH)),
        ]

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("APCA-API-KEY-ID", "")

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._limiter(call), operation, None)
            return
        holder = self.host.keys.find(self.claimed_key(call))
        secret = call.request.headers.get("APCA-API-SECRET-KEY", "").encode()
        if holder is None or not hmac.compare_digest(holder.secret, secret):
            raise Refusal("bad_key", "unauthorized.")
        call.holder = holder
        self.passage.check_key(holder, operation)
        self.passage.limit(self._limiter(call), operation, holder.account)

    def reply(self, call: Call, result: Any) -> Reply:
        answer = result if isinstance(result, Answer) else Answer(result)
        body = b"" if answer.status == 204 else _encode(answer.result)
        return Reply(body, answer.status, self._headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, body = spoken(refusal)
        headers: dict[str, str] = {}
        if refusal.code == "rate_limited":
            if refusal.retry_after_s is not None:
                reset_ns = self.host.now_ns() + int(refusal.retry_after_s * SECOND_NS)
                headers = spent(self.limits["trading_per_minute"], reset_ns)
        elif call is not None and (call.holder is not None or not call.route.is_signed):
            headers = self._headers(call)
        return Reply(_encode(body), status, headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self._updates.of(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.of(news)

    def tick(self, now_ns: int) -> None:
        self.quotes.tick()
        self.streams.tick()

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_id(it) for it in order.chain]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return order_id(fill.order_id)

    def execution_id(self, fill_id: str) -> str:
        return self.executions.name(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _limiter(self, call: Call) -> MinuteLimiter:
        kind = "data" if call.route.path.startswith(_DATA) else "trading"
        key = (kind, call.account)
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = MinuteLimiter(self.limits[f"{kind}_per_minute"])
            self._limiters[key] = limiter
        return limiter

    def _headers(self, call: Call) -> dict[str, str]:
        return self._limiter(call).headers(self.host.clock_offset_ns)
