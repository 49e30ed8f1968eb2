"""What single messages of each venue become; whole recordings are played by the feed's tests."""

import gzip
from decimal import Decimal
from math import isnan

import msgspec
import pytest

from crossdock.book import OrderBook
from crossdock.model import ContractKind, Quote, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import (
    DECODERS,
    BitMex,
    Bitstamp,
    Coinbase,
    Deribit,
    Gemini,
    Htx,
    KuCoin,
)
from crossdock.toolkit.decoders.contract import ns_of_iso, split_symbol

encode = msgspec.json.encode


@pytest.mark.parametrize("venue", DECODERS)
def test_bytes_that_are_no_message_raise(venue):
    for raw in (b"", b"{", b"nonsense", b"[1,2"):
        with pytest.raises(ValueError):
            DECODERS[venue](venue).decode(raw, 1)


@pytest.mark.parametrize("venue", DECODERS)
def test_a_message_of_no_known_kind_is_counted_and_never_dropped_silently(venue):
    decoder = DECODERS[venue](venue)
    raw = b'{"type":"never heard of","event":"x","table":"x","channel":"x","ch":"x"}'
    assert decoder.decode(raw, 1) == []
    assert decoder.rest("https://example.org/never/heard/of", b"{}", 1) == []
    assert decoder.tally.undecoded == 2
    assert decoder.tally.messages == 2


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("BTC-USDT", "BTC/USDT"),
        ("btcusd", "BTC/USD"),
        ("XBTEUR", "BTC/EUR"),
        ("eth_btc", "ETH/BTC"),
        ("BCHSV-USDT", "BSV/USDT"),
        ("USDT", "USDT"),
        ("SOMETHING", "SOMETHING"),
    ],
)
def test_a_symbol_is_guessed_only_where_the_quote_is_known(key, symbol):
    assert split_symbol(key) == symbol


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("BTC-PERPETUAL", "BTC/USD:BTC"),
        ("SOL_USDC-PERPETUAL", "SOL/USDC:USDC"),
        ("BTC-25MAR22", "BTC/USD:BTC-220325"),
        ("ETH-4AUG21-2800-C", "ETH/USD:ETH-210804-2800-C"),
        ("XRP_USDC-30JUN23-0d625-P", "XRP/USDC:USDC-230630-0.625-P"),
        ("BTC-FS-25MAR22_PERP", "BTC/FS-25MAR22_PERP"),
    ],
)
def test_deribits_names_tell_the_contract(key, symbol):
    assert Deribit().symbol_of(key) == symbol


def test_two_markets_of_one_symbol_are_kept_apart():
    markets = Coinbase().markets
    assert markets["XBT-USD"] == "BTC/USD@coinbase"
    assert markets["BTC-USD"] == "BTC-USD@coinbase"
    assert markets["XBT-USD"] == "BTC/USD@coinbase"


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2021-04-17T16:43:37.075687Z", 1618677817075687000),
        ("2021-07-22T22:36:10.014Z", 1626993370014000000),
        ("2023-02-09T20:32:50.714964855Z", 1675974770714964000),
    ],
)
def test_times_are_read_without_floats(text, ns):
    assert ns_of_iso(text) == ns


def kept(decoder, messages, start=1):
    """Play messages into one book; return it, and the gaps."""
    book, gaps = None, []
    for number, message in enumerate(messages, start):
        for event in decoder.decode(encode(message), number):
            book = book or OrderBook(event.instrument)
            if isinstance(event, MarketGap):
                gaps.append(event)
                book.mark_gap(event.reason)
            else:
                assert book.apply(event)
    return book, gaps


def l2update(second, *changes):
    time = f"2021-04-17T16:43:{second:02}.5Z"
    return {"type": "l2update", "product_id": "A-B", "changes": changes, "time": time}


COINBASE_BOOK = {"type": "snapshot", "product_id": "A-B", "bids": [["9", "1"]], "asks": []}


def test_coinbase_changes_follow_its_snapshot():
    early = l2update(1, ["buy", "8", "1"])
    book, gaps = kept(
        Coinbase(),
        [early, COINBASE_BOOK, l2update(2, ["buy", "9", "0"], ["sell", "11", "2"])],
    )
    assert (gaps, book.levels(Side.BUY), book.levels(Side.SELL)) == ([], [], [("11", "2")])


