"""Reads: names, pages, ledger."""

import itertools
import random
from decimal import Decimal

import pytest

from crossdock.sandbox.config import ConfigInvalid, parse
from crossdock.sandbox.faces.described import guide, semantics, venue_of
from crossdock.sandbox.faces.kraken.names import altname, asset_id
from crossdock.sandbox.server import Sandbox


@pytest.mark.parametrize(
    ("asset", "short", "long"),
    [
        ("BTC", "XBT", "XXBT"),
        ("DOGE", "XDG", "XXDG"),
        ("ETH", "ETH", "XETH"),
        ("USD", "USD", "ZUSD"),
        ("USDT", "USDT", "USDT"),
        ("SOL", "SOL", "SOL"),
    ],
)
def test_an_asset_has_kraken_names(asset, short, long):
    assert (altname(asset), asset_id(asset)) == (short, long)


async def test_pairs_have_their_three_names(bench):
    pairs = (await bench.public("AssetPairs"))["result"]
    names = {pair: (it["altname"], it["wsname"]) for pair, it in pairs.items()}
    assert names == {
        "XXBTZUSD": ("XBTUSD", "XBT/USD"),
        "XETHZUSD": ("ETHUSD", "ETH/USD"),
        "ETHUSDT": ("ETHUSDT", "ETH/USDT"),
    }
    btc = pairs["XXBTZUSD"]
    assert (btc["base"], btc["quote"], btc["pair_decimals"], btc["lot_decimals"]) == (
        *("XXBT", "ZUSD"),
        *(1, 8),
    )


@pytest.mark.parametrize("name", ["XXBTZUSD", "XBTUSD", "XBT/USD"])
async def test_a_pair_is_found_by_each_of_its_names(bench, name):
    await bench.main.add()
    [(pair, book)] = (await bench.public("Depth", pair=name))["result"].items()
    assert pair == "XXBTZUSD"
    assert book["bids"][0][:2] == ["100.0", "1.000"]


async def test_an_unknown_pair_is_refused_with_status_200(bench):
    assert await bench.public("Ticker", pair="NOPE") == {
        "error": ["EQuery:Unknown asset pair"]
    }


async def test_public_reads_tell_of_a_trade(bench):
    await bench.trade("101.5")
    ticker = (await bench.public("Ticker", pair="XBTUSD"))["result"]["XXBTZUSD"]
    assert ticker["c"] == ["101.5", "1.00000000"]
    trades = (await bench.public("Trades", pair="XBTUSD"))["result"]
    assert trades["XXBTZUSD"][0][:2] == ["101.5", "1.00000000"]
    again = await bench.public("Trades", pair="XBTUSD", since=trades["last"])
    assert again["result"]["XXBTZUSD"] == []
    bars = (await bench.public("OHLC", pair="XBTUSD", interval=1))["result"]["XXBTZUSD"]
    assert bars[-1][1:5] == ["101.5"] * 4


async def test_the_time_is_the_venues(bench):
    await bench.act("clock_step", seconds=100)
    told = (await bench.public("Time"))["result"]["unixtime"]
    assert told == bench.clock.time_ns() // 10**9 + 100


async def test_histories_come_by_fifty_newest_first(bench):
    for _ in range(60):
        await bench.trade(volume="0.01")
        await bench.clock.advance(1)
    first = await bench.main.ask("TradesHistory")
    rest = await bench.main.ask("TradesHistory", ofs="50")
    assert (len(first["trades"]), len(rest["trades"]), first["count"]) == (50, 10, 60)
    told = [*first["trades"], *rest["trades"]]
    assert told[::-1] == [it["execution_id"] for it in (await bench.truth())["fills"]]
    times = [it["time"] for it in first["trades"].values()]
    assert times == sorted(times, reverse=True)
    later = await bench.main.ask("TradesHistory", start=str(times[9]))
    assert list(later["trades"]) == told[:9]
    assert (await bench.main.ask("ClosedOrders"))["count"] == 60


