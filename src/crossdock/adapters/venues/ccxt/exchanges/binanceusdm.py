"""Binance USD-M futures.

https://developers.binance.com/docs/derivatives/usds-margined-futures (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.binance import RECV_WINDOW_MS, key_rights
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    Cost,
    EventSource,
    FillPaging,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, KeyRights, OrderStatus, OrderType
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_WEEK_S = 7 * 86_400.0
_ALIVE = ("TRIGGERING", "TRIGGERED")
_TRIGGERED = (*_ALIVE, "FINISHED")
_WAITING = (
    *("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"),
    "TRAILING_STOP_MARKET",
)
_SHAPES: Mapping[str, str] = {
    "v1/exchangeInfo": "symbols",
    "v1/time": "serverTime",
    "v1/depth": "lastUpdateId",
    "v1/klines": "[]",
    "v1/order": "orderId",
    "v1/algoOrder": "algoId",
    "v1/openOrders": "[]",
    "v1/openAlgoOrders": "[]",
    "v1/userTrades": "[]",
    "v1/income": "[]",
    "v1/account": "assets",
    "v3/account": "assets",
    "v1/positionRisk": "[]",
    "v3/positionRisk": "[]",
    "v1/listenKey": "listenKey",
}


class BinanceFutures(Studied):
    options: Mapping[str, Any] = {
        "defaultType": "swap",
        "defaultSubType": "linear",
        "recvWindow": RECV_WINDOW_MS,
        "fetchMarkets": {"types": ["linear"]},
        "fetchCurrencies": False,
        "warnOnFetchOpenOrdersWithoutSymbol": False,
        # Nobody watches positions: ccxt would ask for them as every stream begins.
        "watchPositions": {"fetchPositionsSnapshot": False},
    }
    market_types = ("swap", "future")
    expire_param = "goodTillDate"
    conditional: Mapping[str, Any] | None = {"trigger": True}
    open_order_params = ({}, {"trigger": True})
    cancel_every = CancelEvery.PER_SYMBOL
    fills = FillPaging(needs_symbol=True, page=1000, window_s=_WEEK_S, id_param="fromId")
    events = (
        # ccxt's ledger calls funding a fee: asked for by itself it is told apart.
        EventSource(
            method="fetch_funding_history",
            kind=AccountEventKind.FUNDING,
            page=1000,
            window_s=_WEEK_S,
        ),
        EventSource(
            method="fetch_ledger",
            page=1000,
            window_s=_WEEK_S,
            # https://developers.binance.com/docs/derivatives/usds-margined-futures/account
            # (2026-11-22): "tranId" is unique within one type of income.
            ids_within_kind=True,
            kinds={
                "transfer": AccountEventKind.TRANSFER,
                "deposit": AccountEventKind.TRANSFER,
                "withdrawal": AccountEventKind.TRANSFER,
                "settlement": AccountEventKind.ADJUSTMENT,
                "cashback": AccountEventKind.ADJUSTMENT,
                "rebate": AccountEventKind.ADJUSTMENT,
                "referral": AccountEventKind.ADJUSTMENT,
            },
        ),
    )
    shapes: Mapping[str, str] = {
        f"/{api}/{path}": shape
        for api in ("fapi", "dapi")
        for path, shape in _SHAPES.items()
    }
    code_paths = ("code",)
    message_paths = ("msg",)
    duplicate_codes = ("-4116",)  # the client order id is taken
    unknown_order_codes = ("-2013",)

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
        if order.type is OrderType.TRAILING_STOP and order.trail_percent is None:
            raise NotSent("Binance trails by percent, not by an amount")
        return params

    def is_conditional(self, order: Raw) -> bool:
        info = order.get("info") or {}
        return "algoId" in info or "aid" in info  # a reply's word, and the stream's

    def goes_on_as(self, order: Raw) -> str:
        """Name what an algo order became in the matching engine.

        https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Query-Algo-Order
        and …/user-data-streams/Event-Algo-Order-Update (2026-11-21): actualOrderId and ai.
        """
        info = order.get("info") or {}
        if not self.is_conditional(order):
            return ""
        became = str(info.get("actualOrderId") or info.get("ai") or "")
        return "" if became == "0" else became

    def has_waited(self, order: Raw) -> bool:
        info = order.get("info") or {}
        asked = info.get("origType") or info.get("ot")
        return asked in _WAITING and not self.is_conditional(order)

    def totals(self, balances: Raw) -> Mapping[str, Any]:
        """Return wallet balances: margin balances, which ccxt takes, move with the price.

        https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Account-Information-V3
        (2026-11-21)
        """
        rows = (balances.get("info") or {}).get("assets") or ()
        return {row["asset"]: row["walletBalance"] for row in rows}

    def streamed_order(self, order: Raw) -> Raw | None:
        """Leave out the ends of what has triggered: the order it became tells them."""
        info = order.get("info") or {}
        gone_on = "aid" in info and info.get("X") in _TRIGGERED
        return None if gone_on else order

    def status(self, order: Raw) -> str:
        """Call alive what has triggered: ccxt calls it closed, with nothing filled."""
        alive = (order.get("info") or {}).get("algoStatus") in _ALIVE
        return OrderStatus.NEW.value if alive else ""

    def tune(self, exchange: Any) -> None:
        end_with_its_key(exchange)

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        return await key_rights(exchange)


def end_with_its_key(exchange: Any) -> None:
    """End a stream whose listen key is over: ccxt would wait on it for ever."""
    handle = exchange.handle_message

    def heard(client: Any, message: Any) -> None:
        if isinstance(message, dict) and message.get("e") == "listenKeyExpired":
            client.reset(ccxt_errors().NetworkError("the listen key has expired"))
        handle(client, message)

    exchange.handle_message = heard


QUIRKS = BinanceFutures()
