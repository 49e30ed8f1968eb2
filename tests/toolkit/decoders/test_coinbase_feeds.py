"""Both feeds of Coinbase: recorded replies of Advanced Trade, and what tells them apart."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.model import Quote, Side, Trade
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Coinbase, CoinbaseAdvanced, CoinbaseExchange

SHARED = Path(__file__).resolve().parents[4] / "shared"
RECORDED = SHARED / "data/nautilus/crates/adapters/coinbase/test_data"

needs_recorded = pytest.mark.skipif(
    not RECORDED.exists(), reason="needs ../shared/data/nautilus, which is not shipped"
)


def recorded(name):
    return (RECORDED / f"{name}.json").read_bytes()


def encode(message):
    return json.dumps(message, separators=(",", ":")).encode()


def advanced(number, channel="heartbeats", events=()):
    time = "2026-04-07T14:30:00.123456Z"
    head = {"channel": channel, "client_id": "", "timestamp": time}
    return encode(head | {"sequence_num": number, "events": list(events)})


def levels(kind, *rows, product="BTC-USD"):
    updates = [{"side": s, "price_level": p, "new_quantity": q} for s, p, q in rows]
    return {"type": kind, "product_id": product, "updates": updates}


@needs_recorded
def test_recorded_books_and_quotes_are_read():
    decoder = CoinbaseAdvanced()
    [begun] = decoder.decode(recorded("ws_l2_data_snapshot"), 1)
    [change] = decoder.decode(recorded("ws_l2_data_update"), 2)
    assert begun.snapshot
    assert begun.bids[0] == ("68900.00", "1.50000000")
    assert begun.asks[-1] == ("68902.00", "0.80000000")
    assert change.bids == [("68900.00", "2.00000000")]
    assert change.asks == [("68901.00", "0.00000000")]
    [quote] = CoinbaseAdvanced().decode(recorded("ws_ticker"), 3)
    assert (quote.bid, quote.ask, quote.ask_quantity) == (68900.0, 68901.0, 0.5)


@needs_recorded
def test_the_side_of_a_recorded_trade_is_the_makers():
    [first, second] = CoinbaseAdvanced().decode(recorded("ws_market_trades"), 1)
    assert (first.trade_id, first.side) == ("995098700", Side.SELL)
    assert (second.price, second.side) == (Decimal("68900.00"), Side.BUY)


@needs_recorded
@pytest.mark.parametrize(
    "name", ["ws_heartbeats", "ws_subscriptions", "ws_candles", "ws_user"]
)
def test_other_recorded_channels_are_passed_over(name):
    decoder = CoinbaseAdvanced()
    assert decoder.decode(recorded(name), 1) == []
    assert (decoder.tally.passed_over, decoder.tally.undecoded) == (1, 0)


@needs_recorded
def test_recorded_products_are_listed():
    decoder = Coinbase()
    decoder.rest("/api/v3/brokerage/products", recorded("http_products"), 1)
    listed = decoder.markets.listed["BTC-USD"]
    assert (listed.id, listed.quantity_step) == ("BTC/USD@coinbase", Decimal("0.00000001"))


def test_a_message_missing_on_any_channel_empties_every_book_of_the_connection():
    decoder = CoinbaseAdvanced()
    one = levels("snapshot", ("bid", "1", "2"))
    other = levels("snapshot", ("bid", "3", "4"), product="ETH-USD")
    decoder.decode(advanced(0, "l2_data", [one]), 1)
    decoder.decode(advanced(1, "l2_data", [other]), 2)
    assert decoder.decode(advanced(2), 3) == []
    lost = decoder.decode(advanced(4), 4)
    assert [gap.instrument for gap in lost] == ["BTC/USD@coinbase", "ETH/USD@coinbase"]
    late = advanced(3, "l2_data", [levels("update", ("bid", "1", "0"))])
    assert decoder.decode(late, 5) == [], "a late message changes no book"
    [begun] = decoder.decode(advanced(4, "l2_data", [one]), 6)
    assert begun.snapshot
    assert isinstance(decoder.decode(late, 7)[0], MarketGap), "nor one that began anew"


def test_trades_before_the_subscription_are_passed_over_and_later_ones_ordered():
    def trade(number, time):
        told = {"trade_id": str(number), "product_id": "BTC-USD", "price": "1"}
        return told | {"size": "1", "side": "BUY", "time": time}

    trades = [trade(2, "2026-04-07T14:30:02Z"), trade(1, "2026-04-07T14:30:01Z")]
    decoder = CoinbaseAdvanced()
    past = advanced(0, "market_trades", [{"type": "snapshot", "trades": trades}])
    now = advanced(1, "market_trades", [{"type": "update", "trades": trades}])
    assert decoder.decode(past, 1) == []
    assert [each.trade_id for each in decoder.decode(now, 2)] == ["1", "2"]


def match(trade_id):
    told = {"type": "match", "product_id": "BTC-USD", "trade_id": trade_id, "price": "5"}
    return encode(told | {"size": "1", "side": "sell", "time": "2021-04-17T16:43:37Z"})


def test_a_missing_trade_of_exchange_empties_that_book():
    decoder = CoinbaseExchange()
    begun = {"type": "snapshot", "product_id": "BTC-USD", "bids": [["1", "2"]], "asks": []}
    decoder.decode(encode(begun), 1)
    assert [type(each) for each in decoder.decode(match(7), 2)] == [Trade]
    assert [type(each) for each in decoder.decode(match(8), 3)] == [Trade]
    assert [type(each) for each in decoder.decode(match(8), 4)] == [Trade], "told again"
    assert [type(each) for each in decoder.decode(match(10), 5)] == [MarketGap, Trade]
    decoder.disconnected("the connection ended", 6)
    assert [type(each) for each in decoder.decode(match(20), 7)] == [Trade]


def test_the_first_message_tells_which_feed_it_is():
    ticker = {"type": "ticker", "product_id": "BTC-USD", "time": "2021-04-17T16:43:37Z"}
    ticker |= {"best_bid": "1", "best_bid_size": "2", "best_ask": "3", "best_ask_size": "4"}
    [quote] = Coinbase().decode(encode(ticker), 1)
    assert isinstance(quote, Quote)
    decoder = Coinbase()
    assert decoder.ended(0) == decoder.disconnected("nothing yet", 0) == []
    assert decoder.awaited_snapshots == []
    [begun] = decoder.decode(
        advanced(0, "l2_data", [levels("snapshot", ("bid", "1", "2"))]), 2
    )
    assert begun.snapshot
    [gap] = decoder.disconnected("the connection ended", 3)
    assert gap.instrument == begun.instrument
    assert decoder.tally.used == 1
