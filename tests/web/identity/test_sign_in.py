import pyotp
import pytest

from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source
from crossdock.web.identity.ways.links import Purpose

PASSWORD = "correct horse battery"
SESSION = "/api/v1/session"


async def link(site, purpose, user=""):
    return await site.identity.links.make(purpose, user)


def told(reply):
    return reply.status_code, reply.json().get("code")


# ---- the first start -----------------------------------------------------------


async def test_the_set_up_link_makes_the_first_administrator_once(site):
    site = site()
    token = await link(site, Purpose.SET_UP)
    browser = site.browser()
    given = {"token": token, "user": "ada", "password": PASSWORD}
    reply = browser.post(f"{SESSION}/set-up", json=given)
    assert (reply.status_code, reply.json()["role"]) == (200, "admin")
    assert browser.get(SESSION).json()["user"] == "ada"
    again = site.browser().post(f"{SESSION}/set-up", json={**given, "user": "eve"})
    assert told(again) == (403, "link-spent")
    assert [user.name for user in site.identity.users.all()] == ["ada"]


async def test_a_newer_set_up_link_ends_the_older_one(site):
    site = site()
    old = await link(site, Purpose.SET_UP)
    new = await link(site, Purpose.SET_UP)
    given = {"user": "ada", "password": PASSWORD}
    browser = site.browser()
    refused = browser.post(f"{SESSION}/set-up", json={**given, "token": old})
    assert told(refused) == (403, "link-spent")
    assert browser.post(f"{SESSION}/set-up", json={**given, "token": new}).is_success


async def test_a_set_up_link_ends_with_its_hour(site):
    site = site()
    token = await link(site, Purpose.SET_UP)
    site.clock.pass_s(3601)
    given = {"token": token, "user": "ada", "password": PASSWORD}
    assert told(site.browser().post(f"{SESSION}/set-up", json=given)) == (403, "link-spent")


async def test_a_weak_password_or_a_bad_name_leaves_the_set_up_link_as_it_is(site):
    site = site()
    token = await link(site, Purpose.SET_UP)
    browser = site.browser()
    for user, password, code in (
        ("ada", "short", "weak-password"),
        ("ada", "aaaaaaaaaaaaaaaa", "weak-password"),
        ("adalovelace", "Adalovelace1815", "weak-password"),
        ("a b", PASSWORD, "bad-argument"),
    ):
        given = {"token": token, "user": user, "password": password}
        assert told(browser.post(f"{SESSION}/set-up", json=given)) == (422, code)
    given = {"token": token, "user": "ada", "password": PASSWORD}
    assert browser.post(f"{SESSION}/set-up", json=given).is_success


async def test_a_set_up_link_is_worth_nothing_once_there_is_a_user(site):
    site = site()
    token = await link(site, Purpose.SET_UP)
    site.add("ada", Role.ADMIN)
    given = {"token": token, "user": "eve", "password": PASSWORD}
    assert told(site.browser().post(f"{SESSION}/set-up", json=given)) == (409, "link-used")
    assert site.identity.users.get("eve") is None


async def test_a_sign_in_link_signs_in_once_and_sets_no_password(site):
    site = site()
    site.add("demo", Role.ADMIN, Source.LINK, password="")
    token = await link(site, Purpose.SIGN_IN, "demo")
    refused = site.browser().post(
        f"{SESSION}/set-up", json={"token": token, "password": PASSWORD}
    )
    assert told(refused) == (403, "link-spent")
    browser = site.browser()
    assert browser.post(f"{SESSION}/token", json={"token": token}).json()["user"] == "demo"
    again = site.browser().post(f"{SESSION}/token", json={"token": token})
    assert told(again) == (403, "link-spent")


# ---- passwords -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("ada", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("demo", ""),
        ("demo", " "),
        ("ada", PASSWORD + " "),
        ("ada", PASSWORD * 20),
    ],
)
def test_whoever_does_not_know_the_password_stays_out(site, user, password):
    site = site()
    site.add("ada")
    site.add("demo", Role.ADMIN, Source.LINK, password="")
    browser = site.browser()
    reply = site.sign_in(browser, user, password)
    assert reply.status_code in (401, 422)
    assert not browser.cookies
    assert PASSWORD not in reply.text


