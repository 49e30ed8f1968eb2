import random
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from crossdock.book import OrderBook
from crossdock.model import Quote, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Kraken
from crossdock.toolkit.decoders.kraken import book_checksum

REAL = Path(__file__).resolve().parents[4] / "shared/data/kraken_book/orderbook-v2.jsonl"

needs_real = pytest.mark.skipif(
    not REAL.exists(), reason="needs ../shared/data/kraken_book, which is not shipped"
)
encode = msgspec.json.encode


def row(price, quantity):
    return {"price": msgspec.Raw(price.encode()), "qty": msgspec.Raw(quantity.encode())}


def told(kind, bids, asks, checksum=None, symbol="BTC/USD"):
    data = {"symbol": symbol, "bids": [row(*each) for each in bids]}
    data |= {"asks": [row(*each) for each in asks], "timestamp": "2023-07-30T15:30:00.5Z"}
    if checksum is not None:
        data["checksum"] = checksum
    return encode({"channel": "book", "type": kind, "data": [data]})


def play(lines):
    decoder, books, gaps = Kraken(), {}, []
    for number, line in enumerate(lines):
        for event in decoder.decode(line, number):
            book = books.setdefault(event.instrument, OrderBook(event.instrument))
            if isinstance(event, MarketGap):
                gaps.append(event)
                book.mark_gap(event.reason)
            else:
                assert book.apply(event)
    return decoder, books, gaps


@needs_real
def test_every_checksum_of_a_recorded_book_is_right():
    decoder, books, gaps = play(REAL.read_bytes().splitlines())
    assert (decoder.tally.checksums, decoder.tally.checksum_failures) == (510, 0)
    [book] = books.values()
    assert gaps == []
    assert len(book.levels(Side.BUY)) == len(book.levels(Side.SELL)) == 10


def tops(lines):
    """Return the whole book as the venue has it after each message, by position."""
    decoder, book, after = Kraken(), None, []
    for number, line in enumerate(lines):
        for event in decoder.decode(line, number):
            book = book or OrderBook(event.instrument)
            book.apply(event)
        after.append((book.levels(Side.BUY), book.levels(Side.SELL)))
    return after


@needs_real
@pytest.mark.parametrize("seed", range(25))
def test_a_book_with_a_message_lost_or_altered_is_right_or_given_up(seed):
    lines = REAL.read_bytes().splitlines()[:120]
    truth = tops(lines)
    choice = random.Random(seed)
    at = choice.randrange(1, len(lines) - 20)
    damaged = list(enumerate(lines))
    if seed % 2:
        del damaged[at]
    else:
        digits = [
            i
            for i, byte in enumerate(lines[at][: lines[at].index(b'"checksum"')])
            if chr(byte).isdigit() and i > lines[at].index(b'"bids"')
        ]
        where = choice.choice(digits)
        wrong = bytearray(lines[at])
        wrong[where] = ord(str((int(chr(wrong[where])) + choice.randrange(1, 10)) % 10))
        damaged[at] = (at, bytes(wrong))
    decoder, book, gaps = Kraken(), None, 0
    for position, line in damaged:
        for event in decoder.decode(line, position):
            if isinstance(event, MarketGap):
                gaps += 1
                book.mark_gap("gap")
                continue
            book = book or OrderBook(event.instrument)
            assert book.apply(event)
        if book.ready:
            plain = [
                [(Decimal(p), Decimal(q)) for p, q in side] for side in truth[position]
            ]
            kept = [book.levels(side) for side in (Side.BUY, Side.SELL)]
            assert [[(Decimal(p), Decimal(q)) for p, q in side] for side in kept] == plain
    assert gaps == decoder.tally.checksum_failures <= 1


@needs_real
def test_one_byte_flipped_in_a_level_is_a_checksum_failure_and_a_gap():
    lines = REAL.read_bytes().splitlines()[:10]
    lines[2] = lines[2].replace(b'"qty":8.25182177', b'"qty":8.25182178')
    decoder, books, [gap] = play(lines)
    assert decoder.tally.checksum_failures == 1
    assert "checksum" in gap.reason
    assert not books["BTC/USD@kraken"].ready
    assert decoder.tally.checksums == 3, "what comes after a gap is not checked"


@needs_real
def test_a_snapshot_mends_a_book_that_was_given_up():
    lines = REAL.read_bytes().splitlines()[:6]
    del lines[2]
    _, books, gaps = play([*lines, REAL.read_bytes().splitlines()[0]])
    assert len(gaps) == 1
    assert books["BTC/USD@kraken"].ready


