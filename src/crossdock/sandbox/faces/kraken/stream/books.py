"""Books as subscribers keep them: so many levels a side, and a checksum over ten.

https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from zlib import crc32

from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.faces.kraken.words import moment, padded

DEPTHS = (10, 25, 100, 500, 1000)
_CHECKED = 10

Level = tuple[str, str]


class Book:
    """One symbol's book at one depth, as everybody who listens to it was told."""

    def __init__(self, symbol: str, depth: int, price_places: int, lot_places: int) -> None:
        self.symbol = symbol
        self.depth = depth
        self._places = price_places, lot_places
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}

    def snapshot(
        self, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel], time_ns: int
    ) -> bytes:
        """Take over the book as it stands; return the message that says so."""
        self._bids, self._asks = dict(bids), dict(asks)
        return self._message("snapshot", bids, asks, time_ns)

    def update(
        self, bids: Sequence[PriceLevel], asks: Sequence[PriceLevel], time_ns: int
    ) -> bytes | None:
        """Take over a changed book; return what has to be told, None for nothing.

        A level that fell out of the depth is not told of: listeners cut their books.
        """
        told_bids = _changes(self._bids, bids, self.depth, is_bid=True)
        told_asks = _changes(self._asks, asks, self.depth, is_bid=False)
        if not told_bids and not told_asks:
            return None
        self._bids, self._asks = dict(bids), dict(asks)
        return self._message("update", told_bids, told_asks, time_ns)

    def checksum(self) -> int:
        sides = (list(self._asks.items()), list(self._bids.items()))
        text = "".join(
            _digits(price) + _digits(quantity)
            for side in sides
            for price, quantity in self._texts(side[:_CHECKED])
        )
        return crc32(text.encode())

    def _message(
        self,
        kind: str,
        bids: Sequence[PriceLevel],
        asks: Sequence[PriceLevel],
        time_ns: int,
    ) -> bytes:
        text = (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{self.symbol}",'
            f'"bids":[{self._rows(bids)}],"asks":[{self._rows(asks)}],'
            f'"checksum":{self.checksum()},"timestamp":"{moment(time_ns)}"}}]}}'
        )
        return text.encode()

    def _rows(self, levels: Sequence[PriceLevel]) -> str:
        return ",".join(
            f'{{"price":{price},"qty":{quantity}}}'
            for price, quantity in self._texts(levels)
        )

    def _texts(self, levels: Sequence[PriceLevel]) -> list[Level]:
        of_price, of_lot = self._places
        return [(padded(price, of_price), padded(lot, of_lot)) for price, lot in levels]


def _digits(text: str) -> str:
    return text.replace(".", "").lstrip("0")


def _changes(
    before: dict[Decimal, Decimal],
    after: Sequence[PriceLevel],
    depth: int,
    *,
    is_bid: bool,
) -> list[PriceLevel]:
    """Return the levels that are gone, and those that are new or have changed."""
    now = dict(after)
    worst = after[-1][0] if len(after) == depth else None
    gone = [
        (price, Decimal(0))
        for price in before
        if price not in now
        and (worst is None or (price > worst if is_bid else price < worst))
    ]
    return gone + [(price, lot) for price, lot in after if before.get(price) != lot]
