"""Runs one strategy: hands it events, keeps its state, survives its errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from crossdock.app.catalogue import load_strategy
from crossdock.app.kernel import Kernel
from crossdock.book import OrderBook
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.errors import ConfigError, JournalError
from crossdock.model import (
    Bar,
    InstrumentId,
    OrderId,
    PortfolioId,
    Quote,
    StrategyId,
    Trade,
    symbol_of,
    width_of,
)
from crossdock.ports import Strategy, Trading
from crossdock.strategies import Strategy as PlainStrategy

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


def make_strategy(
    name: str,
    kind: str | type[Strategy],
    symbols: tuple[str, ...],
    params: Mapping[str, Any],
) -> Strategy:
    """Import and make a strategy. Raises ConfigError that names the setting."""
    try:
        made_by: Callable[..., Strategy] = (
            load_strategy(kind) if isinstance(kind, str) else kind
        )
    except ConfigError as error:
        raise ConfigError(
            f"strategies.{name}.kind: {error.message}", code=error.code, hint=error.hint
        ) from error
    try:
        return made_by(StrategyId(name), symbols, params)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ConfigError(
            f"strategies.{name}.params: {error}", code="strategy-params"
        ) from error
    except Exception as error:
        raise ConfigError(
            f"strategies.{name} cannot be made: {type(error).__name__}: {error}",
            code="strategy-failed",
            hint="the mistake is in its own code",
        ) from error


class Runner:
    """One strategy on the bus. One that raises is stopped; its orders stay as they are.

    What it keeps is journaled whenever it changed: after every event in which it ordered
    something, at every tick of the desk, and at its stop.
    """

    def __init__(
        self, kernel: Kernel, strategy: Strategy, desk: Trading, portfolio: PortfolioId
    ) -> None:
        self.strategy = strategy
        self.portfolio = portfolio
        self.running = False
        self.paused = False
        self.failed = ""
        self.error: Exception | None = None
        self._kernel = kernel
        self._desk = desk
        self._unsubscribes: list[Any] = []
        self._market: list[Any] = []  # what ends the market's events alone
        self._take_bar: Callable[[Bar], object] = (
            strategy.take_bar
            if isinstance(strategy, PlainStrategy)
            else getattr(strategy, "on_bar", _ignore)
        )
        timeframe = getattr(strategy, "timeframe", "")
        self.width_ns = width_of(timeframe) if timeframe else 0  # of its bars; 0: of any
        self._wanted: dict[InstrumentId, bool] = {}
        self._timer_ns = round(float(getattr(strategy, "timer_s", 0.0)) * SECOND_NS)
        self._timed_ns = 0  # the last time on_timer was, or need not be, called for
        self._hears_fills = self._hears_orders = False
        self._has_ordered = False
        self._saved = b""

    def start(self) -> None:
        """Give the strategy back what it kept, and begin."""
        self.running = True
        self._timed_ns = self._kernel.now()
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001  a strategy is foreign code
            self.fail(error)
            return
        self._hears_fills = self._listens("on_fill")
        self._hears_orders = self._listens("on_order")
        subscribe = self._kernel.bus.subscribe
        self._unsubscribes = [
            subscribe(r.OrderIntended, self._on_intent),
            subscribe(r.FillRecorded, self._on_fill),
            subscribe(r.AttemptEnded, self._on_order),
            subscribe(r.OrderReported, self._on_order),
            subscribe(r.DoubtResolved, self._on_order),
        ]
        self._hear_market()

    def _hear_market(self) -> None:
        subscribe = self._kernel.bus.subscribe
        if self._listens("on_book"):
            self._market.append(subscribe(OrderBook, self._on_book))
        if self._listens("on_quote"):
            self._market.append(subscribe(Quote, self._on_quote))
        if self._listens("on_trade"):
            self._market.append(subscribe(Trade, self._on_trade))
        if self._listens("on_bar"):
            self._market.append(subscribe(Bar, self._on_bar))

    def pause(self) -> None:
        """Tell it no more of the market and of time; of its orders it still hears."""
        self.paused = True
        self._end(self._market)

    def resume(self) -> None:
        """Tell it of the market again. What it missed it does not hear of."""
        if not self.paused:
            return
        self.paused = False
        self._timed_ns = self._kernel.now()
        if self.running:
            self._hear_market()

    def _end(self, subscriptions: list[Any]) -> None:
        for unsubscribe in subscriptions:
            unsubscribe()
        subscriptions.clear()

    def _begin(self) -> None:
        saved = self._kernel.state.strategies.get(self.strategy.id)
        if saved is not None:
            resume = getattr(self.strategy, "resume", None)
            restore = resume or getattr(self.strategy, "restore", None)
            if restore is not None:
                restore(saved)
        self.strategy.start(self._desk)

    def _listens(self, handler: str) -> bool:
        """Tell whether an event is worth a call: a handler left empty costs nothing."""
        strategy = self.strategy
        if not isinstance(strategy, PlainStrategy):
            return hasattr(strategy, handler)
        if handler == "on_bar":
            return True  # its last close and its indicators, whatever it overrides
        own = getattr(strategy, handler)
        return getattr(own, "__func__", own) is not getattr(PlainStrategy, handler)

    @property
    def bars_wanted(self) -> int:
        """How many bars of the past it wants; 0 when it takes bars of any width."""
        return int(getattr(self.strategy, "warm_up", 0)) if self.width_ns else 0

    def wants(self, instrument: InstrumentId) -> bool:
        """Tell whether the strategy trades an instrument."""
        wanted = self._wanted.get(instrument)
        if wanted is None:
            trades = getattr(self.strategy, "trades", None)
            wanted = trades is None or bool(trades(symbol_of(instrument)))
            self._wanted[instrument] = wanted
        return wanted

    def warm(self, history: Iterable[Bar]) -> None:
        """Hand over bars of the past, oldest first, before or after newer ones."""
        warm = getattr(self.strategy, "warm", None)
        if warm is None or self.failed:
            return
        try:
            warm(
                bar
                for bar in history
                if self.wants(bar.instrument) and self.width_ns in (0, bar.width_ns)
            )
        except Exception as error:  # noqa: BLE001  a strategy fails alone
            self.fail(error)

    def stop(self) -> None:
        """Stop handing over events, and journal the strategy's state."""
        if not self.running:
            return
        self._end(self._unsubscribes)
        self._end(self._market)
        try:
            self.strategy.stop()
            self._save()
        except Exception as error:  # noqa: BLE001  it must not keep the desk from ending
            self.fail(error)
        self.running = False

    def tick(self, now_ns: int) -> None:
        """Call the timer when it is due, and journal what changed.

        Of several times that have passed since the last tick only the latest is called.
        """
        if not self.running:
            return
        try:
            if self._timer_ns and not self.paused:
                due_ns = now_ns - now_ns % self._timer_ns
                if due_ns > self._timed_ns:
                    self._timed_ns = due_ns
                    self.strategy.on_timer(due_ns)
            self._save()
        except Exception as error:  # noqa: BLE001  a strategy fails alone
            self.fail(error)

    def next_timer_ns(self, after_ns: int) -> int | None:
        """Return the first time after `after_ns` at which on_timer is due, None for never."""
        if not self._timer_ns or not self.running:
            return None
        return after_ns - after_ns % self._timer_ns + self._timer_ns

    def save(self) -> None:
        """Journal what the strategy keeps, if it changed since the last time."""
        if not self.running:
            return
        try:
            self._save()
        except Exception as error:  # noqa: BLE001  a strategy fails alone
            self.fail(error)

    def _save(self) -> None:
        self._has_ordered = False
        snapshot = getattr(self.strategy, "snapshot", None)
        state = snapshot or getattr(self.strategy, "state", None)
        kept = state() if state is not None else {}
        try:
            encoded = _encoder.encode(kept)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"the state of {self.strategy.id} cannot be written: {error}"
            ) from error
        if encoded == self._saved or not (kept or self._saved):
            return
        # Decoded again, so that what the strategy changes later stays its own.
        record = r.StrategySaved(
            at=self._kernel.now(),
            strategy=self.strategy.id,
            state=_decoder.decode(encoded),
        )
        try:
            self._kernel.commit([record])
        except JournalError as error:
            if error.code == "record-unfit":
                raise
            log.warning("%s: its state is not journaled: %s", self.strategy.id, error)
            return  # tried again at the next tick
        self._saved = encoded

    def _save_at_failure(self) -> None:
        """Journal what it knows of orders it has just made: the next start must not repeat them."""
        try:
            self._save()
        except Exception as error:  # noqa: BLE001  it failed already
            log.warning("%s: its last state is lost: %s", self.strategy.id, error)

    def owns(self, handler: object) -> bool:
        return getattr(handler, "__self__", None) in (self, self.strategy)

    def fail(self, error: Exception) -> None:
        """Take a strategy that raised off the bus."""
        if not self.running:
            return
        self.failed = f"{type(error).__name__}: {error}"
        self.error = error
        if self._has_ordered:
            self._save_at_failure()
        self.running = False
        self._end(self._unsubscribes)
        self._end(self._market)
        log.error("strategy %s failed and is stopped", self.strategy.id, exc_info=error)
        alarm = r.Alarmed(
            at=self._kernel.now(),
            code="strategy-failed",
            words=f"{self.strategy.id} is stopped: {self.failed}",
        )
        self._kernel.note([alarm])

    def _on_book(self, book: OrderBook) -> None:
        self.strategy.on_book(book.instrument, book)
        if self._has_ordered:
            self._save()

    def _on_quote(self, quote: Quote) -> None:
        self.strategy.on_quote(quote)
        if self._has_ordered:
            self._save()

    def _on_trade(self, trade: Trade) -> None:
        self.strategy.on_trade(trade)
        if self._has_ordered:
            self._save()

    def _on_bar(self, bar: Bar) -> None:
        wanted = self._wanted.get(bar.instrument)
        if wanted is None:
            wanted = self.wants(bar.instrument)
        if wanted and (not self.width_ns or self.width_ns == bar.width_ns):
            self._take_bar(bar)
            if self._has_ordered:
                self._save()

    def _on_intent(self, record: r.OrderIntended) -> None:
        if record.request.strategy == self.strategy.id:
            self._has_ordered = True

    def _on_fill(self, record: r.FillRecorded) -> None:
        if not (self._hears_fills or self._has_ordered):
            return
        order = self._mine(record.order_id)
        if order is not None:
            if self._hears_fills:
                self.strategy.on_fill(record.fill, order.view())
            if self._has_ordered:
                self._save()

    def _on_order(self, record: r.AttemptEnded | r.OrderReported | r.DoubtResolved) -> None:
        if not (self._hears_orders or self._has_ordered):
            return
        order = self._mine(record.order_id)
        if order is not None:
            if self._hears_orders:
                self.strategy.on_order(order.view())
            if self._has_ordered:
                self._save()

    def _mine(self, order_id: OrderId | None) -> OrderState | None:
        order = self._kernel.state.orders.get(order_id) if order_id is not None else None
        if order is None or order.request.strategy != self.strategy.id:
            return None
        return order


def _ignore(event: object) -> None:
    """Take what a strategy has no handler for."""
