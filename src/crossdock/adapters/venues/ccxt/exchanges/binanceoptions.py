"""Binance options, which ccxt has inside its `binance`.

https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-options, and
Binance's own client of it, whose descriptions and samples are those of its documentation:
https://github.com/binance/binance-connector-python, clients/derivatives_trading_options 8.2.0
(2026-11-22)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binance import RECV_WINDOW_MS, key_rights
from crossdock.adapters.venues.ccxt.exchanges.binanceusdm import end_with_its_key
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, without
from crossdock.adapters.venues.ccxt.exchanges.ways import CancelEvery, Cost, FillPaging
from crossdock.adapters.venues.ccxt.wire.numbers import maybe, plain
from crossdock.model import KeyRights
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_WEEK_S = 7 * 86_400.0
_V1 = "/eapi/v1"

Ask = Callable[..., Awaitable[Any]]


class BinanceOptions(Studied):
    ccxt_id = "binance"
    options: Mapping[str, Any] = {
        "defaultType": "option",
        "recvWindow": RECV_WINDOW_MS,
        "fetchMarkets": {"types": ["option"]},
        "fetchOpenOrders": {"warnWithoutSymbol": False},
        "fetchPositions": "option",
        "fetchCurrencies": False,
        "fetchMargins": False,
    }
    market_types = ("option",)
    # Without a symbol ccxt asks the spot market for these, whatever its default is.
    open_order_params = ({"type": "option"},)
    cancel_every = CancelEvery.PER_SYMBOL
    bar_page = 1500
    # What one question may span at most is not documented; as at the futures exchanges.
    fills = FillPaging(needs_symbol=True, page=1000, window_s=_WEEK_S)
    # Each word on an order asks for its fills: whether both lists name a fill alike is not
    # documented.
    account_streams = ("orders",)
    shapes: Mapping[str, str] = {
        f"{_V1}/exchangeInfo": "optionSymbols",
        f"{_V1}/time": "serverTime",
        f"{_V1}/depth": "bids",
        f"{_V1}/klines": "[]",
        f"{_V1}/ticker": "[]",
        f"{_V1}/mark": "[]",
        f"{_V1}/marginAccount": "asset",
        f"{_V1}/position": "[]",
        f"{_V1}/order": "orderId",
        f"{_V1}/openOrders": "[]",
        f"{_V1}/historyOrders": "[]",
        f"{_V1}/userTrades": "[]",
        f"{_V1}/listenKey": "listenKey",
    }
    code_paths = ("code",)
    message_paths = ("msg",)
    ok_codes = ("0", "200")
    duplicate_codes = ("-6044",)  # the client order id is taken
    unknown_order_codes = ("-2013",)

    def tune(self, exchange: Any) -> None:
        """Ask this exchange where ccxt would ask the spot market, or not at all."""
        exchange.fetch_balance = _balances(exchange)
        exchange.fetch_time = _time(exchange)
        exchange.fetch_option_chain = _chain(exchange)
        end_with_its_key(exchange)

    def cost(
        self, method: str, path: str, *, api: str, is_write: bool, weight: float
    ) -> Cost:
        return Cost(
            scope="orders" if is_write else "all",
            weight=1 if is_write else max(1, round(weight)),
        )

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        return without(params, "hedged")

    def order_row(self, order: Raw) -> Raw:
        """Tell how much by itself: a sale's quantities may be below zero."""
        told = {name: _size(order.get(name)) for name in ("amount", "filled")}
        return {**order, **told, "remaining": None}

    def trade_row(self, trade: Raw) -> Raw:
        """Do as `order_row`; "negative means fee charge" here, and ccxt keeps the sign."""
        fee = trade.get("fee") or {}
        paid = maybe(fee.get("cost"))
        return {
            **trade,
            "amount": _size(trade.get("amount")),
            "fee": {**fee, "cost": None if paid is None else plain(-paid)},
            "fees": None,
        }

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        return await key_rights(exchange)


def _balances(exchange: Any) -> Ask:
    """Read the account that options are paid from; ccxt reads the spot account.

    `marginBalance` is its cash: in the samples a premium that was received is in it, and
    what positions are worth by now is in `equity` alone.
    """

    async def fetch_balance(params: Raw | None = None) -> Any:
        told = await exchange.eapiPrivateGetMarginAccount(params or {})
        found: dict[str, Any] = {"info": told}
        for row in told["asset"] or ():
            account = exchange.account()
            account["total"] = exchange.safe_string(row, "marginBalance")
            account["free"] = exchange.safe_string(row, "available")
            found[exchange.safe_currency_code(row["asset"])] = account
        return exchange.safe_balance(found)

    return fetch_balance


def _time(exchange: Any) -> Ask:
    async def fetch_time() -> Any:
        told = await exchange.eapiPublicGetTime()
        return exchange.safe_integer(told, "serverTime")

    return fetch_time


def _chain(exchange: Any) -> Ask:
    """List the options on an asset: ccxt asks for one at a time."""

    async def fetch_option_chain(code: str) -> Any:
        await exchange.load_markets()
        rows = await exchange.eapiPublicGetTicker()
        found = {}
        for row in rows:
            market = exchange.markets_by_id.get(row["symbol"], (None,))[0]
            if market is not None and market["base"] == code:
                found[market["symbol"]] = exchange.parse_option(row, None, market)
        return found

    return fetch_option_chain


def _size(told: Any) -> Any:
    return told.removeprefix("-") if isinstance(told, str) else told


QUIRKS = BinanceOptions()
