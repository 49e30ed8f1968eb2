"""Runs one strategy: hands it events, keeps its state, survives its errors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from crossdock.app.kernel import Kernel
from crossdock.app.nearest import did_you_mean
from crossdock.core import records as r
from crossdock.core.book import OrderBook
from crossdock.errors import ConfigError
from crossdock.model import OrderId, PortfolioId, Quote, StrategyId, Trade
from crossdock.ports import Strategy, Trading
from crossdock.strategies import EXAMPLES

log = logging.getLogger(__name__)


def make_strategy(
    name: str, kind: str, symbols: tuple[str, ...], params: Mapping[str, Any]
) -> Strategy:
    """Import and make a strategy. Raises ConfigError that names the setting."""
    target = EXAMPLES.get(kind, kind)
    module, separator, attribute = target.partition(":")
    if not separator:
        raise ConfigError(
            f"strategies.{name}.kind: there is no strategy {kind!r}",
            code="strategy-unknown",
            hint=did_you_mean(kind, EXAMPLES) or 'expected an example or "module:Class"',
        )
    try:
        made: Strategy = getattr(import_module(module), attribute)(
            StrategyId(name), symbols, params
        )
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"strategies.{name}.kind: {kind!r} cannot be imported: {error}",
            code="strategy-unknown",
        ) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ConfigError(
            f"strategies.{name}.params: {error}", code="strategy-params"
        ) from error
    return made


class Runner:
    """One strategy on the bus. One that raises is stopped; its orders stay as they are."""

    def __init__(
        self, kernel: Kernel, strategy: Strategy, desk: Trading, portfolio: PortfolioId
    ) -> None:
        self.strategy = strategy
        self.portfolio = portfolio
        self.running = False
        self.failed = ""
        self._kernel = kernel
        self._desk = desk
        self._unsubscribes: list[Any] = []

    def start(self) -> None:
        self.running = True
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001  a strategy is foreign code
            self.fail(error)
            return
        subscribe = self._kernel.bus.subscribe
        self._unsubscribes = [
            subscribe(OrderBook, self._on_book),
            subscribe(Quote, self.strategy.on_quote),
            subscribe(Trade, self.strategy.on_trade),
            subscribe(r.FillRecorded, self._on_fill),
            subscribe(r.AttemptEnded, self._on_order),
            subscribe(r.OrderReported, self._on_order),
            subscribe(r.DoubtResolved, self._on_order),
        ]

    def _begin(self) -> None:
        saved = self._kernel.state.strategies.get(self.strategy.id)
        restore = getattr(self.strategy, "restore", None)
        if saved is not None and restore is not None:
            restore(saved)
        self.strategy.start(self._desk)

    def stop(self) -> None:
        """Stop handing over events, and journal the strategy's state."""
        if not self.running:
            return
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        try:
            self._finish()
        except Exception as error:  # noqa: BLE001  it must not keep the desk from ending
            self.fail(error)
        self.running = False

    def _finish(self) -> None:
        self.strategy.stop()
        state = getattr(self.strategy, "state", None)
        saved = state() if state is not None else {}
        if saved:
            record = r.StrategySaved(
                at=self._kernel.now(), strategy=self.strategy.id, state=saved
            )
            self._kernel.commit([record])

    def tick(self, now_ns: int) -> None:
        if not self.running:
            return
        try:
            self.strategy.on_timer(now_ns)
        except Exception as error:  # noqa: BLE001  a strategy fails alone
            self.fail(error)

    def owns(self, handler: object) -> bool:
        return getattr(handler, "__self__", None) in (self, self.strategy)

    def fail(self, error: Exception) -> None:
        """Take a strategy that raised off the bus."""
        if not self.running:
            return
        self.failed = f"{type(error).__name__}: {error}"
        self.running = False
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        log.error("strategy %s failed and is stopped", self.strategy.id, exc_info=error)
        alarm = r.Alarmed(
            at=self._kernel.now(),
            code="strategy-failed",
            words=f"{self.strategy.id} is stopped: {self.failed}",
        )
        self._kernel.note([alarm])

    def _on_book(self, book: OrderBook) -> None:
        self.strategy.on_book(book.instrument, book)

    def _on_fill(self, record: r.FillRecorded) -> None:
        order = self._mine(record.order_id)
        if order is not None:
            self.strategy.on_fill(record.fill, order.view())

    def _on_order(self, record: r.AttemptEnded | r.OrderReported | r.DoubtResolved) -> None:
        order = self._mine(record.order_id)
        if order is not None:
            self.strategy.on_order(order.view())

    def _mine(self, order_id: OrderId | None) -> Any:
        order = self._kernel.state.orders.get(order_id) if order_id is not None else None
        if order is None or order.request.strategy != self.strategy.id:
            return None
        return order
