"""What a venue holds for an account, beside what our books say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.state import State
from crossdock.model import AccountId, ContractKind
from crossdock.ports import AccountHistory, Balances, FillHistory, Positions

# A partial close splits average cost, and venues round that split as they please.
DUST = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the venue holds and what our books say, where they disagree."""

    what: str
    venue: Decimal
    books: Decimal


async def compared(state: State, account: AccountId, adapter: Any) -> list[Difference]:
    """Read holdings, and compare them with the books as they are by then."""
    balances = await adapter.balances() if isinstance(adapter, Balances) else ()
    positions = await adapter.positions() if isinstance(adapter, Positions) else ()
    found: list[Difference] = []
    held = {balance.asset: balance.total for balance in balances}
    booked = {b.asset: b.total for b in state.ledger.balances(account)}
    for asset in sorted(held.keys() | booked.keys()):
        venue, books = held.get(asset, Decimal(0)), booked.get(asset, Decimal(0))
        if abs(venue - books) > DUST:
            found.append(Difference(asset, venue, books))
    theirs = {
        (p.key.instrument, p.key.position_side): p.quantity for p in positions if p.quantity
    }
    mine = {
        (p.key.instrument, p.key.position_side): p.quantity
        for p in state.ledger.positions(account)
        if p.quantity and state.instruments[p.key.instrument].kind is not ContractKind.SPOT
    }
    for key in sorted(theirs.keys() | mine.keys()):
        venue, books = theirs.get(key, Decimal(0)), mine.get(key, Decimal(0))
        if venue != books:
            found.append(Difference(f"{key[0]} {key[1]}", venue, books))
    return found


async def first_holdings(
    kernel: Kernel, account: AccountId, adapter: Any
) -> r.BaselineTaken:
    """Read what an account holds, between two equal cursors."""
    while True:
        cursors = await _cursors(adapter)
        balances = tuple(await adapter.balances()) if isinstance(adapter, Balances) else ()
        positions = (
            tuple(await adapter.positions()) if isinstance(adapter, Positions) else ()
        )
        if cursors == await _cursors(adapter):
            break
    fill_cursor, event_cursor = cursors
    return r.BaselineTaken(
        at=kernel.now(),
        account=account,
        balances=balances,
        positions=positions,
        fill_cursor=fill_cursor,
        event_cursor=event_cursor,
    )


async def _cursors(adapter: Any) -> tuple[str, str]:
    fills = await adapter.fill_cursor() if isinstance(adapter, FillHistory) else ""
    events = (
        await adapter.account_event_cursor() if isinstance(adapter, AccountHistory) else ""
    )
    return fills, events
