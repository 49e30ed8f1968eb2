"""Recordings of streams, real ones and small ones made here, through the feed."""

import gzip
import random
import re
import shutil
from pathlib import Path

import pytest
import zstandard

from crossdock.adapters.feeds.recorded import MANIFEST
from crossdock.adapters.feeds.recorded.feed import RecordedFiles
from crossdock.app.registry import Registry
from crossdock.book import OrderBook
from crossdock.errors import DataError
from crossdock.model import BookChange, Quote, Side, Trade, venue_of
from crossdock.ports import MarketGap, RecordedFeed

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
BINANCE = DATA / "hftbacktest/examples/spot/ethusdt_20240808.gz"
KRAKEN = DATA / "kraken_book/orderbook-v2.jsonl"
STREAMS = {
    "BINANCE.ws.1.0": "binance",
    "BINANCE_US.ws.1.0": "binance_us",
    "BITMEX.ws.1.0": "bitmex",
    "BITSTAMP.ws.1.0": "bitstamp",
    "COINBASE.ws.28.0": "coinbase",
    "DERIBIT.ws.1.0": "deribit",
    "GEMINI.ws.1.0": "gemini",
    "HUOBI.ws.44.0": "htx",
    "KUCOIN.ws.1.0": "kucoin",
}
SYMBOL = re.compile(r"[A-Z0-9]+/[A-Z0-9]+(:[A-Z]+(-\d{6}(-[\d.]+-[CP])?)?)?")


def real(path):
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{path.relative_to(DATA)}, which is not shipped")
    return str(path)


def opened(path, **asked):
    return RecordedFiles().open(str(path), **asked)


def played(recording):
    """Play a recording into books; return its events. A book is never crossed, nor behind."""
    books, events, newest_ns = {}, [], 0
    for event in recording.events():
        assert event.received_time_ns >= newest_ns, "in the order received"
        newest_ns = event.received_time_ns
        events.append(event)
        if isinstance(event, BookChange):
            book = books.setdefault(event.instrument, OrderBook(event.instrument))
            assert book.apply(event), book.gap_reason
            assert not book.crossed
    return events


@pytest.mark.parametrize("name", STREAMS)
def test_no_message_of_a_recorded_stream_is_dropped_silently(name):
    recording = opened(real(DATA / "cryptofeed" / name))
    events = played(recording)
    stats, tally = recording.stats, recording.tally
    written = [
        line
        for file in {name, *siblings(name)}
        for line in (DATA / "cryptofeed" / file).read_text().splitlines()
        if re.match(r"\d+\.\d+: |https?://\S+ -> ", line)
    ]
    assert stats.messages == len(written)
    assert stats.messages == tally.used + tally.passed_over + tally.undecoded
    assert (stats.undecoded, tally.undecoded, stats.gaps) == (0, 0, 0)
    assert stats.events == len(events)


def siblings(name):
    stem = name.partition(".")[0]
    folder = DATA / "cryptofeed"
    return {file.name for file in folder.glob(f"{stem}.*") if ".ws." not in file.name}


@pytest.mark.parametrize("name", STREAMS)
def test_the_instruments_of_a_recorded_stream_are_named_and_stepped_by_the_venue(name):
    recording = opened(real(DATA / "cryptofeed" / name))
    instruments = recording.instruments()
    seen = {event.instrument for event in recording.events()}
    assert {each.id for each in instruments} == seen
    for each in instruments:
        symbol, _, venue = each.id.partition("@")
        assert SYMBOL.fullmatch(symbol), symbol
        assert venue == STREAMS[name]
        assert symbol.startswith(f"{each.base}/{each.quote}")
    for event in recording.events():
        if isinstance(event, Trade):
            [instrument] = [each for each in instruments if each.id == event.instrument]
            assert instrument.price(event.price) == event.price, "it fits the tick"


def test_a_recorded_stream_reads_the_same_a_second_time():
    recording = opened(real(DATA / "cryptofeed/KUCOIN.ws.1.0"))
    assert list(recording.events()) == list(recording.events())
    assert recording.stats.events == 4662


def test_binance_lines_hold_quotes_trades_and_one_book():
    recording = opened(real(BINANCE))
    events = played(recording)
    kinds = [sum(isinstance(event, kind) for event in events) for kind in (Quote, Trade)]
    assert (recording.format, recording.stats.messages) == ("binance-lines", 33_618)
    assert kinds == [24_077, 6_106]
    assert (recording.stats.gaps, recording.stats.undecoded) == (0, 0)
    [instrument] = recording.instruments()
    assert instrument.id == "ETH/USDT@binance"
    assert str(instrument.tick_table[0].tick) == "0.01", "the finest step seen"


