"""What somebody who means harm would try, each told off as it should be."""

import asyncio
import logging
import re

import pyotp
import pytest

from crossdock.web.health import health_part
from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.routes import identity_part
from crossdock.web.identity.users import Source
from crossdock.web.identity.ways.attempts import Attempts
from crossdock.web.identity.ways.links import Purpose
from crossdock.web.kept.kept import KeptAway
from crossdock.web.problems import Problem
from crossdock.web.proxies import client_address

PASSWORD = "correct horse battery"
SESSION = "/api/v1/session"


def told(reply):
    return reply.status_code, reply.json().get("code")


# ---- names and sessions that outlive whom they were for -----------------------------


def test_a_session_somebody_brings_along_is_not_the_one_they_sign_in_to(site):
    site = site()
    site.add("ada")
    site.add("eve")
    cookie = site.identity.gatekeeper.cookie
    planted = site.browser()
    site.sign_in(planted, "eve")
    known = planted.cookies[cookie]
    victim = site.browser(cookies={cookie: known})
    site.sign_in(victim, "ada")
    assert re.search(
        f"{cookie}=(?!{known})", site.sign_in(victim, "ada").headers["set-cookie"]
    )
    assert site.browser(cookies={cookie: known}).get(SESSION).json()["user"] == "eve"
    invented = site.browser(cookies={cookie: "x" * 43})
    site.sign_in(invented, "ada")
    assert site.browser(cookies={cookie: "x" * 43}).get(SESSION).json()["user"] is None


def test_a_name_that_is_given_to_somebody_new_comes_without_the_old_sessions(site):
    site = site()
    site.add("boss", Role.ADMIN)
    site.add("bob")
    old = site.browser()
    site.sign_in(old, "bob")
    site.identity.users.remove("bob")
    site.add("bob", Role.ADMIN)
    assert old.get(SESSION).json()["user"] is None
    assert old.get("/api/v1/users").status_code == 401


@pytest.mark.parametrize("source", ["password", "oidc"])
def test_a_link_for_somebody_who_was_removed_opens_nothing_to_the_next_of_that_name(
    site, source
):
    site = site()
    site.add("boss", Role.ADMIN)
    boss = site.browser()
    site.sign_in(boss, "boss")
    made = boss.post("/api/v1/users", json={"name": "bob", "role": "viewer"}).json()
    boss.delete("/api/v1/users/bob")
    again = {"name": "bob", "role": "admin", "source": source}
    assert boss.post("/api/v1/users", json=again).status_code == 201
    given = {"token": made["link_token"], "password": PASSWORD}
    assert told(site.browser().post(f"{SESSION}/set-up", json=given)) == (403, "link-spent")
    assert told(site.sign_in(site.browser(), "bob")) == (401, "wrong-password")


def test_a_password_left_over_signs_nobody_in_whom_somebody_else_vouches_for(site):
    site = site()
    site.add("ada", Role.ADMIN, Source.OIDC, password=PASSWORD)
    assert told(site.sign_in(site.browser(), "ada")) == (401, "wrong-password")


# ---- guessing -----------------------------------------------------------------------


class SlowKept:
    """Answers in a later turn of the loop, as a server elsewhere does."""

    def __init__(self, kept):
        self._kept = kept

    def __getattr__(self, name):
        async def later(*args, **more):
            await asyncio.sleep(0)
            return await getattr(self._kept, name)(*args, **more)

        return later


async def test_of_guesses_that_come_at_once_no_more_are_looked_at_than_of_a_row(site):
    site = site()
    attempts = Attempts(SlowKept(site.identity.kept), site.clock)

    async def guess(number):
        await attempts.begin(user="ada", address=f"10.0.0.{number}")

    answers = await asyncio.gather(*map(guess, range(100)), return_exceptions=True)
    looked_at = [each for each in answers if not isinstance(each, Problem)]
    assert len(looked_at) == 5  # four are free, and one begins the wait


def test_whoever_is_not_a_trusted_proxy_cannot_choose_their_address(site):
    site = site("dashboard.trusted_proxies=10.9.9.9")
    site.add("ada")
    codes = [
        told(
            site.browser(headers={"X-Forwarded-For": f"10.1.1.{number}"}).post(
                f"{SESSION}/sign-in", json={"user": f"u{number}", "password": PASSWORD}
            )
        )
        for number in range(12)
    ]
    assert (429, "too-many-attempts") in codes


@pytest.mark.parametrize(
    ("shown", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),  # what a listener on :: hears
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "unknown"),
    ],
)
def test_waits_are_of_one_address_or_of_one_network_of_ipv6(shown, counted):
    assert client_address({"client": (shown, 1)}) == counted


def test_an_unknown_user_takes_the_same_work_as_a_known_one(site):
    site = site()
    site.add("ada")
    site.add("vouched", Role.VIEWER, Source.OIDC, password="")
    worked = []
    hasher = site.identity.passwords._hasher

    class Counting:
        def hash(self, password):
            return hasher.hash(password)

        def verify(self, known, password):
            worked.append(len(known))
            return hasher.verify(known, password)

        def check_needs_rehash(self, known):
            return hasher.check_needs_rehash(known)

    site.identity.passwords._hasher = Counting()
    for user in ("ada", "nobody", "vouched"):
        site.sign_in(site.browser(), user, "wrong horse battery")
    assert len(worked) == 3
    assert len(set(worked)) == 1


# ---- what is told and where it is kept ----------------------------------------------


