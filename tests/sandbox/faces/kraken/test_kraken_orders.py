"""Orders over REST: what is taken, what is refused and in which words."""

from decimal import Decimal

import pytest

UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
LIMIT = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "100.0"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pair": "NOPE"}, "EQuery:Unknown asset pair"),
        ({"type": "hold"}, "EGeneral:Invalid arguments:type"),
        ({"ordertype": "iceberg"}, "EGeneral:Invalid arguments:ordertype"),
        ({"price": None}, "EGeneral:Invalid arguments:price"),
        ({"price": "-5"}, "EGeneral:Invalid arguments:price"),
        (
            {"price": "100.05"},
            "EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals.",
        ),
        ({"volume": "0"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "0.000000001"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "0.00001"}, "EGeneral:Invalid arguments:volume minimum not met"),
        ({"price": "0.1"}, "EOrder:Cost minimum not met"),
        ({"volume": "10001"}, "EGeneral:Invalid arguments:volume"),
        ({"price": "1000000.0"}, "EOrder:Insufficient funds"),
        ({"oflags": "later"}, "EGeneral:Invalid arguments:oflags"),
        ({"oflags": "post", "timeinforce": "IOC"}, "EGeneral:Invalid arguments:oflags"),
        ({"timeinforce": "GTD"}, "EGeneral:Invalid arguments:timeinforce"),
        ({"leverage": "2"}, "EGeneral:Invalid arguments:leverage"),
        ({"reduce_only": "true"}, "EGeneral:Invalid arguments:reduce_only"),
        ({"cl_ord_id": "x" * 19}, "EGeneral:Invalid arguments:cl_ord_id"),
        ({"cl_ord_id": UUID, "userref": "5"}, "EGeneral:Invalid arguments:cl_ord_id"),
        ({"ordertype": "trailing-stop"}, "EOrder:Invalid price"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(bench, changed, words):
    fields = LIMIT | {"volume": "1"} | changed
    assert await bench.main.refused("AddOrder", **fields) == words
    assert (await bench.truth())["orders"] == []


async def test_an_order_is_told_as_it_was_placed(bench):
    placed = await bench.main.ask("AddOrder", **LIMIT, volume="1.25", cl_ord_id=UUID)
    assert placed["descr"]["order"] == "buy 1.25000000 XBTUSD @ limit 100.0"
    [txid] = placed["txid"]
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert order["status"] == "open"
    assert order["cl_ord_id"] == UUID
    assert order["vol"] == "1.25000000"
    assert order["descr"]["price"] == "100.0"
    [true] = (await bench.truth())["orders"]
    assert (true["id"], true["client_order_id"]) == (txid, UUID)


async def test_a_client_id_is_free_again_once_its_order_is_done(bench):
    first = await bench.main.add(cl_ord_id="desk-1")
    words = await bench.main.refused("AddOrder", **LIMIT, volume="1", cl_ord_id="desk-1")
    assert words == "EGeneral:Invalid arguments:cl_ord_id not unique"
    await bench.main.ask("CancelOrder", cl_ord_id="desk-1")
    second = await bench.main.add(cl_ord_id="desk-1")
    assert list((await bench.main.ask("OpenOrders", cl_ord_id="desk-1"))["open"]) == [
        second
    ]
    closed = await bench.main.ask("ClosedOrders", cl_ord_id="desk-1")
    assert list(closed["closed"]) == [first]


async def test_another_accounts_client_ids_are_its_own(bench):
    await bench.main.add(cl_ord_id="desk-1")
    assert await bench.other.add(cl_ord_id="desk-1")


async def test_a_reference_is_shared_and_cancels_all_that_share_it(bench):
    for _ in range(2):
        await bench.main.add(userref="7")
    other = await bench.main.add(userref="8")
    assert await bench.main.ask("CancelOrder", txid="7") == {"count": 2}
    assert list((await bench.main.ask("OpenOrders"))["open"]) == [other]
    assert await bench.main.refused("CancelOrder", txid="7") == "EOrder:Unknown order"


async def test_a_validated_order_is_not_placed(bench):
    result = await bench.main.ask("AddOrder", **LIMIT, volume="1", validate="true")
    assert "txid" not in result
    assert (await bench.truth())["orders"] == []


async def test_a_post_only_order_never_takes(bench):
    await bench.other.add("sell")
    words = await bench.main.refused("AddOrder", **LIMIT, volume="1", oflags="post")
    assert words == "EOrder:Post only order"


async def test_what_ioc_cannot_fill_is_canceled(bench):
    await bench.other.add("sell", volume="0.5")
    txid = await bench.main.add(timeinforce="IOC")
    order = (await bench.main.ask("QueryOrders", txid=txid, trades="true"))[txid]
    assert (order["status"], order["vol_exec"]) == ("canceled", "0.50000000")
    assert order["trades"] == [it["execution_id"] for it in (await bench.truth())["fills"]]
    assert (await bench.truth())["orders"][0]["status"] == "Canceled"


async def test_an_order_with_a_time_expires(bench):
    txid = await bench.main.add(expiretm="+10")
    await bench.tick(10)
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert order["status"] == "expired"


async def test_a_market_order_spends_an_amount_of_quote(bench):
    await bench.other.add("sell", volume="5")
    txid = await bench.main.add(ordertype="market", price=None, volume="250", oflags="viqc")
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert (order["status"], order["vol"]) == ("closed", "2.50000000")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"ordertype": "stop-loss", "price": "90.0"},
            ("stop-loss", "90.0", "0", "stop loss 90.0"),
        ),
        (
            {"ordertype": "stop-loss-limit", "price": "90.0", "price2": "89.0"},
            ("stop-loss-limit", "90.0", "89.0", "stop loss 90.0 -> limit 89.0"),
        ),
        (
            {"ordertype": "take-profit-limit", "price": "120.0", "price2": "119.0"},
            ("take-profit-limit", "120.0", "119.0", "take profit 120.0 -> limit 119.0"),
        ),
        (
            {"ordertype": "trailing-stop", "price": "+5"},
            ("trailing-stop", "+5.0", "0", "trailing stop +5.0"),
        ),
        (
            {"ordertype": "trailing-stop", "price": "+5%"},
            ("trailing-stop", "+5.0000%", "0", "trailing stop +5.0000%"),
        ),
    ],
)
async def test_orders_that_wait_for_a_price_are_told_by_it(bench, fields, told):
    await bench.trade()
    txid = await bench.main.add("sell", **fields)
    descr = (await bench.main.ask("QueryOrders", txid=txid))[txid]["descr"]
    kind, price, price2, words = told
    assert (descr["ordertype"], descr["price"], descr["price2"]) == (kind, price, price2)
    assert descr["order"] == f"sell 1.00000000 XBTUSD @ {words}"


