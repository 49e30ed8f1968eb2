"""One account at Alpaca, paper or live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace as replaced
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import msgspec

from crossdock.adapters.venues.alpaca.account_stream import AccountFeed, Executions
from crossdock.adapters.venues.alpaca.entry import fields_of, plain, plain_or_none
from crossdock.adapters.venues.alpaca.holdings.activities import TRADING
from crossdock.adapters.venues.alpaca.orders import is_void
from crossdock.adapters.venues.alpaca.prices.reads import DATA, DataReads
from crossdock.adapters.venues.alpaca.prices.stream import MarketFeed, run_all
from crossdock.adapters.venues.alpaca.reads import TradingReads
from crossdock.adapters.venues.alpaca.refusals import UNPROCESSABLE, Refusals
from crossdock.adapters.venues.alpaca.symbols import CRYPTO, OPTION, STOCK, Symbols
from crossdock.adapters.venues.alpaca.wire import CanceledOrder, ReplaceFields, WireOrder
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.model import ClientOrderId, InstrumentId, OrderReport, VenueOrderId
from crossdock.ports import (
    AccountSink,
    CancelOrder,
    MarketSink,
    NewOrder,
    OrderRef,
    ReplaceOrder,
)
from crossdock.toolkit import (
    AdapterContext,
    CancelledInDoubt,
    CancelledUnsent,
    CircuitBreaker,
    HealthLimits,
    HttpClient,
    HttpReply,
    HttpRequest,
    Purpose,
    RateLimiter,
    serves,
)

# https://docs.alpaca.markets/docs/authentication, read 2026-11-21.
_TRADING_URLS = {
    "paper": "https://paper-api.alpaca.markets",
    "live": "https://api.alpaca.markets",
}
_DATA_URL = "https://data.alpaca.markets"
_STREAM_URL = "wss://stream.data.alpaca.markets"
_BREAK_S = 2.0
_RECONCILE = "reconcile; the venue may have acted on it"

_encode = msgspec.json.Encoder().encode


class Alpaca(TradingReads, DataReads):
    """Implements the ports that the manifest's `can` names."""

    def __init__(self, context: AdapterContext) -> None:
        self._context = context
        self._key = context.setting("key")
        self._secret = context.secret("key_secret")
        url = _chosen(context, "url", _TRADING_URLS[context.setting("environment")])
        data_url = _chosen(context, "data_url", _DATA_URL)
        self._account_url = f"ws{url.removeprefix('http')}/stream"
        stream_url = _chosen(context, "stream_url", _STREAM_URL)
        self._stream_url = f"ws{stream_url.removeprefix('ws').removeprefix('http')}"
        self._refusals = Refusals(context.manifest.rejection_codes, context.clock.time_ns)
        self._extended = context.setting("extended_hours") == "yes"
        quiet = HealthLimits(quiet_is_normal=True)
        health = context.health.stream(f"{context.account} account", quiet)
        symbols = Symbols(context.venue)
        underlyings = context.setting("option_underlyings").replace(",", " ").split()
        TradingReads.__init__(
            self,
            self._client(url, TRADING),
            clock=context.clock,
            account=context.account,
            symbols=symbols,
            option_underlyings=underlyings,
            health=health,
        )
        DataReads.__init__(
            self,
            self._client(data_url, DATA),
            clock=context.clock,
            symbols=symbols,
            know_symbols=self._know_symbols,
            feed=context.setting("feed"),
            options_feed=context.setting("options_feed"),
        )
        self._executions = Executions()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hold nothing: connections are the pool's."""

    def _client(self, url: str, scope: str) -> HttpClient:
        context = self._context

        def sign(request: HttpRequest) -> HttpRequest:
            return request.with_headers(
                APCA_API_KEY_ID=self._key, APCA_API_SECRET_KEY=self._secret.reveal()
            )

        def learn(reply: HttpReply, limiter: RateLimiter) -> None:
            remaining = int(reply.headers["x-ratelimit-remaining"])
            reset_s = int(reply.headers["x-ratelimit-reset"])
            left_s = reset_s - context.clock.time_ns() / 1e9
            limiter.observe(remaining, left_s, scope=scope)

        return HttpClient(
            context.http,
            url,
            clock=context.clock,
            masker=context.masker,
            sign=sign,
            refusal=self._refusals.of_reply,
            limiter=context.limiter(urlsplit(url).netloc),
            breaker=CircuitBreaker(context.clock, open_s=_BREAK_S),
            learn=learn,
        )

    async def watch_account(self, sink: AccountSink) -> None:
        await self._know_symbols()
        feed = AccountFeed(
            self._context,
            self._account_url,
            sink,
            key=self._key,
            secret=self._secret,
            orders=self._orders,
            executions=self._executions,
            health=self._account_health,
        )
        await feed.run()

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        await self._know_symbols()
        paths = {
            STOCK: f"/v2/{self._feed}",
            CRYPTO: "/v1beta3/crypto/us",
            OPTION: f"/v1beta1/{self._options_feed}",
        }
        wanted: dict[str, dict[str, InstrumentId]] = {}
        for instrument in instruments:
            kind = self._symbols.class_of(instrument)
            symbol = self._symbols.venue_symbol(instrument)
            wanted.setdefault(kind, {})[symbol] = instrument
        if not wanted:
            await asyncio.Event().wait()
        # Coins are traded at all hours; the others rest, and so may their streams.
        limits = HealthLimits(quiet_is_normal=CRYPTO not in wanted)
        health = self._context.health.stream(f"{self._context.account} market", limits)
        feeds = [
            MarketFeed(
                self._context,
                self._stream_url + paths[kind],
                symbols,
                sink,
                key=self._key,
                secret=self._secret,
                health=health,
                has_books=kind == CRYPTO,
                is_packed=kind == OPTION,
            )
            for kind, symbols in wanted.items()
        ]
        await run_all(feeds)

    @serves(Purpose.ORDER)
    async def submit(self, order: NewOrder) -> OrderReport:
        await self._before_write(order.deadline_ns)
        symbol, asset_class = self._symbols.traded(order.instrument)
        fields = fields_of(order, symbol, asset_class, extended_hours=self._extended)
        self._orders.chains.sending(order.client_order_id)
        made = await self._write("POST", "/v2/orders", fields, order.deadline_ns)
        if made.client_order_id != order.client_order_id:
            raise OutcomeUnknown(
                "the venue answered with another order than was sent", hint=_RECONCILE
            )
        return self._told(made)

    @serves(Purpose.CANCEL)
    async def cancel(self, cancel: CancelOrder) -> OrderReport:
        """Ask to cancel, and tell how the order stands after that."""
        await self._before_write(cancel.deadline_ns)
        order_id = await self._present_id(cancel)
        path = f"/v2/orders/{quote(order_id, safe='')}"
        reply = await self._trading.write(
            "DELETE",
            path,
            into=HttpReply,
            deadline_ns=cancel.deadline_ns,
            scope=TRADING,
        )
        if reply.status != 204 or reply.body:
            raise OutcomeUnknown(f"DELETE {path} answered unreadably", hint=_RECONCILE)
        problem = "the order is not there any more"
        try:
            left_s = (cancel.deadline_ns - self._clock.monotonic_ns()) / 1e9
            order = await self._order(path, {}, timeout_s=max(left_s, 0.001))
            if order is not None:
                return await self._report(order)
        except asyncio.CancelledError:
            raise CancelledInDoubt("cancelled", hint=_RECONCILE) from None
        except AdapterError as error:
            problem = error.message
        raise OutcomeUnknown(f"the cancel was taken: {problem}", hint=_RECONCILE)

    @serves(Purpose.ORDER)
    async def replace(self, replace: ReplaceOrder) -> OrderReport:
        """Have another order take over. It begins at nothing filled, so it asks for the rest.

        `qty` is the new order's own: https://github.com/alpacahq/Alpaca-API/issues/165, where
        what is left out is the old order's whole quantity though some of it is filled, and
        then fills once more; and "each parameter overrides the corresponding attribute":
        https://docs.alpaca.markets/reference/patchorderbyorderid-1 (both 2026-11-22). What
        the old order fills between our look and the PATCH comes on top.
        """
        await self._before_write(replace.deadline_ns)
        present = await self._present(replace.ref, replace.deadline_ns)
        chains = self._orders.chains
        filled = chains.carried(present.id) + (present.filled_qty or 0)
        rest = replace.quantity - filled
        is_same = rest == present.qty and not present.filled_qty
        fields = ReplaceFields(
            # A fractional quantity cannot be changed, not even to what it is.
            qty=None if is_same else plain(max(rest, rest * 0)),
            limit_price=plain_or_none(replace.limit_price),
            stop_price=plain_or_none(replace.stop_price),
        )
        path = f"/v2/orders/{quote(present.id, safe='')}"
        made = await self._write("PATCH", path, fields, replace.deadline_ns)
        if is_void(made):
            raise Rejected("the replacement was rejected", venue_code=UNPROCESSABLE)
        if made.replaces is None and made.id != present.id:
            made = msgspec.structs.replace(made, replaces=present.id)
        await self._settled(present.id, replace.deadline_ns)
        return self._told(made)

    async def _settled(self, order_id: str, deadline_ns: int) -> None:
        """Learn what an order had filled when another took over.

        Where that fails, the stream or the next look-up tells it.
        """
        left_s = (deadline_ns - self._clock.monotonic_ns()) / 1e9
        path = f"/v2/orders/{quote(order_id, safe='')}"
        try:
            with suppress(AdapterError):
                await self._order(path, {}, timeout_s=max(left_s, 0.001))
        except asyncio.CancelledError:
            raise CancelledInDoubt("cancelled", hint=_RECONCILE) from None

    @serves(Purpose.CANCEL)
    async def cancel_all(self) -> None:
        evidence = self._context.manifest.evidence
        assert evidence is not None
        asked = await self._trading.write(
            "DELETE",
            "/v2/orders",
            into=tuple[CanceledOrder, ...],
            deadline_ns=self._clock.monotonic_ns() + round(evidence.silence_s * 1e9),
            scope=TRADING,
        )
        failed = [it.id for it in asked if it.status >= 500]
        if failed:
            raise OutcomeUnknown(f"{len(failed)} orders were not canceled", hint=_RECONCILE)

    async def _before_write(self, deadline_ns: int) -> None:
        """Know what the reply will be about, or raise NotSent."""
        if self._clock.monotonic_ns() >= deadline_ns:
            raise NotSent("its deadline had passed")
        problem = ""
        try:
            await self._know_symbols()
        except asyncio.CancelledError:
            raise CancelledUnsent("cancelled before anything was sent") from None
        except (AuthFailed, RateLimited):
            raise
        except AdapterError as error:
            problem = error.message
        if problem:
            raise NotSent(f"the venue's listing could not be read: {problem}")

    async def _present_id(self, cancel: CancelOrder) -> str:
        """Return the id an order goes by now; only our own id makes it ask for it."""
        ids = cancel.ref.venue_order_ids
        if ids:
            return self._orders.chains.newest(ids[-1])
        return (await self._present(cancel.ref, cancel.deadline_ns)).id

    async def _present(self, ref: OrderRef, deadline_ns: int) -> WireOrder:
        """Look an order up before it is changed, or raise NotSent."""
        problem = "the venue knows of no such order (yet)"
        try:
            left_s = (deadline_ns - self._clock.monotonic_ns()) / 1e9
            async with asyncio.timeout(left_s):
                found = await self._find(self._renewed(ref))
                if found is not None:
                    latest = await self._latest(found)
                    await self._report(latest)
                    return latest
        except (AuthFailed, RateLimited):
            raise
        except AdapterError as error:
            problem = error.message
        except TimeoutError:
            problem = "no reply in time"
        except asyncio.CancelledError:
            raise CancelledUnsent("cancelled before anything was sent") from None
        raise NotSent(f"the order could not be looked up: {problem}")

    def _renewed(self, ref: OrderRef) -> OrderRef:
        """Ask by the id an order goes by now, and by our own where there is none."""
        if not ref.venue_order_ids:
            return ref
        newest = VenueOrderId(self._orders.chains.newest(ref.venue_order_ids[-1]))
        return replaced(ref, client_order_id=ClientOrderId(""), venue_order_ids=(newest,))

    async def _write(
        self, method: str, path: str, fields: msgspec.Struct, deadline_ns: int
    ) -> WireOrder:
        return await self._trading.write(
            method,
            path,
            into=WireOrder,
            body=_encode(fields),
            deadline_ns=deadline_ns,
            scope=TRADING,
        )

    def _told(self, order: WireOrder) -> OrderReport:
        """Tell a write's reply; what it says cannot be understood leaves doubt."""
        try:
            return self._orders.report(order, self._clock.time_ns())
        except BadPayload as error:
            problem = error.message
        raise OutcomeUnknown(problem, hint=_RECONCILE)


def _chosen(context: AdapterContext, name: str, default: str) -> str:
    """Return the address that was set, or the vendor's. Raises ConfigError."""
    url = (context.setting(name) or default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname:
        raise ConfigError(
            f"{name} is not an address", hint="it looks like http://127.0.0.1:8080"
        )
    return url
