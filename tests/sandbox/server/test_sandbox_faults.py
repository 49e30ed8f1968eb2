"""Each fault: what a client sees, what the truth is, and that it counts as hit just then."""

import asyncio
import re
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from crossdock.sandbox.faults import EVENTS, FaultKind

PAGE = Path(__file__).parents[3] / "docs/reference/sandbox-protocol.md"
PERPETUAL = "BTC/USDT:USDT"


def sequences(frames):
    return [frame["sequence"] for frame in frames if frame["type"] == "account"]


async def orders(bench, account="main"):
    return (await bench.truth(account))["orders"]


async def started(bench, work):
    """Begin a call and return once the venue holds it back."""
    task = asyncio.create_task(work)
    await bench.clock.somebody_sleeps()
    return task


async def reply_lost_before(bench):
    await bench.arm("reply_lost_before", seconds=2)
    task = await started(bench, bench.main.submit())
    await bench.clock.advance(1.9)
    assert not task.done()
    await bench.clock.advance(0.1)
    with pytest.raises(aiohttp.ClientError):
        await task
    assert await orders(bench) == []


async def reply_lost_after(bench):
    await bench.arm("reply_lost_after")
    refused = await bench.main.submit(quantity="0")
    assert refused.code == "bad_request" and await bench.hits() == {}
    with pytest.raises(aiohttp.ClientError):
        await bench.main.submit(client_order_id="lost")
    [order] = await orders(bench)
    assert (order["client_order_id"], order["status"]) == ("lost", "New")
    again = await bench.main.submit(client_order_id="lost")
    assert again.code == "duplicate_client_order_id"


async def reply_late(bench):
    await bench.arm("reply_late", seconds=2)
    task = await started(bench, bench.main.submit())
    [order] = await orders(bench)
    assert not task.done()
    await bench.clock.advance(2)
    assert (await task).json["id"] == order["id"]


async def request_late(bench):
    await bench.arm("request_late", seconds=2)
    task = await started(bench, bench.main.submit())
    assert await orders(bench) == []
    await bench.clock.advance(2)
    assert (await task).status == 200
    assert len(await orders(bench)) == 1


