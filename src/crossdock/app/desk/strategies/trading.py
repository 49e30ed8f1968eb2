"""The desk as one strategy sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.desk.dealing.signals import Signals
from crossdock.app.desk.market.markets import Markets
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core.orders import OrderState
from crossdock.errors import Error
from crossdock.model import (
    AccountId,
    Instrument,
    InstrumentId,
    OrderId,
    OrderRequest,
    OrderView,
    PortfolioId,
    Position,
    Signal,
    StrategyId,
    symbol_of,
    venue_of,
)
from crossdock.ports import Book

log = logging.getLogger(__name__)


class StrategyDesk:
    """Implements `ports.Trading`. A refusal is recorded, and no strategy's problem."""

    def __init__(
        self,
        kernel: Kernel,
        dealing: Dealing,
        signals: Signals,
        markets: Markets,
        gateways: Mapping[AccountId, Gateway],
        *,
        strategy: StrategyId,
        portfolio: PortfolioId,
        accounts: tuple[AccountId, ...],
        capital: Callable[[], Decimal],
    ) -> None:
        self._kernel = kernel
        self._dealing = dealing
        self._signals = signals
        self._markets = markets
        self._gateways = gateways
        self._strategy = strategy
        self._portfolio = portfolio
        self._allowed = accounts
        self._capital = capital

    def now_ns(self) -> int:
        return self._kernel.clock.time_ns()

    def instrument(self, instrument: InstrumentId) -> Instrument:
        return self._kernel.state.instruments[instrument]

    def instruments(self, symbol: str) -> list[Instrument]:
        listed = self._kernel.state.instruments.values()
        return [instrument for instrument in listed if symbol_of(instrument.id) == symbol]

    def accounts(self, instrument: InstrumentId) -> list[AccountId]:
        venue, state = venue_of(instrument), self._kernel.state
        if state.killed:
            return []
        return [
            account
            for account, gateway in self._gateways.items()
            if gateway.options.venue == venue
            and gateway.ready.is_set()
            and not (state.account(account).killed or state.account(account).halted)
            and (not self._allowed or account in self._allowed)
        ]

    def book(self, instrument: InstrumentId) -> Book:
        return self._markets.book_of(instrument)

    def equity(self) -> Decimal:
        return self._capital()

    def position(self, account: AccountId, instrument: InstrumentId) -> Position | None:
        ledger = self._kernel.state.ledger
        return ledger.part(account, instrument, self._portfolio, self._strategy)

    def open_orders(self) -> list[OrderView]:
        return [
            order.view()
            for order in self._kernel.state.open_orders()
            if order.request.strategy == self._strategy
        ]

    def submit(self, request: OrderRequest) -> OrderId | None:
        named = replace(
            request,
            strategy=self._strategy,
            portfolio=self._portfolio,
            correlation=request.correlation or self._dealing.new_correlation(),
        )
        return _quietly(lambda: self._place(named))

    def _place(self, request: OrderRequest) -> OrderState:
        if self._allowed and request.account not in self._allowed:
            words = f"the settings do not let {self._strategy} use {request.account}"
            self._dealing.refuse(request, "accounts", words)
        return self._dealing.place(request)

    def signal(self, signal: Signal) -> OrderId | None:
        named = replace(signal, strategy=self._strategy, portfolio=self._portfolio)
        return _quietly(lambda: self._signals.act_on(named, self._capital(), self._allowed))

    def cancel(self, order: OrderId) -> None:
        state = self._mine(order)
        if state is not None:
            _quietly(lambda: self._dealing.cancel(state))

    def replace(
        self,
        order: OrderId,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
    ) -> None:
        state = self._mine(order)
        if state is not None:
            _quietly(
                lambda: self._dealing.replace(
                    state, quantity=quantity, limit_price=limit_price
                )
            )

    def _mine(self, order: OrderId) -> OrderState | None:
        state = self._kernel.state.orders.get(order)
        mine = state is not None and state.request.strategy == self._strategy
        return state if mine else None


def _quietly(deal: Callable[[], object]) -> OrderId | None:
    """Deal; what our own gate or desk refuses is logged and recorded, not raised."""
    try:
        dealt = deal()
    except Error as error:
        log.debug("%s", error)
        return None
    return dealt.order_id if isinstance(dealt, OrderState) else None
