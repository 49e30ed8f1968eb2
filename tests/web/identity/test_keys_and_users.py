import pytest

from crossdock.web.identity.roles import Access, Role, scopes_allow

PASSWORD = "correct horse battery"
DAY_S = 24 * 3600


def told(reply):
    return reply.status_code, reply.json().get("code")


def person(site, name, role):
    site.add(name, role)
    browser = site.browser()
    site.sign_in(browser, name)
    return browser


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ([Access.VIEW], {"view"}),
        ([Access.TRADE], {"view", "trade"}),
        ([Access.RISK], {"view", "trade", "risk"}),
        ([Access.ADMIN], {"view", "trade", "risk", "admin"}),
        ([Access.PUSH], {"push"}),
        ([Access.PUSH, Access.VIEW], {"push", "view"}),
        ([], set()),
    ],
)
def test_a_scope_covers_those_below_it_and_push_stands_alone(scopes, allowed):
    assert {each for each in Access if scopes_allow(scopes, each)} == allowed


def test_a_key_is_shown_once_and_only_its_digest_is_kept(site, tmp_path):
    site = site()
    browser = person(site, "ada", Role.TRADER)
    made = browser.post("/api/v1/keys", json={"label": "bot", "scopes": ["trade"]}).json()
    assert made["token"].startswith("cdk_")
    assert len(made["token"]) > 40
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("dashboard.sqlite*"))
    assert made["token"].encode() not in kept
    assert made["token"] not in browser.get("/api/v1/keys").text
    program = site.browser(headers={"Authorization": f"Bearer {made['token']}"})
    assert program.get("/api/v1/session").json()["user"] == "ada"
    assert [key["id"] for key in program.get("/api/v1/keys").json()] == [made["key"]["id"]]


@pytest.mark.parametrize("end", ["time", "removed", "user removed"])
def test_a_key_ends(site, end):
    site = site()
    person(site, "boss", Role.ADMIN)
    browser = person(site, "ada", Role.VIEWER)
    given = {"label": "bot", "scopes": ["view"], "days": 2}
    made = browser.post("/api/v1/keys", json=given).json()
    program = site.browser(headers={"Authorization": f"Bearer {made['token']}"})
    assert program.get("/api/v1/keys").is_success
    if end == "time":
        site.clock.pass_s(2 * DAY_S)
    elif end == "removed":
        assert browser.delete(f"/api/v1/keys/{made['key']['id']}").is_success
    else:
        site.identity.users.remove("ada")
    assert told(program.get("/api/v1/keys")) == (401, "key-refused")


def test_a_key_loses_what_its_owner_loses(site):
    site = site()
    person(site, "boss", Role.ADMIN)
    person(site, "ada", Role.ADMIN)
    token, _ = site.identity.keys.make("ada", "bot", [Access.ADMIN], 1)
    program = site.browser(headers={"Authorization": f"Bearer {token}"})
    assert program.get("/api/v1/users").is_success
    site.identity.users.set_role("ada", Role.TRADER)
    assert told(program.get("/api/v1/users")) == (403, "forbidden")


def test_nobody_gives_a_key_more_than_they_have(site):
    site = site()
    browser = person(site, "ada", Role.VIEWER)
    for scope in ("trade", "risk", "admin", "push"):
        given = {"label": "bot", "scopes": ["view", scope]}
        assert told(browser.post("/api/v1/keys", json=given)) == (403, "forbidden")


def test_a_key_makes_and_ends_no_keys(site):
    site = site()
    person(site, "ada", Role.ADMIN)
    token, key = site.identity.keys.make("ada", "bot", [Access.ADMIN], 1)
    program = site.browser(headers={"Authorization": f"Bearer {token}"})
    given = {"label": "more", "scopes": ["view"]}
    assert told(program.post("/api/v1/keys", json=given)) == (403, "person-needed")
    assert told(program.delete(f"/api/v1/keys/{key.id}")) == (403, "person-needed")
    for path in ("totp", "password", "sign-out-everywhere"):
        body = {"code": "000000", "old": "x", "new": "y"}
        keys = {"totp": ["code"], "password": ["old", "new"]}.get(path, [])
        reply = program.post(f"/api/v1/session/{path}", json={k: body[k] for k in keys})
        assert told(reply) == (403, "person-needed")


