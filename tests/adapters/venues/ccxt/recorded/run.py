"""Runs every recorded case, and says of each: passed, differs, or why it does not apply."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.adapters.venues.ccxt.recorded.exchange import MANIFESTS, Opened, loaded, opened
from tests.adapters.venues.ccxt.recorded.reasons import NotOurs
from tests.adapters.venues.ccxt.recorded.replies import read_by
from tests.adapters.venues.ccxt.recorded.requests import spoken
from tests.adapters.venues.ccxt.recorded.wire import expected_of, said_of

from crossdock.errors import AdapterError, NotSent


@dataclass
class Outcome:
    """One case of one exchange."""

    method: str
    description: str
    passed: bool = False
    reason: str = ""  # why it does not apply; "" when it does
    difference: str = ""


@dataclass
class Tally:
    exchange: str
    outcomes: list[Outcome] = field(default_factory=list)


async def run_requests(exchange: str) -> Tally:
    """Run every recorded request of an exchange through its adapter."""
    told = loaded("request", exchange)
    tally = Tally(exchange)
    if exchange not in MANIFESTS:
        for method, cases in told["methods"].items():
            for case in cases:
                tally.outcomes.append(
                    Outcome(method, case["description"], reason="no member of the family")
                )
        return tally
    skipped = frozenset(told.get("skipKeys") or ())
    async with members(exchange, told) as family:
        for method, cases in told["methods"].items():
            for case in cases:
                it = family[member_of(exchange, case)]
                tally.outcomes.append(await _request(it, method, case, skipped))
    return tally


_MEMBERS = {
    "binance": ("binance", "binanceusdm", "binancecoinm", "binanceoptions"),
    "kucoin": ("kucoin", "kucoinfutures"),
}


@asynccontextmanager
async def members(
    exchange: str, told: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Opened]]:
    """Open every member of the family that trades markets of a file."""
    settings = {
        "gemini": {"key": "account-key"},
        "dydx": {"wallet": told.get("walletAddress") or ""},
    }.get(exchange, {})
    async with AsyncExitStack() as stack:
        family = {}
        for name in _MEMBERS.get(exchange, (exchange,)):
            it = await stack.enter_async_context(
                opened(
                    exchange,
                    manifest_id=name,
                    options=told.get("options"),
                    settings=settings,
                )
            )
            it.adapter.driver.accounts = _ACCOUNTS
            it.adapter.driver.accountsById = {each["id"]: each for each in _ACCOUNTS}
            family[name] = it
        yield family


def member_of(exchange: str, case: Mapping[str, Any]) -> str:
    """Return who trades the market of a case."""
    symbols = [it for it in case["input"] if isinstance(it, str) and "/" in it]
    url = case.get("url") or ""
    if exchange == "binance":
        if "eapi" in url or any(it.endswith(("-C", "-P")) for it in symbols):
            return "binanceoptions"
        if "dapi" in url or any(":" in it and not _is_linear(it) for it in symbols):
            return "binancecoinm"
        if "fapi" in url or any(_is_linear(it) for it in symbols):
            return "binanceusdm"
    if exchange == "kucoin" and ("futures" in url or any(":" in it for it in symbols)):
        return "kucoinfutures"
    return exchange


def _is_linear(symbol: str) -> bool:
    pair, _, settle = symbol.partition(":")
    return bool(settle) and pair.partition("/")[2] == settle.partition("-")[0]


_ACCOUNTS = [
    {"id": "myAccount", "code": "USDT", "type": "spot", "info": {}},
    {"id": "myAccount", "code": "USDC", "type": "spot", "info": {}},
]


async def _request(
    it: Opened, method: str, case: Mapping[str, Any], skipped: frozenset[str]
) -> Outcome:
    outcome = Outcome(method, case.get("description") or "")
    if case.get("options") or case.get("disabled"):
        outcome.reason = "it wants options of ccxt's own"
        return outcome
    it.server.asked.clear()
    try:
        run = spoken(method, case, it)
        answer = run(it)
        if inspect.isawaitable(answer):
            await answer
    except NotOurs as error:
        outcome.reason = str(error)
        return outcome
    except NotSent as error:
        if not it.server.asked:
            outcome.reason = f"refused before it is sent: {error.message}"
            return outcome
    except AdapterError:
        pass
    expected = expected_of(method, case, skipped)[0]
    said = said_of(method, it, skipped)
    outcome.passed = expected in said
    otherwise = OTHERWISE.get((it.manifest.id, method, outcome.description))
    if not outcome.passed and otherwise:
        outcome.reason = f"said otherwise on purpose: {otherwise}"
    elif not outcome.passed:
        outcome.difference = f"expected {expected}, said {said}"
    return outcome


async def run_replies(exchange: str) -> Tally:
    """Read every recorded reply of an exchange by its adapter."""
    told = loaded("response", exchange)
    tally = Tally(exchange)
    rows = [(method, case) for method, cases in told["methods"].items() for case in cases]
    if exchange not in MANIFESTS:
        gone = "no member of the family"
        tally.outcomes += [
            Outcome(method, _words(case), reason=gone) for method, case in rows
        ]
        return tally
    async with members(exchange, told) as family:
        for method, case in rows:
            it = family[member_of(exchange, _with_symbol(case))]
            tally.outcomes.append(await _reply(it, method, case))
    return tally


async def _reply(it: Opened, method: str, case: Mapping[str, Any]) -> Outcome:
    outcome = Outcome(method, _words(case))
    it.server.reply, it.server.status = case["httpResponse"], 200
    try:
        read = read_by(method, it)
        found = list(await read(it, list(case["input"]), case["parsedResponse"]))
    except NotOurs as error:
        outcome.reason = str(error)
        return outcome
    except Exception as error:
        found = [f"{type(error).__name__}: {error}"]
    finally:
        it.server.reply, it.server.status = None, 503
    outcome.passed = not found
    outcome.difference = "; ".join(found[:3])
    otherwise = OTHERWISE.get((it.manifest.id, method, outcome.description))
    if found and otherwise:
        outcome.reason = f"read otherwise on purpose: {otherwise}"
        outcome.difference = ""
    return outcome


def _words(case: Mapping[str, Any]) -> str:
    return case.get("description") or ""


def _with_symbol(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the market that a reply is about to the case's input."""
    told = case["parsedResponse"]
    rows = list(told.values()) if isinstance(told, dict) else told
    first = rows[0] if isinstance(rows, list) and rows else told
    symbol = first.get("symbol") if isinstance(first, dict) else None
    symbol = symbol or (told.get("symbol") if isinstance(told, dict) else None)
    return {**case, "input": [*case["input"], symbol]}


