"""Accounts that somebody names, or that hold something, and that are not connected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from crossdock.app.nearest import did_you_mean
from crossdock.core.state import State
from crossdock.errors import DeskError
from crossdock.model import AccountId


def absent(account: str, connected: Collection[str], state: State) -> DeskError:
    """Return what to raise for an account that is not `connected`: say what can be done.

    One that the journal knows was let go of, or left out of the settings; what it holds is
    still at its venue.
    """
    if account in set(_known(state)):
        return DeskError(
            f"{account} is not connected",
            code="unknown-account",
            hint=f"`crossdock connect {account}` brings back one that was disconnected, an "
            f"[accounts.{account}] table of the settings any other; until then, its venue "
            "alone can act on what it holds",
        )
    return DeskError(
        f"there is no account {account!r}; there are: {', '.join(connected) or 'none'}",
        code="unknown-account",
        hint=did_you_mean(account, connected),
    )


def left_behind(connected: Collection[str], state: State) -> Iterator[dict[str, Any]]:
    """Yield each account that is not connected and still has something at its venue.

    As it was when the desk last heard of it: nobody watches it any more.
    """
    orders = Counter(
        order.request.account
        for order in state.open_orders()
        if not order.status.is_terminal and not order.foreign
    )
    doubts = Counter(order.request.account for order, _ in state.doubts())
    doubts.update(movement.wish.account for movement in state.movements.doubts())
    for account in sorted(_known(state)):
        if account in connected:
            continue
        positions = [
            {"instrument": it.key.instrument, "quantity": f"{it.quantity:f}"}
            for it in state.ledger.positions(account)
            if it.quantity
        ]
        if orders[account] or doubts[account] or positions:
            yield {
                "account": account,
                "open_orders": orders[account],
                "doubts": doubts[account],
                "positions": positions,
            }


def _known(state: State) -> set[AccountId]:
    """Return every account that ever had a baseline, an order or a movement here."""
    known = set(state.ledger.accounts())
    known.update(order.request.account for order in state.open_orders())
    known.update(movement.wish.account for movement in state.movements.open.values())
    return known
