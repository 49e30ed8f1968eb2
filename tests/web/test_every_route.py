"""Made from the route table: a route added tomorrow is asked the same."""

import contextlib
import re

import pytest

from crossdock.web.identity.access import Access, public, ruled_routes
from crossdock.web.identity.roles import Role, scopes_allow
from crossdock.web.parts import parts

PUBLIC = {
    "/health",
    "/api/v1/session",
    "/api/v1/session/sign-in",
    "/api/v1/session/set-up",
    "/api/v1/session/token",
    "/api/v1/session/oidc/start",
    "/api/v1/session/oidc/callback",
    "/api/v1/signals/webhook/x",  # the secret is in its address
}
GARBAGE = [b'{"broken', b""]


@pytest.fixture
def site(site):
    """Make a dashboard of all its parts."""
    return lambda *overrides, made_of=None: site(*overrides, made_of=made_of or parts())


def asked(site):
    """Return (method, path with something in every place, rule) of every route."""
    found = []
    for route in ruled_routes(site.application.api):
        path = re.sub(r"\{[^}]+\}", "x", route.path)
        found += [(method, path, route.rule) for method in sorted(route.methods)]
    assert len(found) > 15
    return found


def refusals(browser, method, path):
    """Yield the answer to each body that nobody should look at."""
    for body in GARBAGE if method not in ("GET", "HEAD") else (b"",):
        headers = {"Content-Type": "application/json"} if body else {}
        yield browser.request(method, path, content=body, headers=headers)


def person(site, role):
    site.add(f"a-{role}", role)
    browser = site.browser()
    assert site.sign_in(browser, f"a-{role}").is_success
    return browser


def test_what_is_public_is_listed_here(site):
    site = site("dashboard.oidc_issuer=http://127.0.0.1:1")
    assert {path for _, path, rule in asked(site) if rule.needed is None} == PUBLIC


def test_a_route_without_a_rule_keeps_the_dashboard_from_starting(site):
    from fastapi import APIRouter

    from crossdock.web.parts import Part

    router = APIRouter()
    router.add_api_route("/told-to-all", lambda: "hello")
    with pytest.raises(RuntimeError, match="/told-to-all says not who may ask it"):
        site(made_of=[lambda _dashboard: Part(routers=[router])])
    router = APIRouter(dependencies=[public()])
    router.add_api_route("/told-to-all", lambda: "hello")
    site(made_of=[lambda _dashboard: Part(routers=[router])])


def test_every_route_refuses_whoever_is_not_signed_in(site):
    site = site()
    for headers in ({}, {"Authorization": "Bearer cdk_nothing"}, {"Cookie": "a=b"}):
        browser = site.browser(headers=headers)
        for method, path, rule in asked(site):
            if rule.needed is not None:
                for reply in refusals(browser, method, path):
                    assert reply.status_code == 401, (method, path, headers)
                    assert reply.headers["content-type"] == "application/problem+json"
    assert site.application.dashboard.link.asked == []


@pytest.mark.parametrize("role", Role)
def test_every_route_refuses_a_person_whose_role_is_too_low(site, role):
    site = site()
    browser = person(site, role)
    for method, path, rule in asked(site):
        if rule.needed is not None and not role.covers(rule.needed.role):
            for reply in refusals(browser, method, path):
                told = reply.status_code, reply.json()["code"]
                assert told == (403, "forbidden"), (method, path)
    assert site.application.dashboard.link.asked == []


@pytest.mark.parametrize("scope", Access)
def test_every_route_refuses_a_key_without_its_scope_whoever_made_it(site, scope):
    site = site()
    site.add("boss", Role.ADMIN)
    token, _ = site.identity.keys.make("boss", "a key", [scope], 1)
    browser = site.browser(headers={"Authorization": f"Bearer {token}"})
    for method, path, rule in asked(site):
        if rule.needed is not None and not scopes_allow({scope}, rule.needed):
            for reply in refusals(browser, method, path):
                told = reply.status_code, reply.json()["code"]
                assert told == (403, "forbidden"), (method, path)
    assert site.application.dashboard.link.asked == []


async def test_whoever_is_refused_had_no_byte_of_their_body_read(site):
    site = site()
    for method, path, rule in asked(site):
        if rule.needed is not None:
            told = []

            async def never():
                raise AssertionError("the body was read")

            async def send(message, told=told):
                told.append(message)

            scope = {
                "type": "http",
                "method": method,
                "path": path,
                "query_string": b"",
                "headers": [(b"host", b"127.0.0.1:5000"), (b"idempotency-key", b"one")],
                "scheme": "http",
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 5000),
            }
            await site.application(scope, never, send)
            assert told[0]["status"] == 401, (method, path)


def test_every_write_of_a_session_refuses_another_sites_page(site):
    site = site()
    browser = person(site, Role.ADMIN)
    del browser.headers["X-CSRF-Token"]
    for method, path, rule in asked(site):
        if rule.needed is not None and method not in ("GET", "HEAD"):
            for reply in refusals(browser, method, path):
                assert (reply.status_code, reply.json()["code"]) == (403, "csrf"), path
    assert site.application.dashboard.link.asked == []


def test_no_public_route_fails_whatever_it_is_sent(site):
    site = site("dashboard.oidc_issuer=http://127.0.0.1:1")
    browser = site.browser()
    for method, path, rule in asked(site):
        if rule.needed is None:
            for body in (b"", b"{}", b"[]", b"\xff", b'{"user": null}', b"[" * 2000):
                reply = browser.request(
                    method, path, content=body, headers={"Content-Type": "application/json"}
                )
                with contextlib.suppress(ValueError):
                    assert reply.json().get("code") != "internal", (method, path, body)
                assert reply.status_code != 500, (method, path, body)
