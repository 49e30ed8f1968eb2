"""Limits and how much of each is used, what is at work, and what the day has brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.core.amounts import money, telling
from crossdock.core.risk import Limits
from crossdock.core.risk.limits import Limit
from crossdock.model import ZERO, AccountId, Asset, ContractKind, symbol_of

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

_HUNDRED = Decimal(100)
_UNITS = {
    "order_notional_max": "currency",
    "order_quantity_max": "quantity",
    "approval_over": "currency",
    "first_day_order_max": "currency",
    "first_day_total_max": "currency",
    "day_trade_equity": "currency",
    "leverage_max": "times",
    "fat_finger_multiple": "times",
    "correlation_max": "",
    "orders_per_s": "orders/s",
    "orders_per_minute": "orders/min",
}
_ENDINGS = (("_pct", "%"), ("_bps", "bps"), ("_s", "s"))


def risk_told(desk: Desk) -> dict[str, Any]:
    """Return the desk's whole risk in plain values, money in its currency."""
    state, view = desk.kernel.state, desk.view
    accounts = [_account(desk, account) for account in desk.gateways]
    results = [view_of.day_pnl for a in desk.gateways if (view_of := view.account(a))]
    known = [each for each in results if each is not None]
    return {
        "currency": desk.settings.desk.currency,
        "limits": limit_rows(desk),
        "exposure": exposure_told(desk),
        "day_pnl": money(sum(known, ZERO)) if len(known) == len(results) else None,
        "drawdown": desk.equity_history.drawdown(),
        "killed": state.killed,
        "accounts": accounts,
    }


def exposure_told(desk: Desk) -> dict[str, Any]:
    """Return what is at work at today's prices, by symbol, signed, and summed both ways."""
    by_symbol: dict[str, Decimal] = defaultdict(lambda: ZERO)
    unpriced = set()
    for symbol, value in _values(desk):
        if value is None:
            unpriced.add(symbol)
        else:
            by_symbol[symbol] += value
    return {
        "gross": money(sum(map(abs, by_symbol.values()), ZERO)),
        "net": money(sum(by_symbol.values(), ZERO)),
        "by_symbol": {symbol: money(by_symbol[symbol]) for symbol in sorted(by_symbol)},
        "unpriced": sorted(unpriced),
    }


def _values(desk: Desk) -> Iterator[tuple[str, Decimal | None]]:
    """Yield each holding's worth: of spot by its asset, of contracts by their symbol."""
    state, view = desk.kernel.state, desk.view
    currency, marks = desk.settings.desk.currency, view.marks()
    for account in desk.gateways:
        for balance in state.ledger.balances(account):
            if balance.asset != currency and balance.total:
                rate = view.rate(balance.asset)
                yield balance.asset, None if rate is None else balance.total * rate
        for part in state.ledger.attributions(account):
            instrument = state.instruments.get(part.position.key.instrument)
            if instrument is None or instrument.kind is ContractKind.SPOT:
                continue
            quantity = part.position.quantity
            mark, rate = marks.get(instrument.id), view.rate(instrument.settle)
            value = None
            if mark is not None and rate is not None:
                worth = abs(instrument.notional(abs(quantity), mark)) * rate
                value = worth if quantity > 0 else -worth
            yield symbol_of(instrument.id), value


def _account(desk: Desk, account: AccountId) -> dict[str, Any]:
    facts, kept = desk.view.account(account), desk.kernel.state.account(account)
    assert facts is not None, "it is one of the desk's"
    gross, equity = facts.gross_exposure, facts.equity
    return {
        "account": account,
        "live": facts.live,
        "equity": None if equity is None else money(equity),
        "day_start_equity": None
        if facts.day_start_equity is None
        else money(facts.day_start_equity),
        "day_pnl": None if facts.day_pnl is None else money(facts.day_pnl),
        "gross_exposure": None if gross is None else money(gross),
        "open_orders": facts.open_orders,
        "halted": kept.halted,
        "killed": kept.killed,
        "quarantine": facts.quarantine,
    }