def test_coinbase_time_that_runs_backwards_is_a_gap_until_a_snapshot():
    decoder = Coinbase()
    older = [l2update(5, ["buy", "8", "1"]), l2update(4, ["buy", "9", "3"])]
    book, gaps = kept(decoder, [COINBASE_BOOK, *older, l2update(6, ["buy", "7", "1"])])
    assert len(gaps) == 1
    assert not book.ready
    [again] = decoder.decode(encode(COINBASE_BOOK), 9)
    assert again.snapshot


def test_coinbase_says_the_makers_side_of_a_trade():
    match = {"type": "match", "product_id": "BTC-GBP", "side": "sell", "size": "0.040"}
    match |= {"price": "14.7775", "trade_id": 88, "time": "2021-04-17T16:43:30.244075Z"}
    decoder = Coinbase()
    [trade] = decoder.decode(encode(match), 3)
    assert (trade.side, str(trade.quantity)) == (Side.BUY, "0.040")
    assert decoder.decode(encode(match | {"type": "last_match"}), 4) == [], "history"
    assert decoder.tally.passed_over == 1


def test_coinbase_tickers_are_quotes_only_with_quantities():
    ticker = {"type": "ticker", "product_id": "BTC-GBP", "best_bid": "1", "best_ask": "2"}
    ticker |= {"time": "2021-04-17T16:43:30Z"}
    decoder = Coinbase()
    assert decoder.decode(encode(ticker), 1) == []
    sizes = {"best_bid_size": "3", "best_ask_size": "4"}
    [quote] = decoder.decode(encode(ticker | sizes), 2)
    assert quote == Quote("BTC/GBP@coinbase", 1.0, 3.0, 2.0, 4.0, quote.venue_time_ns, 2)


def bitstamp(micros, bids):
    data = {"microtimestamp": str(micros), "timestamp": "1", "bids": bids, "asks": []}
    return {"event": "data", "channel": "diff_order_book_btcusd", "data": data}


def test_bitstamp_changes_join_the_snapshot_by_time():
    decoder = Bitstamp()
    url = "https://www.bitstamp.net/api/v2/order_book/btcusd"
    assert decoder.decode(encode(bitstamp(10, [["9", "1"]])), 1) == []
    assert decoder.decode(encode(bitstamp(30, [["9", "3"]])), 2) == []
    body = {"timestamp": "1", "microtimestamp": "20", "bids": [["9", "2"]], "asks": []}
    events = decoder.rest(url, encode(body), 3)
    assert [(event.snapshot, event.bids) for event in events] == [
        (True, [("9", "2")]),
        (False, [("9", "3")]),
    ]
    [follower] = decoder.decode(encode(bitstamp(40, [])), 4)
    assert follower.first_sequence == 31
    [gap] = decoder.decode(encode(bitstamp(40, [])), 5)
    assert isinstance(gap, MarketGap)
    assert decoder.awaited_snapshots == ["btcusd"]


def test_bitstamp_takes_no_snapshot_that_is_older_than_its_changes():
    decoder = Bitstamp()
    url = "https://www.bitstamp.net/api/v2/order_book/btcusd"
    body = {"timestamp": "1", "microtimestamp": "20", "bids": [["9", "2"]], "asks": []}
    decoder.decode(encode(bitstamp(30, [["9", "3"]])), 1)
    assert decoder.rest(url, encode(body), 2) == []
    assert len(decoder.rest(url, encode(body | {"microtimestamp": "35"}), 3)) == 1
    quiet = Bitstamp()
    assert len(quiet.rest(url, encode(body), 1)) == 1
    assert len(quiet.decode(encode(bitstamp(90, [])), 2)) == 1, "nothing was seen between"


def test_bitstamp_trades_are_exact():
    data = {"id": 5, "amount": 0.0792, "amount_str": "0.07920000", "price": 3805.44}
    data |= {"price_str": "3805.44", "type": 1, "microtimestamp": "1641343699596000"}
    message = {"event": "trade", "channel": "live_trades_ethusd", "data": data}
    [trade] = Bitstamp().decode(encode(message), 1)
    assert (str(trade.price), str(trade.quantity)) == ("3805.44", "0.07920000")
    assert (trade.side, trade.venue_time_ns) == (Side.SELL, 1641343699596000000)


def test_bitstamp_asking_to_reconnect_gives_up_its_books():
    decoder = Bitstamp()
    body = {"timestamp": "1", "microtimestamp": "20", "bids": [], "asks": []}
    decoder.rest("https://www.bitstamp.net/api/v2/order_book/btcusd/", encode(body), 1)
    raw = encode({"event": "bts:request_reconnect", "channel": "", "data": {}})
    assert [type(event) for event in decoder.decode(raw, 2)] == [MarketGap]


