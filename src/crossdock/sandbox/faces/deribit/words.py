"""Orders, trades, summaries and positions in Deribit's words. Numbers are JSON's.

https://docs.deribit.com/api-reference/trading/private-get_order_history_by_instrument and
https://docs.deribit.com/api-reference/trading/private-get_user_trades_by_instrument, read
2026-11-21.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import (
    LIMITED,
    ZERO,
    ContractKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
)
from crossdock.sandbox.engine import VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.engine.account import INITIAL_MARGIN
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.engine.records import SPRUNG
from crossdock.sandbox.faces.deribit.forms import TIMES, TYPES
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

Row = dict[str, Any]

encode = msgspec.json.Encoder(decimal_format="number").encode

_AVERAGE = Context(prec=16)
_PRICE = Context(prec=10)
_TYPE_WORDS = {kind: word for word, kind in TYPES.items()}
_TIME_WORDS = {time: word for word, time in TIMES.items()}
_LEVERAGE = int(1 / INITIAL_MARGIN)


def milliseconds(time_ns: int) -> int:
    return time_ns // 1_000_000


def side_of(side: Side) -> str:
    return "buy" if side is Side.BUY else "sell"


def short(number: Decimal) -> Decimal:
    """Return a number without zeros at its end."""
    text = format(number, "f")
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else Decimal(text)


def trade_id(text: str) -> str:
    return text.lstrip("EVT")


def order_id(order: VenueOrder, currency: str) -> str:
    """Return an order's id, which stays: a number, with its currency but for BTC."""
    return order.chain[0] if currency == "BTC" else f"{currency}-{order.chain[0]}"