def test_no_answer_tells_whether_a_user_exists(site):
    site = site()
    site.add("ada")
    one, other = (
        site.sign_in(site.browser(), user, "wrong horse battery").json()
        for user in ("ada", "nobody")
    )
    assert one == other


def test_nobody_signs_in_by_another_way_than_their_own(site):
    site = site()
    site.add("ada", Role.ADMIN, Source.OIDC, password="")
    assert told(site.sign_in(site.browser(), "ada")) == (401, "wrong-password")


def test_passwords_can_be_switched_off(site):
    site = site("dashboard.password_sign_in=false")
    site.add("ada")
    assert told(site.sign_in(site.browser(), "ada")) == (401, "wrong-password")


def test_a_new_password_ends_every_other_session(site):
    site = site()
    site.add("ada")
    one, other = site.browser(), site.browser()
    site.sign_in(one, "ada")
    site.sign_in(other, "ada")
    given = {"old": "wrong horse battery", "new": "another staple pen"}
    assert told(one.post(f"{SESSION}/password", json=given)) == (403, "wrong-password")
    given["old"] = PASSWORD
    assert one.post(f"{SESSION}/password", json=given).is_success
    assert one.get(SESSION).json()["user"] == "ada"
    assert other.get(SESSION).json()["user"] is None
    assert told(site.sign_in(site.browser(), "ada")) == (401, "wrong-password")
    assert site.sign_in(site.browser(), "ada", "another staple pen").is_success


# ---- codes ---------------------------------------------------------------------


