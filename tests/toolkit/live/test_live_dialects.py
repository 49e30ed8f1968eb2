"""What each venue is asked for, and by how many connections: tables, no sockets."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from crossdock.model import ContractKind
from crossdock.toolkit.live import live_market

LINEAR, INVERSE = ContractKind.LINEAR, ContractKind.INVERSE
VENUES = {
    "binance": ("BTC/USDT", "BTCUSDT"),
    "binanceus": ("BTC/USD", "BTCUSD"),
    "bybit": ("BTC/USDT", "BTCUSDT"),
    "bybiteu": ("BTC/USDT", "BTCUSDT"),
    "coinbase": ("BTC/USD", "BTC-USD"),
    "coinbaseexchange": ("BTC/USD", "BTC-USD"),
    "kraken": ("BTC/USD", "XXBTZUSD"),
    "myokx": ("BTC/USDT", "BTC-USDT"),
    "okx": ("BTC/USDT", "BTC-USDT"),
    "okxus": ("BTC/USDT", "BTC-USDT"),
}


def lines_of(exchange, *instruments):
    dialect = live_market(exchange)
    return dialect.lines(instruments, dialect.origins)


def frames_of(line):
    return [json.loads(frame) for frame in line.subscriptions()]


@pytest.mark.parametrize(
    ("exchange", "frames"),
    [
        (
            "binance",
            [
                {
                    "method": "SUBSCRIBE",
                    "params": [f"btcusdt@{each}" for each in ("depth@100ms", "trade", "bookTicker")],
                    "id": 1,
                }
            ],
        ),
        (
            "bybit",
            [
                {
                    "op": "subscribe",
                    "args": [f"{each}.BTCUSDT" for each in ("orderbook.50", "publicTrade", "orderbook.1")],
                    "req_id": "1",
                }
            ],
        ),
        (
            "coinbase",
            [
                {"type": "subscribe", "channel": "heartbeats"},
                *(
                    {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": channel}
                    for channel in ("level2", "market_trades", "ticker")
                ),
            ],
        ),
        (
            "coinbaseexchange",
            [
                {
                    "type": "subscribe",
                    "product_ids": ["BTC-USD"],
                    "channels": ["level2_batch", "matches", "ticker", "heartbeat"],
                }
            ],
        ),
        (
            "kraken",
            [
                {
                    "method": "subscribe",
                    "params": {"channel": channel, "symbol": ["BTC/USD"], **more},
                    "req_id": number,
                }
                for number, (channel, more) in enumerate(
                    (
                        ("book", {"depth": 100, "snapshot": True}),
                        ("trade", {"snapshot": False}),
                        ("ticker", {"event_trigger": "bbo"}),
                    ),
                    1,
                )
            ],
        ),
        (
            "okx",
            [
                {
                    "op": "subscribe",
                    "args": [
                        {"channel": channel, "instId": "BTC-USDT"}
                        for channel in ("books", "trades", "bbo-tbt")
                    ],
                }
            ],
        ),
    ],
)  # fmt: skip
def test_a_venue_is_asked_for_book_trades_and_best_prices(exchange, frames, market_of):
    [line] = lines_of(exchange, market_of(*VENUES[exchange]))
    assert frames_of(line) == frames


@pytest.mark.parametrize("exchange", VENUES)
def test_every_exchange_is_found_by_its_ccxt_id(exchange, market_of):
    dialect = live_market(exchange)
    assert dialect.exchange == exchange
    assert dialect.serves(market_of(*VENUES[exchange]))
    assert set(dialect.test_origins) <= set(dialect.origins)
    assert all(
        urlsplit(each).scheme in ("wss", "https") for each in dialect.origins.values()
    )


def test_an_exchange_we_do_not_read_has_no_dialect():
    assert live_market("bitfinex") is None


@pytest.mark.parametrize(
    ("key", "symbol", "told"),
    [
        ("XXBTZUSD", "BTC/USD", "BTC/USD"),
        ("XBT/USD", "BTC/USD", "BTC/USD"),
        ("XDGUSD", "DOGE/USD", "DOGE/USD"),
        ("LUNAUSD", "LUNC/USD", "LUNA/USD"),
    ],
)
def test_kraken_is_asked_by_the_names_of_version_2(key, symbol, told, market_of):
    [line] = lines_of("kraken", market_of(symbol, key))
    assert list(line.markets) == [told]


def test_binance_markets_have_connections_of_their_own(market_of):
    made = [
        market_of("BTC/USDT", "BTCUSDT"),
        market_of("BTC/USDT:USDT", "BTCUSDT", LINEAR),
        market_of("BTC/USD:BTC", "BTCUSD_PERP", INVERSE),
    ]
    lines = lines_of("binance", *made)
    assert {line.url: frames_of(line)[0]["params"] for line in lines} == {
        "wss://stream.binance.com:9443/stream": [
            "btcusdt@depth@100ms",
            "btcusdt@trade",
            "btcusdt@bookTicker",
        ],
        "wss://fstream.binance.com/public/stream": [
            "btcusdt@depth@100ms",
            "btcusdt@bookTicker",
        ],
        "wss://fstream.binance.com/market/stream": ["btcusdt@aggTrade"],
        "wss://dstream.binance.com/stream": [
            "btcusd_perp@depth@100ms",
            "btcusd_perp@bookTicker",
            "btcusd_perp@aggTrade",
        ],
    }
    assert [line.has_books for line in lines] == [True, True, False, True]
    assert [
        line.snapshot(key) for line in lines if line.has_books for key in line.markets
    ] == [
        ("/api/v3/depth", "symbol=BTCUSDT&limit=5000", 250),
        ("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", 20),
        ("/dapi/v1/depth", "symbol=BTCUSD_PERP&limit=1000", 20),
    ]


def test_a_connection_takes_no_more_streams_than_the_venue_allows(market_of):
    many = [market_of(f"A{n}/USDT:USDT", f"A{n}USDT", LINEAR) for n in range(120)]
    lines = lines_of("binanceusdm", *many)
    counts = [sum(len(frame["params"]) for frame in frames_of(line)) for line in lines]
    assert counts == [200, 40, 120]
    assert len({line.name for line in lines}) == 3
    [spot] = lines_of("bybit", *(market_of(f"A{n}/USDT", f"A{n}USDT") for n in range(9)))
    assert [len(frame["args"]) for frame in frames_of(spot)] == [10, 10, 7]


def test_coinbase_tells_usdc_as_usd_so_it_is_asked_for_apart(market_of):
    lines = lines_of(
        "coinbase",
        market_of("BTC/USD", "BTC-USD"),
        market_of("BTC/USDC", "BTC-USDC"),
        market_of("USDT/USDC", "USDT-USDC"),
    )
    assert [list(line.markets) for line in lines] == [["BTC-USD", "USDT-USDC"], ["BTC-USD"]]
    assert frames_of(lines[1])[1]["product_ids"] == ["BTC-USDC"]
