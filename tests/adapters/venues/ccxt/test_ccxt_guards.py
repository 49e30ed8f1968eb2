"""Nothing passes for empty that is not, and nothing of ours leaves that ccxt knows not."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from tests.adapters.venues.ccxt.recorded.exchange import DATA, loaded, opened
from tests.adapters.venues.ccxt.recorded.table import names

from crossdock.adapters.venues.ccxt.family import studied
from crossdock.adapters.venues.ccxt.wire.calls import Call
from crossdock.adapters.venues.ccxt.wire.listing import Listing, is_empty
from crossdock.adapters.venues.ccxt.wire.unified import translated, unshared
from crossdock.errors import AdapterError, NotSent
from crossdock.model import ClientOrderId, MarginMode, OrderType, Side
from crossdock.ports import Can, CancelOrder, IdCodec, NewOrder, OrderRef

recorded = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recorded collection is not here (../shared/data/ccxt)"
)
EXCHANGES = sorted(set(names()) & set(studied())) if DATA.is_dir() else []
_HOUR_NS = 3_600_000_000_000
_SOON_NS = 1_700_000_000_000_000_000
_LISTS = {
    Can.BALANCES: lambda it, _: it.balances(),
    Can.POSITIONS: lambda it, _: it.positions(),
    Can.OPEN_ORDERS: lambda it, _: it.open_orders(),
    Can.FILL_HISTORY: lambda it, _: it.fills_after(""),
    Can.ACCOUNT_HISTORY: lambda it, _: it.account_events_after(""),
    Can.BAR_HISTORY: lambda it, some: it.bars(
        some, _HOUR_NS, start_ns=_SOON_NS, end_ns=_SOON_NS + 5 * _HOUR_NS
    ),
    Can.TRADE_HISTORY: lambda it, some: it.trades_between(
        some, start_ns=_SOON_NS, end_ns=_SOON_NS + _HOUR_NS
    ),
}
_SURPRISES = ({"surprise": [1, 2]}, {"result": {"surprise": 1}}, {"data": {}, "code": "0"})


@recorded
@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("surprise", _SURPRISES, ids=str)
async def test_a_reply_of_another_shape_never_passes_for_an_empty_list(exchange, surprise):
    async with opened(exchange) as it:
        it.server.status, it.server.reply = 200, surprise
        symbol, some = next(iter(it.instruments.items()))
        it.adapter.symbols.add([symbol])
        asked = [read for can, read in _LISTS.items() if can in it.manifest.can]
        for read in asked:
            before = len(it.server.asked)
            with pytest.raises(AdapterError):
                told = await read(it.adapter, some.id)
                pytest.fail(f"{exchange}: {it.server.asked[before:]} passed for {told}")


@recorded
@pytest.mark.parametrize(
    ("exchange", "reply"),
    [
        ("binance", []),
        ("kraken", {"error": [], "result": {"open": {}}}),
        ("okx", {"code": "0", "msg": "", "data": []}),
        ("bybit", {"retCode": 0, "retMsg": "OK", "result": {"list": []}}),
        ("coinbase", {"orders": [], "has_next": False, "cursor": ""}),
        ("krakenfutures", {"result": "success", "openOrders": []}),
        ("deribit", {"jsonrpc": "2.0", "result": []}),
        ("bitfinex", []),
        ("hyperliquid", []),
    ],
)
async def test_a_list_without_rows_is_empty(exchange, reply):
    async with opened(exchange) as it:
        it.server.status, it.server.reply = 200, reply
        it.adapter.symbols.add([next(iter(it.instruments))])
        assert await it.adapter.open_orders() == []
        assert it.server.asked


@pytest.mark.parametrize(
    ("reply", "look", "found"),
    [
        ({"rows": []}, lambda it: it["rows"], True),
        ({"rows": None}, lambda it: it.get("rows"), True),
        ({"rows": {}}, lambda it: list(it["rows"].values()), True),
        ({"a": {"rows": []}}, lambda it: it["a"]["rows"], True),
        ({"a": {"rows": {}}}, lambda it: list(it["a"]["rows"]), True),
        ({}, lambda it: it.items(), True),
        ({"surprise": []}, lambda it: it.get("rows"), False),
        ({"a": {}}, lambda it: it["a"].get("rows"), False),
        ({"a": 1}, lambda it: it["a"], False),
        ({"7": {"id": 7}}, lambda it: list(it.values()), False),
        ({"a": {"7": {"id": 7}}}, lambda it: list(it["a"].values()), True),
        ({"surprise": [1]}, lambda it: list(it.values()), False),
    ],
)
def test_a_list_is_found_by_its_name_or_by_going_through_it(reply, look, found):
    call = Call("read", 0, parsed=Listing(reply))
    look(call.parsed)
    assert call.found_no_list is not found


def test_a_list_that_was_put_in_behind_is_none_of_the_exchanges():
    call = Call("read", 0, parsed=Listing({"surprise": 1}))
    call.parsed["rows"] = []
    assert call.parsed["rows"] == []
    assert call.found_no_list


def test_balances_are_empty_without_totals_and_a_plain_list_is_no_listing():
    assert is_empty([])
    assert is_empty({"total": {}, "info": {"a": 1}})
    assert is_empty({"total": {"BTC": None, None: "1"}})
    assert not is_empty({"total": {"BTC": "0"}})
    assert not Call("read", 0, parsed=[]).found_no_list


def test_a_wish_that_ccxt_left_as_it_was_stays_here_and_a_translated_one_leaves():
    until = 1_700_000_000_123
    same_again = int(str(until))
    assert translated({"until": until, "a": 1}, {"until": until}, {}) == {"a": 1}
    said = {"until": same_again}
    assert translated(said, {"until": until}, {}) == said


def test_a_demand_that_ccxt_left_as_it_was_is_not_sent():
    mode = unshared("cross")
    assert mode == "cross"
    assert mode is not MarginMode.CROSS.value
    with pytest.raises(NotSent):
        translated({"marginMode": mode}, {}, {"marginMode": mode})
    assert translated({"marginMode": "cross"}, {}, {"marginMode": mode})


def _order(it, symbol, **more):
    ids = {IdCodec.UUID: "d15708c1-dbb6-465d-b77d-47258319cc90", IdCodec.UINT32: "7"}
    fields = {
        "client_order_id": ClientOrderId(ids.get(it.manifest.evidence.client_id, "cd-1")),
        "instrument": replace(it.instruments[symbol], order_types=None),
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": it.instruments[symbol].quantity_step * 1000,
        "limit_price": it.instruments[symbol].tick_table[0].tick * 1000,
        "deadline_ns": it.deadline(),
    }
    return NewOrder(**{**fields, **more})


@recorded
@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_no_unified_word_of_an_order_leaves_untranslated(exchange):
    async with opened(exchange) as it:
        if Can.SUBMIT not in it.manifest.can:
            pytest.skip(f"{exchange} takes no orders")
        symbol = next(iter(it.instruments))
        for mode in (MarginMode.CROSS, MarginMode.ISOLATED):
            order = _order(it, symbol, margin_mode=mode)
            with pytest.raises(AdapterError):  # the server is not well
                await it.adapter.submit(order)
        for asked in it.server.asked:
            assert "marginMode=cross" not in asked.query + asked.body
            assert '"marginMode":"cross"' not in asked.query + asked.body


@recorded
async def test_markets_that_are_not_offered_are_counted_in_the_log_once(caplog):
    async with opened("binance") as it:
        it.server.status = 200
        market = loaded("markets", "binance")["BTC/USDT"]["info"]
        broken = {**market, "symbol": "ODDUSDT", "baseAsset": "ODD", "filters": []}
        it.server.reply = {"symbols": [market, broken]}
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                listed = await it.adapter.instruments()
    assert [each.id for each in listed] == ["BTC/USDT@binance"]
    [told] = [each.getMessage() for each in caplog.records if "not offered" in each.msg]
    assert told.startswith("binance: 1 of 2 markets are not offered (1: ")


_MARGIN = "/sapi/v1/margin/"


@recorded
@pytest.mark.parametrize(
    ("orders", "submit", "cancel", "order", "open_orders", "fills", "balances"),
    [
        (
            "spot",
            *("/api/v3/order", "/api/v3/order", "/api/v3/order", "/api/v3/openOrders"),
            *("/api/v3/myTrades", "/api/v3/account"),
        ),
        (
            "cross",
            *(f"{_MARGIN}order", f"{_MARGIN}order", f"{_MARGIN}order"),
            *(f"{_MARGIN}openOrders", f"{_MARGIN}myTrades", f"{_MARGIN}account"),
        ),
    ],
)
async def test_everything_of_a_binance_account_goes_to_the_account_of_its_orders(
    orders, submit, cancel, order, open_orders, fills, balances
):
    async with opened("binance", settings={"orders": orders}) as it:
        made = _order(it, "BTC/USDT")
        ref = OrderRef(
            instrument=made.instrument,
            client_order_id=made.client_order_id,
            venue_order_ids=("7",),
        )
        it.adapter.symbols.add(["BTC/USDT"])
        calls = (
            (lambda: it.adapter.submit(made), submit),
            (lambda: it.adapter.cancel(_cancel(ref, made)), cancel),
            (lambda: it.adapter.order(ref), order),
            (it.adapter.open_orders, open_orders),
            (lambda: it.adapter._fill_rows("BTC/USDT", None, {}), fills),
            (it.adapter.balances, balances),
        )
        for call, path in calls:
            before = len(it.server.asked)
            with pytest.raises(AdapterError):  # the server is not well
                await call()
            asked = it.server.asked[before]
            assert asked.path == path, call
            assert "marginMode" not in parse_qs(asked.query + asked.body)


def _cancel(ref, made):
    return CancelOrder(ref=ref, deadline_ns=made.deadline_ns)


@recorded
@pytest.mark.parametrize(
    ("orders", "mode"),
    [
        ("spot", MarginMode.CROSS),
        ("spot", MarginMode.ISOLATED),
        ("cross", MarginMode.ISOLATED),
    ],
)
async def test_a_binance_order_of_another_account_is_not_sent(orders, mode):
    async with opened("binance", settings={"orders": orders}) as it:
        with pytest.raises(NotSent):
            await it.adapter.submit(_order(it, "BTC/USDT", margin_mode=mode))
        assert not it.server.asked
