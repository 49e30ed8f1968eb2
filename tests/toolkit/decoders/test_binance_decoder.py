from decimal import Decimal

import msgspec
import pytest

from crossdock.model import BookChange, Quote, Side, Trade
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Binance
from crossdock.toolkit.decoders.binance import book_ticker

encode = msgspec.json.encode

TRADE = {"e": "trade", "E": 5, "s": "ETHUSDT", "t": 77, "p": "2683.80000000"}
TRADE |= {"q": "0.00200000", "T": 1723161255611, "m": True, "M": True}
TICKER = {"u": 12, "s": "ETHUSDT", "b": "2683.8", "B": "3", "a": "2683.9", "A": "4.5"}
ATOM = {"e": "aggTrade", "s": "ETHUSDT", "a": 9, "p": "1.10", "q": "2", "T": 8, "m": False}
LIST_URL = "https://api.binance.com/api/v3/exchangeInfo"
BOOK_URL = "https://api.binance.com/api/v3/depth?symbol=ETHUSDT&limit=1000"


def depth(first, last, bids=(), asks=(), symbol="ETHUSDT"):
    body = {"e": "depthUpdate", "E": 1723161255308, "s": symbol, "U": first, "u": last}
    return body | {"b": list(bids), "a": list(asks)}


def snapshot(number, bids=(), asks=()):
    return encode({"lastUpdateId": number, "bids": list(bids), "asks": list(asks)})


def wrapped(stream, data, spaced=False):
    text = encode({"stream": stream, "data": data})
    return text.replace(b'":', b'": ').replace(b',"', b', "') if spaced else text


def turned(stream, data):
    return encode({"data": data, "stream": stream})


@pytest.mark.parametrize(
    "form",
    [
        lambda stream, data: wrapped(stream, data),
        lambda stream, data: wrapped(stream, data, spaced=True),
        turned,
        lambda stream, data: encode(data),
    ],
    ids=["combined", "spaced", "data first", "bare"],
)
def test_every_form_of_a_message_means_the_same(form):
    decoder = Binance()
    decoder.rest(BOOK_URL, snapshot(4), 1)
    [trade] = decoder.decode(form("ethusdt@trade", TRADE), 3)
    assert trade == Trade(
        "ETH/USDT@binance",
        "77",
        Decimal("2683.80000000"),
        Decimal("0.00200000"),
        Side.SELL,
        1723161255611000000,
        3,
    )
    assert str(trade.price) == "2683.80000000", "exactly as the venue wrote it"
    [quote] = decoder.decode(form("ethusdt@bookTicker", TICKER), 4)
    assert quote == Quote("ETH/USDT@binance", 2683.8, 3.0, 2683.9, 4.5, 4, 4)
    raw = form("ethusdt@depth@100ms", depth(5, 6, [("2683.8", "1.10")], [("2684", "0")]))
    [change] = decoder.decode(raw, 5)
    assert change == BookChange(
        "ETH/USDT@binance",
        snapshot=False,
        bids=[("2683.8", "1.10")],
        asks=[("2684", "0")],
        first_sequence=5,
        last_sequence=6,
        venue_time_ns=1723161255308000000,
        received_time_ns=5,
    )
    assert decoder.tally.messages == decoder.tally.used == 4


@pytest.mark.parametrize(
    "message",
    [
        {"result": None, "id": 1},
        {"stream": "ethusdt@kline_1m", "data": {"e": "kline", "s": "ETHUSDT", "k": {}}},
        {"stream": "!miniTicker@arr", "data": [{"e": "24hrMiniTicker"}]},
        {"stream": "ethusdt@depth20", "data": {"lastUpdateId": 1, "bids": [], "asks": []}},
        {"e": "24hrTicker", "s": "ETHUSDT", "B": "1"},
    ],
)
def test_what_is_known_and_not_needed_is_passed_over(message):
    decoder = Binance()
    assert decoder.decode(encode(message), 1) == []
    assert (decoder.tally.passed_over, decoder.tally.messages) == (1, 1)


def test_what_is_not_known_is_counted():
    decoder = Binance()
    assert decoder.decode(b'{"e":"somethingNew","s":"ETHUSDT"}', 1) == []
    assert decoder.rest("https://api.binance.com/api/v3/time", b"{}", 1) == []
    assert (decoder.tally.undecoded, decoder.tally.messages) == (2, 2)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b'{"stream":"ethusdt@trade","data":{"s":"ETHUSDT"',
        b'{"stream":"ethusdt@trade","data":{"s":"ETHUSDT"}}',
        b'{"stream":"ethusdt@depth","data":{"e":"depthUpdate","s":"ETHUSDT"}}',
        encode({"stream": "ethusdt@bookTicker", "data": TICKER | {"b": "high"}}),
    ],
)
def test_bytes_that_are_no_message_raise(raw):
    with pytest.raises(ValueError):
        Binance().decode(raw, 1)


