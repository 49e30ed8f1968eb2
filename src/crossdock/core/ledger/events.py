"""What an account event means for a position and for the cash around it."""

from __future__ import annotations

from crossdock.core.ledger.account import Account
from crossdock.core.ledger.entries import Earned, Moved, Split
from crossdock.core.ledger.money import credit
from crossdock.core.ledger.position_log import PositionLog
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    ContractKind,
    Instrument,
    MarginMode,
)

_CAPITAL = frozenset(
    {
        AccountEventKind.DEPOSIT,
        AccountEventKind.WITHDRAWAL,
        AccountEventKind.TRANSFER,
        AccountEventKind.ADJUSTMENT,
    }
)
_INCOME = frozenset(
    {
        AccountEventKind.FUNDING,
        AccountEventKind.INTEREST,
        AccountEventKind.DIVIDEND,
        AccountEventKind.SPLIT,  # cash in place of a fraction
    }
)


def move_of(event: AccountEvent, instrument: Instrument | None) -> Moved | Split | None:
    """Return the position move of an event. Raises ValueError when it cannot be booked."""
    if not event.quantity:
        return None
    if instrument is None:
        raise ValueError(f"event {event.event_id} moves a position of no instrument")
    price, multiplier = event.price, instrument.multiplier
    if price is None and event.kind is not AccountEventKind.SPLIT:
        raise ValueError(f"event {event.event_id} moves {instrument.id} at no price")
    if instrument.kind is ContractKind.INVERSE and price is not None and price <= 0:
        raise ValueError(f"event {event.event_id} moves {instrument.id} at {price}")
    if price is None or event.kind is AccountEventKind.SPLIT:
        return Split(
            event.event_id, event.quantity, price, multiplier, event.account_sequence
        )
    return Moved(event.event_id, event.quantity, price, multiplier, event.account_sequence)


def log_of(
    account: Account, event: AccountEvent, instrument: Instrument | None
) -> PositionLog | None:
    """Return the position an event is about; only a move makes a new one.

    A venue that leaves the margin mode out of its events means its only position.
    """
    if event.instrument is None:
        return None
    same_side = [
        log
        for log in account.logs(event.instrument)
        if log.key.position_side is event.position_side
    ]
    for log in same_side:
        if log.key.margin_mode is event.margin_mode:
            return log
    if event.margin_mode is MarginMode.NONE and len(same_side) == 1:
        return same_side[0]
    if instrument is None:
        return None
    return account.log(instrument, event.position_side, event.margin_mode)


def earned_by(account: Account, log: PositionLog | None, event: AccountEvent) -> None:
    """Tell capital, income and fees apart, and attribute the latter two to a position.

    The amount of a move other than a split is its fee.
    """
    if event.kind in _CAPITAL:
        credit(account.capital, event.asset, event.amount)
        return
    is_fee = event.kind not in _INCOME
    if log is not None:
        log.append(
            Earned(
                event.event_id, event.asset, event.amount, is_fee, event.account_sequence
            )
        )
    elif is_fee:
        credit(account.fees, event.asset, event.amount.copy_negate())
    else:
        credit(account.income, event.asset, event.amount)
