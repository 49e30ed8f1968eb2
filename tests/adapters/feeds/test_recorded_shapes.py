"""The same recording in another shape reads as the same, or says which line is wrong."""

import gzip
import json
from codecs import BOM_UTF8

import pytest

from crossdock.adapters.feeds.recorded.feed import RecordedFiles
from crossdock.errors import DataError

BEGAN_NS = 1_723_161_254_024_000_000
SECOND_NS = 1_000_000_000


def message(number):
    body = {"e": "depthUpdate", "E": 1_723_161_254_024 + 1000 * number, "s": "ETHUSDT"}
    body |= {"U": number, "u": number, "b": [["2683.80", str(number)]], "a": []}
    return {"stream": "ethusdt@depth@100ms", "data": body}


SNAPSHOT = {"lastUpdateId": 1, "bids": [["2683.80", "3"]], "asks": [["2683.81", "1"]]}
MESSAGES = [message(1), SNAPSHOT, *map(message, range(2, 6))]


def timed(unit=1, mark=" ", times=str, messages=MESSAGES):
    lines = (
        f"{times((BEGAN_NS + number * SECOND_NS) // unit)}{mark}{json.dumps(each)}"
        for number, each in enumerate(messages)
    )
    return "\n".join(lines).encode() + b"\n"


def events(tmp_path, content, name="recording", **said):
    path = tmp_path / name
    path.write_bytes(content)
    return list(RecordedFiles().open(str(path), **said).events())


@pytest.mark.parametrize(
    "shape",
    [
        timed(10**3),
        timed(10**6),
        timed(10**9),
        timed(times=lambda ns: f"{ns // SECOND_NS}.{ns % SECOND_NS:09}"),
        timed(mark="\t"),
        timed(mark=","),
        BOM_UTF8 + timed(),
        timed().replace(b"\n", b"\r\n"),
        timed().replace(b"\n", b"\n\n"),
        b"\n" + timed(),
        gzip.compress(BOM_UTF8 + timed(), mtime=0),
        timed(messages=[each.get("data", each) for each in MESSAGES]),
    ],
    ids=[
        *("us", "ms", "s", "s.ns", "tab", "comma", "mark", "crlf", "blank lines"),
        *("a blank line first", "packed mark", "raw streams"),
    ],
)
def test_lines_of_binance_in_another_shape_are_the_same_events(tmp_path, shape):
    plain, found = events(tmp_path, timed()), events(tmp_path, shape)
    assert len(found) == 5
    for one, other in zip(plain, found, strict=True):
        assert one.received_time_ns - other.received_time_ns in range(SECOND_NS)
        assert (one.bids, one.asks) == (other.bids, other.asks)


def test_messages_of_binance_without_a_time_of_receipt_take_the_venues(tmp_path):
    content = b"\n".join(json.dumps(each).encode() for each in MESSAGES)
    found = events(tmp_path, content)
    assert [event.last_sequence for event in found] == [1, 2, 3, 4, 5]
    assert [event.received_time_ns for event in found][2:] == [
        BEGAN_NS + number * SECOND_NS for number in (3, 4, 5)
    ]


@pytest.mark.parametrize("cut", [1, 30, 60])
def test_a_recording_begun_in_the_middle_of_a_line_says_so(tmp_path, cut):
    with pytest.raises(DataError) as caught:
        events(tmp_path, timed()[cut:])
    assert (caught.value.line, caught.value.code) == (1, "data-line")


def test_a_venue_that_is_not_known_is_named(tmp_path):
    content = b"wss://stream.example.org/v5 <-> 1618678069.69\n"
    with pytest.raises(DataError, match=r"not known: stream\.example\.org"):
        events(tmp_path, content)


BARS = [
    [
        1_637_110_800_000 + 3_600_000 * hour,
        1.08,
        1.09758,
        1.07654,
        1.07925,
        3153694.6 + hour,
    ]
    for hour in range(4)
]


def bars_of(tmp_path, rows, name="XRP_USDT_USDT-1h-futures.json"):
    path = tmp_path / name
    path.write_text(json.dumps(rows, indent=1))
    return RecordedFiles().open(str(path))


