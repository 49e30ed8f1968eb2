"""Leverage and margin mode: absolute, so safe to repeat; journaled as who chose what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from crossdock.app.gateway.writes import outcome_of
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.errors import JournalError, NotSent, OutcomeUnknown
from crossdock.model import AccountId, CorrelationId, InstrumentId, MarginMode
from crossdock.ports import Evidence

SECOND_NS = 1_000_000_000
Call = Callable[[int], Awaitable[None]]  # takes the deadline, monotonic ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    account: AccountId
    instrument: InstrumentId
    margin_mode: MarginMode
    leverage: Decimal | None = None
    by: str
    correlation: CorrelationId  # empty: one of its own


async def choose(kernel: Kernel, evidence: Evidence, choice: Choice, call: Call) -> None:
    """Journal a choice, send it, journal how that ended.

    Raises JournalError with nothing sent, then what the adapter raises.
    """
    correlation = choice.correlation or CorrelationId(kernel.ids.next("c"))
    deadline_ns = kernel.clock.monotonic_ns() + int(evidence.silence_s * SECOND_NS)
    durable = kernel.commit([_record(kernel, choice, correlation)])
    outcome, words = r.Outcome.ACCEPTED, ""
    try:
        if durable is not None:
            await _kept(durable)
        async with asyncio.timeout(evidence.silence_s):
            await call(deadline_ns)
    except (Exception, asyncio.CancelledError) as error:
        outcome, _ = outcome_of(error)
        words = str(error) or type(error).__name__
        if outcome is r.Outcome.UNKNOWN and isinstance(error, Exception):
            raise OutcomeUnknown(
                f"{choice.account}: nothing proves what {choice.instrument} is set to: {words}",
                hint="read it, or ask for the same once more: it says what is to be",
            ) from error
        raise
    finally:
        kernel.note([_record(kernel, choice, correlation, outcome, words)])


async def _kept(durable: Awaitable[None]) -> None:
    try:
        await durable
    except JournalError as error:
        raise NotSent(f"the journal could not keep it: {error}") from error


def _record(
    kernel: Kernel,
    choice: Choice,
    correlation: CorrelationId,
    outcome: r.Outcome | None = None,
    words: str = "",
) -> r.MarginDecided:
    return r.MarginDecided(
        at=kernel.now(),
        account=choice.account,
        instrument=choice.instrument,
        margin_mode=choice.margin_mode,
        leverage=choice.leverage,
        by=choice.by,
        outcome=outcome,
        words=words,
        correlation=correlation,
    )