def test_kraken_lines_are_checked_by_their_checksums():
    recording = opened(real(KRAKEN))
    played(recording)
    assert (recording.stats.checksums, recording.stats.checksum_failures) == (510, 0)
    assert [each.id for each in recording.instruments()] == ["BTC/USD@kraken"]


def test_a_kraken_line_that_was_altered_is_a_gap(tmp_path):
    lines = Path(real(KRAKEN)).read_bytes().splitlines()
    lines[5] = lines[5].replace(b'"qty":', b'"qty":1', 1)
    (tmp_path / "kraken").write_bytes(b"\n".join(lines))
    recording = opened(tmp_path / "kraken")
    gaps = [event for event in recording.events() if isinstance(event, MarketGap)]
    assert len(gaps) == recording.stats.gaps == recording.stats.checksum_failures == 1


def tops(events):
    """Return each book's best levels at each sequence it stood at, and the gaps."""
    books, seen, gaps = {}, {}, 0
    for event in events:
        if isinstance(event, MarketGap):
            gaps += 1
            books.setdefault(event.instrument, OrderBook(event.instrument)).mark_gap("lost")
        elif isinstance(event, BookChange):
            book = books.setdefault(event.instrument, OrderBook(event.instrument))
            assert book.apply(event)
        else:
            continue
        book = books[event.instrument]
        if book.ready:
            best = [book.levels(side, 5) for side in (Side.BUY, Side.SELL)]
            seen[event.instrument, book.sequence] = best
    return seen, gaps


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["BINANCE.ws.1.0", "KUCOIN.ws.1.0", "DERIBIT.ws.1.0"])
def test_a_numbered_book_with_messages_lost_is_right_or_given_up(tmp_path, name, seed):
    source = Path(real(DATA / "cryptofeed" / name))
    for file in siblings(name):
        shutil.copy(source.with_name(file), tmp_path / file)
    choice = random.Random(seed)
    kept = [
        line
        for line in source.read_text().splitlines(True)
        if "<->" in line or choice.random() > 0.05
    ]
    (tmp_path / name).write_text("".join(kept))
    truth, none = tops(opened(source).events())
    seen, gaps = tops(opened(tmp_path / name).events())
    assert (none, gaps > 0) == (0, True)
    assert len(seen) < len(truth)
    assert all(truth[place] == best for place, best in seen.items())


HEAD = "wss://stream.binance.com:9443/stream?streams=abcqqq@depth <-> 1633998511.1\n"


def depth(time, first, last, bids="[]"):
    body = f'"e":"depthUpdate","E":1633998512068,"s":"ABCQQQ","U":{first},"u":{last}'
    return f'{time}: {{"stream":"abcqqq@depth","data":{{{body},"b":{bids},"a":[]}}}}\n'


LISTED = '{"symbol":"ABCQQQ","baseAsset":"ABC","quoteAsset":"QQQ","filters":[]}'
FILTERS = '[{"filterType":"PRICE_FILTER","tickSize":"0.5"},{"filterType":"LOT_SIZE","stepSize":"2"}]'


@pytest.fixture
def capture(tmp_path):
    """Write a capture of three files as cryptofeed names them; return the stream's path."""
    lists = f'{{"symbols":[{LISTED.replace("[]", FILTERS)}]}}'
    (tmp_path / "BINANCE.0").write_text(
        f"https://api.binance.com/api/v3/exchangeInfo -> 1633998900.1: {lists}\n"
        'configuration: {"l2_book":["ABC-QQQ"]}\n'
    )
    book = '{"lastUpdateId":5,"bids":[["10.5","4"]],"asks":[]}'
    (tmp_path / "BINANCE.http.0.0").write_text(
        "https://api.binance.com/api/v3/depth?symbol=ABCQQQ&limit=1000 -> 1633998512.25:"
        f" {book}\n\n"
    )
    path = tmp_path / "BINANCE.ws.1.0"
    path.write_text(
        HEAD
        + "wss://stream.binance.com:9443/stream <- 1633998511.5: subscribe\n"
        + depth("1633998512.0633569", 4, 6, '[["10.5","0"]]')
        + depth("1633998513.000000001", 7, 7, '[["11.0","2"]]')
        + "\n"
    )
    return path


