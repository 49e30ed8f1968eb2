"""What people are told of one account, and the halt that keeps it from new risk."""

from __future__ import annotations

import logging

from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.model import symbol_of

log = logging.getLogger(__name__)


class Alarms:
    """Each is logged and journaled; what is foreign halts the account where it says so."""

    def __init__(self, kernel: Kernel, options: GatewayOptions) -> None:
        self._kernel = kernel
        self._options = options
        self._account = options.account

    def halt(self, by: str, reason: str) -> None:
        """Take no new risk in this account until a person resumes it."""
        self._kernel.note(
            [
                r.AccountHalted(
                    at=self._kernel.now(),
                    account=self._account,
                    halted=True,
                    by=by,
                    reason=reason,
                )
            ]
        )

    def of_account_away(self, error: BaseException) -> None:
        self._tell("account-away", f"{self._account} is quarantined: {error}")

    def of_unknown_symbols(self) -> None:
        """Warn of what the venue does not list; the rest goes on."""
        venue = self._options.venue
        listed = {
            symbol_of(i) for i in self._kernel.state.instruments if i.endswith(f"@{venue}")
        }
        for symbol in self._options.symbols:
            if symbol not in listed:
                words = f"{self._account}: {venue} does not list {symbol}; skipped"
                self._tell("symbol-not-listed", words)

    def of_first_positions(self) -> None:
        """Show what the account held before Crossdock came, and do as the policy says."""
        held = [
            f"{position.quantity} {position.key.instrument}"
            for position in self._kernel.state.ledger.positions(self._account)
            if position.quantity
        ]
        if not held:
            return
        words = f"{self._account} held {', '.join(held)} before the first start"
        self._tell("foreign-position", words)
        self._halt_if_told(f"foreign positions: {words}")

    def of_foreign_order(self, order: OrderState) -> None:
        request = order.request
        words = (
            f"{self._account}: {request.side} {order.quantity} {request.instrument} "
            f"is not ours (venue id {order.venue_order_ids[-1]})"
        )
        self._tell("foreign-order", words)
        self._halt_if_told(f"foreign order: {words}")

    def of_market_down(self, reason: str) -> None:
        venue = self._options.venue
        words = f"{self._account}: no market data of {venue} comes: {reason}"
        self._tell("market-down", words)

    def of_unexplained(self, words: str) -> None:
        """Halt the account, once, for holdings that nothing told of explains."""
        if not self._kernel.state.account(self._account).halted:
            self.halt("crossdock", f"unexplained holdings: {words}")
            self._tell("unexplained-position", f"{self._account}: {words}")

    def _halt_if_told(self, reason: str) -> None:
        if self._options.foreign == "halt":
            self.halt("crossdock", reason)

    def _tell(self, code: str, words: str) -> None:
        words = self._kernel.scrub(words)
        log.warning("%s: %s", code, words)
        alarm = r.Alarmed(
            at=self._kernel.now(), code=code, words=words, account=self._account
        )
        self._kernel.note([alarm])
