"""What changes how the desk works: limits, flags, strategies, accounts, the kill switch."""

import pytest

from crossdock.web.identity.roles import Access, Role

CONFIRMED = {"confirm": "trade more for real"}
BUY = {"side": "buy", "symbol": "BTC/USDT@alpha", "quantity": "0.01"}


def test_a_limit_is_overridden_and_given_back(site):
    change = {"name": "order_notional_max", "value": "5", "reason": "a test of limits"}
    row = site.do("PUT", "/api/v1/risk/limits", json=change, access=Access.RISK)
    assert (row["value"], row["by"], row["reason"]) == ("5", "the-risk", change["reason"])
    reply = site.ask("POST", "/api/v1/orders", json=BUY)
    assert reply.status_code == 409
    given_back = {**change, "value": None}
    key = site.ask("PUT", "/api/v1/risk/limits", json=given_back)
    assert (key.status_code, key.json()["code"]) == (403, "person-needed")
    ann = site.person(Role.RISK)
    assert ann.put("/api/v1/risk/limits", json=given_back).status_code == 200
    assert site.do("POST", "/api/v1/orders/dry-run", json=BUY)["passes"]


def test_a_key_asks_for_a_person_sooner_and_only_a_person_lifts_it(site):
    path = "/api/v1/risk/limits"
    officer = site.person(Role.RISK)
    change = {"name": "approval_over", "value": "5", "reason": "a test of approval"}
    by_key = {"json": change, "access": Access.RISK}
    try:
        assert site.do("PUT", path, **by_key)["value"] == "5"
        needs = site.ask("POST", "/api/v1/orders", json=BUY)
        assert [check for check, _ in needs.json()["reasons"]] == ["approval"]
        for access in (Access.RISK, Access.ADMIN):
            for scope, value in (
                ("desk", "none"),
                ("desk", "6"),
                ("desk", None),
                ("account:alpha", "1000000"),
                ("symbol:BTC/USDT", "none"),
                ("strategy:manual", "7"),
            ):
                looser = {**change, "scope": scope, "value": value}
                reply = site.ask("PUT", path, json=looser, access=access)
                assert (reply.status_code, reply.json()["code"]) == (403, "person-needed")
        assert site.do("PUT", path, json={**change, "value": "4"})["value"] == "4"
        assert site.ask("POST", "/api/v1/orders", json=BUY).status_code == 409
        assert officer.put(path, json={**change, "value": "6"}).json()["value"] == "6"
        trader = site.person(Role.TRADER)
        assert trader.put(path, json={**change, "value": "7"}).status_code == 403
    finally:
        told = officer.put(path, json={**change, "value": None})
    assert (told.status_code, told.json()["value"]) == (200, "none")
    assert site.do("POST", "/api/v1/orders/dry-run", json=BUY)["passes"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "no_such_limit", "value": "5", "reason": "because"},
        {"name": "order_notional_max", "value": "lots", "reason": "because"},
        {"name": "order_notional_max", "value": "5", "scope": "moon", "reason": "because"},
        {"name": "order_notional_max", "value": "5", "reason": ""},
        {"name": "order_notional_max", "value": 5, "reason": "because"},
        {"name": "order_notional_max", "value": "", "reason": "because"},
        {"name": "order_notional_max", "value": " ", "reason": "because"},
    ],
)
def test_a_limit_that_is_none_is_refused(site, change):
    reply = site.ask("PUT", "/api/v1/risk/limits", json=change)
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-argument"), reply.text


def test_a_limit_far_from_what_holds_is_taken_when_it_is_said_twice(site):
    path, officer = "/api/v1/risk/limits", site.person(Role.RISK)
    change = {"name": "fat_finger_multiple", "value": "1e3", "reason": "a test of slips"}
    refused = officer.put(path, json=change)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit-far")
    assert "would be 1000 times, where it is" in refused.json()["detail"]
    told = officer.put(path, json={**change, "confirm": "1e3"})
    assert (told.status_code, told.json()["value"]) == (200, "1000")
    assert officer.put(path, json={**change, "value": None}).status_code == 200


def test_a_flag_is_switched_by_administrators(site):
    told = site.do("PUT", "/api/v1/flags/trading", json={"value": False})
    assert {flag["name"]: flag["value"] for flag in told}["trading"] is False
    assert all(flag["help"] for flag in told)
    reply = site.ask("POST", "/api/v1/orders", json=BUY)
    assert [check for check, _ in reply.json()["reasons"]] == ["trading"]
    on = {"json": {"value": True}}
    key = site.ask("PUT", "/api/v1/flags/trading", **on)
    assert (key.status_code, key.json()["code"]) == (403, "person-needed")
    assert site.person(Role.RISK).put("/api/v1/flags/trading", **on).status_code == 403
    told = site.person(Role.ADMIN).put("/api/v1/flags/trading", **on).json()
    assert {flag["name"]: flag["value"] for flag in told}["trading"] is True
    low = site.ask(
        "PUT", "/api/v1/flags/trading", json={"value": False}, access=Access.RISK
    )
    assert low.status_code == 403


