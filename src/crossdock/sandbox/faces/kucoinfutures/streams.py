"""What the futures exchange pushes.

https://www.kucoin.com/docs-new/3470082w0 (order book), …/3470084w0 (trades),
…/3470090w0 (orders), …/3470091w0 (stops), …/3470092w0 (wallet), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crossdock.model import Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.kucoin_gateway.ids import trade_id
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms, side_of
from crossdock.sandbox.faces.kucoinfutures.market import trade
from crossdock.sandbox.faces.kucoinfutures.names import currency
from crossdock.sandbox.faces.kucoinfutures.words import is_apart, stop_of, type_of
from crossdock.sandbox.faces.numbers import plain, plain_or_none
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    BalancesChanged,
    BookChanged,
    MarketNews,
    OrderChanged,
    Traded,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoinfutures.face import KucoinFuturesFace

ORDERS = "/contractMarket/tradeOrders"
STOPS = "/contractMarket/advancedOrders"
WALLET = "/contractAccount/wallet"
_BOOK, _TRADES = "/contractMarket/level2", "/contractMarket/execution"


class Streams:
    def __init__(self, face: KucoinFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._told_triggered: set[int] = set()

    def topics(self, text: str) -> Sequence[Topic]:
        channel, _, names = text.partition(":")
        found = names.split(",")
        if channel not in (_BOOK, _TRADES) or not all(map(self._face.names.knows, found)):
            raise Refusal("no_topic", f"topic {text} is not found")
        return [f"{channel}:{name}" for name in found]

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        name = self._face.names.id(news.symbol)
        if isinstance(news, BookChanged) and self._host.feed.hears(f"{_BOOK}:{name}"):
            for data in _changes(news):
                yield self._face.told(f"{_BOOK}:{name}", "level2", data)
        elif isinstance(news, Traded) and self._host.feed.hears(f"{_TRADES}:{name}"):
            data = trade(news) | {"symbol": name}
            yield self._face.told(f"{_TRADES}:{name}", "match", data)

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.names:
            yield from self._order(news.order, news.fill)
        elif isinstance(news, BalancesChanged):
            for asset, total, held in news.rows:
                data = {
                    "currency": currency(asset),
                    "walletBalance": plain(total),
                    "equity": plain(total),
                    "availableBalance": plain(total - held),
                    "holdBalance": plain(held),
                    "timestamp": str(ms(news.time_ns)),
                }
                yield self._face.pushed(WALLET, "walletBalance.change", data)

    def _order(
        self, order: VenueOrder, fill: VenueFill | None
    ) -> Iterator[tuple[str, bytes]]:
        if is_apart(order):
            kind = "cancel" if order.is_done else "open"
            yield self._face.pushed(STOPS, "stopOrder", self._stop(order, kind))
            return
        if stop_of(order) and order.number not in self._told_triggered:
            self._told_triggered.add(order.number)
            data = self._stop(order, "triggered") | {"triggerSuccess": True}
            yield self._face.pushed(STOPS, "stopOrder", data)
        if fill is not None:
            yield self._told(self._match(order, fill))
            if order.status is OrderStatus.FILLED:
                yield self._told(self._data(order, "filled", "done"))
        elif self._face.status(order) is OrderStatus.CANCELED:
            yield self._told(self._data(order, "canceled", "done"))
        elif not order.is_done and order.limit_price is not None:
            yield self._told(self._data(order, "open", "open"))

    def _told(self, data: Row) -> tuple[str, bytes]:
        return self._face.pushed(ORDERS, "symbolOrderChange", data)

    def _match(self, order: VenueOrder, fill: VenueFill) -> Row:
        maker = fill.liquidity is Liquidity.MAKER
        return self._data(order, "match", "open" if maker else "match") | {
            "liquidity": "maker" if maker else "taker",
            "feeType": "makerFee" if maker else "takerFee",
            "matchPrice": plain(fill.price),
            "matchSize": plain(fill.quantity),
            "tradeId": trade_id(fill.execution_id),
            "ts": fill.time_ns,
        }

    def _data(self, order: VenueOrder, kind: str, status: str) -> Row:
        canceled = order.leaves if kind == "canceled" else 0
        return {
            "symbol": self._face.names.id(order.symbol),
            "orderType": type_of(order),
            "side": side_of(order.side),
            "orderId": self._face.words.id(order),
            "marginMode": "CROSS",
            "positionSide": "BOTH",
            "type": kind,
            "orderTime": str(order.created_time_ns),
            "size": plain(order.quantity),
            "filledSize": plain(order.cumulative_quantity),
            "remainSize": plain(order.leaves),
            "canceledSize": str(canceled),
            "price": plain_or_none(order.limit_price) or "0",
            "clientOid": self._face.client_oid(order.account, order.client_order_id),
            "tradeType": "trade",
            "status": status,
            "ts": order.updated_time_ns,
        }

    def _stop(self, order: VenueOrder, kind: str) -> Row:
        return {
            "marginMode": "CROSS",
            "orderId": self._face.words.id(order),
            "orderPrice": plain_or_none(order.limit_price),
            "orderType": "stop",
            "side": side_of(order.side),
            "size": int(order.quantity),
            "stop": stop_of(order),
            "stopPrice": plain_or_none(order.stop_price),
            "stopPriceType": "TP",
            "symbol": self._face.names.id(order.symbol),
            "type": kind,
            "createdAt": ms(order.created_time_ns),
            "ts": order.updated_time_ns,
        }


def _changes(news: BookChanged) -> Iterator[Row]:
    """Tell one level at a time, a number each: what the engine gathered is said again."""
    rows = [
        f"{plain(price)},{side},{plain(size)}"
        for side, levels in (("buy", news.bids), ("sell", news.asks))
        for price, size in levels
    ]
    spare = news.last - news.first + 1 - len(rows)
    for sequence, change in enumerate([*rows[:1] * spare, *rows], news.first):
        yield {"sequence": sequence, "change": change, "timestamp": ms(news.time_ns)}