def with_codes(site, browser):
    reply = browser.get(f"{SESSION}/totp")
    assert reply.is_success, reply.text
    secret = reply.json()["secret"]
    code = pyotp.TOTP(secret).at(site.clock.ns // 10**9)
    reply = browser.post(f"{SESSION}/totp", json={"secret": secret, "code": code})
    assert reply.json() == {"has_totp": True}
    return pyotp.TOTP(secret)


def test_a_code_is_asked_for_and_works_once(site):
    site = site()
    site.add("ada")
    browser = site.browser()
    site.sign_in(browser, "ada")
    totp = with_codes(site, browser)
    assert told(site.sign_in(site.browser(), "ada")) == (401, "code-needed")
    site.clock.pass_s(30)
    code = totp.at(site.clock.ns // 10**9)
    assert told(site.sign_in(site.browser(), "ada", code="000000")) == (401, "wrong-code")
    assert site.sign_in(site.browser(), "ada", code=code).is_success
    assert told(site.sign_in(site.browser(), "ada", code=code)) == (401, "wrong-code")


def test_a_secret_counts_only_once_a_code_has_proven_it(site):
    site = site()
    site.add("ada")
    browser = site.browser()
    site.sign_in(browser, "ada")
    reply = browser.get(f"{SESSION}/totp")
    assert reply.is_success, reply.text
    secret = reply.json()["secret"]
    for given in (
        {"secret": secret, "code": "000000"},
        {"secret": "not base32!", "code": "000000"},
        {"secret": "", "code": "000000"},
    ):
        assert told(browser.post(f"{SESSION}/totp", json=given)) == (422, "wrong-code")
    assert site.sign_in(site.browser(), "ada").is_success


def test_a_code_of_the_old_secret_is_needed_to_end_codes(site):
    site = site()
    site.add("ada")
    browser = site.browser()
    site.sign_in(browser, "ada")
    totp = with_codes(site, browser)
    site.clock.pass_s(60)
    assert told(browser.post(f"{SESSION}/totp", json={"code": "000000"})) == (
        422,
        "wrong-code",
    )
    code = totp.at(site.clock.ns // 10**9)
    assert browser.post(f"{SESSION}/totp", json={"code": code}).json() == {
        "has_totp": False
    }
    assert site.sign_in(site.browser(), "ada").is_success


def test_secrets_of_codes_lie_sealed_in_the_database(site, tmp_path):
    site = site()
    site.add("ada")
    browser = site.browser()
    site.sign_in(browser, "ada")
    totp = with_codes(site, browser)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("dashboard.sqlite*"))
    assert totp.secret.encode() not in kept
    assert PASSWORD.encode() not in kept


# ---- attempts ------------------------------------------------------------------


def test_a_user_waits_longer_with_every_failure_and_at_most_a_minute(site):
    site = site()
    site.add("ada")
    waits = []
    for _ in range(14):
        reply = site.sign_in(site.browser(), "ada", "wrong horse battery")
        if reply.status_code == 429:
            waits.append(int(reply.headers["Retry-After"]))
            assert told(site.sign_in(site.browser(), "ada")) == (429, "too-many-attempts")
            site.clock.pass_s(waits[-1])
        # Only the user's own count is looked at here.
        site.application.dashboard.identity.database._connection.execute(
            "DELETE FROM kept WHERE name LIKE '%:address:%'"
        )
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert max(waits) <= 60
    assert site.sign_in(site.browser(), "ada").is_success


def test_an_address_that_tries_many_names_waits_too(site):
    site = site()
    codes = [
        site.sign_in(site.browser(), f"user{number}", "wrong horse battery").status_code
        for number in range(12)
    ]
    assert codes[:10] == [401] * 10
    assert 429 in codes[10:]


def test_a_success_forgets_the_users_failures(site):
    site = site()
    site.add("ada")
    for _ in range(3):
        for _ in range(3):
            site.sign_in(site.browser(), "ada", "wrong horse battery")
        site.clock.pass_s(3600)
        assert site.sign_in(site.browser(), "ada").is_success


# ---- sessions and cookies ------------------------------------------------------


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    site = site()
    site.add("ada")
    cookie = site.sign_in(site.browser(), "ada").headers["set-cookie"]
    assert cookie.startswith("crossdock_session_")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # http://127.0.0.1


def test_beyond_this_machine_the_cookie_travels_encrypted_or_not_at_all(site):
    site = site()
    site.add("ada")
    away = site.browser(base_url="http://desk.example")
    assert told(site.sign_in(away, "ada")) == (403, "https-needed")
    private = site.browser(base_url="https://desk.example")
    reply = site.sign_in(private, "ada")
    assert "Secure" in reply.headers["set-cookie"]
    assert reply.headers["strict-transport-security"]


def test_a_session_ends_by_sign_out_by_its_time_and_by_the_user_going(site):
    site = site("dashboard.session_hours=1")
    site.add("boss", Role.ADMIN)
    for end in ("sign-out", "time", "everywhere", "removed"):
        site.add("ada")
        browser, other = site.browser(), site.browser()
        site.sign_in(browser, "ada")
        site.sign_in(other, "ada")
        cookies = dict(browser.cookies)
        if end == "sign-out":
            assert browser.post(f"{SESSION}/sign-out").is_success
        elif end == "time":
            site.clock.pass_s(3600)
        elif end == "everywhere":
            assert other.post(f"{SESSION}/sign-out-everywhere").is_success
        site.identity.users.remove("ada")
        replayed = site.browser(cookies=cookies)
        assert replayed.get(SESSION).json()["user"] is None, end
        assert replayed.get("/api/v1/keys").status_code == 401


def test_a_role_that_was_taken_is_gone_at_once(site):
    site = site()
    site.add("boss", Role.ADMIN)
    site.add("ada", Role.ADMIN)
    browser = site.browser()
    site.sign_in(browser, "ada")
    assert browser.get("/api/v1/users").status_code == 200
    site.identity.users.set_role("ada", Role.VIEWER)
    assert told(browser.get("/api/v1/users")) == (403, "forbidden")


def test_a_write_without_its_sessions_own_token_is_refused(site):
    site = site()
    site.add("ada")
    site.add("bob")
    one, other = site.browser(), site.browser()
    site.sign_in(one, "ada")
    site.sign_in(other, "bob")
    mine, theirs = one.headers.pop("X-CSRF-Token"), other.headers["X-CSRF-Token"]
    assert mine != theirs
    given = {"label": "a", "scopes": ["view"]}
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": theirs}):
        assert told(one.post("/api/v1/keys", json=given, headers=headers)) == (403, "csrf")
    reply = one.post("/api/v1/keys", json=given, headers={"X-CSRF-Token": mine})
    assert reply.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_sign_anybody_in(site, headers):
    site = site()
    site.add("ada")
    given = {"user": "ada", "password": PASSWORD}
    reply = site.browser().post(f"{SESSION}/sign-in", json=given, headers=headers)
    assert told(reply) == (403, "csrf")


def test_two_dashboards_of_one_host_name_their_cookies_apart(site, tmp_path):
    one = site()
    other = site("dashboard.secret_key=another key of more than thirty-two characters")
    assert one.identity.gatekeeper.cookie != other.identity.gatekeeper.cookie
