import json

import pytest
from fastapi import APIRouter, Request

from crossdock.errors import DeskError, RiskRefused
from crossdock.web.idempotency import require_key
from crossdock.web.identity.access import Access, access
from crossdock.web.identity.roles import Role
from crossdock.web.parts import Part


class Counter:
    """A route that counts how often it did something, and can fail in several ways."""

    def __init__(self):
        self.done = []
        self.fails = None

    def part(self, _dashboard):
        router = APIRouter(dependencies=[access(Access.TRADE)])
        router.add_api_route("/orders", self.order, methods=["POST"])
        return Part(routers=[router])

    async def order(self, request: Request):
        self.done.append(await request.body())
        if self.fails is not None:
            raise self.fails
        return {"order": len(self.done)}


@pytest.fixture
def counting(site):
    counter = Counter()
    from crossdock.web.identity.routes import identity_part

    made = site(made_of=[identity_part, counter.part])
    made.add("ada", Role.TRADER)
    browser = made.browser()
    made.sign_in(browser, "ada")
    return made, counter, browser


def order(browser, key="k1", body=None, **more):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return browser.post("/orders", json=body or {"a": 1}, headers=headers, **more)


def test_the_same_key_and_body_gives_the_same_answer_and_does_it_once(counting):
    _, counter, browser = counting
    first, again = order(browser), order(browser)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(counter.done) == 1


def test_the_same_key_with_another_body_path_or_question_is_refused(counting):
    _, counter, browser = counting
    order(browser)
    for reply in (
        order(browser, body={"a": 2}),
        browser.post("/orders?x=1", json={"a": 1}, headers={"Idempotency-Key": "k1"}),
        browser.put("/orders", json={"a": 1}, headers={"Idempotency-Key": "k1"}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (422, "idempotency-key-reused")
    assert len(counter.done) == 1


def test_a_key_belongs_to_whoever_sent_it_and_to_one_day(counting):
    made, _, browser = counting
    order(browser)
    made.add("bob", Role.TRADER)
    other = made.browser()
    made.sign_in(other, "bob")
    assert order(other).json() == {"order": 2}
    made.clock.pass_s(24 * 3600)
    made.sign_in(browser, "ada")
    assert order(browser).json() == {"order": 3}


def test_without_a_key_every_request_is_new(counting):
    _, counter, browser = counting
    order(browser, key=None)
    order(browser, key=None)
    assert len(counter.done) == 2


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_key_has_a_length(counting, key):
    _, counter, browser = counting
    assert order(browser, key=key).status_code == 422
    assert counter.done == []


@pytest.mark.parametrize(
    ("fails", "times"),
    [
        (RiskRefused([("size", "too large")]), 1),
        (DeskError("said nothing", code="desk-silent"), 1),
        (DeskError("not there", code="desk-not-running"), 2),
        (DeskError("quantity is no number", code="bad-argument"), 2),
        (ZeroDivisionError(), 1),
    ],
)
def test_only_what_surely_did_nothing_is_done_again(counting, fails, times):
    _, counter, browser = counting
    counter.fails = fails
    first, again = order(browser), order(browser)
    assert len(counter.done) == times
    assert first.status_code == again.status_code
    assert json.loads(first.text) == json.loads(again.text)


async def test_what_was_begun_and_never_answered_is_not_begun_again(counting):
    made, counter, browser = counting
    order(browser)
    kept = made.application.dashboard.kept
    (name,) = await kept.names("once:")
    begun = json.loads(await kept.get(name))
    await kept.put(name, json.dumps({"said": begun["said"]}), ttl_s=60)
    reply = order(browser)
    assert (reply.status_code, reply.json()["code"]) == (409, "idempotency-unfinished")
    assert len(counter.done) == 1


async def test_a_token_that_is_shown_once_is_not_kept_for_a_repetition(counting):
    made, _, browser = counting
    given = {"label": "a", "scopes": ["view"]}
    for _ in range(2):
        reply = browser.post("/api/v1/keys", json=given, headers={"Idempotency-Key": "k"})
        assert reply.status_code == 201
    assert await made.application.dashboard.kept.names("once:") == []


def test_whoever_is_not_let_in_is_refused_by_the_route_itself(counting):
    made, counter, browser = counting
    assert order(made.browser()).status_code == 401
    del browser.headers["X-CSRF-Token"]
    assert order(browser).status_code == 403
    assert counter.done == []


def test_a_program_needs_a_key_and_a_person_does_not():
    from crossdock.web.identity.roles import Caller
    from crossdock.web.problems import Problem

    request = Request({"type": "http", "headers": []})
    require_key(request, Caller(name="ada", role=Role.TRADER, session="s"))
    with pytest.raises(Problem, match="Idempotency-Key is missing"):
        require_key(request, Caller(name="ada", role=Role.TRADER, key="k"))
