"""dYdX v4: the indexer at `/v4`, its WebSocket, and a node's RPC and REST, on one port."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.dydx.chain import Chain
from crossdock.sandbox.faces.dydx.limits import BLOCK_NS, TEN_SECONDS_NS, USUAL, Windows
from crossdock.sandbox.faces.dydx.markets import Markets
from crossdock.sandbox.faces.dydx.node import BROADCASTS, Node
from crossdock.sandbox.faces.dydx.params import Params
from crossdock.sandbox.faces.dydx.reads.account import AccountReads
from crossdock.sandbox.faces.dydx.reads.market import MarketReads
from crossdock.sandbox.faces.dydx.refusals import status_of
from crossdock.sandbox.faces.dydx.stream import Channels, Subscribed
from crossdock.sandbox.faces.dydx.trading import Trading
from crossdock.sandbox.faces.dydx.words import Words, execution_uuid
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_MS_NS = 1_000_000

encode = msgspec.json.Encoder().encode


class DydxFace(Face):
    """One venue as dYdX. Only its perpetuals that settle in USDC are seen."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.FUNDING,
        }
    )
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.markets = Markets(host)
        self.chain = Chain(host)
        self.words = Words(self)
        self.trading = Trading(self)
        self.market_reads = MarketReads(self)
        self.channels = Channels(self)
        self._account_reads = AccountReads(self)
        self._node = Node(self)
        self._asked = Windows((self.limits["reads_10s"], TEN_SECONDS_NS))
        self._candles = Windows((self.limits["candles_10s"], TEN_SECONDS_NS))

    def routes(self) -> Sequence[Route]:
        market, account = self.market_reads, self._account_reads
        subaccount = "/v4/addresses/{address}/subaccountNumber/{subaccountNumber}"
        reads: dict[str, Callable[[Params], Act]] = {
            "/v4/time": market.time,
            "/v4/height": market.height,
            "/v4/perpetualMarkets": market.markets,
            "/v4/orderbooks/perpetualMarket/{market}": market.book,
            "/v4/trades/perpetualMarket/{market}": market.trades,
            "/v4/candles/perpetualMarkets/{market}": market.candles,
            "/v4/historicalFunding/{market}": market.funding,
            "/v4/addresses/{address}": account.address,
            subaccount: account.subaccount,
            "/v4/perpetualPositions": account.positions,
            "/v4/orders": account.orders,
            "/v4/orders/{orderId}": account.order,
            "/v4/fills": account.fills,
            "/v4/transfers": account.transfers,
            "/cosmos/auth/v1beta1/account_info/{address}": account.chain_account,
        }
        return [
            *(_read(path, prepare) for path, prepare in reads.items()),
            *self._node.routes(),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute("/v4/ws", lambda _, wire: Subscribed(self, wire))]

    # In.

    def operation(self, call: Call) -> Operation:
        """Tell by its message what a transaction does: one path takes them all."""
        if call.route.path in BROADCASTS:
            return self._node.operation(call)
        return call.route.operation

    def claimed_key(self, call: Call) -> str:
        if call.route.path in BROADCASTS:
            return self._node.owner(call)
        return _address(call)

    def enter(self, call: Call) -> None:
        path = call.route.path
        if path in BROADCASTS:
            self._node.enter(call)
            return
        call.holder = self.host.keys.find(_address(call))
        if not path.startswith("/v4"):
            return
        limiter = self._candles if "/candles/" in path else self._asked
        self.passage.limit(limiter, call.route.operation, call.account or None)

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        path = call.route.path
        if path in BROADCASTS or path in self._node.queries:
            return self._node.reply(result)
        if not path.startswith("/v4"):
            return Reply(encode(result))
        limiter = self._candles if "/candles/" in path else self._asked
        now_ns = self.host.clock.time_ns()
        headers = {
            "RateLimit-Remaining": str(limiter.left(now_ns)),
            "RateLimit-Reset": str((self.host.now_ns() + TEN_SECONDS_NS) // _MS_NS),
            "RateLimit-Limit": str(limiter.most),
        }
        return Reply(encode(result), headers=headers)

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        if call is not None and not call.route.path.startswith("/v4"):
            return self._node.refusal(call, refusal)
        status, words = status_of(refusal)
        headers = {}
        if refusal.retry_after_s is not None:
            # In milliseconds, whatever HTTP says of this header.
            headers["Retry-After"] = str(round(refusal.retry_after_s * 1000))
        return Reply(encode({"errors": [{"msg": words}]}), status, headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.channels.told(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.channels.market(news)

    # The truth's names.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        if order.symbol not in self.markets:
            return order.chain
        return [self.words.order_id(order.account, order.client_order_id, order.symbol)]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        if fill.symbol not in self.markets:
            return fill.order_id
        return self.words.order_id(account, fill.client_order_id, fill.symbol)

    def execution_id(self, fill_id: str) -> str:
        return execution_uuid(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        """Return the number a client gave; the operator's own orders are given one."""
        shown = self.host.client_ids.shown(account, engine_id)
        return shown if shown.isdecimal() else str(zlib.crc32(shown.encode()))

    def status(self, order: VenueOrder) -> OrderStatus:
        """Tell an order whose time is over as canceled: the indexer knows no other end."""
        if order.status is OrderStatus.EXPIRED:
            return OrderStatus.CANCELED
        return order.status

    def order_limiter(self) -> tuple[Windows, Windows]:
        """Return new counts of what blocks take of a subaccount: short-term, and others."""
        limits = self.limits
        return (
            Windows((limits["short_term_per_block"], BLOCK_NS)),
            Windows(
                (limits["stateful_per_block"], BLOCK_NS),
                (limits["stateful_per_100_blocks"], 100 * BLOCK_NS),
            ),
        )


def _read(path: str, prepare: Callable[[Params], Act]) -> Route:
    def prepared(call: Call) -> Act:
        return prepare(Params({**call.request.query, **call.request.match_info}))

    return Route("GET", path, prepared, is_signed=False)


def _address(call: Call) -> str:
    return call.request.match_info.get("address") or call.request.query.get("address", "")
