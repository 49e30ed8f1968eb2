"""KuCoin spot.

https://www.kucoin.com/docs-new/introduction (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Pages,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.errors import BadPayload
from crossdock.model import AccountEventKind, KeyRights, OrderType, Right, SubAccount
from crossdock.toolkit import AdapterContext

_RIGHTS: Mapping[str, Right] = {
    "General": Right.READ,
    "Spot": Right.TRADE,
    "Margin": Right.TRADE,
    "Futures": Right.TRADE,
    "Trade": Right.TRADE,
    "InnerTransfer": Right.TRANSFER,
    "FlexTransfers": Right.TRANSFER,
    "Transfer": Right.TRANSFER,
    "Withdrawal": Right.WITHDRAW,
    "Withdraw": Right.WITHDRAW,
}
_TOUCHED = {True: OrderType.LIMIT_IF_TOUCHED, False: OrderType.MARKET_IF_TOUCHED}
_RISING = ("entry", "up")
_FALLING = ("loss", "down")
# Stops are listed at one address, whatever the kind of account.
_STOPS: Mapping[str, Any] = {"trigger": True, "hf": False}
# ccxt would await five changes of a book before it asks for the whole of it.
STREAMS: Mapping[str, Any] = {"watchOrderBook": {"snapshotDelay": 0}}


NUMBERED = Pages(number_param="currentPage")
_MOVES: Mapping[str, Any] = {"page": 100, "pages": NUMBERED, "newest_first": True}


class Kucoin(Studied):
    options: Mapping[str, Any] = {
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "uta": False,
        "hf": True,  # the only orders that are still documented
        "fetchCurrencies": False,
        **STREAMS,
    }
    market_types: Sequence[str] = ("spot",)
    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
    }
    client_id_param = "clientOid"
    spot_margin = True
    conditional: Mapping[str, Any] | None = {"trigger": True}
    open_order_params: Sequence[Mapping[str, Any]] = ({}, _STOPS)
    order_streams: Sequence[Mapping[str, Any]] = ({}, {"trigger": True})
    open_orders_need_symbol = True
    empty_is_unknown = True
    greets = True
    book_waits = True
    cancel_every = CancelEvery.ONE_CALL
    fills = FillPaging(
        needs_symbol=True,
        page=100,
        pages=Pages(cursor_param="lastId", row_field="id", rows_path="data.items"),
        window_s=7 * 86_400.0,
        newest_first=True,
    )
    events: Sequence[EventSource] = (
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT, **_MOVES),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL, **_MOVES),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "trade": {"type": "trade"},
        "main": {"type": "main"},
        "margin": {"marginMode": "cross"},
    }
    envelope = "code"
    code_paths = ("code",)
    ok_codes = ("200000",)
    message_paths = ("msg",)
    duplicate_codes: Sequence[str] = ("102426", "126044")
    unknown_order_codes = ("100001",)
    # What streams tell of a trade lacks its fee: fills are asked for.
    account_streams: Sequence[str] = ("orders", "balance")

    def tune(self, exchange: Any) -> None:
        """Let a book whose changes do not join begin anew: ccxt does not look."""
        take = exchange.handle_order_book

        def checked(client: Any, message: Any) -> None:
            data = message["data"]
            symbol = exchange.safe_symbol(message["topic"].partition(":")[2], None, "-")
            book = exchange.orderbooks.get(symbol)
            known = None if book is None else exchange.safe_integer(book, "nonce")
            first = exchange.safe_integer_2(data, "sequenceStart", "sequence")
            if known is not None and first is not None and first > known + 1:
                book["nonce"] = None
                book.cache = []
                problem = f"{symbol}: change {first} came after {known}"
                client.reject(ccxt_errors().InvalidNonce(problem), f"orderbook:{symbol}")
            take(client, message)

        exchange.handle_order_book = checked

    async def open_symbols(self, exchange: Any, params: Raw) -> Sequence[str | None] | None:
        """https://www.kucoin.com/docs-new/rest/spot-trading/orders/get-symbols-with-open-order"""
        if params.get("trigger"):
            return (None,)
        told = (await exchange.private_get_hf_orders_active_symbols())["data"]["symbols"]
        if not isinstance(told, list):
            raise BadPayload("the symbols with open orders have another shape")
        return [exchange.safe_symbol(it, None, "-") for it in told]

    def order_type(self, order: Raw) -> str:
        """Tell by the trigger's direction what ccxt tells by nothing."""
        info = order.get("info") or {}
        direction = info.get("stop")
        if direction not in (*_RISING, *_FALLING):
            return ""
        if (direction in _RISING) is (order.get("side") == "buy"):
            return ""
        return _TOUCHED["market" not in str(info.get("type"))].value

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info"""
        row = (await exchange.private_get_user_api_key())["data"]
        words = [word.strip() for word in str(row.get("permission", "")).split(",")]
        return KeyRights(
            rights=frozenset(_RIGHTS[word] for word in words if word in _RIGHTS),
            is_address_bound=bool(row.get("ipWhitelist")),
        )

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        told = await exchange.private_get_sub_user()
        return [
            SubAccount(name=row["subName"], venue_id=str(row.get("userId", row["subName"])))
            for row in told["data"]
        ]


QUIRKS = Kucoin()
