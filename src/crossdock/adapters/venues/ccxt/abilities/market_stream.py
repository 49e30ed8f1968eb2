"""Live books, trades and quotes.

What the toolkit reads of an exchange itself, its stream serves. For all other markets
ccxt keeps the book: what changed between two of its states is told as a change, and when
it lost the thread and begins anew, so is that. Without a stream books are polled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crossdock.adapters.venues.ccxt.abilities.market_data import (
    Books,
    Listings,
    levels,
    trade_of,
)
from crossdock.adapters.venues.ccxt.abilities.together import ended_first
from crossdock.adapters.venues.ccxt.wire.numbers import time_ns
from crossdock.adapters.venues.ccxt.wire.sockets import Activity
from crossdock.errors import AdapterError, BadPayload, Unreachable
from crossdock.model import BookChange, InstrumentId, Level, Quote
from crossdock.ports import MarketSink
from crossdock.toolkit import HealthLimits
from crossdock.toolkit.live import Dialect, LiveMarket, live_market

_RESYNCS = ("ChecksumError", "InvalidNonce")
_MOST_RESYNCS = 3  # of one book without a change in between: then the stream is no good
_POLL_S = 1.0
_SETTLE_POLL_S = 0.02
_SETTLE_NS = 5_000_000_000


class WatchesMarkets(Listings, Books):
    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        own = await self.own_stream()
        served = [] if own is None else [it for it in instruments if own.serves(it)]
        others = [it for it in instruments if it not in set(served)]
        streams: list[Awaitable[None]] = []
        if own is not None and served:
            streams.append(own.watch_market(served, sink))
        if others or not served:
            name = "market by ccxt" if served else "market"
            streams.append(self.ccxt_stream(others, sink, name))
        await ended_first(streams)

    async def own_stream(self) -> LiveMarket | None:
        """Return the toolkit's stream of the exchange, where it reads it; None elsewhere."""
        dialect = live_market(self.manifest.id)
        settings = self.context.settings
        if dialect is None:
            return None
        origins = origins_of(
            dialect, str(settings.get("environment", "live")), str(settings.get("url", ""))
        )
        if origins is None:
            return None
        listed = await self.list_instruments()
        return LiveMarket(dialect, listed, self.context, origins=origins)

    async def ccxt_stream(
        self, instruments: Sequence[InstrumentId], sink: MarketSink, name: str
    ) -> None:
        await _CcxtFeed(self, sink, name).run(instruments)


class _CcxtFeed:
    """One connection's life, through ccxt."""

    def __init__(self, account: WatchesMarkets, sink: MarketSink, name: str) -> None:
        self._account = account
        self._session = account.session
        self._sink = sink
        self._clock = account.clock
        self._health = account.context.health.stream(
            f"{account.context.account} {name}", HealthLimits(least_mute_s=30.0)
        )

    async def run(self, instruments: Sequence[InstrumentId]) -> None:
        session = self._session
        async with (
            session.streaming("market", exact=False) as (books, sockets),
            session.streaming("market", exact=True) as (trades, traded),
        ):
            loops: list[Awaitable[None]] = []
            before = traded if trades.has.get("watchTrades") is True else None
            for instrument in instruments:
                symbol = (await self._account.market(instrument))["symbol"]
                book = _Book(instrument, self._sink, self._clock.time_ns, self._health.data)
                if books.has.get("watchOrderBook") is True:
                    loops.append(self._books(books, symbol, book, before))
                    if self._account.quirks.book_waits:
                        loops.append(self._begin(books, symbol, sockets))
                else:
                    loops.append(self._polled(instrument, book))
                if trades.has.get("watchTrades") is True:
                    loops.append(self._trades(trades, symbol, instrument))
            self._health.connected()
            ended = "cancelled"
            try:
                await ended_first(loops)
            except AdapterError as error:
                ended = error.message
                raise
            finally:
                self._health.disconnected(ended)

    async def _begin(self, driver: Any, symbol: str, sockets: Activity) -> None:
        """Hand ccxt the whole book once changes of it would be heard, then stay."""
        while not sockets.is_settled or symbol not in driver.orderbooks:
            await self._clock.sleep(_SETTLE_POLL_S)
        state = await self._session.read("book", lambda: driver.fetch_order_book(symbol))
        kept = driver.orderbooks.get(symbol)
        if kept is not None and kept["nonce"] is None and not kept.cache:
            kept.reset(state)
            for client in driver.clients.values():
                client.resolve(kept, f"orderbook:{symbol}")
        while True:
            await self._clock.sleep(3600.0)

    async def _books(
        self, driver: Any, symbol: str, book: _Book, before: Activity | None
    ) -> None:
        """Tell of a book, from when trades would be heard: who sees one counts on both."""
        until_ns = self._clock.monotonic_ns() + _SETTLE_NS
        while before is not None and not before.is_settled:
            if self._clock.monotonic_ns() > until_ns:
                break  # some exchanges may say nothing before the first trade
            await self._clock.sleep(_SETTLE_POLL_S)
        limit = self._account.quirks.book_limit
        resyncs = 0
        while True:
            state, problem = await _watched(
                self._session, "book", lambda: driver.watch_order_book(symbol, limit)
            )
            if problem:
                resyncs += 1
                if resyncs > _MOST_RESYNCS:
                    raise Unreachable(f"{symbol}: {problem}, again and again")
                self._health.gap(problem)
                book.lost(problem)
                continue
            if book.take(state):
                resyncs = 0

    async def _trades(self, driver: Any, symbol: str, instrument: InstrumentId) -> None:
        while True:
            rows, problem = await _watched(
                self._session, "trades", lambda: driver.watch_trades(symbol)
            )
            if problem:
                raise Unreachable(f"{symbol}: {problem}")
            received_ns = self._clock.time_ns()
            batch = [trade_of(row, instrument, received_ns) for row in rows]
            self._health.data(batch[-1].venue_time_ns if batch else None)
            self._sink.trades(batch)

    async def _polled(self, instrument: InstrumentId, book: _Book) -> None:
        while True:
            book.snapshot(await self._account.whole_book(instrument))
            await self._clock.sleep(_POLL_S)


