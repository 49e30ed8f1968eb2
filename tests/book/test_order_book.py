"""One venue's book, against a dict sorted anew after every change."""

import gzip
import json
import math
from decimal import Decimal
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.book import FillCost, OrderBook
from crossdock.model import BookChange, InstrumentId, Side
from crossdock.ports import Book

ID = InstrumentId("BTC/USDT@alpha")
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def change(bids=(), asks=(), *, first=None, last=1, snapshot=False) -> BookChange:
    return BookChange(
        instrument=ID,
        snapshot=snapshot,
        bids=list(bids),
        asks=list(asks),
        first_sequence=last if first is None else first,
        last_sequence=last,
        venue_time_ns=last * 10,
        received_time_ns=last * 10 + 1,
    )


def snapshot(bids=(), asks=(), last=1) -> BookChange:
    return change(bids, asks, last=last, snapshot=True)


@pytest.fixture
def book() -> OrderBook:
    made = OrderBook(ID)
    bids = [("99.50", "1"), ("99.00", "2.5"), ("98", "4")]
    asks = [("100.00", "0.5"), ("100.50", "3"), ("102", "1")]
    assert made.apply(snapshot(bids, asks))
    return made


def test_an_order_book_is_the_book_a_strategy_reads(book):
    read: Book = book
    assert (read.ready, read.best_bid, read.best_ask) == (True, 99.5, 100.0)
    assert str(read.best_bid_price) == "99.50"
    assert str(read.best_ask_price) == "100.00"
    assert (book.sequence, book.venue_time_ns, book.received_time_ns) == (1, 10, 11)


def test_a_book_without_a_snapshot_is_not_ready_and_has_no_prices():
    book = OrderBook(ID)
    assert not book.ready
    assert book.gap_reason == "no snapshot yet"
    assert math.isnan(book.best_bid) and math.isnan(book.best_ask)
    assert book.best_bid_price.is_nan() and book.best_ask_price.is_nan()
    assert not book.apply(change([("1", "1")], last=1))
    assert book.levels(Side.BUY) == []


prices = st.integers(min_value=-40, max_value=40)
zeros = st.sampled_from(["0", "0.0", "0.00000000", "0E-8", "-0.0", "0."])
quantities = st.one_of(
    zeros, st.decimals("0.00000001", "99999", places=8, allow_nan=False).map(str)
)
texts = st.sampled_from(["{}.5", "{}.50", "{}.500"])
level = st.builds(
    lambda price, form, quantity: (form.format(price), quantity), prices, texts, quantities
)
sides = st.lists(level, max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.booleans(), sides, sides), min_size=1, max_size=15))
def test_any_changes_leave_what_a_sorted_dict_holds(script):
    book = OrderBook(ID)
    book.apply(snapshot(last=0))
    oracle = {Side.BUY: {}, Side.SELL: {}}
    for sequence, (is_snapshot, bids, asks) in enumerate(script, start=1):
        assert book.apply(change(bids, asks, last=sequence, snapshot=is_snapshot))
        for side, levels in ((Side.BUY, bids), (Side.SELL, asks)):
            held = oracle[side]
            if is_snapshot:
                held.clear()
            for price, quantity in levels:
                held.pop(Decimal(price), None)
                if Decimal(quantity):
                    held[Decimal(price)] = (price, quantity)
        wanted = [pair for _, pair in sorted(oracle[Side.BUY].items(), reverse=True)]
        offered = [pair for _, pair in sorted(oracle[Side.SELL].items())]
        assert book.levels(Side.BUY) == wanted
        assert book.levels(Side.SELL) == offered
        assert book.levels(Side.SELL, 2) == offered[:2]
        for best, exact, expected in (
            (book.best_bid, book.best_bid_price, wanted),
            (book.best_ask, book.best_ask_price, offered),
        ):
            if expected:
                assert best == float(expected[0][0])
                assert str(exact) == expected[0][0]
            else:
                assert math.isnan(best) and exact.is_nan()
        crossed = bool(
            wanted and offered and Decimal(wanted[0][0]) >= Decimal(offered[0][0])
        )
        assert book.crossed is crossed
        assert book.ready is not crossed


