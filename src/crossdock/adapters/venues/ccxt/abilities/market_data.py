"""Public reads: what is listed, books, bars, trades, the exchange's clock."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.instruments import Refusal, instruments_of
from crossdock.adapters.venues.ccxt.wire.numbers import exact, milliseconds, plain, time_ns
from crossdock.errors import BadPayload, Unavailable
from crossdock.model import (
    Bars,
    BookChange,
    Instrument,
    InstrumentId,
    Level,
    Side,
    Trade,
    width_of,
)
from crossdock.toolkit import AdapterContext

_TRADES = 1000
_REASONS = 5  # told of markets that are left out, the commonest first


log = logging.getLogger(__name__)


class Listings(CcxtAccount):
    """The markets of this account, for the list and for what needs one."""

    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self._told_refused = 0

    async def list_instruments(self) -> Sequence[Instrument]:
        markets = await self.session.markets(anew=True)
        types = self.quirks.market_types
        listed = [it for it in markets.values() if not types or it.get("type") in types]
        made, refused = instruments_of(
            listed, venue=self.context.venue, exchange=self.manifest.id
        )
        self._tell_refused(refused, len(listed))
        if not made:
            raise BadPayload("not one of the exchange's markets can be traded")
        return made

    def _tell_refused(self, refused: Sequence[Refusal], listed: int) -> None:
        """Log how many markets are left out and why, again when there are more of them."""
        if len(refused) <= self._told_refused:
            return
        self._told_refused = len(refused)
        reasons = Counter(each.reason for each in refused)
        told = [f"{count}: {reason}" for reason, count in reasons.most_common(_REASONS)]
        if len(reasons) > len(told):
            told.append(f"and {len(reasons) - len(told)} other reasons")
        log.warning(
            "%s: %d of %d markets are not offered (%s)",
            self.context.venue,
            len(refused),
            listed,
            "; ".join(told),
        )


class ListsInstruments(Listings):
    async def instruments(self) -> Sequence[Instrument]:
        return await self.list_instruments()


class Books(CcxtAccount):
    """Whole books, for who asks and for streams that have none."""

    async def whole_book(self, instrument: InstrumentId) -> BookChange:
        market = await self.market(instrument)
        raw = await self.session.read(
            "book",
            lambda: self.driver.fetch_order_book(market["symbol"], self.quirks.book_limit),
        )
        if not isinstance(raw, dict) or not (raw.get("bids") or raw.get("asks")):
            raise BadPayload(f"the book of {instrument} is empty or has another shape")
        sequence = _sequence(raw.get("nonce"))
        return BookChange(
            instrument=instrument,
            snapshot=True,
            # ccxt has sorted text, where 9 is above 10.
            bids=sorted(levels(raw["bids"]), key=_price, reverse=True),
            asks=sorted(levels(raw["asks"]), key=_price),
            first_sequence=sequence,
            last_sequence=sequence,
            venue_time_ns=time_ns(raw.get("timestamp")),
            received_time_ns=self.clock.time_ns(),
        )


class SnapsBooks(Books):
    async def book_snapshot(self, instrument: InstrumentId) -> BookChange:
        return await self.whole_book(instrument)


class TellsTime(CcxtAccount):
    async def server_time_ns(self) -> int:
        before_ns = self.clock.time_ns()
        raw = await self.session.read("time", self.driver.fetch_time)
        found_ns = time_ns(raw)
        if not found_ns:
            raise BadPayload("the exchange told no time")
        self.health.server_time(found_ns, before_ns, self.clock.time_ns())
        return found_ns


class ReadsBars(CcxtAccount):
    async def bars(
        self, instrument: InstrumentId, width_ns: int, *, start_ns: int, end_ns: int
    ) -> Bars:
        market = await self.market(instrument)
        timeframe = self._timeframe(width_ns)
        page_ns = self.quirks.bar_page * width_ns
        first_ns = -(-max(0, start_ns) // width_ns) * width_ns
        rows: list[Any] = []
        if first_ns < end_ns:
            until_ns = min(end_ns, first_ns + page_ns)
            rows = await self._rows(market, timeframe, first_ns, until_ns)
        now_ns = self.clock.time_ns()
        kept: dict[int, Any] = {}
        for row in rows:
            begun_ns = time_ns(row[0])
            if start_ns <= begun_ns < end_ns and begun_ns + width_ns <= now_ns:
                kept[begun_ns] = row
        starts = sorted(kept)
        return Bars(
            instrument=instrument,
            width_ns=width_ns,
            start_time_ns=starts,
            open=[_float(kept[it][1]) for it in starts],
            high=[_float(kept[it][2]) for it in starts],
            low=[_float(kept[it][3]) for it in starts],
            close=[_float(kept[it][4]) for it in starts],
            volume=[_float(kept[it][5]) for it in starts],
        )

    async def _rows(
        self, market: Any, timeframe: str, start_ns: int, until_ns: int
    ) -> list[Any]:
        limit = self.quirks.bar_page
        last_ms = milliseconds(until_ns - 1)
        params = {"until": last_ms + self.quirks.bar_until_excluded}
        rows, _ = await self.session.listed(
            "bars",
            lambda: self.driver.fetch_ohlcv(
                market["symbol"], timeframe, milliseconds(start_ns), limit, params
            ),
            wished=params,
        )
        if not isinstance(rows, list) or any(len(row) < 6 for row in rows):
            raise BadPayload("the exchange's bars have another shape")
        return rows

    def _timeframe(self, width_ns: int) -> str:
        known = self.driver.timeframes or {}
        for name in known:
            if name[-1:] != "M" and name[-1:] != "y" and width_of(name) == width_ns:
                return str(name)
        raise Unavailable(
            f"{self.manifest.name} has no bars of {width_ns / 1e9:g} s",
            instead=", ".join(known),
        )


class ReadsTrades(CcxtAccount):
    async def trades_between(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[Trade]:
        market = await self.market(instrument)
        params = {"until": milliseconds(end_ns - 1)}
        rows, _ = await self.session.listed(
            "trades",
            lambda: self.driver.fetch_trades(
                market["symbol"], milliseconds(start_ns), _TRADES, params
            ),
            wished=params,
        )
        if not isinstance(rows, list):
            raise BadPayload("the exchange's trades have another shape")
        received_ns = self.clock.time_ns()
        found = [trade_of(row, instrument, received_ns) for row in rows]
        return sorted(
            (it for it in found if start_ns <= it.venue_time_ns < end_ns),
            key=lambda it: it.venue_time_ns,
        )


def trade_of(row: Any, instrument: InstrumentId, received_ns: int) -> Trade:
    """Read a public trade. ccxt's side is the taker's."""
    return Trade(
        instrument=instrument,
        trade_id=str(row.get("id") or ""),
        price=exact(row.get("price")),
        quantity=exact(row.get("amount")),
        side=Side.SELL if row.get("side") == "sell" else Side.BUY,
        venue_time_ns=time_ns(row.get("timestamp")),
        received_time_ns=received_ns,
    )


def levels(rows: Sequence[Any]) -> list[Level]:
    """Return levels as text without exponents; those of no quantity are left out."""
    found: list[Level] = []
    for row in rows:
        price, quantity = plain(row[0]), plain(row[1])
        if price is None or quantity is None:
            raise BadPayload("a level of the book has no price or no quantity")
        if quantity != "0":
            found.append((price, quantity))
    return found


def _price(level: Level) -> Decimal:
    return Decimal(level[0])


def _sequence(nonce: Any) -> int:
    return int(Decimal(str(nonce))) if nonce is not None else 0


def _float(value: Any) -> float:
    return float(exact(value if value is not None else 0))