async def test_trades_are_found_by_id(bench):
    txid = await bench.trade()
    [fill] = (await bench.truth())["fills"]
    trades = await bench.main.ask("QueryTrades", txid=fill["execution_id"])
    assert trades[fill["execution_id"]]["ordertxid"] == txid == fill["order_id"]
    words = await bench.main.refused("QueryTrades", txid="TARXDO-TJVDS-4G3G54")
    assert words == "EGeneral:Invalid arguments:txid"


async def test_half_of_a_page_may_be_missing(bench):
    for _ in range(4):
        await bench.trade(volume="0.01")
    await bench.arm("history_truncated", account="main")
    assert len((await bench.main.ask("TradesHistory"))["trades"]) == 2
    assert len((await bench.main.ask("TradesHistory"))["trades"]) == 4


async def test_the_ledger_ends_at_the_balances_whatever_happened(bench):
    chance = random.Random(7)
    for _ in range(15):
        price, volume = (
            f"{chance.randrange(900, 1100) / 10}",
            f"0.{chance.randrange(1, 99):02}",
        )
        await bench.trade(price, volume)
    await bench.act("deposit", account="main", asset="USD", amount="12.5")
    await bench.act("withdraw", account="main", asset="BTC", amount="0.25")
    engine_fills = bench.site.host.venue.fills("main")
    await bench.act("bust", account="main", execution_id=engine_fills[3].execution_id)
    await bench.act(
        "correct", account="main", execution_id=engine_fills[5].execution_id, price="77.7"
    )
    entries: dict[str, dict] = {}
    while True:
        page = (await bench.main.ask("Ledgers", ofs=str(len(entries))))["ledger"]
        if not page:
            break
        entries |= page
    for asset in ("ZUSD", "XXBT"):
        newest_first = [it for it in entries.values() if it["asset"] == asset]
        balances = await bench.main.ask("Balance")
        assert Decimal(newest_first[0]["balance"]) == Decimal(balances[asset])
        for after, before in itertools.pairwise(newest_first):
            moved = Decimal(after["amount"]) - Decimal(after["fee"])
            assert Decimal(before["balance"]) + moved == Decimal(after["balance"])
    kinds = {it["type"] for it in entries.values()}
    assert kinds == {"trade", "deposit", "withdrawal", "adjustment"}


async def test_an_order_may_be_hidden_from_look_ups_for_a_while(bench):
    await bench.arm("lookup_lag", seconds=0.5)
    txid = await bench.main.add(cl_ord_id="late")
    assert (await bench.main.ask("OpenOrders", cl_ord_id="late"))["open"] == {}
    assert await bench.main.refused("QueryOrders", txid=txid) == "EOrder:Unknown order"
    await bench.clock.advance(0.5)
    assert list((await bench.main.ask("OpenOrders", cl_ord_id="late"))["open"]) == [txid]


async def test_the_faces_own_venue_can_be_hosted():
    sandbox = Sandbox(parse({"venues": [venue_of("kraken")]}), is_driven=False)
    await sandbox.start()
    try:
        assert list(sandbox.urls) == ["kraken"]
    finally:
        await sandbox.stop()


def test_each_rule_of_the_protocol_says_who_says_so():
    rules = semantics("kraken")
    assert len({it.topic for it in rules}) == len(rules)
    for rule in rules:
        assert rule.source.startswith(
            ("https://docs.kraken.com/", "https://support.kraken.com/")
        )


def test_the_guide_points_clients_at_the_venue():
    told = guide("kraken", url="http://127.0.0.1:1", key="the-key", secret="the-secret")
    assert '"http://127.0.0.1:1"' in told
    assert '"ws://127.0.0.1:1/v2"' in told
    assert "the-secret" in told


async def test_a_limit_the_protocol_does_not_have_is_refused():
    venue = venue_of("kraken") | {"limits": {"weight": 5}}
    sandbox = Sandbox(parse({"venues": [venue]}), is_driven=False)
    with pytest.raises(ConfigInvalid, match="calls_most"):
        await sandbox.start()
