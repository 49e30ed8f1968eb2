"""Every check, in three classes that differ in who may pass them breached.

always     hold for every order, the kill switch's own included: a venue could not take
           the order, or nobody could prove afterwards what became of it
orderly    hold for everything but the kill switch's orders
exposure   hold for orders that may add risk; orders that only reduce pass
"""

from __future__ import annotations

from collections.abc import Callable

from crossdock.core.risk.case import Case, Finding
from crossdock.core.risk.checks import (
    day_trades,
    exposure,
    first_day,
    funds,
    pace,
    permission,
    price,
    steered,
    validity,
)

Check = Callable[[Case], Finding | None]

ALWAYS: tuple[Check, ...] = (
    validity.lifetime,
    validity.order_type,
    validity.attached_legs,
    validity.tick,
    validity.lot,
    validity.least_notional,
    validity.expire_time,
    validity.reduce_only,
    permission.journal,
    permission.quarantine,
)
ORDERLY: tuple[Check, ...] = (
    permission.kill_switch,
    permission.doubts,
    day_trades.fourth,
    pace.order_rate,
    pace.duplicate,
    price.collar,
)
EXPOSURE: tuple[Check, ...] = (
    price.stale_data,
    price.slippage,
    steered.switches,
    steered.largest_order,
    permission.symbols,
    permission.paper_only,
    permission.short,
    exposure.daily_loss,
    exposure.order_quantity,
    exposure.order_notional,
    exposure.position_size,
    exposure.correlation,
    exposure.leverage,
    exposure.unusual_size,
    exposure.equity_share,
    funds.buying_power,
    day_trades.opening,
    first_day.order_notional,
    first_day.total_notional,
    pace.open_orders,
)
