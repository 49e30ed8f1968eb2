"""Looking on: ladders, candles, signals, equity, instruments, and the journal searched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.accounts.absent import absent
from crossdock.app.desk.market.candles import Candle, Told, chart_width
from crossdock.app.doors.reading.searching import search_journal
from crossdock.app.nearest import did_you_mean
from crossdock.book import OrderBook
from crossdock.core import records as r
from crossdock.errors import DeskError
from crossdock.model import (
    ZERO,
    AccountId,
    Instrument,
    InstrumentId,
    Side,
    symbol_of,
    timeframe_of,
    venue_of,
)
from crossdock.ports import BarHistory, Can

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

DEEPEST = 200
_RECENT_ORDERS = 2_000
_ABILITIES = {
    "amend": Can.REPLACE,
    "cancel_all": Can.CANCEL_ALL,
    "bars": Can.BAR_HISTORY,
}


def listed(desk: Desk, symbol: str) -> list[Instrument]:
    """Return the instruments of a symbol, at one venue when it names one. Raises DeskError."""
    instruments = desk.kernel.state.instruments
    if "@" in symbol:
        one = instruments.get(InstrumentId(symbol))
        found = [] if one is None else [one]
    else:
        found = [each for each in instruments.values() if symbol_of(each.id) == symbol]
    if not found:
        known = {symbol_of(each) for each in instruments}
        raise DeskError(
            f"nothing called {symbol} is listed",
            code="unknown-symbol",
            hint=did_you_mean(symbol.partition("@")[0], known)
            if known
            else "no venue is connected yet",
        )
    return found


class LookingOperations:
    """Reads only. What asks a venue or a file waits beside trading, never in its way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "ladder": self.ladder,
            "candles": self.candles,
            "signals": self.signals,
            "equity": self.equity,
            "instruments": self.instruments,
            "search": self.search,
        }

    # ---- the market ------------------------------------------------------------

    def ladder(self, *, symbol: str, depth: int = 20) -> dict[str, Any]:
        """Return every venue's book of a symbol as one, or one's for `symbol@venue`.

        Levels are `[price, quantity, {venue: quantity}]`, best first.
        """
        depth = max(min(depth, DEEPEST), 1)
        found = listed(self._desk, symbol)
        books = [
            book
            for each in found
            if (book := self._desk.markets.books.get(each.id)) is not None and book.ready
        ]
        bids, asks = _levels(books, Side.BUY, depth), _levels(books, Side.SELL, depth)
        newest = max((book.received_time_ns for book in books), default=0)
        return {
            "symbol": symbol,
            "ready": bool(books),
            "crossed": bool(bids and asks and Decimal(bids[0][0]) >= Decimal(asks[0][0])),
            "venues": [venue_of(book.instrument) for book in books],
            "bids": bids,
            "asks": asks,
            "own": self._own(found),
            "tick": _tick(found, bids),
            "at": newest,
        }

    def _own(self, listed: Sequence[Instrument]) -> list[dict[str, Any]]:
        names = {each.id for each in listed}
        return [
            {
                "price": f"{price:f}",
                "side": str(order.request.side),
                "quantity": f"{order.worst_quantity:f}",
                "order_id": order.order_id,
                "account": order.request.account,
                "venue": venue_of(order.request.instrument),
            }
            for order in self._desk.kernel.state.open_orders()
            if order.request.instrument in names
            and (price := order.limit_price or order.stop_price) is not None
        ]

    async def candles(
        self, *, symbol: str, timeframe: str, last: int = 500, end_ns: int | None = None
    ) -> dict[str, Any]:
        """Return closed bars, oldest first, the one that forms now, and indicators."""
        width_ns = chart_width(timeframe)
        instrument, adapter = self.chart_source(symbol)
        told = await self._desk.candles.told(
            instrument, adapter, width_ns, last=last, end_ns=end_ns
        )
        return self.show_chart(symbol, instrument, width_ns, told)

    def show_chart(
        self, symbol: str, instrument: InstrumentId, width_ns: int, told: Told
    ) -> dict[str, Any]:
        indicators = self._desk.candles.indicators
        return {
            "symbol": symbol,
            "instrument": instrument,
            "timeframe": timeframe_of(width_ns),
            "bars": [list(each) for each in told.bars],
            "forming": show_candle(told.forming),
            "source": told.source,
            "indicators": told.indicators,
            "indicator_timeframes": indicators.other_timeframes(instrument, width_ns),
        }

    def chart_source(self, symbol: str) -> tuple[InstrumentId, Any]:
        """Return which instrument a chart is of, and who may be asked for its past, or None.

        Of several venues: first one that has bars, then one with a good book.
        """
        best: tuple[int, InstrumentId, Any] | None = None
        for each in listed(self._desk, symbol):
            adapter = self._adapter_of(venue_of(each.id))
            book = self._desk.markets.books.get(each.id)
            score = 2 * isinstance(adapter, BarHistory)
            score += book is not None and book.ready
            if best is None or score > best[0]:
                best = (score, each.id, adapter)
        assert best is not None, "something is listed"
        return best[1], best[2]

    def _adapter_of(self, venue: str) -> Any:
        kept = [*self._desk.gateways.values(), *self._desk.watches.values()]
        for each in kept:
            if each.options.venue == venue and each.ready.is_set():
                try:
                    return each.adapter
                except DeskError:
                    continue
        return None

    def instruments(self, *, account: str) -> list[dict[str, Any]]:
        """Return what an account can trade, with its rules."""
        desk = self._desk
        name = AccountId(account)
        kept = desk.gateways.get(name) or desk.watches.get(name)
        if kept is None:
            raise absent(account, [*desk.gateways, *desk.watches], desk.kernel.state)
        chosen = set(kept.options.symbols)
        manifest = kept.manifest
        can = {word: ability in manifest.can for word, ability in _ABILITIES.items()}
        can["reduce_only"] = manifest.reduce_only
        can["attached"] = bool(manifest.contingencies)
        return [
            {
                "instrument": each.id,
                "symbol": symbol_of(each.id),
                "kind": str(each.kind),
                "base": each.base,
                "quote": each.quote,
                "settle": each.settle,
                "tick": f"{each.tick_table[0].tick:f}" if each.tick_table else None,
                "step": f"{each.quantity_step:f}",
                "min_quantity": f"{each.min_quantity:f}",
                "min_notional": f"{each.min_notional:f}",
                "multiplier": f"{each.multiplier:f}",
                "order_types": sorted(
                    str(kind)
                    for kind in manifest.order_types
                    if each.order_types is None or kind in each.order_types
                ),
                "time_in_force": sorted(str(time) for time in manifest.times_in_force),
                "can": can,
            }
            for each in desk.kernel.state.instruments.values()
            if venue_of(each.id) == kept.options.venue
            and (not chosen or symbol_of(each.id) in chosen)
        ]

    # ---- what happened ---------------------------------------------------------

    def signals(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest signals with what became of each, newest first.

        Of one that was told of again, an exit that took its time, the last word.
        """
        happenings = self._desk.happenings
        ordered: dict[str, list[str]] = defaultdict(list)
        orders = self._desk.kernel.state.orders.values()
        for order, _ in zip(reversed(orders), range(_RECENT_ORDERS), strict=False):
            ordered[order.request.correlation].append(order.order_id)
        refused = {str(it.request.correlation): it for it in happenings.refusals}
        told: dict[str, r.SignalEmitted] = {}
        for each in reversed(happenings.signals):
            told.setdefault(each.signal.correlation, each)
        newest = list(told.values())[: max(limit, 0)]
        return [_signal(each, ordered, refused) for each in newest]

    def equity(
        self, *, since_ns: int = 0, portfolio: str = "", strategy: str = ""
    ) -> dict[str, Any]:
        """Return `[time_s, equity, pnl, drawdown, gross_exposure]` over time, oldest first.

        Of the desk, of one portfolio, or of what one strategy made.
        """
        name = f"portfolio:{portfolio}" if portfolio else ""
        name = f"strategy:{strategy}" if strategy else name
        points = self._desk.equity_history.points(since_ns, name)
        return {
            "currency": self._desk.settings.desk.currency,
            "portfolio": portfolio,
            "strategy": strategy,
            "points": [list(each) for each in points],
        }

    async def search(
        self,
        *,
        text: str = "",
        kinds: Sequence[str] = (),
        account: str = "",
        since_ns: int = 0,
        until_ns: int | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return journal records that hold a text, newest first; `before` is a sequence."""
        self._desk.upkeep.project()
        return await search_journal(
            self._desk.settings,
            text=text,
            kinds=kinds,
            account=account,
            since_ns=since_ns,
            until_ns=until_ns,
            limit=limit,
            before=before,
        )


def show_candle(candle: Candle | None) -> list[float] | None:
    return None if candle is None else list(candle)


def _levels(books: Sequence[OrderBook], side: Side, depth: int) -> list[list[Any]]:
    """Add up what rests at each price over all books, best first."""
    at: dict[Decimal, dict[str, Decimal]] = {}
    for book in books:
        venue = venue_of(book.instrument)
        for price, quantity in book.levels(side, depth):
            held = at.setdefault(Decimal(price), {})
            held[venue] = held.get(venue, ZERO) + Decimal(quantity)
    best = nlargest(depth, at) if side is Side.BUY else nsmallest(depth, at)
    return [
        [
            f"{price:f}",
            f"{sum(at[price].values(), ZERO):f}",
            {venue: f"{quantity:f}" for venue, quantity in at[price].items()},
        ]
        for price in best
    ]


def _tick(listed: Sequence[Instrument], bids: Sequence[Sequence[Any]]) -> str | None:
    """Return the smallest step of a price that any of the venues takes here."""
    price = Decimal(bids[0][0]) if bids else ZERO
    ticks = []
    for each in listed:
        bands = [band.tick for band in each.tick_table if band.floor <= price]
        ticks += bands[-1:] or [band.tick for band in each.tick_table[:1]]
    return f"{min(ticks):f}" if ticks else None


def _signal(
    record: r.SignalEmitted,
    ordered: Mapping[str, Sequence[str]],
    refused: Mapping[str, r.RequestRefused],
) -> dict[str, Any]:
    signal = record.signal
    orders = list(reversed(ordered.get(signal.correlation, ())))
    refusal = refused.get(signal.correlation)
    words = record.routed
    outcome = "ordered" if orders else "ignored"
    if refusal is not None and not orders:
        outcome = "refused"
        words = "; ".join(f"{check}: {why}" for check, why in refusal.reasons)
    return {
        "at": record.at,
        "strategy": signal.strategy,
        "portfolio": signal.portfolio,
        "symbol": signal.symbol,
        "direction": str(signal.direction),
        "confidence": signal.confidence,
        "strength": signal.strength,
        "horizon_s": signal.horizon_s,
        "correlation": signal.correlation,
        "outcome": outcome,
        "order_ids": orders,
        "words": words,
    }
