"""Messages shaped as https://bybit-exchange.github.io/docs/v5/ shows them (read 2026-11-21)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from crossdock.model import ContractKind, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Bybit

MS = 1_000_000


def encode(message):
    return json.dumps(message, separators=(",", ":")).encode()


def book(kind, u, seq, bids=(), asks=(), depth=50, symbol="BTCUSDT"):
    data = {"s": symbol, "b": list(bids), "a": list(asks), "u": u, "seq": seq}
    topic = f"orderbook.{depth}.{symbol}"
    times = {"ts": 1687940967466, "cts": 1687940967464}
    return encode({"topic": topic, "type": kind, "data": data, **times})


BEGUN = book("snapshot", 177400507, 66544703342, [("30247.20", "30.028")])


def test_changes_follow_by_u_and_carry_the_engines_time():
    decoder = Bybit()
    decoder.decode(BEGUN, 1)
    [change] = decoder.decode(book("delta", 177400508, 66544703400, [("30247.20", "0")]), 2)
    assert (change.first_sequence, change.last_sequence) == (177400508, 177400508)
    assert change.venue_time_ns == 1687940967464 * MS


@pytest.mark.parametrize("u", [177400507, 177400509, 5])
def test_any_other_number_than_the_next_is_a_gap(u):
    decoder = Bybit()
    decoder.decode(BEGUN, 1)
    [gap] = decoder.decode(book("delta", u, 66544703400), 2)
    assert isinstance(gap, MarketGap)
    assert decoder.decode(book("delta", u + 1, 66544703401), 3) == []


def test_a_cross_sequence_that_falls_is_a_gap():
    decoder = Bybit()
    decoder.decode(BEGUN, 1)
    [gap] = decoder.decode(book("delta", 177400508, 66544703341), 2)
    assert "older" in gap.reason


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_u_1_is_a_snapshot_whatever_it_is_called(kind):
    decoder = Bybit()
    decoder.decode(BEGUN, 1)
    [begun] = decoder.decode(book(kind, 1, 10, [("1", "2")]), 2)
    assert begun.snapshot
    [change] = decoder.decode(book("delta", 2, 11, [("1", "3")]), 3)
    assert change.first_sequence == 2


def test_another_depth_of_the_same_book_does_not_disturb_it():
    decoder = Bybit()
    decoder.decode(BEGUN, 1)
    assert decoder.decode(book("snapshot", 9, 66544703343, depth=200), 2) == []
    assert decoder.decode(book("delta", 10, 66544703344, depth=200), 3) == []
    [change] = decoder.decode(book("delta", 177400508, 66544703345), 4)
    assert not change.snapshot


def test_the_best_level_is_a_quote_and_no_book():
    decoder = Bybit()
    [quote] = decoder.decode(book("snapshot", 7, 8, [("10.5", "2")], [("11", "3")], 1), 2)
    assert (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity) == (
        10.5,
        2,
        11,
        3,
    )
    assert decoder.awaited_snapshots == []


def test_tickers_tell_only_what_changed():
    def ticker(kind, **data):
        head = {"topic": "tickers.BTCUSDT", "type": kind, "ts": 1673272861686, "cs": 2}
        return encode(head | {"data": {"symbol": "BTCUSDT", **data}})

    whole = {"bid1Price": "17215.50", "bid1Size": "84.489"}
    whole |= {"ask1Price": "17216.00", "ask1Size": "83.020"}
    decoder = Bybit(category="linear")
    assert decoder.decode(ticker("delta", bid1Price="1"), 1) == [], "before its snapshot"
    [first] = decoder.decode(ticker("snapshot", lastPrice="17216.00", **whole), 2)
    [second] = decoder.decode(ticker("delta", ask1Size="5"), 3)
    assert decoder.decode(ticker("delta", openInterest="5"), 4) == []
    assert (first.ask_quantity, second.ask_quantity, second.bid) == (83.02, 5.0, 17215.5)
    assert first.instrument == "BTC/USDT:USDT@bybit"


def test_trades_are_read_exactly():
    told = {"T": 1672304486865, "s": "BTCUSDT", "S": "Sell", "v": "0.001"}
    told |= {"p": "16578.50", "L": "PlusTick", "i": "20f43950-d8dd", "BT": False}
    head = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1672304486868}
    [trade] = Bybit().decode(encode(head | {"data": [told]}), 1)
    assert (trade.price, trade.quantity) == (Decimal("16578.50"), Decimal("0.001"))
    assert (trade.side, trade.trade_id) == (Side.SELL, "20f43950-d8dd")
    assert trade.venue_time_ns == 1672304486865 * MS


@pytest.mark.parametrize(
    "message",
    [
        {"success": True, "ret_msg": "subscribe", "conn_id": "2324d924", "op": "subscribe"},
        {"success": True, "ret_msg": "pong", "conn_id": "0970e817", "op": "ping"},
        {"req_id": "100010", "op": "pong", "args": ["1690887480"], "conn_id": "c20"},
        {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": 1, "data": []},
    ],
)
def test_words_of_the_session_are_passed_over(message):
    decoder = Bybit()
    assert decoder.decode(encode(message), 1) == []
    assert (decoder.tally.passed_over, decoder.tally.undecoded) == (1, 0)


@pytest.mark.parametrize(
    ("category", "key", "symbol"),
    [
        ("spot", "BTCUSDT", "BTC/USDT"),
        ("linear", "BTCUSDT", "BTC/USDT:USDT"),
        ("linear", "BTCPERP", "BTC/USDC:USDC"),
        ("linear", "BTCUSDT-27DEC24", "BTC/USDT:USDT-27DEC24"),
        ("inverse", "BTCUSD", "BTC/USD:BTC"),
    ],
)
def test_a_category_tells_what_a_name_means(category, key, symbol):
    assert Bybit(category=category).symbol_of(key) == symbol


def test_instruments_are_read_in_their_category():
    spot = {"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT"}
    spot |= {"priceFilter": {"tickSize": "0.01"}}
    lots = {"basePrecision": "0.000001", "minOrderQty": "0.000011", "minOrderAmt": "5"}
    reply = encode({"result": {"list": [spot | {"lotSizeFilter": lots}]}})
    decoder = Bybit()
    decoder.rest("/v5/market/instruments-info?category=spot", reply, 1)
    [listed] = decoder.markets.listed.values()
    assert (listed.kind, listed.quantity_step) == (ContractKind.SPOT, Decimal("0.000001"))
    assert listed.min_notional == 5