def number_of(text: str) -> str:
    """Return the engine's number of an id. Raises Refusal for what is none of ours."""
    number = text.rpartition("-")[2]
    if not number.isascii() or not number.isdigit():
        raise Refusal("unknown_order", "no such order")
    return number


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status Deribit tells: whatever ends without being filled is cancelled."""
    if order.is_done and order.status is not OrderStatus.FILLED:
        return OrderStatus.CANCELED
    return order.status


class Words:
    """Words what one venue knows."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names
        self._totals = face.host.feed.totals

    def order(self, order: VenueOrder) -> Row:
        total = self._totals.of(order)
        average = ZERO
        if order.cumulative_quantity:
            average = _AVERAGE.divide(total.cost, order.cumulative_quantity)
        row: Row = {
            "order_id": self._face.order_ids(order)[0],
            "order_state": _state(order),
            "order_type": _TYPE_WORDS[order.type],
            "time_in_force": _TIME_WORDS[order.time_in_force],
            "instrument_name": self._names.id(order.symbol),
            "direction": side_of(order.side),
            "price": order.limit_price if order.type in LIMITED else "market_price",
            "amount": short(order.quantity),
            "filled_amount": short(order.cumulative_quantity),
            "average_price": short(average),
            "label": self._face.label(order),
            "post_only": order.post_only,
            "reject_post_only": order.post_only,
            "reduce_only": order.reduce_only,
            "max_show": short(order.quantity),
            "replaced": len(order.chain) > 1,
            "is_liquidation": False,
            "api": True,
            "web": False,
            "creation_timestamp": milliseconds(order.created_time_ns),
            "last_update_timestamp": milliseconds(order.updated_time_ns),
        }
        if order.type in SPRUNG:
            row["trigger"] = "last_price"
            row["trigger_price"] = order.stop_price
            row["triggered"] = order.has_triggered
        if order.type is OrderType.TRAILING_STOP:
            row["trigger_offset"] = order.trail_amount
        return row

    def trade(self, account: str, fill: VenueFill) -> Row:
        """Return one execution of an account."""
        order = self._host.venue.find(account, order_id=fill.order_id)
        return {
            "trade_id": trade_id(fill.execution_id),
            "trade_seq": fill.sequence,
            "timestamp": milliseconds(fill.time_ns),
            "instrument_name": self._names.id(fill.symbol),
            "order_id": self._face.order_ids(order)[0],
            "order_type": "limit" if order.type in LIMITED else "market",
            "label": self._face.label(order),
            "state": _state(order),
            "direction": side_of(fill.side),
            "price": short(fill.price),
            "amount": short(fill.quantity),
            "fee": short(fill.fee),
            "fee_currency": fill.fee_asset,
            "liquidity": "M" if fill.liquidity is Liquidity.MAKER else "T",
            "post_only": order.post_only,
            "reduce_only": order.reduce_only,
            "mark_price": short(fill.price),
            "index_price": short(fill.price),
            "tick_direction": 0,
            "self_trade": False,
            "matching_id": None,
            "api": True,
        }

    def summary(self, account: str, currency: str) -> Row:
        """Return what an account has of a currency; orders of spot count as margin too."""
        cash, held = ZERO, ZERO
        for asset, total, set_aside in self._host.venue.balances(account):
            if asset == currency:
                cash, held = total, set_aside
        profit = sum(
            (
                self._profit(it)
                for it in self._host.venue.positions(account)
                if it.settle == currency
            ),
            ZERO,
        )
        return {
            "currency": currency,
            "balance": short(cash),
            "equity": short(cash + profit),
            "margin_balance": short(cash + profit),
            "available_funds": short(cash + profit - held),
            "available_withdrawal_funds": short(max(ZERO, cash - held)),
            "initial_margin": short(held),
            "maintenance_margin": short(held),
            "futures_pl": short(profit),
            "total_pl": short(profit),
        }

    def position(self, held: VenuePosition) -> Row:
        market = self._names.market(held.symbol)
        mark = self._host.venue.last_price(held.symbol) or held.entry_price or ZERO
        is_inverse = market.kind is ContractKind.INVERSE
        worth = value(market, abs(held.quantity), mark) if mark else ZERO
        currency_size = held.quantity
        if is_inverse and mark:
            currency_size = _AVERAGE.divide(held.quantity, mark)
        profit = self._profit(held)
        direction = "zero"
        if held.quantity:
            direction = side_of(Side.BUY if held.quantity > 0 else Side.SELL)
        return {
            "instrument_name": self._names.id(held.symbol),
            "kind": "future",
            "direction": direction,
            "size": short(held.quantity),
            "size_currency": short(currency_size),
            "average_price": short(_PRICE.plus(held.entry_price or ZERO)),
            "mark_price": short(mark),
            "index_price": short(mark),
            "settlement_price": short(mark),
            "leverage": _LEVERAGE,
            "initial_margin": short(worth * INITIAL_MARGIN),
            "maintenance_margin": short(worth * INITIAL_MARGIN / 2),
            "open_orders_margin": ZERO,
            "floating_profit_loss": short(profit),
            "realized_profit_loss": short(held.realized_pnl),
            "total_profit_loss": short(profit + held.realized_pnl),
            "delta": short(currency_size),
        }

    def _profit(self, held: VenuePosition) -> Decimal:
        """Return what a position would realise at the last price."""
        mark, entry = self._host.venue.last_price(held.symbol), held.entry_price
        if not held.quantity or mark is None or entry is None:
            return ZERO
        market = self._names.market(held.symbol)
        if market.kind is not ContractKind.INVERSE:
            return _AVERAGE.multiply(mark - entry, held.quantity * market.multiplier)
        return _AVERAGE.multiply(
            held.quantity * market.multiplier,
            _AVERAGE.subtract(
                _AVERAGE.divide(Decimal(1), entry), _AVERAGE.divide(Decimal(1), mark)
            ),
        )


def _state(order: VenueOrder) -> str:
    if order.is_waiting:
        return "untriggered"
    if not order.is_done:
        return "open"
    return "filled" if order.status is OrderStatus.FILLED else "cancelled"
