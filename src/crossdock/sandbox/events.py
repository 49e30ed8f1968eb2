"""What befalls a venue and its accounts without a client's doing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal

from crossdock.model import ContractKind, FillKind, OrderType, Side
from crossdock.sandbox.engine import OrderForm, Refused, VenueFill
from crossdock.sandbox.faults import EVENTS, Armed, FaultKind
from crossdock.sandbox.host import Host

_DEPOSIT = Decimal(100)
_FUNDING_RATE = Decimal("0.0001")
_STEP_BACK_S = 3.0
_LOOK_BACK = 50

Occurrence = Callable[[Host, Armed], bool]


def let_occur(host: Host, restart: Callable[[], int]) -> None:
    """Let armed events happen, those that can; the others go on waiting."""
    for armed in host.faults:
        if armed.kind not in EVENTS:
            continue
        if armed.kind is FaultKind.VENUE_RESTART:
            occurred = restart() > 0
        else:
            try:
                occurred = _OCCURRENCES[armed.kind](host, armed)
            except Refused:
                occurred = False
        if occurred:
            host.faults.bite(armed)
    host.flush()


def _accounts(host: Host, armed: Armed) -> list[str]:
    accounts = host.venue.accounts
    return [name for name in accounts if armed.account in (None, name)]


def _symbols(host: Host, armed: Armed) -> list[str]:
    return [symbol for symbol in host.venue.markets if armed.symbol in (None, symbol)]


def _half_open(host: Host, _armed: Armed) -> bool:
    awake = [it for it in host.connections if it.wire.is_open and not it.wire.is_silent]
    if not awake:
        return False
    signed_in = [it for it in awake if it.is_signed_in]
    (signed_in or awake)[-1].wire.freeze()
    return True


def _session_expired(host: Host, armed: Armed) -> bool:
    return host.expire_sessions(armed.account) > 0


def _clock_step(host: Host, armed: Armed) -> bool:
    async def step_back() -> None:
        await host.clock.sleep(_STEP_BACK_S)
        host.step_clock(-armed.seconds)

    host.step_clock(armed.seconds)
    host.spawn(step_back())
    return True


def _liquidation(host: Host, armed: Armed) -> bool:
    for account in _accounts(host, armed):
        for position in host.venue.positions(account):
            if position.quantity and armed.symbol in (None, position.symbol):
                host.venue.liquidate(account, position.symbol, host.now_ns())
                return True
    return False


def _on_newest_fill(
    host: Host, armed: Armed, change: Callable[[str, VenueFill], object]
) -> bool:
    """Apply a change to the newest execution that still stands."""
    for account in _accounts(host, armed):
        for fill in reversed(host.venue.fills(account)[-_LOOK_BACK:]):
            if fill.kind is FillKind.BUSTED:
                continue
            with contextlib.suppress(Refused):
                change(account, fill)
                return True
    return False


def _bust(host: Host, armed: Armed) -> bool:
    def take_back(account: str, fill: VenueFill) -> None:
        host.venue.bust(account, fill.execution_id, host.now_ns())

    return _on_newest_fill(host, armed, take_back)


def _correction(host: Host, armed: Armed) -> bool:
    def reprice(account: str, fill: VenueFill) -> None:
        tick = host.venue.markets[fill.symbol].tick_at(fill.price)
        price = fill.price // tick * tick + tick
        host.venue.correct(account, fill.execution_id, price, host.now_ns())

    return _on_newest_fill(host, armed, reprice)


def _manual_order(host: Host, armed: Armed) -> bool:
    """Trade one lot at market, or what the least notional asks, and leave an order."""
    venue = host.venue
    for account in _accounts(host, armed):
        for symbol in _symbols(host, armed):
            _, bid, ask = venue.top(symbol)
            market = venue.markets[symbol]
            if bid is None or ask is None:
                continue
            tick = market.tick_at(bid[0])
            far = bid[0] * Decimal("0.9") // tick * tick
            lots = max(
                market.min_quantity / market.quantity_step,
                market.min_notional / (far * market.multiplier * market.quantity_step),
                Decimal(1),
            )
            quantity = lots.to_integral_value(ROUND_CEILING) * market.quantity_step
            taken = OrderForm(
                client_order_id="",
                symbol=symbol,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=quantity,
            )
            resting = OrderForm(
                client_order_id="",
                symbol=symbol,
                side=Side.BUY,
                type=OrderType.LIMIT,
                quantity=quantity,
                limit_price=far,
            )
            with contextlib.suppress(Refused):
                venue.manual_order(account, taken, host.now_ns())
                with contextlib.suppress(Refused):
                    venue.manual_order(account, resting, host.now_ns())
                return True
    return False


def _deposit(host: Host, armed: Armed) -> bool:
    for account in _accounts(host, armed):
        asset = host.venue.spec.markets[0].quote
        host.venue.deposit(account, asset, _DEPOSIT, host.now_ns())
        return True
    return False


def _funding(host: Host, armed: Armed) -> bool:
    paid = False
    for symbol in _symbols(host, armed):
        if host.venue.markets[symbol].kind is not ContractKind.SPOT:
            with contextlib.suppress(Refused):
                paid |= bool(host.venue.funding(symbol, _FUNDING_RATE, host.now_ns()))
    return paid


def _tick_change(host: Host, armed: Armed) -> bool:
    symbol = _symbols(host, armed)[0]
    market = host.venue.markets[symbol]
    usual = next(it for it in host.venue.spec.markets if it.symbol == symbol).ticks
    doubled = tuple((floor, tick * 2) for floor, tick in usual)
    ticks = usual if market.ticks == doubled else doubled
    host.venue.tick_change(symbol, ticks, host.now_ns())
    return True


_OCCURRENCES: dict[FaultKind, Occurrence] = {
    FaultKind.HALF_OPEN: _half_open,
    FaultKind.SESSION_EXPIRED: _session_expired,
    FaultKind.CLOCK_STEP: _clock_step,
    FaultKind.LIQUIDATION: _liquidation,
    FaultKind.BUST: _bust,
    FaultKind.CORRECTION: _correction,
    FaultKind.MANUAL_ORDER: _manual_order,
    FaultKind.DEPOSIT: _deposit,
    FaultKind.FUNDING: _funding,
    FaultKind.TICK_CHANGE: _tick_change,
}
