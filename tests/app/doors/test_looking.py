"""Ladders, candles, signals, equity, instruments and the journal, as a person sees them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.errors import AdapterError, DeskError, RiskRefused, Unreachable
from crossdock.model import Bar, Bars, BookChange, Direction, OrderType, Signal
from crossdock.ports import Can

D = Decimal


def ask(desk, op, **args):
    return desk.operations.table()[op](**args)


@pytest.fixture
def venues(toy, clock):
    return [toy.Venue(clock, "alpha", "main"), toy.Venue(clock, "beta", "second")]


async def pass_time(clock, desk, seconds):
    """Let time go by with the desk's upkeep, which goes by the loop and not by the clock."""
    for _ in range(int(seconds * 4)):
        await clock.advance(0.25)
        desk.upkeep.round()


def publish(venue, bids, asks):
    now = venue.clock.time_ns()
    change = BookChange(
        instrument=venue.instrument.id,
        snapshot=True,
        bids=bids,
        asks=asks,
        first_sequence=now,
        last_sequence=now,
        venue_time_ns=now,
        received_time_ns=now,
    )
    for sink in venue.market_sinks:
        sink.book(change)


# ---- ladder ------------------------------------------------------------------------


async def test_a_ladder_adds_up_what_rests_at_each_price_and_says_where(
    venues, open_toy_desk
):
    async with open_toy_desk(*venues) as desk:
        publish(venues[0], [("99.9", "1"), ("99.8", "2")], [("100.10", "3")])
        publish(venues[1], [("99.8", "5")], [("100.1", "0.5"), ("100.2", "1")])
        told = ask(desk, "ladder", symbol="BTC/USDT")
        assert told["bids"] == [
            ["99.9", "1", {"alpha": "1"}],
            ["99.8", "7", {"alpha": "2", "beta": "5"}],
        ]
        assert [level[1] for level in told["asks"]] == ["3.5", "1"]
        assert (told["venues"], told["tick"]) == (["alpha", "beta"], "0.1")
        assert told["ready"] and not told["crossed"]
        assert len(ask(desk, "ladder", symbol="BTC/USDT", depth=1)["bids"]) == 1
        one = ask(desk, "ladder", symbol="BTC/USDT@beta")
        assert one["venues"] == ["beta"] and one["bids"][0][0] == "99.8"


async def test_a_ladder_shows_our_own_orders_and_leaves_out_books_that_lost_a_message(
    clock, venues, open_toy_desk
):
    async with open_toy_desk(*venues) as desk:
        placed = desk.operations.place(
            side="buy", symbol="BTC/USDT", quantity="2", limit="99", account="main"
        )
        await clock.settle()
        desk.markets.books["BTC/USDT@beta"].mark_gap("lost")
        told = ask(desk, "ladder", symbol="BTC/USDT")
        assert told["venues"] == ["alpha"]
        [own] = told["own"]
        assert (own["order_id"], own["price"], own["quantity"]) == (
            placed["order_id"],
            "99",
            "2",
        )


