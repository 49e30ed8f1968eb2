"""Crossdock's own protocol: see docs/reference/sandbox-protocol.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from crossdock.sandbox.faces.contract import Call, Face, Reply, Route, SocketRoute
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.native.auth import STREAM_PATH, verify, window
from crossdock.sandbox.faces.native.gateway import Gateway
from crossdock.sandbox.faces.native.limits import Limiter
from crossdock.sandbox.faces.native.payloads import (
    Payload,
    book_payload,
    event_payload,
    fill_payload,
    instrument_payload,
    order_payload,
    quote_payload,
    trade_payload,
)
from crossdock.sandbox.faces.native.refusals import spoken
from crossdock.sandbox.faces.native.rest import Rest, whole
from crossdock.sandbox.faces.native.stream import ACCOUNT, NativeConnection
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    BookChanged,
    Filled,
    InstrumentChanged,
    MarketNews,
    Moved,
    OrderChanged,
    Traded,
)

encode = msgspec.json.Encoder().encode


class NativeFace(Face):
    """REST and one WebSocket at `/v1`."""

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.gateway = Gateway(host, dealing)
        per_s = host.config.public_per_s
        self._public = Limiter(orders_per_s=per_s, reads_per_s=per_s)
        self._limiters: dict[str, Limiter] = {}

    def routes(self) -> Sequence[Route]:
        return Rest(self.host, self.passage, self.gateway).routes()

    def sockets(self) -> Sequence[SocketRoute]:
        return [SocketRoute(STREAM_PATH, lambda _, wire: NativeConnection(self, wire))]

    def limiter(self, holder: Holder | None) -> Limiter:
        """Return whose limits a call counts against."""
        if holder is None:
            return self._public
        limiter = self._limiters.get(holder.key)
        if limiter is None:
            limiter = self._limiters[holder.key] = Limiter(
                orders_per_s=self.host.config.orders_per_s,
                reads_per_s=self.host.config.reads_per_s,
            )
        return limiter

    def admit(self, holder: Holder, operation: Operation) -> None:
        """Count a signed call. Raises Refusal; nothing was done then."""
        self.passage.check_key(holder, operation)
        self.passage.limit(self.limiter(holder), operation, holder.account)

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("X-Key", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        if not call.route.is_signed:
            self.passage.limit(self._public, call.route.operation, None)
            return
        headers = call.request.headers
        time_text = headers.get("X-Time", "")
        signed = f"{time_text}{call.request.method}{call.request.raw_path}".encode()
        call.holder = verify(
            self.host,
            headers.get("X-Key", ""),
            signed + call.body,
            headers.get("X-Signature", ""),
        )
        self.admit(call.holder, call.route.operation)
        time_ms = whole(time_text, "X-Time", least=0, most=10**14)
        width_ms = whole(headers.get("X-Window", "5000"), "X-Window", least=1, most=60000)
        call.window = window(self.host, time_ms, width_ms)
        self.passage.check(call.window)

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result), headers=self._rate_headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        headers = self._rate_headers(call)
        if refusal.retry_after_s is not None:
            headers["Retry-After"] = f"{refusal.retry_after_s:.3f}"
        code, status = spoken(refusal.code)
        body: Payload = {"code": code, "message": refusal.message}
        if refusal.code == "order_done" and refusal.order is not None:
            body["order"] = order_payload(refusal.order)
        return Reply(encode(body), status=status, headers=headers)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        if isinstance(news, OrderChanged):
            yield ACCOUNT, b'"order":' + encode(order_payload(news.order))
        elif isinstance(news, Filled):
            yield ACCOUNT, b'"fill":' + encode(fill_payload(news.fill))
        elif isinstance(news, Moved):
            yield ACCOUNT, b'"event":' + encode(event_payload(news.event))
        elif isinstance(news, InstrumentChanged):
            yield ACCOUNT, b'"instruments":' + encode([instrument_payload(news.market)])

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        hears = self.host.feed.hears
        if isinstance(news, BookChanged):
            if hears(("book", news.symbol)):
                yield ("book", news.symbol), encode(_change_payload(news))
        elif isinstance(news, Traded):
            if hears(("trade", news.symbol)):
                data = {"type": "trade", "data": trade_payload(news)}
                yield ("trade", news.symbol), encode(data)
        elif hears(("quote", news.symbol)):
            yield ("quote", news.symbol), encode(quote_payload(news))

    def _rate_headers(self, call: Call | None) -> dict[str, str]:
        operation = Operation.READ
        holder = None
        if call is not None:
            operation, holder = call.route.operation, call.holder
        return self.limiter(holder).headers(operation, self.host.clock.time_ns())


def _change_payload(news: BookChanged) -> Payload:
    return book_payload(
        news.symbol,
        snapshot=False,
        first=news.first,
        last=news.last,
        bids=news.bids,
        asks=news.asks,
        time_ns=news.time_ns,
    )