_ALL_AT_ONCE = "asked for all markets at once"
_BETWEEN = "asked for between two times"
_SIDE_CLOSES = "the position's side says that it closes"
_EXACTLY = "the side from which the price must come is said"

_LEVELS = "asked for levels, where a raw book lists orders"
_HIGH_FREQUENCY = "said as a high-frequency account says it, which every one is by now"

OTHERWISE: Mapping[tuple[str, str, str], str] = {
    ("binance", "fetchBalance", "Savings fetchBalance"): "what earns is an EarnHolding",
    ("binance", "fetchTradingFee", "spot trading fee"): _ALL_AT_ONCE,
    ("binanceusdm", "fetchTradingFee", "Linear swap fetch trading fee"): _ALL_AT_ONCE,
    ("binancecoinm", "fetchTradingFee", "Inverse swap fetch trading fee"): _ALL_AT_ONCE,
    ("binancecoinm", "fetchFundingRate", "Fetch Funding Rate - inverse"): _ALL_AT_ONCE,
    ("bitfinex", "fetchOrderBook", "spot orderbook"): _LEVELS,
    (
        "bitfinex",
        "fetchOrderBook",
        "Swap fetch order book with a limit argument",
    ): _LEVELS,
    ("bitfinex", "fetchMyTrades", "Spot private trades"): _ALL_AT_ONCE,
    ("bitfinex", "fetchMyTrades", "Swap private trades"): _ALL_AT_ONCE,
    ("bitstamp", "fetchMyTrades", "default"): _ALL_AT_ONCE,
    ("bitstamp", "fetchTradingFee", "Fetch trading fee"): _ALL_AT_ONCE,
    (
        "bybit",
        "fetchOpenOrders",
        "Spot fetch open trigger orders",
    ): "orders of every kind in one list",
    (
        "bybit",
        "cancelOrder",
        "Spot cancelOrder",
    ): "of an order whose kind is looked up first",
    ("htx", "fetchBalance", "Linear swap fetchBalance"): "contracts are not offered",
    ("coinbase", "fetchBalance", "Fetch spot Balance"): "the list of the present version",
    ("coinbase", "fetchBalance", "Fetch swap Balance"): "the list of the present version",
    (
        "coinbaseexchange",
        "createOrder",
        "Spot limit buy with triggerPrice",
    ): _EXACTLY,
    ("coinbaseexchange", "fetchBalance", "Fetch spot Balance"): "there is one wallet",
    ("coinbaseexchange", "fetchBalance", "Fetch swap Balance"): "there is one wallet",
    (
        "bybit",
        "fetchOrder",
        "fetch spot buy closed order",
    ): "what was bought, where the recorded amount is the money it was to cost",
    ("deribit", "fetchBalance", "fetch balance with code"): "all currencies at once",
    ("deribit", "fetchTrades", "Spot fetch trades"): _BETWEEN,
    ("deribit", "fetchTrades", "Swap fetch trades"): _BETWEEN,
    ("deribit", "fetchTrades", "Option fetch trades"): _BETWEEN,
    ("deribit", "fetchTrades", "spot fetchTrades"): _BETWEEN,
    ("deribit", "fetchOrderBook", "Spot fetch order book"): "asked for the whole of it",
    ("deribit", "fetchOrderBook", "spot orderbook"): "asked for the whole of it",
    ("deribit", "fetchOrderBook", "Option fetch order book"): "asked for the whole of it",
    ("deribit", "fetchOrderBook", "Swap fetch order book"): "asked for the whole of it",
    ("deribit", "cancelAllOrders", "cancel all orders"): "said once for each currency",
    ("deribit", "fetchOpenOrders", "Swap fetch open orders"): "said with the currency",
    (
        "kraken",
        "fetchOpenOrders",
        "fetch open trailing stop order",
    ): "its market is not in the recorded list",
    ("kraken", "fetchBalance", "Fetch spot Balance"): "there is one wallet",
    ("kraken", "fetchBalance", "Fetch swap Balance"): "there is one wallet",
    ("kucoin", "createOrder", "Spot order with trigger price"): _EXACTLY,
    ("kucoin", "createOrder", "Spot market buy order"): _HIGH_FREQUENCY,
    ("kucoin", "createOrder", "Spot market sell"): _HIGH_FREQUENCY,
    ("kucoin", "fetchOpenOrders", "Spot open orders"): _HIGH_FREQUENCY,
    ("kucoin", "fetchBalance", "Fetch spot Balance"): _HIGH_FREQUENCY,
    ("kucoin", "fetchOrder", "fetch spot order"): _HIGH_FREQUENCY,
    (
        "kucoin",
        "fetchBalance",
        "Fetch the isolated margin balance",
    ): "isolated margin is not a wallet of assets",
    ("kucoin", "fetchCrossBorrowRate", "fetch cross borrow rate"): "a classic account",
    ("kucoin", "fetchOrderBook", "fetchOrderBook"): "the whole book",
    ("kucoinfutures", "fetchOrderBook", "fetch order book for swap"): "the whole book",
    ("kucoinfutures", "fetchFundingRate", "fundingRate"): _ALL_AT_ONCE,
    (
        "okx",
        "createOrder",
        "Close an inverse swap position with a market reduceOnly order",
    ): _SIDE_CLOSES,
    ("okx", "createOrder", "Swap trailingPercent order"): _SIDE_CLOSES,
    (
        "okx",
        "createOrder",
        "Create a one-way-mode order with position side set to net",
    ): "net is what is meant where no side is said",
    (
        "okx",
        "createOrder",
        "spot takeProfitPrice buy order",
    ): "spot without margin is paid in cash",
}
"""Cases whose request we make in another way, knowing why."""