def test_people_see_and_end_their_own_keys_and_administrators_everybodys(site):
    site = site()
    boss = person(site, "boss", Role.ADMIN)
    ada, bob = person(site, "ada", Role.VIEWER), person(site, "bob", Role.VIEWER)
    _, key = site.identity.keys.make("ada", "bot", [Access.VIEW], 1)
    assert bob.get("/api/v1/keys").json() == []
    assert told(bob.delete(f"/api/v1/keys/{key.id}")) == (404, "unknown-key")
    assert [each["user"] for each in boss.get("/api/v1/keys").json()] == ["ada"]
    assert boss.delete(f"/api/v1/keys/{key.id}").is_success
    assert ada.get("/api/v1/keys").json() == []


def test_an_invited_user_chooses_a_password_by_the_link(site):
    site = site()
    boss = person(site, "boss", Role.ADMIN)
    made = boss.post("/api/v1/users", json={"name": "ada", "role": "trader"}).json()
    assert made["link"] == f"http://127.0.0.1:5000/set-up#{made['link_token']}"
    given = {"token": made["link_token"], "user": "eve", "password": PASSWORD}
    browser = site.browser()
    assert browser.post("/api/v1/session/set-up", json=given).json()["user"] == "ada"
    assert site.sign_in(site.browser(), "ada").json()["role"] == "trader"
    assert told(site.browser().post("/api/v1/session/set-up", json=given)) == (
        403,
        "link-spent",
    )


def test_a_link_does_not_get_around_codes(site):
    site = site()
    boss = person(site, "boss", Role.ADMIN)
    site.add("ada")
    site.identity.users.set_totp("ada", site.identity.seal.encrypt("A" * 32))
    token = boss.post("/api/v1/users/ada/link").json()["link_token"]
    browser = site.browser()
    given = {"token": token, "password": "another staple pen"}
    reply = browser.post("/api/v1/session/set-up", json=given)
    assert reply.json() == {"user": "ada", "signed_in": False}
    assert browser.get("/api/v1/session").json()["user"] is None
    assert told(site.sign_in(browser, "ada", "another staple pen")) == (401, "code-needed")


def test_the_last_administrator_stays_one(site):
    site = site()
    boss = person(site, "boss", Role.ADMIN)
    assert told(boss.put("/api/v1/users/boss/role", json={"role": "viewer"})) == (
        409,
        "last-admin",
    )
    assert told(boss.delete("/api/v1/users/boss")) == (409, "last-admin")
    assert boss.get("/api/v1/session").json()["role"] == "admin"
    site.add("ada", Role.ADMIN)
    assert boss.delete("/api/v1/users/boss").is_success


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "", {"name": "boss", "role": "viewer"}, (409, "user-exists")),
        ("POST", "", {"name": "BOSS", "role": "viewer"}, (409, "user-exists")),
        ("POST", "", {"name": "a/b", "role": "viewer"}, (422, "bad-argument")),
        ("POST", "", {"name": "ada", "role": "owner"}, (422, "bad-argument")),
        ("POST", "", {"name": "ada", "role": "risk", "x": 1}, (422, "bad-argument")),
        ("PUT", "/nobody/role", {"role": "viewer"}, (404, "unknown-user")),
        ("DELETE", "/nobody", None, (404, "unknown-user")),
        ("DELETE", "/nobody/totp", None, (404, "unknown-user")),
        ("POST", "/nobody/link", None, (404, "unknown-user")),
    ],
)
def test_what_administrators_cannot_do_is_said(site, method, path, body, answer):
    boss = person(site(), "boss", Role.ADMIN)
    assert told(boss.request(method, f"/api/v1/users{path}", json=body)) == answer


def test_an_administrator_ends_the_codes_of_somebody_who_lost_the_device(site):
    site = site()
    boss = person(site, "boss", Role.ADMIN)
    ada = person(site, "ada", Role.VIEWER)
    site.identity.users.set_totp("ada", site.identity.seal.encrypt("A" * 32))
    assert boss.delete("/api/v1/users/ada/totp").json()["has_totp"] is False
    assert ada.get("/api/v1/session").json()["user"] is None
    assert site.sign_in(ada, "ada").is_success
