"""OKX.

https://www.okx.com/docs-v5/en/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.earning.okx import OkxEarn
from crossdock.adapters.venues.ccxt.exchanges.okx_algos import (
    has_gone_on,
    is_placed,
    tune_algos,
)
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, is_spot, without
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import (
    AccountEventKind,
    KeyRights,
    MarginMode,
    OrderType,
    Right,
    SubAccount,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

_PREFIX = "cd"
_PAGES = Pages(cursor_param="after", row_field="billId", rows_path="data")
_AT_MARKET = "-1"
_RECENT_MS = 6 * 86_400_000  # bills older than a week are in the archive alone
_CASH = MarginMode.NONE
_RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "read_only": (Right.READ,),
    "trade": (Right.READ, Right.TRADE, Right.TRANSFER),
    "withdraw": (Right.WITHDRAW,),
}


class Okx(OkxEarn, Studied):
    options: Mapping[str, Any] = {"fetchCurrencies": False}
    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
    }
    client_id_param = "clOrdId"
    spot_margin = True
    market_tells_margin = False
    conditional: Mapping[str, Any] | None = {"trigger": True}
    open_order_params = (
        {},
        {"trigger": True},
        {"trigger": True, "ordType": "conditional"},
        {"trailing": True},
    )
    order_streams = ({}, {"trigger": True}, {"trailing": True})
    cancel_every = CancelEvery.ONE_BY_ONE
    bar_page = 300
    bar_until_excluded = True
    fills = FillPaging(
        needs_symbol=True,
        page=100,
        pages=_PAGES,
        newest_first=True,
        oldest_s=90 * 86_400.0,
    )
    events = (
        EventSource(
            method="fetch_ledger",
            page=100,
            pages=_PAGES,
            since_param="begin",
            newest_first=True,
            oldest_s=90 * 86_400.0,
            kind_path="type",  # ccxt calls most of them trades
            kinds={
                "8": AccountEventKind.FUNDING,
                "1": AccountEventKind.TRANSFER,
                "7": AccountEventKind.INTEREST,
                "5": AccountEventKind.LIQUIDATION,
                "9": AccountEventKind.AUTO_DELEVERAGE,
                "3": AccountEventKind.EXPIRY,
            },
        ),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "trading": {},
        "funding": {"type": "funding"},
    }
    envelope = "code"
    code_paths = ("data.0.sCode", "code")
    ok_codes = ("0", "1", "2")  # 1 and 2: the codes of the single orders tell
    message_paths = ("data.0.sMsg", "msg")
    duplicate_codes = ("51016", "51065")
    unknown_order_codes = ("51603",)

    def tune(self, exchange: Any) -> None:
        tune_algos(exchange)
        _tune_bills(exchange)

    def client_id(self, client_order_id: str) -> Any:
        return client_order_id.replace("-", "")

    def client_id_back(self, echoed: str) -> str:
        if echoed.startswith(_PREFIX):
            return f"{_PREFIX}-{echoed.removeprefix(_PREFIX)}"
        return echoed

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        said = dict(params)
        if order.reduce_only and market.get("option") is True:
            raise NotSent("OKX lets no order of options reduce only")
        if order.reduce_only and is_spot(market) and order.margin_mode is not _CASH:
            said["reduceOnly"] = True
        if order.type not in (OrderType.MARKET, OrderType.LIMIT):
            # Orders kept apart are found again by an id of their own kind.
            said["algoClOrdId"] = self.client_id(order.client_order_id)
            if is_spot(market) and order.margin_mode is _CASH:
                said["tdMode"] = "cash"
        return said

    def is_conditional(self, order: Raw) -> bool:
        told = order.get("info") or {}
        return bool(told.get("algoId")) and not is_placed(told)

    def streamed_order(self, order: Raw) -> Raw | None:
        """Leave out what has triggered: the order it became tells of itself."""
        return None if self.goes_on_as(order) else order

    def goes_on_as(self, order: Raw) -> str:
        told = order.get("info") or {}
        gone_on = self.is_conditional(order) and has_gone_on(told)
        return str(told["ordId"]) if gone_on else ""

    def has_waited(self, order: Raw) -> bool:
        told = order.get("info") or {}
        return bool(told.get("algoId")) and is_placed(told)

    def order_row(self, order: Raw) -> Raw:
        """Name an algo order by our id, and tell the price behind its trigger.

        The order that it became is told by its own id: ccxt leaves it the algo order's.
        """
        told = order.get("info") or {}
        if not told.get("algoId"):
            return order
        if is_placed(told):
            ours = told.get("clOrdId") or told.get("algoClOrdId")
            return {**order, "id": told["ordId"], "clientOrderId": ours or None}
        row = {**order, "clientOrderId": told.get("algoClOrdId") or None}
        for name in ("slOrdPx", "tpOrdPx", "ordPx"):
            if told.get(name) not in (None, "", _AT_MARKET):
                row["price"] = told[name]
        return row

    def order_type(self, order: Raw) -> str:
        told = (order.get("info") or {}).get("ordType")
        return OrderType.TRAILING_STOP.value if told == "move_order_stop" else ""

    def trade_row(self, trade: Raw) -> Raw:
        """Turn round the fee of a streamed trade, and name its order.

        ccxt leaves the fee as OKX books it, and takes the algo order for the order.
        """
        told = trade.get("info") or {}
        if "fillFee" not in told:
            return trade
        paid = -Decimal(str(told["fillFee"] or 0))
        fee = {"cost": plain(paid), "currency": told.get("fillFeeCcy")}
        return {**trade, "order": told["ordId"], "fee": fee}

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration"""
        told = await exchange.private_get_account_config()
        row = told["data"][0]
        words = [word.strip() for word in str(row.get("perm", "")).split(",")]
        return KeyRights(
            rights=frozenset(right for word in words for right in _RIGHTS.get(word, ())),
            is_address_bound=bool(row.get("ip")),
        )

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        told = await exchange.private_get_users_subaccount_list()
        return [
            SubAccount(
                name=row["subAcct"],
                venue_id=row.get("uid") or row["subAcct"],
                is_frozen=row.get("enable") is False,
            )
            for row in told["data"]
        ]


def _tune_bills(exchange: Any) -> None:
    """Ask for bills of every kind of instrument, of long ago too where they are wanted.

    ccxt asks for those of spot alone: a transfer is of none, a payment of funding of a swap.
    https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-7-days
    (2026-11-22)
    """
    recent, archived = (
        exchange.privateGetAccountBills,
        exchange.privateGetAccountBillsArchive,
    )

    async def bills(params: Mapping[str, Any]) -> Any:
        asked = without(params, "instType")
        begin_ms = asked.get("begin")
        is_old = begin_ms is not None and begin_ms < exchange.milliseconds() - _RECENT_MS
        return await (archived if is_old else recent)(asked)

    exchange.privateGetAccountBills = bills


QUIRKS = Okx()
