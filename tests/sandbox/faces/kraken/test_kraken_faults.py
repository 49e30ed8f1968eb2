"""Faults through the face: what the client sees, and what is true."""

import asyncio

import aiohttp
import pytest

LIMIT = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit"}
TERMS = LIMIT | {"price": "100.0", "volume": "1"}
UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
SOCKET = {
    "symbol": "BTC/USD",
    "side": "buy",
    "order_type": "limit",
    "limit_price": 100.0,
    "order_qty": 1.0,
}


async def orders(bench):
    return [it["client_order_id"] for it in (await bench.truth())["orders"]]


async def test_an_order_whose_reply_is_lost_is_there_once(bench):
    await bench.arm("reply_lost_after", operation="submit")
    with pytest.raises(aiohttp.ClientError):
        await bench.main.post("AddOrder", **TERMS, cl_ord_id=UUID)
    assert await orders(bench) == [UUID]
    [order] = (await bench.main.ask("OpenOrders", cl_ord_id=UUID))["open"].values()
    assert order["cl_ord_id"] == UUID


async def test_an_order_that_is_lost_on_its_way_is_not_there(bench):
    await bench.arm("reply_lost_before", operation="submit", seconds=0)
    with pytest.raises(aiohttp.ClientError):
        await bench.main.post("AddOrder", **TERMS, cl_ord_id=UUID)
    assert await orders(bench) == []


@pytest.mark.parametrize(
    ("fault", "words", "count"),
    [
        ("server_error", "EService:Unavailable", 0),
        ("server_error_after", "EGeneral:Internal error", 1),
        ("rate_limit", "EOrder:Rate limit exceeded", 0),
        ("rate_limit_bare", "EOrder:Rate limit exceeded", 0),
        ("key_revoked", "EAPI:Invalid key", 0),
    ],
)
async def test_a_fault_has_words_and_a_truth(bench, fault, words, count):
    await bench.arm(fault, operation="submit")
    assert await bench.main.refused("AddOrder", **TERMS) == words
    assert len(await orders(bench)) == count
    assert (await bench.hits())[fault] == 1


async def test_a_cut_reply_is_no_json(bench):
    await bench.arm("reply_cut", operation="submit")
    with pytest.raises(aiohttp.ClientError):
        await bench.main.post("AddOrder", **TERMS, cl_ord_id=UUID)
    assert await orders(bench) == [UUID]


@pytest.mark.parametrize(("late_s", "arrives"), [(1.0, True), (3.0, False)])
async def test_a_late_order_arrives_only_within_its_deadline(bench, late_s, arrives):
    await bench.arm("request_late", operation="submit", seconds=late_s)
    deadline = bench.rfc_3339(2)
    call = asyncio.create_task(bench.main.post("AddOrder", **TERMS, deadline=deadline))
    await bench.clock.slept()
    await bench.clock.advance(late_s)
    reply = await call
    assert (reply["error"] == []) == arrives
    if not arrives:
        assert reply["error"] == ["EService:Deadline elapsed"]
    assert len(await orders(bench)) == arrives


async def test_without_a_deadline_a_late_order_arrives_whenever_it_does(bench):
    await bench.arm("request_late", operation="submit", seconds=300)
    call = asyncio.create_task(bench.main.post("AddOrder", **TERMS))
    await bench.clock.slept()
    await bench.clock.advance(300)
    assert (await call)["error"] == []
    assert len(await orders(bench)) == 1


async def test_over_websocket_five_seconds_are_the_deadline_where_none_is_given(bench):
    stream = await bench.main.private(snap_orders=False)
    await bench.arm("request_late", operation="submit", seconds=6)
    call = asyncio.create_task(stream.ask("add_order", **SOCKET))
    await bench.clock.slept()
    await bench.clock.advance(6)
    reply, _ = await call
    assert reply["error"] == "EService:Deadline elapsed"
    assert await orders(bench) == []


async def test_a_frame_whose_reply_is_lost_did_its_work(bench):
    stream = await bench.main.private(snap_orders=False)
    await bench.arm("reply_lost_after", operation="submit")
    with pytest.raises(ConnectionError):
        await stream.ask("add_order", **SOCKET, cl_ord_id=UUID)
    assert await orders(bench) == [UUID]


async def test_a_cancel_may_come_after_a_fill(bench):
    txid = await bench.main.add()
    await bench.arm("cancel_fill_race")
    await bench.main.post("CancelOrder", txid=txid)
    truth = await bench.truth()
    assert len(truth["fills"]) == 1
    order = (await bench.main.ask("QueryOrders", txid=txid))[txid]
    assert order["vol_exec"] == f"{truth['fills'][0]['quantity']}".ljust(10, "0")[:10]


@pytest.mark.parametrize("fault", ["bust", "correction", "funding", "liquidation"])
async def test_a_fault_kraken_has_no_words_for_cannot_be_armed(bench, fault):
    with pytest.raises(AssertionError, match="no words"):
        await bench.arm(fault)
