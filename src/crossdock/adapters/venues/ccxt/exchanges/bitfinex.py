"""Bitfinex.

https://docs.bitfinex.com/reference (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.bitfinex_feed import mend_streams
from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import (
    Studied,
    known_refusals,
    triggered,
)
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    OrderCall,
    OrderList,
)
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import (
    AccountEventKind,
    KeyRights,
    MarginMode,
    OrderType,
    Right,
    Side,
    TimeInForce,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

# https://docs.bitfinex.com/docs/flag-values (2026-11-21)
_REDUCE_ONLY = 1024
_POST_ONLY = 4096
_OCO = 16384
# https://docs.bitfinex.com/reference/rest-auth-retrieve-orders (2026-11-21): the places of
# an order's list.
_ID, _CID, _TYPE, _TYPE_BEFORE, _FLAGS, _STATUS = 0, 2, 8, 9, 12, 13
_PRICE, _LIMIT, _PLACED_BY = 16, 19, 25
# https://docs.bitfinex.com/docs/abbreviations-glossary#order-status (2026-11-21)
_EXECUTED = ("EXECUTED", "FORCED EXECUTED")
_ENDED = (
    *("CANCELED", "INSUFFICIENT BALANCE", "POSTONLY CANCELED", "FILLORKILL CANCELED"),
    *("IOC CANCELED", "RSN_"),
)
_TYPES = (
    ("TRAILING STOP", OrderType.TRAILING_STOP),
    ("STOP LIMIT", OrderType.STOP_LIMIT),
    ("STOP", OrderType.STOP),
    ("MARKET", OrderType.MARKET),
)
_MOST_ORDERS = 2500


class Bitfinex(Studied):
    # A raw book lists orders, several at one price.
    options: Mapping[str, Any] = {"fetchOrderBook": {"precision": "P0"}}
    client_id_param = "cid"
    rising_nonce = True
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS, Known.DONE_ORDERS)
    done_lists = (
        OrderList(method="fetch_closed_orders", page=_MOST_ORDERS, until_param="end"),
    )
    cancels_by_client_id = False  # it wants the day as well
    spot_margin = True
    market_tells_margin = False
    cancel_every = CancelEvery.ONE_CALL
    # …/reference/ws-auth-input-order-update (2026-11-21): an amount would be what is left.
    amend_delta_param = "delta"
    empty_is_unknown = True
    greets = True
    fills = FillPaging(page=2500, until_param="end", params={"sort": 1}, wants_since=True)
    events = (
        EventSource(
            method="fetch_ledger",
            page=2500,
            newest_first=True,
            kinds={
                "transfer": AccountEventKind.TRANSFER,
                "payout": AccountEventKind.INTEREST,
                "funding": AccountEventKind.FUNDING,
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
            },
        ),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {
        "exchange": {"type": "exchange"},
        "margin": {"type": "margin"},
        "derivatives": {"type": "derivatives"},
        "funding": {"type": "funding"},
    }
    reads_by_post = ("/auth/r/orders", "/auth/r/wallets", "/auth/r/positions", "/hist")
    refusals_in_words = known_refusals("bitfinex")
    # https://docs.bitfinex.com/docs/abbreviations-glossary#section-errorinfo-codes
    # (2026-11-21): errors come with status 500, whatever they say.
    refuses_by_500 = True
    refused_keys = ("10100", "10111", "10112", "10113")
    code_paths = ("1",)
    message_paths = ("2", "7")
    account_streams = ("orders", "trades", "balance")

    def tune(self, exchange: Any) -> None:
        """Read whole histories, and know a deposit from a withdrawal."""
        mend_streams(exchange)
        exchange.parse_ledger_entry_type = partial(_moved, exchange.parse_ledger_entry_type)
        ask = exchange.privatePostAuthROrdersSymbolHist

        async def done(params: Mapping[str, Any]) -> Any:
            told = await ask({"limit": _MOST_ORDERS, **params})
            return [_ended(row) for row in told] if isinstance(told, list) else told

        exchange.privatePostAuthROrdersSymbolHist = done

    def client_id(self, client_order_id: str) -> Any:
        return int(client_order_id)

    def order_row(self, order: Raw) -> Raw:
        """Tell what the places of an order's list mean: ccxt knows half of its types."""
        info = order.get("info")
        if not isinstance(info, list) or len(info) <= _PLACED_BY:
            return order
        kind, words = str(info[_TYPE]), str(info[_STATUS])
        waits = "STOP" in kind and "TRAILING" not in kind
        row = {**order, "clientOrderId": info[_CID], "triggerPrice": None}
        if waits:
            row |= {"triggerPrice": info[_PRICE], "price": info[_LIMIT]}
        if words.startswith(_EXECUTED):
            row["status"] = "closed"
        elif words.startswith(_ENDED):
            row["status"] = "canceled"
        at_once = kind.rpartition(" ")[2]
        if at_once in (TimeInForce.IOC, TimeInForce.FOK):
            row["timeInForce"] = at_once
        return row

    def order_type(self, order: Raw) -> str:
        """Return what an order was made as: a stop that has triggered may be another."""
        info = order.get("info")
        if not isinstance(info, list) or len(info) <= _PLACED_BY:
            return ""
        made = str(info[_TYPE_BEFORE] or info[_TYPE])
        return next((kind for word, kind in _TYPES if word in made), OrderType.LIMIT)

    def group(self, order: Raw) -> str:
        info = order.get("info")
        if not isinstance(info, list) or len(info) <= _PLACED_BY:
            return ""
        if info[_PLACED_BY]:
            return str(info[_PLACED_BY])
        return str(info[_ID]) if int(info[_FLAGS] or 0) & _OCO else ""

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        if order.attached:
            return self._pair(order, market)
        return super().order_call(order, call, market)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.trail_percent is not None:
            raise NotSent("Bitfinex trails by an amount, not by percent")
        said = triggered(order, params)
        if order.expire_time_ns is not None:
            said.pop("timeInForce", None)
            end = datetime.fromtimestamp(order.expire_time_ns // 1_000_000_000, UTC)
            said["tif"] = end.strftime("%Y-%m-%d %H:%M:%S")
        return said

    def _pair(self, order: NewOrder, market: Raw) -> OrderCall:
        (leg,) = order.attached if len(order.attached) == 1 else (None,)
        if leg is None or leg.stop_price is None or leg.limit_price is not None:
            raise NotSent("Bitfinex pairs a limit order with one stop at market")
        if order.type is not OrderType.LIMIT:
            raise NotSent("Bitfinex pairs limit orders only")
        sign = "" if order.side is Side.BUY else "-"
        flags = _OCO + order.post_only * _POST_ONLY + order.reduce_only * _REDUCE_ONLY
        is_margin = order.margin_mode is not MarginMode.NONE or not market.get("spot")
        said: dict[str, Any] = {
            "symbol": market["id"],
            "type": "LIMIT" if is_margin else "EXCHANGE LIMIT",
            "amount": f"{sign}{plain(order.quantity)}",
            "price": plain(order.limit_price),
            "price_oco_stop": plain(leg.stop_price),
            "flags": flags,
            "cid": self.client_id(order.client_order_id),
        }
        method = "private_post_auth_w_order_submit"
        return OrderCall(type="limit", price=None, params=said, method=method)

    def placed(self, order: NewOrder, reply: Any) -> Any:
        """Return the limit order of a notification's list of made orders."""
        return {"result": reply[4][0]}

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """https://docs.bitfinex.com/reference/key-permissions (2026-11-21)."""
        told = await exchange.private_post_auth_r_permissions()
        may = {row[0]: (_is_set(row[1]), _is_set(row[2])) for row in told}
        rights = set()
        if any(read for read, _ in may.values()):
            rights.add(Right.READ)
        if may.get("orders", (False, False))[1]:
            rights.add(Right.TRADE)
        if may.get("wallets", (False, False))[1]:
            rights.add(Right.TRANSFER)
        if may.get("withdraw", (False, False))[1]:
            rights.add(Right.WITHDRAW)
        return KeyRights(rights=frozenset(rights))


def _moved(known: Callable[[Any], Any], words: str | None) -> Any:
    """Return the kind of a ledger's row: ccxt calls deposits and withdrawals the same."""
    kind = known(words)
    if kind == "transaction" and words is not None:
        return "deposit" if "deposit" in words else "withdrawal"
    return kind


def _ended(row: Any) -> Any:
    """Say of a done order that it is: one filled in part is called no more than that."""
    if not isinstance(row, list) or len(row) <= _PLACED_BY:
        return row
    words = str(row[_STATUS])
    if words.startswith((*_EXECUTED, *_ENDED)):
        return row
    return [*row[:_STATUS], f"CANCELED was: {words}", *row[_STATUS + 1 :]]


def _is_set(value: Any) -> bool:
    return str(value) == "1"


QUIRKS = Bitfinex()