def limit_rows(desk: Desk) -> list[dict[str, Any]]:
    """Return each limit of the desk and of every narrower scope, with what is used of it.

    `used` is that of the account that used most; None where a limit judges single orders.
    """
    book, steering = desk.gate.limits, desk.kernel.state.steering
    rows = []
    for each in fields(Limits):
        if each.init:
            value = getattr(book.base, each.name)
            rows.append(_row(desk, each.name, "desk", value, list(desk.gateways)))
    for override in book.overrides:
        scope = next(
            f"{kind}:{name}"
            for kind, name in (
                ("symbol", override.symbol),
                ("strategy", override.strategy),
                ("portfolio", override.portfolio),
                ("account", override.account),
            )
            if name is not None
        )
        accounts = [override.account] if override.account in desk.gateways else []
        rows += [
            _row(desk, name, scope, value, [a for a in accounts if a is not None])
            for name, value in override.values.items()
        ]
    latest = {(row["name"], row["scope"]): row for row in rows}
    for (name, scope), by in steering.limits.items():
        if (name, scope) in latest:
            latest[name, scope] |= {"by": by.by, "reason": by.reason, "at": by.at}
    return list(latest.values())


def _row(
    desk: Desk, name: str, scope: str, value: Limit, accounts: list[AccountId]
) -> dict[str, Any]:
    used = _most_used(desk, name, accounts)
    limit = None if isinstance(value, bool | tuple | None) else Decimal(value)
    return {
        "name": name,
        "scope": scope,
        "value": value_shown(value),
        "used": None if used is None else _used_told(used, limit),
        "unit": "" if limit is None else unit_of(name, desk.settings.desk.currency),
        "breached": used is not None and limit is not None and used >= limit,
        "by": "settings",
        "reason": "",
        "at": None,
    }


def _used_told(used: Decimal, limit: Decimal | None) -> str:
    """Return what is used as it reads: at the limit when it is, and never when it is not."""
    if limit is None:
        return money(used)
    (told,) = telling(used, claim=lambda read: (read >= limit) is (used >= limit))
    return told


def unit_of(name: str, currency: str) -> str:
    """Return what a limit is counted in."""
    if name in _UNITS:
        return currency if _UNITS[name] == "currency" else _UNITS[name]
    return next((unit for ending, unit in _ENDINGS if name.endswith(ending)), "count")


def value_shown(value: Limit) -> str:
    """Return a limit as settings write it, without an exponent."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _most_used(desk: Desk, name: str, accounts: list[AccountId]) -> Decimal | None:
    if name == "max_open_orders_total":
        return Decimal(desk.view.open_orders())
    measure = _MEASURES.get(name)
    if measure is None:
        return None
    found = [used for it in accounts if (used := measure(desk, it)) is not None]
    return max(found, default=None)


def _daily_loss(desk: Desk, account: AccountId) -> Decimal | None:
    facts = desk.view.account(account)
    if facts is None or facts.day_pnl is None or not facts.day_start_equity:
        return None
    return max(-facts.day_pnl, ZERO) / facts.day_start_equity * _HUNDRED


def _leverage(desk: Desk, account: AccountId) -> Decimal | None:
    facts = desk.view.account(account)
    if facts is None or facts.gross_exposure is None or not facts.equity:
        return None
    return facts.gross_exposure / facts.equity


def _largest_position(desk: Desk, account: AccountId) -> Decimal | None:
    facts, state = desk.view.account(account), desk.kernel.state
    if facts is None or not facts.equity:
        return None
    listed = state.instruments
    bases = {balance.asset for balance in state.ledger.balances(account)}
    bases |= {
        listed[part.position.key.instrument].base
        for part in state.ledger.attributions(account)
    }
    bases |= {
        listed[order.request.instrument].base
        for order in state.open_orders(account)
        if order.request.instrument in listed
    }
    bases.discard(Asset(desk.settings.desk.currency))
    worst = ZERO
    for base in bases:
        exposure = desk.view.underlying_exposure(account, base)
        if exposure is None:
            return None
        worst = max(worst, exposure.long, -exposure.short)
    return worst / facts.equity * _HUNDRED


def _open_orders(desk: Desk, account: AccountId) -> Decimal | None:
    facts = desk.view.account(account)
    return None if facts is None else Decimal(facts.open_orders)


def _day_trades(desk: Desk, account: AccountId) -> Decimal | None:
    facts = desk.view.account(account)
    return None if facts is None else Decimal(facts.day_trades)


_MEASURES: dict[str, Callable[[Desk, AccountId], Decimal | None]] = {
    "daily_loss_pct": _daily_loss,
    "leverage_max": _leverage,
    "position_pct": _largest_position,
    "max_open_orders": _open_orders,
    "day_trades_max": _day_trades,
}
