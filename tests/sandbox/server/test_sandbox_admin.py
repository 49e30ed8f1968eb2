"""The admin port: truth, actions, accounts, venues, seeds, reset and restart."""

import asyncio
from decimal import Decimal
from random import Random

import pytest
from aiohttp import ClientConnectionError

from crossdock.sandbox.config import default_config
from crossdock.sandbox.faults import FaultKind, FaultOrder
from crossdock.sandbox.seeding import random_fault

PERPETUAL = "BTC/USDT:USDT"


async def test_health_names_every_port(bench):
    reply = await bench.admin("GET", "/health")
    assert reply.json == {
        "ok": True,
        "admin": bench.sandbox.admin_url,
        "venues": {"alpha": bench.url},
    }


async def test_truth_holds_all_there_is_about_an_account(bench):
    await bench.trade()
    await bench.trade(symbol=PERPETUAL)
    await bench.act("deposit", account="main", asset="USDT", amount="5")
    truth = await bench.truth()
    assert set(truth) == {"orders", "fills", "events", "cash", "positions", "initial"}
    assert truth["initial"] == {"USDT": "100000", "BTC": "10"}
    assert [it["chain"] for it in truth["orders"]] == [[it["id"]] for it in truth["orders"]]
    by_rest = (await bench.main.get("/v1/fills?after=0")).json["fills"]
    assert truth["fills"] == by_rest
    positions = (await bench.main.get("/v1/positions")).json["positions"]
    assert truth["positions"] == positions
    balances = (await bench.main.get("/v1/balances")).json["balances"]
    assert truth["cash"] == {row["asset"]: row["total"] for row in balances}
    assert [event["amount"] for event in truth["events"]] == ["5"]


async def test_truth_tells_the_best_prices_of_each_market_and_none_where_nobody_waits(
    bench,
):
    await bench.main.submit(side="buy", quantity="1", limit_price="90.00")
    await bench.main.submit(side="buy", quantity="1", limit_price="91.00")
    best = (await bench.admin("GET", "/truth")).json["venues"]["alpha"]["best"]
    assert best["BTC/USDT"] == {"bid": "91.00", "ask": None}
    assert best[PERPETUAL] == {"bid": None, "ask": None}


async def test_cash_moves_by_the_operator_are_events(bench):
    await bench.act("deposit", account="main", asset="USDT", amount="10")
    await bench.act("withdraw", account="main", asset="USDT", amount="4")
    truth = await bench.truth()
    assert [(it["kind"], it["amount"]) for it in truth["events"]] == [
        ("deposit", "10"),
        ("withdrawal", "-4"),
    ]
    assert Decimal(truth["cash"]["USDT"]) == 100006
    too_much = await bench.act("withdraw", account="main", asset="BTC", amount="11")
    assert too_much.code == "insufficient_funds"


async def test_funding_and_liquidation_by_the_operator(bench):
    await bench.trade(symbol=PERPETUAL)
    funding = await bench.act("funding", symbol=PERPETUAL, rate="0.001")
    amounts = {Decimal(it["amount"]) for it in funding.json["events"]}
    assert amounts == {Decimal("-0.1"), Decimal("0.1")}
    await bench.act("liquidate", account="main", symbol=PERPETUAL)
    kinds = [it["kind"] for it in (await bench.truth())["events"]]
    assert kinds == ["funding", "liquidation"]


async def test_bust_and_correction_by_the_operator(bench):
    for _ in range(2):
        await bench.trade()
    first, second = (await bench.truth())["fills"]
    execution = first["execution_id"]
    busted = await bench.act("bust", account="main", execution_id=execution)
    assert (busted.json["kind"], busted.json["replaces"]) == ("busted", execution)
    corrected = await bench.act(
        "correct", account="main", execution_id=second["execution_id"], price="99.00"
    )
    assert (corrected.json["kind"], corrected.json["price"]) == ("corrected", "99.00")
    again = await bench.act("bust", account="main", execution_id=execution)
    assert again.status == 400
    assert [it["sequence"] for it in (await bench.truth())["fills"]] == [1, 2, 3, 4]