async def reply_cut(bench):
    await bench.arm("reply_cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await bench.main.submit()
    assert len(await orders(bench)) == 1


async def lookup_lag(bench):
    await bench.arm("lookup_lag", seconds=0.5)
    order = (await bench.main.submit()).json
    assert await bench.hits() == {}
    path = f"/v1/orders/{order['id']}"
    by_client = f"/v1/orders?client_order_id={order['client_order_id']}"
    assert (await bench.main.get(path)).code == "unknown_order"
    assert (await bench.main.get(by_client)).code == "unknown_order"
    assert (await bench.main.get("/v1/orders?state=open")).json == {"orders": []}
    assert len(await orders(bench)) == 1
    await bench.clock.advance(0.5)
    assert (await bench.main.get(path)).json == order
    assert (await bench.main.get("/v1/orders?state=open")).json == {"orders": [order]}


async def fill_before_ack(bench):
    await bench.other.submit(side="sell")
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("fill_before_ack", seconds=0.05)
    task = await started(bench, bench.main.submit())
    pushed = await stream.pushed()
    assert any("fill" in frame for frame in pushed) and not task.done()
    await bench.clock.advance(0.05)
    assert (await task).json["status"] == "Filled"
    assert len((await bench.truth())["fills"]) == 1


async def stream_duplicate(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("stream_duplicate")
    await bench.main.submit()
    first, second = await stream.pushed()
    assert first == second and first["sequence"] == 1
    assert len(await orders(bench)) == 1


async def stream_reorder(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("stream_reorder")
    placed = (await bench.main.submit()).json
    assert await stream.pushed() == [] and await bench.hits() == {}
    await bench.main.call("DELETE", f"/v1/orders/{placed['id']}")
    pushed = await stream.pushed()
    assert sequences(pushed) == [2, 1]
    assert [frame["order"]["status"] for frame in pushed] == ["Canceled", "New"]
    assert [it["status"] for it in await orders(bench)] == ["Canceled"]


async def stream_missing(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("stream_missing")
    await bench.main.submit()
    await bench.main.submit()
    assert sequences(await stream.pushed()) == [2]
    assert len(await orders(bench)) == 2


async def stream_mute(bench):
    stream = await bench.main.stream()
    await stream.account()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.pushed()
    await bench.arm("stream_mute", seconds=2)
    await bench.main.submit()
    bench.site.beat()
    assert [frame["type"] for frame in await stream.pushed()] == ["heartbeat"]
    fresh = await bench.main.stream()
    await fresh.account()
    await bench.main.submit(limit_price="99.00")
    assert sequences(await fresh.pushed()) == [1] and await stream.pushed() == []
    await bench.clock.advance(2)
    await bench.main.submit(limit_price="98.00")
    account, book = await stream.pushed()
    assert account["sequence"] == 3
    assert book["first"] == 3
    assert len(await orders(bench)) == 3


async def market_gap(bench):
    stream = await bench.main.stream()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.pushed()
    await bench.arm("market_gap")
    await bench.main.submit(limit_price="99.00")
    await bench.main.submit(limit_price="98.00")
    [change] = await stream.pushed()
    assert (change["first"], change["bids"]) == (2, [["98.00", "1"]])
    book = await bench.request("GET", f"{bench.url}/v1/book?symbol=BTC/USDT")
    assert book.json["bids"] == [["99.00", "1"], ["98.00", "1"]]


async def old_socket(bench):
    old = await bench.main.stream()
    await old.account()
    await bench.main.submit(client_order_id="a")
    told = await old.pushed()
    await bench.arm("old_socket")
    new = await bench.main.stream()
    await new.account()
    await bench.main.submit(client_order_id="b")
    assert [frame["order"]["client_order_id"] for frame in await new.pushed()] == ["b"]
    assert await old.pushed() == told * 2
    assert len(await orders(bench)) == 2


async def half_open(bench):
    stream = await bench.main.stream()
    await stream.account()
    heard = asyncio.create_task(stream.socket.receive())
    await bench.arm("half_open")
    await bench.main.submit()
    bench.site.beat()
    await stream.socket.send_json(
        {"op": "order.submit", "id": 9, "time": bench.time_ms()} | bench.order()
    )
    fresh = await bench.main.stream()
    await fresh.account()
    assert await fresh.pushed() == []
    assert not heard.done() and not stream.socket.closed
    heard.cancel()
    assert len(await orders(bench)) == 1


async def rate_limit(bench):
    await bench.arm("rate_limit", seconds=2)
    reply = await bench.main.submit()
    assert (reply.status, reply.code) == (429, "rate_limited")
    assert float(reply.headers["Retry-After"]) == 2
    await bench.clock.advance(2)
    assert (await bench.main.submit()).status == 200
    assert len(await orders(bench)) == 1


async def rate_limit_bare(bench):
    await bench.arm("rate_limit_bare", seconds=2)
    reply = await bench.main.submit()
    assert (reply.status, reply.code) == (429, "rate_limited")
    assert "Retry-After" not in reply.headers
    await bench.clock.advance(2)
    assert (await bench.main.submit()).status == 200
    assert len(await orders(bench)) == 1


async def server_error(bench):
    await bench.arm("server_error")
    reply = await bench.main.submit()
    assert (reply.status, reply.code) == (503, "internal")
    assert await orders(bench) == []


async def server_error_after(bench):
    await bench.arm("server_error_after")
    reply = await bench.main.submit()
    assert (reply.status, reply.code) == (500, "internal")
    assert len(await orders(bench)) == 1


async def html(bench):
    await bench.arm("html")
    reply = await bench.main.submit()
    assert (reply.status, reply.headers["Content-Type"]) == (502, "text/html")
    assert reply.text.startswith("<html>")
    assert len(await orders(bench)) == 1


async def cancel_fill_race(bench):
    order = (await bench.main.submit()).json
    await bench.arm("cancel_fill_race")
    reply = await bench.main.call("DELETE", f"/v1/orders/{order['id']}")
    [fill] = (await bench.truth())["fills"]
    [after] = await orders(bench)
    assert after["cumulative_quantity"] == fill["quantity"]
    if Decimal(fill["quantity"]) == 1:
        assert (reply.code, after["status"]) == ("order_done", "Filled")
        assert reply.json["order"]["status"] == "Filled"
    else:
        assert (reply.status, after["status"]) == (200, "Canceled")


async def replace_fill_race(bench):
    order = (await bench.main.submit()).json
    await bench.arm("replace_fill_race")
    change = {"limit_price": "90.00"}
    reply = await bench.main.call("PUT", f"/v1/orders/{order['id']}", change)
    [fill] = (await bench.truth())["fills"]
    [after] = await orders(bench)
    assert after["cumulative_quantity"] == fill["quantity"]
    assert fill["order_id"] == order["id"]
    if Decimal(fill["quantity"]) == 1:
        assert (reply.code, after["status"]) == ("order_done", "Filled")
    else:
        assert (reply.json["status"], after["status"]) == ("PartiallyFilled",) * 2


async def history_truncated(bench):
    for _ in range(4):
        await bench.trade()
    await bench.arm("history_truncated")
    page = (await bench.main.get("/v1/fills?after=0&limit=10")).json
    assert [fill["sequence"] for fill in page["fills"]] == [1, 2]
    assert page["last"] == 4
    whole = (await bench.main.get("/v1/fills?after=2&limit=10")).json
    assert [fill["sequence"] for fill in whole["fills"]] == [3, 4]
    assert len((await bench.truth())["fills"]) == 4


async def key_revoked(bench):
    await bench.arm("key_revoked", seconds=2)
    reply = await bench.main.submit()
    assert (reply.status, reply.code) == (401, "key_revoked")
    assert await orders(bench) == []
    await bench.clock.advance(2)
    assert (await bench.main.submit()).status == 200


async def session_expired(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("session_expired")
    assert await stream.pushed() == [{"type": "session", "state": "expired"}]
    await bench.main.submit()
    assert await stream.pushed() == []
    assert (await stream.submit())[0]["code"] == "session_expired"
    assert len(await orders(bench)) == 1


async def clock_step(bench):
    await bench.arm("clock_step", seconds=10)
    time = await bench.request("GET", f"{bench.url}/v1/time")
    assert time.json["time_ns"] == bench.clock.time_ns() + 10 * 10**9
    assert (await bench.main.submit()).code == "bad_time"
    assert await orders(bench) == []
    await bench.clock.advance(3)
    assert (await bench.main.submit()).status == 200


async def liquidation(bench):
    await bench.trade(symbol=PERPETUAL)
    await bench.main.submit(symbol=PERPETUAL, limit_price="50.00")
    await bench.arm("liquidation", account="main")
    truth = await bench.truth()
    [event] = [it for it in truth["events"] if it["kind"] == "liquidation"]
    assert (event["quantity"], event["symbol"]) == ("-1", PERPETUAL)
    assert [Decimal(it["quantity"]) for it in truth["positions"]] == [0]
    assert truth["orders"][-1]["status"] == "Canceled"
    page = (await bench.main.get("/v1/ledger?after=0&limit=10")).json
    assert page["events"] == truth["events"]


async def bust(bench):
    order = await bench.trade()
    await bench.arm("bust", account="main")
    page = (await bench.main.get("/v1/fills?after=0&limit=10")).json
    first, second = page["fills"]
    assert (second["kind"], second["quantity"], second["fee"]) == ("busted", "0", "0")
    assert (second["sequence"], second["replaces"]) == (2, first["execution_id"])
    assert second["order_id"] == order["id"]
    cash = (await bench.truth())["cash"]
    assert {asset: Decimal(total) for asset, total in cash.items()} == {
        "USDT": 100000,
        "BTC": 10,
    }


async def correction(bench):
    await bench.trade()
    await bench.arm("correction", account="main")
    page = (await bench.main.get("/v1/fills?after=0&limit=10")).json
    first, second = page["fills"]
    assert (second["kind"], second["replaces"]) == ("corrected", first["execution_id"])
    assert second["price"] == "100.01"
    paid = Decimal("100.01") * (1 + Decimal("0.0005"))
    assert Decimal((await bench.truth())["cash"]["USDT"]) == 100000 - paid


async def manual_order(bench):
    await bench.other.submit(limit_price="99.00")
    await bench.other.submit(side="sell", limit_price="101.00")
    await bench.arm("manual_order", account="main")
    taken, resting = await orders(bench)
    assert (taken["type"], taken["status"]) == ("market", "Filled")
    assert (resting["type"], resting["status"]) == ("limit", "New")
    listed = (await bench.main.get("/v1/orders?state=open")).json["orders"]
    assert [it["id"] for it in listed] == [resting["id"]]


async def deposit(bench):
    await bench.arm("deposit", account="main")
    truth = await bench.truth()
    assert [(it["kind"], it["asset"], it["amount"]) for it in truth["events"]] == [
        ("deposit", "USDT", "100")
    ]
    assert Decimal(truth["cash"]["USDT"]) == 100100


async def funding(bench):
    await bench.trade(symbol=PERPETUAL)
    before = Decimal((await bench.truth())["cash"]["USDT"])
    await bench.arm("funding")
    truth = await bench.truth()
    [event] = truth["events"]
    assert (event["kind"], event["symbol"]) == ("funding", PERPETUAL)
    assert Decimal(event["amount"]) == Decimal("-0.01")
    assert Decimal(truth["cash"]["USDT"]) == before - Decimal("0.01")


async def tick_change(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("tick_change")
    [told] = await stream.pushed()
    [market] = told["instruments"]
    assert (market["ticks"], market["version"]) == ([["0", "0.02"]], 2)
    assert (await bench.main.submit(limit_price="100.01")).code == "bad_tick"
    assert await orders(bench) == []


async def venue_restart(bench):
    order = (await bench.main.submit()).json
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("venue_restart")
    with pytest.raises(ConnectionError):
        await stream.receive()
    assert (await bench.main.get(f"/v1/orders/{order['id']}")).json == order


TABLE = {
    FaultKind(function.__name__): function
    for function in (
        reply_lost_before,
        reply_lost_after,
        reply_late,
        request_late,
        reply_cut,
        lookup_lag,
        fill_before_ack,
        stream_duplicate,
        stream_reorder,
        stream_missing,
        stream_mute,
        market_gap,
        old_socket,
        half_open,
        rate_limit,
        rate_limit_bare,
        server_error,
        server_error_after,
        html,
        cancel_fill_race,
        replace_fill_race,
        history_truncated,
        key_revoked,
        session_expired,
        clock_step,
        liquidation,
        bust,
        correction,
        manual_order,
        deposit,
        funding,
        tick_change,
        venue_restart,
    )
}


@pytest.mark.parametrize("kind", TABLE)
async def test_fault_bites_once_and_is_counted(bench, kind):
    await TABLE[kind](bench)
    assert await bench.hits() == {kind: 1}
    assert await bench.armed() == []


def test_table_holds_every_fault_of_the_protocol_page():
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", text[text.index("### Faults") :], re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == set(FaultKind) == set(TABLE)


@pytest.mark.parametrize("kind", sorted(set(FaultKind) - EVENTS))
async def test_fault_that_met_nothing_is_not_counted(bench, kind):
    await bench.arm(kind)
    bench.site.tick()
    assert await bench.hits() == {}
    assert await bench.armed() == [kind]


@pytest.mark.parametrize(
    "kind", ["liquidation", "bust", "correction", "manual_order", "funding"]
)
async def test_event_waits_until_it_can_happen(bench, kind):
    await bench.arm(kind, account="main")
    assert (await bench.armed(), await bench.hits()) == ([kind], {})
    await bench.other.submit(symbol=PERPETUAL, limit_price="99.00")
    await bench.other.submit(side="sell", symbol=PERPETUAL, limit_price="101.00")
    await bench.trade(symbol=PERPETUAL)
    bench.site.tick()
    assert (await bench.armed(), await bench.hits()) == ([], {kind: 1})


@pytest.mark.parametrize("seconds", [4.9, 5.0, 5.1])
async def test_write_that_arrives_after_its_window_never_executes(bench, seconds):
    await bench.arm("request_late", seconds=seconds)
    task = await started(bench, bench.main.submit(client_order_id="late"))
    await bench.clock.advance(seconds)
    reply = await task
    executed = seconds <= 5
    assert (reply.code == "bad_time") is not executed
    assert len(await orders(bench)) == executed


@pytest.mark.parametrize("step", [-2, -4.9, -20])
async def test_step_of_the_clock_lets_no_write_in_after_its_window(bench, step):
    await bench.arm("request_late", seconds=5.1)
    task = await started(bench, bench.main.submit())
    await bench.act("clock_step", seconds=step)
    await bench.clock.advance(5.1)
    assert (await task).code == "bad_time"
    await bench.act("clock_step", seconds=-step)
    await bench.arm("request_late", seconds=5.1)
    await bench.act("clock_step", seconds=step / 5)
    task = await started(bench, bench.main.submit())
    await bench.clock.advance(5.1)
    assert (await task).code == "bad_time"
    assert await orders(bench) == []


async def test_late_write_executes_though_its_client_is_gone(bench):
    await bench.arm("request_late", seconds=3)
    task = await started(bench, bench.main.submit())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await orders(bench) == []
    await bench.clock.advance(3)
    assert len(await orders(bench)) == 1


async def test_late_write_on_a_stream_meets_the_same_window(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.arm("request_late", count=2, seconds=2)
    for window in (1999, 2000):
        await stream.send(
            "order.submit", time=bench.time_ms(), window=window, **bench.order()
        )
    assert await stream.pushed() == []
    await bench.clock.advance(2)
    first, second = await stream.pushed()
    assert (first["code"], second["ok"]) == ("bad_time", True)
    assert len(await orders(bench)) == 1


async def test_lost_reply_on_a_stream_closes_it_and_the_order_stands(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("reply_lost_after", operation="submit")
    await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    told = await stream.receive()
    assert told["type"] == "account"
    with pytest.raises(ConnectionError):
        await stream.receive()
    assert len(await orders(bench)) == 1 and await bench.hits() == {"reply_lost_after": 1}


async def test_lost_request_on_a_stream_silences_and_then_closes_it(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("reply_lost_before", seconds=1)
    await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    await bench.clock.somebody_sleeps()
    bench.site.beat()
    await bench.clock.advance(1)
    with pytest.raises(ConnectionError):
        await stream.receive()
    assert await orders(bench) == []


async def test_cut_reply_on_a_stream_is_half_a_frame(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.arm("reply_cut")
    await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    with pytest.raises(ConnectionError):
        await stream.receive()
    assert len(await orders(bench)) == 1 and await bench.hits() == {"reply_cut": 1}


async def test_late_reply_on_a_stream_comes_after_what_it_caused(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("reply_late", seconds=1)
    number = await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    assert sequences(await stream.pushed()) == [1]
    await bench.clock.advance(1)
    reply = await stream.receive()
    assert (reply["type"], reply["id"], reply["ok"]) == ("reply", number, True)


async def test_page_and_error_on_a_stream_hide_an_executed_order(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.arm("server_error_after")
    refused, _ = await stream.submit()
    assert refused["code"] == "internal"
    await bench.arm("html")
    await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    message = await stream.socket.receive()
    assert message.data.startswith("<html>")
    assert len(await orders(bench)) == 2


async def test_refusals_on_a_stream_say_when_to_call_again_unless_bare(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.arm("rate_limit", seconds=2)
    hinted, _ = await stream.submit()
    assert (hinted["code"], hinted["retry_after"]) == ("rate_limited", "2.000")
    await bench.clock.advance(2)
    await bench.arm("rate_limit_bare", seconds=2)
    bare, _ = await stream.submit()
    assert bare["code"] == "rate_limited" and "retry_after" not in bare
    await bench.clock.advance(2)
    await bench.arm("server_error")
    assert (await stream.submit())[0]["code"] == "internal"
    assert await orders(bench) == []


async def test_fill_comes_before_its_reply_on_the_same_stream(bench):
    await bench.other.submit(side="sell")
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("fill_before_ack", seconds=0)
    resting, _ = await stream.submit(limit_price="50.00")
    assert resting["ok"] and await bench.hits() == {}
    await stream.pushed()
    reply, before = await stream.submit()
    assert any("fill" in frame for frame in before)
    assert reply["result"]["status"] == "Filled"


async def test_twenty_calls_within_a_fault_of_the_rate_bring_the_ban(bench):
    await bench.arm("rate_limit", seconds=60)
    codes = [(await bench.main.submit()).code for _ in range(21)]
    assert codes == ["rate_limited"] * 20 + ["banned"]


@pytest.mark.parametrize("operation", ["submit", "cancel", "replace", "read"])
async def test_fault_bites_only_the_operation_it_was_armed_for(bench, operation):
    order = (await bench.main.submit()).json
    path = f"/v1/orders/{order['id']}"
    calls = {
        "submit": ("POST", "/v1/orders", bench.order()),
        "replace": ("PUT", path, {"limit_price": "90.00"}),
        "read": ("GET", path, None),
        "cancel": ("DELETE", path, None),
    }
    await bench.arm("server_error", operation=operation)
    bitten = []
    for name, (method, to, body) in calls.items():
        if (await bench.main.call(method, to, body)).status == 503:
            bitten.append(name)
    assert bitten == [operation]


async def test_fault_without_an_operation_waits_for_a_write(bench):
    await bench.arm("server_error")
    assert (await bench.main.get("/v1/balances")).status == 200
    assert (await bench.main.submit()).status == 503


async def test_fault_for_any_operation_bites_a_read_too(bench):
    await bench.arm("reply_cut", operation="any")
    with pytest.raises(aiohttp.ClientPayloadError):
        await bench.main.get("/v1/balances")


async def test_fault_armed_several_times_bites_as_often(bench):
    await bench.arm("server_error", count=3)
    statuses = [(await bench.main.submit()).status for _ in range(4)]
    assert statuses == [503, 503, 503, 200]
    assert await bench.hits() == {"server_error": 3}


async def test_improbable_fault_bites_sometimes(bench):
    await bench.arm("server_error", count=100, probability=0.5)
    statuses = [(await bench.main.submit()).status for _ in range(40)]
    assert {200, 503} == set(statuses)
    assert await bench.hits() == {"server_error": statuses.count(503)}


async def test_reordered_message_without_a_second_one_comes_late_and_is_no_hit(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.arm("stream_reorder", seconds=1)
    await bench.main.submit()
    assert await stream.pushed() == []
    await bench.clock.advance(1)
    bench.site.tick()
    assert sequences(await stream.pushed()) == [1]
    assert await bench.hits() == {}


async def test_tick_halves_again_the_next_time(bench):
    await bench.arm("tick_change")
    await bench.arm("tick_change")
    reply = await bench.request("GET", f"{bench.url}/v1/instruments")
    market = reply.json["instruments"][0]
    assert (market["ticks"], market["version"]) == ([["0", "0.01"]], 3)


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"kind": "earthquake"}, "kind"),
        ({"kind": "html", "venue": "nowhere"}, "venue"),
        ({"kind": "html", "operation": "dance"}, "operation"),
        ({"kind": "html", "count": 0}, "count"),
        ({"kind": "html", "probability": 0}, "probability"),
        ({"kind": "html", "probability": 1.5}, "probability"),
        ({"kind": "reply_late", "seconds": -1}, "seconds"),
        ({"kind": "lookup_lag", "seconds": 1.5}, "seconds"),
        ({"kind": "deposit", "account": "nobody"}, "account"),
        ({"kind": "tick_change", "symbol": "A/B"}, "symbol"),
    ],
)
async def test_fault_that_makes_no_sense_is_refused(bench, fault, field):
    reply = await bench.admin("POST", "/faults", {"venue": "alpha"} | fault)
    assert (reply.status, reply.code) == (400, "bad_request")
    assert field in reply.json["message"]
    assert await bench.armed() == []