@pytest.mark.parametrize(
    ("name", "value", "status", "code"),
    [
        ("nothing", True, 404, "unknown-flag"),
        ("trading", "perhaps", 422, "bad-argument"),
        ("max_order_size", "-5", 422, "bad-argument"),
    ],
)
def test_a_flag_that_is_none_is_refused(site, name, value, status, code):
    reply = site.ask("PUT", f"/api/v1/flags/{name}", json={"value": value})
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


def test_a_strategy_is_started_set_up_paused_and_removed(site):
    asked = {
        "strategy": "quoting",
        "symbols": ["BTC/USDT"],
        "brokers": ["beta"],
        "params": {"notional": "50"},
    }
    path = "/api/v1/strategies"
    row = site.do("POST", f"{path}/start-trading", json=asked, access=Access.TRADE)
    name = row["name"]
    assert row["state"] == "running" and row["params"]["notional"] == "50"
    assert name in [each["name"] for each in site.get(path)]
    row = site.do("PUT", f"{path}/{name}/params", json={"params": {"notional": "60"}})
    assert row["params"]["notional"] == "60"
    assert site.do("POST", f"{path}/{name}/pause")["state"] == "paused"
    assert site.do("POST", f"{path}/{name}/resume")["state"] == "running"
    (stopped,) = site.do("POST", f"{path}/stop-trading", json={"strategy": name})
    assert stopped["state"] == "stopped"
    assert site.do("POST", f"{path}/{name}/remove")["state"] == "removed"
    for order in site.get("/api/v1/orders"):
        site.do("DELETE", f"/api/v1/orders/{order['order_id']}")


@pytest.mark.parametrize(
    "asked",
    [
        {"strategy": "no_such_strategy", "symbols": ["BTC/USDT"]},
        {"strategy": "quoting", "symbols": ["BTC/USDT"], "params": {"no_such": "1"}},
        {"strategy": "quoting", "symbols": ["BTC/USDT"], "use_ml": True},
        {"strategy": "", "symbols": []},
        {"strategy": "quoting", "symbols": ["BTC/USDT"], "brokers": ["nobody"]},
        {"strategy": "unittest.__main__:x", "symbols": ["BTC/USDT"]},
    ],
)
def test_a_strategy_that_cannot_start_says_why(site, asked):
    reply = site.ask("POST", "/api/v1/strategies/start-trading", json=asked)
    assert reply.status_code in (404, 409, 422), reply.text
    assert reply.json()["detail"]


def test_an_action_that_is_none_is_refused(site):
    assert site.ask("POST", "/api/v1/strategies/any/dance").status_code == 422
    assert site.ask("POST", "/api/v1/strategies/nobody/stop").status_code == 404


def test_an_account_is_disconnected_and_comes_back(own_site):
    book = own_site.get("/api/v1/market/books")[0]
    low = {**BUY, "limit": f"{float(book['bid']) * 0.99:.1f}"}
    order = own_site.do("POST", "/api/v1/orders", 201, json=low)
    told = own_site.do("POST", "/api/brokers/alpha/disconnect")
    assert told["account"] == "alpha" and told["comes_back"]
    assert own_site.get("/api/v1/venues") == []
    (left,) = own_site.get("/api/v1/desk")["left_behind"]
    assert (left["account"], left["open_orders"], left["doubts"]) == ("alpha", 1, 0)
    back = own_site.do("POST", "/api/v1/venues", 201, json={"name": "alpha"})
    assert back["standing"] == "ready"
    assert own_site.get("/api/v1/desk")["left_behind"] == []
    own_site.do("DELETE", f"/api/v1/orders/{order['order_id']}")
    gone = own_site.ask("DELETE", "/api/v1/venues/nobody")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown-account")


def test_an_account_is_tried_and_nothing_is_kept(own_site):
    values = own_site.settings.accounts["alpha"].options
    form = {
        name: value.reveal() if hasattr(value, "reveal") else str(value)
        for name, value in values.items()
    }
    asked = {"broker_name": "Sandbox", "credentials": form, "account": "again"}
    told = own_site.do("POST", "/api/brokers/test", json=asked)
    assert told["standing"] == "ready" and told["balances"], told
    assert "again" not in [row["account"] for row in own_site.get("/api/brokers")]
    wrong = {**asked, "credentials": {**form, "key_secret": "not it, not it"}}
    refused = own_site.do("POST", "/api/brokers/test", json=wrong)
    assert refused["standing"] == "away" and "not it" not in str(refused)


