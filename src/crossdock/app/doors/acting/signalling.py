"""Signals from outside the desk: sized and checked like a strategy's own, taken once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.dealing.portfolios import known_portfolio
from crossdock.app.desk.dealing.signals import Acted
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.acting.tickers import Tickers
from crossdock.app.doors.acting.trading import TradingOperations
from crossdock.app.showing import number, show_order
from crossdock.core import records as r
from crossdock.core.ledger import EXTERNAL
from crossdock.core.orders import OrderState
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import (
    AccountId,
    CorrelationId,
    Direction,
    Instrument,
    PortfolioId,
    Side,
    Signal,
    StrategyId,
    symbol_of,
    venue_of,
)

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

_SIDES = {Direction.LONG: Side.BUY, Direction.SHORT: Side.SELL}
_BY_HAND = "manual"
_UNDONE = "not done: "
_MOST_ALIKE = 4


class SignalOperations:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tickers = Tickers(())
        self._tickers_of = -1  # listings known: not even a snapshot's yet

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
        symbols: Sequence[str] = (),
        most_quantity: str | None = None,
    ) -> dict[str, Any]:
        """Act on a signal: by its own quantity where it has one, else sized to a target.

        The same correlation again is answered with what became of the first, and nothing
        is done. What risk refuses is an answer too: `refused`, or `needs-approval` where
        only a person's word is missing. `flat` cancels what this strategy has working and
        closes what it holds, at market; the answer is `closing` where that takes longer, and
        an alarm tells of what stays.

        `symbols` are all that may be traded, with `@venue` there alone; no order opens more
        than `most_quantity`, and `flat` closes all the same.
        """
        desk = self._desk
        if (known := self._known(correlation)) is not None:
            return known
        if strategy in desk.strategy_floor.plans():
            raise DeskError(
                f"{strategy} is a strategy of this desk: a signal may not speak for it",
                code="bad-argument",
            )
        if strategy == _BY_HAND:
            raise DeskError(
                "what people hold by hand is no signal's to trade", code="forbidden"
            )
        if portfolio == EXTERNAL:
            raise DeskError(
                "what people hold past the desk is no signal's to trade", code="forbidden"
            )
        if direction != Direction.FLAT:  # what one that is gone holds can still be left
            known_portfolio(portfolio, desk.settings.portfolios)
        most = None if most_quantity is None else number(most_quantity, "most_quantity")
        try:
            signal = Signal(
                symbol=self._symbol(symbol, symbols, account),
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
        opens = quantity is not None and signal.direction is not Direction.FLAT
        if quantity is not None and opens and most is not None:
            _require_at_most(number(quantity, "quantity"), most)
        chosen = self._accounts(signal.symbol, symbol, symbols, account)
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
            if signal.direction is Direction.FLAT:
                acted = desk.closings.begin(signal, frozenset(chosen))
            elif quantity is None:
                capital = desk.figures.capital(signal.portfolio)
                acted = desk.signals.act(signal, capital, chosen, most=most)
            else:
                acted = Acted([self._place(signal, quantity, limit, chosen)])
            if signal.direction is not Direction.FLAT:
                desk.closings.give_up(signal, frozenset(chosen))
        except RiskRefused as refusal:
            return _refused(correlation, refusal.reasons)
        except DeskError as error:
            # Nothing went out: the same signal again is not a repetition.
            if self._routed(correlation):
                self._emit(signal, f"{_UNDONE}{error.message}")
            raise
        if acted.orders:
            return self._ordered(correlation, acted.reasons, repeated=False)
        return self._without_orders(correlation, acted.reasons, repeated=False)

    def _place(
        self,
        signal: Signal,
        quantity: str,
        limit: str | None,
        chosen: Collection[AccountId],
    ) -> OrderState:
        asked = number(quantity, "quantity")
        gateways = self._desk.gateways
        venues = {gateways[each].options.venue for each in chosen}
        if len(venues) > 1:
            raise DeskError(
                f"{signal.symbol} could be at {' or '.join(sorted(venues))}",
                code="ambiguous-symbol",
                hint=f"name the venue: {signal.symbol}@{min(venues)}",
            )
        terms = TradingOperations(self._desk).request_by_hand(
            side=_SIDES[signal.direction].value,
            symbol="@".join((signal.symbol, *venues)),
            quantity=quantity,
            limit=limit,
            account=next(iter(chosen)) if len(chosen) == 1 else "",
            portfolio=signal.portfolio,
        )
        request = replace(terms, strategy=signal.strategy, correlation=signal.correlation)
        price = "at market" if limit is None else f"at {limit}"
        self._emit(signal, f"{asked:f} {price}, as the signal says")
        return self._desk.dealing.place(request)

    def _emit(self, signal: Signal, routed: str) -> None:
        kernel = self._desk.kernel
        kernel.note([r.SignalEmitted(at=kernel.now(), signal=signal, routed=routed)])

    # ---- what may be traded, and where --------------------------------------------

    def _accounts(
        self, symbol: str, given: str, symbols: Sequence[str], account: str
    ) -> set[AccountId]:
        """Return the accounts that may be used; none stands for any."""
        desk = self._desk
        venues = {_venue(given)} - {""}
        if symbols:
            allowed = self._allowed(symbols).get(symbol, set())
            if not allowed or ("" not in allowed and not venues <= allowed):
                raise DeskError(f"{given!r} may not be traded here", code="forbidden")
            if "" not in allowed:
                venues = venues or allowed
        one = desk.dealing.gateway(AccountId(account)) if account else None
        if not venues:
            return {one.account} if one else set()
        here = [one] if one else desk.gateways.values()
        found = {it.account for it in here if it.options.venue in venues}
        if not found:
            at = " or ".join(sorted(venues))
            raise DeskError(
                f"{account} is not at {at}" if one else f"no account is at {at}",
                code="forbidden" if one else "unknown-symbol",
            )
        return found

    def _allowed(self, symbols: Sequence[str]) -> Mapping[str, set[str]]:
        """Return the venues at which `symbols` let each of the desk's be traded; "": any."""
        tickers, venues = self._known_tickers(), defaultdict[str, set[str]](set)
        for each in symbols:
            match tickers.meant(each):
                case [symbol]:
                    venues[symbol].add(_venue(each))
        return venues

    def _known_tickers(self) -> Tickers:
        state = self._desk.kernel.state
        if self._tickers_of != (listings := state.listings):
            self._tickers = Tickers(state.instruments.values())
            self._tickers_of = listings
        return self._tickers

    def _symbol(self, given: str, symbols: Sequence[str], account: str) -> str:
        """Return one of the desk's symbols: written as here, or as charts do (BTCUSDT)."""
        found = self._known_tickers().meant(given)
        if len(found) == 1:
            return found[0]
        alike = self._alike(given, symbols, account)
        raise DeskError(
            f"{given!r} could be {' or '.join(found)}"
            if found
            else f"no account trades {given!r}",
            code="ambiguous-symbol" if found else "unknown-symbol",
            hint=f"write it as the desk does: {' or '.join(alike)}"
            if alike
            else "write it as `crossdock status` does, like BTC/USDT",
        )

    def _alike(self, given: str, symbols: Sequence[str], account: str) -> list[str]:
        """Return what looks like a ticker and may be traded here, likeliest first."""
        gateways = self._desk.gateways.items()
        venues = {it.options.venue for name, it in gateways if account in ("", name)}
        allowed = self._allowed(symbols)

        def may(each: Instrument) -> bool:
            venue, here = venue_of(each.id), allowed.get(symbol_of(each.id), ())
            return venue in venues and (not symbols or "" in here or venue in here)

        return self._known_tickers().alike(given, may)[:_MOST_ALIKE]

    # ---- what became of it ------------------------------------------------------

    def _known(self, correlation: str) -> dict[str, Any] | None:
        if not correlation:
            raise DeskError("a signal needs a correlation of its own", code="bad-argument")
        if self._orders(correlation):
            return self._ordered(correlation, self._reasons(correlation), repeated=True)
        reasons = self._reasons(correlation)
        if reasons and not self._desk.closings.is_on(correlation):
            return _refused(correlation, reasons, repeated=True)
        routed = self._routed(correlation)
        if not routed or routed.startswith(_UNDONE):
            return None
        return self._without_orders(correlation, reasons, repeated=True)

    def _reasons(self, correlation: str) -> list[tuple[str, str]]:
        """Return why what it asked for did not all go out."""
        return [
            reason
            for refused in self._desk.happenings.refusals
            if refused.request.correlation == correlation
            for reason in refused.reasons
        ]

    def _orders(self, correlation: str) -> list[OrderState]:
        orders = self._desk.kernel.state.orders.values()
        return [it for it in orders if it.request.correlation == correlation]

    def _ordered(
        self, correlation: str, reasons: Sequence[tuple[str, str]], *, repeated: bool
    ) -> dict[str, Any]:
        orders = self._orders(correlation)
        return _answer(
            "ordered",
            correlation,
            words=self._routed(correlation),
            repeated=repeated,
            order_ids=[order.order_id for order in orders],
            reasons=[list(reason) for reason in reasons],
            order=show_order(orders[0]),
        )

    def _without_orders(
        self, correlation: str, reasons: Sequence[tuple[str, str]], *, repeated: bool
    ) -> dict[str, Any]:
        is_on = self._desk.closings.is_on(correlation)
        return _answer(
            "closing" if is_on else "nothing-to-do",
            correlation,
            words=self._routed(correlation),
            repeated=repeated,
            reasons=[list(reason) for reason in reasons],
        )

    def _routed(self, correlation: str) -> str:
        for emitted in reversed(self._desk.happenings.signals):
            if emitted.signal.correlation == correlation:
                return emitted.routed
        return ""


def _refused(
    correlation: str, reasons: Sequence[tuple[str, str]], *, repeated: bool = False
) -> dict[str, Any]:
    checks = {check for check, _ in reasons}
    return _answer(
        "needs-approval" if checks == {"approval"} else "refused",
        correlation,
        words="; ".join(f"{check}: {why}" for check, why in reasons),
        repeated=repeated,
        reasons=[list(reason) for reason in reasons],
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


def _require_at_most(quantity: Decimal, most: Decimal) -> None:
    if quantity > most:
        raise DeskError(f"a signal orders {most:f} at most here", code="forbidden")


def _venue(given: str) -> str:
    return given.partition("@")[2]
