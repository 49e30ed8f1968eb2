"""HTX spot: REST at `/v1` and `/market`, public WebSockets, and a private one at `/ws/v2`.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.htx.account import Account
from crossdock.sandbox.faces.htx.auth import claimed_key, verify_call
from crossdock.sandbox.faces.htx.connection import AccountConnection, MarketConnection
from crossdock.sandbox.faces.htx.limits import CallLimiter
from crossdock.sandbox.faces.htx.market import Market
from crossdock.sandbox.faces.htx.names import Names
from crossdock.sandbox.faces.htx.params import Params
from crossdock.sandbox.faces.htx.refusals import worded
from crossdock.sandbox.faces.htx.streams import Streams
from crossdock.sandbox.faces.htx.trading import Trading
from crossdock.sandbox.faces.htx.words import Words, ms, told_status, trade_id
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

_FIRST_ACCOUNT = 100_001
_SIGNED_PATH = "/ws/v2"

encode = msgspec.json.Encoder().encode
_Prepare = Callable[[Params, Call], Act]


class HtxFace(Face):
    """The protocol at one venue. Only its spot markets are seen."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.FUNDING,
            FaultKind.LIQUIDATION,
            FaultKind.REPLACE_FILL_RACE,
        }
    )
    usual_limits: Mapping[str, int] = MappingProxyType(
        {"writes_2s": 100, "reads_2s": 50, "public_2s": 200}
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.streams = Streams(self)
        self._market = Market(self)
        self._account = Account(self)
        self._trading = Trading(self)
        self._public = CallLimiter(self.limits["public_2s"])
        self._limiters: dict[tuple[str, bool], CallLimiter] = {}

    def routes(self) -> Sequence[Route]:
        public, reads = self._market.reads(), self._account.reads()
        return [
            *(
                Route("GET", path, _asked(it), is_signed=False)
                for path, it in public.items()
            ),
            *(Route("GET", path, _asked(it)) for path, it in reads.items()),
            *(
                Route("POST", path, _asked(it), operation)
                for path, (it, operation) in self._trading.writes().items()
            ),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [
            SocketRoute(_SIGNED_PATH, self._open_account),
            SocketRoute("/ws", lambda _, wire: MarketConnection(self, wire)),
            SocketRoute("/feed", lambda _, wire: MarketConnection(self, wire)),
        ]

    def claimed_key(self, call: Call) -> str:
        return claimed_key(call) if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        operation = call.route.operation
        if not call.route.is_signed:
            self.passage.limit(self._public, operation, None)
            return
        call.holder, call.window = verify_call(self.host, call)
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        self.passage.limit(self._limiter(call), operation, call.account)

    def reply(self, call: Call, result: Any) -> Reply:
        told = result if "code" in result else {"status": "ok"} | result
        return Reply(encode(told), headers=self._headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        status, code, words = worded(refusal)
        told = {"status": "error", "err-code": code, "err-msg": words, "data": None}
        headers = {} if call is None else self._headers(call)
        if refusal.code == "rate_limited" and refusal.retry_after_s is not None:
            until_ns = self.host.now_ns() + int(refusal.retry_after_s * 1e9)
            headers["X-HB-RateLimit-Requests-Remain"] = "0"
            headers["X-HB-RateLimit-Requests-Expire"] = str(ms(until_ns))
        return Reply(encode(told), status=status, headers=headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.streams.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.streams.market(news)

    def account_id(self, account: str) -> int:
        return _FIRST_ACCOUNT + self.host.venue.accounts.index(account)

    # How the truth names things.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return order.chain[:1]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return self.host.venue.find(account, order_id=fill.order_id).chain[0]

    def execution_id(self, fill_id: str) -> str:
        return trade_id(fill_id)

    def client_id(self, account: str, engine_id: str) -> str:
        return self.client_order_id(account, engine_id) or engine_id

    def client_order_id(self, account: str, engine_id: str) -> str | None:
        """Return the id a client gave an order, or None when it gave none."""
        shown = self.host.client_ids.shown(account, engine_id)
        return None if shown == engine_id else shown or None

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _limiter(self, call: Call) -> CallLimiter:
        is_write = call.route.operation is not Operation.READ
        most = self.limits["writes_2s" if is_write else "reads_2s"]
        return self._limiters.setdefault((call.account, is_write), CallLimiter(most))

    def _headers(self, call: Call) -> dict[str, str]:
        limiter = self._limiter(call) if call.account else self._public
        return limiter.headers(self.host.now_ns())

    def _open_account(self, request: web.Request, wire: Wire) -> AccountConnection:
        return AccountConnection(self, wire, path=request.path, address=request.host)


def _asked(prepare: _Prepare) -> Callable[[Call], Act]:
    return lambda call: prepare(Params.of(call), call)
