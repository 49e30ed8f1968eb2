"""What spot pushes: public topics, and what an account is told.

https://www.kucoin.com/docs-new/3470068w0 (order book), …/3470072w0 (trades),
…/3470074w0 (orders), …/3470139w0 (stops), …/3470075w0 (balance), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crossdock.model import Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.kucoin.market import levels
from crossdock.sandbox.faces.kucoin.words import is_apart, rises, type_of
from crossdock.sandbox.faces.kucoin_gateway.ids import order_id, stop_id, trade_id
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, side_of
from crossdock.sandbox.faces.numbers import plain, plain_or_none
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    BalancesChanged,
    BookChanged,
    MarketNews,
    OrderChanged,
    QuoteChanged,
    Traded,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin.face import KucoinFace

ORDERS = "/spotMarket/tradeOrders"
STOPS = "/spotMarket/advancedOrders"
BALANCES = "/account/balance"
_BOOK, _TRADES, _BEST = "/market/level2", "/market/match", "/market/ticker"
_TOP_5, _TOP_50 = "/spotMarket/level2Depth5", "/spotMarket/level2Depth50"
_DEPTHS = {_TOP_5: 5, _TOP_50: 50}


class Streams:
    def __init__(self, face: KucoinFace) -> None:
        self._face = face
        self._host = face.host
        self._told_triggered: set[int] = set()

    def topics(self, text: str) -> Sequence[Topic]:
        channel, _, names = text.partition(":")
        if channel not in (_BOOK, _TRADES, _BEST, *_DEPTHS) or not names:
            raise Refusal("no_topic", f"topic {text} is not found")
        for name in names.split(","):
            if name.replace("-", "/") not in self._face.names:
                raise Refusal("no_topic", f"topic {text} is not found")
        return [f"{channel}:{name}" for name in names.split(",")]

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        name = self._face.names.id(news.symbol)
        if isinstance(news, BookChanged):
            if self._host.feed.hears(f"{_BOOK}:{name}"):
                yield self._face.told(
                    f"{_BOOK}:{name}", "trade.l2update", _change(news, name)
                )
            for channel, depth in _DEPTHS.items():
                topic = f"{channel}:{name}"
                if self._host.feed.hears(topic):
                    _, bids, asks = self._host.venue.book(news.symbol, depth)
                    data: Row = {"bids": levels(bids), "asks": levels(asks)}
                    data |= {"timestamp": ms(news.time_ns)}
                    yield self._face.told(topic, "level2", data)
        elif isinstance(news, Traded):
            topic = f"{_TRADES}:{name}"
            if self._host.feed.hears(topic):
                yield self._face.told(topic, "trade.l3match", _trade(news, name))
        elif isinstance(news, QuoteChanged):
            topic = f"{_BEST}:{name}"
            if self._host.feed.hears(topic):
                yield self._face.told(topic, "trade.ticker", _quote(news))

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.names:
            yield from self._order(news.order, news.fill)
        elif isinstance(news, BalancesChanged):
            for asset, total, held in news.rows:
                data = {
                    "accountId": f"trade-{asset}",
                    "currency": asset,
                    "total": plain(total),
                    "available": plain(total - held),
                    "hold": plain(held),
                    "availableChange": "0",
                    "holdChange": "0",
                    "relationContext": {},
                    "relationEvent": "trade_hf.other",
                    "relationEventId": "0",
                    "time": str(ms(news.time_ns)),
                }
                yield self._face.pushed(BALANCES, "account.balance", data)

    def _order(
        self, order: VenueOrder, fill: VenueFill | None
    ) -> Iterator[tuple[str, bytes]]:
        if is_apart(order):
            kind = "cancel" if order.is_done else "open"
            yield self._face.pushed(STOPS, "stopOrder", self._stop(order, kind))
            return
        if order.stop_price is not None and order.number not in self._told_triggered:
            self._told_triggered.add(order.number)
            data = self._stop(order, "triggered") | {"triggerSuccess": True}
            yield self._face.pushed(STOPS, "stopOrder", data)
        if fill is not None:
            yield self._told(self._match(order, fill))
            if order.status is not OrderStatus.FILLED:
                return
            yield self._told(self._data(order, "filled", "done"))
        elif self._face.status(order) is OrderStatus.CANCELED:
            yield self._told(self._data(order, "canceled", "done"))
        elif not order.is_done and order.limit_price is not None:
            if order.replaces is not None:
                gone = self._data(order, "canceled", "done")
                yield self._told(gone | {"orderId": order_id(order.replaces)})
            yield self._told(self._data(order, "open", "open"))

    def _told(self, data: Row) -> tuple[str, bytes]:
        return self._face.pushed(ORDERS, "orderChange", data)

    def _match(self, order: VenueOrder, fill: VenueFill) -> Row:
        maker = fill.liquidity is Liquidity.MAKER
        return self._data(order, "match", "open" if maker else "match") | {
            "liquidity": "maker" if maker else "taker",
            "feeType": "makerFee" if maker else "takerFee",
            "matchPrice": plain(fill.price),
            "matchSize": plain(fill.quantity),
            "tradeId": trade_id(fill.execution_id),
            "orderId": order_id(fill.order_id),
            "ts": fill.time_ns,
        }

    def _data(self, order: VenueOrder, kind: str, status: str) -> Row:
        return {
            "symbol": self._face.names.id(order.symbol),
            "orderType": type_of(order),
            "side": side_of(order.side),
            "orderId": order_id(order.id),
            "type": kind,
            "orderTime": ms(order.created_time_ns),
            "size": plain(order.quantity),
            "filledSize": plain(order.cumulative_quantity),
            "remainSize": plain(order.leaves),
            "price": plain_or_none(order.limit_price) or "0",
            "clientOid": self._face.client_oid(order.account, order.client_order_id),
            "status": status,
            "ts": order.updated_time_ns,
        }

    def _stop(self, order: VenueOrder, kind: str) -> Row:
        return {
            "createdAt": ms(order.created_time_ns),
            "orderId": stop_id(order.chain[0]),
            "orderPrice": plain_or_none(order.limit_price),
            "orderType": "stop",
            "side": side_of(order.side),
            "size": plain(order.quantity),
            "stop": "entry" if rises(order) else "loss",
            "stopPrice": plain_or_none(order.stop_price),
            "symbol": self._face.names.id(order.symbol),
            "tradeType": "TRADE",
            "ts": order.updated_time_ns,
            "type": kind,
        }


def _change(news: BookChanged, name: str) -> Row:
    last = str(news.last)
    return {
        "symbol": name,
        "sequenceStart": news.first,
        "sequenceEnd": news.last,
        "time": ms(news.time_ns),
        "changes": {
            "bids": [[plain(price), plain(size), last] for price, size in news.bids],
            "asks": [[plain(price), plain(size), last] for price, size in news.asks],
        },
    }


def _trade(trade: Traded, name: str) -> Row:
    return {
        "symbol": name,
        "sequence": str(trade.number),
        "type": "match",
        "side": side_of(trade.side),
        "price": plain(trade.price),
        "size": plain(trade.quantity),
        "tradeId": trade_id(trade.trade_id),
        "takerOrderId": order_id("0"),
        "makerOrderId": order_id("0"),
        "time": str(trade.time_ns),
    }


def _quote(news: QuoteChanged) -> Row:
    return {
        "sequence": str(news.sequence),
        "price": plain(news.bid[0]),
        "size": plain(news.bid[1]),
        "bestBid": plain(news.bid[0]),
        "bestBidSize": plain(news.bid[1]),
        "bestAsk": plain(news.ask[0]),
        "bestAskSize": plain(news.ask[1]),
        "time": ms(news.time_ns),
    }
