"""Markets, orders and fills in Bitstamp's words, and the numbers they go by.

https://www.bitstamp.net/api/#tag/Orders and …/#tag/Transactions-private, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ContractKind, FillKind, OrderStatus, Side
from crossdock.sandbox.engine import MarketSpec, VenueFill, VenueOrder
from crossdock.sandbox.faces.bitstamp.params import Row, decimals, moment
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitstamp.face import BitstampFace

_FIRST_ORDER = 1_400_000_000_000_000
_FIRST_TRADE = 200_000_000
_STATUSES = {
    OrderStatus.FILLED: "Finished",
    OrderStatus.CANCELED: "Canceled",
    OrderStatus.EXPIRED: "Expired",
}


def order_id(engine_id: str) -> int:
    return _FIRST_ORDER + int(engine_id)


def engine_id_of(text: str) -> str:
    """Return the engine's id of an order. Raises Refusal for what is none of ours."""
    if not (text.isascii() and text.isdigit()) or int(text) <= _FIRST_ORDER:
        raise Refusal("unknown_order", "no such id")
    return str(int(text) - _FIRST_ORDER)


def trade_id(engine_id: str) -> int:
    """Return the id of an execution, or of what else moved an account."""
    return _FIRST_TRADE + int(engine_id[1:])


def side_of(side: Side) -> int:
    return 0 if side is Side.BUY else 1


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status as told: only what its date ends has expired."""
    if order.status is OrderStatus.EXPIRED and order.reason != "expired":
        return OrderStatus.CANCELED
    return order.status


class Names:
    """The spot markets of a venue, as Bitstamp names them: `btcusd`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {self.id(it.symbol): it.symbol for it in self.markets}

    @property
    def markets(self) -> Sequence[MarketSpec]:
        found = self._host.venue.markets.values()
        return [it for it in found if it.kind is ContractKind.SPOT]

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._symbols.values()

    def id(self, symbol: str) -> str:
        return symbol.replace("/", "").lower()

    def market(self, name: str) -> MarketSpec:
        """Return a market. Raises Refusal."""
        symbol = self._symbols.get(name)
        if symbol is None:
            raise Refusal("unknown_symbol", "no such market")
        return self._host.venue.markets[symbol]


class Words:
    def __init__(self, face: BitstampFace) -> None:
        self._face = face
        self._host = face.host

    def market(self, market: MarketSpec) -> Row:
        row = {
            "name": market.symbol,
            "market_symbol": self._face.names.id(market.symbol),
            "base_currency": market.base,
            "base_decimals": decimals(market.quantity_step),
            "counter_currency": market.quote,
            "counter_decimals": decimals(market.ticks[0][1]),
            "minimum_order_value": plain(market.min_notional),
            "minimum_order_amount": plain(market.min_quantity),
            "trading": "Enabled",
            "instant_order_counter_decimals": 2,
            "instant_and_market_orders": "Enabled",
            "description": f"{market.base} / {market.quote}",
            "market_type": "SPOT",
        }
        if market.max_quantity is not None:
            row["maximum_order_amount"] = plain(market.max_quantity)
        return row

    def placed(self, order: VenueOrder) -> Row:
        """Word an order as it was asked for, when it is accepted."""
        return self._row(order) | {
            "price": plain(order.limit_price or self._average(order)),
            "amount": plain(order.quantity),
        }

    def resting(self, order: VenueOrder) -> Row:
        """Word an open order: its amount is what is left."""
        return self._row(order) | {
            "currency_pair": order.symbol,
            "price": plain(order.limit_price or Decimal(0)),
            "amount": plain(order.leaves),
            "amount_at_create": plain(order.quantity),
        }

    def canceled(self, order: VenueOrder) -> Row:
        return {
            "id": order_id(order.id),
            "amount": plain(order.leaves),
            "price": plain(order.limit_price or Decimal(0)),
            "type": side_of(order.side),
            "market": order.symbol,
            "status": "Canceled",
        }

    def status(self, order: VenueOrder, *, with_trades: bool) -> Row:
        """Word an order in whatever state it is. Its price and first amount are not told."""
        row = self._row(order) | {
            "status": _STATUSES.get(told_status(order), "Open"),
            "amount_remaining": plain(order.leaves),
        }
        if with_trades:
            row["transactions"] = [self._trade(it) for it in self.fills_of(order)]
        return row

    def fill(self, fill: VenueFill) -> Row:
        """Word a trade of an account: what is given is negative."""
        market = self._host.venue.markets[fill.symbol]
        base, quote = market.base.lower(), market.quote.lower()
        sign = fill.side.sign
        return {
            "id": trade_id(fill.execution_id),
            "datetime": moment(fill.time_ns),
            "type": "2",
            "fee": plain(fill.fee),
            "order_id": order_id(fill.order_id),
            base: plain(sign * fill.quantity),
            quote: plain(-sign * fill.quantity * fill.price),
            f"{base}_{quote}": plain(fill.price),
        }

    def fills_of(self, order: VenueOrder) -> Iterable[VenueFill]:
        return self._host.feed.totals.of(order).fills.values()

    def _row(self, order: VenueOrder) -> Row:
        row = {
            "id": order_id(order.id),
            "datetime": moment(order.created_time_ns),
            "type": str(side_of(order.side)),
            "market": order.symbol,
        }
        client_id = self._face.given_id(order.account, order.client_order_id)
        if client_id is not None:
            row["client_order_id"] = client_id
        return row

    def _trade(self, fill: VenueFill) -> Row:
        market = self._host.venue.markets[fill.symbol]
        return {
            "tid": trade_id(fill.execution_id),
            "datetime": moment(fill.time_ns),
            "type": 2,
            "fee": plain(fill.fee),
            "price": plain(fill.price),
            market.base.lower(): plain(fill.quantity),
            market.quote.lower(): plain(fill.quantity * fill.price),
        }

    def _average(self, order: VenueOrder) -> Decimal:
        if not order.cumulative_quantity:
            return Decimal(0)
        step = self._host.venue.markets[order.symbol].ticks[0][1]
        cost = self._host.feed.totals.of(order).cost
        return (cost / order.cumulative_quantity).quantize(step)


def stands(fill: VenueFill) -> bool:
    """Tell whether a fill is a trade: Bitstamp has no words for one taken back."""
    return fill.kind is FillKind.REPORTED