def test_links_name_the_address_that_was_set_whatever_a_request_claims(site):
    site = site("dashboard.public_url=https://desk.example")
    site.add("boss", Role.ADMIN)
    boss = site.browser(base_url="https://desk.example")
    site.sign_in(boss, "boss")
    claims = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    given = {"name": "bob", "role": "viewer"}
    made = boss.post("/api/v1/users", json=given, headers=claims).json()
    assert made["link"].startswith("https://desk.example/set-up#")


@pytest.mark.parametrize("by", ["10.9.9.9", "testclient"])
def test_behind_tls_the_cookie_is_secure_if_a_trusted_proxy_says_so(site, by):
    from starlette.testclient import TestClient

    made = site("dashboard.trusted_proxies=10.9.9.9")
    made.add("ada")
    browser = TestClient(made.application, base_url="http://desk.example", client=(by, 5))
    reply = browser.post(
        f"{SESSION}/sign-in",
        json={"user": "ada", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https"},
    )
    if by == "testclient":  # nobody we know: it may say what it likes
        assert told(reply) == (403, "https-needed")
        assert "trusted_proxies" in reply.json()["hint"]
    else:
        cookie = reply.headers["set-cookie"]
        assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))


def test_signing_out_takes_the_sessions_own_token(site):
    site = site()
    site.add("ada")
    browser = site.browser()
    site.sign_in(browser, "ada")
    mine = browser.headers.pop("X-CSRF-Token")
    for path in ("sign-out", "sign-out-everywhere"):
        assert told(browser.post(f"{SESSION}/{path}")) == (403, "csrf")
    assert browser.get(SESSION).json()["user"] == "ada"
    assert browser.post(f"{SESSION}/sign-out", headers={"X-CSRF-Token": mine}).is_success


async def test_a_sign_in_from_end_to_end_leaves_no_secret_in_any_log_or_file(
    site, tmp_path, caplog, capfd
):
    caplog.set_level(logging.NOTSET)
    made = site("dashboard.debug=true", made_of=[identity_part, health_part])
    link = await made.identity.links.make(Purpose.SET_UP)
    browser = made.browser()
    given = {"token": link, "user": "ada", "password": PASSWORD}
    reply = browser.post(f"{SESSION}/set-up", json=given)
    browser.headers["X-CSRF-Token"] = reply.json()["csrf_token"]
    secrets = {"link": link, "password": PASSWORD, "csrf": reply.json()["csrf_token"]}
    secrets["first cookie"] = browser.cookies[made.identity.gatekeeper.cookie]
    totp = pyotp.TOTP(browser.get(f"{SESSION}/totp").json()["secret"])
    secrets["totp"] = totp.secret
    code = totp.at(made.clock.ns // 10**9)
    proof = {"secret": totp.secret, "code": code}
    assert browser.post(f"{SESSION}/totp", json=proof).is_success
    asked = {"label": "bot", "scopes": ["view"]}
    secrets["api key"] = browser.post("/api/v1/keys", json=asked).json()["token"]
    invited = browser.post("/api/v1/users", json={"name": "bob", "role": "viewer"}).json()
    secrets["invitation"] = invited["link_token"]
    assert browser.post(f"{SESSION}/sign-out").is_success
    made.clock.pass_s(60)
    code = totp.at(made.clock.ns // 10**9)
    assert made.sign_in(browser, "ada", code=code).is_success
    secrets["cookie"] = browser.cookies[made.identity.gatekeeper.cookie]
    keyed = {"Authorization": f"Bearer {secrets['api key']}"}
    assert made.browser(headers=keyed).get("/api/v1/keys").is_success
    made.sign_in(made.browser(), "ada", "a wrong one, mistyped")
    secrets["mistyped"] = "a wrong one, mistyped"

    said = capfd.readouterr()
    written = [said.out, said.err, caplog.text, *(repr(each) for each in caplog.records)]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            written.append(path.read_bytes().decode("latin-1"))
    for name, secret in secrets.items():
        assert len(secret) > 15, name
        for text in written:
            assert secret not in text, name


def test_a_key_is_known_by_its_digest_alone(site, tmp_path):
    site = site()
    site.add("ada")
    token, _ = site.identity.keys.make("ada", "bot", [Access.VIEW], 1)
    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert site.identity.keys.find(near) is None
    assert site.identity.keys.find(token) is not None
    for path in tmp_path.glob("dashboard.sqlite*"):
        assert token.encode() not in path.read_bytes()


# ---- what keeps the sessions is away -------------------------------------------------


class GoneKept:
    """A server that has gone away."""

    def __getattr__(self, name):
        async def gone(*_, **__):
            raise KeptAway("Redis fails: ConnectionError")

        return gone


def test_while_sessions_cannot_be_looked_up_nobody_is_let_in_and_that_is_said(site):
    site = site()
    site.add("ada", Role.ADMIN)
    browser = site.browser()
    site.sign_in(browser, "ada")
    site.identity.sessions._kept = site.identity.attempts._kept = GoneKept()
    given = {"user": "ada", "password": PASSWORD}
    for reply in (
        browser.get("/api/v1/users"),
        browser.get(SESSION),
        browser.post(f"{SESSION}/sign-in", json=given),
        browser.post(f"{SESSION}/sign-out", headers={"Idempotency-Key": "one"}),
        browser.put("/api/v1/nothing", headers={"Idempotency-Key": "one"}),
    ):
        assert told(reply) == (503, "store-away")
        assert reply.headers["content-type"] == "application/problem+json"
