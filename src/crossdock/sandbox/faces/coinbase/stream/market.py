"""Market channels: level2, ticker, ticker_batch, market_trades, candles and status.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO
from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.coinbase.reads.market import candle, trade
from crossdock.sandbox.faces.coinbase.stream.frames import (
    CANDLES,
    LEVEL2,
    STATUS,
    TICKER,
    TICKER_BATCH,
    TRADES,
    message,
)
from crossdock.sandbox.faces.coinbase.values import Row, moment
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import BookChanged, MarketNews, Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_L2 = "l2_data"
_DEPTH = 1_000_000
_SNAPSHOT_TRADES = 50
_CANDLE_S = 300
_TRADES_NS = 250_000_000
_PACES_NS = {CANDLES: SECOND_NS, TICKER_BATCH: 5 * SECOND_NS, STATUS: 5 * SECOND_NS}


class MarketStreams:
    """Words one venue's market news, and what is told by the clock.

    A topic is (channel, product).
    """

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host
        self._products = face.products
        self._batch: dict[str, list[Traded]] = {}
        self._due_ns: dict[str, int] = {}

    def messages(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._products:
            return
        product_id = self._products.id(news.symbol)
        if isinstance(news, BookChanged):
            topic = (LEVEL2, product_id)
            if self._host.feed.hears(topic):
                self._number(topic)
                yield topic, self._levels(product_id, "update", news.bids, news.asks)
        elif isinstance(news, Traded):
            if self._host.feed.hears((TRADES, product_id)):
                self._batch.setdefault(product_id, []).append(news)
            if self._host.feed.hears((TICKER, product_id)):
                body = self._ticker(TICKER, product_id, "update")
                yield (TICKER, product_id), body

    def snapshot(self, channel: str, product_id: str) -> bytes | None:
        """Return what a channel says first of a product, if there is anything to say."""
        symbol = self._products.symbol(product_id)
        if channel == LEVEL2:
            _, bids, asks = self._host.venue.book(symbol, _DEPTH)
            return self._levels(product_id, "snapshot", bids, asks)
        if channel == TRADES:
            trades = self._host.feed.trades(symbol, _SNAPSHOT_TRADES)
            return self._trades(product_id, "snapshot", trades) if trades else None
        if channel == CANDLES:
            return self._candles(product_id, "snapshot")
        if channel == STATUS:
            return self._status(product_id, "snapshot")
        return self._ticker(channel, product_id, "snapshot")

    def tick(self, now_ns: int) -> None:
        """Push what is told at a pace, where it changed."""
        if self._is_due(TRADES, _TRADES_NS, now_ns):
            batch, self._batch = self._batch, {}
            for product_id, trades in batch.items():
                body = self._trades(product_id, "update", trades)
                self._host.feed.push((TRADES, product_id), body)
        for channel, pace_ns in _PACES_NS.items():
            if not self._is_due(channel, pace_ns, now_ns):
                continue
            for symbol in self._products.all():
                product_id = self._products.id(symbol)
                if self._host.feed.hears((channel, product_id)):
                    self._push(channel, product_id)

    def _push(self, channel: str, product_id: str) -> None:
        if channel == CANDLES:
            body = self._candles(product_id, "update")
        elif channel == STATUS:
            body = self._status(product_id, "update")
        else:
            body = self._ticker(channel, product_id, "update")
        self._host.feed.push((channel, product_id), body)

    def _is_due(self, channel: str, pace_ns: int, now_ns: int) -> bool:
        if now_ns < self._due_ns.get(channel, 0):
            return False
        self._due_ns[channel] = now_ns + pace_ns
        return True

    def _number(self, topic: Topic) -> None:
        """Number a change for everybody who hears it, whether or not it gets there."""
        for it in self._face.connections():
            it.number(topic)

    def _levels(
        self,
        product_id: str,
        kind: str,
        bids: Iterable[PriceLevel],
        asks: Iterable[PriceLevel],
    ) -> bytes:
        now_ns = self._host.now_ns()
        time = moment(now_ns)
        updates = [
            {
                "side": side,
                "event_time": time,
                "price_level": plain(price),
                "new_quantity": plain(quantity),
            }
            for side, rows in (("bid", bids), ("offer", asks))
            for price, quantity in rows
        ]
        event: Row = {"type": kind, "product_id": product_id, "updates": updates}
        return message(_L2, now_ns, [event])

    def _trades(self, product_id: str, kind: str, trades: Iterable[Traded]) -> bytes:
        rows = [trade(product_id, it) for it in trades]
        rows.reverse()
        return message(TRADES, self._host.now_ns(), [{"type": kind, "trades": rows}])

    def _candles(self, product_id: str, kind: str) -> bytes:
        symbol = self._products.symbol(product_id)
        bar = self._host.bars.forming(symbol, _CANDLE_S)
        rows = [] if bar is None else [candle(*bar) | {"product_id": product_id}]
        return message(CANDLES, self._host.now_ns(), [{"type": kind, "candles": rows}])

    def _status(self, product_id: str, kind: str) -> bytes:
        row = self._products.row(self._products.symbol(product_id))
        product = {
            "product_type": "SPOT",
            "id": product_id,
            "base_currency": row["base_currency_id"],
            "quote_currency": row["quote_currency_id"],
            "base_increment": row["base_increment"],
            "quote_increment": row["quote_increment"],
            "display_name": product_id.replace("-", "/"),
            "status": "online",
            "status_message": "",
            "min_market_funds": row["quote_min_size"],
        }
        return message(STATUS, self._host.now_ns(), [{"type": kind, "products": [product]}])

    def _ticker(self, channel: str, product_id: str, kind: str) -> bytes:
        symbol = self._products.symbol(product_id)
        last = self._host.venue.last_price(symbol)
        day = self._products.day(symbol)
        row = {
            "type": "ticker",
            "product_id": product_id,
            "price": _told(last),
            "volume_24_h": _told(ZERO if day is None else day.volume),
            "low_24_h": _told(None if day is None else day.low),
            "high_24_h": _told(None if day is None else day.high),
            "low_52_w": _told(None if day is None else day.low),
            "high_52_w": _told(None if day is None else day.high),
            "price_percent_chg_24_h": self._products.change(day, last),
        }
        if channel == TICKER:
            _, bid, ask = self._host.venue.top(symbol)
            for name, level in (("best_bid", bid), ("best_ask", ask)):
                row[name] = _told(None if level is None else level[0])
                row[f"{name}_quantity"] = _told(None if level is None else level[1])
        return message(channel, self._host.now_ns(), [{"type": kind, "tickers": [row]}])


def _told(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
