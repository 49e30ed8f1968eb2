"""What an account holds and may do, and when its market is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from crossdock.adapters.venues.alpaca.stamps import day_time_ns
from crossdock.adapters.venues.alpaca.symbols import OPTION, Symbols
from crossdock.adapters.venues.alpaca.wire import WireAccount, WireDay, WirePosition
from crossdock.model import (
    AccountFacts,
    AccountId,
    Asset,
    Balance,
    Position,
    PositionKey,
    TradingDay,
)

_ZERO = Decimal(0)


def held(row: WirePosition) -> Decimal:
    """Return what is held, shares sold short as less than nothing."""
    return -abs(row.qty) if row.side == "short" else row.qty


def balances_of(
    name: AccountId,
    account: WireAccount,
    positions: Iterable[WirePosition],
    symbols: Symbols,
) -> list[Balance]:
    """Return money, shares and coins. Money may be owed, and shares may be: below zero.

    The vendor sets no money aside for open orders; it lessens the buying power.
    """
    found = {Asset(account.currency): (account.cash, _ZERO)}
    for row in positions:
        if row.asset_class == OPTION:
            continue
        quantity = held(row)
        set_aside = _ZERO
        if row.qty_available is not None and quantity > 0:
            set_aside = min(max(quantity - row.qty_available, _ZERO), quantity)
        asset = symbols.base(row.symbol, row.asset_class)
        before, set_aside_before = found.get(asset, (_ZERO, _ZERO))
        found[asset] = (before + quantity, set_aside_before + set_aside)
    return [
        Balance(account=name, asset=asset, total=total, held=set_aside)
        for asset, (total, set_aside) in found.items()
    ]


def positions_of(
    name: AccountId, positions: Iterable[WirePosition], symbols: Symbols
) -> list[Position]:
    """Return positions in options; everything else is a balance."""
    return [
        Position(
            key=PositionKey(
                account=name,
                instrument=symbols.id_of(row.symbol, row.asset_class),
                settle=symbols.quote(row.symbol, row.asset_class),
            ),
            quantity=held(row),
            entry_price=row.avg_entry_price,
        )
        for row in positions
        if row.asset_class == OPTION and row.qty
    ]


def facts_of(name: AccountId, account: WireAccount, day_trades: int) -> AccountFacts:
    blocked = {
        "trading is blocked": account.trading_blocked,
        "the account is blocked": account.account_blocked,
        "trading is suspended by the user": account.trade_suspended_by_user,
    }
    notes = [words for words, is_so in blocked.items() if is_so]
    if account.transfers_blocked:
        notes.append("transfers are blocked")
    if account.status:
        notes.append(f"status {account.status}")
    for words, power in (
        ("buying power under Regulation T", account.regt_buying_power),
        ("buying power without margin", account.non_marginable_buying_power),
        ("buying power for options", account.options_buying_power),
    ):
        if power is not None:
            notes.append(f"{words}: {power}")
    if account.options_trading_level is not None:
        notes.append(f"options trading level {account.options_trading_level}")
    if account.daytrade_count is None:
        notes.append("day trades counted here from fills: the venue stopped on 2026-07-06")
    return AccountFacts(
        account=name,
        currency=Asset(account.currency),
        equity=account.equity,
        buying_power=account.buying_power,
        day_trade_buying_power=account.daytrading_buying_power,
        day_trades=day_trades,
        is_pattern_day_trader=bool(account.pattern_day_trader),
        is_trading_blocked=any(blocked.values()),
        can_short=account.shorting_enabled,
        multiplier=account.multiplier,
        notes=tuple(notes),
    )


def trading_days_of(rows: Sequence[WireDay]) -> list[TradingDay]:
    return [
        TradingDay(
            date=row.date,
            open_time_ns=day_time_ns(row.date, row.open),
            close_time_ns=day_time_ns(row.date, row.close),
            early_open_time_ns=_or_none(row.date, row.session_open),
            late_close_time_ns=_or_none(row.date, row.session_close),
        )
        for row in rows
    ]


def _or_none(day: str, clock: str | None) -> int:
    return day_time_ns(day, clock) if clock else 0
