"""Hyperliquid.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api (2026-11-21)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, known_refusals
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    Cost,
    EventSource,
    FillPaging,
)
from crossdock.adapters.venues.ccxt.wire.driver import ccxt_errors
from crossdock.adapters.venues.ccxt.wire.numbers import exact, plain
from crossdock.model import AccountEventKind
from crossdock.ports import NewOrder

_MONEY = "USDC"
_LIGHT = 2  # in ccxt's units, which are the exchange's
_TRIGGERS = ("stopLossPrice", "takeProfitPrice")
_MOST_TRIGGERS = 10_000
_TRANSFER = "transfer"
_TRANSFERS = ("internalTransfer", "subAccountTransfer", "spotTransfer", "send")

Parse = Callable[..., dict[str, Any]]


class Hyperliquid(Studied):
    options: Mapping[str, Any] = {
        "approvedBuilderFee": False,  # else ccxt signs a fee to its authors
        "builderFee": False,
        "refSet": True,
        "fetchCurrencies": False,
    }
    keys: Mapping[str, str] = {"walletAddress": "wallet", "privateKey": "wallet_key_secret"}
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(page=2000, until_param="until", wants_since=True)
    events = (
        EventSource(
            method="fetch_funding_history",
            kind=AccountEventKind.FUNDING,
            page=500,
            wants_since=True,
        ),
        EventSource(
            method="fetch_ledger",
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdraw": AccountEventKind.WITHDRAWAL,
                _TRANSFER: AccountEventKind.TRANSFER,
            },
            page=500,
            wants_since=True,
        ),
    )
    wallets: Mapping[str, Mapping[str, Any]] = {  # one and the same, if unified
        "perpetual": {"type": "swap"},
        "spot": {"type": "spot"},
    }
    reads_by_post = ("/info",)
    shapes: Mapping[str, str] = {"/exchange": "status"}
    refusals_in_words = known_refusals("hyperliquid")
    code_paths = ("response.data.statuses.0.error", "response")
    message_paths = ("response.data.statuses.0.error", "response")
    account_streams = ("orders", "trades")

    def __init__(self) -> None:
        self._triggers: OrderedDict[str, Raw] = OrderedDict()

    def for_account(self, settings: Mapping[str, Any]) -> Hyperliquid:
        """Return quirks that know the account's own orders."""
        return type(self)()

    def tune(self, exchange: Any) -> None:
        """Let a write be one, and read what ccxt leaves out of what moved an account.

        Before its first order ccxt asks for a fee to its authors to be approved, even at a
        rate of nought: another signed action. Of a streamed fill it reads less than of a
        listed one, though both tell the same.
        """
        exchange.initialize_client = _ready
        refusals = exchange.exceptions["broad"]
        refusals["User or API Wallet "] = ccxt_errors().AuthenticationError
        exchange.parse_trade = exchange.parse_ws_trade = _traded(exchange)
        exchange.parse_income = _paid(exchange.parse_income)
        exchange.parse_ledger_entry = _moved(exchange)

    def cost(
        self, method: str, path: str, *, api: str, is_write: bool, weight: float
    ) -> Cost:
        """Weigh as the exchange does: a few reads are light, of others ccxt thinks less."""
        if is_write:
            return Cost(scope="orders")
        return Cost(scope="all", weight=2 if weight <= _LIGHT else 20)

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        named = {it: params[it] for it in _TRIGGERS if it in params}
        if named and order.client_order_id:
            self._remember(order.client_order_id, named)
        return params

    def order_row(self, order: Raw) -> Raw:
        """Add the trigger of an order that was told of before: the stream leaves it out."""
        names = [str(order[it]) for it in ("clientOrderId", "id") if order.get(it)]
        named = {it: order[it] for it in _TRIGGERS if order.get(it) is not None}
        if named:
            for name in names:
                self._remember(name, named)
        elif not order.get("type"):
            known = (self._triggers.get(name) for name in names)
            return {**order, **next((it for it in known if it), {})}
        return order

    def _remember(self, name: str, trigger: Raw) -> None:
        self._triggers[name] = trigger
        self._triggers.move_to_end(name)
        if len(self._triggers) > _MOST_TRIGGERS:
            self._triggers.popitem(last=False)


async def _ready() -> bool:
    return True


def _traded(exchange: Any) -> Parse:
    """Name what a fee was paid in as balances do: on spot it may be a bridged token."""
    parse = exchange.parse_trade

    def parsed(trade: Raw, market: Any = None) -> dict[str, Any]:
        row: dict[str, Any] = parse(trade, market)
        fee = row["fee"]
        paid_in = exchange.update_spot_currency_code(fee["currency"])
        return {**row, "fee": {**fee, "currency": paid_in}, "fees": []}

    return parsed


def _paid(parse: Parse) -> Parse:
    """Name a payment of funding by its time and coin: the hash it has is nought."""

    def parsed(income: Raw, market: Any = None) -> dict[str, Any]:
        delta = income.get("delta") or {}
        named = f"{income.get('time')}-{delta.get('coin')}"
        return {**parse(income, market), "id": named}

    return parsed


def _moved(exchange: Any) -> Parse:
    """Say of a ledger's row what moved, and which way.

    One transaction may have several rows, so its hash names none of them. What stays with
    one address went from one of its wallets to another.
    """
    parse = exchange.parse_ledger_entry

    def parsed(item: Raw, currency: Any = None) -> dict[str, Any]:
        row: dict[str, Any] = {**parse(item, currency), "id": None, "currency": _MONEY}
        delta = item["delta"]
        if delta["type"] not in _TRANSFERS:
            row["type"] = delta["type"]
            return row
        ours = exchange.walletAddress.lower()
        ends = [str(delta.get(name)).lower() == ours for name in ("user", "destination")]
        token = delta.get("token") or _MONEY
        row["currency"] = exchange.update_spot_currency_code(token)
        row["type"] = "" if all(ends) else _TRANSFER
        row["direction"] = "out" if ends[0] else "in"
        amount = exact(delta["usdc"] if "usdc" in delta else delta["amount"])
        if ends[0] and (delta.get("feeToken") or _MONEY) == token:
            amount += exact(delta.get("fee") or 0)
        row["amount"] = plain(amount)
        return row

    return parsed


QUIRKS = Hyperliquid()
