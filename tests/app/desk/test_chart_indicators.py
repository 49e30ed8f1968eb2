"""Indicators of strategies on a chart: right, paged back, and nobody's fault but their own."""

import asyncio
import logging
from dataclasses import replace
from math import sin
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from crossdock.analysis import indicators as ta
from crossdock.app.desk.market.chart_indicators import (
    LEAST_BEFORE,
    MOST_BEFORE,
    MOST_ROWS,
    ChartIndicators,
)
from crossdock.app.doors.reading.looking import LookingOperations
from crossdock.app.doors.watching.market_topics import CandleChart
from crossdock.model import Bar, Bars
from crossdock.ports import Can
from crossdock.strategies import Strategy, param

MINUTE_NS = 60_000_000_000
BTC = "BTC/USDT@alpha"
HERE = __name__


class Follows(Strategy):
    """Tracks a little of everything, and trades nothing."""

    timeframe: str = param("1m", "bars")

    def setup(self):
        self.average = self.track(ta.ema(5))
        self.lines = self.track(ta.bollinger(4))
        self.index = self.track(ta.rsi(5))


class TracksNothing(Strategy):
    timeframe = "1m"


class NoStrategy:
    """Has the handlers, and nothing of ours."""

    timeframe = "1m"
    timer_s = 0.0

    def __init__(self, name, symbols, params):
        self.id, self.symbols = name, symbols

    def start(self, desk): ...
    def stop(self): ...


class Pair(NamedTuple):
    high: float
    low: float


class Own:
    """An indicator in a user's code: the widest bar so far, or whatever it is told to do."""

    warm_up = 1

    def __init__(self, label, compute, **more):
        self.label = label
        self.compute = compute
        vars(self).update(more)

    def stream(self):
        return SimpleNamespace(update=self.compute, value=None, state=dict, restore=dict)


def raises(bar):
    raise ZeroDivisionError("a user's mistake")


class Mistaken(Strategy):
    """Tracks what works, and what does not."""

    timeframe = "1m"

    def setup(self):
        self.track(Own("fails", raises))
        self.track(Own("words", lambda bar: "high"))
        self.track(Own("plain", lambda bar: bar.high))
        self.track(Own("lies", lambda bar: bar.high, overlay=True))
        self.track(Own("pair", lambda bar: Pair(bar.high, bar.low), overlay=("low",)))
        self.track(Own("list", lambda bar: [1, None, float("nan")]))
        self.track(Own("nothing", lambda bar: None))
        self.track(ta.sma(3))
        self.track(ta.sma(3))

    def take_bar(self, bar):
        """Pass it over: what it tracks would end it."""

    warm = take_bar


def settings(kind, name="follows", timeframe=None, symbols='["BTC/USDT"]'):
    text = f'[strategies.{name}]\nkind = "{kind}"\nsymbols = {symbols}\n'
    if timeframe is not None:
        text += f'params = {{ timeframe = "{timeframe}" }}\n'
    return text


def price(time_s):
    return 100 + 20 * sin(time_s / 700) + 3 * sin(time_s / 130)


