"""What a sandbox hosts, and the command that hosts it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import msgspec
import pytest

from crossdock.sandbox.clock import SystemClock
from crossdock.sandbox.config import (
    ConfigInvalid,
    RecordedMarket,
    default_config,
    load,
    parse,
)
from crossdock.sandbox.simulators import Paths
from crossdock.sandbox.site import Site

RECORDING = (
    Path(__file__).parents[4] / "shared/data/hftbacktest/examples/spot/ethusdt_20240808.gz"
)
MARKET = {"symbol": "BTC/USDT", "ticks": [["0", "0.01"]], "quantity_step": "0.001"}
ACCOUNT = {"name": "main", "key": "k", "secret": "very-secret"}
VENUE = {"name": "alpha", "markets": [MARKET], "accounts": [ACCOUNT]}


def test_default_hosts_three_venues_that_differ():
    config = parse(default_config())
    assert [venue.name for venue in config.venues] == ["alpha", "beta", "gamma"]
    assert {venue.port for venue in config.venues} == {0}
    for venue in config.venues:
        assert [market.symbol for market in venue.markets] == [
            "BTC/USDT",
            "ETH/USDT",
            "BTC/USDT:USDT",
        ]
        [account] = venue.accounts
        assert (account.name, account.key) == ("main", f"sandbox-{venue.name}")
        assert {asset: int(total) for asset, total in account.balances.items()} == {
            "USDT": 100000,
            "BTC": 2,
            "ETH": 20,
        }
    for field in ("ticks", "quantity_step", "maker_fee", "taker_fee"):
        values = {getattr(venue.markets[0], field) for venue in config.venues}
        assert len(values) == 3


def test_default_is_plain_values_that_survive_a_file(tmp_path):
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(default_config()))
    assert load(path) == parse(default_config())


def test_toml_is_read_too(tmp_path):
    path = tmp_path / "sandbox.toml"
    path.write_text(
        'seed = 5\n[[venues]]\nname = "alpha"\nport = 0\n'
        'market = { kind = "participants", prices = { "BTC/USDT" = "50000" } }\n'
        '[[venues.markets]]\nsymbol = "BTC/USDT"\nticks = [["0", "0.1"]]\n'
        'quantity_step = "0.001"\n'
    )
    config = load(path)
    assert (config.seed, config.venues[0].markets[0].symbol) == (5, "BTC/USDT")


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "venues"),
        ({"venues": [VENUE], "colour": 1}, "colour"),
        ({"venues": [VENUE | {"port": 70000}]}, "port"),
        ({"venues": [VENUE | {"name": "Alpha!"}]}, "name"),
        ({"venues": [VENUE | {"markets": []}]}, "markets"),
        ({"venues": [VENUE | {"market": {"kind": "casino"}}]}, "market"),
        ({"venues": [VENUE | {"market": {"kind": "recorded"}}]}, "path"),
        ({"venues": [VENUE | {"markets": [MARKET | {"symbol": "BTC"}]}]}, "markets"),
        ({"venues": [VENUE | {"markets": [MARKET | {"quantity_step": "0"}]}]}, "markets"),
        ({"venues": [VENUE | {"markets": [MARKET, MARKET]}]}, "markets"),
        ({"venues": [VENUE | {"accounts": [ACCOUNT, ACCOUNT]}]}, "accounts"),
        ({"venues": [VENUE, VENUE]}, "venues"),
        ({"venues": [VENUE | {"orders_per_s": 0}]}, "orders_per_s"),
    ],
)
def test_invalid_configuration_is_one_line_with_file_and_key(tmp_path, fields, key):
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(fields))
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert "\n" not in message and "very-secret" not in message


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", "{"), ("a.toml", "= 1"), ("b", None)]
)
def test_unreadable_file_is_an_invalid_configuration(tmp_path, name, text):
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigInvalid, match=name):
        load(path)


def test_no_repr_shows_a_secret():
    config = parse({"venues": [VENUE]})
    assert "very-secret" not in repr(config)


def test_configuration_imports_no_server():
    code = (
        "import sys, crossdock.sandbox.config; "
        "sys.exit('aiohttp' in sys.modules or 'asyncio' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def launch(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "crossdock.sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


async def get(url):
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return await reply.json()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_command_prints_its_ports_serves_and_ends_cleanly_on_a_signal(number):
    process = launch("--with-parent", str(os.getpid()))
    try:
        line = json.loads(process.stdout.readline())
        assert list(line) == ["admin", "venues"]
        assert list(line["venues"]) == ["alpha", "beta", "gamma"]
        book = await get(line["venues"]["beta"] + "/v1/book?symbol=BTC/USDT")
        assert book["bids"] and book["asks"]
        assert float(book["bids"][0][0]) < float(book["asks"][0][0])
    finally:
        process.send_signal(number)
        status = finish(process)
    assert status == (0, "")


async def test_command_ends_when_its_parent_does():
    code = (
        "import subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-m', 'crossdock.sandbox', "
        "'--with-parent'], stdout=subprocess.PIPE, text=True); "
        "print(child.stdout.readline(), flush=True); sys.stdin.readline()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    admin = json.loads(parent.stdout.readline())["admin"]
    assert (await get(f"{admin}/health"))["ok"]
    parent.kill()
    # The child holds the other end of this pipe for as long as it lives.
    assert parent.communicate(timeout=30)[1] == ""
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(f"{admin}/health")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "nowhere.json"], "nowhere.json"),
        (["--port-base", "65535"], "--port-base"),
        (["--market", "nowhere.gz"], "nowhere.gz"),
    ],
)
def test_command_that_cannot_be_obeyed_says_so_in_one_line(arguments, words):
    status, errors = finish(launch(*arguments))
    assert status == 2
    assert words in errors and errors.count("\n") == 1


def test_taken_port_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, errors = finish(launch("--admin-port", str(taken.getsockname()[1])))
    assert (status, errors.count("\n")) == (2, 1)


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market is not here")
async def test_recorded_stream_makes_its_symbols_market_at_every_venue():
    config = parse(default_config())
    recorded = RecordedMarket(path=str(RECORDING))
    for index, venue in enumerate(config.venues):
        site = Site(
            msgspec.structs.replace(venue, market=recorded),
            clock=SystemClock(),
            seed=index,
            paths=Paths(1),
        )
        fees = venue.markets[1].maker_fee
        market = site.host.venue.markets["ETH/USDT"]
        assert (market.key, market.maker_fee) == ("ETHUSDT", fees)
        _, bids, asks = site.host.venue.book("BTC/USDT", 1)
        assert bids and asks
        now_ns = SystemClock().time_ns()
        for step in range(1, 200):
            site.host.venue.advance(now_ns + step * 50_000_000)
        _, bids, asks = site.host.venue.book("ETH/USDT", 1)
        assert 2000 < bids[0][0] < asks[0][0] < 3000
