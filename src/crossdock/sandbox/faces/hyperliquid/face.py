"""Hyperliquid: `/info`, `/exchange` and `/ws` on one port; a body says what it asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.hyperliquid.limits import (
    USUAL,
    Pool,
    Requests,
    batch_weight,
    info_weight,
)
from crossdock.sandbox.faces.hyperliquid.names import Names, oid, tid
from crossdock.sandbox.faces.hyperliquid.params import Params, read_body
from crossdock.sandbox.faces.hyperliquid.reads.account import AccountReads
from crossdock.sandbox.faces.hyperliquid.reads.market import Market
from crossdock.sandbox.faces.hyperliquid.refusals import MALFORMED, malformed
from crossdock.sandbox.faces.hyperliquid.signing.action import (
    Wallets,
    read_request,
    signer,
)
from crossdock.sandbox.faces.hyperliquid.stream import Stream, StreamConnection
from crossdock.sandbox.faces.hyperliquid.trading import Trading
from crossdock.sandbox.faces.hyperliquid.words import Words, told_status
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_TEXTS: Mapping[str, tuple[int, str]] = {
    "malformed": (422, MALFORMED),
    "rate_limited": (429, "Too Many Requests"),
    "unavailable": (503, "Service Unavailable"),
    "internal": (500, "Internal Server Error"),
    "no_path": (404, "Not Found"),
}

encode = msgspec.json.Encoder().encode


class HyperliquidFace(Face):
    """One venue as Hyperliquid."""

    absent = frozenset(
        {
            FaultKind.BUST,
            FaultKind.CORRECTION,
            FaultKind.LIQUIDATION,
            FaultKind.MARKET_GAP,
        }
    )
    usual_limits: Mapping[str, int] = USUAL

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.words = Words(self)
        self.market = Market(self)
        self.stream = Stream(self)
        self.wallets = Wallets(host)
        self._public = self.market.reads()
        self._account = AccountReads(self).reads()
        self._actions = Trading(self).actions()
        self._pool = Pool(self.limits["weight_per_minute"])
        self._requests: dict[str, Requests] = {}

    def routes(self) -> Sequence[Route]:
        return [
            Route("POST", "/info", self._read, is_signed=False),
            Route("POST", "/exchange", self._act),
        ]

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute("/ws", lambda _, wire: StreamConnection(self, wire))]

    # In.

    def operation(self, call: Call) -> Operation:
        if not call.route.is_signed:
            return Operation.READ
        try:
            kind = read_request(call.body).action.get("type")
        except Refusal:
            return Operation.READ
        known = self._actions.get(str(kind))
        return Operation.READ if known is None else known[1]

    def claimed_key(self, call: Call) -> str:
        try:
            if call.route.is_signed:
                return self.wallets.signs_for(signer(call.body))
            body = read_body(call.body)
            return self.wallets.known_as(body.text("user")) if "user" in body else ""
        except Refusal:
            return ""

    def enter(self, call: Call) -> None:
        if not call.route.is_signed:
            call.holder = self.host.keys.find(self.claimed_key(call))
            weight = info_weight(read_body(call.body).text("type"))
            self.passage.limit(self._pool, Operation.READ, call.account, weight)
            return
        operation = self.operation(call)
        account = self.host.keys.account_of(self.claimed_key(call))
        request = read_request(call.body)
        count = self._batch(request.action)
        self.passage.limit(self._pool, operation, account, batch_weight(count))
        address = signer(call.body)
        call.holder, call.window = self.wallets.admit(request, address)
        self.passage.check_key(call.holder, operation)
        if operation is not Operation.READ and not call.holder.may_trade:
            raise Refusal("key_revoked", "the wallet may not trade")
        self._count(call, count, operation)

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        if refusal.code in _TEXTS:
            status, words = _TEXTS[refusal.code]
            return Reply(words.encode(), status, content_type="text/plain")
        words = refusal.message
        if refusal.code == "key_revoked" and call is not None:
            words = f"User or API Wallet {signer(call.body)} does not exist."
        return Reply(encode({"status": "err", "response": words}))

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self.stream.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self.stream.market(news)

    def tick(self, now_ns: int) -> None:
        self.stream.tick(now_ns)

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [str(oid(it)) for it in order.chain]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return str(oid(fill.order_id))

    def execution_id(self, fill_id: str) -> str:
        return str(tid(fill_id))

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return told_status(order)

    def _read(self, call: Call) -> Act:
        body = read_body(call.body)
        kind = body.text("type")
        if kind in self._public:
            return self._public[kind](body)
        if kind not in self._account:
            raise malformed()
        body.text("user")
        return self._account[kind](body, call.account)

    def _act(self, call: Call) -> Act:
        action = Params(read_request(call.body).action)
        known = self._actions.get(action.text("type"))
        if known is None:
            raise malformed()
        return known[0](action, call.account)

    def _batch(self, action: Mapping[str, Any]) -> int:
        """Return how many orders an action is about."""
        known = self._actions.get(str(action.get("type")))
        batch = action.get(known[2]) if known and known[2] else None
        return len(batch) if isinstance(batch, list) else 1

    def _count(self, call: Call, count: int, operation: Operation) -> None:
        account = call.account
        requests = self._requests.get(account)
        if requests is None:
            requests = Requests(self.limits["requests_at_first"])
            self._requests[account] = requests
        requests.take(
            count,
            self.words.volume(account),
            self.host.clock.time_ns(),
            cancels=operation is Operation.CANCEL,
        )
