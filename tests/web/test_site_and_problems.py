import gzip
import re

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from crossdock.errors import (
    AuthFailed,
    ConfigError,
    DeskError,
    ExtraMissing,
    OutcomeUnknown,
    RateLimited,
    RiskRefused,
)
from crossdock.web.body_limit import MOST_BYTES
from crossdock.web.identity.access import Access, access, public
from crossdock.web.identity.roles import Role
from crossdock.web.identity.routes import identity_part
from crossdock.web.parts import Part
from crossdock.web.problems import problem_of
from crossdock.web.site import Site

INDEX = (
    "<!doctype html><html><head><title>x</title>"
    '<script src="/assets/index-Bi_BrQmX.js"></script></head></html>'
)
SCRIPT = "const x = 1;\n" * 200


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "assets/index-Bi_BrQmX.js").write_text(SCRIPT)
    (folder / "assets/index-Bi_BrQmX.js.br").write_bytes(b"as brotli has it")
    (folder / "favicon.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def browser(built):
    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    from crossdock.web.problems import tell_problems

    tell_problems(application)
    application.router.default = Site(built)
    return TestClient(application, headers={"Accept-Encoding": "identity"})


# ---- the app's files -----------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/trade", "/venues/alpha", "/sign-in"])
def test_each_route_of_the_app_is_its_first_page(browser, path):
    reply = browser.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert '<base href="/" />' in reply.text


def test_each_page_has_a_nonce_of_its_own_that_the_policy_knows(browser):
    nonces = set()
    for _ in range(3):
        reply = browser.get("/")
        (nonce,) = re.findall(r'property="csp-nonce" nonce="([^"]+)"', reply.text)
        assert (
            f"style-src 'self' 'nonce-{nonce}'" in reply.headers["content-security-policy"]
        )
        nonces.add(nonce)
    assert len(nonces) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-12345678.js",
        "/nothing.txt",
        "/api/v1/nothing",
        "/socket.io/",
        "/../settings.toml",
        "/assets/../index.html",
        "/%2e%2e/index.html",
    ],
)
def test_what_is_not_there_is_a_problem_and_no_page(browser, path):
    reply = browser.get(path)
    assert (reply.status_code, reply.json()["code"]) == (404, "not-found")


def test_hashed_files_are_kept_for_good_and_others_are_asked_about(browser):
    hashed = browser.get("/assets/index-Bi_BrQmX.js")
    assert hashed.text == SCRIPT
    assert "immutable" in hashed.headers["cache-control"]
    assert "javascript" in hashed.headers["content-type"]
    other = browser.get("/favicon.svg")
    assert other.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": other.headers["etag"]}
    assert browser.get("/favicon.svg", headers=known).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("gzip, br;q=0.9", "br"), ("identity", None), ("", None)],
)
def test_a_file_is_as_small_as_the_browser_takes_it(browser, accepted, encoding):
    with browser.stream(
        "GET", "/assets/index-Bi_BrQmX.js", headers={"Accept-Encoding": accepted}
    ) as reply:
        body = b"".join(reply.iter_raw())
    assert reply.headers.get("content-encoding") == encoding
    assert reply.headers["vary"] == "Accept-Encoding"
    if encoding == "gzip":
        body = gzip.decompress(body)
    assert body == (b"as brotli has it" if encoding == "br" else SCRIPT.encode())


def test_an_app_that_is_not_built_is_said_and_the_api_answers(tmp_path):
    application = FastAPI()
    application.router.default = Site(tmp_path)
    reply = TestClient(application).get("/")
    assert reply.status_code == 503
    assert "make site" in reply.text


# ---- mounted, headers, bounds --------------------------------------------------


def test_under_a_prefix_of_another_application_everything_stays_within(site):
    made = site(begun=False)
    made.add("ada", Role.ADMIN)
    outer = FastAPI()
    outer.mount("/desk", made.application)
    with TestClient(outer, base_url="http://127.0.0.1:5000") as browser:
        assert browser.get("/desk/health").is_success
        assert browser.get("/health").status_code == 404
        given = {"user": "ada", "password": "correct horse battery"}
        reply = browser.post("/desk/api/v1/session/sign-in", json=given)
        assert "Path=/desk" in reply.headers["set-cookie"]
        assert browser.get("/desk/api/v1/session").json()["user"] == "ada"
        assert browser.get("/desk/api/v1/users").is_success
        page = browser.get("/desk/trade")
        assert '<base href="/desk/" />' in page.text or page.status_code == 503
        assert 'src="/assets/' not in page.text


