"""Asks a venue to move money: once, journaled before, and remembered until it is proven."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from crossdock.app.gateway.writes import outcome_of
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.movements import MovementState, Wish, orphaned
from crossdock.errors import DeskError, JournalError, NotSent, OutcomeUnknown, Rejected
from crossdock.model import AccountId, CorrelationId, Movement, MovementKind
from crossdock.ports import Evidence

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
Call = Callable[[int], Awaitable[Movement]]  # takes the deadline, monotonic ns
VERDICTS = {"live": r.Verdict.LIVE, "absent": r.Verdict.ABSENT}


class Mover:
    """The only caller of what moves an account's money. Nothing here repeats one."""

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        evidence: Evidence,
        in_doubt: Callable[[], None],
    ) -> None:
        """`in_doubt` is called whenever the fate of a movement is not known."""
        self._kernel = kernel
        self._account = account
        self._evidence = evidence
        self._in_doubt = in_doubt
        self._tasks: set[asyncio.Task[Movement]] = set()

    def doubt_orphans(self) -> None:
        """Put in doubt every movement whose outcome died with an earlier process."""
        movements = self._kernel.state.movements
        for movement in list(movements.of(self._account)):
            if movement.is_open and movement.outcome is None:
                self._note_end(movement, orphaned(movement, self._kernel.now()))
        if any(it.wish.account == self._account for it in movements.doubts()):
            self._in_doubt()

    async def move(
        self, wish: Wish, call: Call, by: str, correlation: CorrelationId
    ) -> Movement:
        """Journal a wish, then send it. Return the venue's word.

        Raises DeskError `movement-open` while an identical one is open, JournalError when
        nothing can be written, both with nothing sent; then what the adapter raises.
        Whoever waits may be cancelled: what was sent is waited for all the same.
        """
        self._raise_if_repeated(wish)
        self._raise_if_stopped(wish)
        kernel = self._kernel
        kernel.checkpoint("before_journal")
        movement_id = kernel.ids.next("m")
        durable = kernel.commit(
            [
                r.MovementIntended(
                    at=kernel.now(),
                    movement_id=movement_id,
                    account=wish.account,
                    kind=wish.kind,
                    asset=wish.asset,
                    amount=wish.amount,
                    source=wish.source,
                    destination=wish.destination,
                    instrument=wish.instrument,
                    product=wish.product,
                    by=by,
                    correlation=correlation or CorrelationId(kernel.ids.next("c")),
                )
            ]
        )
        movement = kernel.state.movements.open[movement_id]
        sending = self._send(movement, call, durable)
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def settle(
        self,
        movement_id: str,
        verdict: str,
        *,
        by: str,
        words: str = "",
        force: bool = False,
    ) -> MovementState:
        """End a doubt in a person's name. Raises DeskError.

        Before a request that was sent can no longer arrive and show, it needs `force`: a
        wrong `absent` lets the same money be asked for again.
        """
        if not by.strip():
            raise DeskError("say who decides: --by NAME", code="bad-argument")
        if verdict not in VERDICTS:
            raise DeskError(
                f"a verdict is live or absent, not {verdict!r}", code="bad-argument"
            )
        movement = self._kernel.state.movements.open.get(movement_id)
        if movement is None or movement.wish.account != self._account:
            raise DeskError(
                f"no open movement of {self._account} has the id {movement_id!r}",
                code="unknown-doubt",
                hint=f"see `crossdock account {self._account} movements`",
            )
        if movement.outcome is None:
            raise DeskError(
                f"{movement_id} is being sent: its outcome is not known yet",
                code="movement-open",
            )
        evidence = self._evidence
        still_s = evidence.arrival_horizon_s + evidence.visibility_lag_s
        if self._kernel.now() < movement.ended_at + still_s * SECOND_NS and not force:
            raise DeskError(
                f"{movement_id} may still arrive at the venue",
                code="doubt-not-yours",
                hint=f"look there {still_s:g} s after it was sent, or --force",
            )
        self.note_settled(movement, VERDICTS[verdict], by=f"person:{by}", words=words)
        return movement

    def note_settled(
        self,
        movement: MovementState,
        verdict: r.Verdict,
        *,
        by: str,
        words: str = "",
        venue_movement_id: str = "",
    ) -> None:
        settled = r.MovementSettled(
            at=self._kernel.now(),
            movement_id=movement.movement_id,
            account=movement.wish.account,
            verdict=verdict,
            by=by,
            venue_movement_id=venue_movement_id,
            words=words,
            correlation=movement.correlation,
        )
        self._kernel.note([settled])

    async def rest(self) -> None:
        """Wait for the outcome of every movement under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # ---- one movement ----------------------------------------------------------

    def _raise_if_repeated(self, wish: Wish) -> None:
        same = self._kernel.state.movements.identical(wish)
        if same is None:
            return
        if same.outcome is None:
            raise DeskError(
                f"the same {wish.kind} is being sent already ({same.movement_id})",
                code="movement-open",
                hint="wait until its outcome is known",
            )
        raise DeskError(
            f"the same {wish.kind} is in doubt ({same.movement_id}): the money may have "
            "moved",
            code="movement-open",
            hint=f"look at the venue, then `crossdock account {wish.account} settle "
            f"{same.movement_id} live|absent --by NAME`",
        )

    def _raise_if_stopped(self, wish: Wish) -> None:
        """Refuse new debt where nothing that adds risk is taken. The rest may be a rescue."""
        state = self._kernel.state
        account = state.account(wish.account)
        why = state.killed or account.killed or account.halted
        if wish.kind is MovementKind.BORROW and why:
            raise DeskError(
                f"{wish.account} takes no new risk, so it borrows nothing: {why}",
                code="account-stopped",
                hint="`crossdock release` after a kill, `crossdock resume` after a halt",
            )

    async def _send(
        self, movement: MovementState, call: Call, durable: Awaitable[None] | None
    ) -> Movement:
        try:
            told = await self._sent(call, durable)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  an outcome
            self._failed(movement, error)
        self._kernel.checkpoint("reply_to_journal")
        self._end(
            movement,
            r.Outcome.ACCEPTED,
            venue_movement_id=told.movement_id,
            is_under_way=not told.is_done,
        )
        return told

    async def _sent(self, call: Call, durable: Awaitable[None] | None) -> Movement:
        clock, silence_s = self._kernel.clock, self._evidence.silence_s
        deadline_ns = clock.monotonic_ns() + int(silence_s * SECOND_NS)
        if durable is not None:
            try:
                await durable
            except JournalError as error:
                raise NotSent(f"the journal could not keep it: {error}") from error
            if clock.monotonic_ns() >= deadline_ns:
                raise NotSent("the journal took longer than it may wait")
        self._kernel.checkpoint("journal_to_send")
        async with asyncio.timeout(silence_s):
            pending = call(deadline_ns)
            self._kernel.checkpoint("send_to_reply")
            return await pending

    def _failed(self, movement: MovementState, error: BaseException) -> NoReturn:
        self._kernel.checkpoint("reply_to_journal")
        outcome, _ = outcome_of(error)
        words = str(error) or type(error).__name__
        code = error.venue_code if isinstance(error, Rejected) else ""
        self._end(movement, outcome, venue_code=code, words=words)
        if outcome is not r.Outcome.UNKNOWN:
            raise error
        self._in_doubt()
        if isinstance(error, asyncio.CancelledError):
            raise error
        wish = movement.wish
        raise OutcomeUnknown(
            f"{wish.kind} {wish.amount:f} {wish.asset} ({movement.movement_id}) is in doubt: "
            f"{words}",
            hint=f"it is not asked for again; see `crossdock account {wish.account} "
            "movements`",
        ) from error

    def _end(
        self,
        movement: MovementState,
        outcome: r.Outcome,
        *,
        venue_movement_id: str = "",
        is_under_way: bool = False,
        venue_code: str = "",
        words: str = "",
    ) -> None:
        ended = r.MovementEnded(
            at=self._kernel.now(),
            movement_id=movement.movement_id,
            account=movement.wish.account,
            outcome=outcome,
            venue_movement_id=venue_movement_id,
            is_under_way=is_under_way,
            venue_code=venue_code,
            words=words,
            correlation=movement.correlation,
        )
        self._note_end(movement, ended)

    def _note_end(self, movement: MovementState, ended: r.MovementEnded) -> None:
        kernel, wish = self._kernel, movement.wish
        records: list[r.AnyRecord] = [ended]
        if ended.outcome is r.Outcome.UNKNOWN:
            records.append(
                r.Alarmed(
                    at=kernel.now(),
                    code="movement-in-doubt",
                    words=f"{wish.account}: {wish.kind} {wish.amount:f} {wish.asset} "
                    f"({movement.movement_id}) is in doubt: {ended.words}",
                    account=wish.account,
                    correlation=movement.correlation,
                )
            )
        kernel.note(records)
        log.info(
            "%s %s: %s %s", wish.kind, movement.movement_id, ended.outcome, ended.words
        )

    def _done(self, task: asyncio.Task[Movement]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked was told, or has left