def test_geminis_first_message_is_the_book_and_its_trades_are_history():
    old = {"type": "trade", "symbol": "BTCUSD", "event_id": 1, "timestamp": 2, "price": "1"}
    old |= {"quantity": "1", "side": "buy"}
    whole = {"type": "l2_updates", "symbol": "BTCUSD", "changes": [["buy", "9", "1"]]}
    change = whole | {"changes": [["buy", "9", "0"], ["sell", "10", "2"]]}
    decoder = Gemini()
    book, _ = kept(decoder, [change, whole | {"trades": [old]}, change])
    assert (book.levels(Side.BUY), book.levels(Side.SELL)) == ([], [("10", "2")])
    [trade] = decoder.decode(encode(old), 9)
    assert (trade.trade_id, trade.venue_time_ns) == ("1", 2_000_000)
    assert decoder.tally.passed_over == 1, "the change before the book"


def kucoin(first, last, bids=(), asks=()):
    changes = {"bids": bids, "asks": asks}
    data = {
        "symbol": "A-B",
        "sequenceStart": first,
        "sequenceEnd": last,
        "changes": changes,
    }
    topic = "/market/level2:A-B"
    return {"type": "message", "subject": "trade.l2update", "topic": topic, "data": data}


def test_kucoin_numbers_that_change_no_level_still_count():
    decoder = KuCoin()
    url = "https://api.kucoin.com/api/v3/market/orderbook/level2?symbol=A-B"
    body = {"sequence": "5", "time": 1, "bids": [["9", "1"]], "asks": []}
    decoder.rest(url, encode({"code": "200000", "data": body}), 1)
    [change] = decoder.decode(encode(kucoin(6, 6, asks=[["0", "0", "6"]])), 2)
    assert (change.bids, change.asks, change.last_sequence) == ([], [], 6)
    [change] = decoder.decode(encode(kucoin(7, 8, bids=[["9", "0", "7"]])), 3)
    assert change.bids == [("9", "0")]
    [gap] = decoder.decode(encode(kucoin(10, 10)), 4)
    assert "9 was due, 10 came" in gap.reason


def deribit(kind, number, before=None, bids=(), name="BTC-PERPETUAL"):
    data = {"type": kind, "timestamp": 5, "instrument_name": name, "change_id": number}
    data |= {"bids": bids, "asks": []}
    if before is not None:
        data["prev_change_id"] = before
    params = {"channel": f"book.{name}.raw", "data": data}
    return {"jsonrpc": "2.0", "method": "subscription", "params": params}


def test_deribit_changes_name_the_one_before():
    begin = deribit("snapshot", 10, bids=[["new", 0.0015, 4714.0]])
    follows = deribit("change", 25, 10, [["delete", 0.0015, 0.0], ["new", 0.001, 2.0]])
    decoder = Deribit()
    book, gaps = kept(decoder, [begin, follows])
    assert (gaps, book.levels(Side.BUY), book.sequence) == ([], [("0.001", "2.0")], 25)
    [gap] = decoder.decode(encode(deribit("change", 40, 30)), 9)
    assert "after 25 was due, one after 30 came" in gap.reason
    assert decoder.decode(encode(deribit("change", 41, 40)), 9) == [], "until a snapshot"


def test_deribit_quotes_say_when_nobody_bids():
    data = {"instrument_name": "BTC-PERPETUAL", "timestamp": 7, "best_bid_price": 0.0}
    data |= {"best_ask_price": 2.5, "best_ask_amount": 3.0, "best_bid_amount": 0.0}
    params = {"channel": "ticker.BTC-PERPETUAL.raw", "data": data}
    [quote] = Deribit().decode(encode({"method": "subscription", "params": params}), 8)
    assert isnan(quote.bid)
    assert (quote.ask, quote.ask_quantity, quote.venue_time_ns) == (2.5, 3.0, 7_000_000)


def test_deribit_trades_come_several_at_once():
    data = {"instrument_name": "BTC-PERPETUAL", "trade_id": "x", "price": 30000.5}
    data |= {"amount": 10.0, "direction": "sell", "timestamp": 7}
    params = {
        "channel": "trades.BTC-PERPETUAL.raw",
        "data": [data, data | {"trade_id": "y"}],
    }
    first, second = Deribit().decode(
        encode({"method": "subscription", "params": params}), 8
    )
    assert (first.trade_id, second.trade_id, first.side) == ("x", "y", Side.SELL)
    assert str(first.price) == "30000.5"


