"""Books of all venues as one, and bars of the past, as a script sees them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from crossdock.app.doors.user import UserDesk
from crossdock.app.doors.user.bars import past_bars
from crossdock.errors import DeskError
from crossdock.model import Bar, Bars, OrderRequest, OrderType, Side
from crossdock.ports import Can
from crossdock.strategies import Strategy, param

D = Decimal
MINUTE_NS = 60 * 10**9


@pytest.fixture
def venues(toy, clock):
    return [
        toy.Venue(clock, "alpha", "main"),
        toy.Venue(clock, "beta", "second", taker_fee_rate=D(0)),
    ]


# ---- books -------------------------------------------------------------------------


async def test_the_best_price_is_the_best_ones_after_fees(venues, open_toy_desk):
    """A fee of 0.1 % makes the price that looks better the worse one."""
    async with open_toy_desk(*venues) as desk:
        venues[0].quote(bid="100.0", ask="100.2", size="5")
        venues[1].quote(bid="99.95", ask="100.3", size="7")
        book = await UserDesk(desk).book("BTC/USDT")
        assert (book.bid, book.ask) == (D("99.95"), D("100.3"))
        assert (book.bid_quantity, book.ask_quantity) == (7, 7)
        assert book.venues == ("alpha", "beta")
        assert [it.instrument for it in book.levels("asks")] == [
            "BTC/USDT@beta",
            "BTC/USDT@alpha",
        ]
        assert book.levels(Side.BUY, 1) == book.levels("bids", 1)
        assert book.levels("bids", 1)[0].price == D("99.95")


async def test_the_view_is_of_now_and_not_of_when_it_was_made(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        book = await UserDesk(desk).book("BTC/USDT")
        venues[1].quote(bid="105.0", ask="105.1")
        venues[0].quote(bid="105.0", ask="105.1")
        assert book.ask == D("105.1")
        desk.markets.books["BTC/USDT@beta"].mark_gap("lost")
        assert book.venues == ("alpha",)
        desk.markets.books["BTC/USDT@alpha"].mark_gap("lost")
        with pytest.raises(DeskError, match="nobody offers BTC/USDT") as refused:
            _ = book.ask
        assert refused.value.code == "no-book"
        assert book.levels("asks") == []


async def test_a_venue_can_be_named(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        venues[0].quote(bid="100.0", ask="100.2")
        book = await UserDesk(desk).book("BTC/USDT@alpha")
        assert (book.ask, book.venues) == (D("100.2"), ("alpha",))


async def test_a_book_that_is_not_there_yet_is_waited_for(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        for book in desk.markets.books.values():
            book.mark_gap("lost")
        waiting = asyncio.ensure_future(UserDesk(desk).book("BTC/USDT"))
        await asyncio.sleep(0)
        venues[0].quote()
        await asyncio.sleep(0)
        assert not waiting.done(), "the other venue has a moment"
        venues[1].quote()
        assert (await waiting).venues == ("alpha", "beta")


async def test_no_book_in_time_says_of_each_venue_why(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        desk.markets.books["BTC/USDT@alpha"].mark_gap("5 was due, 7 came")
        desk.markets.books["BTC/USDT@beta"].mark_gap("lost")
        with pytest.raises(DeskError) as refused:
            await UserDesk(desk).book("BTC/USDT", timeout_s=0)
        assert refused.value.code == "no-book"
        assert "alpha: 5 was due, 7 came; beta: lost" in str(refused.value)


async def test_a_symbol_that_nobody_trades_has_no_book(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        for symbol in ("DOGE/USDT", "BTC/USDT@gamma"):
            with pytest.raises(DeskError, match="no account trades") as refused:
                await UserDesk(desk).book(symbol)
            assert refused.value.code == "unknown-symbol"


async def test_contracts_of_different_size_do_not_add_up(toy, clock, open_toy_desk):
    venues = [
        toy.Venue(clock, "alpha", "main"),
        toy.Venue(clock, "beta", "second", multiplier=D(10)),
    ]
    async with open_toy_desk(*venues) as desk:
        with pytest.raises(DeskError) as refused:
            await UserDesk(desk).book("BTC/USDT")
        assert (refused.value.code, refused.value.hint) == (
            "which-venue",
            "name one: BTC/USDT@alpha",
        )
        assert (await UserDesk(desk).book("BTC/USDT@beta")).ask


async def test_a_book_shows_both_sides(venues, open_toy_desk):
    async with open_toy_desk(*venues) as desk:
        book = await UserDesk(desk).book("BTC/USDT")
        caption, head, best, _ = repr(book).splitlines()
        assert caption == "BTC/USDT on alpha, beta, levels: 2"
        assert head.split("  ")[0] == "bid venue"
        assert best.split() == ["beta", "1000", "99.9", "beta", "1000", "100.1"]
        assert "<td>99.9</td>" in book._repr_html_()


# ---- bars --------------------------------------------------------------------------


@pytest.fixture
def keeper(toy, clock):
    """A venue that keeps bars: one a minute but in holes, at most five a page."""

    class Keeper(toy.Venue):
        holes = ()

        async def bars(self, instrument, width_ns, *, start_ns, end_ns):
            await self._read("bars", (start_ns, end_ns))
            closed_ns = min(end_ns, self.clock.time_ns() - width_ns + 1)
            first = -(-start_ns // width_ns)
            last = -(-closed_ns // width_ns)
            numbers = [n for n in range(first, last) if n not in self.holes][:5]
            rows = [
                Bar(instrument, n * width_ns, width_ns, n, n, n, n, 1.0) for n in numbers
            ]
            return Bars.of(rows, instrument=instrument, width_ns=width_ns)

    return Keeper(clock, "beta", "second")


@pytest.fixture
def open_kept_desk(toy, clock, keeper, open_toy_desk):
    return lambda: open_toy_desk(keeper)


async def newest(desk, symbol="BTC/USDT", **terms):
    chosen = {"last": None, "start": None, "end": None, **terms}
    return await past_bars(desk, symbol, "1m", **chosen)


async def test_the_last_bars_are_put_together_from_pages(clock, keeper, open_kept_desk):
    async with open_kept_desk() as desk:
        now = clock.time_ns() // MINUTE_NS
        bars = await newest(desk, last=12)
        assert [start // MINUTE_NS for start in bars.start_time_ns] == [
            *range(now - 12, now)
        ]
        assert bars.instrument == "BTC/USDT@beta"
        assert len(keeper.called("bars")) == 4, "the last page is empty"


async def test_holes_are_bridged_by_looking_further_back(clock, keeper, open_kept_desk):
    async with open_kept_desk() as desk:
        now = clock.time_ns() // MINUTE_NS
        keeper.holes = {now - 2, now - 3, now - 4, now - 9}
        bars = await newest(desk, last=6)
        assert [now - start // MINUTE_NS for start in bars.start_time_ns] == [
            *(10, 8, 7, 6, 5, 1)
        ]


async def test_a_young_market_gives_what_it_has(clock, keeper, open_kept_desk):
    async with open_kept_desk() as desk:
        now = clock.time_ns() // MINUTE_NS
        keeper.holes = range(now - 3)
        assert len(await newest(desk, last=100)) == 3


async def test_bars_between_two_times(clock, keeper, open_kept_desk):
    async with open_kept_desk() as desk:
        first = clock.time_ns() // MINUTE_NS - 20
        start = datetime.fromtimestamp(first * 60, UTC)
        end = (start + timedelta(minutes=7)).astimezone(timezone(timedelta(hours=5)))
        expected = [*range(first, first + 7)]
        for begin, stop in (
            (start, end),
            (start.isoformat(), end.isoformat()),
            (first * MINUTE_NS, (first + 7) * MINUTE_NS),
        ):
            bars = await newest(desk, start=begin, end=stop)
            assert [it // MINUTE_NS for it in bars.start_time_ns] == expected
        some = await newest(desk, start=start, end=end, last=2)
        assert [it // MINUTE_NS for it in some.start_time_ns] == expected[-2:]


@pytest.mark.parametrize(
    ("timeframe", "terms", "words"),
    [
        ("1 minute", {}, "a timeframe is"),
        ("1m", {"start": "2026-01-01"}, "names its zone"),
        ("1m", {"end": datetime(2026, 1, 1)}, "names its zone"),
        ("1m", {"start": "yesterday"}, "yesterday"),
    ],
)
async def test_what_cannot_be_read_is_told(open_kept_desk, timeframe, terms, words):
    async with open_kept_desk() as desk:
        with pytest.raises(DeskError, match=words) as refused:
            await UserDesk(desk).bars("BTC/USDT", timeframe, **terms)
        assert refused.value.code == "bad-argument"


async def test_a_venue_that_keeps_no_bars_says_where_to_get_some(toy, venue, open_toy_desk):
    manifest = replace(toy.MANIFEST, can=toy.MANIFEST.can - {Can.BAR_HISTORY})
    async with open_toy_desk(venue, manifest=manifest) as desk:
        with pytest.raises(DeskError, match="keeps bars") as refused:
            await newest(desk)
        assert refused.value.code == "no-bars"
        assert "crossdock data import" in refused.value.hint


# ---- backtests ---------------------------------------------------------------------


class BuysOnce(Strategy):
    """Buys one lot at its first bar."""

    lots: int = param(1, "lots to buy", least=1)

    def setup(self):
        self.has_bought = False

    def on_bar(self, bar):
        if self.has_bought:
            return
        self.has_bought = True
        [account] = self.desk.accounts(bar.instrument)
        step = self.desk.instrument(bar.instrument).quantity_step
        self.desk.submit(
            OrderRequest(
                account=account,
                instrument=bar.instrument,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=step * self.lots,
            )
        )


async def test_a_desk_backtests_on_its_venues_bars_and_terms(open_kept_desk):
    async with open_kept_desk() as desk:
        listed = desk.kernel.state.instruments["BTC/USDT@beta"]
        run = await UserDesk(desk).backtest(
            BuysOnce, "BTC/USDT", last=30, cash="1000000000000", lots=3
        )
        [replayed] = run.instruments.values()
        assert run.events == 30
        assert [fill.quantity for fill in run.fills] == [listed.quantity_step * 3]
        same = ("tick_table", "quantity_step", "taker_fee_rate", "min_notional", "kind")
        for name in same:
            assert getattr(replayed, name) == getattr(listed, name)
        assert not desk.kernel.state.orders, "nothing was sent to the venue"