@pytest.fixture
def open_desk(toy, clock, venue, open_toy_desk):
    """A desk at a venue whose past goes back to 1970."""

    async def bars(instrument, width_ns, *, start_ns, end_ns):
        first = -(-start_ns // width_ns) * width_ns
        starts = range(first, min(end_ns, first + 500 * width_ns), width_ns)
        closes = [price(at / 1e9) for at in starts]
        return Bars.of(
            [
                Bar(instrument, at, width_ns, it - 1, it + 2, it - 3, it, 7.0)
                for at, it in zip(starts, closes, strict=True)
            ],
            instrument=instrument,
            width_ns=width_ns,
        )

    def open_(text, *, has_past=True):
        manifest = toy.MANIFEST
        if has_past:
            venue.bars = bars
            manifest = replace(manifest, can=manifest.can | {Can.BAR_HISTORY})
        return open_toy_desk(venue, text=text, strategies=True, manifest=manifest)

    return open_


async def candles(desk, last=50, timeframe="1m", **args):
    asked = desk.operations.table()["candles"]
    return await asked(symbol="BTC/USDT", timeframe=timeframe, last=last, **args)


def points(told):
    return {row["name"]: dict(row["points"]) for row in told["indicators"]}


async def test_each_output_is_a_line_with_a_value_at_every_bar_shown(open_desk):
    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        told = await candles(desk)
    times = [bar[0] for bar in told["bars"]]
    assert len(times) == 50
    rows = {row["name"]: row for row in told["indicators"]}
    overlay = {name: row["overlay"] for name, row in rows.items()}
    assert overlay == {
        "ema(5)": True,
        "bollinger(4, 2.0).middle": True,
        "bollinger(4, 2.0).upper": True,
        "bollinger(4, 2.0).lower": True,
        "bollinger(4, 2.0).percent_b": False,
        "bollinger(4, 2.0).width": False,
        "rsi(5)": False,
    }
    assert {row["strategy"] for row in rows.values()} == {"follows"}
    assert rows["bollinger(4, 2.0).width"]["indicator"] == "bollinger(4, 2.0)"
    for row in rows.values():
        assert [time for time, _ in row["points"]] == times
    mean = {time: sum(price(time - 60 * n) for n in range(4)) / 4 for time in times}
    assert dict(rows["bollinger(4, 2.0).middle"]["points"]) == pytest.approx(mean)


async def test_older_pages_continue_the_newer_ones(open_desk):
    text = settings(f"{HERE}:Follows")
    async with open_desk(text) as desk:
        whole = await candles(desk, last=120)
        newest = await candles(desk, last=40)
        older = await candles(desk, last=80, end_ns=newest["bars"][0][0] * 10**9)
    assert older["bars"] == whole["bars"][:80]
    for name, line in points(whole).items():
        joined = {**points(older)[name], **points(newest)[name]}
        assert joined == pytest.approx(line, rel=1e-6)


async def test_a_sum_of_all_bars_is_drawn_on_the_newest_page_only(open_desk):
    class Sums(Follows):
        def setup(self):
            self.track(ta.obv())

    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        desk.strategies["follows"].strategy = Sums("follows", ("BTC/USDT",), {})
        newest = await candles(desk)
        older = await candles(desk, end_ns=newest["bars"][0][0] * 10**9)
    assert list(points(newest)) == ["obv()"]
    assert older["indicators"] == []


async def test_without_a_past_the_lines_begin_once_they_are_warm(clock, open_desk):
    async with open_desk(settings("sma_cross"), has_past=False) as desk:
        strategy = settings_of_cross(desk, fast=2, slow=4)
        for _ in range(7 * 60 * 4):
            await clock.advance(0.25)
            desk.upkeep.round()
        told = await candles(desk)
    assert strategy.tracker().warm_up == 4
    times = [bar[0] for bar in told["bars"]]
    assert 6 <= len(times) <= 8
    assert {name: list(line) for name, line in points(told).items()} == {
        "sma(2)": times[1:],
        "sma(4)": times[3:],
    }


def settings_of_cross(desk, **params):
    desk.strategy_floor.set_params("follows", {"timeframe": "1m", **params}, "Ann")
    return desk.strategies["follows"].strategy


async def test_a_venue_whose_bars_ended_long_ago_leaves_the_prices_seen(
    clock, venue, open_desk
):
    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        told_by_venue, ended_ns = venue.bars, clock.time_ns() - 60 * MINUTE_NS

        async def bars(instrument, width_ns, *, start_ns, end_ns):
            end_ns = min(end_ns, ended_ns)
            return await told_by_venue(
                instrument, width_ns, start_ns=start_ns, end_ns=end_ns
            )

        venue.bars = bars
        for _ in range(3 * 60 * 4):
            await clock.advance(0.25)
            desk.upkeep.round()
        told = await candles(desk)
    assert told["source"] == "desk"
    assert 2 <= len(told["bars"]) <= 4


async def test_strategies_that_track_nothing_or_trade_something_else_draw_nothing(
    open_desk,
):
    text = (
        settings(f"{HERE}:TracksNothing", "empty")
        + settings(f"{HERE}:NoStrategy", "foreign")
        + settings(f"{HERE}:Follows", "elsewhere", symbols='["ETH/USDT"]')
    )
    async with open_desk(text) as desk:
        told = await candles(desk)
    assert told["bars"]
    assert (told["indicators"], told["indicator_timeframes"]) == ([], [])


async def test_a_paused_strategy_is_drawn_and_a_stopped_one_is_not(open_desk):
    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        desk.strategy_floor.pause("follows", "Ann")
        assert len((await candles(desk))["indicators"]) == 7
        desk.strategy_floor.stop("follows", "Ann")
        assert (await candles(desk))["indicators"] == []


async def test_a_chart_says_who_reads_bars_of_another_width(open_desk):
    text = settings(f"{HERE}:Follows", "slow", "5m") + settings(f"{HERE}:Follows", "quick")
    async with open_desk(text) as desk:
        told = await candles(desk)
        assert {row["strategy"] for row in told["indicators"]} == {"quick"}
        assert told["indicator_timeframes"] == [{"timeframe": "5m", "strategies": ["slow"]}]
        told = await candles(desk, timeframe="5m")
        assert {row["strategy"] for row in told["indicators"]} == {"slow"}
        assert told["indicator_timeframes"] == [
            {"timeframe": "1m", "strategies": ["quick"]}
        ]


async def test_a_strategy_that_takes_bars_as_they_come_is_drawn_over_the_width_it_gets(
    open_desk,
):
    async with open_desk(settings("sma_cross")) as desk:
        told = await candles(desk)
        assert (told["indicators"], told["indicator_timeframes"]) == ([], [])
        bar = Bar(BTC, 0, 5 * MINUTE_NS, 1.0, 1.0, 1.0, 1.0, 1.0)
        desk.strategies["follows"].strategy.take_bar(bar)
        told = await candles(desk)
        assert told["indicator_timeframes"] == [
            {"timeframe": "5m", "strategies": ["follows"]}
        ]
        told = await candles(desk, timeframe="5m")
        assert list(points(told)) == ["sma(10)", "sma(30)"]


async def test_a_users_indicator_that_fails_is_left_out_and_logged_once(open_desk, caplog):
    async with open_desk(settings(f"{HERE}:Mistaken")) as desk:
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            told = [await candles(desk, last=2) for _ in range(3)][-1]
        assert desk.strategies["follows"].running
    rows = {row["name"]: row for row in told["indicators"]}
    assert {name: row["overlay"] for name, row in rows.items()} == {
        "plain": False,
        "lies": True,
        "pair.high": False,
        "pair.low": True,
        "list.1": False,
        "sma(3)": True,
    }
    assert [value for _, value in rows["pair.low"]["points"]] == [
        bar[3] for bar in told["bars"]
    ]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "follows: fails is not drawn on charts",
        "follows: words is not drawn on charts",
    ]


