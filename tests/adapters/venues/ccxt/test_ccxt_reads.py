"""Reads through a real ccxt: exact, whole, and never empty for a reply that is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    ConfigError,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.model import OrderStatus
from crossdock.ports import RateLimit
from crossdock.toolkit import ManualClock, Recorder

_STUDIED = (
    *("binance", "binanceusdm", "binancecoinm", "coinbase", "coinbaseexchange", "kraken"),
    *("krakenfutures", "bitstamp", "bitfinex", "gemini", "htx", "okx", "bybit", "kucoin"),
    *("kucoinfutures", "deribit", "dydx", "hyperliquid"),
)
_ENVIRONMENTS = [
    (manifest, environment)
    for manifest in family(Path())
    if manifest.id in _STUDIED
    for environment in manifest.settings["environment"].choices
]


@pytest.mark.parametrize(
    ("manifest", "environment"), _ENVIRONMENTS, ids=lambda it: getattr(it, "id", it)
)
async def test_every_exchange_opens_in_every_environment_it_declares(
    manifest, environment, make_context
):
    async with (
        make_context(manifest, "", environment=environment) as context,
        connect(context) as adapter,
    ):
        driver = adapter.session.driver
        assert driver.id == manifest.id
        assert not driver.enableRateLimit, "our budget decides"
        assert driver.number is str
        assert not driver.verbose
        for proxy in ("httpProxy", "httpsProxy", "socksProxy", "aiohttp_proxy"):
            assert getattr(driver, proxy, None) is None
        assert "not-told" not in repr(driver)


async def test_balances_are_exact_and_zeros_left_out(small):
    [balance] = await small.adapter.balances()
    assert (balance.asset, balance.total) == ("USDT", Decimal("10001.1"))
    assert balance.held == 1


async def test_a_wallet_that_is_not_there_is_a_mistake_of_the_settings(opened):
    async with opened(wallets="spot, moon") as small:
        with pytest.raises(ConfigError, match="moon"):
            await small.adapter.balances()


async def test_fills_are_paged_to_the_end_and_known_to_be_ours(small):
    order = small.order()
    report = await small.adapter.submit(order)
    for at in range(25):
        small.server.fill(1, "0.00100000", time_ms=1_700_000_000_000 + at // 9)
    fills, cursor = [], ""
    while True:
        page = await small.adapter.fills_after(cursor)
        fills += page.fills
        cursor = page.cursor
        if page.complete:
            break
    assert [it.execution_id for it in fills] == [str(at) for at in range(1, 26)]
    assert {it.client_order_id for it in fills} == {order.client_order_id}
    assert {it.venue_order_id for it in fills} == {report.venue_order_id}
    assert fills[0].price == Decimal("10000.01")
    newest = await small.adapter.fill_cursor()
    assert newest == await small.adapter.fill_cursor()
    assert not (await small.adapter.fills_after(newest)).fills


async def test_symbols_are_known_before_the_order_goes_out_and_after_a_restart(opened):
    class State:
        kept: dict[str, bytes] = {}

        def load(self, key):
            return self.kept.get(key)

        def save(self, key, value):
            self.kept[key] = value

    async with opened(state=State()) as small:
        small.server.next["POST", "/api/v3/order"] = small.answer(500)
        with pytest.raises(Exception, match="500"):
            await small.adapter.submit(small.order())
        assert small.adapter.symbols.all() == ["BTC/USDT"]
    async with opened(state=State()) as small:
        assert small.adapter.symbols.all() == ["BTC/USDT"]


async def test_a_symbol_that_is_listed_no_more_keeps_no_fills_of_others(small, caplog):
    small.adapter.symbols.add(["BTC/USDT", "OLD/USDT", "OLD/USDT:USDT-240329"])
    cursor = await small.adapter.fill_cursor()
    small.server.fill(1, "0.01", time_ms=small.adapter.clock.time_ns() // 1_000_000)
    for _ in range(2):
        page = await small.adapter.fills_after(cursor)
        assert [it.quantity for it in page.fills] == [Decimal("0.01")]
    assert small.adapter.health.gaps == 2
    assert caplog.text.count("is listed no more") == 2
    assert "OLD/USDT" in small.adapter.symbols.all()  # it may come back


async def test_a_look_up_finds_by_our_id_then_by_the_exchanges(small):
    order = small.order()
    assert await small.adapter.order(small.ref(order)) is None
    report = await small.adapter.submit(order)
    found = await small.adapter.order(small.ref(order))
    assert found is not None
    assert found.venue_order_id == report.venue_order_id
    by_theirs = small.ref(small.order(), report.venue_order_id)
    found = await small.adapter.order(by_theirs)
    assert found is not None
    assert found.client_order_id == order.client_order_id


async def test_cancel_all_cancels_what_is_open_and_may_be_repeated(small):
    small.server.next["DELETE", "/api/v3/openOrders"] = small.answer(200, b"[]")
    await small.adapter.submit(small.order())
    await small.adapter.cancel_all()
    [sent] = [it for it in small.server.asked if it[:2] == ("DELETE", "/api/v3/openOrders")]
    assert sent[2]["symbol"] == "BTCUSDT"
    for held in small.server.orders.values():
        held["status"] = OrderStatus.CANCELED.value.upper()
    await small.adapter.cancel_all()
    assert len([it for it in small.server.asked if it[0] == "DELETE"]) == 1


_HTML = b"<!doctype html><html></html>"
_WRONG = {
    "another shape": (200, b'{"surprise":[1,2]}', BadPayload),
    "html": (200, _HTML, BadPayload),
    "half": (200, b'{"surprise":', BadPayload),
    "nothing": (200, b"", BadPayload),
    "server": (500, b"{}", Unreachable),
    "unavailable": (503, b"{}", Unreachable),
    "keys": (401, b'{"code":-2015,"msg":"Invalid API-key."}', AuthFailed),
    "refused": (400, b'{"code":-1100,"msg":"Illegal characters."}', Rejected),
    "no words": (400, b"{}", Rejected),
    "redirect": (302, b"", BadPayload),
}
_READS = {
    "/api/v3/account": lambda it: it.adapter.balances(),
    "/api/v3/openOrders": lambda it: it.adapter.open_orders(),
    "/api/v3/myTrades": lambda it: it.adapter.fills_after(""),
    "/api/v3/time": lambda it: it.adapter.server_time_ns(),
    "/api/v3/exchangeInfo": lambda it: it.adapter.instruments(),
    "/api/v3/depth": lambda it: it.adapter.book_snapshot(it.instrument.id),
    "/api/v3/klines": lambda it: it.adapter.bars(
        it.instrument.id, 60_000_000_000, start_ns=0, end_ns=60_000_000_000
    ),
    "/api/v3/order": lambda it: it.adapter.order(it.ref(it.order())),
}


@pytest.mark.parametrize("path", _READS)
@pytest.mark.parametrize("case", _WRONG)
async def test_a_wrong_reply_to_a_read_is_an_error_and_never_empty(small, path, case):
    status, body, expected = _WRONG[case]
    small.adapter.symbols.add(["BTC/USDT"])
    small.server.next["GET", path] = small.answer(status, body, {"Location": "/elsewhere"})
    with pytest.raises(expected) as caught:
        await _READS[path](small)
    assert type(caught.value) is expected
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_too_many_reads_are_told_with_the_wait(small):
    small.server.next["GET", "/api/v3/time"] = small.answer(
        429, b"{}", {"Retry-After": "3"}
    )
    with pytest.raises(RateLimited) as caught:
        await small.adapter.server_time_ns()
    assert caught.value.retry_after_s == 3.0


async def test_reads_wait_for_our_budget_and_give_up_at_their_timeout(opened):
    limits = (RateLimit(scope="all", calls=100, per_s=3600.0),)
    async with opened(manifest={"rate_limits": limits}, clock=ManualClock()) as small:
        with pytest.raises(RateLimited):
            for _ in range(200):
                await small.adapter.server_time_ns()
        assert len(small.server.asked) < 120


async def test_what_goes_over_the_wire_is_recorded_without_secrets(
    small, make_context, tmp_path
):
    file = tmp_path / "cassette.jsonl"
    clock, masker = small.context.clock, small.context.masker
    with Recorder(file, clock, masker) as recorder:
        object.__setattr__(small.context, "recorder", recorder)
        await small.adapter.submit(small.order())
    text = file.read_text()
    assert "/api/v3/order" in text
    assert "s3cr3t" not in text
    assert "key-of-the-trader" not in text
    assert "signature=***" in text
