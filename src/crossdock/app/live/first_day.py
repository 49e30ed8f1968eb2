"""What an account has ordered on its first day of real money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from crossdock.core.state import State
from crossdock.model import ZERO, AccountId, Asset, OrderStatus

_DAY_NS = 86_400_000_000_000
_NOTHING_CAME_OF_IT = frozenset({OrderStatus.NEVER_ACCEPTED, OrderStatus.REJECTED})
UNKNOWN = Decimal("Infinity")


def first_day_notional(
    state: State, account: AccountId, now_ns: int, rate: Callable[[Asset], Decimal | None]
) -> Decimal | None:
    """Return the value of today's orders on the UTC day the account was let go live.

    None on every other day. Orders count with what was asked for, filled or not: a limit
    that canceled orders do not use up would not stop a loop that places and cancels.
    """
    since = state.account(account).live_since
    if not since or since // _DAY_NS != now_ns // _DAY_NS:
        return None
    worth = ZERO
    for order in state.orders.values():
        request = order.request
        if (
            request.account != account
            or order.foreign
            or order.created_at < since
            or order.status in _NOTHING_CAME_OF_IT
        ):
            continue
        instrument = state.instruments.get(request.instrument)
        value = None if instrument is None else rate(instrument.settle)
        price = order.limit_price or order.stop_price or order.reference_price
        if instrument is None or value is None or not price:
            return UNKNOWN
        worth += abs(instrument.notional(order.quantity, price)) * value
    return worth
