"""OKX's algo orders and lists of orders, where ccxt loses some of what they are.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading and
https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-list (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from crossdock.errors import NotSent

_PAGE = 100
_ADVANCED = "algo-advance"
_AT_MARKET = "-1"
_GONE_ON = ("effective", "partially_effective")
_TRIMS = ("2", "3")
"""Account levels, Futures and Multi-currency margin, in which reduceOnly means something."""

Ask = Callable[..., Awaitable[Any]]


def tune_algos(exchange: Any) -> None:
    """Amend algo orders, tell of all of them, and list what is open to the end."""
    exchange.privateGetTradeOrdersPending = _to_the_end(
        exchange.privateGetTradeOrdersPending, "ordId"
    )
    exchange.privateGetTradeOrdersAlgoPending = _to_the_end(
        exchange.privateGetTradeOrdersAlgoPending, "algoId"
    )
    _amend_apart(exchange)
    _watch_trailing(exchange)
    _prove_reduce_only(exchange)


def has_gone_on(told: Mapping[str, Any]) -> bool:
    """Tell whether an algo order's row names the order that it became."""
    return bool(told.get("ordId")) and told.get("state") in _GONE_ON


def is_placed(told: Mapping[str, Any]) -> bool:
    """Tell whether a row that names an algo order is of the order it became."""
    return bool(told.get("ordId")) and "accFillSz" in told


def _first(reply: Any) -> Mapping[str, Any]:
    rows = reply.get("data")
    return rows[0] if isinstance(rows, list) and rows else {}


def _to_the_end(ask: Ask, name: str) -> Ask:
    """Ask for the pages behind the first: a list holds a hundred orders."""

    async def asked(params: Mapping[str, Any]) -> Any:
        reply = await ask(params)
        rows = page = reply.get("data")
        while isinstance(page, list) and len(page) >= _PAGE:
            page = (await ask({**params, "after": page[-1][name]})).get("data")
            rows += page or ()
        return reply

    return asked


def _amend_apart(exchange: Any) -> None:
    """Amend an algo order where it lives, both of its prices said.

    ccxt goes by the type, and knows of an amend only that it is limited or not; an order's
    own row tells whether its trigger is a stop-loss or a take-profit.
    """
    ask, edit = exchange.privateGetTradeOrderAlgo, exchange.edit_order

    async def edited(
        order: str,
        symbol: str,
        kind: str,
        side: str,
        amount: str | None = None,
        price: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(params or {})
        if not given.get("trigger"):
            return await edit(order, symbol, kind, side, amount, price, given)
        held = _first(await ask({"algoId": order}))
        exit_ = next((it for it in ("sl", "tp") if held.get(f"{it}TriggerPx")), None)
        if exit_ is None:
            raise NotSent("OKX amends stops and take-profits, no other algo orders")
        market, name = exchange.market(symbol), exit_.capitalize()
        said = {
            "instId": market["id"],
            "algoId": order,
            "newSz": amount,
            f"new{name}TriggerPx": given.get("triggerPrice", held[f"{exit_}TriggerPx"]),
            f"new{name}OrdPx": price or _AT_MARKET,
        }
        reply = await exchange.privatePostTradeAmendAlgos(said)
        return exchange.parse_order(_first(reply), market)

    exchange.edit_order = edited


def _watch_trailing(exchange: Any) -> None:
    """Follow trailing stops, which have a channel of their own that ccxt does not know."""
    watch, hear = exchange.watch_orders, exchange.handle_message
    waiting: list[Any] = []

    async def watched(
        symbol: str | None = None,
        since: int | None = None,
        limit: int | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        if not (params or {}).get("trailing"):
            return await watch(symbol, since, limit, params or {})
        if not waiting:
            await exchange.authenticate({"access": "business"})
            every = {"instType": "ANY"}
            await exchange.subscribe("business", _ADVANCED, _ADVANCED, None, every)
        rows = waiting.copy()
        waiting.clear()
        return rows

    def heard(client: Any, message: Any) -> None:
        told = message if isinstance(message, dict) and "event" not in message else {}
        if (told.get("arg") or {}).get("channel") != _ADVANCED:
            hear(client, message)
            return
        waiting.extend(exchange.parse_orders(told["data"]))
        client.resolve(waiting, _ADVANCED)

    exchange.watch_orders = watched
    exchange.handle_message = heard


def _prove_reduce_only(exchange: Any) -> None:
    """Hold back orders that are to reduce only where OKX would pass that over.

    https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (2026-11-21)
    """
    levels: list[str] = []

    def proven(place: Ask) -> Ask:
        async def placed(params: Any) -> Any:
            rows = params if isinstance(params, list) else [params]
            if any(row.get("reduceOnly") is True for row in rows):
                if not levels:
                    told = await exchange.privateGetAccountConfig()
                    levels.append(str(told["data"][0].get("acctLv")))
                if levels[0] not in _TRIMS:
                    raise NotSent(
                        f"OKX passes reduceOnly over in an account of level {levels[0]}",
                        hint="switch it to Futures mode or Multi-currency margin",
                    )
            return await place(params)

        return placed

    for name in ("Order", "BatchOrders", "OrderAlgo"):
        method = f"privatePostTrade{name}"
        setattr(exchange, method, proven(getattr(exchange, method)))
