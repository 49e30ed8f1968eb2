"""What an exchange lists unreadably, or not to its end, proves no order's absence."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest
from tests.adapters.venues.ccxt.recorded.exchange import DATA, opened

from crossdock.errors import BadPayload, OutcomeUnknown, Unreachable
from crossdock.model import ClientOrderId
from crossdock.ports import OrderRef

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recorded collection is not here (../shared/data/ccxt)"
)

NOW_MS = 1_795_000_000_000
TAG = "0b9c9f6e-7c5b-4c0f-a3f3-9f6d1c6f0b11"


def bybit_row(order, ours, **changes):
    return {
        "symbol": "BTCUSDT",
        "orderId": order,
        "orderLinkId": ours,
        "orderType": "Limit",
        "orderStatus": "New",
        "side": "Buy",
        "price": "20000",
        "qty": "1",
        "cumExecQty": "0",
        "timeInForce": "GTC",
        "createdTime": str(NOW_MS),
        "updatedTime": str(NOW_MS),
        **changes,
    }


def bybit_reply(*rows):
    return {"retCode": 0, "retMsg": "OK", "result": {"list": list(rows)}}


def coinbase_row(order, size="1", **changes):
    return {
        "order_id": order,
        "client_order_id": TAG,
        "product_id": "BTC-USD",
        "order_configuration": {
            "limit_limit_gtc": {"base_size": size, "limit_price": "20000"}
        },
        "side": "BUY",
        "status": "OPEN",
        "created_time": "2026-11-18T09:46:40Z",
        "filled_size": "0",
        **changes,
    }


def coinbase_reply(*rows):
    results = [{"success": True, "failure_reason": "", "order_id": "x"}]
    orders = list(rows)
    return {"orders": orders, "has_next": False, "cursor": "", "results": results}


def ref_of(it, symbol, ours, **more):
    return OrderRef(
        instrument=it.instruments[symbol], client_order_id=ClientOrderId(ours), **more
    )


def bitfinex_row(number, at_ms):
    row = [number, None, number, "tBTCUSD", at_ms, at_ms, 0, 1, "EXCHANGE LIMIT"]
    row += [None, None, None, 0, "CANCELED", None, None, 20000, 0, 0, 0]
    return [*row, *([None] * 12)]


async def test_an_order_is_absent_where_every_list_was_read_to_its_end():
    async with opened("bybit") as it:
        it.server.status, it.server.reply = 200, bybit_reply()
        assert await it.adapter.order(ref_of(it, "BTC/USDT", "cd-1")) is None
        asked = [parse_qs(each.query) for each in it.server.asked]
        assert all(each["orderLinkId"] == ["cd-1"] for each in asked)


async def test_one_row_that_cannot_be_read_hides_no_other(caplog):
    async with opened("bybit") as it:
        it.adapter.symbols.add(["BTC/USDT"])
        broken = bybit_row("2", "cd-2", qty="")
        reply = bybit_reply(broken, bybit_row("1", "cd-1"))
        it.server.status, it.server.reply = 200, reply
        told = await it.adapter.open_orders()
        assert [each.client_order_id for each in told] == ["cd-1"]
        assert it.adapter.health.gaps == 1
        assert "cannot be read" in caplog.text


async def test_a_list_of_nothing_that_can_be_read_is_no_list_of_orders():
    async with opened("bybit") as it:
        it.server.status, it.server.reply = 200, bybit_reply(bybit_row("2", "x", qty=""))
        with pytest.raises(BadPayload):
            await it.adapter.open_orders()


async def test_an_unreadable_order_of_our_id_stays_in_doubt():
    async with opened("bybit") as it:
        broken = bybit_row("2", "cd-2", qty="", orderStatus="Filled")
        it.server.status, it.server.reply = 200, bybit_reply(broken)
        with pytest.raises(Unreachable, match="not of what it is now"):
            await it.adapter.order(ref_of(it, "BTC/USDT", "cd-2"))


async def test_a_row_that_ccxt_stumbles_over_may_be_anybodys():
    async with opened("bitfinex") as it:
        rows = [["?"], bitfinex_row(7, NOW_MS)]
        it.server.status, it.server.reply = 200, rows
        with pytest.raises(Unreachable):
            await it.adapter.order(ref_of(it, "BTC/USD", "123456789"))
        found = await it.adapter.order(ref_of(it, "BTC/USD", "7"))
        assert found.venue_order_id == "7"


async def test_a_full_page_of_one_moment_leaves_an_order_in_doubt():
    async with opened("bitfinex") as it:
        rows = [bitfinex_row(number, NOW_MS) for number in range(1, 2501)]
        it.server.status, it.server.reply = 200, rows
        with pytest.raises(Unreachable, match="does not list all"):
            await it.adapter.order(ref_of(it, "BTC/USD", "123456789"))


async def test_what_was_placed_and_whose_end_is_not_told_is_not_absent():
    """Kraken's history of orders tells of an order before it tells what became of it."""
    order = {
        "uid": "1c3e5a7b-0000-4000-8000-000000000001",
        "tradeable": "PF_XBTUSD",
        "direction": "Buy",
        "quantity": "1",
        "filled": "0",
        "limitPrice": "20000",
        "orderType": "lmt",
        "clientId": TAG,
        "timestamp": NOW_MS,
        "lastUpdateTimestamp": NOW_MS,
    }
    placed = {"timestamp": NOW_MS, "event": {"OrderPlaced": {"order": order}}}
    async with opened("krakenfutures") as it:
        symbol = next(each for each in it.instruments if each.endswith(":USD"))
        reply = {"result": "success", "openOrders": [], "elements": [placed]}
        it.server.status, it.server.reply = 200, reply
        with pytest.raises(Unreachable, match="speaks of the order"):
            await it.adapter.order(ref_of(it, symbol, TAG))
        done = {**order, "quantity": "0", "filled": "1"}
        event = {"oldOrder": order, "newOrder": done, "reason": "full_fill"}
        reply["elements"].insert(0, {"event": {"OrderUpdated": event}})
        found = await it.adapter.order(ref_of(it, symbol, TAG))
        assert (found.status.value, found.cumulative_quantity) == ("Filled", 1)


