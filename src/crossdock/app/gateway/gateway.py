"""Keeps one account connected, recovered and honest for as long as the desk runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Protocol

from crossdock.app.gateway.alarms import Alarms
from crossdock.app.gateway.audit import Audit
from crossdock.app.gateway.client_ids import ClientIds
from crossdock.app.gateway.credentials import Credentials
from crossdock.app.gateway.facts import Facts
from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.gateway.questions import Questions
from crossdock.app.gateway.resync import Difference, Resync
from crossdock.app.gateway.streams import Streams
from crossdock.app.gateway.writes import Writes
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.core.state import State
from crossdock.errors import AdapterError, AuthFailed, DeskError
from crossdock.model import (
    AccountFacts,
    AccountId,
    AttemptId,
    ClientOrderId,
    InstrumentId,
    OrderStatus,
    WriteKind,
    symbol_of,
)
from crossdock.ports import (
    AccountFactsRead,
    AccountStream,
    Instruments,
    Manifest,
    MarketSink,
    MarketStream,
)
from crossdock.toolkit.health import HealthRegistry, StreamHealth
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

AUTH_PAUSE_S = 2.0


class Standing(StrEnum):
    """Whether an account trades. One that does not is quarantined alone."""

    CONNECTING = "connecting"
    RECOVERING = "recovering"
    READY = "ready"
    AWAY = "away"
    CLOSED = "closed"


class Market(MarketSink, Protocol):
    """Where an account's market data go, and when the last of some instruments came."""

    def newest_ns(self, instruments: Sequence[InstrumentId]) -> int: ...


