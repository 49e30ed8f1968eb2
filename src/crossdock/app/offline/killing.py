"""The kill switch with no desk running: straight at the venues."""

from __future__ import annotations

from typing import Any

from crossdock.app.desk import Desk
from crossdock.app.open import build_desk
from crossdock.app.settings import Settings
from crossdock.errors import DeskError
from crossdock.model import AccountId

BOOKS_WITHIN_S = 3.0
LOOK_EVERY_S = 0.05


async def kill_without_desk(
    settings: Settings,
    *,
    by: str,
    reason: str,
    flatten: bool,
    account: str = "",
    door: str = "",
    ready_timeout_s: float = 15.0,
) -> dict[str, Any]:
    """Own the journal, recover, cancel what is ours, flatten if asked, and let go.

    No strategy runs. The switch stays engaged, so the next desk takes no new order until
    somebody releases it. What a venue that is away still holds is told under `away`.
    Raises JournalError when a desk owns the journal, DeskError for an unknown account.
    """
    if account and account not in settings.accounts:
        raise DeskError(
            f"there is no account {account!r}; there are: {', '.join(settings.accounts)}",
            code="unknown-account",
        )
    async with build_desk(
        settings, runs_strategies=False, serves_control=False, only_leaves=True
    ) as desk:
        desk.request_stop("keep")  # what on_exit says is for desks that were running
        away = await desk.ready(ready_timeout_s)
        if flatten:
            await _books(desk)
        done = await desk.exits.kill(
            by=by,
            door=door,
            reason=reason,
            flatten=flatten,
            account=AccountId(account) if account else None,
        )
        return {
            "desk_was_running": False,
            **done,
            "away": {
                name: desk.gateways[name].reason or str(desk.gateways[name].standing)
                for name in away
                if account in ("", name)
            },
        }


async def _books(desk: Desk) -> None:
    """Wait a little for prices: a flattening order is checked against them."""
    clock = desk.kernel.clock
    end_ns = clock.monotonic_ns() + int(BOOKS_WITHIN_S * 1e9)
    held = {
        position.key.instrument
        for account in desk.gateways
        for position in desk.kernel.state.ledger.positions(account)
    }
    while clock.monotonic_ns() < end_ns:
        if all(desk.markets.mark(instrument) is not None for instrument in held):
            return
        await clock.sleep(LOOK_EVERY_S)
