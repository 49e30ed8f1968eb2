"""Public reads.

https://docs.deribit.com/api-reference/market-data/public-get_last_trades_by_instrument_and_time
and its neighbours, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.deribit.names import ANY, kind_of
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.refusals import invalid
from crossdock.sandbox.faces.deribit.words import Row, milliseconds, short, side_of
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

RESOLUTIONS_S = {
    **{str(it): it * 60 for it in (1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720)},
    "1D": 86_400,
}
_DAY_NS = 86_400 * SECOND_NS
_MOST_BARS = 5000
_MOST_LEVELS = 10_000
_MOST_TRADES = 1000
_NEVER_MS = 32_503_708_800_000  # when what does not expire is said to


class Market:
    """Public reads of one venue. Each returns a reply's result."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def time(self, params: Params, account: str) -> Act:
        return milliseconds

    def test(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {"version": "1.2.26"}

    def currencies(self, params: Params, account: str) -> Act:
        rows = [
            {
                "currency": it,
                "coin_type": it,
                "currency_long": it,
                "min_confirmations": 1,
                "withdrawal_fee": ZERO,
                "withdrawal_priorities": [],
            }
            for it in self._names.currencies
        ]
        return lambda _now_ns: rows

    def instruments(self, params: Params, account: str) -> Act:
        currency = params.maybe("currency") or ANY
        symbols = self._names.of(currency, params.maybe("kind") or ANY)
        if params.flag("expired"):
            symbols = []
        return lambda _now_ns: [self._instrument(it) for it in symbols]

    def instrument(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return lambda _now_ns: self._instrument(symbol)

    def order_book(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        depth = params.whole("depth", 5, most=_MOST_LEVELS)

        def act(now_ns: int) -> Row:
            sequence, bids, asks = self._host.venue.book(symbol, depth)
            return self.ticker_row(symbol, now_ns) | {
                "change_id": sequence,
                "bids": [[short(price), short(size)] for price, size in bids],
                "asks": [[short(price), short(size)] for price, size in asks],
            }

        return act

    def ticker(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return lambda now_ns: self.ticker_row(symbol, now_ns)

    def summaries(self, params: Params, account: str) -> Act:
        kind = params.maybe("kind") or ANY
        symbols = self._names.of(params.text("currency"), kind)
        return lambda now_ns: [self._summary(it, now_ns) for it in symbols]

    def summary(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return lambda now_ns: [self._summary(symbol, now_ns)]

    def last_trades(self, params: Params, account: str) -> Act:
        """Return the newest trades, newest first."""
        symbol = self._names.find(params.text("instrument_name"))
        count = params.whole("count", 10, most=_MOST_TRADES)

        def act(_now_ns: int) -> Row:
            trades = self._host.feed.trades(symbol, _MOST_TRADES)[::-1]
            rows = [self.trade_row(it) for it in trades[:count]]
            return {"trades": rows, "has_more": len(trades) > count}

        return act

    def trades_of_time(self, params: Params, account: str) -> Act:
        """Return trades of a time, both its ends in it, the oldest first."""
        symbol = self._names.find(params.text("instrument_name"))
        count = params.whole("count", 10, most=_MOST_TRADES)
        start_ns = params.time_ns("start_timestamp")
        end_ns = None
        if params.maybe("end_timestamp") is not None:
            end_ns = params.time_ns("end_timestamp") + 999_999

        def act(now_ns: int) -> Row:
            until_ns = now_ns if end_ns is None else end_ns
            trades = [
                it
                for it in self._host.feed.trades(symbol, _MOST_TRADES)
                if start_ns <= it.time_ns <= until_ns
            ]
            rows = [self.trade_row(it) for it in trades[:count]]
            return {"trades": rows, "has_more": len(trades) > count}

        return act

    def chart(self, params: Params, account: str) -> Act:
        """Return bars that begin from start to end, both in it, oldest first."""
        symbol = self._names.find(params.text("instrument_name"))
        width_s = RESOLUTIONS_S.get(params.text("resolution"))
        if width_s is None:
            raise invalid("resolution")
        start_ns = params.time_ns("start_timestamp")
        end_ns = params.time_ns("end_timestamp")

        def act(_now_ns: int) -> Row:
            bars = self._host.bars
            rows = bars.closed(
                symbol, width_s, start_ns=start_ns, end_ns=end_ns + 1, limit=_MOST_BARS
            )
            forming = bars.forming(symbol, width_s)
            if forming is not None and start_ns <= forming[0] * SECOND_NS <= end_ns:
                rows.append(forming)
            candles = [candle for _, candle in rows]
            return {
                "status": "ok" if rows else "no_data",
                "ticks": [start_s * 1000 for start_s, _ in rows],
                "open": [short(it.open) for it in candles],
                "high": [short(it.high) for it in candles],
                "low": [short(it.low) for it in candles],
                "close": [short(it.close) for it in candles],
                "volume": [short(it.volume) for it in candles],
                "cost": [short(it.volume * it.close) for it in candles],
            }

        return act

    def ticker_row(self, symbol: str, now_ns: int) -> Row:
        _, bid, ask = self._host.venue.top(symbol)
        last = self._host.venue.last_price(symbol)
        mark = last or (bid and bid[0]) or (ask and ask[0]) or None
        high, low, volume = self._day(symbol)
        nothing: tuple[Any, Decimal] = (None, ZERO)
        best_bid, bid_amount = bid or nothing
        best_ask, ask_amount = ask or nothing
        row: Row = {
            "instrument_name": self._names.id(symbol),
            "timestamp": milliseconds(now_ns),
            "state": "open",
            "best_bid_price": best_bid,
            "best_bid_amount": short(bid_amount),
            "best_ask_price": best_ask,
            "best_ask_amount": short(ask_amount),
            "last_price": last,
            "mark_price": mark,
            "index_price": mark,
            "stats": {"high": high, "low": low, "volume": volume, "price_change": None},
        }
        if self._names.market(symbol).kind is ContractKind.SPOT:
            return row
        return row | {
            "open_interest": ZERO,
            "settlement_price": mark,
            "current_funding": ZERO,
            "funding_8h": ZERO,
        }

    def trade_row(self, trade: Traded) -> Row:
        return {
            "trade_id": trade.trade_id.lstrip("EVT"),
            "trade_seq": trade.number,
            "timestamp": milliseconds(trade.time_ns),
            "instrument_name": self._names.id(trade.symbol),
            "direction": side_of(trade.side),
            "price": short(trade.price),
            "amount": short(trade.quantity),
            "mark_price": short(trade.price),
            "index_price": short(trade.price),
            "tick_direction": 0,
        }

    def _day(self, symbol: str) -> tuple[Decimal | None, Decimal | None, Decimal]:
        now_ns = self._host.clock.time_ns()
        bars = self._host.bars
        rows = bars.closed(symbol, 3600, start_ns=now_ns - _DAY_NS, end_ns=now_ns, limit=24)
        forming = bars.forming(symbol, 3600)
        candles = [it for _, it in (*rows, *([forming] if forming else []))]
        if not candles:
            return None, None, ZERO
        volume = sum((it.volume for it in candles), ZERO)
        high, low = max(it.high for it in candles), min(it.low for it in candles)
        return short(high), short(low), short(volume)

    def _summary(self, symbol: str, now_ns: int) -> Row:
        row = self.ticker_row(symbol, now_ns)
        market = self._names.market(symbol)
        return {
            "instrument_name": row["instrument_name"],
            "base_currency": market.base,
            "quote_currency": market.quote,
            "creation_timestamp": row["timestamp"],
            "bid_price": row["best_bid_price"],
            "ask_price": row["best_ask_price"],
            "mid_price": None,
            "last": row["last_price"],
            "mark_price": row["mark_price"],
            "high": row["stats"]["high"],
            "low": row["stats"]["low"],
            "volume": row["stats"]["volume"],
            "open_interest": ZERO,
        }

    def _instrument(self, symbol: str) -> Row:
        market = self._names.market(symbol)
        row: Row = {
            "instrument_name": self._names.id(symbol),
            "kind": kind_of(market),
            "base_currency": market.base,
            "counter_currency": market.quote,
            "quote_currency": market.quote,
            "instrument_type": "reversed",
            "price_index": f"{market.base}_{market.quote}".lower(),
            "contract_size": short(market.quantity_step),
            "min_trade_amount": short(market.min_quantity or market.quantity_step),
            "tick_size": short(market.ticks[0][1]),
            "tick_size_steps": [
                {"above_price": short(above), "tick_size": short(tick)}
                for above, tick in market.ticks[1:]
            ],
            "maker_commission": short(market.maker_fee),
            "taker_commission": short(market.taker_fee),
            "is_active": True,
            "creation_timestamp": 1_534_167_754_000,
            "expiration_timestamp": _NEVER_MS,
        }
        if market.kind is not ContractKind.INVERSE:
            row["instrument_type"] = "linear"
        if market.kind is ContractKind.SPOT:
            return row
        return row | {
            "settlement_currency": market.settle,
            "settlement_period": "perpetual",
            "max_leverage": 10,
        }
