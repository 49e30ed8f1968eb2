"""Every call Binance's REST and WebSocket API have in common, by its REST path.

Weights: https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/rest-api.md, read 2026-11-21.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.binance.account import Account
from crossdock.sandbox.faces.binance.market_data import MarketData
from crossdock.sandbox.faces.binance.trading import Trading
from crossdock.sandbox.faces.binance.transfers import Transfers
from crossdock.sandbox.faces.binance_words.method import Method, Prepare, Weight, either
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace


def methods(face: BinanceFace) -> list[Method]:
    """Return every call of a venue."""
    return [
        *_public(MarketData(face)),
        *_private(Account(face), Transfers(face)),
        *_writes(Trading(face)),
    ]


def _public(data: MarketData) -> list[Method]:
    def read(
        path: str,
        prepare: Prepare,
        weight: int | Weight,
        over_websocket: str = "",
    ) -> Method:
        return Method("GET", path, prepare, "NONE", weight, over_websocket=over_websocket)

    return [
        read("/api/v3/ping", data.ping, 1, "ping"),
        read("/api/v3/time", data.time, 1, "time"),
        read("/api/v3/exchangeInfo", data.exchange_info, 20, "exchangeInfo"),
        read("/api/v3/depth", data.depth, _depth_weight, "depth"),
        read("/api/v3/trades", data.trades, 25, "trades.recent"),
        read("/api/v3/aggTrades", data.aggregates, 4, "trades.aggregate"),
        read("/api/v3/klines", data.klines, 2, "klines"),
        read("/api/v3/uiKlines", data.klines, 2, "uiKlines"),
        read("/api/v3/avgPrice", data.average, 2, "avgPrice"),
        read("/api/v3/ticker/24hr", data.ticker, _day_weight, "ticker.24hr"),
        read("/api/v3/ticker/price", data.price, either(2, 4), "ticker.price"),
        read("/api/v3/ticker/bookTicker", data.best, either(2, 4), "ticker.book"),
        read("/sapi/v1/system/status", data.status, 1),
        read("/sapi/v1/margin/allPairs", data.no_margin, 1),
        read("/sapi/v1/margin/isolated/allPairs", data.no_margin, 10),
    ]


def _private(account: Account, transfers: Transfers) -> list[Method]:
    def read(
        path: str,
        prepare: Prepare,
        weight: int | Weight,
        over_websocket: str = "",
    ) -> Method:
        return Method(
            "GET", path, prepare, "USER_DATA", weight, over_websocket=over_websocket
        )

    return [
        read("/api/v3/account", account.account, 20, "account.status"),
        read("/api/v3/account/commission", account.commission, 20, "account.commission"),
        read(
            "/api/v3/rateLimit/order", account.order_rates, 40, "account.rateLimits.orders"
        ),
        read("/api/v3/order", account.order, 4, "order.status"),
        read("/api/v3/openOrders", account.open_orders, either(6, 80), "openOrders.status"),
        read("/api/v3/allOrders", account.all_orders, 20, "allOrders"),
        read("/api/v3/myTrades", account.my_trades, _trades_weight, "myTrades"),
        read("/api/v3/orderList", account.order_list, 4, "orderList.status"),
        read("/api/v3/openOrderList", account.open_lists, 6, "openOrderLists.status"),
        read("/api/v3/allOrderList", account.all_lists, 20, "allOrderLists"),
        read("/sapi/v1/account/apiRestrictions", account.restrictions, 1),
        read("/sapi/v1/asset/tradeFee", account.trade_fees, 1),
        read("/sapi/v1/capital/config/getall", account.coins, 10),
        read("/sapi/v1/capital/deposit/hisrec", transfers.deposits, 1),
        Method(
            "GET",
            "/sapi/v1/capital/withdraw/history",
            transfers.withdrawals,
            "USER_DATA",
            18_000,
            by_user=True,
        ),
    ]


def _writes(trading: Trading) -> list[Method]:
    submit, cancel, replace = Operation.SUBMIT, Operation.CANCEL, Operation.REPLACE

    def write(
        http: str,
        path: str,
        prepare: Prepare,
        operation: Operation,
        over_websocket: str,
        *,
        orders: int = 0,
        weight: int = 1,
    ) -> Method:
        return Method(
            http, path, prepare, "TRADE", weight, operation, orders, over_websocket
        )

    order, lists = "/api/v3/order", "/api/v3/orderList"
    place_list = trading.place_list
    return [
        write("POST", order, trading.place, submit, "order.place", orders=1),
        write("POST", f"{order}/test", trading.test, Operation.READ, "order.test"),
        write("DELETE", order, trading.cancel, cancel, "order.cancel"),
        write(
            "POST",
            f"{order}/cancelReplace",
            trading.cancel_replace,
            submit,
            "order.cancelReplace",
            orders=1,
        ),
        write(
            "PUT",
            f"{order}/amend/keepPriority",
            trading.amend,
            replace,
            "order.amend.keepPriority",
            weight=4,
        ),
        write(
            "DELETE",
            "/api/v3/openOrders",
            trading.cancel_open,
            cancel,
            "openOrders.cancelAll",
        ),
        write(
            "POST",
            f"{lists}/oco",
            partial(place_list, "oco"),
            submit,
            "orderList.place.oco",
            orders=2,
        ),
        write(
            "POST",
            f"{lists}/oto",
            partial(place_list, "oto"),
            submit,
            "orderList.place.oto",
            orders=2,
        ),
        write(
            "POST",
            f"{lists}/otoco",
            partial(place_list, "otoco"),
            submit,
            "orderList.place.otoco",
            orders=3,
        ),
        write("DELETE", lists, trading.cancel_list, cancel, "orderList.cancel"),
    ]


def _depth_weight(params: Params) -> int:
    limit = params.whole("limit", 100)
    for most, weight in ((100, 5), (500, 25), (1000, 50)):
        if limit <= most:
            return weight
    return 250


def _day_weight(params: Params) -> int:
    names = params.symbols()
    if names is None or len(names) > 100:
        return 80
    return 2 if len(names) <= 20 else 40


def _trades_weight(params: Params) -> int:
    return 5 if "orderId" in params else 20
