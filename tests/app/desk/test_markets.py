"""What the desk knows of prices, and when it says that it knows none."""

from decimal import Decimal

import pytest

from crossdock.app.desk.market.markets import Markets
from crossdock.book import OrderBook
from crossdock.core.bus import Bus
from crossdock.model import Bar, BookChange, Quote, Side, Trade

D = Decimal
BTC = "BTC/USDT@alpha"


@pytest.fixture
def gaps():
    return []


@pytest.fixture
def bus():
    def fail(error, event, handler):
        raise error

    return Bus(fail)


@pytest.fixture
def markets(bus, gaps):
    return Markets(bus, lambda instrument, reason: gaps.append((instrument, reason)))


def change(first=1, *, snapshot=False, bids=(), asks=(), received=5):
    return BookChange(
        instrument=BTC,
        snapshot=snapshot,
        bids=list(bids),
        asks=list(asks),
        first_sequence=first,
        last_sequence=first,
        venue_time_ns=0,
        received_time_ns=received,
    )


def snapshot(bid="99", ask="101", **values):
    return change(snapshot=True, bids=[(bid, "2")], asks=[(ask, "3")], **values)


def trade(price="97"):
    return Trade(
        instrument=BTC,
        trade_id="1",
        price=D(price),
        quantity=D(1),
        side=Side.BUY,
        venue_time_ns=0,
        received_time_ns=9,
    )


def test_a_book_is_told_on_as_it_is_now(markets, bus):
    seen = []
    bus.subscribe(OrderBook, lambda book: seen.append((book.instrument, book.best_bid)))
    markets.book(snapshot())
    markets.book(change(2, bids=[("100", "1")]))
    assert seen == [(BTC, 99.0), (BTC, 100.0)]


def test_a_change_that_does_not_follow_is_a_gap_and_told_to_no_strategy(markets, bus, gaps):
    seen = []
    bus.subscribe(OrderBook, seen.append)
    markets.book(snapshot())
    markets.book(change(7, bids=[("100", "1")]))
    assert len(seen) == 1 and markets.gaps == 1
    assert [instrument for instrument, _ in gaps] == [BTC]
    assert markets.mark(BTC) is None
    markets.book(snapshot("98", "102", first=20))
    assert markets.mark(BTC).price == 100


def test_the_mark_is_the_middle_of_a_good_book(markets):
    assert markets.mark(BTC) is None
    markets.book(snapshot("99.9", "100.2", received=77))
    assert markets.mark(BTC) == (D("100.05"), 77)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: m.market_gap([BTC], "lost"),
        lambda m: m.book(snapshot("103", "101", first=9)),
        lambda m: m.book(change(2, asks=[("101", "0")])),
    ],
    ids=["a gap", "a crossed book", "one side empty"],
)
def test_without_a_good_book_the_mark_is_the_last_trade_with_its_age(markets, spoil):
    markets.trades([trade()])
    markets.book(snapshot())
    assert markets.mark(BTC).price == 100
    spoil(markets)
    assert markets.mark(BTC) == (D(97), 9)


@pytest.mark.parametrize(
    ("lose", "valued"),
    [
        (lambda m: m.market_gap([BTC], "lost"), 97),
        (lambda m: m.book(change(7, bids=[("100", "1")])), 97),
        (lambda m: m.close("alpha", "let out"), 98),
    ],
    ids=["the stream broke", "a change is missing", "the venue was let out"],
)
def test_what_was_heard_before_a_gap_is_valued_by_and_no_word_of_now(markets, lose, valued):
    markets.book(snapshot())
    quote = Quote(BTC, 96.0, 1.0, 98.0, 1.0, 0, 9)
    markets.quotes([quote])
    markets.trades([trade("98")])
    assert markets.quote_since_gap(BTC) is quote
    assert markets.trade_since_gap(BTC).price == 98
    lose(markets)
    assert markets.quote_since_gap(BTC) is None and markets.trade_since_gap(BTC) is None
    assert markets.mark(BTC).price == valued
    markets.quotes([Quote(BTC, 1.0, 1.0, 2.0, 1.0, 0, 10)])
    markets.trades([trade("5")])
    assert markets.quote_since_gap(BTC).bid == 1.0
    assert markets.trade_since_gap(BTC).price == 5


def test_trades_of_a_venue_without_books_are_no_word_of_now_once_it_is_let_out(markets):
    markets.trades([trade("98")])
    markets.close("alpha", "let out")
    assert markets.trade_since_gap(BTC) is None
    assert markets.last_trades[BTC].price == 98


def test_a_market_order_is_valued_at_the_last_level_it_reaches(markets):
    assert markets.worst_price(BTC, Side.BUY, D(1)) is None
    markets.book(
        change(snapshot=True, bids=[("99", "1")], asks=[("101", "1"), ("102", "2")])
    )
    assert markets.worst_price(BTC, Side.BUY, D(1)) == 101
    assert markets.worst_price(BTC, Side.BUY, D(3)) == 102
    assert markets.worst_price(BTC, Side.BUY, D(4)) is None
    assert markets.worst_price(BTC, Side.SELL, D(1)) == 99
    markets.market_gap([BTC], "lost")
    assert markets.worst_price(BTC, Side.BUY, D(1)) is None


def test_quotes_and_trades_are_told_one_by_one_and_the_newest_kept(markets, bus):
    seen = []
    bus.subscribe(Quote, seen.append)
    bus.subscribe(Trade, seen.append)
    quotes = [Quote(BTC, 1.0, 1.0, 2.0 + n, 1.0, 0, n) for n in range(2)]
    markets.quotes(quotes)
    markets.trades([trade("97"), trade("98")])
    assert len(seen) == 4 and markets.messages == 4
    assert markets.last_quotes[BTC] is quotes[1]
    assert markets.last_trades[BTC].price == 98


@pytest.mark.parametrize("close", [float("nan"), float("inf")])
def test_a_bar_whose_close_is_no_number_says_nothing_of_the_price(markets, close):
    markets.trades([trade("97")])
    markets.bars([Bar(BTC, 10, 10, 1.0, 2.0, 1.0, close, 1.0)])
    assert markets.mark(BTC).price == 97


def test_a_trade_whose_price_is_no_number_says_nothing_of_the_price(markets):
    markets.quotes([Quote(BTC, 96.0, 1.0, 98.0, 1.0, 0, 5)])
    markets.trades([trade("NaN")])
    assert markets.mark(BTC).price == 97
