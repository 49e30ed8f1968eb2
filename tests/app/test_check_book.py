"""A recording's books are held to what the venue says about them, and nothing vanishes."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from crossdock.app.replay.books import check_book
from crossdock.book import OrderBook
from crossdock.cli import main
from crossdock.errors import DataError
from crossdock.model import Side
from crossdock.toolkit.decoders import Kraken

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
KRAKEN = DATA / "kraken_book/orderbook-v2.jsonl"
COINBASE = DATA / "cryptofeed/COINBASE.ws.28.0"

needs_kraken = pytest.mark.skipif(
    not KRAKEN.exists(), reason="needs ../shared/data/kraken_book, which is not shipped"
)
needs_coinbase = pytest.mark.skipif(
    not COINBASE.exists(), reason="needs ../shared/data/cryptofeed, which is not shipped"
)
KEYS = ["messages", "events", "checksums", "checksum_failures", "gaps", "undecoded"]


@pytest.fixture
def told(capsys):
    """Run the command; return its exit code and what it prints."""

    def run(path, *more):
        code = main(["replay", str(path), "--check-book", "--json", *more])
        return code, json.loads(capsys.readouterr().out)

    return run


def written(tmp_path, lines, name="recording.jsonl"):
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def flipped(line, choice):
    """Flip one bit of one byte of a price or a quantity, so that its value is another."""
    spans = [found.span(1) for found in re.finditer(rb'"(?:price|qty)":([\d.]+)', line)]
    while True:
        place = choice.randrange(*choice.choice(spans))
        new = bytes([line[place] ^ 1 << choice.randrange(7)])
        altered = line[:place] + new + line[place + 1 :]
        if new not in b"\r\n" and not _is_the_same(line, altered):
            return altered


def _is_the_same(line, altered):
    try:
        return json.loads(line) == json.loads(altered)
    except ValueError:
        return False


@needs_kraken
def test_a_sound_recording_has_every_checksum_right(told):
    code, found = told(KRAKEN, "--venue", "kraken")
    assert list(found) == KEYS
    assert found == dict(zip(KEYS, (510, 510, 510, 0, 0, 0), strict=True))
    assert code == 0


def book_after(lines):
    """Return the book that Kraken's messages leave, each side best first."""
    decoder, book = Kraken(), None
    for number, line in enumerate(lines):
        for change in decoder.decode(line, number):
            book = book or OrderBook(change.instrument)
            assert book.apply(change)
    return book.levels(Side.BUY), book.levels(Side.SELL)


@needs_kraken
@pytest.mark.parametrize("seed", range(30))
def test_one_flipped_bit_in_a_level_of_the_book_fails_a_checksum_and_nothing_vanishes(
    seed, told, tmp_path
):
    lines = KRAKEN.read_bytes().splitlines()
    choice = random.Random(seed)
    at = choice.randrange(len(lines))
    damaged = [*lines[:at], flipped(lines[at], choice), *lines[at + 1 :]]
    code, found = told(written(tmp_path, damaged), "--venue", "kraken")
    assert found["messages"] == len(lines)
    if found["checksum_failures"]:
        assert (found["gaps"], code) == (1, 5)
    else:  # a level that the same message pushed out of the book's depth
        assert book_after(damaged[: at + 1]) == book_after(lines[: at + 1])


@needs_kraken
def test_a_line_that_is_no_message_is_counted_and_gives_the_book_up(told, tmp_path):
    lines = KRAKEN.read_bytes().splitlines()
    lines[100] = b'{"channel":"book","type":"update","data":[{'
    code, found = told(written(tmp_path, lines))
    assert code == 1
    assert (found["messages"], found["undecoded"], found["gaps"]) == (510, 1, 1)


@needs_coinbase
def test_the_exchange_feed_of_coinbase_is_told_by_its_messages():
    found = check_book(str(COINBASE), venue="coinbase")
    lines = COINBASE.read_bytes().splitlines()
    received = [line for line in lines if re.match(rb"\d+\.\d+: ", line)]
    listed = 1  # the reply with the list of markets, recorded beside the stream
    assert found.messages == len(received) + listed
    assert (found.gaps, found.undecoded) == (0, 0)


