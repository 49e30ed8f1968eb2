"""One account at one sandbox venue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import msgspec

from crossdock.adapters.venues.sandbox.account import AccountFeed
from crossdock.adapters.venues.sandbox.entry import OrderEntry
from crossdock.adapters.venues.sandbox.market import MarketFeed
from crossdock.adapters.venues.sandbox.reads import Reads
from crossdock.adapters.venues.sandbox.refusals import Refusals
from crossdock.adapters.venues.sandbox.signing import STREAM_PATH, Signer
from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.adapters.venues.sandbox.wire import (
    CanceledList,
    CancelFields,
    LegFields,
    ReplaceFields,
    SubmitFields,
    WireOrder,
)
from crossdock.errors import BadPayload, ConfigError, NotSent, OutcomeUnknown
from crossdock.model import (
    InstrumentId,
    OrderReport,
    symbol_of,
)
from crossdock.ports import (
    AccountSink,
    CancelOrder,
    MarketSink,
    NewOrder,
    ReplaceOrder,
)
from crossdock.toolkit import (
    AdapterContext,
    CircuitBreaker,
    HealthLimits,
    HttpClient,
    HttpReply,
    Purpose,
    RateLimiter,
)

_HEARTBEAT_S = 1.0
_BREAK_S = 2.0  # reads are given this rest after five without a reply

_encode = msgspec.json.Encoder().encode


class Sandbox(Reads):
    """Implements every port of `crossdock.ports.venue`; see the manifest."""

    def __init__(self, context: AdapterContext) -> None:
        self._context = context
        url = context.setting("url").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "url is not an address", hint="it looks like http://127.0.0.1:8080"
            )
        self._stream_url = f"ws{url.removeprefix('http')}{STREAM_PATH}"
        self._limiter = context.limiter(parts.netloc)
        self._signer = Signer(
            context.setting("key"),
            context.secret("key_secret"),
            context.setting("window_ms"),
            context.clock,
        )
        self._refusals = Refusals(context.manifest.rejection_codes)
        streams = context.health.stream
        name = context.account
        self._market_health = streams(
            f"{name} market", HealthLimits(heartbeat_interval_s=_HEARTBEAT_S)
        )
        quiet = HealthLimits(heartbeat_interval_s=_HEARTBEAT_S, quiet_is_normal=True)
        self._account_health = streams(f"{name} account", quiet)
        self._breaker = CircuitBreaker(context.clock, open_s=_BREAK_S)
        super().__init__(
            self._client(url, "public"),
            self._client(url, "reads"),
            clock=context.clock,
            translation=Translation(context.account, context.venue),
            health=self._account_health,
        )
        self._writes = self._client(url, "orders")
        self._account_sink: AccountSink | None = None
        self._account_feeds = 0  # an old and a new connection overlap
        self._entry: OrderEntry | None = None
        if context.setting("order_entry") == "ws":
            self._entry = OrderEntry(
                context,
                self._stream_url,
                signer=self._signer,
                refusals=self._refusals,
                translation=self._translation,
                limiter=self._limiter,
                health=streams(f"{name} orders", quiet),
                on_late=self._late,
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entry is not None:
            await self._entry.close()

    def _client(self, url: str, scope: str) -> HttpClient:
        def learn(reply: HttpReply, limiter: RateLimiter) -> None:
            remaining = reply.headers.get("x-rate-remaining", "")
            if remaining.isdecimal():
                limiter.observe(int(remaining), scope=scope)

        return HttpClient(
            self._context.http,
            url,
            clock=self._context.clock,
            masker=self._context.masker,
            sign=self._signer.request,
            refusal=self._refusals.of_reply,
            limiter=self._limiter,
            breaker=self._breaker,
            learn=learn,
        )

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        feed = MarketFeed(
            self._context,
            self._stream_url,
            instruments,
            sink,
            translation=self._translation,
            health=self._market_health,
        )
        await feed.run()

    async def watch_account(self, sink: AccountSink) -> None:
        feed = AccountFeed(
            self._context,
            self._stream_url,
            sink,
            signer=self._signer,
            refusals=self._refusals,
            translation=self._translation,
            health=self._account_health,
        )
        self._account_sink = sink
        self._account_feeds += 1
        warming = None
        if self._entry is not None:
            warming = asyncio.create_task(self._entry.warm(), name="warm order entry")
        try:
            await feed.run()
        finally:
            self._account_feeds -= 1
            if not self._account_feeds:
                self._account_sink = None
            if warming is not None:
                warming.cancel()
                with suppress(asyncio.CancelledError):
                    await warming

    def _late(self, report: OrderReport) -> None:
        if self._account_sink is not None:
            self._account_sink.orders((report,))

    def submit(self, order: NewOrder) -> Awaitable[OrderReport]:
        fields = SubmitFields(
            client_order_id=order.client_order_id,
            symbol=symbol_of(order.instrument.id),
            side=order.side,
            type=order.type,
            quantity=format(order.quantity, "f"),
            limit_price=_plain(order.limit_price),
            stop_price=_plain(order.stop_price),
            trail_amount=_plain(order.trail_amount),
            trail_percent=_plain(order.trail_percent),
            time_in_force=order.time_in_force,
            expire_time_ns=order.expire_time_ns,
            post_only=order.post_only,
            reduce_only=order.reduce_only,
            position_side=order.position_side,
            attached=tuple(
                [
                    LegFields(_plain(leg.limit_price), _plain(leg.stop_price))
                    for leg in order.attached
                ]
            ),
            contingency=order.contingency,
        )
        if self._entry is not None:
            return self._entry.write("order.submit", fields, order.deadline_ns)
        return self._write("POST", "/v1/orders", order.deadline_ns, body=fields)

    def cancel(self, cancel: CancelOrder) -> Awaitable[OrderReport]:
        ref = cancel.ref
        if self._entry is not None:
            fields = (
                CancelFields(order_id=ref.venue_order_ids[-1])
                if ref.venue_order_ids
                else CancelFields(client_order_id=ref.client_order_id)
            )
            return self._entry.write(
                "order.cancel", fields, cancel.deadline_ns, purpose=Purpose.CANCEL
            )
        path, query = "/v1/orders", {"client_order_id": str(ref.client_order_id)}
        if ref.venue_order_ids:
            path, query = f"{path}/{quote(ref.venue_order_ids[-1], safe='')}", {}
        return self._write(
            "DELETE", path, cancel.deadline_ns, query=query, purpose=Purpose.CANCEL
        )

    def replace(self, replace: ReplaceOrder) -> Awaitable[OrderReport]:
        if not replace.ref.venue_order_ids:
            raise NotSent("the venue amends by its own id, which is not known yet")
        order_id = replace.ref.venue_order_ids[-1]
        fields = ReplaceFields(
            order_id=order_id,
            quantity=format(replace.quantity, "f"),
            limit_price=_plain(replace.limit_price),
            stop_price=_plain(replace.stop_price),
        )
        if self._entry is not None:
            return self._entry.write("order.replace", fields, replace.deadline_ns)
        path = f"/v1/orders/{quote(order_id, safe='')}"
        return self._write("PUT", path, replace.deadline_ns, body=fields)

    async def cancel_all(self) -> None:
        evidence = self._context.manifest.evidence
        assert evidence is not None
        silence_ns = round(evidence.silence_s * 1e9)
        await self._writes.write(
            "DELETE",
            "/v1/orders",
            into=CanceledList,
            deadline_ns=self._clock.monotonic_ns() + silence_ns,
            purpose=Purpose.CANCEL,
        )

    async def _write(
        self,
        method: str,
        path: str,
        deadline_ns: int,
        *,
        body: msgspec.Struct | None = None,
        query: dict[str, str] | None = None,
        purpose: Purpose = Purpose.ORDER,
    ) -> OrderReport:
        order = await self._writes.write(
            method,
            path,
            into=WireOrder,
            deadline_ns=deadline_ns,
            query=query or "",
            body=b"" if body is None else _encode(body),
            purpose=purpose,
        )
        try:
            return self._translation.order(order, self._clock.time_ns())
        except BadPayload as error:
            problem = error.message
        raise OutcomeUnknown(f"{method} {path}: {problem}", hint="reconcile")


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
