"""Sends each write attempt once and records how it ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Protocol, TypeGuard

from crossdock.app.kernel import Kernel
from crossdock.app.logs import bound
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.core.risk import Approved
from crossdock.errors import (
    AuthFailed,
    DeskError,
    JournalError,
    NotSent,
    RateLimited,
    Rejected,
)
from crossdock.model import (
    AttemptId,
    ClientOrderId,
    OrderId,
    OrderReport,
    WriteKind,
)
from crossdock.ports import (
    CancelOrder,
    Evidence,
    NewOrder,
    OrderRef,
    Replace,
    ReplaceOrder,
    Submit,
)

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
CANCEL_WAITS_S = 0.05  # for the disk, before it goes out regardless
Call = Callable[[int], Awaitable[OrderReport]]  # takes the deadline, monotonic ns


class Answer(Protocol):
    """How a write that is done says what came of it: as a future does."""

    def done(self) -> bool: ...
    def result(self) -> OrderReport: ...


class _Raised:
    """The answer of a call that raised at once."""

    __slots__ = ("_error",)

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def done(self) -> bool:
        return True

    def result(self) -> OrderReport:
        raise self._error


class Writes:
    """The only caller of an adapter's writes. Nothing here repeats one."""

    def __init__(
        self,
        kernel: Kernel,
        evidence: Evidence,
        client_id: Callable[[], ClientOrderId],
        ended: Callable[
            [OrderState, AttemptId, WriteKind, r.Outcome, Exception | None], None
        ],
    ) -> None:
        self._kernel = kernel
        self._evidence = evidence
        self._client_id = client_id
        self._ended = ended
        self._tasks: set[asyncio.Task[None]] = set()
        self._awaited: set[AttemptId] = set()
        self._answered = 0  # writes whose answer is taken in the loop's next round

    def submit(self, adapter: Submit, approved: Approved) -> OrderState:
        """Journal an approved order and send it. Raises JournalError with nothing sent.

        The approval was consumed in this same step.
        """
        kernel = self._kernel
        request = approved.request
        kernel.checkpoint("before_journal")
        order_id = OrderId(kernel.ids.next("o"))
        client_order_id = self._client_id()
        attempt_id = AttemptId(kernel.ids.next("a"))
        at = kernel.now()
        durable = kernel.commit(
            [
                r.OrderIntended(
                    at=at,
                    order_id=order_id,
                    client_order_id=client_order_id,
                    request=request,
                    approval_id=approved.approval_id,
                    reference_price=approved.reference_price,
                ),
                r.AttemptStarted(
                    at=at, attempt_id=attempt_id, order_id=order_id, kind=WriteKind.SUBMIT
                ),
            ]
        )
        order = kernel.state.orders[order_id]
        instrument = kernel.state.instruments[request.instrument]

        def call(deadline_ns: int) -> Awaitable[OrderReport]:
            return adapter.submit(
                NewOrder(
                    client_order_id=client_order_id,
                    instrument=instrument,
                    side=request.side,
                    type=request.type,
                    quantity=request.quantity,
                    limit_price=request.limit_price,
                    stop_price=request.stop_price,
                    trail_amount=request.trail_amount,
                    trail_percent=request.trail_percent,
                    time_in_force=request.time_in_force,
                    expire_time_ns=request.expire_time_ns,
                    post_only=request.post_only,
                    reduce_only=request.reduce_only,
                    position_side=request.position_side,
                    margin_mode=request.margin_mode,
                    attached=request.attached,
                    contingency=request.contingency,
                    deadline_ns=deadline_ns,
                )
            )

        self._send(order, attempt_id, WriteKind.SUBMIT, call, durable)
        return order

    def cancel(self, adapter: Submit, order: OrderState) -> AttemptId | None:
        """Send one cancel. None when one is under way already.

        A journal that cannot write does not stand in the way of a cancel.
        """
        if order.attempt_of(WriteKind.CANCEL) is not None:
            return None
        kernel = self._kernel
        attempt_id = AttemptId(kernel.ids.next("a"))
        started = r.AttemptStarted(
            at=kernel.now(),
            attempt_id=attempt_id,
            order_id=order.order_id,
            kind=WriteKind.CANCEL,
        )
        durable: Awaitable[None] | None = None
        try:
            durable = kernel.commit([started])
        except JournalError:
            kernel.note([started])
        ref = self._ref(order)

        def call(deadline_ns: int) -> Awaitable[OrderReport]:
            return adapter.cancel(CancelOrder(ref=ref, deadline_ns=deadline_ns))

        self._send(order, attempt_id, WriteKind.CANCEL, call, durable, must_send=True)
        return attempt_id

    def must_be_settled(self, order: OrderState) -> None:
        """Raise DeskError while a write of this order that an amend builds on is open."""
        if order.attempts:
            raise DeskError(
                f"order {order.order_id} has a write that is not settled yet",
                code="write-in-flight",
                hint="wait until it is, or cancel the order",
            )

    def replace(
        self,
        adapter: Replace,
        order: OrderState,
        approved: Approved,
        *,
        quantity: Decimal,
        limit_price: Decimal | None,
        stop_price: Decimal | None,
    ) -> AttemptId:
        """Send one amend whose approval was consumed in this same step."""
        self.must_be_settled(order)
        kernel = self._kernel
        kernel.checkpoint("before_journal")
        attempt_id = AttemptId(kernel.ids.next("a"))
        durable = kernel.commit(
            [
                r.AttemptStarted(
                    at=kernel.now(),
                    attempt_id=attempt_id,
                    order_id=order.order_id,
                    kind=WriteKind.REPLACE,
                    quantity=quantity,
                    limit_price=limit_price,
                    stop_price=stop_price,
                )
            ]
        )
        ref = self._ref(order)

        def call(deadline_ns: int) -> Awaitable[OrderReport]:
            return adapter.replace(
                ReplaceOrder(
                    ref=ref,
                    quantity=quantity,
                    limit_price=limit_price,
                    stop_price=stop_price,
                    deadline_ns=deadline_ns,
                )
            )

        self._send(order, attempt_id, WriteKind.REPLACE, call, durable)
        return attempt_id

    def _ref(self, order: OrderState) -> OrderRef:
        return OrderRef(
            instrument=self._kernel.state.instruments[order.request.instrument],
            client_order_id=order.client_order_id,
            venue_order_ids=tuple(order.venue_order_ids),
        )

    def _send(
        self,
        order: OrderState,
        attempt_id: AttemptId,
        kind: WriteKind,
        call: Call,
        durable: Awaitable[None] | None,
        *,
        must_send: bool = False,
    ) -> None:
        """Start the call at once when the journal has nothing left to do.

        The bytes are out before this returns, if the adapter can write at once.
        """
        self._awaited.add(attempt_id)
        # From the decision on, not from when the disk was done: late orders are not sent.
        wait_ns = int(self._evidence.silence_s * SECOND_NS)
        deadline_ns = self._kernel.clock.monotonic_ns() + wait_ns
        if durable is not None:
            running = self._begin_durable(call, durable, deadline_ns, must_send=must_send)
        else:
            try:
                pending = self._begin(call, deadline_ns)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  an outcome
                self._take_soon(order, attempt_id, kind, _Raised(error))
                return
            if _is_answered(pending):
                self._take_soon(order, attempt_id, kind, pending)
                return
            running = self._in_time(pending)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._finish(order, attempt_id, kind, running))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_soon(
        self, order: OrderState, attempt_id: AttemptId, kind: WriteKind, answer: Answer
    ) -> None:
        """Take what is known already, with no task and no timeout, in the next round.

        Not at once: whoever ordered is not told before its own call has returned.
        """
        self._answered += 1
        loop = asyncio.get_running_loop()
        loop.call_soon(self._take_answer, order, attempt_id, kind, answer)

    def _take_answer(
        self, order: OrderState, attempt_id: AttemptId, kind: WriteKind, answer: Answer
    ) -> None:
        self._answered -= 1
        try:
            report = answer.result()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  an outcome
            self._end(order, attempt_id, kind, *outcome_of(error))
        else:
            self._end(order, attempt_id, kind, r.Outcome.ACCEPTED, None, report)

    async def _begin_durable(
        self, call: Call, durable: Awaitable[None], deadline_ns: int, *, must_send: bool
    ) -> OrderReport:
        """Send once the journal is done. A cancel does not wait long for a slow disk."""
        clock = self._kernel.clock
        synced = asyncio.ensure_future(durable)
        if must_send:
            await asyncio.wait({synced}, timeout=CANCEL_WAITS_S)
            synced.add_done_callback(_look_away)
            deadline_ns = clock.monotonic_ns() + int(self._evidence.silence_s * SECOND_NS)
        else:
            try:
                await synced
            except JournalError as error:
                raise NotSent(f"the journal could not keep it: {error}") from error
            if clock.monotonic_ns() >= deadline_ns:
                raise NotSent("the journal took longer than the order may wait")
        return await self._in_time(self._begin(call, deadline_ns))

    async def _in_time(self, pending: Awaitable[OrderReport]) -> OrderReport:
        async with asyncio.timeout(self._evidence.silence_s):
            return await pending

    def _begin(self, call: Call, deadline_ns: int) -> Awaitable[OrderReport]:
        self._kernel.checkpoint("journal_to_send")
        pending = call(deadline_ns)
        self._kernel.checkpoint("send_to_reply")
        return pending

    async def _finish(
        self,
        order: OrderState,
        attempt_id: AttemptId,
        kind: WriteKind,
        pending: Awaitable[OrderReport],
    ) -> None:
        report: OrderReport | None = None
        outcome: r.Outcome = r.Outcome.ACCEPTED
        error: BaseException | None = None
        try:
            report = await pending
        except asyncio.CancelledError as canceled:
            self._end(order, attempt_id, kind, *outcome_of(canceled))
            raise
        except Exception as caught:  # noqa: BLE001  whatever it is, it is an outcome
            outcome, error = outcome_of(caught)
        self._end(order, attempt_id, kind, outcome, error, report)

    def _end(
        self,
        order: OrderState,
        attempt_id: AttemptId,
        kind: WriteKind,
        outcome: r.Outcome,
        error: BaseException | None,
        report: OrderReport | None = None,
    ) -> None:
        kernel = self._kernel
        self._awaited.discard(attempt_id)
        kernel.checkpoint("reply_to_journal")
        words = str(error) or type(error).__name__ if error is not None else ""
        ended = r.AttemptEnded(
            at=kernel.now(),
            attempt_id=attempt_id,
            order_id=order.order_id,
            outcome=outcome,
            report=report,
            venue_code=error.venue_code if isinstance(error, Rejected) else "",
            words=words,
        )
        kernel.note([ended])
        if log.isEnabledFor(logging.INFO):
            with bound(correlation=order.request.correlation):
                log.info("%s of %s: %s %s", kind, order.client_order_id, outcome, words)
        reason = error if isinstance(error, Exception) else None
        self._ended(order, attempt_id, kind, outcome, reason)

    def awaits(self, attempt_id: AttemptId) -> bool:
        """Tell whether this process still waits for the outcome of an attempt."""
        return attempt_id in self._awaited

    async def settle(self) -> None:
        """Wait for the outcome of every write under way."""
        while self._tasks or self._answered:
            if self._tasks:
                await asyncio.wait(set(self._tasks))
            else:
                await asyncio.sleep(0)


def _is_answered(pending: object) -> TypeGuard[Answer]:
    """Tell whether the outcome is known already: a coroutine never says so."""
    done = getattr(pending, "done", None)
    return done is not None and bool(done())


def _look_away(synced: asyncio.Future[None]) -> None:
    """Take note of a failure, so that nobody is warned of one that was not looked at."""
    if not synced.cancelled():
        synced.exception()


def outcome_of(error: BaseException) -> tuple[r.Outcome, BaseException]:
    """Return what the error of a write proves of it; what proves nothing is a doubt."""
    if isinstance(error, Rejected):
        return r.Outcome.REJECTED, error
    if isinstance(error, NotSent | RateLimited | AuthFailed):
        return r.Outcome.NOT_SENT, error
    return r.Outcome.UNKNOWN, error
