"""`demo --live`: real public data and paper fills; what cannot be reached is said, at once."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager

import pytest

from crossdock.app.demo import EXCHANGES, Exchange, LiveDemo
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.cli.view.screen import screen
from crossdock.errors import DeskError
from crossdock.ports import Can


@asynccontextmanager
async def answering(status):
    """A server that gives everybody the same answer."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/time"


@pytest.fixture
def nowhere():
    """An address that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/time"


@pytest.fixture
def served(venues):
    """Exchanges that answer, played by the sandbox and read without a key."""
    return [
        Exchange(
            name=name,
            adapter="sandbox",
            probe_url=f"{url}/v1/time",
            settings={"url": url},
        )
        for name, url in venues.addresses["venues"].items()
        if name != "gamma"
    ]


def test_the_exchanges_are_known_adapters_that_stream_without_a_key(tmp_path):
    names = [each.name for each in EXCHANGES]
    assert names == ["binance", "coinbase", "kraken", "okx", "bybit"]
    for each in EXCHANGES:
        manifest = Registry().manifest("venue", each.adapter)
        assert {Can.INSTRUMENTS, Can.MARKET_STREAM} <= manifest.can
        assert each.probe_url.startswith("https://")
    file = tmp_path / "settings.toml"
    file.write_text(LiveDemo().settings_text(EXCHANGES, tmp_path))
    file.chmod(0o600)
    settings = load_settings(file, environment={})
    assert settings.live_accounts() == ()
    assert settings.accounts["kraken"].market == "kraken-data"
    assert settings.accounts["kraken-data"].use == "data"


async def test_one_that_is_blocked_or_away_leaves_the_others_trading_on_paper(
    served, nowhere
):
    async with answering(451) as blocked:
        away = [
            Exchange(name="blocked", adapter="sandbox", probe_url=blocked),
            Exchange(name="away", adapter="sandbox", probe_url=nowhere),
        ]
        async with LiveDemo([*served, *away]) as demo:
            assert "serves nobody where we are (status 451)" in demo.left_out["blocked"]
            assert "cannot connect to 127.0.0.1" in demo.left_out["away"]
            look = await until(demo, lambda look: any(b["ready"] for b in look.books))
            status = look.status
            assert status["mode"] == "paper"
            assert {a["venue"] for a in status["accounts"]} == {"alpha", "beta"}
            assert {a["adapter"] for a in status["accounts"]} == {"paper"}
            assert demo.keys == "q quit   left out: blocked, away"
            look = await until(demo, lambda look: look.status["orders"] > 0)
            assert screen(look, (140, 40), keys=demo.keys) is not None
            summary = await demo.settle()
            assert summary["unexplained_positions"] == summary["doubts_open"] == 0


async def until(demo, condition):
    pause = threading.Event()
    for _ in range(600):
        look = await demo.look()
        if condition(look):
            return look
        await asyncio.to_thread(pause.wait, 0.05)
    raise AssertionError(f"never so: {look.status}")


async def test_where_none_answers_it_says_so_and_what_works_without_a_network(nowhere):
    async with answering(403) as blocked:
        demo = LiveDemo(
            [
                Exchange(name="blocked", adapter="binance", probe_url=blocked),
                Exchange(name="away", adapter="kraken", probe_url=nowhere),
            ]
        )
        with pytest.raises(DeskError, match="no exchange can be reached") as refused:
            async with demo:
                raise AssertionError("nothing was there to start")
    assert refused.value.code == "live-unreachable"
    for words in ("make demo", "crossdock sandbox --face binance --port"):
        assert words in refused.value.hint
    assert "status 403" in refused.value.message


def test_live_data_and_a_recording_are_two_things(crossdock):
    said = crossdock("demo", "--live", "--market", "x.gz", "--json")
    assert (said.code, "--live has its own market" in said.error["message"]) == (2, True)
