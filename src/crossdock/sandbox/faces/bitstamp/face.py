"""Bitstamp spot: REST at `/api/v2`, and a WebSocket at `/`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.bitstamp.account import Account
from crossdock.sandbox.faces.bitstamp.auth import Nonces, Tokens, claimed_key, verify
from crossdock.sandbox.faces.bitstamp.limits import USUAL, Limiter
from crossdock.sandbox.faces.bitstamp.market import Market, Stamps
from crossdock.sandbox.faces.bitstamp.params import Params
from crossdock.sandbox.faces.bitstamp.refusals import worded
from crossdock.sandbox.faces.bitstamp.stream import BitstampConnection, Streams
from crossdock.sandbox.faces.bitstamp.trading import Trading
from crossdock.sandbox.faces.bitstamp.words import (
    Names,
    Words,
    order_id,
    told_status,
    trade_id,
)
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_FIRST_USER = 4_000_000

encode = msgspec.json.Encoder().encode


class BitstampFace(Face):
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

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.stamps = Stamps(self)
        self.words = Words(self)
        self.tokens = Tokens(host)
        self.trading = Trading(self)
        self._market = Market(self)
        self._account = Account(self)
        self._streams = Streams(self)
        self._nonces = Nonces()
        self._limiters: dict[str, Limiter] = {}

    def routes(self) -> Sequence[Route]:
        def read(call: Call, prepare: Any) -> Act:
            act: Act = prepare(Params.of(call), call)
            return act

        def route(method: str, path: str, prepare: Any, operation: Operation) -> Route:
            return Route(
                method,
                f"/api/v2/{path}",
                lambda call: read(call, prepare),
                operation,
                is_signed=method == "POST",
            )

        return [
            *(
                route("GET", path, prepare, Operation.READ)
                for path, prepare in self._market.reads().items()
            ),
            *(
                route("POST", path, prepare, Operation.READ)
                for path, prepare in self._account.reads().items()
            ),
            *(
                route("POST", path, prepare, operation)
                for path, (prepare, operation) in self.trading.writes().items()
            ),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute("/", lambda _, wire: BitstampConnection(self, wire))]

    def user_id(self, account: str) -> int:
        return _FIRST_USER + self.host.venue.accounts.index(account)

    def given_id(self, account: str, engine_id: str) -> str | None:
        """Return the id a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return None if shown == engine_id else shown or None

    def claimed_key(self, call: Call) -> str:
        return claimed_key(call) if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._limiter(""), operation, None)
            return
        call.holder, call.window = verify(self.host, call, self._nonces)
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        limiter = self._limiter(call.holder.key)
        self.passage.limit(limiter, operation, call.account)

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, body = worded(refusal)
        return Reply(encode(body), status=status)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self._streams.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.market(news)

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [str(order_id(it)) for it in order.chain]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return str(order_id(fill.order_id))

    def execution_id(self, fill_id: str) -> str:
        return str(trade_id(fill_id))

    def client_id(self, account: str, engine_id: str) -> str:
        return self.given_id(account, engine_id) or engine_id

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _limiter(self, key: str) -> Limiter:
        found = self._limiters.get(key)
        if found is None:
            found = self._limiters[key] = Limiter(self.limits)
        return found
