"""Each scheme adds what it says to a request, and no other place tells the secret."""

import base64
import hashlib
import hmac

import msgspec
import pytest

from crossdock.adapters.venues.rest_api.described.tables import Auth
from crossdock.adapters.venues.rest_api.signing import Signer
from crossdock.errors import ConfigError
from crossdock.toolkit import HttpRequest, ManualClock, Secret

SECRET = "c2VjcmV0LXdvcmQ="
SETTINGS = {"key": "the key", "pass_secret": Secret(SECRET)}
TIME_NS = 1_700_000_000_123_456_789
REQUEST = HttpRequest(
    method="POST",
    path="/v1/orders",
    query="a=1",
    headers={"Content-Type": "application/json"},
    body=b'{"q":"1"}',
)


def signed(request=REQUEST, **auth):
    table = msgspec.convert(auth, Auth)
    return Signer(table, SETTINGS, ManualClock(TIME_NS)).request(request)


def mac(key, text, name="sha256"):
    return hmac.digest(key, text.encode(), name)


def test_no_scheme_changes_nothing():
    assert signed(scheme="none") == REQUEST


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        (
            {"scheme": "header", "headers": {"X-Key": "{pass_secret}", "X-T": "{time:s}"}},
            {"X-Key": SECRET, "X-T": "1700000000"},
            "a=1",
        ),
        (
            {"scheme": "query", "query": {"apikey": "{key}", "t": "{time:ms}"}},
            {},
            "a=1&apikey=the%20key&t=1700000000123",
        ),
        (
            {"scheme": "bearer", "token": "{pass_secret}"},
            {"Authorization": f"Bearer {SECRET}"},
            "a=1",
        ),
        (
            {"scheme": "basic", "user": "{key}", "password": "{pass_secret}"},
            {
                "Authorization": "Basic "
                + base64.b64encode(f"the key:{SECRET}".encode()).decode()
            },
            "a=1",
        ),
    ],
    ids=lambda it: it.get("scheme", "") if isinstance(it, dict) else "",
)
def test_a_scheme_adds_its_headers_and_parameters(auth, headers, query):
    made = signed(**auth)
    assert made.headers == {**REQUEST.headers, **headers}
    assert made.query == query
    assert (made.method, made.path, made.body) == ("POST", "/v1/orders", REQUEST.body)


def test_a_signature_covers_what_it_says_in_a_header():
    made = signed(
        scheme="hmac",
        secret="{pass_secret}",
        signs="{time:ms}{method}{target}{body}",
        headers={"X-Sign": "{signature}", "X-Time": "{time:ms}"},
    )
    text = '1700000000123POST/v1/orders?a=1{"q":"1"}'
    assert made.headers["X-Sign"] == mac(SECRET.encode(), text).hex()
    assert made.headers["X-Time"] == "1700000000123"


def test_a_signature_in_the_query_covers_the_parameters_before_it():
    made = signed(
        scheme="hmac",
        secret="{pass_secret}",
        key_encoding="base64",
        signs="{query}|{body:sha256}",
        hash="sha512",
        encoding="base64",
        query={"timestamp": "{time:ms}"},
        signature_query="signature",
    )
    covered, _, given = made.query.partition("&signature=")
    assert covered == "a=1&timestamp=1700000000123"
    digest = hashlib.sha256(REQUEST.body).hexdigest()
    expected = base64.b64encode(mac(b"secret-word", f"{covered}|{digest}", "sha512"))
    quoted = expected.decode().replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    assert given == quoted


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_key_that_does_not_decode_is_told_without_it(encoding):
    settings = {"pass_secret": Secret("no such key!")}
    auth = {"scheme": "hmac", "secret": "{pass_secret}", "signs": "{time:s}"}
    table = msgspec.convert(
        {**auth, "key_encoding": encoding, "signature_query": "s"}, Auth
    )
    with pytest.raises(ConfigError) as told:
        Signer(table, settings, ManualClock(TIME_NS))
    assert "no such key" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None