@pytest.mark.parametrize(
    "rows",
    [BARS, [[*map(str, row), row[0] + 3_599_999, "9", 7, "1", "2", "0"] for row in BARS]],
    ids=["as ccxt gives them", "klines of Binance"],
)
def test_bars_as_rows_of_json_are_read(tmp_path, rows):
    for row in rows:
        row[0] = int(row[0])
    recording = bars_of(tmp_path, rows)
    [bars] = recording.bars()
    assert bars.instrument == "XRP/USDT:USDT@recorded"
    assert [bar.start_time_ns // 10**6 for bar in bars] == [row[0] for row in BARS]
    assert [bar.volume for bar in bars] == [row[5] for row in BARS]


def test_trades_as_rows_of_json_are_read(tmp_path):
    rows = [
        [1_570_752_011_620, "13519807", None, "sell", 0.00141342, 23.0, 0.03250866],
        [1_570_752_011_620, "13519808", None, "buy", 0.00141266, 54.0, 0.07628364],
    ]
    sell, buy = bars_of(tmp_path, rows, "XRP_ETH-trades.json").events()
    assert [sell.trade_id, sell.side, str(sell.price)] == ["13519807", "sell", "0.00141342"]
    assert [buy.trade_id, buy.side, buy.quantity] == ["13519808", "buy", 54]


def test_a_row_of_json_that_is_wrong_is_told_by_its_line(tmp_path):
    wrong = [list(row) for row in BARS]
    wrong[2][2] = None
    with pytest.raises(DataError, match="high is empty") as caught:
        bars_of(tmp_path, wrong).bars()
    lines = (tmp_path / "XRP_USDT_USDT-1h-futures.json").read_text().splitlines()
    assert str(BARS[2][0]) in lines[caught.value.line - 1]
    with pytest.raises(DataError, match="other members"):
        bars_of(tmp_path, [*BARS[:2], BARS[2][:5]]).bars()


@pytest.mark.parametrize(
    "header",
    [
        "timestamp_utc,open,high,low,close,volume",
        "window_start,open,high,low,close,volume",
        "Date,Price_Open,Price_High,Price_Low,Price_Close,Vol.",
        "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        "Date,Open,High,Low,Close/Last,Volume",
        "Date,Open,High,Low,Price,Vol.",
    ],
)
def test_columns_of_bars_are_known_by_the_names_exporters_give_them(tmp_path, header):
    path = tmp_path / "bars.csv"
    rows = [f"2024-01-0{day},1,2,0.5,1.5,{day}" for day in range(1, 6)]
    path.write_text("\n".join([header, *rows]))
    [bars] = RecordedFiles().open(str(path)).bars()
    assert [(bar.open, bar.high, bar.low, bar.close) for bar in bars] == [
        (1, 2, 0.5, 1.5)
    ] * 5
    assert bars.volume == [1, 2, 3, 4, 5]


def test_the_export_of_metatrader_is_read(tmp_path):
    path = tmp_path / "EURUSD_M1.csv"
    header = "<DATE> <TIME> <OPEN> <HIGH> <LOW> <CLOSE> <TICKVOL>"
    rows = [f"2024.01.02 00:0{minute}:00 1.1 1.2 1.0 1.15 {minute}" for minute in range(3)]
    path.write_text("\n".join([header, *rows]).replace(" ", "\t"))
    [bars] = RecordedFiles().open(str(path)).bars()
    began_ns = 1_704_153_600 * SECOND_NS
    assert bars.start_time_ns == [began_ns + n * 60 * SECOND_NS for n in range(3)]
    assert (bars.instrument, bars.volume) == ("EUR/USD@recorded", [0, 1, 2])


@pytest.mark.parametrize(
    ("said", "symbol"),
    [
        ("BTC-USD", "BTC/USD"),
        ("BTC_USDT", "BTC/USDT"),
        ("1000SHIBUSDT", "1000SHIB/USDT"),
        ("BTCFDUSD", "BTC/FDUSD"),
        ("ETHBTC", "ETH/BTC"),
        ("BTCUSDT-PERP", "BTC/USDT:USDT"),
        ("BTCUSD_PERP", "BTC/USD"),
        ("BRK-B", "BRK-B/USD"),
    ],
)
def test_a_column_of_symbols_is_read_as_pairs(tmp_path, said, symbol):
    path = tmp_path / "bars.csv"
    rows = [f"2024-01-0{day},{said},1,2,0.5,1.5,{day}" for day in range(1, 4)]
    path.write_text("\n".join(["date,symbol,open,high,low,close,volume", *rows]))
    [bars] = RecordedFiles().open(str(path)).bars()
    assert bars.instrument == f"{symbol}@recorded"


@pytest.mark.parametrize(
    "level",
    [
        ["2683.80", "4.[]"],
        ["26%3.80", "1"],
        ["1e400", "1"],
        ["2683.80", "-1"],
        ["NaN", "1"],
    ],
)
def test_a_level_that_is_no_number_is_told_by_its_line(tmp_path, level):
    wrong = message(4)
    wrong["data"]["b"] = [level]
    lines = [*MESSAGES[:4], wrong, *MESSAGES[5:]]
    with pytest.raises(DataError) as caught:
        events(tmp_path, timed(messages=lines))
    assert (caught.value.line, caught.value.code) == (5, "data-line")


def test_a_time_of_kraken_that_cannot_be_read_is_told_by_its_line(tmp_path):
    content = (
        b'{"channel":"heartbeat"}\n'
        b'{"channel":"book","type":"update","data":[{"timestamp":"2023-07-30T1u:30:02Z"}]}\n'
    )
    with pytest.raises(DataError) as caught:
        events(tmp_path, content)
    assert (caught.value.line, caught.value.code) == (2, "data-line")