async def test_manual_order_by_the_operator_has_an_id_of_its_own(bench):
    stream = await bench.main.stream()
    await stream.account()
    order = bench.order()
    del order["client_order_id"]
    made = (await bench.act("manual_order", account="main", **order)).json
    named = (
        await bench.act("manual_order", account="main", **bench.order(client_order_id="me"))
    ).json
    assert made["client_order_id"] and named["client_order_id"] == "me"
    assert [frame["order"] for frame in await stream.pushed()] == [made, named]


async def test_manual_orders_by_the_operator_come_one_after_the_other(bench):
    order = bench.order()
    del order["client_order_id"]
    await bench.act("manual_order", account="main", times=3, **order)
    held = (await bench.truth())["orders"]
    assert len({it["client_order_id"] for it in held}) == 3


async def test_orders_that_end_by_their_time_end_at_the_operators_word(bench):
    await bench.act("manual_order", account="main", **bench.order(client_order_id="stays"))
    day = bench.order(client_order_id="ends", time_in_force="DAY")
    await bench.act("manual_order", account="main", **day)
    [ended] = (await bench.act("expire", account="main")).json["orders"]
    assert (ended["client_order_id"], ended["status"]) == ("ends", "Expired")
    held = {it["client_order_id"]: it["status"] for it in (await bench.truth())["orders"]}
    assert held == {"stays": "New", "ends": "Expired"}


async def test_tick_change_by_the_operator_reaches_the_account_stream(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.act("tick_change", symbol="BTC/USDT", ticks=[["1000", "1"], ["0", "0.5"]])
    [told] = await stream.pushed()
    [market] = told["instruments"]
    assert (market["ticks"], market["version"]) == ([["0", "0.5"], ["1000", "1"]], 2)
    listed = await bench.request("GET", f"{bench.url}/v1/instruments")
    assert listed.json["instruments"][0] == market


async def test_restart_drops_connections_and_sessions_and_keeps_orders(bench):
    order = (await bench.main.submit()).json
    stream = await bench.main.stream()
    await stream.account()
    assert (await bench.act("restart")).json["dropped"] >= 1
    with pytest.raises(ConnectionError):
        await stream.receive()
    fresh = await bench.main.stream()
    assert (await fresh.submit())[0]["code"] == "not_authenticated"
    open_orders = (await bench.main.get("/v1/orders?state=open")).json["orders"]
    assert open_orders == [order]


async def test_clock_stepped_by_the_operator_stays_until_stepped_back(bench):
    await bench.act("clock_step", seconds=-7.5)
    await bench.clock.advance(5)
    time = await bench.request("GET", f"{bench.url}/v1/time")
    assert time.json["time_ns"] == bench.clock.time_ns() - 7_500_000_000
    assert (await bench.main.submit()).code == "bad_time"
    await bench.act("clock_step", seconds=7.5)
    assert (await bench.main.submit()).json["created_time_ns"] == bench.clock.time_ns()


async def test_revoked_key_is_refused_everywhere_until_restored(bench):
    stream = await bench.main.stream()
    await stream.account()
    await bench.act("revoke_key", account="main")
    assert await stream.pushed() == [{"type": "session", "state": "expired"}]
    assert (await stream.sign_in())["code"] == "key_revoked"
    assert (await bench.main.get("/v1/balances")).code == "key_revoked"
    assert (await bench.other.get("/v1/balances")).status == 200
    await bench.act("restore_key", account="main")
    assert (await stream.sign_in())["ok"]


async def test_sessions_expired_by_the_operator(bench):
    stream = await bench.main.stream()
    await stream.account()
    assert (await bench.act("expire_sessions")).json == {"expired": 1}
    assert await stream.pushed() == [{"type": "session", "state": "expired"}]


async def test_paused_market_stands_still(bench):
    venue = default_config()["venues"][0] | {"name": "lively"}
    url = (await bench.admin("POST", "/venues", venue)).json["url"]
    site = bench.sandbox.sites["lively"]

    async def last():
        book = await bench.request("GET", f"{url}/v1/book?symbol=BTC/USDT")
        return book.json["last"]

    async def pass_seconds(seconds):
        for _ in range(seconds * 10):
            await bench.clock.advance(0.1)
            site.tick()

    await pass_seconds(2)
    moving = await last()
    assert moving > 0
    body = {"venue": "lively", "action": "pause"}
    await bench.admin("POST", "/actions", body)
    await pass_seconds(2)
    assert await last() == moving
    await bench.admin("POST", "/actions", body | {"action": "resume"})
    await pass_seconds(2)
    assert await last() > moving


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "dance"},
        {"action": ["deposit"]},
        {"action": "deposit", "account": "nobody", "asset": "USDT", "amount": "1"},
        {"action": "deposit", "account": "main", "asset": "USDT", "amount": "-1"},
        {"action": "deposit", "account": "main", "asset": "USDT", "amount": 1},
        {"action": "funding", "symbol": "BTC/USDT", "rate": "0.1"},
        {"action": "liquidate", "account": "main", "symbol": PERPETUAL},
        {"action": "bust", "account": "main", "execution_id": "E1"},
        {"action": "manual_order", "account": "main"},
        {"action": "expire", "account": "nobody"},
        {"action": "tick_change", "symbol": "BTC/USDT", "ticks": []},
        {"action": "tick_change", "symbol": "BTC/USDT", "ticks": [["0", "0"]]},
        {"action": "clock_step", "seconds": "1"},
        {"action": "revoke_key", "account": "nobody"},
    ],
)
async def test_action_that_makes_no_sense_is_refused_and_does_nothing(bench, body):
    before = await bench.truth()
    reply = await bench.admin("POST", "/actions", {"venue": "alpha"} | body)
    assert (reply.status, reply.code) == (400, "bad_request")
    assert await bench.truth() == before


