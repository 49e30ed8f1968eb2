"""`GET /v1/bars`: what traded, cut and closed, and the past of what is invented."""

from itertools import pairwise

import pytest

from crossdock.sandbox.config import parse
from crossdock.sandbox.server import Sandbox

MINUTE_NS = 60 * 10**9


async def bars(bench, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    reply = await bench.request("GET", f"{bench.url}/v1/bars?symbol=BTC/USDT&{asked}")
    assert reply.status == 200, reply.text
    return reply.json["bars"]


async def test_a_bar_is_told_once_it_is_closed(bench):
    await bench.trade("100.00", "1")
    await bench.trade("103.00", "2")
    await bench.trade("101.50", "1")
    assert await bars(bench) == []
    await bench.clock.advance(60)
    start_ns = (bench.clock.time_ns() - MINUTE_NS) // MINUTE_NS * MINUTE_NS
    told = [[start_ns, "100.00", "103.00", "100.00", "101.50", "4"]]
    assert await bars(bench) == told
    assert await bars(bench, start=start_ns, end=start_ns + 1) == told
    assert await bars(bench, start=start_ns + 1) == []
    assert await bars(bench, end=start_ns) == []


async def test_a_minute_without_a_trade_has_no_bar_and_limit_counts_bars(bench):
    for price in ("100.00", "101.00", "102.00"):
        await bench.trade(price)
        await bench.clock.advance(180)
    found = await bars(bench)
    assert [bar[4] for bar in found] == ["100.00", "101.00", "102.00"]
    oldest = await bars(bench, start=0, limit=2)
    assert oldest == found[:2]


async def test_a_stepped_clock_of_the_venue_does_not_move_its_bars(bench):
    await bench.clock.advance(61 - bench.clock.time_ns() // 10**9 % 60)
    start_ns = bench.clock.time_ns() // MINUTE_NS * MINUTE_NS
    await bench.act("clock_step", seconds=-4)
    await bench.trade("100.00")
    await bench.clock.advance(60)
    [bar] = await bars(bench)
    assert bar[0] == start_ns


@pytest.mark.parametrize(
    "query",
    ["width=0", "width=604801", "width=1m", "limit=0", "limit=1001", "start=-1", "end=x"],
)
async def test_what_cannot_be_asked_is_refused_by_name(bench, query):
    url = f"{bench.url}/v1/bars?symbol=BTC/USDT&{query}"
    reply = await bench.request("GET", url)
    assert (reply.status, reply.code) == (400, "bad_request")
    assert query.partition("=")[0] in reply.json["message"]


async def test_an_unknown_symbol_has_no_bars(bench):
    reply = await bench.request("GET", f"{bench.url}/v1/bars?symbol=DOGE/USDT")
    assert reply.code == "unknown_symbol"


async def test_an_invented_market_has_a_past_that_joins_its_first_prices(bench):
    """No jump: what trades first lies by the spread beside where the past ends."""
    venue = {
        "name": "lively",
        "markets": [
            {"symbol": "BTC/USDT", "ticks": [["0", "0.01"]], "quantity_step": "0.00001"}
        ],
        "market": {"kind": "participants", "offset_bps": 3.0},
    }
    sandbox = Sandbox(parse({"venues": [venue]}), clock=bench.clock, is_driven=False)
    await sandbox.start()
    try:
        for _ in range(1_300):
            await bench.clock.advance(0.1)
            sandbox.sites["lively"].tick()
        url = f"{sandbox.urls['lively']}/v1/bars?symbol=BTC/USDT"
        found = (await bench.request("GET", f"{url}&limit=1000")).json["bars"]
        years = (await bench.request("GET", f"{url}&limit=1000&width=604800")).json["bars"]
    finally:
        await sandbox.stop()
    assert len(found) == 1000
    assert len(years) >= 999
    starts = [bar[0] for bar in found]
    assert {after - before for before, after in pairwise(starts)} == {MINUTE_NS}
    closes = [float(bar[4]) for bar in found[-4:]]
    assert max(closes) / min(closes) < 1.01
    for before, after in pairwise(found[-4:]):
        assert abs(float(after[1]) / float(before[4]) - 1) < 0.0005