class _Book:
    """Tells the changes between the states in which ccxt hands its book out."""

    def __init__(
        self,
        instrument: InstrumentId,
        sink: MarketSink,
        now_ns: Callable[[], int],
        note: Callable[[int | None], None],
    ) -> None:
        self._instrument = instrument
        self._sink = sink
        self._now_ns = now_ns
        self._note = note
        self._bids: dict[str, str] | None = None  # None: a snapshot is due
        self._asks: dict[str, str] = {}
        self._sequence = 0
        self._best: tuple[Level, Level] | None = None

    def lost(self, reason: str) -> None:
        self._bids = None
        self._sink.market_gap([self._instrument], reason)

    def take(self, state: Mapping[str, Any]) -> bool:
        """Tell what changed since the last state; False when nothing did."""
        bids, asks = levels(list(state["bids"])), levels(list(state["asks"]))
        told = time_ns(state.get("timestamp"))
        self._note(told or None)
        moved = self._moved(state.get("nonce"))
        first, last = self._next(state.get("nonce"))
        changed_bids, changed_asks = bids, asks
        is_snapshot = self._bids is None
        if not is_snapshot:
            changed_bids = _changed(self._bids or {}, bids)
            changed_asks = _changed(self._asks, asks)
            if not changed_bids and not changed_asks and not moved:
                return False
        self._bids, self._asks = dict(bids), dict(asks)
        self._sequence = last
        self._sink.book(
            BookChange(
                instrument=self._instrument,
                snapshot=is_snapshot,
                bids=changed_bids,
                asks=changed_asks,
                first_sequence=last if is_snapshot else first,
                last_sequence=last,
                venue_time_ns=told,
                received_time_ns=self._now_ns(),
            )
        )
        self._quote(bids, asks, told)
        return True

    def snapshot(self, change: BookChange) -> None:
        """Tell a whole book that was asked for."""
        self._note(change.venue_time_ns or None)
        self._sink.book(change)
        self._quote(change.bids, change.asks, change.venue_time_ns)

    def _moved(self, nonce: Any) -> bool:
        """Tell whether the exchange counted on, though what changed may be as it was."""
        return nonce is not None and int(nonce) > self._sequence

    def _next(self, nonce: Any) -> tuple[int, int]:
        """Number a change by the exchange's count, or by one of ours where it has none."""
        last = int(nonce) if nonce is not None else 0
        if last <= self._sequence:
            last = self._sequence + 1
        return self._sequence + 1, last

    def _quote(self, bids: Sequence[Level], asks: Sequence[Level], told: int) -> None:
        if not bids or not asks or self._best == (bids[0], asks[0]):
            return
        self._best = (bids[0], asks[0])
        (bid, bid_quantity), (ask, ask_quantity) = self._best
        quote = Quote(
            self._instrument,
            float(bid),
            float(bid_quantity),
            float(ask),
            float(ask_quantity),
            told,
            self._now_ns(),
        )
        self._sink.quotes((quote,))


async def _watched(
    session: Any, what: str, watch: Callable[[], Awaitable[Any]]
) -> tuple[Any, str]:
    """Await ccxt's next word. A book that lost its thread is words, all else is raised."""
    failed: AdapterError | None = None
    try:
        return await watch(), ""
    except AdapterError:
        raise
    except Exception as error:  # noqa: BLE001 - ccxt raises whatever a message led it to
        name = type(error).__name__
        if name in _RESYNCS:
            return None, f"ccxt's book lost its thread ({name})"
        failed = session.stream_failure(error, what)
    raise failed


def _changed(before: Mapping[str, str], after: Sequence[Level]) -> list[Level]:
    now = dict(after)
    found = [level for level in after if before.get(level[0]) != level[1]]
    found += [(price, "0") for price in before if price not in now]
    return found


def origins_of(
    dialect: Dialect, environment: str, stand_in: str
) -> Mapping[str, str] | None:
    """Return what to redirect a dialect to; None where it cannot go to an environment."""
    if environment != "live":
        return dialect.test_origins or None if environment == "test" else None
    if not stand_in:
        return {}
    parts = urlsplit(stand_in)
    if not parts.hostname:
        raise BadPayload("the url has no host")
    sockets = "wss" if parts.scheme == "https" else "ws"
    return {
        role: f"{parts.scheme if origin.startswith('http') else sockets}://{parts.netloc}"
        for role, origin in dialect.origins.items()
    }
