import json
import time

import pytest
from aiohttp import ClientSession

from crossdock.errors import DeskError
from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.users import Source
from crossdock.web.platforms.alerts import read_alert
from crossdock.web.problems import Problem

BUY = {"ticker": "BTCUSDT", "action": "buy", "price": 60000.5, "quantity": 0.01, "id": "a1"}
ORDERED = {
    "outcome": "ordered",
    "words": "0.01 at market, as the signal says",
    "correlation": "set by whom is asked",
    "order_ids": ["o1"],
    "reasons": [],
    "order": {"order_id": "o1"},
    "repeated": False,
}


async def made(site, session, **more):
    who, body = await site.person(), {"name": "tv", **more}
    async with session.post("/api/v1/signals/webhooks", json=body, headers=who) as reply:
        assert reply.status == 201, await reply.text()
        op, _ = site.desk.asked.pop()
        assert op == "portfolio"  # whether there is such a one
        return (await reply.json())["path"]


async def post(session, path, alert):
    body = alert if isinstance(alert, str) else json.dumps(alert)
    async with session.post(
        path, data=body, headers={"Content-Type": "text/plain"}
    ) as reply:
        return reply.status, await reply.json()


async def test_an_alert_is_handed_to_the_desk_in_its_users_name(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    async with ClientSession(site.url) as session:
        bounds = {"symbols": ["BTC/USDT@binance"], "most_quantity": "0.5"}
        path = await made(site, session, portfolio="tv", account="alpha", **bounds)
        status, told = await post(session, path, BUY)
    assert (status, told["outcome"], told["repeated"]) == (200, "ordered", False)
    ((op, args),) = site.desk.asked
    assert op == "take_signal"
    assert args.pop("correlation").startswith("w")
    assert args == {
        "symbol": "BTCUSDT",
        "direction": "long",
        "strategy": "webhook",
        "portfolio": "tv",
        "account": "alpha",
        "confidence": 1.0,
        "horizon_s": 3600.0,
        "quantity": "0.01",
        "limit": None,
        "symbols": ["BTC/USDT@binance"],
        "most_quantity": "0.5",
        "words": "tv: long, 0.01, seen at 60000.5",
        "by": "ann",
        "door": "webhook",
    }


@pytest.mark.parametrize(("name", "status"), [("swing", 201), ("Swing ", 404)])
async def test_a_webhook_is_made_for_a_portfolio_that_there_is(serve, name, status):
    site = await serve()
    site.desk.answers["portfolio"] = {"declared": ["swing"]}
    asked = {"name": "tv", "portfolio": name}
    async with ClientSession(site.url) as session:
        who = await site.person()
        posted = session.post("/api/v1/signals/webhooks", json=asked, headers=who)
        async with posted as reply:
            told = await reply.json()
            assert reply.status == status, told
        async with session.get("/api/v1/signals/webhooks", headers=who) as reply:
            assert len(await reply.json()) == (status == 201)
    if status == 404:
        found = (told["code"], told["hint"])
        assert found == ("unknown-portfolio", "did you mean swing?")


@pytest.mark.parametrize("has_id", [True, False])
async def test_the_same_alert_twice_is_acted_on_once(serve, has_id):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    alert = BUY if has_id else {**BUY, "id": None}
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        _, first = await post(session, path, alert)
        _, second = await post(session, path, alert)
        changed = {**alert, "price": 61000}
        _, third = await post(session, path, changed)
    assert second == {**first, "repeated": True}
    assert third["repeated"] is has_id  # its id names it, whatever else it says
    assert len(site.desk.asked) == (1 if has_id else 2)


async def test_a_repeated_exit_is_answered_as_before_and_is_not_begun_again(serve):
    site = await serve()
    closing = {**ORDERED, "outcome": "closing", "order_ids": [], "order": None}
    site.desk.answers["take_signal"] = closing
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        alert = {**BUY, "market_position": "flat"}
        _, first = await post(session, path, alert)
        site.desk.answers["take_signal"] = ORDERED
        _, second = await post(session, path, alert)
    assert (first["outcome"], second) == ("closing", {**first, "repeated": True})
    assert len(site.desk.asked) == 1


async def test_two_webhooks_may_use_the_same_ids(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    async with ClientSession(site.url) as session:
        for _ in range(2):
            _, told = await post(session, await made(site, session), BUY)
            assert told["repeated"] is False


@pytest.mark.parametrize("has_id", [True, False])
@pytest.mark.parametrize(
    "failures",
    [
        ["desk-silent"],
        ["desk-silent", "desk-not-running"],
        ["desk-not-running", "desk-silent", "account-away", "desk-closed"],
    ],
)
async def test_an_alert_keeps_its_correlation_through_every_failure(
    serve, has_id, failures
):
    passed_s = 0
    site = await serve(now_ns=lambda: time.time_ns() + passed_s * 1_000_000_000)
    alert = BUY if has_id else {**BUY, "id": None}
    async with ClientSession(site.url) as session:
        path = await made(site, session, window_s=1)
        for code in failures:
            site.desk.answers["take_signal"] = DeskError("no answer", code=code)
            status, told = await post(session, path, alert)
            assert (status >= 400, told["code"]) == (True, code)
            passed_s += 60  # the window is over, and what became of it is not known yet
        site.desk.answers["take_signal"] = {**ORDERED, "repeated": True}
        status, told = await post(session, path, alert)
    assert (status, told["repeated"]) == (200, True)
    assert len(site.desk.asked) == len(failures) + 1
    assert len({args["correlation"] for _, args in site.desk.asked}) == 1


async def test_an_alert_that_found_no_desk_may_be_sent_again(serve):
    site = await serve()
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        status, told = await post(session, path, BUY)
        assert (status, told["code"]) == (503, "desk-not-running")
        site.desk.answers["take_signal"] = ORDERED
        status, told = await post(session, path, BUY)
    assert (status, told["repeated"]) == (200, False)


@pytest.mark.parametrize(
    "other",
    [
        {"action": "sell"},
        {"market_position": "flat"},
        {"ticker": "ETHUSDT"},
        {"quantity": 0.02},
        {"quantity": None},
        {"type": "limit"},
    ],
)
@pytest.mark.parametrize("was_answered", [True, False])
async def test_an_id_that_asks_for_something_else_is_refused_and_not_swallowed(
    serve, other, was_answered
):
    site = await serve()
    lost = DeskError("no answer", code="desk-silent")
    site.desk.answers["take_signal"] = ORDERED if was_answered else lost
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        await post(session, path, BUY)
        status, told = await post(session, path, {**BUY, **other})
        assert (status, told["code"]) == (422, "idempotency-key-reused")
        site.desk.answers["take_signal"] = ORDERED
        assert (await post(session, path, BUY))[0] == 200


async def test_an_exit_under_the_entrys_order_id_is_an_alert_of_its_own(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    entry = {"ticker": "BTCUSDT", "action": "buy", "quantity": 1, "order_id": "Long"}
    out = {**entry, "action": "sell", "market_position": "flat"}
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        for alert in (entry, out):
            assert (await post(session, path, alert))[1]["repeated"] is False
    assert [args["direction"] for _, args in site.desk.asked] == ["long", "flat"]


async def test_an_alert_stays_within_its_webhooks_bounds(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    async with ClientSession(site.url) as session:
        path = await made(site, session, most_quantity="0.5", strategy="tv")
        assert (await post(session, path, {**BUY, "strategy": "TV"}))[0] == 200
        for wrong in (
            {"quantity": "0.51"},
            {"id": None, "quantity": 9},
            {"strategy": "other"},
            {"strategy": "manual", "market_position": "flat"},
        ):
            status, told = await post(session, path, {**BUY, "id": "other", **wrong})
            assert (status, told["code"]) == (403, "forbidden")
        assert len(site.desk.asked) == 1
        closes = {**BUY, "id": "out", "quantity": 9, "market_position": "flat"}
        assert (await post(session, path, closes))[0] == 200


async def test_what_the_desk_forbids_a_signal_is_forbidden(serve):
    site = await serve()
    site.desk.answers["take_signal"] = DeskError("not here", code="forbidden")
    async with ClientSession(site.url) as session:
        path = await made(site, session, symbols=["BTC/USDT"])
        status, told = await post(session, path, {**BUY, "ticker": "ETHUSDT"})
    assert (status, told["code"]) == (403, "forbidden")


async def test_no_webhook_trades_what_people_hold_by_hand(serve):
    site = await serve()
    who = await site.person()
    async with ClientSession(site.url) as session:
        asked = {"name": "tv", "strategy": "manual"}
        async with session.post(
            "/api/v1/signals/webhooks", json=asked, headers=who
        ) as reply:
            assert (reply.status, (await reply.json())["code"]) == (422, "bad-argument")
        path = await made(site, session)
        with site.identity.database.writing() as cursor:  # as one made before was kept
            cursor.execute(
                """UPDATE webhooks SET terms = replace(terms, '"webhook"', '"manual"')"""
            )
        status, told = await post(session, path, BUY)
    assert (status, told["code"]) == (403, "forbidden")
    assert "take_signal" not in dict(site.desk.asked)


@pytest.mark.parametrize("amount", ["0", "0.000", "-0", "-1", "-0.5"])
async def test_a_webhook_that_could_order_nothing_is_refused_by_its_field(serve, amount):
    site = await serve()
    who = await site.person()
    async with ClientSession(site.url) as session:
        asked = {"name": "tv", "most_quantity": amount}
        async with session.post(
            "/api/v1/signals/webhooks", json=asked, headers=who
        ) as reply:
            status, told = reply.status, await reply.json()
        async with session.get("/api/v1/signals/webhooks", headers=who) as reply:
            assert await reply.json() == []
    assert (status, told["code"]) == (422, "bad-argument")
    (field,) = told["fields"]
    assert field["where"] == ["body", "most_quantity"]
    assert "give an amount that is, like 0.5" in field["words"]


async def test_a_webhook_made_before_its_bound_had_to_be_above_zero_orders_nothing(serve):
    site = await serve()
    async with ClientSession(site.url) as session:
        path = await made(site, session, most_quantity="1")
        with site.identity.database.writing() as cursor:
            cursor.execute("UPDATE webhooks SET terms = replace(terms, '\"1\"', '\"-1\"')")
        status, told = await post(session, path, BUY)
    assert (status, told["detail"]) == (403, "this webhook orders -1 at most")
    assert "take_signal" not in dict(site.desk.asked)


async def test_a_wrong_token_is_told_nothing_and_soon_not_even_that(serve):
    site = await serve()
    async with ClientSession(site.url) as session:
        statuses = [
            (await post(session, "/api/v1/signals/webhook/cdw_wrong", BUY))[0]
            for _ in range(25)
        ]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert site.desk.asked == []


async def test_a_webhook_ends_with_the_role_of_its_user_and_with_its_removal(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        site.identity.users.add("boss", Role.ADMIN, Source.PASSWORD, password="")
        site.identity.users.set_role("ann", Role.VIEWER)
        assert (await post(session, path, BUY))[0] == 403
        site.identity.users.set_role("ann", Role.TRADER)
        who = await site.person()
        async with session.get("/api/v1/signals/webhooks", headers=who) as reply:
            (webhook,) = await reply.json()
        assert "token" not in json.dumps(webhook)
        url = f"/api/v1/signals/webhooks/{webhook['id']}"
        async with session.delete(url, headers=who) as reply:
            assert reply.status == 204
        assert (await post(session, path, BUY))[0] == 404
    assert site.desk.asked == []


async def test_an_api_key_makes_and_ends_no_webhook_that_would_outlive_it(serve):
    site = await serve()
    site.desk.answers["take_signal"] = ORDERED
    key = {"Authorization": f"Bearer {site.key(scopes=[Access.TRADE])}"}
    url = "/api/v1/signals/webhooks"
    async with ClientSession(site.url) as session:
        path = await made(site, session)
        async with session.post(url, json={"name": "tv"}, headers=key) as reply:
            assert (reply.status, (await reply.json())["code"]) == (403, "person-needed")
        async with session.get(url, headers=key) as reply:
            (webhook,) = await reply.json()
        async with session.delete(f"{url}/{webhook['id']}", headers=key) as reply:
            assert reply.status == 403
        assert (await post(session, path, BUY))[0] == 200


async def test_a_token_is_kept_nowhere(serve, tmp_path):
    site = await serve()
    async with ClientSession(site.url) as session:
        key = {**await site.person(), "Idempotency-Key": "k"}
        url = "/api/v1/signals/webhooks"
        async with session.post(url, json={"name": "tv"}, headers=key) as reply:
            token = (await reply.json())["path"].rpartition("/")[2]
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        ({"ticker": "X", "action": "buy"}, ("X", "long", None, None)),
        ({"symbol": "X", "side": "SELL", "qty": "2"}, ("X", "short", "2", None)),
        ({"ticker": "X", "action": "exit"}, ("X", "flat", None, None)),
        (
            {"ticker": "X", "action": "sell", "market_position": "flat", "contracts": 1},
            ("X", "flat", "1", None),
        ),
        (
            {"ticker": "X", "action": "buy", "type": "limit", "price": 0.1, "quantity": 3},
            ("X", "long", "3", "0.1"),
        ),
        ({"ticker": "X", "action": "buy", "price": 0.1}, ("X", "long", None, None)),
    ],
)
def test_an_alert_is_read_as_it_is_meant(alert, expected):
    read = read_alert(json.dumps(alert).encode())
    assert (read.symbol, read.direction, read.quantity, read.limit) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "buy BTC",
        "[]",
        "7",
        "[" * 100_000,
        '{"ticker": "X"}',
        '{"action": "buy"}',
        '{"ticker": "X", "action": "hold"}',
        '{"ticker": "X", "action": "buy", "quantity": -1}',
        '{"ticker": "X", "action": "buy", "quantity": "NaN"}',
        '{"ticker": "X", "action": "buy", "quantity": NaN}',
        '{"ticker": "X", "action": "buy", "quantity": 1e400}',
        '{"ticker": "X", "action": "buy", "quantity": true}',
        '{"ticker": "X", "action": "buy", "type": "limit"}',
        '{"ticker": "X", "action": "buy", "confidence": 2}',
        '{"ticker": {"a": 1}, "action": "buy"}',
    ],
)
def test_what_is_no_alert_is_refused_in_words(body):
    with pytest.raises(Problem) as refused:
        read_alert(body.encode())
    assert refused.value.status == 422
    assert refused.value.detail
