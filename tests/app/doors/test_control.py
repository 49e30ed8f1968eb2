"""The socket by which the command line reaches a running desk."""

import asyncio
import json
import os
import socket
import stat

import pytest

from crossdock.app.doors.control.control import (
    LONGEST_LINE,
    ROWS_AT_ONCE,
    ControlServer,
    ask,
)
from crossdock.errors import ConfigError, DeskError, Error, RiskRefused


async def later(**args):
    await asyncio.sleep(0)
    return {"told": args}


def refuse():
    raise RiskRefused(
        [("price", "too far"), ("size", "too large")],
        allowed_quantity="2.5",
        hint="at most 2.5 would pass",
    )


def complain():
    raise DeskError("no such order", code="unknown-order", hint="see `crossdock orders`")


def misconfigured():
    raise ConfigError("the setting is wrong", code="config-value")


def broken():
    raise ZeroDivisionError("a bug")


OPERATIONS = {
    "status": lambda: {"open_orders": 3},
    "later": later,
    "named": lambda *, order, by="": [order, by],
    "refuse": refuse,
    "complain": complain,
    "misconfigured": misconfigured,
    "broken": broken,
    "large": lambda: ["x" * 1000] * 3000,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "desk.sock"


async def asked(path, op, args=None):
    return await asyncio.to_thread(ask, path, op, args)


async def raw(path, data):
    """Send bytes and return every line that comes back."""
    reader, writer = await asyncio.open_unix_connection(str(path), limit=8 << 20)
    writer.write(data)
    writer.write_eof()
    lines = (await reader.read()).splitlines()
    writer.close()
    await writer.wait_closed()
    return [json.loads(line) for line in lines]


async def test_only_its_owner_can_open_the_socket(path):
    async with ControlServer(path, OPERATIONS):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.exists()


async def test_the_mask_of_the_process_is_as_it_was(path):
    before = os.umask(0o022)
    try:
        async with ControlServer(path, OPERATIONS):
            assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


async def test_questions_are_answered_by_plain_and_awaited_operations(path):
    async with ControlServer(path, OPERATIONS):
        assert await asked(path, "status") == {"open_orders": 3}
        assert await asked(path, "later", {"a": 1}) == {"told": {"a": 1}}
        assert await asked(path, "named", {"order": "o1"}) == ["o1", ""]


async def test_an_answer_longer_than_a_question_may_be_arrives_whole(path):
    async with ControlServer(path, OPERATIONS):
        answer = await asked(path, "large")
        assert len(json.dumps(answer)) > LONGEST_LINE
        assert answer == ["x" * 1000] * 3000


@pytest.mark.parametrize("count", [0, 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE])
async def test_rows_arrive_as_they_are_however_many_there_are(tmp_path, count):
    rows = [{"id": str(each), "words": 'a "ü", ]', "none": None} for each in range(count)]
    path = tmp_path / "run" / "rows.sock"
    async with ControlServer(path, {"rows": lambda: rows}):
        assert await asked(path, "rows") == rows


async def test_trading_goes_on_while_a_long_answer_is_encoded(tmp_path):
    turns = 0
    turns_when_encoded = []

    class Told(dict):
        """A row that notes how far the loop had come when it was encoded."""

        def items(self):
            turns_when_encoded.append(turns)
            return super().items()

    async def trade():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    path = tmp_path / "run" / "rows.sock"
    rows = [Told(id=each) for each in range(5 * ROWS_AT_ONCE)]
    async with ControlServer(path, {"rows": lambda: rows}):
        trading = asyncio.create_task(trade())
        assert len(await asked(path, "rows")) == len(rows)
        trading.cancel()
    at_once = [turns_when_encoded.count(turn) for turn in set(turns_when_encoded)]
    assert len(turns_when_encoded) == len(rows) and max(at_once) <= ROWS_AT_ONCE


async def test_a_refusal_by_risk_comes_back_with_every_reason(path):
    async with ControlServer(path, OPERATIONS):
        with pytest.raises(RiskRefused) as refused:
            await asked(path, "refuse")
    assert refused.value.reasons == (("price", "too far"), ("size", "too large"))
    assert refused.value.allowed_quantity == "2.5"
    assert refused.value.hint == "at most 2.5 would pass"


@pytest.mark.parametrize(
    ("op", "args", "kind", "code"),
    [
        ("complain", {}, DeskError, "unknown-order"),
        ("misconfigured", {}, ConfigError, "config-value"),
        ("broken", {}, DeskError, "internal"),
        ("no-such-operation", {}, DeskError, "desk"),
        ("named", {}, DeskError, "bad-argument"),
        ("named", {"order": "o1", "colour": "red"}, DeskError, "bad-argument"),
    ],
)
async def test_an_error_comes_back_as_what_it_was(path, op, args, kind, code):
    async with ControlServer(path, OPERATIONS):
        with pytest.raises(kind) as refused:
            await asked(path, op, args)
        assert refused.value.code == code
        assert await asked(path, "status") == {"open_orders": 3}


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"op": 3}',
        b'{"op": ["status"]}',
        b'{"op": "status", "args": 7}',
        b'{"op": "status", "args": [1]}',
        b"\xff\xfe",
        b"",
    ],
)
async def test_a_malformed_line_is_refused_and_the_next_one_answered(path, line):
    async with ControlServer(path, OPERATIONS):
        first, second = await raw(path, line + b'\n{"op": "status"}\n')
    assert first["ok"] is False and first["error"]["type"] == "DeskError"
    assert second == {"ok": True, "result": {"open_orders": 3}}


