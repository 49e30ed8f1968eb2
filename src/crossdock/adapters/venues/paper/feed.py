"""The market on its way to the desk, past the engine."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.adapters.venues.paper.floor import Floor
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.model import Bar, BookChange, InstrumentId, Quote, Trade
from crossdock.ports import MarketSink


class Feed:
    """A `MarketSink` between a market's source and the desk's own sink.

    The guard against looking ahead: the engine has done with an event before the desk
    sees it, and sees nothing of the next one before the desk has done with this one. So
    what an event fills is told before any strategy sees the event, and an order that is
    decided on an event can be filled by the next event at the earliest.

    `markets` are those whose events the engine takes from this feed; two that overlap
    must not tell it everything twice.
    """

    def __init__(
        self,
        floor: Floor,
        markets: dict[InstrumentId, Market],
        sink: MarketSink | None,
    ) -> None:
        self.markets = markets
        self._floor = floor
        self._sink = sink

    def quotes(self, batch: Sequence[Quote]) -> None:
        floor, markets, sink = self._floor, self.markets, self._sink
        for quote in batch:
            if floor.is_due:
                floor.catch_up()
            market = markets.get(quote.instrument)
            if market is not None:
                market.quote = quote
                market.has_quotes = True
                if market.quote_taken:
                    market.requote(quote)
                if market.orders:
                    floor.quoted(market)
            if sink is not None:
                sink.quotes(batch if len(batch) == 1 else (quote,))

    def trades(self, batch: Sequence[Trade]) -> None:
        floor, markets, sink = self._floor, self.markets, self._sink
        for trade in batch:
            if floor.is_due:
                floor.catch_up()
            market = markets.get(trade.instrument)
            if market is not None:
                market.trade = trade
                if market.orders:
                    floor.traded(market, trade)
            if sink is not None:
                sink.trades(batch if len(batch) == 1 else (trade,))

    def book(self, change: BookChange) -> None:
        floor, sink = self._floor, self._sink
        if floor.is_due:
            floor.catch_up()
        market = self.markets.get(change.instrument)
        if market is not None and market.apply(change) and market.orders:
            floor.book_changed(market, change)
        if sink is not None:
            sink.book(change)

    def bars(self, batch: Sequence[Bar]) -> None:
        floor, markets, sink = self._floor, self.markets, self._sink
        for bar in batch:
            if floor.is_due:
                floor.catch_up()
            market = markets.get(bar.instrument)
            if market is not None:
                market.bar = bar
                if market.orders and market.trade is None and not market.offers_depth:
                    floor.bar_came(market, bar)
            if sink is not None:
                sink.bars(batch if len(batch) == 1 else (bar,))

    def market_gap(self, instruments: Sequence[InstrumentId], reason: str) -> None:
        for instrument in instruments:
            market = self.markets.get(instrument)
            if market is not None:
                market.gap(reason)
        if self._sink is not None:
            self._sink.market_gap(instruments, reason)
