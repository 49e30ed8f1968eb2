"""Bitfinex' streams where ccxt 4.5.90 reads them otherwise than Bitfinex means them.

https://docs.bitfinex.com/docs/ws-general, …/docs/ws-websocket-checksum and
…/reference/ws-public-trades (2026-11-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def mend_streams(exchange: Any) -> None:
    """Read rows as replies are read, trades that are new, and a book anew that is wrong."""
    exchange.parse_ws_order = lambda row: exchange.parse_order({"result": row})
    exchange.parse_ws_trade = exchange.parse_trade  # else fees that were paid are negative
    tell = exchange.handle_trades

    def handle_trades(client: Any, message: Sequence[Any], subscription: Any) -> None:
        if len(message) > 2:  # else a snapshot: trades from before
            tell(client, message, subscription)

    exchange.handle_trades = handle_trades
    _begin_books_anew(exchange)


def _begin_books_anew(exchange: Any) -> None:
    """Leave the channel of a book that is wrong before ccxt is told to join it again.

    ccxt subscribes once more while the channel still stands: Bitfinex refuses that as a
    duplicate, and further changes would go into an empty book.
    """
    check = exchange.handle_checksum

    def handle_checksum(client: Any, message: Sequence[Any], subscription: Any) -> None:
        if not subscription:
            return  # of a channel that was left
        heard = _Heard(client)
        check(heard, message, subscription)
        if heard.error is not None:
            # Nothing more that comes on this channel is read.
            client.subscriptions.pop(str(message[0]), None)
            exchange.spawn(_leave, client, message[0], heard)

    exchange.handle_checksum = handle_checksum
    exchange.handle_unsubscription_status = _ignore


class _Heard:
    """What ccxt takes for its client: keeps what it would have been told."""

    def __init__(self, client: Any) -> None:
        self.subscriptions = dict(client.subscriptions)
        self.error: Exception | None = None
        self.book = ""

    def reject(self, error: Exception, book: str) -> None:
        self.error, self.book = error, book


async def _leave(client: Any, channel: Any, heard: _Heard) -> None:
    try:
        await client.send({"event": "unsubscribe", "chanId": channel})
    finally:
        client.subscriptions.pop(heard.book, None)
        client.reject(heard.error, heard.book)


def _ignore(_client: Any, _message: Any) -> None:
    return
