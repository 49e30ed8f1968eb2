"""Messages shaped as https://www.okx.com/docs-v5/en/ shows them (read 2026-11-21)."""

from __future__ import annotations

import json
from decimal import Decimal
from math import isnan

import pytest

from crossdock.book import OrderBook
from crossdock.model import BookChange, ContractKind, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Okx
from crossdock.toolkit.decoders.okx import book_checksum

MS = 1_000_000
ARG = {"channel": "books", "instId": "BTC-USDT"}


def encode(message):
    return json.dumps(message, separators=(",", ":")).encode()


def book(action, seq, prev, bids=(), asks=(), channel="books", **more):
    sides = [[[p, q, "0", "4"] for p, q in side] for side in (bids, asks)]
    data = {"asks": sides[1], "bids": sides[0], "ts": "1597026383085", **more}
    if seq is not None:
        data |= {"seqId": seq, "prevSeqId": prev}
    message = {"arg": {**ARG, "channel": channel}, "data": [data]}
    return encode(message | ({"action": action} if action else {}))


BEGUN = book("snapshot", 100, -1, [("8476.97", "256")], [("8476.98", "415")], checksum=0)


@pytest.mark.parametrize(
    ("bids", "asks", "checksum"),
    [
        ([("3366.1", "7"), ("3366", "6")], [("3366.8", "9"), ("3368", "8")], -1881014294),
        ([("3366.1", "7")], [("3366.8", "9"), ("3368", "8"), ("3372", "8")], 831078360),
    ],
)
def test_the_checksum_is_that_of_the_documentation(bids, asks, checksum):
    assert book_checksum(asks, bids) == checksum


def test_a_change_names_the_one_before_and_numbers_may_jump():
    decoder = Okx()
    [begun] = decoder.decode(BEGUN, 1)
    [change] = decoder.decode(book("update", 107, 100, [("8476.97", "0")]), 2)
    assert (begun.snapshot, change.snapshot) == (True, False)
    assert (change.first_sequence, change.last_sequence) == (101, 107)
    [gap] = decoder.decode(book("update", 120, 113), 3)
    assert isinstance(gap, MarketGap)
    assert decoder.decode(book("update", 121, 120), 4) == [], "until a snapshot"
    assert decoder.tally.passed_over == 1


def test_a_silent_book_tells_its_last_number_again_and_nothing_is_lost():
    decoder = Okx()
    decoder.decode(BEGUN, 1)
    assert decoder.decode(book("update", 100, 100), 2) == []
    [change] = decoder.decode(book("update", 101, 100, [("8476.9", "1")]), 3)
    assert isinstance(change, BookChange)


def test_a_repeated_number_that_is_not_the_last_one_shows_a_loss():
    decoder = Okx()
    decoder.decode(BEGUN, 1)
    [gap] = decoder.decode(book("update", 105, 105), 2)
    assert isinstance(gap, MarketGap)


def test_after_maintenance_numbers_begin_lower_and_the_book_goes_on():
    decoder = Okx()
    decoder.decode(BEGUN, 1)
    kept = OrderBook("BTC/USDT@okx")
    for message in (
        BEGUN,
        book("update", 3, 100, [("8476.96", "1")]),
        book("update", 5, 3, [("8476.95", "2")]),
    ):
        [event] = decoder.decode(message, 2)
        assert kept.apply(event)
    assert kept.levels(Side.BUY) == [("8476.97", "256"), ("8476.96", "1"), ("8476.95", "2")]


def test_a_checksum_of_zero_or_none_is_no_checksum():
    decoder = Okx()
    decoder.decode(BEGUN, 1)
    decoder.decode(book("update", 101, 100, [("8476.9", "1")]), 2)
    assert decoder.tally.checksums == 0
    assert decoder.tally.used == 2


def test_a_book_of_a_time_without_numbers_is_held_to_its_checksums():
    bids, asks = [("8476.97", "256")], [("8476.98", "415")]
    decoder = Okx()
    first = book("snapshot", None, None, bids, asks, checksum=book_checksum(asks, bids))
    [begun] = decoder.decode(first, 1)
    assert begun.checksum == book_checksum(asks, bids)
    wrong = book("update", None, None, [("8476.5", "1")], checksum=begun.checksum)
    [gap] = decoder.decode(wrong, 2)
    assert "checksum" in gap.reason
    assert (decoder.tally.checksums, decoder.tally.checksum_failures) == (2, 1)