async def test_coinbase_is_asked_for_orders_of_every_status_since_an_order_was_made():
    async with opened("coinbase") as it:
        it.server.status, it.server.reply = 200, coinbase_reply()
        ref = ref_of(it, "BTC/USD", TAG, created_time_ns=NOW_MS * 1_000_000)
        assert await it.adapter.order(ref) is None
        open_ones, done = (parse_qs(each.query) for each in it.server.asked)
        assert open_ones["order_status"] == ["OPEN"]
        assert "start_date" not in open_ones
        assert "order_status" not in done
        [since] = done["start_date"]
        assert since == "2026-11-18T10:56:40.000Z"
        assert "product_id" not in done


async def test_every_open_order_is_cancelled_by_its_id_though_one_cannot_be_read():
    async with opened("coinbase") as it:
        rows = (coinbase_row("bad", size=None), coinbase_row("good"))
        it.server.status, it.server.reply = 200, coinbase_reply(*rows)
        await it.adapter.cancel_all()
        posts = [each for each in it.server.asked if each.method == "POST"]
        assert [json.loads(each.body)["order_ids"] for each in posts] == [
            ["bad"],
            ["good"],
        ]


async def test_a_cancel_in_doubt_does_not_keep_the_others_from_being_sent():
    async with opened("coinbase") as it:
        reply = coinbase_reply(coinbase_row("one"), coinbase_row("two"))
        unheard_of = [{"success": False, "failure_reason": "UNHEARD_OF", "order_id": "x"}]
        it.server.status, it.server.reply = 200, {**reply, "results": unheard_of}
        with pytest.raises(OutcomeUnknown):
            await it.adapter.cancel_all()
        assert sum(each.method == "POST" for each in it.server.asked) == 2


async def test_a_kind_that_cannot_be_listed_does_not_keep_others_from_being_cancelled():
    async with opened("bybit") as it:
        it.server.status, it.server.reply = 200, bybit_reply(bybit_row("1", "cd-1"))
        it.server.fails_at = "settleCoin=USDT&category=linear"
        with pytest.raises(Unreachable):
            await it.adapter.cancel_all()
        kinds = it.adapter.quirks.open_order_params
        sent = sum(each.method == "POST" for each in it.server.asked)
        assert sent == len(kinds) - 1


async def test_a_symbol_whose_cancel_fails_does_not_keep_others_from_being_cancelled():
    async with opened("binance") as it:
        rows = ({"symbol": symbol, "orderId": 1} for symbol in ("BTCUSDT", "ETHUSDT"))
        it.server.status, it.server.reply = 200, list(rows)
        it.server.fails_at = "symbol=BTCUSDT"
        with pytest.raises((OutcomeUnknown, Unreachable)):
            await it.adapter.cancel_all()
        sent = [each.query for each in it.server.asked if each.method == "DELETE"]
        assert [parse_qs(each)["symbol"] for each in sent] == [["BTCUSDT"], ["ETHUSDT"]]
