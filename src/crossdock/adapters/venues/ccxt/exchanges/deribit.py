"""Deribit.

https://docs.deribit.com/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, without
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    FillPaging,
    Known,
    OrderList,
    Pages,
)
from crossdock.adapters.venues.ccxt.family.exchange import DAY_S
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.errors import NotSent
from crossdock.model import OrderType, TimeInForce
from crossdock.ports import NewOrder

_CURRENCIES = ("BTC", "ETH", "USDC", "USDT")
_RECENT_MS = 23 * 3_600_000  # trades are listed without asking for history for 24 hours
_MOST = 1000
_TYPES = {
    "stop_market": OrderType.STOP,
    "stop_limit": OrderType.STOP_LIMIT,
    "take_market": OrderType.MARKET_IF_TOUCHED,
    "take_limit": OrderType.LIMIT_IF_TOUCHED,
    "trailing_stop": OrderType.TRAILING_STOP,
}

Ask = Callable[[Mapping[str, Any]], Awaitable[Any]]


_DONE = OrderList(
    method="fetch_closed_orders",
    params={"include_unfilled": True, "include_old": True},
    page=_MOST,
    pages=Pages(offset_param="offset", rows_path="result"),
    takes_since=False,
    changed_path="last_update_timestamp",
)


class Deribit(Studied):
    options: Mapping[str, Any] = {"fetchCurrencies": False}
    client_id_param = "label"
    client_id_field = "label"
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    # …/articles/accessing-historical-trades-orders (2026-11-21): what ended in the last half
    # hour, and, not at once, whatever ended.
    done_lists = (_DONE, replace(_DONE, params={**_DONE.params, "historical": True}))
    cancels_by_client_id = False
    writes_by_get = (
        *("/buy", "/sell", "/edit", "/cancel", "/cancel_all", "/cancel_all_by_instrument"),
        *("/submit_transfer_to_subaccount", "/submit_transfer_to_user"),
    )
    open_order_params = tuple({"currency": each} for each in _CURRENCIES)
    cancel_every = CancelEvery.ONE_CALL
    fills = FillPaging(
        needs_symbol=True,
        page=_MOST,
        until_param="end_timestamp",
        oldest_s=10 * 365 * DAY_S,  # asked without a time, only the newest are listed
    )
    envelope = "jsonrpc"
    code_paths = ("error.code",)
    message_paths = ("error.message",)
    unknown_order_codes = ("10004", "11044")
    account_streams = ("orders", "trades", "balance")
    book_limit = 10_000  # where none is asked for it tells five levels

    def tune(self, exchange: Any) -> None:
        """Ask for whole histories, and look whether changes of a book join."""
        trades = exchange.privateGetGetUserTradesByInstrumentAndTime
        exchange.privateGetGetUserTradesByInstrumentAndTime = _trades(exchange, trades)
        if hasattr(exchange, "handle_order_book"):
            exchange.handle_order_book = _joined(exchange, exchange.handle_order_book)

    def open_params_of(self, market: Raw) -> Sequence[Mapping[str, Any]]:
        return ({},)  # its name tells the currency

    def order_row(self, order: Raw) -> Raw:
        """Add the trigger: ccxt looks for it under the name it had before."""
        trigger = (order.get("info") or {}).get("trigger_price")
        return order if trigger is None else {**order, "triggerPrice": trigger}

    def order_type(self, order: Raw) -> str:
        return _TYPES.get((order.get("info") or {}).get("order_type", ""), "")

    def amend_params(self, order: Any, stop_price: str) -> Mapping[str, Any]:
        return {"trigger_price": stop_price}

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.trail_percent is not None:
            raise NotSent("Deribit trails by an amount, not by percent")
        said = without(params, "hedged")
        if order.time_in_force is TimeInForce.DAY:
            said = without(said, "timeInForce")
            said["time_in_force"] = "good_til_day"
        return said


def _trades(exchange: Any, ask: Ask) -> Ask:
    """Ask for trades of a time as the exchange wants it.

    An end is needed, and an order of sorting; what is older than a day is kept apart:
    https://docs.deribit.com/articles/accessing-historical-trades-orders (2026-11-21).
    """

    async def whole(params: Mapping[str, Any]) -> Any:
        now_ms = exchange.milliseconds()
        asked = {"end_timestamp": now_ms + 60_000, "sorting": "asc", **params}
        if int(asked["start_timestamp"]) > now_ms - _RECENT_MS:
            return await ask(asked)
        old = await ask({**asked, "historical": True})
        rows = exchange.safe_list(exchange.safe_dict(old, "result", {}), "trades", [])
        if len(rows) >= int(asked.get("count", _MOST)):
            return old  # what is recent comes behind it
        new = await ask(asked)
        recent = exchange.safe_list(exchange.safe_dict(new, "result", {}), "trades", [])
        known = {row["trade_id"] for row in rows}
        rows += [row for row in recent if row["trade_id"] not in known]
        return {**old, "result": {**old["result"], "trades": rows}}

    return whole


def _joined(exchange: Any, take: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Let a book whose changes do not join begin anew: ccxt does not look.

    https://docs.deribit.com/subscriptions/orderbook/bookinstrument_nameinterval (2026-11-21)
    """
    known: dict[str, Any] = {}  # by channel: the newest change

    def checked(client: Any, message: Any) -> None:
        channel, data = message["params"]["channel"], message["params"]["data"]
        symbol = exchange.safe_symbol(data["instrument_name"])
        last = known.get(channel)
        if data["type"] == "snapshot":
            exchange.orderbooks.pop(symbol, None)
        elif last is None:
            return  # of a book that is being asked for anew
        elif data["prev_change_id"] != last:
            del known[channel]
            client.subscriptions.pop(channel, None)
            leave: Raw = {
                "jsonrpc": "2.0",
                "method": "public/unsubscribe",
                "id": exchange.request_id(),
                "params": {"channels": [channel]},
            }
            exchange.spawn(client.send, leave)
            problem = f"{symbol}: a change came after {data['prev_change_id']}, not {last}"
            pace = channel.rpartition(".")[2]
            client.reject(ccxt_errors().ChecksumError(problem), f"book|{symbol}|{pace}")
            return
        known[channel] = data["change_id"]
        take(client, message)
        exchange.orderbooks[symbol]["nonce"] = exchange.safe_integer(data, "change_id")

    return checked


QUIRKS = Deribit()