# ---- the topic ---------------------------------------------------------------------


def chart(desk, timeframe="1m"):
    return CandleChart(desk, LookingOperations(desk), "BTC/USDT", timeframe)


async def test_a_watched_chart_tells_only_the_points_that_are_new(clock, open_desk):
    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        topic = chart(desk)
        first = await topic.news()
        assert first.is_snapshot
        assert {len(line) for line in points(first.data).values()} == {500}
        known = points(first.data)
        for minutes in (1, 1, 4):
            await clock.advance(60 * minutes)
            change = await topic.news()
            assert not change.is_snapshot
            assert {len(line) for line in points(change.data).values()} == {minutes}
            for name, line in points(change.data).items():
                known[name] |= line
        again = points(await candles(desk, last=100))
        for name, line in again.items():
            newest = {time: value for time, value in known[name].items() if time in line}
            assert newest == pytest.approx(line, rel=1e-6)


async def test_a_watched_chart_is_told_anew_when_a_strategy_changes(open_desk):
    async with open_desk(settings(f"{HERE}:Follows")) as desk:
        topic = chart(desk)
        await topic.news()
        desk.strategy_floor.pause("follows", "Ann")
        told = await topic.news()
        assert told is None or not told.is_snapshot
        desk.strategy_floor.stop("follows", "Ann")
        told = await topic.news()
        assert told.is_snapshot and told.data["indicators"] == []
        desk.strategy_floor.start("follows", "Ann")
        told = await topic.news()
        assert told.is_snapshot and len(told.data["indicators"]) == 7
        desk.strategy_floor.set_params("follows", {"timeframe": "5m"}, "Ann")
        told = await topic.news()
        assert told.data["indicators"] == []
        assert told.data["indicator_timeframes"][0]["timeframe"] == "5m"


# ---- what it may cost --------------------------------------------------------------


def runner_of(*indicators):
    class Many(Strategy):
        timeframe = "1m"

        def setup(self):
            for each in indicators:
                self.track(each)

    strategy = Many("many", (), {})
    return SimpleNamespace(
        running=True, strategy=strategy, wants=lambda _: True, width_ns=MINUTE_NS
    )


def flat(count):
    return [(60 * n, 1.0, 1.0, 1.0, 1.0, 1.0) for n in range(count)]


@pytest.mark.parametrize(
    ("length", "before"), [(1, LEAST_BEFORE), (60, 480), (900, MOST_BEFORE)]
)
def test_how_far_back_it_reads_is_bounded(length, before):
    found = ChartIndicators({"many": runner_of(ta.ema(length))})
    assert found.lines(BTC, MINUTE_NS).before == before
    assert found.lines(BTC, 5 * MINUTE_NS).before == 0


async def test_no_more_lines_are_told_than_a_chart_can_show():
    each = [ta.sma(n) for n in range(1, 40)]
    wide = Own("wide", lambda bar: {f"{n}": n for n in range(100)})
    for indicators in (each, [wide, *each]):
        lines = ChartIndicators({"many": runner_of(*indicators)}).lines(BTC, MINUTE_NS)
        assert len(await lines.take([], flat(50))) == MOST_ROWS


async def test_the_loop_has_its_turns_while_lines_are_drawn():
    lines = ChartIndicators({"many": runner_of(ta.sma(2), ta.sma(3))}).lines(BTC, MINUTE_NS)
    drawing = asyncio.ensure_future(lines.take([], flat(2_000)))
    turns = 0
    while not drawing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 20
    assert [len(row["points"]) for row in drawing.result()] == [1_999, 1_998]
