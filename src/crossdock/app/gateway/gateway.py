"""Keeps one account connected, recovered and honest for as long as the desk runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from crossdock.app.gateway.audit import Audit
from crossdock.app.gateway.client_ids import ClientIds
from crossdock.app.gateway.connected import Connected, Standing
from crossdock.app.gateway.credentials import Credentials
from crossdock.app.gateway.facts import Facts
from crossdock.app.gateway.holdings import Difference
from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.gateway.questions import Questions
from crossdock.app.gateway.resync import Resync
from crossdock.app.gateway.streams import Market, Streams
from crossdock.app.gateway.writes import Writes
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.errors import AdapterError, DeskError
from crossdock.model import (
    AccountFacts,
    AttemptId,
    ClientOrderId,
    OrderStatus,
    WriteKind,
)
from crossdock.ports import (
    AccountFactsRead,
    AccountStream,
    Instruments,
    Manifest,
    MarketStream,
)
from crossdock.toolkit import Purpose, serving
from crossdock.toolkit.health import HealthRegistry, StreamHealth
from crossdock.toolkit.retry import Backoff

FRESH_S = 30  # a comparison that is older is told with its age
SECOND_NS = 1_000_000_000


class Gateway(Connected):
    """One account at one venue: connected, recovered, streamed and audited."""

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
        super().__init__(kernel, manifest, options, connect, backoff)
        self.evidence = manifest.evidence
        self._health = health
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
        self.resync = Resync(kernel, options.account, self.evidence, self.intake, self.ask)
        self._streams = Streams(
            kernel,
            self.intake,
            market_sink,
            account_health=health.stream(f"{options.account} account"),
            market_health=health.stream(f"{options.account} market"),
            backoff=backoff,
            on_break=self._stream_broke,
            on_market_down=self._alarms.of_market_down,
            look_s=options.look_s,
        )
        self._questions = Questions(kernel.clock, self.resync)
        self._audit = Audit(
            kernel,
            options.account,
            self.resync,
            self._streams,
            every_s=options.audit_s,
            backoff=backoff(),
            on_unexplained=self._alarms.of_unexplained,
        )
        client_ids = ClientIds(self.evidence, kernel.ids, kernel.clock, self._knows)
        self.writes = Writes(kernel, self.evidence, client_ids.next, self._write_ended)

    # ---- what the desk asks ----------------------------------------------------

    def _knows(self, client_order_id: ClientOrderId) -> bool:
        found = self.kernel.state.find(self.account, client_order_id=client_order_id)
        return found is not None

    @property
    def audits(self) -> int:
        """How often everything was asked of the venue and compared, since the start."""
        return self._audit.count

    @property
    def compared_ns(self) -> int:
        """When the venue's holdings were last compared with our books; 0: never."""
        return self._audit.compared_ns

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
        if not self.audits:
            return "not compared yet"
        age_s = (self.kernel.now() - self.compared_ns) // SECOND_NS
        return "agree" if age_s < FRESH_S else f"agreed {age_s} s ago"

    # ---- life ------------------------------------------------------------------

    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        self._begin(adapter)
        self._end_orphans()
        with serving(Purpose.ORDER):  # no order goes out before this is done
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
            self._stand(Standing.READY)
            group.create_task(_to_the_end(self._questions.answer(adapter)))
            group.create_task(_to_the_end(self._audit.run(adapter)))
            group.create_task(_to_the_end(self._audit.watch_clock(adapter)))
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
            # Our clock, our picture of the order or of the account may be wrong.
            self._audit.look()
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
