"""Coinbase Exchange: REST and the feed on one port."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.coinbaseexchange.auth import verify, window
from crossdock.sandbox.faces.coinbaseexchange.limits import USUAL, Bucket
from crossdock.sandbox.faces.coinbaseexchange.market import MarketReads
from crossdock.sandbox.faces.coinbaseexchange.params import Params
from crossdock.sandbox.faces.coinbaseexchange.products import Products
from crossdock.sandbox.faces.coinbaseexchange.reads import AccountReads
from crossdock.sandbox.faces.coinbaseexchange.refusals import spoken
from crossdock.sandbox.faces.coinbaseexchange.stream.connection import FeedConnection
from crossdock.sandbox.faces.coinbaseexchange.stream.words import LEVEL2, FeedWords
from crossdock.sandbox.faces.coinbaseexchange.trading import Trading
from crossdock.sandbox.faces.coinbaseexchange.words import Words, order_uid
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

Prepare = Callable[[Params, str], Act]
PrepareOne = Callable[[Params, str, OrderRef], Act]

encode = msgspec.json.Encoder().encode


class CoinbaseExchangeFace(Face):
    """One venue as Coinbase Exchange."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.FUNDING,
        }
    )
    book_paces_ms = tuple(LEVEL2)
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.products = Products(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.market = MarketReads(self)
        self.feed_words = FeedWords(self)
        self._buckets: dict[str, Bucket] = {}

    def routes(self) -> Sequence[Route]:
        market, account, trading = self.market, AccountReads(self), self.trading
        submit, cancel = Operation.SUBMIT, Operation.CANCEL
        public: list[tuple[str, Prepare]] = [
            ("/time", market.time),
            ("/currencies", market.currencies),
            ("/products", market.products),
        ]
        of_product: list[tuple[str, Prepare]] = [
            ("", market.product),
            ("/book", market.book),
            ("/trades", market.trades),
            ("/candles", market.candles),
            ("/ticker", market.ticker),
            ("/stats", market.stats),
        ]
        private: list[tuple[str, Prepare]] = [
            ("/accounts", account.accounts),
            ("/orders", account.orders),
            ("/fills", account.fills),
            ("/transfers", account.transfers),
            ("/fees", account.fees),
        ]
        return [
            *(self._route("GET", path, it, is_signed=False) for path, it in public),
            *(self._of_product(f"/products/{{id}}{end}", it) for end, it in of_product),
            *(self._route("GET", path, it) for path, it in private),
            self._of_wallet("/accounts/{id}/transfers", account),
            self._of_order("GET", account.order, Operation.READ),
            self._route("POST", "/orders", trading.place, submit),
            self._of_order("DELETE", trading.cancel, cancel),
            self._route("DELETE", "/orders", trading.cancel_all, cancel),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        def feed(_request: object, wire: Wire) -> FeedConnection:
            return FeedConnection(self, wire)

        return [SocketRoute("/", feed)]

    # In.

    def claimed_key(self, call: Call) -> str:
        signed = call.route.is_signed
        return call.request.headers.get("CB-ACCESS-KEY", "") if signed else ""

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._bucket(""), operation, None)
            return
        headers = call.request.headers
        timestamp = headers.get("CB-ACCESS-TIMESTAMP", "")
        path = call.request.rel_url.raw_path_qs
        body = call.body.decode("utf-8", "replace")
        call.holder = verify(
            self.host,
            self.claimed_key(call),
            headers.get("CB-ACCESS-PASSPHRASE", ""),
            headers.get("CB-ACCESS-SIGN", ""),
            timestamp,
            f"{call.request.method}{path}{body}",
        )
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        self.passage.limit(self._bucket(call.account), operation, call.account)
        call.window = window(self.host, timestamp)

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        operation = Operation.READ if call is None else call.route.operation
        status, words = spoken(refusal, operation)
        return Reply(encode({"message": words}), status)

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
        return fill_id[1:]

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def profile_id(self, account: str) -> str:
        return _made_of("profile", account)

    def wallet_id(self, account: str, asset: str) -> str:
        return _made_of(account, asset)

    def _bucket(self, account: str) -> Bucket:
        bucket = self._buckets.get(account)
        if bucket is None:
            kind = "private" if account else "public"
            words = f"{kind.capitalize()} rate limit exceeded"
            per_s, burst = self.limits[f"{kind}_per_s"], self.limits[f"{kind}_burst"]
            bucket = self._buckets[account] = Bucket(per_s, burst, words)
        return bucket

    def _route(
        self,
        method: str,
        path: str,
        prepare: Prepare,
        operation: Operation = Operation.READ,
        *,
        is_signed: bool = True,
    ) -> Route:
        def prepared(call: Call) -> Act:
            return prepare(_params(call), call.account)

        return Route(method, path, prepared, operation, is_signed=is_signed)

    def _of_product(self, path: str, prepare: Prepare) -> Route:
        def prepared(call: Call) -> Act:
            return prepare(_params(call), call.request.match_info["id"])

        return Route("GET", path, prepared, is_signed=False)

    def _of_wallet(self, path: str, reads: AccountReads) -> Route:
        def prepared(call: Call) -> Act:
            wallet = call.request.match_info["id"]
            return reads.wallet_transfers(_params(call), call.account, wallet)

        return Route("GET", path, prepared)

    def _of_order(self, method: str, prepare: PrepareOne, operation: Operation) -> Route:
        def prepared(call: Call) -> Act:
            ref = self.trading.ref(call.request.match_info["id"], call.account)
            return prepare(_params(call), call.account, ref)

        return Route(method, "/orders/{id}", prepared, operation)


def _params(call: Call) -> Params:
    return Params.of(call.request.rel_url.raw_query_string, call.body)


def _made_of(*names: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(names)))