@pytest.mark.parametrize("path", ["/health", "/", "/api/v1/nothing", "/api/v1/keys"])
def test_every_answer_tells_browsers_to_be_careful(site, path):
    headers = site().browser().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_a_body_that_is_too_large_is_refused_told_or_not(site):
    browser = site().browser()
    path = "/api/v1/session/sign-in"
    told = browser.post(path, content=b" " * (MOST_BYTES + 1))
    assert (told.status_code, told.json()["code"]) == (413, "too-large")

    def chunks():
        for _ in range(5):
            yield b" " * (MOST_BYTES // 4)

    untold = browser.post(path, content=chunks())
    assert (untold.status_code, untold.json()["code"]) == (413, "too-large")
    assert untold.headers["connection"] == "close"


def test_the_wrong_method_is_told_from_a_path_that_is_not_there(site):
    browser = site().browser()
    assert browser.delete("/health").status_code == 405
    assert browser.post("/nothing").status_code == 404
    assert browser.delete("/health").headers["content-type"] == "application/problem+json"


def test_the_description_of_the_api_is_for_those_who_are_signed_in(site):
    site = site()
    site.add("ada")
    browser = site.browser()
    assert browser.get("/openapi.json").status_code == 401
    assert browser.get("/docs").status_code in (200, 404, 503)  # never the framework's own
    site.sign_in(browser, "ada")
    assert "/api/v1/session" in browser.get("/openapi.json").json()["paths"]


# ---- problems ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError("x"), 422),
        (ExtraMissing("x"), 501),
        (DeskError("x", code="bad-argument"), 422),
        (DeskError("x", code="unknown-order"), 404),
        (DeskError("x", code="desk-not-running"), 503),
        (DeskError("x", code="desk-silent"), 504),
        (DeskError("x", code="internal"), 500),
        (DeskError("x", code="flag-off"), 403),
        (DeskError("x", code="account-away"), 409),
        (RiskRefused([("size", "x")]), 409),
        (RateLimited("x", retry_after_s=0.2), 429),
        (AuthFailed("x"), 409),
        (OutcomeUnknown("x"), 409),
    ],
)
def test_every_error_of_ours_has_a_status_that_says_what_to_do(error, status):
    problem = problem_of(error)
    told = problem.document("/here")
    assert (problem.status, told["status"]) == (status, status)
    assert {"type", "title", "detail", "instance", "code", "hint"} <= told.keys()
    assert told["code"] == error.code


def test_a_refusal_by_risk_carries_its_reasons_and_what_would_pass():
    told = problem_of(RiskRefused([("size", "too large")], allowed_quantity="2"))
    document = told.document("/")
    assert document["reasons"] == [["size", "too large"]]
    assert document["allowed_quantity"] == "2"


def test_a_rate_limit_says_when_to_come_again():
    assert problem_of(RateLimited("x", retry_after_s=1.2)).headers == {"Retry-After": "2"}


@pytest.mark.parametrize(
    ("debug", "role", "told"),
    [
        ("false", None, False),
        ("false", Role.ADMIN, False),
        ("true", None, False),
        ("true", Role.RISK, False),
        ("true", Role.ADMIN, True),
    ],
)
def test_only_an_administrator_who_debugs_is_told_of_the_inside(site, debug, role, told):
    def part(_dashboard):
        router = APIRouter(dependencies=[access(Access.VIEW) if role else public()])

        async def broken():
            raise ZeroDivisionError("the inside, and redis://:hunter2@cache/0")

        router.add_api_route("/broken", broken)
        return Part(routers=[router])

    override = "dashboard.oidc_client_secret=redis://:hunter2@cache/0"
    made = site(f"dashboard.debug={debug}", override, made_of=[identity_part, part])
    browser = made.browser()
    if role:
        made.add("ada", role)
        made.sign_in(browser, "ada")
    reply = browser.get("/broken")
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert ("the inside" in reply.text) is told
    assert "hunter2" not in reply.text
    assert "x-frame-options" in reply.headers


def test_what_does_not_fit_names_the_field_and_not_what_was_typed(site):
    reply = (
        site()
        .browser()
        .post(
            "/api/v1/session/sign-in",
            json={"user": "ada", "password": "hunter2", "extra": 1},
        )
    )
    assert reply.status_code == 422
    assert reply.json()["fields"][0]["where"] == ["body", "extra"]
    assert "hunter2" not in reply.text


@pytest.mark.parametrize(("many", "encoding"), [(1, None), (2_000, "gzip")])
def test_a_long_answer_is_compressed(site, many, encoding):
    def part(_):
        router = APIRouter()

        @router.get("/numbers", dependencies=[access(Access.VIEW)])
        async def numbers() -> list[int]:
            return list(range(many))

        return Part(routers=[router])

    made = site(made_of=[identity_part, part])
    browser = made.browser()
    made.add("ada", Role.VIEWER)
    made.sign_in(browser, "ada")
    reply = browser.get("/numbers", headers={"Accept-Encoding": "gzip"})
    assert reply.headers.get("content-encoding") == encoding
    assert reply.json() == list(range(many))
