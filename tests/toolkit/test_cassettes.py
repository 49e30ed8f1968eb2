"""A cassette plays back what was recorded, and holds no secret."""

from __future__ import annotations

import asyncio
import base64
import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.errors import ConfigError, Rejected, Unreachable
from crossdock.toolkit import (
    CassettePlayer,
    HttpClient,
    HttpReply,
    HttpRequest,
    LiveClock,
    ManualClock,
    Masker,
    Recorder,
    Secret,
    WebSocketClient,
    read_cassette,
)

CLOCK = LiveClock()
KEY, SECRET, TOKEN = "pk-sentinel-1", "sk-sentinel-2", "tk-sentinel-3"


def deadline() -> int:
    return CLOCK.monotonic_ns() + 5_000_000_000


def masker() -> Masker:
    return Masker([Secret(SECRET)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "orders.jsonl"


async def converse(client: HttpClient) -> list[object]:
    said: list[object] = []
    for depth in (1, 2):
        said.append(await client.read("GET", "/book", into=dict, query={"depth": depth}))
    said.append(
        await client.write(
            "POST",
            "/orders",
            into=dict,
            body=b'{"quantity":"1.10"}',
            deadline_ns=deadline(),
        )
    )
    said.append((await client.read("GET", "/blob", into=HttpReply)).body)
    try:
        await client.read("GET", "/missing", into=dict)
    except Rejected as error:
        said.append(error.venue_code)
    return said


async def test_a_recorded_conversation_plays_back_the_same(pool, wire, make_reply, path):
    def answer(seen):
        if seen.target == "/missing":
            return make_reply(b'{"code":"none"}', 404)
        if seen.target == "/blob":
            return make_reply(b"\xff\x00\xfe", headers="Content-Type: image/png\r\n")
        number = len(wire.seen)
        return make_reply(f'{{"number":{number},"price":"0.10"}}'.encode())

    wire.answer = answer

    def client(url: str, recorder: Recorder | None = None) -> HttpClient:
        return HttpClient(
            pool,
            url,
            clock=CLOCK,
            masker=masker(),
            sign=lambda request: request.with_headers(X_Key=KEY),
            recorder=recorder,
        )

    with Recorder(path, CLOCK, masker()) as recorder:
        live = await converse(client(wire.url, recorder))
    async with CassettePlayer(path) as player:
        assert player.unplayed.count("GET /book") == 2
        assert await converse(client(player.url)) == live
        assert player.unplayed == []


async def test_what_is_not_in_the_cassette_is_said_clearly(pool, path):
    request = HttpRequest(method="GET", path="/time")
    with Recorder(path, CLOCK, masker()) as recorder:
        recorder.exchange(request, HttpReply(status=200, headers={}, body=b"{}"))
    with pytest.raises(
        LookupError, match="DELETE /orders is not in the cassette"
    ) as caught:
        async with CassettePlayer(path) as player:
            client = HttpClient(
                pool, player.url, clock=CLOCK, masker=masker(), sign=lambda r: r
            )
            await client.write("DELETE", "/orders", into=dict, deadline_ns=deadline())
    assert "it has GET /time" in str(caught.value)


async def test_an_exchange_is_played_once(pool, path):
    request = HttpRequest(method="GET", path="/time")
    with Recorder(path, CLOCK, masker()) as recorder:
        recorder.exchange(request, HttpReply(status=200, headers={}, body=b"{}"))
    with pytest.raises(LookupError, match="it has nothing more"):
        async with CassettePlayer(path) as player:
            client = HttpClient(pool, player.url, clock=CLOCK, masker=masker())
            await client.read("GET", "/time", into=dict)
            await client.read("GET", "/time", into=dict)


def test_no_key_signature_or_token_reaches_the_cassette(path):
    request = HttpRequest(
        method="POST",
        path=f"/bot{SECRET}/orders",
        query=f"symbol=A&apiKey={KEY}&signature={TOKEN}&recvWindow=5",
        headers={"X-Key": KEY, "Authorization": f"Bearer {TOKEN}"},
        body=f'{{"key":"{KEY}","nested":{{"Signature": "{TOKEN}"}},"qty":"1"}}'.encode(),
    )
    form = HttpRequest(
        method="POST",
        path="/form",
        body=f"api_key={KEY}&sign={TOKEN}&otp={TOKEN}&q=1".encode(),
    )
    reply = HttpReply(
        status=200,
        headers={
            "set-cookie": TOKEN,
            "x-api-token": TOKEN,
            "x-rate-remaining": "7",
            "content-type": "application/json",
        },
        body=f'{{"access_token":"{TOKEN}","listenKey":"{KEY}","note":"{SECRET}"}}'.encode(),
    )
    with Recorder(path, ManualClock(), masker()) as recorder:
        recorder.exchange(request, reply)
        recorder.exchange(form, reply)
        recorder.frame(f"/stream?token={TOKEN}", f'{{"key":"{KEY}"}}'.encode(), sent=True)
        recorder.frame("/stream", f'{{"token":"{TOKEN}"}}'.encode(), sent=False)
    text = path.read_text()
    assert "sentinel" not in text
    first = json.loads(text.splitlines()[0])
    assert first["target"].endswith("symbol=A&apiKey=***&signature=***&recvWindow=5")
    assert '"qty":"1"' in first["request"]
    assert first["headers"] == {
        "x-rate-remaining": "7",
        "content-type": "application/json",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(body=st.binary(max_size=60), text=st.text(max_size=30))
def test_bodies_without_secrets_are_kept_byte_for_byte(path, body, text):
    payload = msgspec.json.encode({"words": text, "price": "1.10"})
    with Recorder(path, ManualClock(), masker()) as recorder:
        for one in (body, payload):
            recorder.exchange(
                HttpRequest(method="GET", path="/x", body=payload),
                HttpReply(status=200, headers={}, body=one),
            )
    lines = read_cassette(path)
    kept = [
        base64.b64decode(line.reply) if line.reply_is_base64 else line.reply.encode()
        for line in lines
    ]
    assert kept == [body, payload]
    assert lines[0].request.encode() == payload


async def test_a_recorded_stream_plays_back_in_its_order(pool, path):
    with Recorder(path, CLOCK, masker()) as recorder:
        recorder.frame("/stream", b'{"type":"hello"}', sent=False)
        recorder.frame("/stream", b'{"op":"subscribe","id":1}', sent=True)
        recorder.frame("/stream", b'{"id":1,"ok":true}', sent=False)
        recorder.frame("/stream", b'{"type":"quote","bid":"1.10"}', sent=False)
    taken: asyncio.Queue[dict] = asyncio.Queue()
    async with CassettePlayer(path) as player:
        async with WebSocketClient(
            pool,
            player.url.replace("http", "ws") + "/stream",
            clock=CLOCK,
            masker=masker(),
            decode=msgspec.json.decode,
            on_message=lambda message, _: taken.put_nowait(message),
            reply_to=lambda message: message.get("id"),
        ) as stream:
            assert await taken.get() == {"type": "hello"}
            reply = await stream.call(b'{"id":1}', 1, deadline_ns=deadline())
            assert reply == {"id": 1, "ok": True}
            assert await taken.get() == {"type": "quote", "bid": "1.10"}
            with pytest.raises(Unreachable, match="closed with code 1000"):
                await stream.ended()
        assert player.unplayed == []


async def test_a_stream_can_be_recorded_as_it_plays(pool, path, tmp_path):
    with Recorder(path, CLOCK, masker()) as recorder:
        recorder.frame("/stream", b'{"n":1}', sent=False)
        recorder.frame("/stream", b'{"n":2}', sent=False)
    copied = tmp_path / "copy.jsonl"
    async with CassettePlayer(path) as player:
        with Recorder(copied, CLOCK, masker()) as recorder:
            async with WebSocketClient(
                pool,
                player.url.replace("http", "ws") + "/stream",
                clock=CLOCK,
                masker=masker(),
                decode=msgspec.json.decode,
                on_message=lambda message, _: None,
                recorder=recorder,
            ) as stream:
                with pytest.raises(Unreachable):
                    await stream.ended()
    assert [line.text for line in read_cassette(copied)] == ['{"n":1}', '{"n":2}']


def test_a_cassette_that_does_not_parse_names_its_line(path):
    path.write_text(
        '{"kind":"frame","at_ns":1,"path":"/s","sent":true,"text":""}\n{"kind":\n'
    )
    with pytest.raises(ConfigError, match=r"orders\.jsonl, line 2"):
        read_cassette(path)


def test_a_missing_cassette_is_refused_by_its_path(path):
    with pytest.raises(ConfigError, match=r"orders\.jsonl"):
        CassettePlayer(path)


def test_a_recorder_that_is_not_open_says_so(path):
    with pytest.raises(RuntimeError, match="not open"):
        Recorder(path, CLOCK, masker()).frame("/", b"", sent=True)
