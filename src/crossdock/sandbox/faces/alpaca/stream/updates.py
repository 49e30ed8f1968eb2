"""What befell orders, as `trade_updates` tell it.

https://docs.alpaca.markets/docs/websocket-streaming, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import FillKind, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.alpaca.ids import event_id, execution_id
from crossdock.sandbox.faces.alpaca.stream.account import UPDATES
from crossdock.sandbox.faces.alpaca.times import text_of
from crossdock.sandbox.faces.alpaca.words import HELD, NEW, Row, status_of
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import AccountNews, Filled, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

_REPLACED = "replaced"
_TAKEN_BACK = {FillKind.BUSTED: "trade_bust", FillKind.CORRECTED: "trade_correct"}

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of an order last."""

    id: str
    status: str
    quantity: Decimal


class Updates:
    """Words news of accounts, and remembers what it said of orders that are open."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._told: dict[int, _Told] = {}
        self._count = 0

    def of(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Yield messages, each with the channel it goes to."""
        if isinstance(news, OrderChanged):
            for row in self._changes(account, news.order, news.fill):
                yield UPDATES, encode({"stream": UPDATES, "data": row})
        elif isinstance(news, Filled) and news.fill.kind in _TAKEN_BACK:
            row = self._taken_back(account, news.fill)
            yield UPDATES, encode({"stream": UPDATES, "data": row})

    def _changes(
        self, account: str, order: VenueOrder, fill: VenueFill | None
    ) -> Iterator[Row]:
        face = self._face
        filled = order.cumulative_quantity - face.chains.carried(order.id)
        status = status_of(order, filled)
        before = self._told.get(order.number)
        self._told[order.number] = _Told(order.id, status, order.quantity)
        if order.is_done:
            del self._told[order.number]
        if fill is not None:
            event = "partial_fill" if order.leaves else "fill"
            yield self._fill(account, event, order, fill)
        elif order.is_done:
            yield from self._ended(order, status)
        elif before is None or before.id != order.id:
            yield from self._began(order, status)
        elif before.status == HELD and status == NEW:
            yield self._row(NEW, order)
        elif before.quantity != order.quantity:
            yield self._row("restated", order)

    def _ended(self, order: VenueOrder, status: str) -> Iterator[Row]:
        if order.status is OrderStatus.CANCELED and not order.reason:
            yield self._row("pending_cancel", order, "pending_cancel")
        yield self._row(status, order)

    def _began(self, order: VenueOrder, status: str) -> Iterator[Row]:
        """Tell of an order that is new, and before it of the one it took over from."""
        if order.replaces is not None:
            link = self._face.chains.link(order.replaces)
            if link is not None and link.last is not None:
                yield self._row("pending_replace", link.last, "pending_replace")
                ended = self._face.words.order(link.last)
                yield self._message(_REPLACED, ended, link.replaced_ns)
        if status == HELD:
            yield self._row(HELD, order)
            return
        yield self._row("pending_new", order, "pending_new")
        yield self._row(NEW, order)

    def _fill(self, account: str, event: str, order: VenueOrder, fill: VenueFill) -> Row:
        asset = self._face.assets.of(order.symbol)
        position, _ = self._face.account.held(account, asset.market.base)
        row = self._message(event, self._face.words.as_it_was(order), fill.time_ns)
        return row | {
            "execution_id": execution_id(fill.execution_id),
            "price": plain(fill.price),
            "qty": plain(fill.quantity),
            "position_qty": plain(position),
        }

    def _taken_back(self, account: str, fill: VenueFill) -> Row:
        """Tell that a fill was busted or corrected; the order keeps its quantities."""
        order = self._face.host.venue.find(account, order_id=fill.order_id)
        standing = self._face.chains.standing(order, fill.order_id)
        words = self._face.words.order(standing)
        row = self._message(_TAKEN_BACK[fill.kind], words, fill.time_ns)
        return row | {
            "execution_id": execution_id(fill.execution_id),
            "previous_execution_id": execution_id(fill.replaces or ""),
            "price": plain(fill.price),
            "qty": plain(fill.quantity),
        }

    def _row(self, event: str, order: VenueOrder, status: str = "") -> Row:
        words = self._face.words.as_it_was(order, status)
        return self._message(event, words, order.updated_time_ns)

    def _message(self, event: str, order: Row, at_ns: int) -> dict[str, Any]:
        self._count += 1
        return {
            "event": event,
            "execution_id": event_id(self._count),
            "timestamp": text_of(at_ns),
            "order": order,
        }
