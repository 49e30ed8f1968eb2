"""HTX, its spot markets.

https://huobiapi.github.io/docs/spot/v1/en/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    rises,
    triggered,
    without,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.errors import BadPayload, NotSent
from crossdock.model import AccountEventKind, OrderType, Side
from crossdock.ports import NewOrder

_SIDES = ("buy", "sell")
_PAGES = Pages(cursor_param="from", row_field="id", rows_path="data")
"""https://huobiapi.github.io/docs/spot/v1/en/#search-match-results (2026-11-22): `from`
the last id of a page on."""

_MOVES: Mapping[str, Any] = {
    "needs_code": True,
    "page": 100,
    "pages": _PAGES,
    "newest_first": True,
}
_TIMES = {"ioc": "IOC", "limit-fok": "FOK", "stop-limit-fok": "FOK"}
_RISING = {True: "gte", False: "lte"}


class Htx(Studied):
    options: Mapping[str, Any] = {
        "defaultType": "spot",
        "fetchMarkets": {"types": {"spot": True, "linear": False, "inverse": False}},
        "fetchCurrencies": False,
    }
    market_types = ("spot",)
    spot_margin = True
    cancel_every = CancelEvery.PER_SYMBOL
    open_orders_need_symbol = True
    fills = FillPaging(
        needs_symbol=True,
        page=500,
        pages=_PAGES,
        window_s=2 * 86_400.0,
        newest_first=True,
        oldest_s=120 * 86_400.0,
    )
    events = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT, **_MOVES),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL, **_MOVES),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "spot": {"type": "spot"},
        "margin": {"type": "margin"},
    }
    shapes: Mapping[str, str] = {
        "/v1/common/symbols": "data",
        "/v1/account/accounts": "data",
        "/balance": "data.list",
        "/v1/order/openOrders": "data",
        "/v1/order/matchresults": "data",
        "/v1/query/deposit-withdraw": "data",
        "/place": "data",
        "/submitcancel": "data",
        "/submitCancelClientOrder": "data",
        "/batchCancelOpenOrders": "data",
    }
    code_paths = ("err-code", "err_code", "code")
    ok_codes = ("200", "ok")
    message_paths = ("err-msg", "err_msg", "message")
    unknown_order_codes = ("base-record-invalid",)
    account_streams = ("orders", "trades", "balance")

    def tune(self, exchange: Any) -> None:
        """Begin books that stand still, and begin those anew whose changes do not join.

        ccxt waits for a change before it believes a whole book, and stops listening
        altogether where a change is missing.
        """
        take, follow = exchange.handle_order_book_snapshot, exchange.handle_order_book

        def taken(client: Any, message: Any, subscription: Any) -> None:
            symbol = subscription["symbol"]
            book, data = exchange.orderbooks.get(symbol), message.get("data") or {}
            sequence = exchange.safe_integer(data, "seqNum")
            if book is None or book.cache or sequence is None:
                take(client, message, subscription)
                return
            state = exchange.parse_order_book(data, symbol)
            state["nonce"] = sequence
            book.reset(state)
            client.resolve(book, str(message["id"]))
            client.resolve(book, subscription["messageHash"])

        def followed(client: Any, message: Any) -> None:
            channel = message["ch"]
            symbol = exchange.safe_symbol(channel.split(".")[1])
            book = exchange.orderbooks.get(symbol)
            known = None if book is None else exchange.safe_integer(book, "nonce")
            before = exchange.safe_integer(message.get("tick") or {}, "prevSeqNum")
            if known is not None and before is not None and before > known:
                problem = f"{symbol}: a change behind {before} came after {known}"
                client.reject(ccxt_errors().InvalidNonce(problem), channel)
                begun = client.subscriptions[channel]
                exchange.handle_order_book_subscription(client, message, begun)
            follow(client, message)

        ask = exchange.spotPrivateGetV1QueryDepositWithdraw

        async def moved(params: Raw) -> Any:
            # ccxt names an id where none is: not named, the newest is meant.
            is_first = not params.get("from")
            return await ask(without(params, "from") if is_first else params)

        exchange.spotPrivateGetV1QueryDepositWithdraw = moved
        # ccxt names a deposit's network by a list of currencies, which nobody asks for.
        exchange.network_id_to_code = lambda network, _asset=None: network
        exchange.handle_order_book_snapshot = taken
        exchange.handle_order_book = followed

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.type is OrderType.MARKET and order.side is Side.BUY:
            raise NotSent(
                "HTX buys on spot at market for a sum of money, not a quantity",
                hint="send a limit order that is immediate or cancelled",
            )
        return triggered(order, params, operator=_RISING[rises(order)])

    async def open_symbols(self, exchange: Any, params: Raw) -> Sequence[str | None] | None:
        """Ask without an account and a symbol: both may be given, or neither.

        https://huobiapi.github.io/docs/spot/v1/en/#get-all-open-orders
        """
        rows = (await exchange.spot_private_get_v1_order_openorders())["data"]
        if not isinstance(rows, list):
            raise BadPayload("the open orders have another shape")
        return sorted({exchange.safe_symbol(row["symbol"]) for row in rows})

    def order_row(self, order: Raw) -> Raw:
        """Read of an order's own words what ccxt leaves out of them."""
        info = order.get("info") or {}
        side, _, kind = str(info.get("type") or "").partition("-")
        if side not in _SIDES:
            return order
        told = {**order, "side": side, "timeInForce": _TIMES.get(kind, "GTC")}
        told["type"] = order.get("type") or kind
        told["clientOrderId"] = order.get("clientOrderId") or info.get("clientOrderId")
        if told.get("amount") is None and side == "sell":
            told["amount"] = info.get("amount")
        return told

    def streamed_order(self, order: Raw) -> Raw | None:
        """Leave out what somebody buys at market elsewhere: it has no quantity."""
        told = self.order_row(order)
        return None if told.get("amount") is None else told

    def order_type(self, order: Raw) -> str:
        """Tell by the trigger's direction what ccxt tells by nothing."""
        operator = (order.get("info") or {}).get("operator")
        if operator is None or operator == _RISING[order.get("side") == "buy"]:
            return ""
        return OrderType.LIMIT_IF_TOUCHED.value


QUIRKS = Htx()