def test_deleting_the_best_level_shows_the_next_one(book):
    assert book.apply(change([("99.50", "0")], [("100.00", "0.000")], last=2))
    assert (book.best_bid, book.best_ask) == (99.0, 100.5)
    assert (str(book.best_bid_price), str(book.best_ask_price)) == ("99.00", "100.50")


def test_the_same_price_in_other_text_is_the_same_level_with_the_newest_text(book):
    book.apply(change([("99.5", "7")], last=2))
    assert book.levels(Side.BUY, 2) == [("99.5", "7"), ("99.00", "2.5")]
    assert str(book.best_bid_price) == "99.5"
    book.apply(change([("99.500", "0")], last=3))
    assert book.levels(Side.BUY, 1) == [("99.00", "2.5")]


def test_deleting_a_level_that_is_not_there_changes_nothing(book):
    before = book.levels(Side.BUY)
    assert book.apply(change([("97", "0")], last=2))
    assert book.levels(Side.BUY) == before


@pytest.mark.parametrize(
    ("first", "last", "follows", "applied"),
    [
        (11, 11, True, True),
        (9, 11, True, True),
        (8, 12, True, True),  # overlaps what is known, and goes on
        (10, 10, True, False),
        (3, 9, True, False),
        (12, 12, False, False),
        (12, 40, False, False),
    ],
)
def test_a_change_follows_overlaps_is_old_or_is_a_gap(first, last, follows, applied):
    book = OrderBook(ID)
    book.apply(snapshot([("1", "1")], [("9", "1")], last=10))
    assert book.apply(change([("2", "5")], first=first, last=last)) is follows
    assert book.ready is follows
    assert (book.best_bid == 2.0) is applied
    assert book.sequence == (last if applied else 10)


def test_from_a_gap_to_the_next_snapshot_nothing_stale_can_be_read(book):
    assert not book.apply(change([("99.6", "1")], first=5, last=5))
    assert book.gap_reason == "2 was due, 5 came"
    assert math.isnan(book.best_bid) and book.best_bid_price.is_nan()
    assert book.levels(Side.BUY) == [] == book.levels(Side.SELL)
    assert not book.apply(change([("99.6", "1")], last=6))
    assert book.apply(snapshot([("50", "1")], [("51", "1")], last=3))
    assert book.ready and book.gap_reason == ""
    assert (book.best_bid, book.best_ask) == (50.0, 51.0)
    assert book.apply(change([("50.5", "1")], last=4))


def test_a_marked_gap_keeps_its_reason(book):
    book.mark_gap("connection lost")
    assert not book.ready and book.gap_reason == "connection lost"


def test_a_snapshot_with_a_lower_sequence_is_a_venue_that_began_again(book):
    book.apply(change(last=2))
    assert book.apply(snapshot([("10", "1")], [("11", "1")], last=1))
    assert book.best_bid == 10.0
    assert book.apply(change([("10.5", "1")], last=2))
    assert book.best_bid == 10.5


@pytest.mark.parametrize("text", ["", "ten", "nan", "inf", "-Infinity", "1,5"])
def test_a_price_that_is_no_number_is_a_gap(book, text):
    assert not book.apply(change([("99.6", "1"), (text, "1")], last=2))
    assert not book.ready
    assert "unreadable price" in book.gap_reason


def test_a_crossed_book_is_not_ready_until_it_is_uncrossed(book):
    assert book.apply(change([("100.00", "1")], last=2))
    assert book.crossed and not book.ready
    assert book.apply(change(asks=[("100.00", "0")], last=3))
    assert book.ready


def test_a_book_with_one_side_only_is_ready_and_lacks_the_other():
    book = OrderBook(ID)
    book.apply(snapshot(asks=[("5", "1")]))
    assert book.ready and not book.crossed
    assert math.isnan(book.best_bid) and book.best_ask == 5.0
    assert book.cost_to_fill(Side.SELL, Decimal(1)) == FillCost(None, None, Decimal(0))


D = Decimal


