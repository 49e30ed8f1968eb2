"""Coinbase Advanced Trade.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, is_spot, without
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    OrderList,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.adapters.venues.ccxt.wire.numbers import maybe, plain
from crossdock.errors import NotSent
from crossdock.model import (
    AccountEventKind,
    KeyRights,
    OrderStatus,
    OrderType,
    Right,
    Side,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "can_view": (Right.READ,),
    "can_trade": (Right.TRADE,),
    "can_transfer": (Right.TRANSFER, Right.WITHDRAW),
}
# Those that ccxt calls cancelled, or does not know.
_STATUSES: Mapping[str, OrderStatus] = {
    "PENDING": OrderStatus.PENDING_NEW,
    "QUEUED": OrderStatus.PENDING_NEW,
    "EXPIRED": OrderStatus.EXPIRED,
    "FAILED": OrderStatus.REJECTED,
}
_TIMES = {
    "GOOD_UNTIL_CANCELLED": "GTC",
    "GOOD_UNTIL_DATE_TIME": "GTD",
    "IMMEDIATE_OR_CANCEL": "IOC",
    "FILL_OR_KILL": "FOK",
}
# https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions (2026-11-21): every
# type but fills of orders, which are told as fills, and requests, which move nothing.
_MOVES: Mapping[str, AccountEventKind] = {
    "fiat_deposit": AccountEventKind.DEPOSIT,
    "fiat_withdrawal": AccountEventKind.WITHDRAWAL,
    "receive": AccountEventKind.DEPOSIT,
    **dict.fromkeys(
        (
            *("send", "transfer"),  # a send was once what came in as well
            *("exchange_deposit", "exchange_withdrawal", "vault_withdrawal"),
            *("pro_deposit", "pro_withdrawal", "intx_deposit", "intx_withdrawal"),
            *("staking_transfer", "unstaking_transfer", "derivatives_settlement"),
        ),
        AccountEventKind.TRANSFER,
    ),
    **dict.fromkeys(
        (
            *("buy", "sell", "trade", "tx", "clawback", "incentives_shared_clawback"),
            *("earn_payout", "incentives_rewards_payout", "retail_simple_dust"),
            *("subscription", "subscription_rebate"),
        ),
        AccountEventKind.ADJUSTMENT,
    ),
}
_STREAMED_WHOLE = ("PENDING", "QUEUED", "OPEN", "CANCEL_QUEUED", "EDIT_QUEUED", "FILLED")
_TOUCHED_BY: Mapping[str, str] = {
    Side.BUY: "STOP_DIRECTION_STOP_DOWN",
    Side.SELL: "STOP_DIRECTION_STOP_UP",
}


# …/api-reference/advanced-trade-api/rest-api/orders/list-orders (2026-11-22): a page has a
# cursor where more orders follow; `start_date` holds for those that are not open.
_LISTED = OrderList(
    method="fetch_orders",
    page=100,
    pages=Pages(cursor_param="cursor", cursor_path="cursor"),
    of_market=False,
    more_path="has_next",
)


class Coinbase(Studied):
    options: Mapping[str, Any] = {
        "fetchBalance": "v3PrivateGetBrokerageAccounts",
        "createMarketBuyOrderRequiresPrice": False,
    }
    client_id_param = "client_order_id"  # ccxt drops the unified name
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    open_list = replace(_LISTED, method="fetch_open_orders", takes_since=False)
    # Without a status, orders of every one: in between, too, or expired, or failed.
    done_lists = (_LISTED,)
    cancels_by_client_id = False
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(
        page=250,
        window_s=180 * 86_400.0,
        newest_first=True,
        pages=Pages(cursor_param="cursor", cursor_path="cursor"),
    )
    events = (
        EventSource(
            method="fetch_ledger",
            kind_path="type",
            kinds=_MOVES,
            needs_code=True,
            page=100,
            pages=Pages(
                cursor_param="starting_after",
                cursor_path="pagination.next_starting_after",
            ),
            newest_first=True,
            takes_since=False,
        ),
    )
    envelope = ""
    shapes: Mapping[str, str] = {
        "/transactions": "data",
        "/brokerage/orders": "success",
        "/orders/batch_cancel": "results",
        "/orders/edit": "success",
    }
    answers_with_first = True
    sparse_stream = True
    bar_page = 300
    code_paths = (
        "error_response.error",
        "error_response.new_order_failure_reason",
        "error_response.preview_failure_reason",
        "results.0.failure_reason",
        "errors.0.edit_failure_reason",
        "errors.0.preview_failure_reason",
        "error",
    )
    ok_codes = (
        "UNKNOWN_FAILURE_REASON",
        "UNKNOWN_CANCEL_FAILURE_REASON",
        "UNKNOWN_EDIT_ORDER_FAILURE_REASON",
        "UNKNOWN_PREVIEW_FAILURE_REASON",
    )
    message_paths = ("error_response.message", "message", "error_details")
    account_streams = ("orders",)

    def tune(self, exchange: Any) -> None:
        """Make ccxt see failed edits, the terms of an order, and accounts that are new."""
        find = exchange.find_account_id

        async def find_account_id(code: str, params: Any) -> Any:
            found = await find(code, params)
            if found is None:
                await exchange.load_accounts(True, params)
                found = await find(code, params)
            return found

        exchange.find_account_id = find_account_id
        theirs = exchange.handle_errors

        def handle_errors(*reply: Any) -> Any:
            raised = theirs(*reply)
            told = reply[6]
            if not isinstance(told, dict):
                return raised
            if told.get("success") is False:
                raise ccxt_errors().ExchangeError("coinbase refuses")
            taken, terms = told.get("success_response"), told.get("order_configuration")
            if isinstance(taken, dict) and isinstance(terms, dict):
                taken["order_configuration"] = terms
            return raised

        exchange.handle_errors = handle_errors

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.reduce_only and not is_spot(market):
            raise NotSent("Coinbase has no reduce-only orders")
        if order.type is OrderType.MARKET and order.side is Side.BUY and is_spot(market):
            # ccxt would send money to spend; the exchange takes a quantity as well.
            return {
                **without(params, "timeInForce"),
                "order_configuration": {
                    "market_market_ioc": {"base_size": plain(order.quantity)}
                },
            }
        if order.expire_time_ns is not None:
            end = datetime.fromtimestamp(order.expire_time_ns // 1_000_000_000, UTC)
            return {**params, "end_time": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return params

    def order_row(self, order: Raw) -> Raw:
        """Read an order's terms of any kind: ccxt knows not all of them."""
        info = order["info"]
        terms = _terms(info)
        if not terms:
            return order
        quantity = terms.get("base_size")
        if quantity is None and info.get("status") == "FILLED":
            quantity = info.get("filled_size")  # it was sized in money
        return {
            **order,
            "amount": quantity,
            "price": terms.get("limit_price"),
            "triggerPrice": terms.get("stop_price"),
        }

    def order_type(self, order: Raw) -> str:
        """Tell an order that waits for a better price from a stop, by its direction."""
        waits_for = _terms(order["info"]).get("stop_direction")
        if waits_for is None:
            return ""
        is_touched = waits_for == _TOUCHED_BY.get(str(order.get("side")))
        return OrderType.LIMIT_IF_TOUCHED if is_touched else OrderType.STOP_LIMIT

    def status(self, order: Raw) -> str:
        return _STATUSES.get(str(order["info"].get("status")), "")

    def streamed_order(self, order: Raw) -> Raw | None:
        """Add up an order's quantity; without one it is asked for.

        What is left of an order that ended is 0, and a stop's direction is not told.
        https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
        (2026-11-21)
        """
        info = order["info"]
        quantity = None
        if info.get("status") in _STREAMED_WHOLE and not maybe(info.get("stop_price")):
            done, left = (
                maybe(info.get(name)) for name in ("cumulative_quantity", "leaves_quantity")
            )
            if done is not None and left is not None:
                quantity = plain(done + left)
        return {
            **order,
            "amount": quantity,
            "filled": info.get("cumulative_quantity"),
            "timeInForce": _TIMES.get(str(info.get("time_in_force"))),
        }

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        told = await exchange.v3_private_get_brokerage_key_permissions()
        held = (rights for name, rights in _RIGHTS.items() if told.get(name) is True)
        return KeyRights(rights=frozenset(right for rights in held for right in rights))


def _terms(info: Raw) -> Raw:
    """Return what an order was asked to be: the one entry of its configuration."""
    configuration = info.get("order_configuration")
    if not isinstance(configuration, dict):
        return {}
    found = next(iter(configuration.values()), None)
    return found if isinstance(found, dict) else {}


QUIRKS = Coinbase()
