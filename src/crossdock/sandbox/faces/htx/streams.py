"""What spot pushes: public channels, and what an account is told.

https://huobiapi.github.io/docs/spot/v1/en/#websocket-market-data and
…#websocket-asset-and-order, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from crossdock.model import ZERO, Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.htx.market import levels, trade
from crossdock.sandbox.faces.htx.words import (
    Row,
    ms,
    side_of,
    state_of,
    told_status,
    trade_id,
    type_of,
)
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import (
    AccountNews,
    BookChanged,
    MarketNews,
    OrderChanged,
    Traded,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

ORDERS, CLEARING = "orders", "trade.clearing"
DEPTHS = ("5", "20", "150", "400")

encode = msgspec.json.Encoder().encode


class Streams:
    def __init__(self, face: HtxFace) -> None:
        self._face = face
        self._host = face.host

    def knows(self, channel: str) -> bool:
        """Tell whether a public channel's name is one of ours."""
        market, _, rest = channel.partition(".")
        name, _, kind = rest.partition(".")
        kinds = ("trade.detail", *(f"mbp.{it}" for it in DEPTHS))
        return market == "market" and self._face.names.knows(name) and kind in kinds

    def whole(self, channel: str) -> Row:
        """Return the book that a channel of changes begins with."""
        _, name, _, depth = channel.split(".")
        symbol = self._face.names.symbol(name)
        sequence, bids, asks = self._host.venue.book(symbol, int(depth))
        return {"seqNum": sequence, "bids": levels(bids), "asks": levels(asks)}

    def market(self, news: MarketNews) -> Iterator[tuple[Topic, bytes]]:
        if news.symbol not in self._face.names:
            return
        name = self._face.names.id(news.symbol)
        if isinstance(news, BookChanged):
            tick = {
                "seqNum": news.last,
                "prevSeqNum": news.first - 1,
                "bids": levels(news.bids),
                "asks": levels(news.asks),
            }
            for depth in DEPTHS:
                yield from self._said(f"market.{name}.mbp.{depth}", news.time_ns, tick)
        elif isinstance(news, Traded):
            row = trade(news) | {"tradeId": int(trade_id(news.trade_id))}
            tick = {"id": news.number, "ts": ms(news.time_ns), "data": [row]}
            yield from self._said(f"market.{name}.trade.detail", news.time_ns, tick)

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Return (channel, data) pairs: each connection names its subscription itself."""
        if not isinstance(news, OrderChanged) or news.order.symbol not in self._face.names:
            return
        order, fill = news.order, news.fill
        if fill is not None:
            yield ORDERS, encode(self._traded(order, fill))
            yield CLEARING, encode(self._cleared(order, fill))
        elif told_status(order) is OrderStatus.CANCELED:
            kind = "deletion" if order.is_waiting else "cancellation"
            yield ORDERS, encode(self._ended(order, kind))
        elif not order.is_done and not order.is_waiting:
            yield ORDERS, encode(self._created(order))

    def _said(self, channel: str, time_ns: int, tick: Row) -> Iterator[tuple[Topic, bytes]]:
        if self._host.feed.hears(channel):
            yield channel, encode({"ch": channel, "ts": ms(time_ns), "tick": tick})

    def _shared(self, order: VenueOrder, kind: str) -> Row:
        return {
            "eventType": kind,
            "symbol": self._face.names.id(order.symbol),
            "accountId": self._face.account_id(order.account),
            "orderId": int(order.chain[0]),
            "clientOrderId": self._face.words.client_id(order),
            "orderSource": "spot-api",
            "orderPrice": plain(order.limit_price or ZERO),
            "orderSize": plain(order.quantity),
            "orderStatus": state_of(order),
            "type": type_of(order),
        }

    def _created(self, order: VenueOrder) -> Row:
        created = {"orderCreateTime": ms(order.created_time_ns)}
        return self._shared(order, "creation") | created

    def _traded(self, order: VenueOrder, fill: VenueFill) -> Row:
        return self._shared(order, "trade") | {
            "tradePrice": plain(fill.price),
            "tradeVolume": plain(fill.quantity),
            "tradeId": int(trade_id(fill.execution_id)),
            "tradeTime": ms(fill.time_ns),
            "aggressor": fill.liquidity is Liquidity.TAKER,
            "remainAmt": plain(order.leaves),
            "execAmt": plain(order.cumulative_quantity),
        }

    def _ended(self, order: VenueOrder, kind: str) -> Row:
        return self._shared(order, kind) | {
            "remainAmt": plain(order.leaves),
            "execAmt": plain(order.cumulative_quantity),
            "lastActTime": ms(order.updated_time_ns),
        }

    def _cleared(self, order: VenueOrder, fill: VenueFill) -> Row:
        return {
            "eventType": "trade",
            "symbol": self._face.names.id(order.symbol),
            "accountId": self._face.account_id(order.account),
            "orderId": int(order.chain[0]),
            "clientOrderId": self._face.words.client_id(order),
            "orderSide": side_of(order.side),
            "orderType": type_of(order),
            "orderPrice": plain(order.limit_price or ZERO),
            "orderSize": plain(order.quantity),
            "orderStatus": state_of(order),
            "orderCreateTime": ms(order.created_time_ns),
            "source": "spot-api",
            "tradeId": int(trade_id(fill.execution_id)),
            "tradePrice": plain(fill.price),
            "tradeVolume": plain(fill.quantity),
            "tradeTime": ms(fill.time_ns),
            "aggressor": fill.liquidity is Liquidity.TAKER,
            "transactFee": plain(fill.fee),
            "feeCurrency": fill.fee_asset.lower(),
            "feeDeduct": "0",
            "feeDeductType": "",
        }
