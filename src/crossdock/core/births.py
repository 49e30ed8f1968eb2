"""How an order comes to be known: we intend it, or we find it in our account."""

from __future__ import annotations

from dataclasses import replace

from crossdock.core import records as r
from crossdock.core.ledger import EXTERNAL
from crossdock.core.orders import OrderState
from crossdock.model import (
    ONE,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    PortfolioId,
    StrategyId,
    TimeInForce,
)


def intended(record: r.OrderIntended) -> OrderState:
    request = record.request
    return OrderState(
        order_id=record.order_id,
        client_order_id=record.client_order_id,
        request=request,
        status=OrderStatus.JOURNALED,
        quantity=request.quantity,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        created_at=record.at,
        updated_at=record.at,
        reference_price=record.reference_price,
    )


def seen(record: r.ForeignOrderSeen) -> OrderState:
    """Return an order that is not ours, or that is from now on."""
    adopted = record.adopted
    return _reported(
        record,
        portfolio=PortfolioId("adopted") if adopted else EXTERNAL,
        strategy=StrategyId("adopted" if adopted else "external"),
        foreign=not adopted,
    )


def leg_of(record: r.LegSeen, parent: OrderState) -> OrderState:
    """Return an attached leg, which belongs to whom its parent does."""
    leg = _reported(
        record,
        portfolio=record.portfolio,
        strategy=record.strategy,
        foreign=False,
    )
    claim(leg, parent)
    return leg


def claim(leg: OrderState, parent: OrderState) -> None:
    """Make an order the leg of a parent: its owner, and its place in the group."""
    asked = parent.request
    leg.request = replace(
        leg.request,
        portfolio=asked.portfolio,
        strategy=asked.strategy,
        correlation=asked.correlation,
        position_side=asked.position_side,
        margin_mode=asked.margin_mode,
    )
    leg.foreign = False
    leg.parent = parent.order_id
    leg.contingency = asked.contingency
    leg.reference_price = parent.reference_price


def _reported(
    record: r.ForeignOrderSeen | r.LegSeen,
    *,
    portfolio: PortfolioId,
    strategy: StrategyId,
    foreign: bool,
) -> OrderState:
    report = record.report
    order = OrderState(
        order_id=record.order_id,
        client_order_id=report.client_order_id,
        request=_request_of(report, portfolio, strategy),
        status=OrderStatus.PENDING_NEW,
        quantity=report.quantity,
        limit_price=report.limit_price,
        stop_price=report.stop_price,
        created_at=record.at,
        updated_at=record.at,
        foreign=foreign,
        parent_ref=report.parent,
    )
    order.merge(report)
    return order


def _request_of(
    report: OrderReport, portfolio: PortfolioId, strategy: StrategyId
) -> OrderRequest:
    """Describe somebody else's order as far as our words go: venues take odder ones."""
    limit_price, stop_price = report.limit_price or None, report.stop_price or None
    priced = (limit_price is not None, stop_price is not None)
    kind = _TYPES[priced]
    trail_amount = trail_percent = None
    if report.type in _TOUCHED and _TYPES[priced] is _TOUCHED[report.type]:
        kind = report.type
    elif report.type is OrderType.TRAILING_STOP and _trails(report):
        kind, limit_price, stop_price = report.type, None, None
        trail_amount = report.trail_amount
        trail_percent = report.trail_percent if trail_amount is None else None
    asked = report.time_in_force
    return OrderRequest(
        account=report.account,
        instrument=report.instrument,
        side=report.side,
        type=kind,
        quantity=max(report.quantity, report.cumulative_quantity) or ONE,
        limit_price=limit_price,
        stop_price=stop_price,
        trail_amount=trail_amount,
        trail_percent=trail_percent,
        time_in_force=TimeInForce.GTC if asked is TimeInForce.GTD else asked,
        portfolio=portfolio,
        strategy=strategy,
    )


def _trails(report: OrderReport) -> bool:
    amount, percent = report.trail_amount, report.trail_percent
    if amount is not None:
        return amount > 0
    return percent is not None and 0 < percent < _WHOLE_PCT


_WHOLE_PCT = 100
_TYPES = {
    (False, False): OrderType.MARKET,
    (True, False): OrderType.LIMIT,
    (False, True): OrderType.STOP,
    (True, True): OrderType.STOP_LIMIT,
}
"""By whether there is a limit price, and a stop price."""

_TOUCHED = {
    OrderType.MARKET_IF_TOUCHED: OrderType.STOP,
    OrderType.LIMIT_IF_TOUCHED: OrderType.STOP_LIMIT,
}
"""Types that carry the same prices as another one."""
