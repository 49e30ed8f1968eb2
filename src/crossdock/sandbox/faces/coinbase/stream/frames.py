"""Messages before a connection numbers them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crossdock.sandbox.faces.coinbase.values import Row, moment

HEARTBEATS = "heartbeats"
CANDLES = "candles"
STATUS = "status"
TICKER = "ticker"
TICKER_BATCH = "ticker_batch"
LEVEL2 = "level2"
TRADES = "market_trades"
USER = "user"
FUTURES = "futures_balance_summary"
OF_PRODUCTS = frozenset({CANDLES, STATUS, TICKER, TICKER_BATCH, LEVEL2, TRADES})
OF_ACCOUNTS = frozenset({USER, FUTURES})
CHANNELS = OF_PRODUCTS | OF_ACCOUNTS | {HEARTBEATS}

encode = msgspec.json.Encoder().encode


def message(channel: str, now_ns: int, events: Sequence[Row]) -> bytes:
    return encode(
        {
            "channel": channel,
            "client_id": "",
            "timestamp": moment(now_ns),
            "events": events,
        }
    )


def numbered(number: int, body: bytes) -> bytes:
    """Return a message with its number among those of its connection."""
    return b'{"sequence_num":%d,%s' % (number, body[1:])
