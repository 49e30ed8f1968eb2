"""Signals from outside the desk: sized and checked like a strategy's own, taken once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.acting.trading import TradingOperations
from crossdock.app.showing import number, show_order
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import (
    AccountId,
    CorrelationId,
    Direction,
    PortfolioId,
    Side,
    Signal,
    StrategyId,
    symbol_of,
)

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

_SIDES = {Direction.LONG: Side.BUY, Direction.SHORT: Side.SELL}


class SignalOperations:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {"take_signal": self.take_signal}

    def take_signal(
        self,
        *,
        symbol: str,
        direction: str,
        strategy: str,
        correlation: str,
        by: str,
        door: str = "",
        portfolio: str = "main",
        account: str = "",
        confidence: float = 1.0,
        strength: float = 1.0,
        horizon_s: float = 3600.0,
        quantity: str | None = None,
        limit: str | None = None,
        words: str = "",
    ) -> dict[str, Any]:
        """Act on a signal: by its own quantity where it has one, else sized to a target.

        The same correlation again is answered with what became of the first, and nothing
        is done. What risk refuses is an answer too: `refused`, or `needs-approval` where
        only a person's word is missing. `flat` closes what this strategy holds.
        """
        desk = self._desk
        if (known := self._known(correlation)) is not None:
            return known
        if strategy in desk.strategy_floor.plans():
            raise DeskError(
                f"{strategy} is a strategy of this desk: a signal may not speak for it",
                code="bad-argument",
            )
        try:
            signal = Signal(
                symbol=self._symbol(symbol),
                direction=Direction(direction),
                confidence=confidence,
                strength=strength,
                horizon_s=horizon_s,
                strategy=StrategyId(strategy),
                portfolio=PortfolioId(portfolio),
                correlation=CorrelationId(correlation),
                time_ns=desk.kernel.now(),
            )
        except ValueError as error:
            raise DeskError(str(error), code="bad-argument") from error
        chosen = {desk.dealing.gateway(AccountId(account)).account} if account else set()
        person_acts(
            desk.kernel,
            by,
            "take_signal",
            symbol,
            door=door,
            words=words or direction,
            correlation=correlation,
        )
        try:
            if quantity is None or signal.direction is Direction.FLAT:
                capital = desk.figures.capital(signal.portfolio)
                placed = desk.signals.act_on(signal, capital, chosen)
            else:
                placed = self._place(signal, symbol, quantity, limit, account)
        except RiskRefused as refusal:
            return _refused(correlation, refusal)
        if placed is None:
            return _answer("nothing-to-do", correlation, words=self._routed(correlation))
        return self._ordered(correlation, repeated=False)

    def _place(
        self, signal: Signal, symbol: str, quantity: str, limit: str | None, account: str
    ) -> OrderState:
        asked = number(quantity, "quantity")
        venue = symbol.partition("@")[2]
        terms = TradingOperations(self._desk).request_by_hand(
            side=_SIDES[signal.direction].value,
            symbol=f"{signal.symbol}@{venue}" if venue else signal.symbol,
            quantity=quantity,
            limit=limit,
            account=account,
            portfolio=signal.portfolio,
        )
        request = replace(terms, strategy=signal.strategy, correlation=signal.correlation)
        price = "at market" if limit is None else f"at {limit}"
        kernel = self._desk.kernel
        routed = f"{asked:f} {price}, as the signal says"
        kernel.note([r.SignalEmitted(at=kernel.now(), signal=signal, routed=routed)])
        return self._desk.dealing.place(request)

    def _symbol(self, given: str) -> str:
        """Return one of the desk's symbols: written as here, or as charts do (BTCUSDT)."""
        plain = given.partition("@")[0]
        known = {symbol_of(each) for each in self._desk.kernel.state.instruments}
        if plain in known:
            return plain
        wanted = _squeezed(plain.rpartition(":")[2])
        found = sorted(each for each in known if _squeezed(each) == wanted)
        if len(found) == 1:
            return found[0]
        raise DeskError(
            f"{given!r} could be {' or '.join(found)}"
            if found
            else f"no account trades {given!r}",
            code="ambiguous-symbol" if found else "unknown-symbol",
            hint="write it as `crossdock status` does, like BTC/USDT",
        )

    # ---- what became of it ------------------------------------------------------

    def _known(self, correlation: str) -> dict[str, Any] | None:
        if not correlation:
            raise DeskError("a signal needs a correlation of its own", code="bad-argument")
        happenings = self._desk.happenings
        if self._orders(correlation):
            return self._ordered(correlation, repeated=True)
        for refused in happenings.refusals:
            if refused.request.correlation == correlation:
                refusal = RiskRefused(refused.reasons)
                return _refused(correlation, refusal, repeated=True)
        for emitted in happenings.signals:
            if emitted.signal.correlation == correlation:
                return _answer(
                    "nothing-to-do", correlation, words=emitted.routed, repeated=True
                )
        return None

    def _orders(self, correlation: str) -> list[OrderState]:
        orders = self._desk.kernel.state.orders.values()
        return [it for it in orders if it.request.correlation == correlation]

    def _ordered(self, correlation: str, *, repeated: bool) -> dict[str, Any]:
        orders = self._orders(correlation)
        return _answer(
            "ordered",
            correlation,
            words=self._routed(correlation),
            repeated=repeated,
            order_ids=[order.order_id for order in orders],
            order=show_order(orders[0]),
        )

    def _routed(self, correlation: str) -> str:
        for emitted in reversed(self._desk.happenings.signals):
            if emitted.signal.correlation == correlation:
                return emitted.routed
        return ""


def _refused(
    correlation: str, refusal: RiskRefused, *, repeated: bool = False
) -> dict[str, Any]:
    checks = {check for check, _ in refusal.reasons}
    return _answer(
        "needs-approval" if checks == {"approval"} else "refused",
        correlation,
        words="; ".join(f"{check}: {why}" for check, why in refusal.reasons),
        repeated=repeated,
        reasons=[list(reason) for reason in refusal.reasons],
    )


def _answer(outcome: str, correlation: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "outcome": outcome,
        "words": "",
        "correlation": correlation,
        "order_ids": [],
        "reasons": [],
        "order": None,
        "repeated": False,
    }
    return {**answer, **more}


def _squeezed(symbol: str) -> str:
    return "".join(letter for letter in symbol.upper() if letter.isalnum())