def test_a_capture_joins_its_files_by_time(capture):
    recording = opened(capture)
    begun, held, last = recording.events()
    assert (begun.snapshot, begun.bids, begun.received_time_ns) == (
        True,
        [("10.5", "4")],
        1633998512_250000000,
    )
    assert (held.bids, held.received_time_ns) == ([("10.5", "0")], 1633998512_250000000)
    assert last.received_time_ns == 1633998513_000000001
    [instrument] = recording.instruments()
    assert (instrument.id, str(instrument.quantity_step)) == ("ABC/QQQ@binance", "2")


def test_a_capture_without_its_snapshot_says_so(capture):
    (capture.parent / "BINANCE.http.0.0").unlink()
    recording = opened(capture)
    [gap] = recording.events()
    assert "no snapshot" in gap.reason
    assert recording.stats.gaps == 1


def test_a_recorder_that_connected_anew_lost_what_came_meanwhile(capture):
    text = capture.read_text() + HEAD.replace("8511", "8520") + depth("1633998521.5", 8, 8)
    capture.write_text(text)
    *_, gap = opened(capture).events()
    assert gap == MarketGap("ABC/QQQ@binance", gap.reason, 1633998520_100000000)
    assert "connected anew" in gap.reason


def test_a_part_without_an_address_is_known_by_its_name(capture):
    lines = capture.read_text().splitlines(keepends=True)[2:]
    part = capture.with_name("BINANCE.ws.1.1")
    part.write_text("".join(lines))
    assert len(list(opened(part).events())) == 3
    stranger = capture.with_name("part")
    stranger.write_text("".join(lines))
    with pytest.raises(DataError) as caught:
        opened(stranger)
    assert (caught.value.code, "kraken" in caught.value.hint) == ("data-venue", True)
    assert venue_of(opened(stranger, venue="binance").instruments()[0].id) == "binance"


def test_compressed_captures_are_found_with_their_files(capture):
    for file in list(capture.parent.iterdir()):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    recording = opened(f"{capture}.gz")
    assert len(list(recording.events())) == 3


def test_the_lists_alone_are_no_recording_and_the_replies_alone_are(capture):
    replies = opened(capture.with_name("BINANCE.http.0.0"))
    assert [event.snapshot for event in replies.events()] == [True]
    lists = opened(capture.with_name("BINANCE.0"))
    with pytest.raises(DataError) as caught:
        list(lists.events())
    assert caught.value.code == "data-kind"


def test_a_venue_may_be_called_otherwise(capture):
    [instrument] = opened(capture, venue="my_binance").instruments()
    assert instrument.id == "ABC/QQQ@my_binance"


def test_the_only_market_is_called_as_the_user_calls_it(capture):
    recording = opened(capture, symbol="NEW/NAME")
    assert {event.instrument for event in recording.events()} == {"NEW/NAME@binance"}
    assert [each.id for each in recording.instruments()] == ["NEW/NAME@binance"]


def test_one_market_of_several_is_chosen_by_its_symbol():
    path = real(DATA / "cryptofeed/GEMINI.ws.1.0")
    recording = opened(path, symbol="ETH/EUR")
    assert {event.instrument for event in recording.events()} == {"ETH/EUR@gemini"}
    assert [each.id for each in recording.instruments()] == ["ETH/EUR@gemini"]
    with pytest.raises(DataError) as caught:
        list(opened(path, symbol="NO/SUCH").events())
    assert (caught.value.code, "ETH/EUR" in caught.value.hint) == ("data-symbol", True)


def binance_line(time, last):
    data = f'"e":"trade","s":"ABCUSDT","t":{last},"p":"1.5","q":"2","T":5,"m":true'
    return f'{time} {{"stream":"abcusdt@trade","data":{{{data}}}}}\n'


GOOD = "".join(binance_line(1723161254024619568 + n, n) for n in range(6))

