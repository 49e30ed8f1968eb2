"""What every strategy begins from: parameters, indicators, and handlers left empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, ClassVar, TypeVar

from crossdock.model import (
    Bar,
    Fill,
    InstrumentId,
    OrderView,
    Quote,
    StrategyId,
    Trade,
    width_of,
)
from crossdock.ports import Book, Trading
from crossdock.strategies.params import Parameter, declared, parse_all
from crossdock.strategies.tracking import Indicator, Tracked, Tracker

_Value = TypeVar("_Value")
_INDICATORS = "indicators"  # where a snapshot keeps them, beside what `state` gives


class Strategy:
    """Override what you need. Handlers run in the desk's loop: be quick, never wait.

    Parameters are declared in the class body (`fast: int = param(10, "…")`) and are plain
    attributes from the first line of `check` and `setup` on.
    """

    desk: Trading
    timeframe: str = ""
    timer_s: float = 0.0
    _declared: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._declared = declared(cls, cls._declared)

    def __init__(
        self, name: StrategyId, symbols: tuple[str, ...], params: Mapping[str, Any]
    ) -> None:
        """Raise ValueError, naming everything wrong with `params`."""
        self.id = name
        self.symbols = symbols
        self.params: Mapping[str, Any] = parse_all(self._declared, params)
        for attribute, value in self.params.items():
            setattr(self, attribute, value)
        self._tracker = Tracker()
        self._last_bars: dict[InstrumentId, Bar] = {}
        if self.timeframe:
            width_of(self.timeframe)
        self.check()
        self.setup()

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Return what can be set, in the order it was declared."""
        return tuple(cls._declared.values())

    # ---- to override -----------------------------------------------------------

    def check(self) -> None:
        """Raise ValueError when parameters do not fit each other."""

    def setup(self) -> None:
        """Track indicators and make what is kept between events."""

    def start(self, desk: Trading) -> None:
        self.desk = desk

    def on_quote(self, quote: Quote) -> None: ...
    def on_trade(self, trade: Trade) -> None: ...
    def on_book(self, instrument: InstrumentId, book: Book) -> None: ...
    def on_bar(self, bar: Bar) -> None:
        """Take a closed bar of its own symbols, once all that is tracked is ready."""

    def on_order(self, order: OrderView) -> None: ...
    def on_fill(self, fill: Fill, order: OrderView | None) -> None: ...
    def on_timer(self, now_ns: int) -> None: ...
    def stop(self) -> None: ...

    def state(self) -> dict[str, Any]:
        """Return what must outlive the process, as plain data that JSON can hold.

        Decimals come back as text. What is tracked is kept beside it.
        """
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave, before `start`."""

    # ---- to use ----------------------------------------------------------------

    def track(self, indicator: Indicator[_Value]) -> Tracked[_Value]:
        """Keep an indicator up to date, one for each instrument; call it in `setup`.

        It has seen a bar before `on_bar` is called with it.
        """
        return self._tracker.add(indicator)

    @property
    def warm_up(self) -> int:
        """Bars of history needed before the first decision."""
        return self._tracker.warm_up

    def trades(self, symbol: str) -> bool:
        """Tell whether the settings let it trade a symbol; none named means all."""
        return not self.symbols or symbol in self.symbols

    def middle(self, book: Book) -> float | None:
        """Return the middle price; None while the book is not good or has one side only."""
        if not book.ready:
            return None
        middle = (book.best_bid + book.best_ask) / 2
        return middle if isfinite(middle) else None

    def price(self, instrument: InstrumentId) -> float | None:
        """Return the middle of a good book, else the last bar's close, None without both."""
        middle = self.middle(self.desk.book(instrument))
        if middle is not None:
            return middle
        bar = self._last_bars.get(instrument)
        return None if bar is None else bar.close

    # ---- what the desk calls ---------------------------------------------------

    def take_bar(self, bar: Bar) -> None:
        """Update what is tracked, and decide once all of it is ready."""
        self._last_bars[bar.instrument] = bar
        tracker = self._tracker
        if not tracker.tracked or tracker.take(bar):
            self.on_bar(bar)

    def tracker(self) -> Tracker:
        """Return what is tracked, for those who look on."""
        return self._tracker

    def warm(self, history: Iterable[Bar]) -> None:
        """Update what is tracked by bars of the past, oldest first; decide nothing."""
        if self._tracker.tracked:
            self._tracker.warm(history)

    def snapshot(self) -> dict[str, Any]:
        """Return `state` and what is tracked."""
        kept = self.state()
        return (
            {**kept, _INDICATORS: self._tracker.state()} if self._tracker.tracked else kept
        )

    def resume(self, snapshot: Mapping[str, Any]) -> None:
        """Take back what `snapshot` gave."""
        own = dict(snapshot)
        indicators = own.pop(_INDICATORS, None) if self._tracker.tracked else None
        if indicators is not None:
            self._tracker.restore(indicators)
        if own:
            self.restore(own)