def htx(version, ts, bids):
    tick = {"bids": bids, "asks": [], "version": version, "ts": ts}
    return encode({"ch": "market.btcusdt.depth.step0", "ts": ts, "tick": tick})


def test_htx_pictures_may_be_compressed_and_older_ones_are_passed_over():
    decoder = Htx()
    [first] = decoder.decode(gzip.compress(htx(5, 50, [[1.10, 2.0]])), 1)
    assert (first.snapshot, first.bids, first.last_sequence) == (True, [("1.1", "2.0")], 5)
    assert decoder.decode(htx(4, 40, []), 2) == []
    assert decoder.decode(htx(6, 60, []), 3)[0].bids == []
    assert (decoder.tally.used, decoder.tally.passed_over) == (2, 1)
    with pytest.raises(ValueError, match="compressed"):
        decoder.decode(gzip.compress(htx(7, 70, []))[:-9] + b"x", 4)


def l2(action, *rows, symbol="XBTUSD"):
    data = [{"symbol": symbol, "id": key, "side": side} | rest for key, side, rest in rows]
    message = {"table": "orderBookL2", "action": action, "data": data}
    return message | {"filter": {"symbol": symbol}} if action == "partial" else message


PARTIAL = l2(
    "partial", (1, "Buy", {"size": 5, "price": 9.5}), (2, "Sell", {"size": 6, "price": 10})
)


def test_bitmex_rows_are_known_by_id():
    changes = [
        l2("update", (1, "Buy", {"size": 7})),
        l2("delete", (2, "Sell", {})),
        l2("insert", (3, "Sell", {"size": 8, "price": 11.5})),
    ]
    book, gaps = kept(BitMex(), [PARTIAL, *changes])
    assert gaps == []
    assert book.levels(Side.BUY) == [("9.5", "7")]
    assert book.levels(Side.SELL) == [("11.5", "8")]


@pytest.mark.parametrize(
    "misfit",
    [
        l2("update", (9, "Buy", {"size": 7})),
        l2("delete", (9, "Buy", {})),
        l2("update", (1, "Sell", {"size": 7})),
        l2("insert", (1, "Buy", {"size": 7, "price": 9.5})),
    ],
)
def test_bitmex_rows_that_do_not_fit_show_that_one_was_lost(misfit):
    decoder = BitMex()
    book, gaps = kept(decoder, [PARTIAL, misfit, l2("update", (1, "Buy", {"size": 1}))])
    assert len(gaps) == 1
    assert not book.ready
    [again] = decoder.decode(encode(PARTIAL), 9)
    assert again.snapshot


def test_bitmex_contracts_are_told_by_its_list():
    one = {"symbol": "XBTUSD", "typ": "FFWCSX", "underlying": "XBT", "quoteCurrency": "USD"}
    one |= {"settlCurrency": "XBt", "tickSize": 0.5, "lotSize": 100, "expiry": None}
    one |= {"multiplier": -100000000, "isInverse": True}
    two = {"symbol": "XRPU21", "typ": "FFCCSX", "underlying": "XRP", "quoteCurrency": "XBT"}
    two |= {
        "settlCurrency": "XBt",
        "tickSize": 1e-08,
        "lotSize": 1,
        "multiplier": 100000000,
    }
    two |= {"expiry": "2021-09-24T12:00:00.000Z"}
    quanto = one | {"symbol": "UNIUSDT", "underlying": "UNI", "quoteCurrency": "USDT"}
    quanto |= {"multiplier": 1000, "isInverse": False, "isQuanto": True}
    decoder = BitMex()
    url = "https://www.bitmex.com/api/v1/instrument/active"
    decoder.rest(url, encode([one, two, quanto]), 1)
    listed = decoder.markets.listed
    assert [(each.id, each.kind, each.multiplier) for each in listed.values()] == [
        ("BTC/USD:BTC@bitmex", ContractKind.INVERSE, 1),
        ("XRP/BTC:BTC-210924@bitmex", ContractKind.LINEAR, 1),
        ("UNI/USDT:BTC@bitmex", ContractKind.QUANTO, Decimal("0.00001")),
    ]
    assert decoder.markets["XRPU21"] == "XRP/BTC:BTC-210924@bitmex"