def test_a_gap_is_told_once_and_ends_with_a_snapshot():
    decoder = Binance()
    assert decoder.decode(encode(depth(1, 4)), 1) == [], "held: no snapshot yet"
    assert decoder.awaited_snapshots == ["ETHUSDT"]
    begun, follower = decoder.rest(BOOK_URL, snapshot(2, [("9", "1")]), 2)
    assert (begun.snapshot, begun.last_sequence, follower.last_sequence) == (True, 2, 4)
    assert decoder.awaited_snapshots == []
    [gap] = decoder.decode(encode(depth(6, 7)), 3)
    assert gap == MarketGap("ETH/USDT@binance", "5 was due, 6 came", 3)
    assert decoder.decode(encode(depth(8, 8)), 4) == []
    assert decoder.awaited_snapshots == ["ETHUSDT"]
    told = decoder.rest(BOOK_URL, snapshot(6), 5)
    assert [event.last_sequence for event in told] == [6, 7, 8]


def test_disconnecting_gives_up_every_book_that_stands():
    decoder = Binance()
    decoder.rest(BOOK_URL, snapshot(2), 1)
    decoder.decode(encode(depth(1, 2, symbol="BTCUSDT")), 1)
    [gap] = decoder.disconnected("the line was cut", 9)
    assert gap == MarketGap("ETH/USDT@binance", "the line was cut", 9)


def test_a_book_that_was_changed_and_never_began_is_told_at_the_end():
    decoder = Binance()
    decoder.decode(encode(depth(1, 2)), 1)
    [gap] = decoder.ended(5)
    assert gap.instrument == "ETH/USDT@binance"


def test_a_nameless_snapshot_is_of_the_only_market_that_waits():
    decoder = Binance()
    decoder.decode(encode(depth(1, 4)), 1)
    assert len(decoder.decode(snapshot(3), 2)) == 2
    decoder.decode(encode(depth(1, 4, symbol="BTCUSDT")), 3)
    assert decoder.decode(snapshot(3), 4)[0].instrument == "BTC/USDT@binance"
    assert decoder.decode(snapshot(5), 5) == [], "nobody waits: it has no owner"
    assert decoder.tally.undecoded == 1


def test_a_nameless_snapshot_may_come_first():
    decoder = Binance()
    assert decoder.decode(snapshot(3, [("9", "1")]), 1) == []
    begun, change = decoder.decode(encode(depth(2, 5)), 2)
    assert (begun.instrument, begun.bids) == ("ETH/USDT@binance", [("9", "1")])
    assert (begun.received_time_ns, change.last_sequence) == (2, 5)


def test_aggregated_trades_stand_in_until_trades_are_seen():
    decoder = Binance()
    [trade] = decoder.decode(encode(ATOM), 1)
    assert (trade.trade_id, trade.side, str(trade.price)) == ("a9", Side.BUY, "1.10")
    decoder.decode(encode(TRADE), 2)
    assert decoder.decode(encode(ATOM), 3) == []
    assert (decoder.tally.used, decoder.tally.passed_over) == (2, 1)


def test_times_in_microseconds_are_told_by_their_size():
    decoder = Binance()
    [trade] = decoder.decode(encode(TRADE | {"T": 1723161255611123}), 1)
    assert trade.venue_time_ns == 1723161255611123000


def test_the_venues_list_names_the_markets():
    decoder = Binance("binance_us")
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.002", "maxQty": "9"},
        {"filterType": "NOTIONAL", "minNotional": "5.0"},
    ]
    symbol = {"symbol": "ODDNAME", "baseAsset": "XBT", "quoteAsset": "QQQ"}
    decoder.rest(LIST_URL, encode({"symbols": [symbol | {"filters": filters}]}), 1)
    [trade] = decoder.decode(encode(TRADE | {"s": "ODDNAME"}), 2)
    assert trade.instrument == "BTC/QQQ@binance_us"
    listed = decoder.markets.listed["ODDNAME"]
    assert (listed.tick_at(Decimal(1)), listed.min_notional) == (Decimal("0.01"), 5)
    assert (listed.quantity_step, listed.min_quantity) == (
        Decimal("0.001"),
        Decimal("0.002"),
    )


def test_a_book_ticker_keeps_the_venues_text():
    assert book_ticker(wrapped("ethusdt@bookTicker", TICKER)).B == "3"
    assert book_ticker(turned("ethusdt@bookTicker", TICKER)).u == 12
    assert book_ticker(encode(TICKER)).b == "2683.8"
    for other in (TRADE, depth(1, 2), {"e": "24hrTicker", "B": "1"}):
        assert book_ticker(encode(other)) is None


