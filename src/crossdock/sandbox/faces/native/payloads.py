"""The protocol's objects as plain values, ready to be encoded."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from crossdock.model import OrderType
from crossdock.sandbox.engine import (
    MarketSpec,
    VenueEvent,
    VenueFill,
    VenueOrder,
)
from crossdock.sandbox.engine.records import PriceLevel, VenuePosition
from crossdock.sandbox.market import Candle
from crossdock.sandbox.stream.news import QuoteChanged, Traded

Payload = dict[str, Any]


def exact(value: Decimal) -> str:
    """Write a decimal without an exponent."""
    return format(value, "f")


def exact_or_none(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def order_payload(order: VenueOrder) -> Payload:
    """Return an order; what belongs to few of them stands only where it says something."""
    payload: Payload = {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "quantity": exact(order.quantity),
        "cumulative_quantity": exact(order.cumulative_quantity),
        "limit_price": exact_or_none(order.limit_price),
        "stop_price": exact_or_none(order.stop_price),
        "time_in_force": order.time_in_force,
        "expire_time_ns": order.expire_time_ns,
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "position_side": order.position_side,
        "status": order.status,
        "reason": order.reason,
        "replaces": order.replaces,
        "created_time_ns": order.created_time_ns,
        "updated_time_ns": order.updated_time_ns,
    }
    if order.type is OrderType.TRAILING_STOP:
        payload["trail_amount"] = exact_or_none(order.trail_amount)
        payload["trail_percent"] = exact_or_none(order.trail_percent)
    if order.contingency is not None:
        payload["contingency"] = order.contingency
        payload["parent_id"] = order.parent_id
        payload["legs"] = [leg.id for leg in order.legs]
    return payload


def fill_payload(fill: VenueFill) -> Payload:
    return {
        "sequence": fill.sequence,
        "execution_id": fill.execution_id,
        "order_id": fill.order_id,
        "client_order_id": fill.client_order_id,
        "symbol": fill.symbol,
        "side": fill.side,
        "price": exact(fill.price),
        "quantity": exact(fill.quantity),
        "fee": exact(fill.fee),
        "fee_asset": fill.fee_asset,
        "liquidity": fill.liquidity,
        "kind": fill.kind,
        "replaces": fill.replaces,
        "position_side": fill.position_side,
        "moment": moment(fill.execution_id),
        "time_ns": fill.time_ns,
    }


def event_payload(event: VenueEvent) -> Payload:
    return {
        "sequence": event.sequence,
        "event_id": event.event_id,
        "kind": event.kind,
        "asset": event.asset,
        "amount": exact(event.amount),
        "symbol": event.symbol,
        "quantity": exact(event.quantity),
        "price": exact_or_none(event.price),
        "position_side": event.position_side,
        "note": event.note,
        "moment": moment(event.event_id),
        "time_ns": event.time_ns,
    }


def moment(numbered: str) -> int:
    """Return when something happened, in the venue's one count of all that happens."""
    return int(numbered[1:])


def position_payload(position: VenuePosition) -> Payload:
    return {
        "symbol": position.symbol,
        "position_side": position.position_side,
        "quantity": exact(position.quantity),
        "entry_price": exact_or_none(position.entry_price),
        "settle": position.settle,
        "realized_pnl": exact(position.realized_pnl),
    }


def instrument_payload(market: MarketSpec) -> Payload:
    return {
        "symbol": market.symbol,
        "key": market.key,
        "kind": market.kind,
        "base": market.base,
        "quote": market.quote,
        "settle": market.settle,
        "ticks": [[exact(floor), exact(tick)] for floor, tick in market.ticks],
        "quantity_step": exact(market.quantity_step),
        "min_quantity": exact(market.min_quantity),
        "max_quantity": exact_or_none(market.max_quantity),
        "min_notional": exact(market.min_notional),
        "multiplier": exact(market.multiplier),
        "maker_fee": exact(market.maker_fee),
        "taker_fee": exact(market.taker_fee),
        "version": market.version,
    }


def levels(pairs: Iterable[PriceLevel]) -> list[tuple[str, str]]:
    return [(format(price, "f"), format(quantity, "f")) for price, quantity in pairs]


def book_payload(
    symbol: str,
    *,
    snapshot: bool,
    first: int,
    last: int,
    bids: Iterable[PriceLevel],
    asks: Iterable[PriceLevel],
    time_ns: int,
) -> Payload:
    return {
        "type": "book",
        "symbol": symbol,
        "snapshot": snapshot,
        "first": first,
        "last": last,
        "bids": levels(bids),
        "asks": levels(asks),
        "time_ns": time_ns,
    }


def trade_payload(trade: Traded) -> Payload:
    return {
        "id": trade.trade_id,
        "symbol": trade.symbol,
        "price": exact(trade.price),
        "quantity": exact(trade.quantity),
        "side": trade.side,
        "time_ns": trade.time_ns,
    }


def quote_payload(quote: QuoteChanged) -> Payload:
    return {
        "type": "quote",
        "symbol": quote.symbol,
        "bid": exact(quote.bid[0]),
        "bid_quantity": exact(quote.bid[1]),
        "ask": exact(quote.ask[0]),
        "ask_quantity": exact(quote.ask[1]),
        "sequence": quote.sequence,
        "time_ns": quote.time_ns,
    }


def bar_payload(start_s: int, candle: Candle) -> list[Any]:
    return [
        start_s * 1_000_000_000,
        exact(candle.open),
        exact(candle.high),
        exact(candle.low),
        exact(candle.close),
        exact(candle.volume),
    ]
