"""`crossdock sandbox --face`: a product of its own."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import aiohttp
import pytest

from crossdock.sandbox.faces.described import semantics


def run(*arguments):
    command = [sys.executable, "-m", "crossdock.sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def running(*arguments):
    """Yield the process and what it says before it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock.sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate()
    assert (process.returncode, rest, errors) == (0, "", "")


async def get(url):
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return await reply.json()


async def test_face_is_hosted_and_says_how_to_reach_it():
    with running("--face", "binance") as process:
        said = ""
        while "Ctrl-C" not in said:
            said += process.stdout.readline()
        url = re.search(r"^Binance spot at (\S+)$", said, re.MULTILINE)[1]
        assert (await get(f"{url}/api/v3/ping")) == {}
        for words in ("sandbox-binance-secret", f"{url}/api/v3", "ccxt", "python-binance"):
            assert words in said


async def test_json_is_one_line_for_programs():
    with running("--face", "binance", "--json", "--faults", "200") as process:
        line = json.loads(process.stdout.readline())
        assert list(line["venues"]) == ["binance"]
        armed = []
        while not armed:
            armed = (await get(f"{line['admin']}/faults"))["armed"]


def test_taken_port_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("--face", "binance", "--port", port)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert port in ended.stderr and ended.stderr.startswith("ports:")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "8000"], "--face was expected"),
        (["--semantics"], "--face was expected"),
        (["--face", "binance", "--config", "a.toml"], "--config"),
        (["--face", "binance", "--faults", "0"], "--faults"),
        (["--face", "binance", "--port", "70000"], "--port"),
        (["--face", "nope"], "invalid choice"),
    ],
)
def test_command_that_makes_no_sense_says_so(arguments, words):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_semantics_are_told_as_words_and_as_json():
    words = run("--face", "binance", "--semantics").stdout
    rules = json.loads(run("--face", "binance", "--semantics", "--json").stdout)
    assert [it["topic"] for it in rules] == [it.topic for it in semantics("binance")]
    for rule in rules:
        assert f"\n{rule['topic']}\n" in words
        assert f"{rule['source']}, read {rule['read']}" in words
