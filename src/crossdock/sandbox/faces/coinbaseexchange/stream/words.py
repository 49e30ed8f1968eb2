"""News in the words of the feed.

https://docs.cdp.coinbase.com/exchange/websocket-feed/channels, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Liquidity, OrderStatus, TimeInForce
from crossdock.sandbox.engine import Refused, VenueFill, VenueOrder
from crossdock.sandbox.faces.coinbaseexchange.market import trade
from crossdock.sandbox.faces.coinbaseexchange.words import (
    is_told,
    moment,
    order_uid,
    stop_of,
    trade_id,
    type_of,
    uid,
)
from crossdock.sandbox.stream.news import (
    AccountNews,
    BookChanged,
    Filled,
    MarketNews,
    OrderChanged,
    Traded,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

LEVEL2 = {0: "level2", 50: "level2_batch"}


class FeedWords:
    """Words news for one venue, and numbers what is told of each product."""

    def __init__(self, face: CoinbaseExchangeFace) -> None:
        self._face = face
        self._sequences: dict[str, int] = {}
        self._received: set[int] = set()

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, Any]]:
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.products:
            name = self._face.products.id(news.order.symbol)
            for row in self._order(news.order, news.fill):
                yield name, self._numbered(name, row) | self._owner(account)
        elif isinstance(news, Filled) and self._is_told(news.fill):
            name = self._face.products.id(news.fill.symbol)
            row = self._match(account, news.fill)
            yield name, self._numbered(name, row) | self._owner(account)

    def market(self, news: MarketNews) -> Iterator[tuple[tuple[str, str], Any]]:
        if news.symbol not in self._face.products:
            return
        name = self._face.products.id(news.symbol)
        if isinstance(news, BookChanged):
            changes = [
                [side, format(price, "f"), format(quantity, "f")]
                for side, rows in (("buy", news.bids), ("sell", news.asks))
                for price, quantity in rows
            ]
            head = {"type": "l2update", "product_id": name, "changes": changes}
            yield (LEVEL2[news.pace_ms], name), head | {"time": moment(news.time_ns)}
        elif isinstance(news, Traded):
            yield ("matches", name), self.match(name, news, "match")
            yield ("ticker", name), self.ticker(name, news)

    def book(self, name: str) -> dict[str, Any]:
        """Return the book a subscription begins with."""
        _, bids, asks = self._face.host.venue.book(self._face.products.symbol(name), 50_000)
        return {
            "type": "snapshot",
            "product_id": name,
            "bids": [[format(p, "f"), format(q, "f")] for p, q in bids],
            "asks": [[format(p, "f"), format(q, "f")] for p, q in asks],
            "time": moment(self._face.host.now_ns()),
        }

    def match(self, name: str, news: Traded, kind: str) -> dict[str, Any]:
        maker, taker = uid(str(2 * news.number)), uid(str(2 * news.number + 1))
        row = {"type": kind, "product_id": name} | trade(news)
        row |= {"maker_order_id": maker, "taker_order_id": taker}
        return row | {"sequence": news.number}

    def ticker(self, name: str, news: Traded) -> dict[str, Any]:
        _, bid, ask = self._face.host.venue.top(news.symbol)
        bid, ask = bid or (ZERO, ZERO), ask or (ZERO, ZERO)
        day = self._face.market.day(news.symbol)
        return {
            "type": "ticker",
            "sequence": news.number,
            "product_id": name,
            "price": format(news.price, "f"),
            "open_24h": day["open"],
            "volume_24h": day["volume"],
            "low_24h": day["low"],
            "high_24h": day["high"],
            "volume_30d": day["volume"],
            "best_bid": format(bid[0], "f"),
            "best_bid_size": format(bid[1], "f"),
            "best_ask": format(ask[0], "f"),
            "best_ask_size": format(ask[1], "f"),
            "side": news.side.value,
            "time": moment(news.time_ns),
            "trade_id": news.number,
            "last_size": format(news.quantity, "f"),
        }

    def heartbeat(self, name: str, now_ns: int) -> dict[str, Any]:
        recent = self._face.host.feed.trades(self._face.products.symbol(name), 1)
        return {
            "type": "heartbeat",
            "sequence": self._sequences.get(name, 0),
            "last_trade_id": recent[-1].number if recent else 0,
            "product_id": name,
            "time": moment(now_ns),
        }

    def _order(self, order: VenueOrder, fill: VenueFill | None) -> Iterator[dict[str, Any]]:
        """Tell an order's beginning and its end; its executions are told as matches."""
        head = {
            "product_id": self._face.products.id(order.symbol),
            "order_id": order_uid(order),
            "side": order.side.value,
            "time": moment(order.updated_time_ns),
        }
        if order.is_waiting:
            yield head | self._activated(order)
            return
        if fill is None and not order.is_done and order.number not in self._received:
            self._received.add(order.number)
            yield head | self._begun(order)
            if self._rests(order):
                rest = {"remaining_size": format(order.leaves, "f"), "reason": ""}
                yield head | self._price(order) | {"type": "open"} | rest
        if order.is_done:
            filled = order.status is OrderStatus.FILLED
            ended = {
                "type": "done",
                "reason": "filled" if filled else "canceled",
                "remaining_size": format(order.leaves, "f"),
            }
            yield head | self._price(order) | ended

    def _begun(self, order: VenueOrder) -> dict[str, Any]:
        row = {
            "type": "received",
            "size": format(order.quantity, "f"),
            "order_type": type_of(order),
            "client_oid": self._face.words.client_id(order),
        }
        return row | self._price(order)

    def _activated(self, order: VenueOrder) -> dict[str, Any]:
        row = {
            "type": "activate",
            "stop_type": stop_of(order),
            "stop_price": format(order.stop_price or ZERO, "f"),
            "size": format(order.quantity, "f"),
            "client_oid": self._face.words.client_id(order),
            "timestamp": moment(order.updated_time_ns),
            "private": True,
        }
        return row | self._price(order)

    def _price(self, order: VenueOrder) -> dict[str, str]:
        if order.limit_price is None:
            return {}
        return {"price": format(order.limit_price, "f")}

    def _rests(self, order: VenueOrder) -> bool:
        """Tell whether an order that came stood in the book in the end."""
        if order.limit_price is None or order.time_in_force in (
            TimeInForce.IOC,
            TimeInForce.FOK,
        ):
            return False
        try:
            now = self._face.host.venue.find(order.account, order_id=order.id)
        except Refused:
            return False
        return not now.is_done

    def _match(self, account: str, fill: VenueFill) -> dict[str, Any]:
        is_maker = fill.liquidity is Liquidity.MAKER
        ours = self._face.fill_order_id(account, fill)
        theirs = uid(str(trade_id(fill)))
        market = self._face.products.market(self._face.products.id(fill.symbol))
        row = {
            "type": "match",
            "trade_id": trade_id(fill),
            "maker_order_id": ours if is_maker else theirs,
            "taker_order_id": theirs if is_maker else ours,
            "side": (fill.side if is_maker else fill.side.opposite).value,
            "size": format(fill.quantity, "f"),
            "price": format(fill.price, "f"),
            "product_id": self._face.products.id(fill.symbol),
            "time": moment(fill.time_ns),
        }
        if is_maker:
            return row | {"maker_fee_rate": format(market.maker_fee, "f")}
        return row | {"taker_fee_rate": format(market.taker_fee, "f")}

    def _is_told(self, fill: VenueFill) -> bool:
        return is_told(fill) and fill.symbol in self._face.products

    def _owner(self, account: str) -> dict[str, str]:
        return {"user_id": account, "profile_id": self._face.profile_id(account)}

    def _numbered(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        self._sequences[name] = self._sequences.get(name, 0) + 1
        return row | {"sequence": self._sequences[name]}