def test_numbers_are_kept_as_the_venue_wrote_them():
    [event] = Kraken().decode(
        told("snapshot", [("29430.2", "4.0")], [("29430.3", "1e-05")]), 7
    )
    assert event.bids == [("29430.2", "4.0")]
    assert event.asks == [("29430.3", "1e-05")]
    assert (event.venue_time_ns, event.received_time_ns) == (1690731000500000000, 7)


ASKS = [(f"{100 + n}.5", f"1.{n}") for n in range(1, 11)]
BIDS = [(f"{100 - n}.5", f"2.{n}") for n in range(1, 11)]


@pytest.mark.parametrize("places", [(1, 8), (2, 3), (5, 5)])
def test_the_places_come_from_the_checksum_when_nobody_says_them(places):
    right = book_checksum(ASKS, BIDS, places)
    decoder, _, gaps = play([told("snapshot", BIDS, ASKS, right)])
    assert (gaps, decoder.tally.checksum_failures) == ([], 0)


def test_the_checksum_is_over_the_digits_without_leading_zeros():
    from zlib import crc32

    written = book_checksum([("0.050", "1.5")], [("10.1", "0.002")], (2, 3))
    assert written == crc32(b"5" + b"1500" + b"1010" + b"2")
    assert book_checksum([("5e-02", "1.5")], [("10.1", "2E-3")], (2, 3)) == written


def test_the_instrument_channel_says_the_places_and_the_steps():
    pair = {"symbol": "XBT/USD", "base": "XBT", "quote": "USD", "price_precision": 2}
    pair |= {"qty_precision": 4, "price_increment": 0.01, "qty_increment": 0.0001}
    pair |= {"qty_min": 0.002}
    pairs = encode({"channel": "instrument", "type": "snapshot", "data": {"pairs": [pair]}})
    right = book_checksum(ASKS, BIDS, (2, 4))
    told_right = told("snapshot", BIDS, ASKS, right, "XBT/USD")
    decoder, books, gaps = play([pairs, told_right])
    assert (list(books), gaps) == (["BTC/USD@kraken"], [])
    listed = decoder.markets.listed["XBT/USD"]
    assert (str(listed.tick_at(Decimal(1))), str(listed.min_quantity)) == ("0.01", "0.002")
    other = told("snapshot", BIDS, ASKS, book_checksum(ASKS, BIDS, (1, 8)), "XBT/USD")
    assert play([pairs, other])[0].tally.checksum_failures == 1, "the venue's word wins"


def test_levels_pushed_out_of_the_depth_are_told_as_gone():
    ack = {"method": "subscribe", "success": True}
    ack["result"] = {"channel": "book", "symbol": "BTC/USD", "depth": 10}
    better = told("update", [("100.4", "7")], [])
    next_one = told("update", [], [("101.5", "9")])
    decoder, books, _ = play([encode(ack), told("snapshot", BIDS, ASKS), better, next_one])
    [book] = books.values()
    assert book.ready
    assert [price for price, _ in book.levels(Side.BUY)] == ["100.4"] + [
        p for p, _ in BIDS[:9]
    ]
    assert book.levels(Side.SELL, 1) == [("101.5", "9")]
    assert decoder.tally.passed_over == 1


def test_trades_and_tickers_become_ours_and_history_is_passed_over():
    trade = {"symbol": "XBT/USD", "side": "sell", "price": 4136.4, "qty": 0.1}
    trade |= {"trade_id": 5, "timestamp": "2023-09-25T07:49:37.708706Z"}
    decoder = Kraken()
    message = {"channel": "trade", "type": "snapshot", "data": [trade]}
    assert decoder.decode(encode(message), 1) == []
    [made] = decoder.decode(encode(message | {"type": "update"}), 2)
    assert (made.instrument, made.side) == ("BTC/USD@kraken", Side.SELL)
    assert (str(made.price), made.venue_time_ns) == ("4136.4", 1695628177708706000)
    best = {"symbol": "XBT/USD", "bid": 1.5, "bid_qty": 2, "ask": 1.6, "ask_qty": 3}
    [quote] = decoder.decode(encode({"channel": "ticker", "data": [best]}), 4)
    assert quote == Quote("BTC/USD@kraken", 1.5, 2.0, 1.6, 3.0, 4, 4)
    assert decoder.decode(b'{"channel":"heartbeat"}', 5) == []
    assert decoder.decode(b'{"channel":"brandnew"}', 6) == []
    tally = decoder.tally
    assert (tally.used, tally.passed_over, tally.undecoded) == (2, 2, 1)