def test_books5_is_a_picture_and_gives_way_to_books():
    decoder = Okx()
    five = book(None, 7, None, [("1", "2")], [("3", "4")], channel="books5")
    assert decoder.decode(five, 1)[0].snapshot
    decoder.decode(BEGUN, 2)
    assert decoder.decode(five, 3) == []
    assert decoder.tally.passed_over == 1


def test_best_prices_trades_and_tickers_are_read_exactly():
    decoder = Okx()
    best = book(None, 8, None, [("111.05", "2")], [], channel="bbo-tbt")
    [quote] = decoder.decode(best, 5)
    assert (quote.bid, quote.bid_quantity, quote.ask_quantity) == (111.05, 2.0, 0.0)
    assert isnan(quote.ask)
    assert quote.venue_time_ns == 1597026383085 * MS
    told = {"instId": "BTC-USDT-SWAP", "tradeId": "130639474", "px": "42219.9"}
    told |= {"sz": "0.12060306", "side": "buy", "ts": "1630048897897", "count": "3"}
    arg = {"channel": "trades", "instId": "BTC-USDT-SWAP"}
    [trade] = decoder.decode(encode({"arg": arg, "data": [told]}), 6)
    assert (trade.instrument, trade.trade_id) == ("BTC/USDT:USDT@okx", "130639474")
    assert (trade.price, trade.quantity, trade.side) == (
        Decimal("42219.9"),
        Decimal("0.12060306"),
        Side.BUY,
    )
    ticker = {"instId": "BTC-USDT", "last": "9999.99", "askPx": "9999.99", "askSz": "11"}
    ticker |= {"bidPx": "8888.88", "bidSz": "5", "ts": "1597026383085"}
    arg = {"channel": "tickers", "instId": "BTC-USDT"}
    [quote] = decoder.decode(encode({"arg": arg, "data": [ticker]}), 7)
    assert (quote.bid, quote.ask) == (8888.88, 9999.99)


@pytest.mark.parametrize(
    "raw",
    [
        b"pong",
        encode({"event": "subscribe", "arg": ARG, "connId": "a4d3ae55"}),
        encode({"event": "error", "code": "60012", "msg": "Invalid request"}),
        encode({"event": "notice", "code": "64008", "msg": "The connection will close."}),
        encode({"arg": {"channel": "mark-price", "instId": "BTC-USDT"}, "data": []}),
    ],
)
def test_words_of_the_session_are_passed_over(raw):
    decoder = Okx()
    assert decoder.decode(raw, 1) == []
    assert (decoder.tally.passed_over, decoder.tally.undecoded) == (1, 0)


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("BTC-USDT", "BTC/USDT"),
        ("BTC-USDT-SWAP", "BTC/USDT:USDT"),
        ("BTC-USD-SWAP", "BTC/USD:BTC"),
        ("BTC-USD-241227", "BTC/USD:BTC-241227"),
        ("BTC-USD-241227-100000-C", "BTC/USD:BTC-241227-100000-C"),
    ],
)
def test_symbols_are_written_as_ccxt_writes_them(key, symbol):
    assert Okx().symbol_of(key) == symbol


def test_instruments_carry_contract_size_expiry_and_settlement():
    swap = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "tickSz": "0.1", "lotSz": "0.01"}
    swap |= {"minSz": "0.01", "settleCcy": "USDT", "ctVal": "0.01", "ctMult": "1"}
    swap |= {"ctType": "linear", "expTime": "", "baseCcy": "", "quoteCcy": ""}
    call = {"instId": "BTC-USD-241227-100000-C", "instType": "OPTION", "tickSz": "0.0005"}
    call |= {"lotSz": "1", "minSz": "1", "settleCcy": "BTC", "ctVal": "1", "ctMult": "0.01"}
    call |= {"expTime": "1735286400000", "stk": "100000", "optType": "C", "ctType": ""}
    decoder = Okx()
    reply = encode({"code": "0", "data": [swap, call]})
    decoder.rest("https://www.okx.com/api/v5/public/instruments?instType=SWAP", reply, 1)
    listed = decoder.markets.listed
    perpetual, option = listed["BTC-USDT-SWAP"], listed["BTC-USD-241227-100000-C"]
    assert (perpetual.kind, perpetual.multiplier) == (ContractKind.LINEAR, Decimal("0.01"))
    assert perpetual.expiry_time_ns is None
    assert (option.kind, option.strike) == (ContractKind.OPTION, Decimal(100000))
    assert option.expiry_time_ns == 1735286400000 * MS
    assert option.settle == "BTC"
