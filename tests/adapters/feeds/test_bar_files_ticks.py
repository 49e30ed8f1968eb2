"""Tables of quotes, trades and book changes become events, exactly."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.book import OrderBook
from crossdock.errors import DataError
from crossdock.model import BookChange, Quote, Side, Trade

DATA = Path(__file__).parents[4] / "shared/data"
MS = 1_000_000
T0 = 1_600_000_000_000


def opened(path, **said):
    found = recognise_bars(str(path), head_of(str(path)), **said)
    assert found is not None
    return found


def written(folder, *lines, name="binance-ethusdt-ticks.csv"):
    file = folder / name
    file.write_text("\n".join(lines) + "\n")
    return file


def test_trades_keep_their_digits_ids_and_takers(tmp_path):
    file = written(
        tmp_path,
        "timestamp,id,price,amount,side",
        f"{T0},7,1.10,0.00000001,buy",
        f"{T0},8,1.1,2.500,SELL",
        f"{T0 + 1},9,1.125,3,s",
    )
    recording = opened(file)
    name = "ETH/USDT@binance"
    assert list(recording.events()) == [
        Trade(name, "7", Decimal("1.10"), Decimal("1E-8"), Side.BUY, T0 * MS, T0 * MS),
        Trade(name, "8", Decimal("1.1"), Decimal("2.5"), Side.SELL, T0 * MS, T0 * MS),
        Trade(name, "9", Decimal("1.125"), Decimal(3), Side.SELL, *[(T0 + 1) * MS] * 2),
    ]
    assert (recording.stats.messages, recording.stats.events) == (3, 3)
    assert str(next(recording.events()).price) == "1.10"
    [instrument] = recording.instruments()
    assert instrument.tick_table[0].tick == Decimal("0.001")
    assert instrument.quantity_step == Decimal("1e-8")


def test_a_maker_who_bought_means_a_taker_who_sold(tmp_path):
    file = written(
        tmp_path,
        "trade_id,price,qty,time,is_buyer_maker",
        f"1,10,1,{T0},True",
        f"2,10,1,{T0},false",
    )
    assert [trade.side for trade in opened(file).events()] == [Side.SELL, Side.BUY]


def test_without_sides_the_tick_rule_decides(tmp_path):
    prices = (10, 11, 11, 9, 9, 12)
    rows = [f"{T0 + n},{price},1" for n, price in enumerate(prices)]
    file = written(tmp_path, "time,price,size", *rows)
    sides = "".join(trade.side[0] for trade in opened(file).events())
    assert sides == "bbbssb"


def test_dumps_without_a_header_are_known_by_their_columns(tmp_path):
    trades = written(tmp_path, f"11,10.5,2,21,{T0},False,True", name="BTCUSDT-trades.csv")
    [trade] = opened(trades).events()
    assert (trade.trade_id, trade.price, trade.side) == ("11", Decimal("10.5"), Side.BUY)
    merged = written(
        tmp_path, f"11,10.5,2,5,6,{T0},true,True", name="BTCUSDT-aggTrades.csv"
    )
    [trade] = opened(merged).events()
    assert (trade.venue_time_ns, trade.side) == (T0 * MS, Side.SELL)
    kline = f"{T0},1,3,0.5,2,7,{T0 + 59_999},1,2,3,4,0"
    later = f"{T0 + 60_000},1,3,0.5,2,7,{T0 + 119_999},1,2,3,4,0"
    [bars] = opened(written(tmp_path, kline, later, name="BTCUSDT-1m.csv")).bars()
    assert (bars.high, bars.volume) == ([3.0, 3.0], [7.0, 7.0])


def test_quotes_may_lack_sizes_and_share_a_time(tmp_path):
    file = written(
        tmp_path, "time,bid,ask", f"{T0},1.5,1.75", f"{T0},1.25,1.75", name="eurusd.csv"
    )
    name = "EUR/USD@recorded"
    assert list(opened(file).events()) == [
        Quote(name, 1.5, 0.0, 1.75, 0.0, T0 * MS, T0 * MS),
        Quote(name, 1.25, 0.0, 1.75, 0.0, T0 * MS, T0 * MS),
    ]


def test_a_time_of_receipt_is_kept_apart(tmp_path):
    file = written(
        tmp_path,
        "timestamp,local_timestamp,bid_price,bid_amount,ask_price,ask_amount",
        f"{T0}000,{T0}250,1,2,3,4",
    )
    [quote] = opened(file).events()
    assert (quote.venue_time_ns, quote.received_time_ns) == (T0 * MS, T0 * MS + 250_000)
    assert (quote.bid_quantity, quote.ask_quantity) == (2.0, 4.0)


WRONG = {
    "out of order": (f"{T0 - 1},1,2,buy", "out of order"),
    "negative": (f"{T0},-1,2,buy", "negative"),
    "no number": (f"{T0},x,2,buy", "price is 'x'"),
    "no size": (f"{T0},1,,buy", "quantity is empty"),
    "no side": (f"{T0},1,2,up", "neither bought nor sold"),
    "no time": ("soon,1,2,buy", "is no time"),
    "cut off": (f"{T0},1", "has 2 fields"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_trades_are_told_with_their_line(tmp_path, name):
    row, words = WRONG[name]
    good = [f"{T0},{10 + n},1,buy" for n in range(600)]
    file = written(tmp_path, "time,price,size,side", *good, row)
    with pytest.raises(DataError, match=words) as caught:
        list(opened(file).events())
    assert caught.value.line == 602
    assert caught.value.file == str(file)


def test_a_bid_above_the_ask_is_told(tmp_path):
    file = written(tmp_path, "time,bid,ask", f"{T0},1,2", f"{T0},2,1")
    with pytest.raises(DataError, match="above ask") as caught:
        list(opened(file).events())
    assert caught.value.line == 3


def test_rows_of_one_update_are_one_change_of_the_book(tmp_path):
    header = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu"
    file = written(
        tmp_path,
        header,
        f"XYUSDT,{T0},9,9,b,snap,10.00,1,-1",
        f"XYUSDT,{T0},9,9,a,snap,10.50,2,-1",
        f"XYUSDT,{T0 + 1},10,12,a,set,10.50,0.000,9",
        f"XYUSDT,{T0 + 1},10,12,a,set,10.40,3,9",
    )
    [first, second] = opened(file).events()
    assert isinstance(first, BookChange)
    assert (first.snapshot, first.bids, first.asks) == (
        True,
        [("10.00", "1")],
        [("10.50", "2")],
    )
    assert (second.snapshot, second.first_sequence, second.last_sequence) == (False, 10, 12)
    assert second.asks == [("10.50", "0"), ("10.40", "3")]
    book = OrderBook(first.instrument)
    book.apply(first)
    book.apply(second)
    assert (book.best_bid, book.best_ask) == (10.0, 10.4)


def test_a_floats_noise_does_not_become_a_quantity(tmp_path):
    file = tmp_path / "btcusdt.parquet"
    pl.DataFrame(
        {"timestamp": [T0], "price": [0.1 + 0.2], "quantity": [0.014596000000000001]}
    ).write_parquet(file)
    [trade] = opened(file).events()
    assert (trade.price, trade.quantity) == (Decimal("0.3"), Decimal("0.014596"))


@pytest.fixture
def nautilus():
    folder = DATA / "nautilus/tests/test_data"
    if not folder.exists():
        pytest.skip("../shared/data is not here")
    return folder


def test_fixed_point_quotes_are_read_at_the_scale_their_schema_implies(nautilus):
    recording = opened(nautilus / "quote_tick_eurusd_2019_sim_rust.parquet")
    quotes = list(recording.events())
    assert len(quotes) == 10_000
    assert quotes[0].instrument == "EUR/USD@sim"
    assert 1 < quotes[0].bid < quotes[0].ask < 1.3
    assert quotes[0].bid_quantity == 1_000_000
    assert recording.instruments()[0].tick_table[0].tick == Decimal("0.00001")


@pytest.mark.parametrize(
    ("name", "symbol", "count", "kind"),
    [
        ("truefx/usdjpy-ticks.csv", "USD/JPY", 1000, Quote),
        ("quote_tick_data.csv", "UNNAMED/USD", 9500, Quote),
        ("binance/btcusdt-quotes.parquet", "BTC/USDT", 451, Quote),
        ("binance/btcusdt-trades.parquet", "BTC/USDT", 2001, Trade),
        ("binance/btcusdt-depth-snap.csv", "BTC/USDT", 1, BookChange),
    ],
)
def test_real_ticks_are_read_whole_and_twice_the_same(nautilus, name, symbol, count, kind):
    recording = opened(nautilus / name)
    events = list(recording.events())
    assert (len(events), {type(event) for event in events}) == (count, {kind})
    assert events[0].instrument.partition("@")[0] == symbol
    assert list(recording.events()) == events
