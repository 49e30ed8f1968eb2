"""Coinbase has two feeds. A recording of either is told by its first message."""

from __future__ import annotations

from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.coinbase.advanced import CoinbaseAdvanced
from crossdock.toolkit.decoders.coinbase.exchange import CoinbaseExchange
from crossdock.toolkit.decoders.contract import Decoder


class Coinbase(Decoder):
    """Reads Advanced Trade or Exchange, whichever it is given; a stream is of one kind."""

    def __init__(self, venue: str = "coinbase") -> None:
        self._exchange = CoinbaseExchange(venue)
        self._advanced = CoinbaseAdvanced(venue)
        self._advanced.tally = self._exchange.tally
        self._advanced.markets = self._exchange.markets
        self._feed: CoinbaseExchange | CoinbaseAdvanced | None = None
        self.venue = venue
        self.tally = self._exchange.tally
        self.markets = self._exchange.markets

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if self._feed is None:
            # Only Advanced Trade names one channel; subscriptions of Exchange list many.
            is_advanced = b'"channel"' in raw and b'"channels"' not in raw
            self._feed = self._advanced if is_advanced else self._exchange
        return self._feed.decode(raw, received_time_ns)

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        is_exchange = raw.lstrip().startswith(b"[")
        feed = self._exchange if is_exchange else self._advanced
        return feed.rest(url, raw, received_time_ns)

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        return self._feed.disconnected(reason, received_time_ns) if self._feed else []

    def ended(self, received_time_ns: int) -> list[MarketEvent]:
        return self._feed.ended(received_time_ns) if self._feed else []

    @property
    def awaited_snapshots(self) -> list[str]:
        return self._feed.awaited_snapshots if self._feed else []


__all__ = ["Coinbase", "CoinbaseAdvanced", "CoinbaseExchange"]
