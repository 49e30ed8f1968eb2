"""The WebSocket: sessions, subscriptions, sequences and order entry."""

import json

import aiohttp
import pytest

from crossdock.sandbox.config import parse
from crossdock.sandbox.server import Sandbox
from crossdock.sandbox.stream.frames import text_frame

START_NS = 1_700_000_000 * 10**9
DRIVEN = {
    "venues": [
        {
            "name": "alpha",
            "market": {"kind": "empty"},
            "markets": [
                {"symbol": "BTC/USDT", "ticks": [["0", "1"]], "quantity_step": "1"}
            ],
        }
    ]
}


def sequences(frames):
    return [frame["sequence"] for frame in frames if frame["type"] == "account"]


async def test_stream_answers_a_ping_with_the_venues_time(bench):
    stream = await bench.main.stream()
    reply, _ = await stream.ask("ping")
    assert reply["result"] == {"time_ns": bench.clock.time_ns()}


async def test_authentication_tells_when_the_session_expires(bench):
    stream = await bench.main.stream()
    reply = await stream.sign_in()
    assert reply["ok"] and reply["result"]["session_expires_ns"] > bench.clock.time_ns()


async def test_submit_is_answered_before_what_it_caused_is_pushed(bench):
    await bench.other.submit(side="sell")
    stream = await bench.main.stream()
    await stream.account()
    reply, pushed_before = await stream.submit()
    assert pushed_before == []
    assert reply["ok"] and reply["result"]["status"] == "Filled"
    pushed = await stream.pushed()
    assert sequences(pushed) == list(range(1, len(pushed) + 1))
    kinds = [next(k for k in ("order", "fill") if k in frame) for frame in pushed]
    assert kinds.index("fill") < len(kinds) - 1 - kinds[::-1].index("order")
    assert pushed[-1]["order"] == reply["result"]