async def test_an_amend_keeps_the_id_and_adds_to_nothing_else(bench):
    txid = await bench.main.add(cl_ord_id=UUID)
    amended = await bench.main.ask(
        "AmendOrder", cl_ord_id=UUID, order_qty="2", limit_price="99.0"
    )
    assert amended["amend_id"].startswith("T")
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert (order["vol"], order["descr"]["price"]) == ("2.00000000", "99.0")
    amends = await bench.main.ask("OrderAmends", order_id=txid)
    assert amends["count"] == 2
    [true] = (await bench.truth())["orders"]
    assert true["chain"] == [txid]


async def test_an_amend_to_what_was_filled_cancels_the_rest(bench):
    txid = await bench.main.add()
    await bench.other.add("sell", volume="0.4")
    await bench.main.ask("AmendOrder", txid=txid, order_qty="0.4")
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert (order["status"], order["vol_exec"]) == ("canceled", "0.40000000")


async def test_an_edit_is_another_order_with_another_id(bench):
    txid = await bench.main.add()
    edited = await bench.main.ask("EditOrder", txid=txid, pair="XBTUSD", price="98.0")
    assert edited["originaltxid"] == txid != edited["txid"]
    open_orders = (await bench.main.ask("OpenOrders"))["open"]
    assert list(open_orders) == [edited["txid"]]
    assert open_orders[edited["txid"]]["descr"]["price"] == "98.0"