WRONG = {
    "out of order": (GOOD + binance_line(1723161254024619560, 9), 7, "data-order"),
    "cut off in a message": (GOOD[:-40], 6, "data-line"),
    "cut off in a time": (GOOD + "172316125", 7, "data-line"),
    "not a message": (GOOD + '1723161254024619999 {"a"]\n', 7, "data-line"),
    "a wrong price": (GOOD.replace('"p":"1.5"', '"p":"cheap"', 3), 1, "data-line"),
    "a price that is none": (GOOD.replace('"p":"1.5"', '"p":"NaN"', 1), 1, "data-line"),
    "a negative quantity": (GOOD.replace('"q":"2"', '"q":"-2"', 1), 1, "data-line"),
    "a quantity that is none": (GOOD.replace('"q":"2"', '"q":"NaN"', 1), 1, "data-line"),
    "text": (GOOD + "hello\n", 7, "data-line"),
    "a capture out of order": (
        HEAD + depth("1633998513.5", 1, 2) + depth("1633998513.4", 3, 4),
        3,
        "data-order",
    ),
    "a capture cut off": (HEAD + depth("1633998513.5", 1, 2)[:-30], 2, "data-line"),
    "a capture with text": (HEAD + "hello\n", 2, "data-line"),
    "bytes that are none": (
        "wss://api.huobi.pro/ws <-> 1618678069.69\n1618678070.7: b'\\x1f\\x8\n",
        2,
        "data-line",
    ),
    "kraken cut off": (
        '{"channel":"heartbeat"}\n{"channel":"book","type":',
        2,
        "data-line",
    ),
}


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_a_recording_is_told_with_its_line(tmp_path, name, packed):
    text, line, code = WRONG[name]
    path = tmp_path / "recording"
    path.write_bytes(packed(text.encode()))
    with pytest.raises(DataError) as caught:
        list(opened(path).events())
    error = caught.value
    assert (error.line, error.code, error.file) == (line, code, str(path))
    assert error.hint


@pytest.mark.parametrize("name", WRONG)
def test_every_code_of_the_feed_is_explained(name):
    page = (Path(__file__).resolve().parents[3] / "docs" / "errors.md").read_text()
    assert f"\n### {WRONG[name][2]}\n" in page


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "data-empty"),
        (gzip.compress(b"", mtime=0), "data-empty"),
        (b"\n\n", "data-format"),
        (b"\x00\x01\x02\x03 something else", "data-format"),
        (b"This is a letter.\n", "data-format"),
        (b"wss://example.org/feed <-> 1618678069.69\n", "data-venue"),
    ],
)
def test_what_is_no_recording_is_told_at_once(tmp_path, content, code):
    path = tmp_path / "BINANCE.ws.1.0"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        opened(path)
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


def test_a_path_that_cannot_be_read_is_told(tmp_path):
    for path in (tmp_path / "nothing here", tmp_path):
        with pytest.raises(DataError) as caught:
            opened(path)
        assert caught.value.code == "data-missing"


def test_the_manifest_is_found_by_its_entry_point():
    registry = Registry()
    assert registry.manifest("feed", "recorded") is MANIFEST
    feed: RecordedFeed = registry.factory(MANIFEST)()
    assert isinstance(feed, RecordedFiles)


def test_a_recorded_book_cut_off_in_its_compression_is_told_where(tmp_path):
    whole = Path(real(BINANCE)).read_bytes()
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: len(whole) // 2])
    recording = opened(path)
    with pytest.raises(DataError) as caught:
        list(recording.events())
    assert (caught.value.code, caught.value.line) == (
        "data-truncated",
        recording.stats.messages + 1,
    )


def test_zst_recordings_read_like_the_others(tmp_path):
    source = real(DATA / "cryptofeed/GEMINI.ws.1.0")
    lists = source.replace("ws.1.0", "0")
    packed = tmp_path / "GEMINI.ws.1.0.zst"
    packed.write_bytes(zstandard.compress(Path(source).read_bytes()))
    shutil.copy(lists, tmp_path / "GEMINI.0")
    assert list(opened(packed).events()) == list(opened(source).events())
    assert (
        opened(packed).instruments()[0].tick_table
        == opened(source).instruments()[0].tick_table
    )


def test_levels_are_the_venues_own_text():
    recording = opened(real(DATA / "cryptofeed/DERIBIT.ws.1.0"))
    raw = Path(real(DATA / "cryptofeed/DERIBIT.ws.1.0")).read_text()
    for event in recording.events():
        if isinstance(event, BookChange):
            book = OrderBook(event.instrument)
            if event.snapshot and event.bids:
                assert book.apply(event)
                price, quantity = book.levels(Side.BUY, 1)[0]
                assert f'["new",{price},{quantity}]' in raw