async def test_order_life_over_the_stream_is_the_same_as_over_rest(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    timing = {"time": bench.time_ms()}
    submitted, _ = await stream.submit(client_order_id="mine")
    order = submitted["result"]
    replaced, _ = await stream.ask(
        "order.replace", order_id=order["id"], limit_price="90.00", **timing
    )
    assert replaced["result"]["replaces"] == order["id"]
    canceled, _ = await stream.ask("order.cancel", client_order_id="mine", **timing)
    assert canceled["result"]["status"] == "Canceled"
    by_rest = (await bench.main.get("/v1/orders?client_order_id=mine")).json
    assert by_rest == canceled["result"]
    again, _ = await stream.ask("order.cancel", order_id=order["id"], **timing)
    assert (again["code"], again["order"]) == ("order_done", by_rest)


async def test_account_messages_are_numbered_without_a_gap_on_each_connection(bench):
    early, late = await bench.main.stream(), await bench.main.stream()
    await early.account()
    await bench.trade()
    last = await late.account()
    assert last == {"fills_last": 1, "ledger_last": 0}
    await bench.trade()
    await bench.act("deposit", account="main", asset="USDT", amount="1")
    seen_early, seen_late = await early.pushed(), await late.pushed()
    assert sequences(seen_early) == list(range(1, len(seen_early) + 1))
    assert sequences(seen_late) == list(range(1, len(seen_late) + 1))
    assert [f["fill"]["sequence"] for f in seen_early if "fill" in f] == [1, 2]
    assert [f["fill"]["sequence"] for f in seen_late if "fill" in f] == [2]
    assert seen_late[-1]["event"]["kind"] == "deposit"


async def test_account_hears_only_of_itself(bench):
    stream = await bench.other.stream()
    await stream.account()
    await bench.main.submit()
    assert await stream.pushed() == []


async def test_book_messages_join_from_the_snapshot_on(bench):
    await bench.main.submit(limit_price="99.00")
    stream = await bench.main.stream()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    [snapshot] = await stream.pushed()
    assert snapshot["snapshot"] and snapshot["bids"] == [["99.00", "1"]]
    order = (await bench.main.submit(limit_price="98.00")).json
    await bench.main.call("DELETE", f"/v1/orders/{order['id']}")
    added, removed = await stream.pushed()
    assert added["first"] == snapshot["last"] + 1
    assert removed["first"] == added["last"] + 1
    assert (added["bids"], removed["bids"]) == ([["98.00", "1"]], [["98.00", "0"]])
    book = await bench.request("GET", f"{bench.url}/v1/book?symbol=BTC/USDT")
    assert book.json["last"] == removed["last"]


async def test_one_step_of_the_market_is_one_book_frame_for_a_symbol(bench):
    for price in ("97.00", "98.00", "99.00"):
        await bench.main.submit(limit_price=price)
    stream = await bench.main.stream()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.pushed()
    await bench.main.call("DELETE", "/v1/orders")
    [change] = await stream.pushed()
    assert sorted(change["bids"]) == [["97.00", "0"], ["98.00", "0"], ["99.00", "0"]]


async def test_quotes_and_trades_follow_the_book(bench):
    await bench.main.submit(limit_price="99.00")
    await bench.other.submit(side="sell", limit_price="101.00", quantity="2")
    stream = await bench.main.stream()
    await stream.ask("subscribe", channels=["quote", "trade"], symbols=["BTC/USDT"])
    [quote] = await stream.pushed()
    assert (quote["bid"], quote["bid_quantity"]) == ("99.00", "1")
    assert (quote["ask"], quote["ask_quantity"]) == ("101.00", "2")
    await bench.main.submit(limit_price="101.00", quantity="0.5")
    trade, moved = await stream.pushed()
    assert (trade["type"], trade["data"]["price"]) == ("trade", "101.00")
    assert trade["data"]["side"] == "buy"
    assert (moved["type"], moved["ask_quantity"]) == ("quote", "1.5")
    book = await bench.request("GET", f"{bench.url}/v1/book?symbol=BTC/USDT")
    assert moved["sequence"] == book.json["last"]


async def test_unsubscribed_channel_is_silent(bench):
    stream = await bench.main.stream()
    await stream.account()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.ask("unsubscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.ask("unsubscribe", channels=["account"])
    await bench.main.submit()
    assert await stream.pushed() == []


async def test_heartbeat_goes_to_every_connection(bench):
    stream = await bench.main.stream()
    await stream.ask("ping")
    bench.site.beat()
    assert await stream.pushed() == [
        {"type": "heartbeat", "time_ns": bench.clock.time_ns()}
    ]


async def test_expired_session_ends_account_data_and_order_entry_but_not_market_data(bench):
    stream = await bench.main.stream()
    await stream.account()
    await stream.ask("subscribe", channels=["book"], symbols=["BTC/USDT"])
    await stream.pushed()
    await bench.clock.advance(3600)
    bench.site.tick()
    assert await stream.pushed() == [{"type": "session", "state": "expired"}]
    refused, _ = await stream.submit()
    assert refused["code"] == "session_expired"
    await bench.main.submit()
    assert [frame["type"] for frame in await stream.pushed()] == ["book"]
    await stream.account()
    assert (await stream.submit())[0]["ok"]
    assert sequences(await stream.pushed()) == [1]


async def test_session_is_over_when_its_time_is_even_before_a_tick(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.clock.advance(3600)
    refused, _ = await stream.submit()
    assert refused["code"] == "session_expired"
    assert (await bench.truth())["orders"] == []


@pytest.mark.parametrize(
    ("op", "fields", "code"),
    [
        ("order.submit", {"time": 0}, "not_authenticated"),
        ("subscribe", {"channels": ["account"]}, "not_authenticated"),
        ("subscribe", {"channels": ["gossip"], "symbols": ["BTC/USDT"]}, "bad_request"),
        ("subscribe", {"channels": ["book"]}, "bad_request"),
        ("subscribe", {"channels": ["book"], "symbols": ["A/B"]}, "unknown_symbol"),
        ("subscribe", {}, "bad_request"),
        ("auth", {"key": "nobody", "time": 0, "signature": ""}, "bad_key"),
        ("auth", {"key": "main-key", "time": 0, "signature": "00"}, "bad_signature"),
        ("auth", {"key": "main-key"}, "bad_request"),
        ("dance", {}, "bad_request"),
    ],
)
async def test_refused_frame_gets_its_code(bench, op, fields, code):
    stream = await bench.main.stream()
    reply, _ = await stream.ask(op, **fields)
    assert (reply["ok"], reply["code"]) == (False, code)


@pytest.mark.parametrize("text", ["", "[1]", "nothing", '{"op":1}', "{}"])
async def test_frame_that_cannot_be_read_is_refused_and_the_stream_goes_on(bench, text):
    stream = await bench.main.stream()
    await stream.socket.send_str(text)
    reply = await stream.receive()
    assert (reply["ok"], reply["code"], reply["id"]) == (False, "bad_request", None)
    assert (await stream.ask("ping"))[0]["ok"]


@pytest.mark.parametrize(
    ("op", "fields"),
    [
        ("order.submit", {}),
        ("order.cancel", {}),
        ("order.replace", {"client_order_id": "c", "quantity": "1"}),
        ("order.replace", {"order_id": "1"}),
    ],
)
async def test_order_frame_without_its_fields_is_a_bad_request(bench, op, fields):
    stream = await bench.main.stream()
    await stream.sign_in()
    reply, _ = await stream.ask(op, time=bench.time_ms(), **fields)
    assert reply["code"] == "bad_request"


async def test_order_frame_outside_its_window_is_not_executed(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    reply, _ = await stream.submit(time=bench.time_ms() - 1500, window=1000)
    assert reply["code"] == "bad_time"
    untimed, _ = await stream.ask("order.submit", **bench.order())
    assert untimed["code"] == "bad_request"
    assert (await bench.truth())["orders"] == []


async def test_authentication_outside_its_window_is_refused(bench):
    stream = await bench.main.stream()
    time_ms = bench.time_ms() - 6000
    signature = bench.main.sign(f"{time_ms}AUTH/v1/stream".encode())
    reply, _ = await stream.ask(
        "auth", key=bench.main.key, time=time_ms, signature=signature
    )
    assert reply["code"] == "bad_time"


async def test_consumer_that_never_reads_loses_its_connection(bench):
    stream = await bench.main.stream()
    await stream.ask("ping")
    [connection] = bench.site.host.connections
    for _ in range(4000):
        connection.wire.write(b"\x81\x7e\x10\x00" + b"x" * 4096)
        if not connection.wire.is_open:
            break
    assert not connection.wire.is_open


@pytest.mark.parametrize("length", [2, 125, 126, 65535, 65536, 200_000])
async def test_frame_of_any_length_arrives_whole(bench, length):
    stream = await bench.main.stream()
    await stream.ask("ping")
    [connection] = bench.site.host.connections
    text = "x" * (length - 2)
    connection.wire.write(text_frame(json.dumps(text).encode()))
    assert await stream.receive() == text


async def test_control_ping_is_answered(bench):
    stream = await bench.main.stream()
    raw = await bench.session.ws_connect(f"{bench.url}/v1/stream", autoping=False)
    await raw.ping(b"here?")
    message = await raw.receive()
    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"here?")
    await raw.close()
    assert (await stream.ask("ping"))[0]["ok"]


async def test_closed_connection_is_forgotten(bench):
    stream = await bench.main.stream()
    await stream.account()
    await stream.socket.close()
    await bench.main.submit()
    fresh = await bench.main.stream()
    await fresh.ask("ping")
    assert len(bench.site.host.connections) == 1


async def test_driven_sandbox_beats_each_second_while_the_data_is_mute(bench):
    clock = type(bench.clock)()
    sandbox = Sandbox(parse(DRIVEN), clock=clock)
    await sandbox.start()
    try:
        await clock.somebody_sleeps()
        url = sandbox.urls["alpha"]
        socket = await bench.session.ws_connect(f"{url}/v1/stream")
        await socket.send_json({"op": "ping", "id": 1})
        assert (await socket.receive_json())["type"] == "reply"
        for second in (1, 2):
            await clock.advance(1)
            beat = await socket.receive_json()
            assert beat["type"] == "heartbeat"
            assert beat["time_ns"] - START_NS == second * 10**9
    finally:
        await sandbox.stop()
