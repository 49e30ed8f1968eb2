"""Every schema of a DBN file is replayed, or refused with the schemas that can be."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import databento_dbn as dbn
import pytest

from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.dbn_books import OrderByOrder
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.book import OrderBook
from crossdock.errors import DataError
from crossdock.model import BookChange, Quote, Side, Trade
from crossdock.ports import BarRecording

DATA = Path(__file__).parents[4] / "shared/data/dbn/tests/data"
FILES = sorted(DATA.glob("*"))
T0 = 1_609_160_400_000_000_000
NANO = 1_000_000_000


def opened(path, **said):
    found = recognise_bars(str(path), head_of(str(path)), **said)
    assert found is not None
    return found


def header(schema, *, numbers=(5482,)):
    mappings = [
        SimpleNamespace(
            raw_symbol=f"ES{number}",
            intervals=[
                SimpleNamespace(
                    start_date=date(2020, 12, 28),
                    end_date=date(2020, 12, 30),
                    symbol=str(number),
                )
            ],
        )
        for number in numbers
    ]
    return dbn.Metadata(
        dataset="GLBX.MDP3",
        start=T0,
        stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=schema,
        symbols=[f"ES{number}" for number in numbers],
        partial=[],
        not_found=[],
        mappings=mappings,
    ).encode()


def bar(number, start, open_, high, low, close, volume=5):
    scaled = [int(price * NANO) for price in (open_, high, low, close)]
    kind = dbn.RType.OHLCV_1M
    return bytes(dbn.OHLCVMsg(kind, 1, number, start, *scaled, volume))


def trade(start, price, side, size=1):
    return bytes(
        dbn.TradeMsg(
            1,
            5482,
            start,
            int(price * NANO),
            size,
            dbn.Action.TRADE,
            side,
            0,
            start + 7,
            sequence=3,
        )
    )


def written(folder, *parts):
    file = folder / "x.dbn"
    file.write_bytes(b"".join(parts))
    return file


@pytest.mark.skipif(not FILES, reason="../shared/data is not here")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_real_sample_gives_events_or_says_why_not(file):
    refused = ("definition", "imbalance", "statistics", "status", "mbo", "ohlcv-1d")
    if any(f".{name}." in file.name for name in refused):
        with pytest.raises(DataError) as caught:
            list(opened(file).events())
        assert caught.value.hint
        assert caught.value.file == str(file)
        return
    events = list(opened(file).events())
    assert events
    assert {event.instrument for event in events} == {"ESH1@glbx"}


@pytest.mark.skipif(not FILES, reason="../shared/data is not here")
def test_versions_and_compressions_of_one_sample_are_the_same_events():
    for schema in ("trades", "mbp-1", "mbp-10", "tbbo", "ohlcv-1m"):
        read = [list(opened(f).events()) for f in FILES if f".{schema}." in f.name]
        assert len(read) > 3
        assert all(events == read[0] for events in read)


@pytest.mark.skipif(not FILES, reason="../shared/data is not here")
def test_real_samples_become_the_events_they_hold():
    first, *_ = opened(DATA / "test_data.trades.dbn").events()
    assert first == Trade(
        "ESH1@glbx",
        "1170380",
        Decimal("3720.25"),
        Decimal(5),
        Side.SELL,
        1609160400098821953,
        1609160400099150057,
    )
    quote, *_ = opened(DATA / "test_data.mbp-1.dbn").events()
    assert quote == Quote(
        "ESH1@glbx", 3720.25, 24.0, 3720.5, 11.0, 1609160400006001487, 1609160400006136329
    )
    change, *_ = opened(DATA / "test_data.mbp-10.dbn").events()
    assert isinstance(change, BookChange)
    assert (len(change.bids), len(change.asks)) == (10, 10)
    assert change.bids[0] == ("3720.25", "24")
    mixed = [type(event) for event in opened(DATA / "test_data.tbbo.dbn").events()]
    assert mixed == [Trade, Quote] * 2


def test_bars_are_kept_apart_by_instrument_and_merged_by_time(tmp_path):
    minute = 60 * NANO
    file = written(
        tmp_path,
        header(dbn.Schema.OHLCV_1M, numbers=(1, 2)),
        bar(1, T0, 10, 11, 9, 10.25),
        bar(2, T0, 20, 21, 19, 20),
        bar(1, T0 + minute, 10, 11, 9, 10),
        bar(2, T0 + minute, 20, 21, 19, 20),
    )
    recording = opened(file)
    assert isinstance(recording, BarRecording)
    one, two = recording.bars()
    assert (one.instrument, two.instrument) == ("ES1@glbx", "ES2@glbx")
    assert (one.close, two.close) == ([10.25, 10.0], [20.0, 20.0])
    starts = [event.start_time_ns for event in recording.events()]
    assert starts == [T0, T0, T0 + minute, T0 + minute]
    ticks = [each.tick_table[0].tick for each in recording.instruments()]
    assert ticks == [Decimal("0.01"), Decimal(1)]
    assert opened(file, venue="cme").bars()[0].instrument == "ES1@cme"
    with pytest.raises(DataError, match="several instruments"):
        opened(file, symbol="ES/USD").bars()


def test_wrong_bars_are_told_with_the_number_of_their_message(tmp_path):
    good = bar(1, T0, 10, 11, 9, 10)
    bad = bar(1, T0 + 60 * NANO, 10, 9, 9, 10)
    file = written(tmp_path, header(dbn.Schema.OHLCV_1M, numbers=(1,)), good, bad)
    with pytest.raises(DataError, match=r"high 9\.0 is below open") as caught:
        opened(file).bars()
    assert caught.value.line == 2
    file = written(tmp_path, header(dbn.Schema.OHLCV_1M, numbers=(1,)), good, good)
    with pytest.raises(DataError, match="a second time"):
        opened(file).bars()


def test_a_trade_without_a_side_follows_the_tick_rule(tmp_path):
    sides = (dbn.Side.BID, dbn.Side.NONE, dbn.Side.NONE, dbn.Side.ASK, dbn.Side.NONE)
    prices = (10, 9, 9, 9, 11)
    trades = [
        trade(T0 + n, p, s) for n, (p, s) in enumerate(zip(prices, sides, strict=True))
    ]
    recording = opened(written(tmp_path, header(dbn.Schema.TRADES), *trades))
    assert "".join(event.side[0] for event in recording.events()) == "bsssb"


@pytest.mark.parametrize("lost", [1, 20, 47])
def test_a_file_that_breaks_off_is_told(tmp_path, lost):
    data = (
        header(dbn.Schema.TRADES) + trade(T0, 1, dbn.Side.BID) + trade(T0, 1, dbn.Side.ASK)
    )
    with pytest.raises(DataError, match="cut off after 1 messages") as caught:
        list(opened(written(tmp_path, data[:-lost])).events())
    assert caught.value.code == "data-truncated"


def test_a_header_alone_or_half_of_one_is_told(tmp_path):
    with pytest.raises(DataError, match="no message after it"):
        list(opened(written(tmp_path, header(dbn.Schema.TRADES))).events())
    with pytest.raises(DataError) as caught:
        opened(written(tmp_path, header(dbn.Schema.TRADES)[:60]))
    assert caught.value.code == "data-truncated"


def test_a_book_by_order_begins_at_a_clear_and_is_told_as_levels():
    book, levels = OrderByOrder("X@y"), OrderBook("X@y")

    def take(action, order, side, price, size, *, last=True):
        record = SimpleNamespace(
            action=action,
            side=side,
            order_id=order,
            size=size,
            flags=128 if last else 0,
            sequence=9,
            ts_recv=T0,
        )
        change = book.take(record, price=price, venue_time_ns=T0)
        if change is not None:
            levels.apply(change)
        return change

    assert take("A", 1, "B", "10", 5) is None  # nobody knows what else there is
    assert take("R", 0, "N", "0", 0, last=False) is None
    assert take("A", 1, "B", "10", 5, last=False) is None
    assert take("A", 2, "B", "10", 2, last=False) is None
    first = take("A", 3, "A", "11", 4)
    assert (first.snapshot, first.bids, first.asks) == (True, [("10", "7")], [("11", "4")])
    assert take("C", 1, "B", "10", 3).bids == [("10", "4")]
    assert take("C", 1, "B", "10", 2).bids == [("10", "2")]
    assert take("T", 0, "A", "10", 1) is None
    moved = take("M", 2, "B", "9", 6)
    assert sorted(moved.bids) == [("10", "0"), ("9", "6")]
    assert take("C", 77, "B", "9", 1) is None
    assert (levels.best_bid, levels.best_ask, levels.ready) == (9.0, 11.0, True)


def test_a_book_by_order_that_starts_in_the_middle_is_refused(tmp_path):
    added = dbn.MBOMsg(1, 5482, T0, 77, 10 * NANO, 2, dbn.Action.ADD, dbn.Side.BID, T0 + 1)
    file = written(tmp_path, header(dbn.Schema.MBO), bytes(added))
    with pytest.raises(DataError, match="no book to begin with"):
        list(opened(file).events())
