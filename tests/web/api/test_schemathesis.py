"""Whatever the API is asked by its own description, nothing in it breaks.

A desk of its own stands behind it, which may be killed, disconnected and released.
"""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from crossdock.web.identity.roles import Access

SEED_EXAMPLES = 4
CAMPAIGN_EXAMPLES = 150
# What would end the session it asks with, and what streams without end.
APART = r"^/api/v1/(session|users|keys)"

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


def tried(site, case):
    """Ask one generated question; return the answer, which is never our own failure."""
    asked = case.as_transport_kwargs(base_url="http://127.0.0.1:5000")
    for name in ("cookies", "auth"):
        asked.pop(name, None)
    headers = dict(asked.pop("headers", None) or {})
    headers["Authorization"] = f"Bearer {site.tokens[Access.ADMIN]}"
    body = asked.pop("data", None)
    if body is not None:
        asked["content"] = body
    reply = site.browser.request(
        asked.pop("method"), asked.pop("url"), headers=headers, **asked
    )
    assert reply.status_code < 500, f"{reply.status_code} {reply.text}"
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        told = reply.json()
        assert told["code"] and told["detail"] and told["status"] == reply.status_code
    return reply


def operations(schema):
    """Yield every operation but those that would end what it is asked with."""
    for found in schema.get_all_operations():
        operation = found.ok()
        if not re.match(APART, operation.path):
            yield operation


def try_all(site, schema, examples):
    """Ask every operation so many questions; return how many were asked."""
    asked = []

    def try_one(operation):
        @settings(**QUIET, max_examples=examples)
        @given(case=operation.as_strategy())
        def holds(case):
            asked.append(tried(site, case))

        holds()

    for operation in operations(schema):
        try:
            try_one(operation)
        except AssertionError as error:
            raise AssertionError(f"{operation.label}: {error}") from error
    return len(asked)


def test_no_question_breaks_it(own_site, api):
    assert try_all(own_site, api, SEED_EXAMPLES) > 150


@pytest.mark.campaign
def test_no_question_of_many_breaks_it(own_site, api):
    assert try_all(own_site, api, CAMPAIGN_EXAMPLES) > 2_000
