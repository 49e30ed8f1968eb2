"""New orders as clients ask for them, as the engine's forms.

https://bybit-exchange.github.io/docs/v5/order/create-order, read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ContractKind, OrderType, PositionSide, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, MarketSpec, OrderForm
from crossdock.sandbox.faces.bybit.params import Params
from crossdock.sandbox.faces.bybit.refusals import Said, invalid

ORDER, TPSL, STOP = "Order", "tpslOrder", "StopOrder"
RISING, FALLING = 1, 2

_TIMES = {
    "GTC": TimeInForce.GTC,
    "PostOnly": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
}
_SIDES = (PositionSide.NET, PositionSide.LONG, PositionSide.SHORT)  # by positionIdx
_NOT_HERE = ("takeProfit", "trailingStop", "orderIv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A new order. Its form has no client order id yet.

    `in_quote` says that the form's quantity is an amount of quote to spend; `direction` is
    where the price has to come to, 0 where nothing is waited for.
    """

    form: OrderForm
    link_id: str | None
    order_filter: str = ORDER
    in_quote: bool = False
    direction: int = 0


def read_order(params: Params, market: MarketSpec, last: Decimal | None) -> Wanted:
    """Read an order. Raises Refusal."""
    for name in _NOT_HERE:
        if params.maybe(name) not in (None, "0"):
            raise invalid(name)
    is_spot = market.kind is ContractKind.SPOT
    side = Side.BUY if params.choice("side", ("Buy", "Sell")) == "Buy" else Side.SELL
    is_limit = params.choice("orderType", ("Market", "Limit")) == "Limit"
    time = params.choice("timeInForce", _TIMES, "GTC") if is_limit else "GTC"
    trigger = params.decimal_or_none("triggerPrice")
    order_filter = params.choice("orderFilter", (ORDER, TPSL, STOP), ORDER)
    if is_spot and (order_filter == ORDER) is (trigger is not None):
        raise invalid("orderFilter")
    direction, kind = 0, OrderType.LIMIT if is_limit else OrderType.MARKET
    if trigger is not None:
        direction = _direction(params, trigger, last, is_spot=is_spot)
        is_stop = (direction == RISING) is (side is Side.BUY)
        kind = _waiting(is_stop=is_stop, is_limit=is_limit)
    unit = "baseCoin"
    if is_spot and not is_limit:
        usual = "quoteCoin" if side is Side.BUY else "baseCoin"
        unit = params.choice("marketUnit", ("baseCoin", "quoteCoin"), usual)
    form = OrderForm(
        client_order_id="",
        symbol=market.symbol,
        side=side,
        type=kind,
        quantity=params.decimal("qty"),
        limit_price=params.decimal("price") if is_limit else None,
        stop_price=trigger,
        time_in_force=_TIMES[time],
        post_only=time == "PostOnly",
        reduce_only=not is_spot and params.flag("reduceOnly"),
        position_side=PositionSide.NET if is_spot else _position_side(params),
        attached=_attached(params, is_spot=is_spot),
    )
    return Wanted(
        form=form,
        link_id=params.link_id(),
        order_filter=order_filter if is_spot or trigger is None else STOP,
        in_quote=unit == "quoteCoin",
        direction=direction,
    )


def _attached(params: Params, *, is_spot: bool) -> tuple[LegForm, ...]:
    """Read the stop that begins when its order has filled, as large as the order."""
    trigger = params.decimal_or_none("stopLoss")
    if trigger is None:
        return ()
    if is_spot or params.choice("tpslMode", ("Partial",)) != "Partial":
        raise invalid("stopLoss")
    is_limit = params.choice("slOrderType", ("Market", "Limit"), "Market") == "Limit"
    price = params.decimal("slLimitPrice") if is_limit else None
    return (LegForm(stop_price=trigger, limit_price=price),)


def _direction(
    params: Params, trigger: Decimal, last: Decimal | None, *, is_spot: bool
) -> int:
    """Return where the price has to come to: contracts say so, spot compares."""
    if is_spot:
        return RISING if last is None or trigger > last else FALLING
    direction = int(params.choice("triggerDirection", ("1", "2")))
    if last is not None and direction == RISING and trigger <= last:
        raise Said(
            110092, f"expect Rising, but trigger_price[{trigger}] <= current[{last}]"
        )
    if last is not None and direction == FALLING and trigger >= last:
        raise Said(
            110093, f"expect Falling, but trigger_price[{trigger}] >= current[{last}]"
        )
    return direction


def _waiting(*, is_stop: bool, is_limit: bool) -> OrderType:
    if is_stop:
        return OrderType.STOP_LIMIT if is_limit else OrderType.STOP
    return OrderType.LIMIT_IF_TOUCHED if is_limit else OrderType.MARKET_IF_TOUCHED


def _position_side(params: Params) -> PositionSide:
    return _SIDES[int(params.choice("positionIdx", ("0", "1", "2"), "0"))]
