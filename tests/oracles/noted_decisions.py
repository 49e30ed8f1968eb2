"""A strategy's decisions, noted, so that two runs of it can be compared up to a point."""

from typing import Any

from crossdock.app.replay import Run
from crossdock.model import Bar, Quote, Trade
from crossdock.strategies import Strategy


class Noting:
    """The desk, with everything that is asked of it noted."""

    def __init__(self, desk: Any, notes: list[Any]) -> None:
        self._desk = desk
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._desk, name)
        if name not in ("submit", "signal", "cancel", "replace"):
            return value

        def noted(*given: Any, **named: Any) -> Any:
            self._notes.append((self._desk.now_ns(), name, given, tuple(named.items())))
            return value(*given, **named)

        return noted


def noted(strategy: type[Strategy]) -> tuple[type[Strategy], list[Any]]:
    """Return a strategy whose decisions are noted, and a mark after each event it saw."""
    notes: list[Any] = []

    class Noted(strategy):  # type: ignore[misc, valid-type]
        def start(self, desk: Any) -> None:
            super().start(Noting(desk, notes))

        def take_bar(self, bar: Bar) -> None:
            super().take_bar(bar)
            notes.append(("seen", bar.end_time_ns))

        def on_quote(self, quote: Quote) -> None:
            super().on_quote(quote)
            notes.append(("seen", quote.received_time_ns))

        def on_trade(self, trade: Trade) -> None:
            super().on_trade(trade)
            notes.append(("seen", trade.received_time_ns))

    return Noted, notes


def decisions(notes: list[Any], last_ns: int) -> list[Any]:
    """Return what was decided up to and on the event of `last_ns`, and on nothing later."""
    return notes[: notes.index(("seen", last_ns)) + 1]


def fills(run: Run, before_ns: int) -> list[tuple[Any, ...]]:
    return [
        (fill.venue_time_ns, fill.side, fill.quantity, fill.price, fill.fee)
        for fill in run.fills
        if fill.venue_time_ns < before_ns
    ]


def equity(run: Run, before_ns: int) -> list[tuple[int, float]]:
    pairs = zip(run.curve.time_ns, run.curve.equity, strict=True)
    return [(time, worth) for time, worth in pairs if time < before_ns]
