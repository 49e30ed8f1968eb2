"""Which kind of order a cancel on Bybit's spot market means.

https://bybit-exchange.github.io/docs/v5/order/cancel-order (2026-11-21): without an
`orderFilter` it is an order that matches, and one that waits for its trigger is not found.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

_ACTIVE, _STOP = "Order", "StopOrder"
_NAMES = ("orderId", "orderLinkId")
_WAITS = "Untriggered"
_APART = ("tpslOrder", "OcoOrder", "BidirectionalTpslOrder")
_MOST = 50_000


def tune_cancels(exchange: Any) -> None:
    """Name the kind of what is cancelled: asked for, unless it never waited for anything.

    What waits today may match tomorrow under the same id, so only what was entered
    without a trigger is remembered.
    """
    matching: OrderedDict[str, None] = OrderedDict()
    create, cancel = exchange.privatePostV5OrderCreate, exchange.privatePostV5OrderCancel

    async def created(params: Mapping[str, Any]) -> Any:
        reply = await create(params)
        if params.get("category") == "spot" and not params.get("triggerPrice"):
            made = reply.get("result") or {}
            matching.update(dict.fromkeys(str(made[it]) for it in _NAMES if made.get(it)))
            while len(matching) > _MOST:
                matching.popitem(last=False)
        return reply

    async def kind_of(params: Mapping[str, Any]) -> str:
        named = {it: params[it] for it in _NAMES if params.get(it)}
        if any(str(it) in matching for it in named.values()):
            return _ACTIVE
        place = {"category": "spot", "symbol": params["symbol"]}
        reply = await exchange.privateGetV5OrderRealtime({**place, **named})
        rows = exchange.safe_list(reply.get("result") or {}, "list", [])
        told = rows[0] if rows else {}
        if told.get("orderStatus") != _WAITS:
            return _ACTIVE
        kind = str(told.get("stopOrderType"))
        return kind if kind in _APART else _STOP

    async def cancelled(params: Mapping[str, Any]) -> Any:
        if params.get("category") != "spot":
            return await cancel(params)
        return await cancel({**params, "orderFilter": await kind_of(params)})

    exchange.privatePostV5OrderCreate = created
    exchange.privatePostV5OrderCancel = cancelled