@pytest.mark.parametrize(
    ("side", "quantity", "average", "worst", "filled"),
    [
        (Side.BUY, "0.5", "100", "100", "0.5"),
        (Side.BUY, "2", "100.375", "100.5", "2"),
        (
            Side.BUY,
            "10",
            "100.7777777777777777777777777777777777777777777777778",
            "102",
            "4.5",
        ),
        (Side.SELL, "1", "99.5", "99.5", "1"),
        (Side.SELL, "2", "99.25", "99", "2"),
    ],
)
def test_cost_to_fill_walks_the_levels(book, side, quantity, average, worst, filled):
    cost = book.cost_to_fill(side, D(quantity))
    assert cost.average_price is not None
    assert abs(cost.average_price - D(average)) <= D("1e-46")
    assert (cost.worst_price, cost.filled) == (D(worst), D(filled))


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN"])
def test_cost_to_fill_of_no_quantity_is_refused(book, quantity):
    with pytest.raises((ValueError, ArithmeticError)):
        book.cost_to_fill(Side.BUY, D(quantity))


def test_volume_adds_what_rests(book):
    assert book.volume(Side.BUY) == D("7.5")
    assert book.volume(Side.SELL, 2) == D("3.5")


def test_more_prices_than_the_memory_of_texts_holds_stay_exact():
    book = OrderBook(ID)
    many = [(f"{price}.25", "1") for price in range(20_000)]
    book.apply(snapshot(many, last=1))
    assert len(book.levels(Side.BUY)) == 20_000
    book.apply(change([(price, "0") for price, _ in many[1:]], last=2))
    assert book.levels(Side.BUY) == many[:1]
    assert len(book._bids._key_of) < 20_000


def test_recorded_kraken_checksums_agree_with_the_book():
    path = DATA / "kraken_book" / "orderbook-v2.jsonl"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    book = OrderBook(ID)
    checked = 0
    for sequence, line in enumerate(path.read_text().splitlines(), start=1):
        message = json.loads(line, parse_float=Decimal)
        data = message["data"][0]
        sides = [
            [(f"{row['price']:.1f}", f"{row['qty']:.8f}") for row in data[name]]
            for name in ("bids", "asks")
        ]
        is_snapshot = message["type"] == "snapshot"
        assert book.apply(change(*sides, last=2 * sequence, snapshot=is_snapshot))
        # The venue sends ten levels a side and expects the rest to be cut off.
        cut = [
            [(price, "0") for price, _ in book.levels(side)[10:]]
            for side in (Side.BUY, Side.SELL)
        ]
        assert book.apply(change(*cut, last=2 * sequence + 1))
        if "checksum" in data:
            top = book.levels(Side.SELL, 10) + book.levels(Side.BUY, 10)
            text = "".join(
                part.replace(".", "").lstrip("0") for pair in top for part in pair
            )
            assert crc32(text.encode()) == data["checksum"]
            checked += 1
    assert checked > 500


def test_recorded_binance_depth_agrees_with_its_book_ticker():
    path = DATA / "hftbacktest" / "examples" / "spot" / "ethusdt_20240808.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    book = OrderBook(ID)
    tickers = {}
    agreed = changes = 0
    with gzip.open(path, "rt") as lines:
        for number, line in enumerate(lines):
            message = json.loads(line.partition(" ")[2])
            if "lastUpdateId" in message:
                last = message["lastUpdateId"]
                book.apply(snapshot(*map(pairs, (message["bids"], message["asks"])), last))
                continue
            data = message["data"]
            if message["stream"].endswith("bookTicker"):
                tickers[data["u"]] = (data["b"], data["B"], data["a"], data["A"])
            elif "depth" in message["stream"]:
                known = book.sequence
                applied = book.apply(
                    change(
                        pairs(data["b"]), pairs(data["a"]), first=data["U"], last=data["u"]
                    )
                )
                if applied and data["u"] > known and data["u"] in tickers:
                    bid, ask = book.levels(Side.BUY, 1)[0], book.levels(Side.SELL, 1)[0]
                    assert (*bid, *ask) == tickers[data["u"]]
                    agreed += 1
                changes += applied
            if number > 40_000:
                break
    assert changes > 100
    assert agreed > 20


def pairs(rows):
    return [tuple(row) for row in rows]
