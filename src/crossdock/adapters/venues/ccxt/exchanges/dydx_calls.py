"""Calls of dYdX that ccxt lacks, makes by another name, or gets wrong.

https://docs.dydx.xyz/indexer-client/http and
https://docs.dydx.xyz/interaction/trading (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.wire.driver import EXTRA, ccxt_errors
from crossdock.adapters.venues.ccxt.wire.numbers import exact
from crossdock.errors import ExtraMissing, NotSent
from crossdock.ports import extras

ABSENT = "Unable to find order id"
MOST_MOVES = 1000
_OUR_ID = "clientOrderId"
_SUBACCOUNT = 0
_LONG_TERM, _CONDITIONAL, _SHORT_TERM = 64, 32, 0
_WHOLE = ("atomicResolution", "quantumConversionExponent")


def tune_calls(exchange: Any) -> None:
    _tell_refusals_apart(exchange)
    _read_whole_numbers(exchange)
    _sign_by_the_chains_key(exchange)
    orders = _Orders(exchange)
    exchange.fetch_order = orders.fetch
    exchange.cancel_order = orders.cancel
    exchange.fetch_my_trades = _Fills(exchange).fetch
    exchange.indexerGetTransfers = _transfers(exchange)
    exchange.parse_balance = _balance_reader(exchange)

    async def fetch_time(params: Mapping[str, Any] | None = None) -> int:
        reply = await exchange.indexerGetTime(dict(params or {}))
        return int(exact(reply["epoch"]) * 1000)  # ccxt leaves it in seconds

    exchange.fetch_time = fetch_time


def _tell_refusals_apart(exchange: Any) -> None:
    """Name what ccxt takes for an order's fault: signatures, and too many orders."""
    errors = ccxt_errors()
    exact_codes = exchange.exceptions["exact"]
    exact_codes["4"] = errors.AuthenticationError  # of the codespace sdk
    exact_codes["5001"] = errors.RateLimitExceeded


def _read_whole_numbers(exchange: Any) -> None:
    """Hand ccxt a market's whole numbers as text, without which it stumbles over them.

    Powers are made anew too: ccxt's ten to the power of nothing, or less, is ten.
    """
    parse = exchange.parse_market

    def parse_market(market: Mapping[str, Any]) -> Any:
        return parse({**market, **{it: str(market[it]) for it in _WHOLE}})

    exchange.parse_market = parse_market
    exchange.pow = lambda base, power: format(Decimal(base) ** int(power), "f")


def _sign_by_the_chains_key(exchange: Any) -> None:
    """Sign with the key we are given: ccxt takes it for one of Ethereum, and makes another.

    Each signature has a number, a time in milliseconds that must not come twice.
    """
    if not exchange.privateKey:
        return
    exchange.options["privateKey"] = exchange.privateKey
    sign, now_ms = exchange.sign_dydx_tx, exchange.milliseconds

    def sign_dydx_tx(*args: Any) -> Any:
        try:
            extras.load("google.protobuf", extra=EXTRA, what="dYdX's transactions")
        except ExtraMissing as missing:
            problem = "dYdX's transactions need the package protobuf"
            raise NotSent(problem, hint=missing.hint) from None
        exchange.milliseconds = lambda: exchange.crossdock.wire.nonce(now_ms())
        try:
            return sign(*args)
        finally:
            del exchange.milliseconds

    exchange.sign_dydx_tx = sign_dydx_tx


class _Orders:
    """Orders by our id or the indexer's. The chain knows them by ours alone."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._ask = exchange.fetch_order
        self._cancel = exchange.cancel_order

    async def fetch(self, name: Any, symbol: Any = None, params: Any = None) -> Any:
        asked = dict(params or {})
        ours = asked.pop(_OUR_ID, None)
        if name:
            return await self._ask(name, symbol, asked)
        try:
            return await self._ask(self._name(symbol, ours, _LONG_TERM), symbol, asked)
        except ccxt_errors().BaseError as error:
            if ABSENT not in str(error):
                raise
        return await self._ask(self._name(symbol, ours, _SHORT_TERM), symbol, asked)

    async def cancel(self, name: Any, symbol: Any = None, params: Any = None) -> Any:
        ours, flags = (params or {}).get(_OUR_ID), _LONG_TERM
        if name:
            kinds = (_LONG_TERM, _CONDITIONAL, _SHORT_TERM)
            named = {self._name(symbol, ours, it): it for it in kinds if ours is not None}
            if name not in named:
                found = (await self._ask(name, symbol))["info"]
                ours, named[name] = int(found["clientId"]), int(found["orderFlags"])
            flags = named[name]
        told = {_OUR_ID: ours, "orderFlags": flags}
        return await self._cancel(str(ours), symbol, told)

    def _name(self, symbol: Any, ours: Any, flags: int) -> str:
        exchange = self._exchange
        pair = int(exchange.market(symbol)["info"]["clobPairId"])
        address = exchange.get_wallet_address()
        name: str = exchange.create_order_id_from_parts(
            address, _SUBACCOUNT, ours, flags, pair
        )
        return name


class _Fills:
    """The list of fills, which ccxt has no method for: newest first, up to a time."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange

    async def fetch(
        self, symbol: Any = None, since: Any = None, limit: Any = None, params: Any = None
    ) -> Any:
        exchange = self._exchange
        asked = {
            "address": exchange.get_wallet_address(),
            "subaccountNumber": _SUBACCOUNT,
            **(params or {}),
        }
        until_ms = asked.pop("until", None)
        if until_ms is not None:
            asked["createdBeforeOrAt"] = exchange.iso8601(until_ms)
        if limit is not None:
            asked["limit"] = limit
        reply = await exchange.indexerGetFills(asked)
        rows = sorted(map(self._row, reply["fills"]), key=lambda it: it["timestamp"])
        return exchange.filter_by_symbol_since_limit(rows, symbol, since, None)

    def _row(self, info: Any) -> Any:
        exchange = self._exchange
        market = exchange.safe_market(info["market"])
        return exchange.safe_trade(
            {
                "info": info,
                "id": info["id"],
                "order": info.get("orderId"),
                "symbol": market["symbol"],
                "timestamp": exchange.parse8601(info["createdAt"]),
                "datetime": info["createdAt"],
                "side": info["side"].lower(),
                "takerOrMaker": info["liquidity"].lower(),
                "price": info["price"],
                "amount": info["size"],
                "fee": {"cost": info["fee"], "currency": market["settle"]},
            },
            market,
        )


def _transfers(exchange: Any) -> Any:
    """Ask for as many as one reply holds, the newest up to a time."""
    ask = exchange.indexerGetTransfers

    async def transfers(params: Mapping[str, Any]) -> Any:
        asked = {"limit": MOST_MOVES, **params}
        until_ms = asked.pop("until", None)
        if until_ms is not None:
            asked["createdBeforeOrAt"] = exchange.iso8601(until_ms)
        return await ask(asked)

    return transfers


def _balance_reader(exchange: Any) -> Any:
    """Return a reader of what was paid in and earned: ccxt tells what is free alone.

    What positions would bring if they were closed now is in neither number.
    """

    def parse_balance(told: Mapping[str, Any]) -> Any:
        positions = told["openPerpetualPositions"].values()
        unrealized = sum((exact(it["unrealizedPnl"]) for it in positions), Decimal(0))
        account = exchange.account()
        account["total"] = format(exact(told["equity"]) - unrealized, "f")
        account["free"] = format(exact(told["freeCollateral"]) - unrealized, "f")
        return exchange.safe_balance({"info": told, "USDC": account})

    return parse_balance
