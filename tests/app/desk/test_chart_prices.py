"""What a chart takes for the price of now, and when it draws none."""

from decimal import Decimal
from math import isnan

import pytest

from crossdock.app.desk.market.candles import Candles
from crossdock.app.desk.market.markets import Markets
from crossdock.core.bus import Bus
from crossdock.model import BookChange, Quote, Side, Trade

BTC = "BTC/USDT@alpha"
NOW_S = 1_000
SECOND_NS = 1_000_000_000


class Clock:
    def __init__(self):
        self.now_s = NOW_S

    def time_ns(self):
        return self.now_s * SECOND_NS


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def markets():
    return Markets(Bus(lambda *_: None), lambda *_: None)


@pytest.fixture
def candles(markets, clock):
    return Candles(markets, clock, {})


def trade(price, age_s):
    received_ns = (NOW_S - age_s) * SECOND_NS
    return Trade(BTC, "1", Decimal(price), Decimal(1), Side.BUY, 0, received_ns)


def quote(bid, ask, age_s):
    return Quote(BTC, bid, 1.0, ask, 1.0, 0, (NOW_S - age_s) * SECOND_NS)


def book(bid, ask):
    return BookChange(
        instrument=BTC,
        snapshot=True,
        bids=[(bid, "1")],
        asks=[(ask, "1")],
        first_sequence=1,
        last_sequence=1,
        venue_time_ns=0,
        received_time_ns=NOW_S * SECOND_NS,
    )


GAP = object()
TRADE, OLD_TRADE = trade("97", 60), trade("97", 61)
QUOTE, OLD_QUOTE = quote(89.0, 91.0, 60), quote(89.0, 91.0, 61)
BOOK = book("99", "101")


@pytest.mark.parametrize(
    ("heard", "price"),
    [
        ([], None),
        ([TRADE, BOOK], 97.0),
        ([OLD_TRADE, BOOK], 100.0),
        ([OLD_TRADE], None),
        ([TRADE, GAP], None),
        ([GAP, TRADE], 97.0),
        ([TRADE, BOOK, GAP], None),
        ([TRADE, GAP, BOOK], 100.0),
        ([OLD_TRADE, QUOTE], 90.0),
        ([OLD_TRADE, OLD_QUOTE], None),
        ([BOOK, QUOTE, GAP], None),
        ([BOOK, GAP, QUOTE], 90.0),
        ([OLD_TRADE, BOOK, QUOTE], 100.0),
    ],
)
def test_a_price_is_drawn_while_it_is_young_and_nothing_was_lost_after_it(
    markets, candles, heard, price
):
    for each in heard:
        if each is GAP:
            markets.market_gap([BTC], "lost")
        elif isinstance(each, Trade):
            markets.trades([each])
        elif isinstance(each, Quote):
            markets.quotes([each])
        else:
            markets.book(each)
    found = candles.price(BTC)
    assert isnan(found) if price is None else found == price


def test_a_chart_ends_where_its_prices_ended(markets, candles, clock):
    width_ns = 5 * SECOND_NS
    markets.trades([trade("97", 0)])
    candles.sample(clock.time_ns())
    assert candles.forming(BTC, width_ns).close == 97.0
    markets.market_gap([BTC], "lost")
    clock.now_s += 5
    candles.sample(clock.time_ns())
    assert candles.forming(BTC, width_ns) is None
