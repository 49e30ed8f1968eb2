"""Histories of every exchange are read whole, however its pages are cut and followed."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec

import pytest

from crossdock.adapters.venues.ccxt.session import quirks_of
from crossdock.model import OrderType, Side
from crossdock.sandbox.engine import OrderForm
from crossdock.sandbox.faces.described import venue_of
from crossdock.toolkit import Secret

_MS_NS = 1_000_000
_DAY_NS = 86_400_000 * _MS_NS
_EVENTS = (
    *("binance", "binanceusdm", "binancecoinm", "bitfinex", "bitstamp"),
    *("bybit", "coinbase", "coinbaseexchange", "dydx", "gemini", "htx", "hyperliquid"),
    *("kraken", "kucoin", "kucoinfutures", "okx"),
)
_FILLS = (*_EVENTS, "deribit", "krakenfutures")
_LEDGERS = ("bitstamp", "bybit", "kraken", "okx", "binanceusdm")
"""Those that tell of what moved money and of trades in one list."""

_AT_ONCE = ("bybit", "coinbaseexchange", "htx", "kraken", "kucoin", "kucoinfutures", "okx")
"""Those whose pages follow one another otherwise than by time, and are short."""

_WALLETS = ("dydx", "hyperliquid")
_GATEWAYS = {"kucoin": "kucoin_gateway", "kucoinfutures": "kucoin_gateway"}
_PLENTY = 10_000
_HURRY = (
    100  # the adapter's own limits: what is asked for in how many calls is not asked here
)


async def _opened(faced, name):
    if name == "dydx" and find_spec("google.protobuf") is None:
        pytest.skip("ccxt signs for dYdX by way of protobuf")
    found = f"crossdock.sandbox.faces.{_GATEWAYS.get(name, name)}.limits"
    usual = getattr(import_module(found), "USUAL", {}) if find_spec(found) else {}
    settings = None
    if name in _WALLETS:
        [main] = venue_of(name)["accounts"]
        settings = {"wallet": main["key"], "wallet_key_secret": Secret(main["secret"])}
    limits = {key: most * _PLENTY for key, most in usual.items()}
    return _Account(await faced(name, limits=limits, settings=settings, hurry=_HURRY))


class _Account:
    """An account at a face, which the test moves from within: thousands of rows are due."""

    def __init__(self, faced):
        self.faced, self.adapter = faced, faced.adapter
        self.host = faced.sandbox.sites[faced.venue].host
        self.engine = self.host.venue
        self.at_ns = self.host.now_ns() - 3_500 * _MS_NS
        self.pace_ns = _MS_NS
        for asset in {it for it, _, _ in self.engine.balances("main")}:
            for holder in ("main", "other"):
                self.engine.deposit(holder, asset, Decimal(10**9), self.at_ns)

    def now(self):
        self.at_ns += self.pace_ns
        return self.at_ns

    def deposit(self, asset, amount):
        self.engine.deposit("main", asset, Decimal(amount), self.now())

    async def symbol(self):
        listed = [it.id.partition("@")[0] for it in await self.adapter.instruments()]
        return next(it for it in listed if it.startswith("BTC/"))

    def trade(self, symbol, count, account="main"):
        """Let somebody else offer, and buy of it one lot at a time."""
        market = self.engine.markets[symbol]
        price, lot = Decimal(100), self._lot(market)
        self._enter("other", symbol, Side.SELL, lot * (count + 1), price)
        for _ in range(count):
            self._enter(account, symbol, Side.BUY, lot, price)

    def _lot(self, market):
        least = max(market.quantity_step, market.min_quantity)
        while least * 100 < market.min_notional:
            least *= 2
        return least

    def _enter(self, account, symbol, side, quantity, price):
        form = OrderForm(
            client_order_id="",
            symbol=symbol,
            side=side,
            type=OrderType.LIMIT,
            quantity=quantity,
            limit_price=price,
        )
        self.engine.manual_order(account, form, self.now())

    async def events(self, cursor):
        found = []
        while True:
            page = await self.adapter.account_events_after(cursor)
            cursor = page.cursor
            found += page.events
            if page.complete:
                return found, cursor

    async def fills(self, cursor):
        found = []
        while True:
            page = await self.adapter.fills_after(cursor)
            cursor = page.cursor
            found += page.fills
            if page.complete:
                return found, cursor


def _more_than(page):
    return 2 * page + 7 if page <= 100 else page + 7


def _asset(account):
    held = [asset for asset, _, _ in account.engine.balances("main")]
    return next((it for it in held if it.startswith("USD")), held[0])


@pytest.mark.parametrize("name", _EVENTS)
async def test_of_more_moves_than_a_page_each_is_told_once(faced, name):
    account = await _opened(faced, name)
    _, cursor = await account.events(await account.adapter.account_event_cursor())
    count = _more_than(max(it.page for it in quirks_of(name).events))
    asset = _asset(account)
    for number in range(count):
        account.deposit(asset, number + 1)
    events, cursor = await account.events(cursor)
    assert sorted(it.amount for it in events) == [*range(1, count + 1)]
    assert (await account.events(cursor))[0] == []


@pytest.mark.parametrize("name", _LEDGERS)
async def test_a_deposit_before_more_trades_than_a_page_is_told_once(faced, name):
    account = await _opened(faced, name)
    symbol = await account.symbol()
    _, cursor = await account.events(await account.adapter.account_event_cursor())
    account.deposit(_asset(account), 777)
    account.trade(symbol, _more_than(max(it.page for it in quirks_of(name).events)))
    events, cursor = await account.events(cursor)
    assert [it.amount for it in events] == [777]
    assert (await account.events(cursor))[0] == []


@pytest.mark.parametrize("name", _FILLS)
async def test_of_more_fills_than_a_page_each_is_told_once(faced, name):
    await _all_fills_are_told_once(await _opened(faced, name), name)


@pytest.mark.parametrize("name", _AT_ONCE)
async def test_a_page_full_of_fills_of_one_moment_hides_none_of_them(faced, name):
    account = await _opened(faced, name)
    account.pace_ns = 0
    await _all_fills_are_told_once(account, name)


async def _all_fills_are_told_once(account, name):
    symbol = await account.symbol()
    account.adapter.symbols.add([symbol])
    cursor = await account.adapter.fill_cursor()
    count = _more_than(quirks_of(name).fills.page)
    account.trade(symbol, count)
    fills, cursor = await account.fills(cursor)
    assert len({it.key for it in fills}) == len(fills) == count
    assert (await account.fills(cursor))[0] == []


@pytest.mark.parametrize(
    ("name", "days"), [("bybit", 3), ("bybit", 20), ("okx", 3), ("okx", 20)]
)
async def test_what_came_while_the_desk_was_away_for_days_is_told(faced, name, days):
    """Bybit tells a day behind a time alone, OKX a week but for what it has archived."""
    account = await _opened(faced, name)
    before_ns = account.at_ns - days * _DAY_NS
    cursor = json.dumps({"begun_ms": before_ns // _MS_NS - 60_000})
    account.engine.deposit("main", _asset(account), Decimal(777), before_ns)
    account.engine.deposit("main", _asset(account), Decimal(7), account.now())
    events, cursor = await account.events(cursor)
    assert [it.amount for it in events if it.amount < 1000] == [777, 7]
    assert (await account.events(cursor))[0] == []