async def test_a_ladder_of_what_is_not_listed_is_refused(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        for symbol in ("DOGE/USDT", "BTC/USDT@gamma"):
            with pytest.raises(DeskError) as refused:
                ask(desk, "ladder", symbol=symbol)
            assert refused.value.code == "unknown-symbol"


# ---- candles -----------------------------------------------------------------------


def historic(venue, page=100):
    """Give a venue minute bars without end, a page at a time; count the questions."""
    asked = []

    async def bars(instrument, width_ns, *, start_ns, end_ns):
        asked.append((start_ns, end_ns))
        first = -(-start_ns // width_ns) * width_ns
        starts = range(first, min(end_ns, first + page * width_ns), width_ns)
        return Bars.of(
            [Bar(instrument, at, width_ns, 1.0, 2.0, 0.5, 1.5, 7.0) for at in starts],
            instrument=instrument,
            width_ns=width_ns,
        )

    venue.bars = bars
    return asked


async def test_candles_come_from_the_venue_page_by_page_and_are_asked_for_once(
    toy, clock, venue, open_toy_desk
):
    asked = historic(venue)
    manifest = replace(toy.MANIFEST, can=toy.MANIFEST.can | {Can.BAR_HISTORY})
    async with open_toy_desk(venue, manifest=manifest) as desk:
        told = await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m", last=250)
        assert (len(told["bars"]), told["source"]) == (250, "venue")
        assert told["bars"][-1][1:] == [1.0, 2.0, 0.5, 1.5, 7.0]
        times = [bar[0] for bar in told["bars"]]
        assert times == list(range(times[0], times[0] + 250 * 60, 60))
        pages = len(asked)
        assert pages == 3
        await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m", last=250)
        assert len(asked) == pages
        await clock.advance(60)
        again = await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m", last=250)
        assert len(asked) == pages + 1
        assert again["bars"][-1][0] == times[-1] + 60


async def test_candles_of_a_venue_without_history_are_made_of_the_prices_seen(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        start = clock.time_ns()
        await pass_time(clock, desk, 61 - start / 1e9 % 60)  # a second into a minute
        for bid, ask_ in (("99.9", "100.1"), ("103.9", "104.1"), ("97.9", "98.1")):
            venue.quote(bid, ask_)
            await pass_time(clock, desk, 10)
        told = await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m")
        assert told["source"] == "desk"
        assert told["forming"][1:5] == [100.0, 104.0, 98.0, 98.0]
        await pass_time(clock, desk, 60)
        told = await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m")
        assert told["bars"][-1][1:5] == [100.0, 104.0, 98.0, 98.0]
        assert told["bars"][-1][0] % 60 == 0
        narrow = await ask(desk, "candles", symbol="BTC/USDT", timeframe="10s")
        assert 104.0 in {bar[4] for bar in narrow["bars"]}


async def test_a_venue_that_fails_to_answer_leaves_the_prices_seen(
    toy, clock, venue, open_toy_desk
):
    async def fails(*_, **__):
        raise AdapterError("no history today")

    venue.bars = fails
    async with open_toy_desk(venue) as desk:
        await pass_time(clock, desk, 70)
        told = await ask(desk, "candles", symbol="BTC/USDT", timeframe="1m")
        assert told["source"] == "desk" and told["bars"]


async def test_a_timeframe_that_is_none_is_refused(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError) as refused:
            await ask(desk, "candles", symbol="BTC/USDT", timeframe="often")
        assert refused.value.code == "bad-argument"


# ---- signals, equity, instruments, search ------------------------------------------


def signal(**values):
    return Signal(
        **{
            "symbol": "BTC/USDT",
            "direction": Direction.LONG,
            "confidence": 0.8,
            "strength": 0.5,
            "horizon_s": 60.0,
            "strategy": "trend",
            **values,
        }
    )


async def test_signals_tell_what_became_of_them_newest_first(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        desk.signals.act_on(signal(symbol="NO/SUCH"), D(4_000))
        desk.signals.act_on(signal(), D(4_000))
        ask(desk, "set_flag", name="trading", value=False, by="Ann")
        with pytest.raises(RiskRefused):
            desk.signals.act_on(signal(strategy="other"), D(4_000))
        rows = ask(desk, "signals")
        assert [row["outcome"] for row in rows] == ["refused", "ordered", "ignored"]
        assert rows[0]["words"].startswith("trading: ")
        assert rows[1]["order_ids"] == [next(iter(desk.kernel.state.orders))]
        assert rows[1]["confidence"] == 0.8
        assert len(ask(desk, "signals", limit=1)) == 1


async def test_equity_is_sampled_while_the_desk_runs_and_kept_over_a_restart(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await pass_time(clock, desk, 130)
        told = ask(desk, "equity")
        assert told["currency"] == "USDT" and len(told["points"]) > 10
        assert {point[1] for point in told["points"]} == {101_000.0}
        since = ask(desk, "equity", since_ns=clock.time_ns() - 30 * 10**9)["points"]
        assert 0 < len(since) <= 7
        first = told["points"][0][0]
        assert ask(desk, "equity", portfolio="nowhere")["points"] == []
    async with open_toy_desk(venue) as desk:
        assert abs(ask(desk, "equity")["points"][0][0] - first) < 1


async def test_an_accounts_instruments_tell_the_rules_an_order_must_keep(
    venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        [row] = ask(desk, "instruments", account="main")
        assert (row["symbol"], row["tick"], row["step"]) == ("BTC/USDT", "0.1", "0.01")
        assert row["order_types"] == sorted(str(kind) for kind in OrderType)
        assert row["can"]["amend"] is True
        with pytest.raises(DeskError) as refused:
            ask(desk, "instruments", account="mian")
        assert refused.value.code == "unknown-account"


async def test_the_portfolio_tells_what_everything_is_worth(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        told = ask(desk, "portfolio")
        assert (told["equity"], told["currency"]) == ("101000", "USDT")
        assert told["exposure"]["by_symbol"] == {"BTC": "1000"}
        assert told["accounts"][0]["account"] == "main"


async def test_the_first_look_of_a_desk_at_its_prices_is_a_point_of_its_equity(
    venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        venue.market_sinks[0].market_gap([venue.instrument.id], "a test")
        desk.markets.last_trades.clear()
        desk.view._valued_ns = -(10**12)
        desk.upkeep.round()
        assert ask(desk, "equity")["points"] == []
        venue.quote()
        desk.view._valued_ns = -(10**12)
        desk.upkeep.round()
        assert [point[1] for point in ask(desk, "equity")["points"]] == [101_000.0]


async def test_an_account_that_was_never_read_is_worth_what_nobody_knows(
    venues, open_toy_desk
):
    venues[1].failure = Unreachable("away")
    async with open_toy_desk(*venues) as desk:
        desk.upkeep.round()
        told = ask(desk, "portfolio")
        assert (told["equity"], told["day_pnl"]) == (None, None)
        assert [row["equity"] for row in told["accounts"]] == ["101000", None]
        assert [row["equity"] for row in ask(desk, "risk")["accounts"]] == ["101000", None]
        assert ask(desk, "equity")["points"] == []
