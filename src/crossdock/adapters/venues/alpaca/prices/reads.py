"""What is asked of the Market Data API: past prices, auctions, options, books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.alpaca.prices.telling import (
    TickRule,
    book_of_quote,
    levels,
    shares,
)
from crossdock.adapters.venues.alpaca.prices.wire import (
    AuctionPage,
    BarPage,
    ChainPage,
    DataQuote,
    LatestBooks,
    LatestQuotes,
    OptionSnapshot,
    QuotePage,
    TradePage,
)
from crossdock.adapters.venues.alpaca.stamps import (
    DAY_S,
    SECOND_NS,
    day_of,
    text_of,
    time_ns,
)
from crossdock.adapters.venues.alpaca.symbols import CRYPTO, OPTION, STOCK, Symbols
from crossdock.errors import BadPayload, Unavailable
from crossdock.model import (
    Asset,
    Auction,
    AuctionKind,
    Bar,
    Bars,
    BookChange,
    Greeks,
    InstrumentId,
    OptionQuote,
    Quote,
    Trade,
)
from crossdock.ports import Clock
from crossdock.toolkit import HttpClient

DATA = "data"
_MOST = "10000"
_MOST_SNAPSHOTS = "1000"
_MINUTE_S, _HOUR_S = 60, 3600
_DELAYED = "delayed_sip"
_DELAY_NS = 15 * 60 * SECOND_NS
_PATHS = {
    STOCK: "/v2/stocks",
    CRYPTO: "/v1beta3/crypto/us",
    OPTION: "/v1beta1/options",
}


class DataReads:
    """The reads of `crossdock.ports` that the Market Data API answers."""

    def __init__(
        self,
        data: HttpClient,
        *,
        clock: Clock,
        symbols: Symbols,
        know_symbols: Callable[[], Awaitable[None]],
        feed: str,
        options_feed: str,
    ) -> None:
        self._data = data
        self._names_known = know_symbols
        self._data_clock = clock
        self._names = symbols
        self._feed = feed
        self._options_feed = options_feed

    async def bars(
        self, instrument: InstrumentId, width_ns: int, *, start_ns: int, end_ns: int
    ) -> Bars:
        await self._names_known()
        symbol, path, query = self._asked(instrument, "bars", start_ns, end_ns)
        query["timeframe"] = _timeframe(width_ns)
        if start_ns >= end_ns:
            return Bars.of([], instrument=instrument, width_ns=width_ns)
        if path.startswith(_PATHS[STOCK]):
            query["adjustment"] = "raw"
        page = await self._read(path, BarPage, query)
        now_ns = self._data_clock.time_ns()
        made: list[Bar] = []
        for row in (page.bars or {}).get(symbol) or ():
            at_ns = time_ns(row.t)
            if not start_ns <= at_ns < end_ns or at_ns + width_ns > now_ns:
                continue
            sane = row.l <= min(row.o, row.c) and max(row.o, row.c) <= row.h and row.v >= 0
            if not sane or (made and at_ns <= made[-1].start_time_ns):
                raise BadPayload(f"a bar of {instrument} at {row.t} cannot be one")
            made.append(Bar(instrument, at_ns, width_ns, row.o, row.h, row.l, row.c, row.v))
        return Bars.of(made, instrument=instrument, width_ns=width_ns)

    async def quotes_between(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[Quote]:
        await self._names_known()
        if self._names.class_of(instrument) == OPTION:
            raise Unavailable("the venue keeps no quotes of options", instead="the chain")
        if start_ns >= end_ns:
            return ()  # the vendor refuses a span that ends before it begins
        symbol, path, query = self._asked(instrument, "quotes", start_ns, end_ns)
        page = await self._read(path, QuotePage, query)
        rows = (page.quotes or {}).get(symbol) or ()
        return [self._quote(instrument, row) for row in rows]

    async def trades_between(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[Trade]:
        await self._names_known()
        if start_ns >= end_ns:
            return ()
        symbol, path, query = self._asked(instrument, "trades", start_ns, end_ns)
        page = await self._read(path, TradePage, query)
        rule = TickRule()
        received_ns = self._data_clock.time_ns()
        return [
            Trade(
                instrument,
                f"{row.t}{row.x}" if row.i is None else str(row.i),
                row.p,
                row.s,
                rule.side(symbol, row.p, row.tks),
                time_ns(row.t),
                received_ns,
            )
            for row in (page.trades or {}).get(symbol) or ()
        ]

    async def auctions(
        self, instrument: InstrumentId, *, start: str, end: str
    ) -> Sequence[Auction]:
        await self._names_known()
        if self._names.class_of(instrument) != STOCK:
            raise Unavailable(f"{instrument} has no auctions")
        symbol = self._names.venue_symbol(instrument)
        query = {"symbols": symbol, "start": start, "end": end, "limit": _MOST}
        made: list[Auction] = []
        while True:
            page = await self._read("/v2/stocks/auctions", AuctionPage, query)
            for day in (page.auctions or {}).get(symbol) or ():
                for kind, rows in (
                    (AuctionKind.OPENING, day.o or ()),
                    (AuctionKind.CLOSING, day.c or ()),
                ):
                    made += [
                        Auction(
                            instrument=instrument,
                            kind=kind,
                            price=row.p,
                            quantity=row.s,
                            exchange=row.x,
                            venue_time_ns=time_ns(row.t),
                        )
                        for row in rows
                    ]
            if not page.next_page_token:
                return made
            query["page_token"] = page.next_page_token

    async def option_chain(
        self, underlying: Asset, *, expiry_time_ns: int | None = None
    ) -> Sequence[OptionQuote]:
        query = {"feed": self._options_feed, "limit": _MOST_SNAPSHOTS}
        if expiry_time_ns is not None:
            query["expiration_date"] = day_of(expiry_time_ns)
        made: list[OptionQuote] = []
        while True:
            page = await self._read(
                f"/v1beta1/options/snapshots/{underlying}", ChainPage, query
            )
            made += [self._option(symbol, it) for symbol, it in page.snapshots.items()]
            if not page.next_page_token:
                return made
            query["page_token"] = page.next_page_token

    async def book_snapshot(self, instrument: InstrumentId) -> BookChange:
        """Return a coin's book; of stocks and options the best prices are all there is."""
        await self._names_known()
        kind = self._names.class_of(instrument)
        symbol = self._names.venue_symbol(instrument)
        received_ns = self._data_clock.time_ns()
        query = {"symbols": symbol}
        if kind == CRYPTO:
            path = f"{_PATHS[CRYPTO]}/latest/orderbooks"
            books = await self._read(path, LatestBooks, query)
            book = books.orderbooks.get(symbol)
            if book is None:
                raise BadPayload(f"there is no book of {instrument}")
            at_ns = time_ns(book.t)
            bids, asks = levels(book.b, descending=True), levels(book.a)
            return BookChange(
                instrument, True, bids, asks, at_ns, at_ns, at_ns, received_ns
            )
        query["feed"] = self._options_feed if kind == OPTION else self._feed
        path = f"{_PATHS[kind]}/quotes/latest"
        latest = await self._read(path, LatestQuotes, query)
        row = latest.quotes.get(symbol)
        if row is None:
            raise BadPayload(f"there is no quote of {instrument}")
        at_ns = time_ns(row.t)
        return book_of_quote(
            instrument,
            (row.bp, row.bs, row.ap, row.as_),
            (at_ns, at_ns),
            at_ns,
            received_ns,
        )

    def _asked(
        self, instrument: InstrumentId, what: str, start_ns: int, end_ns: int
    ) -> tuple[str, str, dict[str, str]]:
        """Return symbol, path and query; the vendor's end is included, ours is not."""
        kind = self._names.class_of(instrument)
        symbol = self._names.venue_symbol(instrument)
        last_ns = end_ns - 1
        query = {"symbols": symbol, "limit": _MOST, "sort": "asc"}
        if kind == STOCK:
            query["feed"] = self._feed
            if self._feed == _DELAYED:
                query["feed"] = "sip"
                last_ns = min(last_ns, self._data_clock.time_ns() - _DELAY_NS)
        query |= {"start": text_of(max(start_ns, 0)), "end": text_of(max(last_ns, 0))}
        return symbol, f"{_PATHS[kind]}/{what}", query

    def _quote(self, instrument: InstrumentId, row: DataQuote) -> Quote:
        at_ns = time_ns(row.t)
        scale = 1
        if self._names.class_of(instrument) == STOCK:
            scale = shares(at_ns)
        return Quote(
            instrument,
            float(row.bp),
            float(row.bs) * scale,
            float(row.ap),
            float(row.as_) * scale,
            at_ns,
            self._data_clock.time_ns(),
        )

    def _option(self, symbol: str, it: OptionSnapshot) -> OptionQuote:
        quote, trade, greeks = it.latest_quote, it.latest_trade, it.greeks
        times = [row.t for row in (quote, trade) if row is not None]
        return OptionQuote(
            instrument=self._names.id_of(symbol),
            bid=None if quote is None else _price(quote.bp),
            ask=None if quote is None else _price(quote.ap),
            last=None if trade is None else trade.p,
            mark_volatility=it.implied_volatility,
            greeks=None
            if greeks is None
            else Greeks(
                delta=greeks.delta,
                gamma=greeks.gamma,
                theta=greeks.theta,
                vega=greeks.vega,
                rho=greeks.rho,
            ),
            venue_time_ns=max(map(time_ns, times), default=0),
        )

    async def _read(self, path: str, into: Any, query: dict[str, str]) -> Any:
        return await self._data.read(
            "GET", path, into=into, query=query, signed=True, scope=DATA
        )


def _price(value: Decimal) -> Decimal | None:
    """Return a price; the vendor writes 0 where nobody bids or asks."""
    return value or None


def _timeframe(width_ns: int) -> str:
    """Return the vendor's word for a width. Raises Unavailable."""
    width_s, rest_ns = divmod(width_ns, SECOND_NS)
    minutes, hours = divmod(width_s, _MINUTE_S), divmod(width_s, _HOUR_S)
    if not rest_ns:
        if width_s in (DAY_S, 7 * DAY_S):
            return "1Day" if width_s == DAY_S else "1Week"
        if not hours[1] and 1 <= hours[0] <= 23:
            return f"{hours[0]}Hour"
        if not minutes[1] and 1 <= minutes[0] <= 59:
            return f"{minutes[0]}Min"
    raise Unavailable(
        f"the venue has no bars of {width_ns} ns",
        instead="1 to 59 minutes, 1 to 23 hours, a day or a week",
    )
