"""How an order comes to be known: we intend it, or we find it in our account."""

from __future__ import annotations

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
    report = record.report
    order = OrderState(
        order_id=record.order_id,
        client_order_id=report.client_order_id,
        request=_request_of(report, adopted=record.adopted),
        status=OrderStatus.PENDING_NEW,
        quantity=report.quantity,
        limit_price=report.limit_price,
        stop_price=report.stop_price,
        created_at=record.at,
        updated_at=record.at,
        foreign=not record.adopted,
    )
    order.merge(report)
    return order


def _request_of(report: OrderReport, *, adopted: bool) -> OrderRequest:
    """Describe somebody else's order as far as our words go: venues take odder ones."""
    limit_price, stop_price = report.limit_price or None, report.stop_price or None
    types = {
        (False, False): OrderType.MARKET,
        (True, False): OrderType.LIMIT,
        (False, True): OrderType.STOP,
        (True, True): OrderType.STOP_LIMIT,
    }
    asked = report.time_in_force
    return OrderRequest(
        account=report.account,
        instrument=report.instrument,
        side=report.side,
        type=types[limit_price is not None, stop_price is not None],
        quantity=max(report.quantity, report.cumulative_quantity) or ONE,
        limit_price=limit_price,
        stop_price=stop_price,
        time_in_force=TimeInForce.GTC if asked is TimeInForce.GTD else asked,
        portfolio=PortfolioId("adopted") if adopted else EXTERNAL,
        strategy=StrategyId("adopted") if adopted else StrategyId("external"),
    )
