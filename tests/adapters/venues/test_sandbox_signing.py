import hashlib
import hmac
import json

import pytest

from crossdock.adapters.venues.sandbox import MANIFEST
from crossdock.adapters.venues.sandbox.signing import Signer
from crossdock.errors import ConfigError
from crossdock.toolkit import HttpRequest, ManualClock, Secret

SECRET = "never-to-be-told"


def signer(window_ms="2000"):
    return Signer(
        "the-key", Secret(SECRET), window_ms, ManualClock(1_700_000_000_123_456_789)
    )


def expected(message):
    return hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()


def test_a_request_is_signed_over_time_method_target_and_body():
    request = HttpRequest(
        method="POST", path="/v1/orders", query="a=1%2F2", body=b'{"b":2}'
    )
    headers = signer().request(request).headers
    assert headers["X-Key"] == "the-key"
    assert headers["X-Time"] == "1700000000123"
    assert headers["X-Window"] == "2000"
    message = '1700000000123POST/v1/orders?a=1%2F2{"b":2}'
    assert headers["X-Signature"] == expected(message)


def test_a_stream_is_signed_over_time_and_path():
    frame = json.loads(signer("500").auth_frame(3))
    assert frame == {
        "op": "auth",
        "id": 3,
        "key": "the-key",
        "time": 1700000000123,
        "window": 500,
        "signature": expected("1700000000123AUTH/v1/stream"),
    }


@pytest.mark.parametrize("window_ms", ["0", "-1", "2001", "60000", "1e3", "", "2 s", "²"])
def test_a_window_that_outlives_the_declared_horizon_is_refused(window_ms):
    with pytest.raises(ConfigError):
        signer(window_ms)


def test_the_horizon_covers_a_venue_whose_clock_is_slow_by_a_whole_window():
    longest_s = int(MANIFEST.settings["window_ms"].default) / 1000
    assert MANIFEST.evidence.arrival_horizon_s >= 2 * longest_s