class Gateway:
    """One account at one venue. `run` ends only by cancellation."""

    def __init__(
        self,
        kernel: Kernel,
        manifest: Manifest,
        options: GatewayOptions,
        connect: Callable[[], AbstractAsyncContextManager[Any]],
        market_sink: Market,
        *,
        health: HealthRegistry,
        backoff: Callable[[], Backoff],
    ) -> None:
        if manifest.evidence is None:
            raise DeskError(f"{manifest.id} takes no orders, so it cannot be an account")
        self.kernel = kernel
        self.manifest = manifest
        self.options = options
        self.evidence = manifest.evidence
        self._health = health
        self.standing = Standing.CONNECTING
        self.reason = ""
        self.ready = asyncio.Event()
        self._told_away = False
        self._connect = connect
        self._backoff = backoff
        self._adapter: Any = None
        self._alarms = Alarms(kernel, options)
        self._credentials = Credentials(kernel, options)
        self._facts = Facts(kernel.clock)
        self.intake = Intake(
            kernel,
            options.account,
            adopt=options.foreign == "adopt",
            on_gap=self._gap,
            on_owed=self.ask,
            on_foreign=self._alarms.of_foreign_order,
        )
        self.resync = Resync(kernel, options.account, self.evidence, self.intake)
        self._streams = Streams(
            kernel,
            self.intake,
            market_sink,
            account_health=health.stream(f"{options.account} account"),
            market_health=health.stream(f"{options.account} market"),
            backoff=backoff,
            on_break=self._stream_broke,
            on_market_down=self._alarms.of_market_down,
            newest_ns=market_sink.newest_ns,
            look_s=options.look_s,
        )
        self._questions = Questions(kernel.clock, self.resync)
        self._audit = Audit(
            kernel,
            options.account,
            self.resync,
            self._streams,
            every_s=options.audit_s,
            on_unexplained=self._alarms.of_unexplained,
        )
        client_ids = ClientIds(self.evidence, kernel.ids, kernel.clock, self._knows)
        self.writes = Writes(kernel, self.evidence, client_ids.next, self._write_ended)

    # ---- what the desk asks ----------------------------------------------------

    @property
    def account(self) -> AccountId:
        return self.options.account

    @property
    def adapter(self) -> Any:
        """The connected adapter. Raises DeskError while the venue is away."""
        if self._adapter is None:
            raise DeskError(
                f"{self.account} is not connected: {self.reason or self.standing}",
                code="account-away",
                hint="it reconnects by itself; see `crossdock status`",
            )
        return self._adapter

    def _knows(self, client_order_id: ClientOrderId) -> bool:
        found = self.kernel.state.find(self.account, client_order_id=client_order_id)
        return found is not None

    @property
    def audits(self) -> int:
        """How often everything was asked of the venue and compared, since the start."""
        return self._audit.count

    @property
    def unexplained(self) -> list[Difference]:
        """Where the venue's holdings and our books differed at the last comparison."""
        return list(self._audit.unexplained)

    @property
    def trouble(self) -> str:
        """What keeps a connected account from recovering, in the venue's words."""
        return self._audit.trouble

    @property
    def facts(self) -> AccountFacts | None:
        """What the broker last said of the account; None where it says nothing."""
        return self._facts.told

    @property
    def key(self) -> str:
        """What our key may do at the venue, in words."""
        return self._credentials.words

    @property
    def skewed(self) -> str:
        """How far the clocks are apart, in words, when that is too far to trade."""
        return self._audit.skewed

    def streams(self) -> dict[str, StreamHealth]:
        """Return the health of each of the account's streams, by what it carries."""
        mine = f"{self.account} "
        return {
            name.removeprefix(mine): health
            for name, health in self._health.streams().items()
            if name.startswith(mine)
        }

    def steps(self) -> dict[str, str]:
        """Return the steps of a broker session and how each stands."""
        state = self.kernel.state
        up = self._adapter is not None
        ready = self.standing is Standing.READY
        account = state.account(self.account)
        trouble = account.halted or state.killed or account.killed
        orders = sum(1 for _ in state.open_orders(self.account))
        return {
            "authenticate": "done"
            if up and self.standing is not Standing.RECOVERING
            else "no",
            "read account": "done" if account.has_baseline else "no",
            "subscribe": str(self._streams.market_health.verdict().state)
            if self.options.streams_market
            else "by another account",
            "signals": "taken" if ready else "no",
            "execute": "refused: " + trouble if trouble else ("ready" if ready else "no"),
            "positions": self._agreement() if up else "not known",
            "risk": "halted" if trouble else ("checked" if ready else "not known"),
            "monitor": f"{orders} open orders",
        }

    def _agreement(self) -> str:
        if self.unexplained:
            return f"{len(self.unexplained)} unexplained"
        return "agree" if self.audits else "not compared yet"

    # ---- life ------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, recover, stream and audit; again after every failure."""
        backoff = self._backoff()
        while True:
            pause_s = 0.0
            try:
                async with self._connect() as adapter:
                    await self._session(adapter, backoff)
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    self._stand(Standing.CLOSED, "")
                    raise
                self._away(AdapterError("the adapter cancelled itself"))
            except Exception as group:
                error = first_of(group)
                self._away(error)
                if isinstance(error, AuthFailed):
                    pause_s = AUTH_PAUSE_S
                elif not isinstance(error, AdapterError):
                    log.exception("account %s failed", self.account, exc_info=error)
            await self.kernel.clock.sleep(max(pause_s, backoff.next_s()))

    def _away(self, error: BaseException) -> None:
        self._stand(Standing.AWAY, f"{type(error).__name__}: {error}")
        if not self._told_away:
            self._told_away = True  # once, until it has been ready again
            self._alarms.of_account_away(error)

    def _stand(self, standing: Standing, reason: str) -> None:
        self.standing = standing
        self.reason = reason
        if standing is Standing.READY:
            self._told_away = False
            self.ready.set()
        else:
            self.ready.clear()
        if standing in (Standing.AWAY, Standing.CLOSED):
            self._adapter = None

    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        self._stand(Standing.RECOVERING, "")
        self._adapter = adapter
        self._end_orphans()
        await self._credentials.check(adapter)
        await self._audit.sample_time(adapter)
        await self._facts.refresh(adapter)
        if isinstance(adapter, Instruments):
            self.intake.list_instruments(await adapter.instruments())
            self._alarms.of_unknown_symbols()
        if not self.kernel.state.account(self.account).has_baseline:
            await self.resync.baseline(adapter)
            self._alarms.of_first_positions()
        async with asyncio.TaskGroup() as group:
            if isinstance(adapter, AccountStream):
                group.create_task(self._streams.account(adapter))
            await self._audit.recover(adapter, self._backoff())
            backoff.reset()
            self._stand(Standing.READY, "")
            group.create_task(_to_the_end(self._questions.answer(adapter)))
            group.create_task(_to_the_end(self._audit.run(adapter)))
            if isinstance(adapter, AccountFactsRead):
                group.create_task(_to_the_end(self._facts.run(adapter)))
            if isinstance(adapter, MarketStream) and self.options.streams_market:
                group.create_task(
                    self._streams.market(adapter, self.streamed_instruments())
                )

    def _end_orphans(self) -> None:
        """Put in doubt every attempt whose outcome died with an earlier process.

        An intent without an attempt is the end of a torn journal: whether its bytes left
        is not known, for a power cut may have taken the record of a write that was sent.
        """
        kernel = self.kernel
        now = kernel.clock.monotonic_ns()
        for order in list(kernel.state.open_orders(self.account)):
            if order.status is OrderStatus.JOURNALED and not order.attempts:
                begun = r.AttemptStarted(
                    at=kernel.now(),
                    attempt_id=AttemptId(kernel.ids.next("a")),
                    order_id=order.order_id,
                    kind=WriteKind.SUBMIT,
                )
                kernel.note([begun])
            for attempt in list(order.attempts.values()):
                if not attempt.in_doubt and not self.writes.awaits(attempt.attempt_id):
                    ended = r.AttemptEnded(
                        at=kernel.now(),
                        attempt_id=attempt.attempt_id,
                        order_id=order.order_id,
                        outcome=r.Outcome.UNKNOWN,
                        words="the process ended before the reply",
                    )
                    kernel.note([ended])
                if attempt.in_doubt:
                    self.resync.doubt_begins(attempt.attempt_id, now)
                    self.ask(order)

    def streamed_instruments(self) -> list[InstrumentId]:
        return streamed(self.kernel.state, self.options)

    # ---- what writes and streams tell ------------------------------------------

    def ask(self, order: OrderState) -> None:
        """Have an order looked up soon, and until nothing about it is in doubt."""
        self._questions.ask(order)

    def _write_ended(
        self,
        order: OrderState,
        attempt_id: AttemptId,
        kind: WriteKind,
        outcome: r.Outcome,
        error: Exception | None,
    ) -> None:
        if outcome is r.Outcome.UNKNOWN:
            self.resync.doubt_begins(attempt_id, self.kernel.clock.monotonic_ns())
            self.ask(order)
        elif outcome is r.Outcome.REJECTED:
            # Our clock, our picture of the order or of the account may be wrong: look.
            self._audit.want()
            if kind is not WriteKind.SUBMIT:
                self.ask(order)
        elif order.owed > 0:
            self.ask(order)

    def _gap(self, reason: str) -> None:
        self._streams.gap(reason)

    def _stream_broke(self) -> None:
        self._audit.want()

    def halt(self, by: str, reason: str) -> None:
        """Take no new risk in this account until a person resumes it."""
        self._alarms.halt(by, reason)


async def _to_the_end(running: Coroutine[Any, Any, None]) -> None:
    """Fail where a library cancels what it was not asked to: a group would go on without."""
    try:
        await running
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        raise AdapterError("the adapter cancelled a call by itself") from None


def streamed(state: State, options: GatewayOptions) -> list[InstrumentId]:
    """Return the listed instruments of an account's venue that its settings choose."""
    suffix = f"@{options.venue}"
    known = (i for i in state.instruments if i.endswith(suffix))
    symbols = set(options.symbols)
    return [i for i in known if not symbols or symbol_of(i) in symbols]


def first_of(error: BaseException) -> BaseException:
    """Return the first error within groups of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