OKX = [
    b'{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a"}',
    (
        b'{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":'
        b'[["3366.8","9","0","1"],["3368","8","0","1"],["3372","8","0","1"]],"bids":'
        b'[["3366.1","7","0","1"]],"ts":"1597026383085","checksum":831078360,"prevSeqId":-1,'
        b'"seqId":10}]}'
    ),
]
BYBIT = [
    b'{"success":true,"ret_msg":"subscribe","conn_id":"2324d924","op":"subscribe"}',
    (
        b'{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1672304484978,"data":{"s":'
        b'"BTCUSDT","b":[["16493.50","0.006"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7}}'
    ),
    (
        b'{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1672304484979,"data":{"s":'
        b'"BTCUSDT","b":[],"a":[],"u":18521290,"seq":9}}'
    ),
]
ADVANCED = [
    (
        b'{"channel":"subscriptions","client_id":"","timestamp":"2026-04-07T14:30:00.1Z",'
        b'"sequence_num":0,"events":[{"subscriptions":{"level2":["BTC-USD"]}}]}'
    ),
    (
        b'{"channel":"l2_data","client_id":"","timestamp":"2026-04-07T14:30:00.2Z","sequence_num"'
        b':1,"events":[{"type":"snapshot","product_id":"BTC-USD","updates":[{"side":"bid",'
        b'"event_time":"2026-04-07T14:30:00.2Z","price_level":"5","new_quantity":"1"}]}]}'
    ),
    (
        b'{"channel":"heartbeats","client_id":"","timestamp":"2026-04-07T14:30:01Z",'
        b'"sequence_num":3,"events":[{"heartbeat_counter":42}]}'
    ),
]
EXCHANGE = [
    b'{"type":"subscriptions","channels":[{"name":"level2","product_ids":["BTC-USD"]}]}',
    b'{"type":"snapshot","product_id":"BTC-USD","asks":[["2","1"]],"bids":[["1","1"]]}',
]


@pytest.mark.parametrize(
    ("venue", "lines", "found"),
    [
        ("okx", OKX, (2, 1, 1, 0, 0, 0)),
        ("okx", [OKX[0], OKX[1].replace(b'"7"', b'"6"')], (2, 1, 1, 1, 1, 0)),
        ("okxus", OKX, (2, 1, 1, 0, 0, 0)),
        ("bybit", BYBIT, (3, 2, 0, 0, 1, 0)),
        ("bybiteu", BYBIT, (3, 2, 0, 0, 1, 0)),
        ("coinbase", ADVANCED, (3, 2, 0, 0, 1, 0)),
        ("coinbase", EXCHANGE, (2, 1, 0, 0, 0, 0)),
        ("coinbaseexchange", EXCHANGE, (2, 1, 0, 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("is_timed", [False, True])
def test_messages_alone_are_told_by_their_words(
    venue, lines, found, is_timed, told, tmp_path
):
    if is_timed:
        lines = [
            b"%d %s" % (1_700_000_000_000_000_000 + n, each) for n, each in enumerate(lines)
        ]
    code, counted = told(written(tmp_path, lines), "--venue", venue)
    assert counted == dict(zip(KEYS, found, strict=True)) | {"events": counted["events"]}
    lacks = counted["gaps"] or counted["undecoded"]
    assert code == (5 if counted["checksum_failures"] else 1 if lacks else 0)


@pytest.mark.parametrize(
    ("venue", "hint"),
    [
        ("krakenn", "Did you mean kraken?"),
        (
            "kucoinfutures",
            "Did you mean kucoin?",
        ),  # whose messages are not the spot market's
        ("alpaca", "Known: "),
    ],
)
def test_a_venue_whose_messages_are_not_read_is_refused(venue, hint, tmp_path, capsys):
    path = str(written(tmp_path, EXCHANGE))
    assert main(["replay", path, "--check-book", "--venue", venue]) == 2
    told = capsys.readouterr().err
    assert f"venue called {venue}" in told and hint in told


def test_what_is_no_recording_of_messages_is_refused(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("time,open,high,low,close,volume\n2024-01-01,1,1,1,1,1\n")
    with pytest.raises(DataError, match="not a recording of messages"):
        check_book(str(path), symbol="A/USD", venue="kraken")


def test_a_check_and_a_strategy_exclude_each_other(tmp_path, capsys):
    path = str(written(tmp_path, EXCHANGE))
    assert main(["replay", path, "--check-book", "--check-top"]) == 2
    assert "one of --strategy NAME, --check-top and --check-book" in capsys.readouterr().err
