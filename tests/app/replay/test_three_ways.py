"""One strategy over the same prices: replayed, on paper, and at an exchange over sockets.

Decisions are a function of the prices alone, so all three must be the same; where a
desk joins a running market it misses the trades before, never others.
"""

import asyncio
import json
import random

import pytest

from crossdock.app.demo import DemoVenues
from crossdock.app.open import build_desk
from crossdock.app.replay import backtest
from crossdock.app.replay.loop import ReplayClock, ReplayLoop
from crossdock.app.settings import load_settings
from crossdock.model import OrderRequest, OrderType, Side
from crossdock.strategies import Strategy
from crossdock.toolkit.clock import CountedIds

TRADES = 240
BEGAN_NS = 1_723_161_254_000_000_000
STEP_NS = 25_000_000


class Follower(Strategy):
    """Every tenth trade: buys when the price rose over the last five, else sells."""

    decisions: list

    def setup(self):
        self.decisions = []
        self.prices = []

    def on_trade(self, trade):
        recorded = trade.trade_id.split("-")[0]
        if not recorded.isdigit() or not self.desk.accounts(trade.instrument):
            return  # our own trades, and another venue with the same market
        number = int(recorded)
        self.prices.append((number, trade.price))
        last = self.prices[-5:]
        if number % 10 or [n for n, _ in last] != list(range(number - 4, number + 1)):
            return
        side = Side.BUY if last[-1][1] > last[0][1] else Side.SELL
        self.decisions.append((number, side.value, trade.price))
        for account in self.desk.accounts(trade.instrument):
            instrument = self.desk.instrument(trade.instrument)
            self.desk.submit(
                OrderRequest(
                    account=account,
                    instrument=instrument.id,
                    side=side,
                    type=OrderType.MARKET,
                    quantity=instrument.quantity("0.01"),
                )
            )


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A recording in Binance's words: a snapshot, then a depth change and a trade a step."""
    file = tmp_path_factory.mktemp("recorded") / "market.txt"
    chance = random.Random(3)
    bids = [[f"{2000 - i / 100:.2f}", "5.0000"] for i in range(1, 40)]
    asks = [[f"{2000 + i / 100:.2f}", "5.0000"] for i in range(1, 40)]
    lines = [(BEGAN_NS, {"lastUpdateId": 1000, "bids": bids, "asks": asks})]
    price = 2000.0
    for number in range(1, TRADES + 1):
        time_ns = BEGAN_NS + number * STEP_NS
        price = round(price + chance.choice((-0.01, 0, 0.01)), 2)
        depth = {
            "e": "depthUpdate",
            "E": time_ns // 1_000_000,
            "s": "ETHUSDT",
            "U": 1000 + number,
            "u": 1000 + number,
            "b": [["1999.90", f"{5 + number / 100:.4f}"]],
            "a": [],
        }
        trade = {
            "e": "trade",
            "E": time_ns // 1_000_000,
            "s": "ETHUSDT",
            "t": number,
            "p": f"{price:.2f}",
            "q": f"{chance.randint(1, 9) / 100:.4f}",
            "T": time_ns // 1_000_000,
            "m": bool(number % 2),
            "M": True,
        }
        lines.append((time_ns, {"stream": "ethusdt@depth@100ms", "data": depth}))
        lines.append((time_ns + 1000, {"stream": "ethusdt@trade", "data": trade}))
    file.write_text("".join(f"{at} {json.dumps(each)}\n" for at, each in lines))
    return file


@pytest.fixture(scope="module")
def replayed(recording):
    taken = {}

    class Kept(Follower):
        def stop(self):
            taken["decisions"] = self.decisions

    run = backtest(Kept, str(recording), cash="100000")
    assert len(run.fills) > 5
    assert not run.refused
    return taken["decisions"]


def test_the_replay_decides_at_every_tenth_trade(replayed):
    assert [number for number, _, _ in replayed] == list(range(10, TRADES + 1, 10))
    assert {side for _, side, _ in replayed} == {"buy", "sell"}


def test_paper_on_the_replayed_stream_decides_the_same(recording, replayed, tmp_path):
    """The whole live desk, its own loops and timers included, on virtual time."""
    file = tmp_path / "settings.toml"
    file.write_text(
        f"""
        [desk]
        journal = "journal"
        currency = "USDT"
        [risk]
        position_pct = "none"
        duplicate_window_s = "none"
        [accounts.paper]
        adapter = "paper"
        market = "recording:{recording}"
        balances = "100000 USDT, 50 ETH"
        [strategies.follower]
        kind = "trend"
        """
    )
    file.chmod(0o600)
    loop = ReplayLoop(ReplayClock(BEGAN_NS))

    async def trade():
        settings = load_settings(file, environment={})
        async with build_desk(
            settings,
            clock=loop._clock,
            ids=CountedIds(),
            serves_control=False,
            strategies={"follower": Follower},
        ) as desk:
            await asyncio.sleep(TRADES * STEP_NS / 1e9 + 5)
            return desk.strategies["follower"].strategy.decisions, list(
                desk.kernel.state.orders
            )

    with loop.running():
        decisions, orders = loop.finish(trade())
    assert (
        len(orders) >= len(decisions) - 1
    )  # before the day's equity is known, risk says no
    assert decisions == [each for each in replayed if each[0] >= decisions[0][0]]
    assert len(decisions) >= len(replayed) - 2


async def test_the_exchange_over_sockets_leads_to_the_same(recording, replayed):
    async with DemoVenues(market=recording) as venues:
        file = venues.write_settings(strategies=False)
        with file.open("a") as settings:
            settings.write('[strategies.follower]\nkind = "trend"\naccounts = ["alpha"]\n')
        async with build_desk(
            load_settings(file, environment={}),
            serves_control=False,
            strategies={"follower": Follower},
        ) as desk:
            await desk.ready()
            strategy = desk.strategies["follower"].strategy
            for _ in range(200):
                if len(strategy.decisions) >= 10:
                    break
                await asyncio.sleep(0.05)
            decisions = list(strategy.decisions)
    known = {number: (number, side, price) for number, side, price in replayed}
    assert len(decisions) >= 10
    assert decisions == [known[number] for number, _, _ in decisions]
