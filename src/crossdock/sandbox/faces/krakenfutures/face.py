"""Kraken Futures: derivatives, charts and history over REST, and the feeds, on one port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.krakenfutures.auth import Nonces, authent, verify
from crossdock.sandbox.faces.krakenfutures.limits import (
    TEN_MINUTES_NS,
    TEN_SECONDS_NS,
    USUAL,
    Pool,
)
from crossdock.sandbox.faces.krakenfutures.params import Params
from crossdock.sandbox.faces.krakenfutures.reads.account import AccountReads
from crossdock.sandbox.faces.krakenfutures.reads.market import MarketReads
from crossdock.sandbox.faces.krakenfutures.refusals import spoken
from crossdock.sandbox.faces.krakenfutures.stream.connection import FeedConnection
from crossdock.sandbox.faces.krakenfutures.stream.words import FeedWords
from crossdock.sandbox.faces.krakenfutures.symbols import Symbols
from crossdock.sandbox.faces.krakenfutures.trading import Trading
from crossdock.sandbox.faces.krakenfutures.words import Words, fill_uid, moment, order_uid
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_V3 = "/derivatives/api/v3"
_HISTORY = "/api/history"
_COSTS = {"sendorder": 10, "editorder": 10, "cancelorder": 10, "cancelallorders": 25}
_ACCOUNT_COST = 2

Prepare = Callable[[Params, str], Act]

encode = msgspec.json.Encoder(decimal_format="number").encode


class KrakenFuturesFace(Face):
    """One venue as Kraken Futures."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.FUNDING,
        }
    )
    tells_balances = True
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.symbols = Symbols(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.feed_words = FeedWords(self)
        self._nonces = Nonces()
        self._pools: dict[tuple[str, str], Pool] = {}
        self._challenges = 0

    def routes(self) -> Sequence[Route]:
        market, account, trading = MarketReads(self), AccountReads(self), self.trading
        submit, replace, cancel = Operation.SUBMIT, Operation.REPLACE, Operation.CANCEL
        public: list[tuple[str, Prepare]] = [
            (f"{_V3}/instruments", market.instruments),
            (f"{_V3}/orderbook", market.book),
            (f"{_V3}/tickers", market.tickers),
            (f"{_V3}/history", market.trades),
            ("/derivatives/api/v4/historicalfundingrates", market.funding_rates),
        ]
        private: list[tuple[str, Prepare]] = [
            (f"{_V3}/accounts", account.accounts),
            (f"{_V3}/openpositions", account.positions),
            (f"{_V3}/openorders", account.open_orders),
            (f"{_V3}/fills", account.fills),
            (f"{_V3}/orders/status", account.status),
            (f"{_V3}/leveragepreferences", account.leverage),
            (f"{_HISTORY}/v2/orders", account.order_events),
            (f"{_HISTORY}/v2/triggers", account.trigger_events),
        ]
        return [
            *(self._route("GET", path, it, signed=False) for path, it in public),
            *(self._route("GET", path, it) for path, it in private),
            self._route("POST", f"{_V3}/orders/status", account.status),
            self._route("PUT", f"{_V3}/leveragepreferences", account.set_leverage),
            self._route("POST", f"{_V3}/sendorder", trading.send, submit),
            self._route("POST", f"{_V3}/editorder", trading.edit, replace),
            self._route("POST", f"{_V3}/cancelorder", trading.cancel, cancel),
            self._route("POST", f"{_V3}/cancelallorders", trading.cancel_all, cancel),
            self._of_symbol(f"{_V3}/tickers/{{symbol}}", market.one_ticker),
            self._of_symbol(
                f"{_HISTORY}/v3/market/{{symbol}}/executions", market.executions
            ),
            self._candles(market),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute("/ws/v1", lambda _, wire: FeedConnection(self, wire))]

    # In.

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("APIKey", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        if not call.route.is_signed:
            return
        headers, key = call.request.headers, self.claimed_key(call)
        posted = call.request.rel_url.raw_query_string + call.body.decode(
            "utf-8", "replace"
        )
        nonce = headers.get("Nonce", "")
        holder = self.host.keys.find(key)
        expected = ""
        if holder is not None:
            path = call.request.rel_url.raw_path
            expected = authent(holder.secret, posted, nonce, path)
        call.holder = verify(self.host, key, expected, headers.get("Authent", ""))
        self._nonces.take(key, nonce)
        operation = call.route.operation
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        name = call.route.path.rpartition("/")[2]
        cost = _COSTS.get(name, _ACCOUNT_COST)
        self.passage.limit(self._pool(call), operation, call.account, cost)

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        if "/derivatives/" in call.route.path:
            head = {"result": "success", "serverTime": moment(self.host.now_ns())}
            return Reply(encode(head | result))
        return Reply(encode(result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        words, status = spoken(refusal)
        body: dict[str, Any] = {"result": "error", "error": words}
        if status == 500:
            body = {"result": "error", "errors": [{"code": 98, "message": words}]}
        return Reply(encode(body | {"serverTime": moment(self.host.now_ns())}), status)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        for channel, body in self.feed_words.account(account, news):
            yield channel, encode(body)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        for topic, body in self.feed_words.market(news):
            yield topic, encode(body)

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [order_uid(order)]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return order_uid(self.host.venue.find(account, order_id=fill.order_id))

    def execution_id(self, fill_id: str) -> str:
        return fill_uid(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def next_challenge(self) -> int:
        self._challenges += 1
        return self._challenges

    def _pool(self, call: Call) -> Pool:
        is_history = call.route.path.startswith(_HISTORY)
        name = "history_10min" if is_history else "derivatives_10s"
        pool = self._pools.get((call.account, name))
        if pool is None:
            span_ns = TEN_MINUTES_NS if is_history else TEN_SECONDS_NS
            pool = self._pools[call.account, name] = Pool(self.limits[name], span_ns)
        return pool

    def _route(
        self,
        method: str,
        path: str,
        prepare: Prepare,
        operation: Operation = Operation.READ,
        *,
        signed: bool = True,
    ) -> Route:
        def prepared(call: Call) -> Act:
            return prepare(_params(call), call.account)

        return Route(method, path, prepared, operation, is_signed=signed)

    def _of_symbol(self, path: str, prepare: Prepare) -> Route:
        def prepared(call: Call) -> Act:
            return prepare(_params(call), call.request.match_info["symbol"])

        return Route("GET", path, prepared, is_signed=False)

    def _candles(self, market: MarketReads) -> Route:
        def prepared(call: Call) -> Act:
            asked = call.request.match_info
            return market.candles(
                _params(call), asked["kind"], asked["symbol"], asked["interval"]
            )

        path = "/api/charts/v1/{kind}/{symbol}/{interval}"
        return Route("GET", path, prepared, is_signed=False)


def _params(call: Call) -> Params:
    query = call.request.rel_url.raw_query_string
    return Params(query, call.body.decode("utf-8", "replace"))
