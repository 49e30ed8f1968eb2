"""Book changes as they gather: those of one step, and those of each pace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.sandbox.engine import PriceLevel
from crossdock.sandbox.stream.news import BookChanged

_MS_NS = 1_000_000


@dataclass(slots=True)
class _Change:
    first: int
    last: int
    time_ns: int
    bids: dict[Decimal, Decimal] = field(default_factory=dict)
    asks: dict[Decimal, Decimal] = field(default_factory=dict)

    def take(
        self,
        last: int,
        time_ns: int,
        bids: Iterable[PriceLevel],
        asks: Iterable[PriceLevel],
    ) -> None:
        self.last, self.time_ns = last, time_ns
        self.bids.update(bids)
        self.asks.update(asks)

    def news(self, symbol: str, pace_ms: int) -> BookChanged:
        return BookChanged(
            symbol=symbol,
            first=self.first,
            last=self.last,
            bids=list(self.bids.items()),
            asks=list(self.asks.items()),
            time_ns=self.time_ns,
            pace_ms=pace_ms,
        )


class BookChanges:
    """Gathers changes until they are due: at pace 0 with each step, else so often."""

    def __init__(self, paces_ms: Iterable[int]) -> None:
        self._step: dict[str, _Change] = {}
        self._paces: dict[int, dict[str, _Change]] = {it: {} for it in paces_ms if it}
        self._due_ns: dict[int, int] = {}
        self._tells_steps = 0 in paces_ms

    def __bool__(self) -> bool:
        """Tell whether anything changed since the last step."""
        return bool(self._step)

    def take(
        self,
        symbol: str,
        first: int,
        last: int,
        bids: list[PriceLevel],
        asks: list[PriceLevel],
        now_ns: int,
    ) -> None:
        change = self._step.get(symbol)
        if change is None:
            change = self._step[symbol] = _Change(first, last, now_ns)
        change.take(last, now_ns, bids, asks)

    def end_step(self) -> Iterator[tuple[str, int, BookChanged | None]]:
        """Return (symbol, time, news if steps are told) of all that one step changed."""
        step, self._step = self._step, {}
        for symbol, change in step.items():
            for gathered in self._paces.values():
                earlier = gathered.setdefault(symbol, _Change(change.first, 0, 0))
                levels = (change.bids.items(), change.asks.items())
                earlier.take(change.last, change.time_ns, *levels)
            news = change.news(symbol, 0) if self._tells_steps else None
            yield symbol, change.time_ns, news

    def due(self, now_ns: int) -> Iterator[BookChanged]:
        """Return what has gathered for as long as its pace says."""
        for pace_ms, gathered in self._paces.items():
            if now_ns >= self._due_ns.get(pace_ms, 0):
                self._due_ns[pace_ms] = now_ns + pace_ms * _MS_NS
                self._paces[pace_ms] = {}
                for symbol, change in gathered.items():
                    yield change.news(symbol, pace_ms)