async def test_a_line_without_end_closes_that_connection_only(path):
    async with ControlServer(path, OPERATIONS):
        try:
            answered = await raw(path, b"x" * (2 * LONGEST_LINE))
        except ConnectionError:
            answered = []
        assert answered == []
        assert await asked(path, "status") == {"open_orders": 3}


async def test_a_second_desk_is_refused_and_the_first_goes_on(path):
    async with ControlServer(path, OPERATIONS):
        with pytest.raises(DeskError) as refused:
            await ControlServer(path, {}).__aenter__()
        assert refused.value.code == "desk-running"
        assert await asked(path, "status") == {"open_orders": 3}


async def test_the_socket_a_killed_desk_left_is_replaced(path):
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert path.exists()
    async with ControlServer(path, OPERATIONS):
        assert await asked(path, "status") == {"open_orders": 3}


async def test_a_file_that_is_no_socket_is_not_replaced(path):
    path.parent.mkdir(mode=0o700)
    path.write_text("precious", "utf-8")
    with pytest.raises(ConfigError) as refused:
        await ControlServer(path, OPERATIONS).__aenter__()
    assert refused.value.code == "control-socket"
    assert path.read_text("utf-8") == "precious"


async def test_no_socket_is_put_where_others_could_put_theirs(path):
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(ConfigError, match="can be written by others") as refused:
        await ControlServer(path, OPERATIONS).__aenter__()
    assert refused.value.code == "control-socket"
    assert list(path.parent.iterdir()) == []


def test_where_no_desk_runs_it_says_so(path):
    with pytest.raises(DeskError) as refused:
        ask(path, "status")
    assert refused.value.code == "desk-not-running"


def test_asking_a_plain_file_says_what_is_wrong(tmp_path):
    file = tmp_path / "desk.sock"
    file.write_text("precious", "utf-8")
    with pytest.raises(ConfigError, match="is not a socket"):
        ask(file, "status")


async def test_a_desk_that_hangs_up_did_not_answer(path):
    path.parent.mkdir(mode=0o700)

    async def hang_up(reader, writer):
        await reader.readline()
        writer.close()

    async with await asyncio.start_unix_server(hang_up, str(path)):
        with pytest.raises(Error) as refused:
            await asked(path, "status")
    assert refused.value.code == "desk-silent"


async def test_a_connection_left_open_does_not_keep_the_desk_from_ending(path):
    server = ControlServer(path, OPERATIONS)
    await server.__aenter__()
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b'{"op": "status"}\n')
    assert await reader.readline()
    async with asyncio.timeout(5):
        await server.__aexit__()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert not path.exists()


async def test_what_was_asked_too_long_ago_is_not_done(tmp_path):
    done = []
    server = ControlServer(tmp_path / "desk.sock", {"place": lambda: done.append(1)})
    answer = await server._answer(b'{"op": "place", "args": {}, "until_ns": 1}')
    assert not answer["ok"] and answer["error"]["code"] == "desk-silent"
    assert done == []
