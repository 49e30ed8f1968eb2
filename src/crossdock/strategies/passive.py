"""The strategy that does nothing: every handler, ready to be overridden."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from crossdock.model import (
    Fill,
    InstrumentId,
    OrderView,
    Quote,
    StrategyId,
    Trade,
)
from crossdock.ports import Book, Trading


class Passive:
    """Base for strategies. `params` are the strategy's own, from the settings.

    What `state` returns is journaled and handed to `restore` after a restart.
    """

    desk: Trading

    def __init__(
        self, name: StrategyId, symbols: tuple[str, ...], params: Mapping[str, Any]
    ) -> None:
        self.id = name
        self.symbols = symbols
        self.params = params

    def trades(self, symbol: str) -> bool:
        """Tell whether the settings let it trade a symbol; none named means all."""
        return not self.symbols or symbol in self.symbols

    def middle(self, book: Book) -> float | None:
        """Return the middle price; None while the book is not good or has one side only."""
        if not book.ready:
            return None
        middle = (book.best_bid + book.best_ask) / 2
        return middle if isfinite(middle) else None

    def start(self, desk: Trading) -> None:
        self.desk = desk

    def on_quote(self, quote: Quote) -> None: ...
    def on_trade(self, trade: Trade) -> None: ...
    def on_book(self, instrument: InstrumentId, book: Book) -> None: ...
    def on_order(self, order: OrderView) -> None: ...
    def on_fill(self, fill: Fill, order: OrderView | None) -> None: ...
    def on_timer(self, now_ns: int) -> None: ...
    def stop(self) -> None: ...

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: Mapping[str, Any]) -> None: ...