async def test_account_opened_at_run_time_trades(bench):
    body = {
        "venue": "alpha",
        "account": "third",
        "key": "third-key",
        "secret": "third-secret",
        "balances": {"USDT": "50"},
    }
    assert (await bench.admin("POST", "/accounts", body)).status == 200
    client = type(bench.main)(bench, "third")
    assert (await client.submit(quantity="0.1")).status == 200
    again = await bench.admin("POST", "/accounts", body)
    assert again.status == 400 and "third-secret" not in again.text


async def test_venue_added_at_run_time_has_a_port_of_its_own(bench):
    venue = default_config()["venues"][1]
    reply = await bench.admin("POST", "/venues", venue)
    assert reply.json["name"] == "beta"
    assert (await bench.admin("GET", "/health")).json["venues"]["beta"] == reply.json["url"]
    assert (await bench.admin("POST", "/venues", venue)).status == 400
    instruments = await bench.request("GET", reply.json["url"] + "/v1/instruments")
    assert len(instruments.json["instruments"]) == 3
    twice = venue | {"name": "delta", "markets": venue["markets"][:1] * 2}
    assert (await bench.admin("POST", "/venues", twice)).status == 400


async def test_a_venue_that_is_removed_drops_its_clients_and_the_others_go_on(bench):
    venue = default_config()["venues"][1]
    url = (await bench.admin("POST", "/venues", venue)).json["url"]
    seed = {"venue": "beta", "seed": 1, "rate": 1, "kinds": ["html"]}
    assert (await bench.admin("POST", "/faults/seed", seed)).status == 200
    stream = await bench.main.stream()
    assert (await bench.admin("DELETE", "/venues/beta")).status == 200
    assert list((await bench.admin("GET", "/health")).json["venues"]) == ["alpha"]
    with pytest.raises(ClientConnectionError):
        await bench.request("GET", url + "/v1/instruments")
    assert not stream.socket.closed
    assert (await bench.admin("DELETE", "/venues/beta")).status == 400
    assert (await bench.admin("POST", "/venues", venue)).status == 200


async def test_reset_starts_afresh_on_the_same_ports(bench):
    url = bench.url
    await bench.trade()
    await bench.arm("html", count=5)
    stream = await bench.main.stream()
    await stream.account()
    await bench.act("clock_step", seconds=100)
    assert (await bench.admin("POST", "/reset")).status == 200
    with pytest.raises(ConnectionError):
        await stream.receive()
    assert bench.url == url
    truth = await bench.truth()
    assert (truth["orders"], truth["fills"]) == ([], [])
    assert truth["cash"] == truth["initial"]
    assert (await bench.armed(), await bench.hits()) == ([], {})
    assert (await bench.main.submit()).status == 200


