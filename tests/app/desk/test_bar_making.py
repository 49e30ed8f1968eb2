"""Bars are made of trades: every trade once, no bar twice."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.desk.market.bar_making import BarMaker
from crossdock.app.desk.market.markets import Markets
from crossdock.core.bus import Bus
from crossdock.model import Bar, InstrumentId, Side, Trade

ID = InstrumentId("BTC/USD@test")
SECOND = 1_000_000_000


def failed(error, event, handler):
    raise error


def maker(*widths):
    bus, bars = Bus(failed), []
    making = BarMaker(bus, Markets(bus, lambda *_: None), lambda _: widths)
    bus.subscribe(Bar, bars.append)
    return bus, making, bars


def trade(time_ns, price="1", quantity="1"):
    return Trade(ID, "", Decimal(price), Decimal(quantity), Side.BUY, time_ns, time_ns)


def test_a_bar_holds_what_was_traded_while_it_ran():
    bus, making, bars = maker(SECOND)
    for time_ns, price in ((0, "2"), (6, "4"), (7, "1"), (8, "3")):
        bus.publish(trade(time_ns, price))
    assert (bars, making.next_close_ns) == ([], SECOND)
    bus.publish(trade(SECOND))
    [bar] = bars
    assert bar == Bar(ID, 0, SECOND, 2.0, 4.0, 1.0, 3.0, 4.0)


def test_a_trade_that_comes_late_counts_to_the_next_bar():
    bus, making, bars = maker(SECOND)
    bus.publish(trade(0))
    making.close_due(SECOND)
    bus.publish(trade(SECOND - 1, "7"))
    making.close_due(SECOND + 5)
    assert [bar.start_time_ns for bar in bars] == [0]
    making.close_due(2 * SECOND)
    assert [(bar.start_time_ns, bar.open) for bar in bars] == [(0, 1.0), (SECOND, 7.0)]


def bar_of(start_s, width_s=1, prices=(1.0, 4.0, 0.5, 2.0), volume=3.0):
    return Bar(ID, start_s * SECOND, width_s * SECOND, *prices, volume)


def streamed(*widths):
    bus, bars = Bus(failed), []
    markets = Markets(bus, lambda *_: None)
    making = BarMaker(bus, markets, lambda _: widths)
    bus.subscribe(Bar, bars.append)
    return markets, making, bars


def test_narrow_bars_make_wide_ones_at_the_moment_the_last_closes():
    markets, making, bars = streamed(3 * SECOND)
    parts = [
        bar_of(0),
        bar_of(1, prices=(2.0, 9.0, 2.0, 8.0)),
        bar_of(2, prices=(8.0, 8.0, 0.1, 5.0)),
    ]
    for part in parts:
        markets.bars((part,))
    wide = Bar(ID, 0, 3 * SECOND, 1.0, 9.0, 0.1, 5.0, 9.0)
    # The wide one is told within the last narrow one, before who listens to that.
    assert bars == [parts[0], parts[1], wide, parts[2]]
    assert making.next_close_ns is None
    assert markets.last_bars[ID] == parts[2]


def test_a_wide_bar_whose_last_part_is_missing_is_closed_by_time_or_by_the_next():
    markets, making, bars = streamed(3 * SECOND)
    markets.bars((bar_of(0),))
    making.close_due(3 * SECOND)
    markets.bars((bar_of(4),))
    markets.bars((bar_of(7),))
    wide = [bar for bar in bars if bar.width_ns == 3 * SECOND]
    assert [bar.start_time_ns // SECOND for bar in wide] == [0, 3]


def test_widths_that_narrow_bars_do_not_fill_are_not_made():
    markets, _, bars = streamed(3 * SECOND, 2 * SECOND, 5 * SECOND)
    for start in (0, 2, 4, 6, 8, 10):
        markets.bars((bar_of(start, width_s=2),))
    assert {bar.width_ns for bar in bars} == {2 * SECOND}


def test_of_two_wanted_widths_both_are_made_of_what_is_streamed():
    markets, _, bars = streamed(2 * SECOND, 4 * SECOND)
    for start in range(8):
        markets.bars((bar_of(start),))
    counts = [sum(bar.width_ns == width * SECOND for bar in bars) for width in (1, 2, 4)]
    assert counts == [8, 4, 2]
    assert {bar.volume for bar in bars} == {3.0, 6.0, 12.0}


steps = st.lists(
    st.tuples(st.integers(0, 900_000_000), st.integers(0, 1_500_000_000), st.booleans()),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(steps=steps)
def test_whatever_comes_when_bars_follow_each_other_and_no_trade_is_lost(steps):
    bus, making, bars = maker(SECOND, 3 * SECOND)
    bus.publish(trade(9 * SECOND))  # heard from there on, and nothing is later than that
    now = 12 * SECOND
    for passed, late, closes in steps:
        now += passed
        bus.publish(trade(now - late))
        if closes:
            making.close_due(now)
    making.close_due(now + 10 * SECOND)
    for width in (SECOND, 3 * SECOND):
        made = [bar for bar in bars if bar.width_ns == width]
        starts = [bar.start_time_ns for bar in made]
        assert starts == sorted(set(starts))
        assert not any(start % width for start in starts)
        assert sum(bar.volume for bar in made) == len(steps) + 1


def test_a_bar_that_is_made_of_trades_is_no_newer_price_than_the_last_of_them():
    markets, making, bars = streamed(3600 * SECOND)
    markets.trades((trade(0, "6"), trade(SECOND, "7")))
    making.close_due(3600 * SECOND)
    assert [bar.close for bar in bars] == [7.0]
    mark = markets.mark(ID)
    assert (mark.price, mark.received_time_ns) == (7, SECOND)
    assert markets.newest_ns([ID]) == SECOND


def test_trades_without_a_time_of_the_venue_go_by_when_they_came():
    bus, making, bars = maker(SECOND)
    bus.publish(Trade(ID, "", Decimal(2), Decimal(1), Side.BUY, 0, 90 * SECOND))
    making.close_due(91 * SECOND)
    assert [bar.start_time_ns for bar in bars] == [90 * SECOND]


def test_a_bar_that_listening_began_or_broke_in_is_not_told():
    markets, making, bars = streamed(SECOND)
    for time_ns in (5, SECOND + 5, 2 * SECOND + 5):
        markets.trades((trade(time_ns),))
    markets.market_gap([ID], "lost")
    for time_ns in (2 * SECOND + 9, 3 * SECOND + 1, 4 * SECOND + 1):
        markets.trades((trade(time_ns),))
    making.close_due(5 * SECOND)
    assert [bar.start_time_ns // SECOND for bar in bars] == [1, 3, 4]


def test_a_venue_time_far_ahead_swallows_no_later_trade():
    bus, making, bars = maker(SECOND)
    bus.publish(trade(0))
    bus.publish(Trade(ID, "", Decimal(1), Decimal(1), Side.BUY, 10**18, SECOND))
    for second in range(1, 200):
        bus.publish(trade(second * SECOND))
        making.close_due(second * SECOND)
    assert bars[-1].start_time_ns >= 197 * SECOND
