"""Looks for transfers in doubt in the venue's own history, which can prove that they were.

It cannot prove that they were not: no venue says how late one may still be booked. Loans
and what earns have amounts and no history, so they are left to a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from crossdock.app.financing.abilities import Connected
from crossdock.app.financing.mover import Mover
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.movements import MovementState
from crossdock.errors import AdapterError, DeskError
from crossdock.model import AccountId, Movement, MovementKind
from crossdock.ports import Transfers

log = logging.getLogger(__name__)

PAUSE_S = 1.0
PAUSE_AT_MOST_S = 60.0
_SLACK_NS = 2_000_000_000
"""Venues' clocks differ from ours, and some tell whole seconds only."""


class Searching:
    """One account's transfers in doubt, asked about until none is left."""

    def __init__(
        self, kernel: Kernel, account: AccountId, connected: Connected, mover: Mover
    ) -> None:
        self._kernel = kernel
        self._account = account
        self._connected = connected
        self._mover = mover
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Look soon."""
        self._wanted.set()

    async def run(self) -> None:
        """Look whenever there is something to look for, for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            pause_s = PAUSE_S
            while self._sought():
                await self.look()
                if not self._sought():
                    break
                await self._kernel.clock.sleep(pause_s)
                pause_s = min(pause_s * 2, PAUSE_AT_MOST_S)

    async def look(self) -> None:
        """Ask the venue once, and settle what its history proves."""
        sought = self._sought()
        try:
            adapter = self._connected.adapter
            if not sought or not isinstance(adapter, Transfers):
                return
            since_ns = min(it.asked_at for it in sought) - _SLACK_NS
            told = await adapter.transfers_after(since_ns)
        except (AdapterError, DeskError) as error:
            log.debug("%s: transfers could not be asked for: %s", self._account, error)
            return
        movements = self._kernel.state.movements
        known = {it.venue_movement_id for it in movements.of(self._account)}
        for movement in sought:
            found = proof_of(movement, told, known)
            if found is not None and movement.is_open:
                self._mover.note_settled(
                    movement,
                    r.Verdict.LIVE,
                    by="history",
                    words="the venue's list of transfers has it",
                    venue_movement_id=found.movement_id,
                )
                known.add(found.movement_id)

    def _sought(self) -> list[MovementState]:
        return [
            it
            for it in self._kernel.state.movements.doubts()
            if it.wish.account == self._account and it.wish.kind is MovementKind.TRANSFER
        ]


def proof_of(
    movement: MovementState, told: Sequence[Movement], known: Iterable[str]
) -> Movement | None:
    """Return the one transfer that only this movement can have made; None if it is unclear.

    Two that fit prove nothing: somebody else may have made one of them, or both. Neither
    does one that the venue gives no id: it may be one of ours that is known to be done.
    """
    taken = set(known)
    wish = movement.wish
    fitting = [
        it
        for it in told
        if it.kind is MovementKind.TRANSFER
        and it.movement_id
        and it.movement_id not in taken
        and (it.asset, it.amount) == (wish.asset, wish.amount)
        and (it.source, it.destination) == (wish.source, wish.destination)
        and it.venue_time_ns >= movement.asked_at - _SLACK_NS
    ]
    return fitting[0] if len(fitting) == 1 else None