def test_tickers_of_all_markets_in_one_stream_are_each_markets_own():
    raw = wrapped("!bookTicker", TICKER)
    assert book_ticker(raw).u == 12
    assert Binance().decode(raw, 1)[0].instrument == "ETH/USDT@binance"


FUTURES = {"e": "bookTicker", "T": 1723161256313, "E": 1723161256313}


def future(first, last, before, symbol="ETHUSDT"):
    return encode(depth(first, last, symbol=symbol) | {"T": 5, "pu": before})


def test_changes_of_futures_name_the_one_before_since_ids_are_shared():
    decoder = Binance()
    decoder.decode(snapshot(103), 1)
    _, first = decoder.decode(future(101, 110, 95), 2)
    [second] = decoder.decode(future(150, 160, 110), 3)
    assert (first.first_sequence, second.first_sequence) == (96, 111)
    [gap] = decoder.decode(future(170, 180, 165), 4)
    assert gap.reason == "161 was due, 166 came"


def test_a_ticker_of_futures_says_what_it_is():
    assert book_ticker(encode(TICKER | FUTURES)).u == 12
    [quote] = Binance().decode(encode(TICKER | FUTURES), 7)
    assert (quote.bid, quote.ask) == (2683.8, 2683.9)


def test_a_snapshot_of_futures_says_whose_it_is():
    decoder = Binance()
    decoder.decode(future(1, 4, 0, symbol="BTCUSD_PERP"), 1)
    decoder.decode(future(1, 4, 0, symbol="ETHUSD_PERP"), 1)
    named = {"lastUpdateId": 3, "symbol": "ETHUSD_PERP", "bids": [], "asks": []}
    begun, _ = decoder.decode(encode(named), 2)
    assert begun.instrument == "ETH/USD:ETH@binance"


@pytest.mark.parametrize(
    ("key", "symbol"),
    [
        ("BTCUSD_PERP", "BTC/USD:BTC"),
        ("BTCUSD_240927", "BTC/USD:BTC-240927"),
        ("ETHUSDT_240927", "ETH/USDT:USDT-240927"),
        ("1000SHIBUSDT", "1000SHIB/USDT"),
        ("BTCFDUSD", "BTC/FDUSD"),
        ("ETHBTC", "ETH/BTC"),
        ("ETHUSD", "ETH/USD"),
        ("DOTUSD", "DOT/USD"),
        ("USDTUSD", "USDT/USD"),
        ("BTCTUSD", "BTC/TUSD"),
    ],
)
def test_the_name_of_a_market_tells_the_contract(key, symbol):
    assert Binance().symbol_of(key) == symbol


@pytest.mark.parametrize(
    ("listed", "symbol", "kind", "multiplier"),
    [
        (
            {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "marginAsset": "USDT"},
            "BTC/USDT:USDT",
            "linear",
            1,
        ),
        (
            {"symbol": "BTCUSD_240927", "quoteAsset": "USD", "marginAsset": "BTC"}
            | {"contractType": "CURRENT_QUARTER", "contractSize": 100},
            "BTC/USD:BTC-240927",
            "inverse",
            100,
        ),
    ],
)
def test_the_list_of_futures_tells_the_contracts(listed, symbol, kind, multiplier):
    rules = [{"filterType": "PRICE_FILTER", "tickSize": "0.1"}]
    rules += [{"filterType": "LOT_SIZE", "stepSize": "0.001"}]
    market = {"baseAsset": "BTC", "quoteAsset": "USDT", "filters": rules} | listed
    decoder = Binance()
    url = "https://fapi.binance.com/fapi/v1/exchangeInfo"
    decoder.rest(url, encode({"symbols": [market]}), 1)
    [found] = decoder.markets.listed.values()
    assert (found.id, found.kind) == (f"{symbol}@binance", kind)
    assert (found.multiplier, found.settle) == (multiplier, market["marginAsset"])


def test_a_nameless_snapshot_is_no_other_markets_than_the_one_that_goes_on():
    decoder = Binance()
    assert decoder.decode(snapshot(900, [("9", "1")]), 1) == []
    assert decoder.decode(encode(depth(1, 4, symbol="BTCUSDT")), 2) == []
    begun, _ = decoder.decode(encode(depth(899, 905)), 3)
    assert (begun.instrument, begun.bids) == ("ETH/USDT@binance", [("9", "1")])
    assert decoder.awaited_snapshots == ["BTCUSDT"]
    assert decoder.decode(snapshot(2_000), 4) == [], "of neither, as far as one can tell"
    [other, _] = decoder.decode(snapshot(3), 5)
    assert other.instrument == "BTC/USDT@binance"