def test_the_kill_switch_wants_the_word_and_cancels_everything(own_site):
    books = own_site.get("/api/v1/market/books")
    low = f"{float(books[0]['bid']) * 0.99:.1f}"
    own_site.do("POST", "/api/v1/orders", 201, json={**BUY, "limit": low})
    wrong = own_site.ask("POST", "/api/v1/risk/kill", json={"confirm": "kill"})
    assert wrong.status_code == 422
    told = own_site.do(
        "POST",
        "/api/v1/risk/kill",
        json={"confirm": "KILL", "reason": "a test"},
        access=Access.TRADE,
    )
    assert told["cancels_sent"] >= 1 and told["open_orders"] == 0
    assert own_site.get("/api/v1/risk")["killed"]
    assert own_site.ask("POST", "/api/v1/orders", json=BUY).status_code == 409
    low = own_site.ask("POST", "/api/v1/risk/release", json={}, access=Access.TRADE)
    assert low.status_code == 403
    key = own_site.ask("POST", "/api/v1/risk/release", json={}, access=Access.RISK)
    assert (key.status_code, key.json()["code"]) == (403, "person-needed")
    assert own_site.get("/api/v1/risk")["killed"]
    ann = own_site.person(Role.RISK)
    told = ann.post("/api/v1/risk/release", json={}).json()
    assert told == {"killed": "", "accounts_killed": {}}
    page = own_site.get("/api/v1/audit?kinds=person_acted")
    acted = [entry["record"] for entry in page["entries"]]
    acted = [each for each in acted if each["action"] in ("kill", "release")]
    assert [
        (it["action"], it["by"][:4], it["door"], it.get("words", "")) for it in acted[:2]
    ] == [
        ("release", "ann-", "dashboard", ""),
        ("kill", "the-", "api", "a test"),
    ]


def test_a_doubt_nobody_knows_is_not_found(site):
    ann = site.person(Role.RISK)
    reply = ann.post("/api/v1/doubts/nothing/resolve", json={"verdict": "live"})
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown-doubt")
    reply = ann.post("/api/v1/doubts/nothing/resolve", json={"verdict": "maybe"})
    assert reply.status_code == 422


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v1/orders", {**BUY, "approve": True}),
        ("/api/place-order", {**BUY, "approve": True}),
        ("/api/v1/doubts/nothing/resolve", {"verdict": "live"}),
        ("/api/v1/risk/release", {}),
        ("/api/v1/venues/alpha/resume", None),
        ("/api/v1/venues", {"name": "more", "adapter": "sandbox", **CONFIRMED}),
        ("/api/brokers/connect", {"broker_name": "Sandbox", **CONFIRMED}),
    ],
)
def test_no_key_speaks_for_a_person_whatever_its_scope(site, path, asked):
    before = site.get("/api/v1/orders?all=true&limit=5000")
    reply = site.ask("POST", path, json=asked, access=Access.ADMIN)
    assert (reply.status_code, reply.json()["code"]) == (403, "person-needed"), reply.text
    assert site.get("/api/v1/orders?all=true&limit=5000") == before


def test_a_person_approves_what_is_over_the_limit_and_a_key_does_not(site):
    book = site.get("/api/v1/market/books")[0]
    order = {
        "side": "buy",
        "symbol": book["instrument"],
        "quantity": "0.01",
        "limit": f"{float(book['bid']) * 0.99:.1f}",
    }
    limit = {"name": "approval_over", "value": "5", "reason": "a test"}
    site.do("PUT", "/api/v1/risk/limits", json=limit)
    try:
        refused = site.ask("POST", "/api/v1/orders", json=order, access=Access.TRADE)
        assert refused.status_code == 409, refused.text
        own = {**order, "approve": True}
        key = site.ask("POST", "/api/v1/orders", json=own, access=Access.TRADE)
        assert key.json()["code"] == "person-needed"
        ann = site.person(Role.TRADER).post("/api/v1/orders", json=own)
        assert ann.status_code == 201, ann.text
        site.do("DELETE", f"/api/v1/orders/{ann.json()['order_id']}")
    finally:
        lifted = site.person(Role.RISK).put(
            "/api/v1/risk/limits", json={**limit, "value": None}
        )
        assert lifted.status_code == 200, lifted.text


def test_resuming_an_account_that_was_not_halted_is_no_mistake(site):
    told = site.person(Role.RISK).post("/api/v1/venues/alpha/resume").json()
    assert told == {"account": "alpha", "halted": "", "killed": ""}
