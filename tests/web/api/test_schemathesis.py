"""Whatever the API is asked by its own description, nothing in it breaks.

A desk of its own stands behind it, which may be killed, disconnected and released.
"""

import itertools
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.users import Source

SEED_EXAMPLES = 4
CAMPAIGN_EXAMPLES = 150
HERE = "http://127.0.0.1:5000"
# What may end who asks, and is asked by somebody made for each question.
OF_PEOPLE = r"^/api/v1/(session|users|keys)"
WHO = frozenset({"authorization", "x-csrf-token", "cookie"})

QUIET = {
    "deadline": None,
    "derandomize": True,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture(scope="module")
def api(own_site):
    """The description that a running dashboard tells."""
    told = own_site.get("/openapi.json")
    return schemathesis.openapi.from_dict(told)


def tried(browser, case, asker):
    """Ask one generated question; return the answer, which is never our own failure."""
    asked = case.as_transport_kwargs(base_url=HERE)
    for name in ("cookies", "auth"):
        asked.pop(name, None)
    made_up = asked.pop("headers", None) or {}
    headers = {name: it for name, it in made_up.items() if name.lower() not in WHO} | asker
    body = asked.pop("data", None)
    if body is not None:
        asked["content"] = body
    reply = browser.request(asked.pop("method"), asked.pop("url"), headers=headers, **asked)
    assert reply.status_code < 500, f"{reply.status_code} {reply.text}"
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        told = reply.json()
        assert told["code"] and told["detail"] and told["status"] == reply.status_code
    return reply


def operations(schema, *, of_people):
    for found in schema.get_all_operations():
        operation = found.ok()
        if bool(re.match(OF_PEOPLE, operation.path)) is of_people:
            yield operation


def try_each(operations, questions, ask, examples):
    """Ask every operation so many questions; return what was answered to each."""
    answers = {}

    def try_one(operation):
        told = answers.setdefault(operation.label, [])

        @settings(**QUIET, max_examples=examples)
        @given(case=questions(operation))
        def holds(case):
            told.append(ask(case).status_code)

        holds()

    for operation in operations:
        try:
            try_one(operation)
        except AssertionError as error:
            raise AssertionError(f"{operation.label}: {error}") from error
    return answers


def try_all(site, schema, examples):
    """Ask everything of a desk with an administrator's key; return how often."""
    asker = {"Authorization": f"Bearer {site.tokens[Access.ADMIN]}"}
    answers = try_each(
        operations(schema, of_people=False),
        lambda operation: operation.as_strategy(),
        lambda case: tried(site.browser, case, asker),
        examples,
    )
    return sum(map(len, answers.values()))


class Asker:
    """An administrator, and another one after whatever may have ended the session."""

    def __init__(self, site):
        self._identity = site.application.dashboard.identity
        self._portal = site.browser.portal  # of the loop that the application lives in
        self._numbers = itertools.count()

        self.change()

    def change(self):
        name = f"asker-{next(self._numbers)}"
        users, sessions = self._identity.users, self._identity.sessions
        user = users.add(name, Role.ADMIN, Source.PASSWORD, password="")
        _, key = self._identity.keys.make(name, "theirs", [Access.VIEW], 1)
        token = self._portal.call(sessions.begin, user).token
        self.headers = {
            "Cookie": f"{self._identity.gatekeeper.cookie}={token}",
            "X-CSRF-Token": sessions.csrf_token(token),
        }
        self.there_is = {"name": name, "key_id": key.id}


def try_people(site, schema, examples):
    """Ask everything of users, keys and sessions, half of it of those there are."""
    asker = Asker(site)
    browser = TestClient(site.application, base_url=HERE, raise_server_exceptions=False)
    browser.portal = site.browser.portal

    def questions(operation):
        return st.tuples(operation.as_strategy(), st.booleans())

    def ask(question):
        case, is_of_those = question
        for name in case.path_parameters or {} if is_of_those else ():
            case.path_parameters[name] = asker.there_is[name]
        browser.cookies.clear()
        reply = tried(browser, case, asker.headers)
        if reply.is_success and case.method != "GET":
            asker.change()
        return reply

    return try_each(operations(schema, of_people=True), questions, ask, examples)


def test_no_question_breaks_it(own_site, api):
    assert try_all(own_site, api, SEED_EXAMPLES) > 150


@pytest.mark.campaign
def test_no_question_of_many_breaks_it(own_site, api):
    assert try_all(own_site, api, CAMPAIGN_EXAMPLES) > 2_000


def all_were_answered(answers):
    """Tell whether whoever asked was believed each time, and that much was done."""
    public = {"GET /api/v1/session", "POST /api/v1/session/sign-in"}
    public |= {"POST /api/v1/session/set-up", "POST /api/v1/session/token"}
    refused = {label for label, told in answers.items() if 401 in told}
    done = {label for label, told in answers.items() if any(code < 300 for code in told)}
    return refused <= public and len(answers) > 12 and len(done) > len(answers) / 2


def test_no_question_of_people_breaks_it(lone_site):
    """Sign-in, users and keys: each asked with a session of its own."""
    schema = schemathesis.openapi.from_dict(lone_site.get("/openapi.json"))
    answers = try_people(lone_site, schema, 2 * SEED_EXAMPLES)
    assert all_were_answered(answers), answers


@pytest.mark.campaign
def test_no_question_of_many_of_people_breaks_it(lone_site):
    schema = schemathesis.openapi.from_dict(lone_site.get("/openapi.json"))
    answers = try_people(lone_site, schema, CAMPAIGN_EXAMPLES)
    assert all_were_answered(answers), answers
