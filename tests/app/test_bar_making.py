"""Bars are made of trades: every trade once, no bar twice."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.desk.bar_making import BarMaker
from crossdock.app.desk.markets import Markets
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
    for time_ns, price in ((5, "2"), (6, "4"), (7, "1"), (8, "3")):
        bus.publish(trade(time_ns, price))
    assert (bars, making.next_close_ns) == ([], SECOND)
    bus.publish(trade(SECOND))
    [bar] = bars
    assert bar == Bar(ID, 0, SECOND, 2.0, 4.0, 1.0, 3.0, 4.0)


def test_a_trade_that_comes_late_counts_to_the_next_bar():
    bus, making, bars = maker(SECOND)
    bus.publish(trade(5))
    making.close_due(SECOND)
    bus.publish(trade(SECOND - 1, "7"))
    making.close_due(SECOND + 5)
    assert [bar.start_time_ns for bar in bars] == [0]
    making.close_due(2 * SECOND)
    assert [(bar.start_time_ns, bar.open) for bar in bars] == [(0, 1.0), (SECOND, 7.0)]


steps = st.lists(
    st.tuples(st.integers(0, 900_000_000), st.integers(0, 1_500_000_000), st.booleans()),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(steps=steps)
def test_whatever_comes_when_bars_follow_each_other_and_no_trade_is_lost(steps):
    bus, making, bars = maker(SECOND, 3 * SECOND)
    now = 10 * SECOND
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
        assert sum(bar.volume for bar in made) == len(steps)
