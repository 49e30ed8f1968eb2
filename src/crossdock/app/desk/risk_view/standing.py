"""One account's money, as the risk gate reads it."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from crossdock.app.gateway import Gateway
from crossdock.app.live import first_day_notional
from crossdock.core.risk import day_trades
from crossdock.core.risk.day_trades import trading_day
from crossdock.core.state import State
from crossdock.model import AccountId, InstrumentId

if TYPE_CHECKING:
    from crossdock.app.desk.risk_view.view import DeskView


class Standing:
    """Implements `core.risk.AccountFacts`, each counted when it is asked for.

    Good until prices are valued anew or the account's holdings move; what changes with
    every order is read as it is.
    """

    def __init__(
        self,
        account: AccountId,
        gateway: Gateway,
        state: State,
        view: DeskView,
        *,
        live: bool,
        moved: int,
    ) -> None:
        self.live = live
        self.holdings_moved = moved
        self._account = account
        self._gateway = gateway
        self._state = state
        self._view = view

    @cached_property
    def equity(self) -> Decimal | None:
        return self._view.equity(self._account)

    @property
    def day_start_equity(self) -> Decimal | None:
        begun = self._state.account(self._account)
        return begun.day_equity if begun.day else None

    @cached_property
    def day_pnl(self) -> Decimal | None:
        """What was paid in or out today is no profit."""
        equity, start = self.equity, self.day_start_equity
        if equity is None or start is None:
            return None
        pnl = equity - start
        for asset, amount in self._state.paid_in(self._account).items():
            rate = self._view.rate(asset)
            if rate is not None:
                pnl -= amount * rate
        return pnl

    @property
    def gross_exposure(self) -> Decimal | None:
        return self._view.gross_exposure(self._account)

    @property
    def open_orders(self) -> int:
        return self._state.reservations.orders(self._account)

    @property
    def day_trades(self) -> int:
        """The broker's count or ours, whichever is larger: its own comes late.

        A broker that counts none for this account does not hold it to the rule.
        """
        today = trading_day(self._view.time_ns())
        ours = day_trades.count(self._state.account(self._account).day_trades, today)
        facts = self._gateway.facts
        if facts is None:
            return ours
        return 0 if facts.day_trades is None else max(ours, facts.day_trades)

    @property
    def day_trade_equity(self) -> Decimal | None:
        facts = self._gateway.facts
        return self.equity if facts is None else facts.equity

    def opened_today(self, instrument: InstrumentId) -> bool:
        opened = self._state.account(self._account).opened_on
        return opened.get(instrument) == trading_day(self._view.time_ns())

    @property
    def first_day_notional(self) -> Decimal | None:
        if not self.live:
            return None
        view = self._view
        return first_day_notional(self._state, self._account, view.time_ns(), view.rate)

    @property
    def quarantine(self) -> str:
        gateway = self._gateway
        if not gateway.ready.is_set():
            return f"{gateway.standing}: {gateway.reason or 'not ready yet'}"
        if gateway.facts is not None and gateway.facts.is_trading_blocked:
            return "the broker has blocked trading in it"
        return self._state.account(self._account).halted or gateway.skewed