@pytest.mark.parametrize("call", ["CancelOrder", "AmendOrder", "QueryOrders"])
@pytest.mark.parametrize("txid", ["OARXDO-TJVDS-4G3G54", "nonsense"])
async def test_an_order_that_never_was_is_unknown(bench, call, txid):
    words = await bench.main.refused(call, txid=txid, order_qty="2")
    assert words == "EOrder:Unknown order"


async def test_a_done_order_cannot_be_canceled_again(bench):
    txid = await bench.main.add()
    await bench.main.ask("CancelOrder", txid=txid)
    assert await bench.main.refused("CancelOrder", txid=txid) == "EOrder:Unknown order"


async def test_a_batch_places_what_can_be_placed(bench):
    row = {"type": "buy", "ordertype": "limit", "volume": "1"}
    orders = [row | {"price": "100.0"}, row | {"price": "1000000.0"}]
    result = await bench.main.ask(
        "AddOrderBatch", as_json=True, pair="XBTUSD", orders=orders
    )
    placed, refused = result["orders"]
    assert refused == {"error": "EOrder:Insufficient funds"}
    assert list((await bench.main.ask("OpenOrders"))["open"]) == [placed["txid"]]
    gone = await bench.main.ask(
        "CancelOrderBatch", as_json=True, orders=[placed["txid"], placed["txid"]]
    )
    assert gone == {"count": 1}


async def test_the_dead_mans_switch_cancels_when_it_is_not_held(bench):
    await bench.main.add()
    kept = await bench.other.add()
    await bench.main.ask("CancelAllOrdersAfter", timeout="60")
    await bench.tick(59)
    await bench.main.ask("CancelAllOrdersAfter", timeout="60")
    await bench.tick(59)
    assert len((await bench.main.ask("OpenOrders"))["open"]) == 1
    await bench.tick(1)
    assert (await bench.main.ask("OpenOrders"))["open"] == {}
    assert list((await bench.other.ask("OpenOrders"))["open"]) == [kept]


async def test_the_dead_mans_switch_can_be_let_go(bench):
    await bench.main.add()
    await bench.main.ask("CancelAllOrdersAfter", timeout="60")
    answer = await bench.main.ask("CancelAllOrdersAfter", timeout="0")
    assert answer["triggerTime"] == "0"
    await bench.tick(100)
    assert len((await bench.main.ask("OpenOrders"))["open"]) == 1


async def test_a_closing_order_comes_with_the_fill_and_not_before(bench):
    fields = {"close[ordertype]": "stop-loss", "close[price]": "90.0"}
    parent = await bench.main.add(**fields)
    assert list((await bench.main.ask("OpenOrders"))["open"]) == [parent]
    await bench.other.add("sell")
    [(txid, closing)] = (await bench.main.ask("OpenOrders"))["open"].items()
    assert txid != parent
    assert closing["refid"] == parent
    assert closing["descr"]["type"] == "sell"
    assert closing["descr"]["price"] == "90.0"


async def test_a_closing_order_never_shows_when_its_order_is_canceled(bench):
    fields = {"close[ordertype]": "limit", "close[price]": "120.0"}
    parent = await bench.main.add(**fields)
    await bench.main.ask("CancelOrder", txid=parent)
    assert list((await bench.main.ask("ClosedOrders"))["closed"]) == [parent]


@pytest.mark.parametrize("offset_s", [0.4, 61, -1])
async def test_a_deadline_out_of_range_is_refused(bench, offset_s):
    words = await bench.main.refused(
        "AddOrder", **LIMIT, volume="1", deadline=bench.rfc_3339(offset_s)
    )
    assert words == "EGeneral:Invalid arguments:deadline"


async def test_a_balance_is_held_by_open_orders(bench):
    await bench.main.add(price="100.0", volume="10")
    usd = (await bench.main.ask("BalanceEx"))["ZUSD"]
    assert Decimal(usd["hold_trade"]) == Decimal(1004)
    assert (await bench.main.ask("Balance"))["XXBT"] == "100.0000"


async def test_an_order_that_would_take_the_accounts_own_is_canceled(bench):
    resting = await bench.main.add("sell")
    taking = await bench.main.add("buy")
    order = (await bench.main.ask("QueryOrders", txid=taking))[taking]
    assert (order["status"], order["reason"]) == ("canceled", "Self trade prevention")
    assert list((await bench.main.ask("OpenOrders"))["open"]) == [resting]