async def test_held_back_write_does_not_survive_a_reset(bench):
    stream = await bench.main.stream()
    await stream.sign_in()
    await bench.arm("request_late", seconds=2)
    await stream.send("order.submit", time=bench.time_ms(), **bench.order())
    await bench.clock.somebody_sleeps()
    await bench.admin("POST", "/reset")
    await bench.clock.advance(3)
    assert (await bench.truth())["orders"] == []


async def test_shutdown_ends_the_sandbox(bench):
    await bench.admin("POST", "/shutdown")
    assert bench.sandbox.done.is_set()


async def test_unknown_path_is_refused(bench):
    assert (await bench.admin("GET", "/secrets")).status == 400


async def test_disarm_removes_what_waits_and_keeps_the_count(bench):
    await bench.arm("server_error", count=2)
    await bench.main.submit()
    await bench.admin("DELETE", "/faults")
    assert (await bench.main.submit()).status == 200
    assert (await bench.armed(), await bench.hits()) == ([], {"server_error": 1})


async def test_armed_faults_show_what_remains(bench):
    await bench.arm("server_error", count=3, operation="submit")
    await bench.main.submit()
    [armed] = (await bench.admin("GET", "/faults")).json["armed"]
    assert (armed["venue"], armed["kind"], armed["operation"]) == (
        "alpha",
        "server_error",
        "submit",
    )
    assert armed["count"] == 2


async def test_seed_arms_faults_until_disarmed(bench):
    body = {"venue": "alpha", "seed": 7, "rate": 10, "kinds": ["server_error", "html"]}
    assert (await bench.admin("POST", "/faults/seed", body)).status == 200
    await bench.clock.somebody_sleeps()
    for _ in range(20):
        await bench.clock.advance(0.2)
    assert set(await bench.armed()) == {"server_error", "html"}
    await bench.admin("DELETE", "/faults")
    for _ in range(20):
        await bench.clock.advance(0.2)
    assert await bench.armed() == []


@pytest.mark.parametrize("body", [{"rate": 0}, {"kinds": []}, {"kinds": ["rain"]}])
async def test_seed_that_makes_no_sense_is_refused(bench, body):
    order = {"venue": "alpha", "seed": 1, "rate": 1} | body
    assert (await bench.admin("POST", "/faults/seed", order)).status == 400


def test_same_seed_draws_the_same_faults():
    def draw(seed):
        source = Random(seed)
        return [random_fault(source, "alpha", tuple(FaultKind)) for _ in range(2000)]

    assert draw(3) == draw(3) != draw(4)
    assert {order.kind for order in draw(3)} == set(FaultKind)
    assert all(isinstance(order, FaultOrder) for order in draw(3))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_venue_stays_whole_under_every_kind_of_fault(bench, seed):
    """Each account's history has no gap, and orders are filled as their fills say."""
    body = {"venue": "alpha", "seed": seed, "rate": 4}
    await bench.admin("POST", "/faults/seed", body)
    source = Random(seed)
    accepted = 0
    for _ in range(300):
        client = source.choice((bench.main, bench.other))
        price = str(source.choice((99, 100, 101)))
        side = source.choice(("buy", "sell"))
        if source.random() < 0.7:
            call = client.submit(
                side=side, limit_price=price, symbol=source.choice(("BTC/USDT", PERPETUAL))
            )
        else:
            call = client.call("DELETE", "/v1/orders")
        task = asyncio.create_task(call)
        while not task.done():
            await bench.clock.advance(0.01)
            bench.site.tick()
            for _ in range(5):
                await asyncio.sleep(0)
        accepted += task.exception() is None and task.result().status == 200
    await bench.admin("DELETE", "/faults")
    assert accepted > 10
    assert sum((await bench.hits()).values()) > 5
    for account in ("main", "other"):
        truth = await bench.truth(account)
        for history in ("fills", "events"):
            rows = truth[history]
            assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        filled = {}
        for fill in truth["fills"]:
            if fill["kind"] == "reported":
                key = fill["client_order_id"]
                filled[key] = filled.get(key, Decimal(0)) + Decimal(fill["quantity"])
        for order in truth["orders"]:
            expected = filled.get(order["client_order_id"], Decimal(0))
            assert Decimal(order["cumulative_quantity"]) == expected
