"""The best prices as they were told, kept for who asks for their history."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from crossdock.sandbox.faces.alpaca.assets import Assets
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.news import QuoteChanged

_KEPT = 10_000


class Quotes:
    """Every quote that was streamed, and between those one a tick where they moved."""

    def __init__(self, host: Host, assets: Assets) -> None:
        self._host = host
        self._assets = assets
        self._kept: dict[str, deque[QuoteChanged]] = {}

    def note(self, quote: QuoteChanged) -> None:
        kept = self._kept.setdefault(quote.symbol, deque(maxlen=_KEPT))
        if not kept or _prices(kept[-1]) != _prices(quote):
            kept.append(quote)

    def tick(self) -> None:
        for asset in self._assets.all():
            self.present(asset.market.symbol)

    def present(self, symbol: str) -> QuoteChanged | None:
        """Return the best prices now, with the time since when they are so."""
        now_ns = self._host.now_ns()
        quote = self._host.feed.quote(symbol, self._host.venue, now_ns)
        if quote is None:
            return None
        self.note(quote)
        newest = self._kept[symbol][-1]
        return replace(newest, sequence=quote.sequence)

    def past(self, symbol: str) -> Sequence[QuoteChanged]:
        return tuple(self._kept.get(symbol, ()))


def _prices(quote: QuoteChanged) -> tuple[object, object]:
    return quote.bid, quote.ask
