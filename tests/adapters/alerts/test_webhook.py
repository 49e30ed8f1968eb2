"""The signed webhook against a receiver that checks as Standard Webhooks says."""

import base64
import hashlib
import hmac
import json

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.alerts.webhook import MANIFEST
from crossdock.adapters.alerts.webhook.notifier import WebhookNotifier
from crossdock.adapters.alerts.webhook.signing import REPLAY_WINDOW_S, Signer
from crossdock.errors import (
    AuthFailed,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.ports import PROTOCOL_OF, Can
from crossdock.toolkit import Secret

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SECOND_NS = 1_000_000_000


def verified(headers, body, now_s, key=KEY):
    """Return what a receiver reads, having checked it as the specification tells it to."""
    message_id, time_s = headers["webhook-id"], headers["webhook-timestamp"]
    assert abs(now_s - int(time_s)) <= REPLAY_WINDOW_S, "too old, or from the future"
    digest = hmac.new(key, f"{message_id}.{time_s}.".encode() + body, hashlib.sha256)
    mine = "v1," + base64.b64encode(digest.digest()).decode()
    assert any(
        hmac.compare_digest(each, mine) for each in headers["webhook-signature"].split()
    ), "not signed by who knows the secret"
    return json.loads(body)


def deadline(clock, seconds=5.0):
    return clock.monotonic_ns() + int(seconds * SECOND_NS)


def test_the_signature_is_the_one_of_the_specifications_own_example():
    signer = Signer(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    headers = signer.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@settings(max_examples=30)
@given(
    message_id=st.text("abc-123", min_size=1, max_size=20),
    time_s=st.integers(0, 2**33),
    body=st.binary(max_size=200),
    at=st.integers(min_value=0),
)
def test_a_message_changed_anywhere_no_longer_verifies(message_id, time_s, body, at):
    headers = Signer(Secret(SECRET)).headers(
        message_id, time_s, b'"%s"' % body.hex().encode()
    )
    sent = b'"%s"' % body.hex().encode()
    verified(headers, sent, time_s)
    changed = bytearray(sent)
    changed[at % len(sent)] ^= 1
    for tampered in (
        (headers, bytes(changed)),
        ({**headers, "webhook-id": message_id + "x"}, sent),
        ({**headers, "webhook-timestamp": str(time_s + 1)}, sent),
    ):
        with pytest.raises(AssertionError, match="not signed"):
            verified(*tampered, time_s)


async def test_a_receiver_reads_a_signed_message_with_every_event(
    receiver, notifier_of, alert_of, clock
):
    given = {"url_secret": f"{receiver.url}/hooks/abc?k=1", "signing_secret": SECRET}
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        await notifier.notify(
            alert_of("one line"), again=False, deadline_ns=deadline(clock)
        )
    (seen,) = receiver.seen
    assert seen.path == "/hooks/abc?k=1"
    told = verified(seen.headers, seen.body, clock.time_ns() // SECOND_NS)
    assert told["type"] == "crossdock.fill"
    assert told["timestamp"] == "2023-11-14T22:13:20Z"
    assert told["data"]["lines"] == ["one line"]
    assert told["data"]["events"][0]["facts"]["quantity"] == "1.10"
    assert seen.headers["webhook-id"] == told["data"]["id"] == "msg-1"


async def test_a_message_sent_again_has_the_same_id_and_bytes_and_a_new_signature(
    receiver, notifier_of, alert_of, clock
):
    given = {"url_secret": receiver.url, "signing_secret": SECRET}
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        for again in (False, True):
            await notifier.notify(alert_of(), again=again, deadline_ns=deadline(clock))
            await clock.advance(60)
    first, second = receiver.seen
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


async def test_a_recorded_message_is_refused_after_the_window(
    receiver, notifier_of, alert_of, clock
):
    given = {"url_secret": receiver.url, "signing_secret": SECRET}
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))
    (seen,) = receiver.seen
    with pytest.raises(AssertionError, match="too old"):
        late_s = clock.time_ns() // SECOND_NS + REPLAY_WINDOW_S + 1
        verified(seen.headers, seen.body, late_s)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, None),
        (204, None),
        (302, OutcomeUnknown),
        (400, Rejected),
        (401, AuthFailed),
        (403, AuthFailed),
        (404, Rejected),
        (409, OutcomeUnknown),
        (410, Rejected),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
async def test_each_status_is_what_may_be_done_about_it(
    receiver, notifier_of, alert_of, clock, status, error
):
    headers = {"Retry-After": "7", "Location": "/elsewhere"}
    receiver.answer = lambda request, body: web.Response(status=status, headers=headers)
    given = {
        "url_secret": f"{receiver.url}/path-token-5cd1",
        "signing_secret": SECRET,
        "authorization_secret": "Bearer very-hidden",
    }
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        if error is None:
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))
        else:
            with pytest.raises(error) as raised:
                await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))
            for hidden in ("path-token-5cd1", "very-hidden", SECRET):
                assert hidden not in f"{raised.value!s}{raised.value!r}{notifier!r}"
            if error is RateLimited:
                assert raised.value.retry_after_s == 7
    assert len(receiver.seen) == 1
    assert receiver.seen[0].headers["Authorization"] == "Bearer very-hidden"


async def test_silence_is_doubt_after_exactly_one_request(
    receiver, notifier_of, alert_of, clock
):
    receiver.answer = lambda request, body: None
    given = {"url_secret": receiver.url, "signing_secret": SECRET}
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        with pytest.raises(OutcomeUnknown):
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock, 0.1))
    assert len(receiver.seen) == 1


async def test_nobody_listening_means_no_byte_was_sent(notifier_of, alert_of, clock):
    given = {"url_secret": "http://127.0.0.1:9", "signing_secret": SECRET}
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        with pytest.raises(NotSent):
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url_secret": "ftp://a.example"}, "no address"),
        ({"url_secret": "https://"}, "no address"),
        ({"url_secret": "https://me:pass-word@a.example"}, "no address"),
        ({"url_secret": "https://a.example:port"}, "no address"),
        ({"url_secret": "http://a.example/x"}, "without TLS"),
        ({"signing_secret": "short"}, "5 characters"),
        ({"signing_secret": "whsec_!!"}, "no base64"),
        ({"signing_secret": "whsec_YWJj"}, "3 bytes"),
    ],
)
async def test_settings_that_cannot_hold_are_refused_without_being_quoted(
    notifier_of, given, words
):
    whole = {"url_secret": "https://a.example/x", "signing_secret": SECRET, **given}
    with pytest.raises(ConfigError, match=words) as raised:
        async with notifier_of(MANIFEST, WebhookNotifier, **whole):
            pass
    assert "pass-word" not in str(raised.value)


async def test_plain_http_within_a_network_of_ones_own_is_a_choice(notifier_of):
    given = {
        "url_secret": "http://receiver/x",
        "signing_secret": SECRET,
        "plain_http": "true",
    }
    async with notifier_of(MANIFEST, WebhookNotifier, **given) as notifier:
        assert isinstance(notifier, PROTOCOL_OF[Can.NOTIFY])
