"""Keeps one account connected, recovered and honest for as long as the desk runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.resync import Resync
from crossdock.app.gateway.writes import Writes
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.errors import AdapterError, AuthFailed, DeskError, Error, Rejected
from crossdock.model import (
    AccountId,
    AttemptId,
    ClientOrderId,
    InstrumentId,
    WriteKind,
    symbol_of,
)
from crossdock.ports import (
    CONNECTED,
    AccountStream,
    Instruments,
    Manifest,
    MarketSink,
    MarketStream,
    ServerTime,
)
from crossdock.toolkit.health import HealthRegistry, HealthState, StreamHealth
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

DOUBT_PAUSE_S = 0.1
DOUBT_PAUSE_AT_MOST_S = 2.0
AUTH_PAUSE_S = 2.0
SKEWED_PAUSE_S = 0.5
OVERLAP_S = 0.2
OVERLAP_AT_MOST_S = 3.0
SECOND_NS = 1_000_000_000


class Standing(StrEnum):
    """Whether an account trades. One that does not is quarantined alone."""

    CONNECTING = "connecting"
    RECOVERING = "recovering"
    READY = "ready"
    AWAY = "away"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    account: AccountId
    venue: str
    foreign: Literal["observe", "adopt", "halt"] = "observe"
    symbols: tuple[str, ...] = ()  # empty: all the venue has
    streams_market: bool = True  # one account per venue carries the market data
    audit_s: float = 5.0


class Gateway:
    """One account at one venue. `run` ends only by cancellation."""

    def __init__(
        self,
        kernel: Kernel,
        manifest: Manifest,
        options: GatewayOptions,
        connect: Callable[[], AbstractAsyncContextManager[Any]],
        market_sink: MarketSink,
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
        self.market_health = health.stream(f"{options.account} market")
        self.account_health = health.stream(f"{options.account} account")
        self._health = health
        self.standing = Standing.CONNECTING
        self.reason = ""
        self.audits = 0  # times that everything was asked and compared since the start
        self.skewed = ""  # how far the clocks are apart: too far to send new orders
        self.ready = asyncio.Event()
        self._connect = connect
        self._market_sink = market_sink
        self._backoff = backoff
        self._adapter: Any = None
        self._resync_wanted = asyncio.Event()
        self._questions: dict[str, OrderState] = {}
        self._question_asked = asyncio.Event()
        self._restart_stream = asyncio.Event()
        self._connected = asyncio.Event()
        self._differences_seen: list[Any] = []
        self.intake = Intake(
            kernel,
            options.account,
            adopt=options.foreign == "adopt",
            on_gap=self._gap,
            on_owed=self._owed,
            on_foreign=self._foreign,
        )
        self.resync = Resync(kernel, options.account, self.evidence, self.intake)
        self.writes = Writes(kernel, self.evidence, self._next_client_id, self._write_ended)

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

    def _next_client_id(self) -> ClientOrderId:
        return ClientOrderId(self.kernel.ids.next("cd"))

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
            "subscribe": str(self.market_health.verdict().state)
            if self.options.streams_market
            else "by another account",
            "signals": "taken" if ready else "no",
            "execute": "refused: " + trouble if trouble else ("ready" if ready else "no"),
            "positions": f"{len(self.unexplained)} unexplained"
            if self.unexplained
            else "agree",
            "risk": "halted" if trouble else "checked",
            "monitor": f"{orders} open orders",
        }

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
                self._stand(Standing.CLOSED, "")
                raise
            except Exception as group:  # noqa: BLE001  an account fails alone
                error = _first(group)
                self._away(error)
                if isinstance(error, AuthFailed):
                    pause_s = AUTH_PAUSE_S
                elif not isinstance(error, AdapterError):
                    log.exception("account %s failed", self.account, exc_info=error)
            await self.kernel.clock.sleep(max(pause_s, backoff.next_s()))

    def _away(self, error: BaseException) -> None:
        was = self.standing
        self._stand(Standing.AWAY, f"{type(error).__name__}: {error}")
        if was is not Standing.AWAY:
            self._alarm("account-away", f"{self.account} is quarantined: {error}")

    def _stand(self, standing: Standing, reason: str) -> None:
        self.standing = standing
        self.reason = reason
        if standing is Standing.READY:
            self.ready.set()
        else:
            self.ready.clear()
        if standing in (Standing.AWAY, Standing.CLOSED):
            self._adapter = None

    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        self._stand(Standing.RECOVERING, "")
        self._adapter = adapter
        self._end_orphans()
        await self._sample_time(adapter)
        if isinstance(adapter, Instruments):
            self.intake.list_instruments(await adapter.instruments())
        if not self.kernel.state.account(self.account).has_baseline:
            await self.resync.baseline(adapter)
        async with asyncio.TaskGroup() as group:
            if isinstance(adapter, AccountStream):
                group.create_task(self._account_stream(adapter))
            await self._resync_until_done(adapter)
            backoff.reset()
            self._stand(Standing.READY, "")
            group.create_task(self._answer_questions(adapter))
            group.create_task(self._audit(adapter))
            if isinstance(adapter, MarketStream) and self.options.streams_market:
                group.create_task(self._market_stream(adapter))

    def _end_orphans(self) -> None:
        """Put in doubt every attempt whose outcome died with an earlier process."""
        kernel = self.kernel
        now = kernel.clock.monotonic_ns()
        for order in list(kernel.state.open_orders(self.account)):
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

    async def _sample_time(self, adapter: Any) -> None:
        if not isinstance(adapter, ServerTime):
            return
        clock = self.kernel.clock
        before = clock.time_ns()
        server = await adapter.server_time_ns()
        self.account_health.server_time(server, before, clock.time_ns())
        verdict = self.account_health.verdict()
        self.skewed = verdict.words if verdict.state is HealthState.SKEWED else ""

    # ---- streams ---------------------------------------------------------------

    async def _account_stream(self, adapter: AccountStream) -> None:
        """Keep the account's stream. One that lost a message is replaced by a fresh one,
        which is opened before the old one is closed: between them nothing goes unheard.
        """
        backoff = self._backoff()
        watching = asyncio.ensure_future(adapter.watch_account(self.intake))
        try:
            while True:
                restart = asyncio.ensure_future(self._restart_stream.wait())
                try:
                    await asyncio.wait(
                        {watching, restart}, return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    restart.cancel()
                if watching.done():
                    self.account_health.last_end = await _ended(watching)
                    self._resync_wanted.set()
                    await self.kernel.clock.sleep(backoff.next_s())
                    watching = asyncio.ensure_future(adapter.watch_account(self.intake))
                    continue
                backoff.reset()
                self._connected.clear()
                newer = asyncio.ensure_future(adapter.watch_account(self.intake))
                old, watching = watching, newer
                await self._overlap(old)
                self._restart_stream.clear()
        finally:
            watching.cancel()

    async def _overlap(self, old: asyncio.Future[None]) -> None:
        """Close a stream once the one that replaces it delivers, or after a while."""
        connected = asyncio.ensure_future(self._connected.wait())
        try:
            await asyncio.wait({connected}, timeout=OVERLAP_AT_MOST_S)
            await self.kernel.clock.sleep(OVERLAP_S)
        finally:
            connected.cancel()
            old.cancel()
        await _ended(old)

    async def _market_stream(self, adapter: MarketStream) -> None:
        backoff = self._backoff()
        while True:
            instruments = self.streamed_instruments()
            watching = asyncio.ensure_future(
                adapter.watch_market(instruments, self._market_sink)
            )
            try:
                while not watching.done():
                    await asyncio.wait({watching}, timeout=1.0)
                    if self.market_health.verdict().state is HealthState.MUTE:
                        break
                ended = await _ended(watching)
            finally:
                watching.cancel()
            self._market_sink.market_gap(instruments, ended)
            self.market_health.last_end = ended
            await self.kernel.clock.sleep(backoff.next_s())

    def streamed_instruments(self) -> list[InstrumentId]:
        suffix = f"@{self.options.venue}"
        known = (i for i in self.kernel.state.instruments if i.endswith(suffix))
        symbols = set(self.options.symbols)
        return [i for i in known if not symbols or symbol_of(i) in symbols]

    # ---- recovery and audit ----------------------------------------------------

    async def _resync_until_done(self, adapter: Any) -> None:
        backoff = self._backoff()
        while True:
            self._resync_wanted.clear()
            try:
                await self._resync_once(adapter)
            except (AuthFailed, Rejected):
                raise
            except AdapterError as error:
                self.reason = f"recovering: {error}"
                await self.kernel.clock.sleep(backoff.next_s())
            else:
                return

    async def _resync_once(self, adapter: Any) -> None:
        missed = await self.resync.histories(adapter)
        for order in list(self.kernel.state.open_orders(self.account)):
            if order.doubts or not order.venue_order_ids:
                await self.resync.question(adapter, order)
        await self.resync.open_orders(adapter)
        if missed and self.standing is Standing.READY:
            log.info("%s: %d messages came by history", self.account, missed)

    async def _audit(self, adapter: Any) -> None:
        """Ask again what the streams should have told, and compare holdings."""
        while True:
            waiting = asyncio.ensure_future(self._resync_wanted.wait())
            pause_s = SKEWED_PAUSE_S if self.skewed else self.options.audit_s
            await asyncio.wait({waiting}, timeout=pause_s)
            gapped = waiting.done()
            waiting.cancel()
            self._resync_wanted.clear()
            try:
                await self._sample_time(adapter)
                news = await self.resync.histories(adapter)
                if news and not gapped:
                    # The stream is connected and owes us these: it is mute, or lies.
                    self.account_health.gap(f"{news} messages came by history alone")
                    self._restart_stream.set()
                await self._resync_once(adapter)
                await self._compare(adapter)
            except AuthFailed:
                raise
            except AdapterError as error:
                log.warning("%s: audit failed, will repeat: %s", self.account, error)
                self._resync_wanted.set()
                await self.kernel.clock.sleep(DOUBT_PAUSE_S * 5)

    async def _compare(self, adapter: Any) -> None:
        found = await self.resync.differences(adapter)
        if found is None:
            self._resync_wanted.set()
            return
        self.audits += 1
        if found and found == self._differences_seen:
            words = "; ".join(f"{d.what}: venue {d.venue}, books {d.books}" for d in found)
            account = self.kernel.state.account(self.account)
            if not account.halted:
                self.halt("crossdock", f"unexplained holdings: {words}")
                self._alarm("unexplained-position", f"{self.account}: {words}")
        self._differences_seen = found

    @property
    def unexplained(self) -> list[Any]:
        """Differences between venue and books that were seen twice in a row or once."""
        return list(self._differences_seen)

    # ---- doubts ----------------------------------------------------------------

    def ask(self, order: OrderState) -> None:
        """Have an order looked up soon, and until nothing about it is in doubt."""
        self._questions[order.order_id] = order
        self._question_asked.set()

    async def _answer_questions(self, adapter: Any) -> None:
        pause_s = DOUBT_PAUSE_S
        while True:
            if not self._questions:
                await self._question_asked.wait()
                pause_s = DOUBT_PAUSE_S
            self._question_asked.clear()
            for order_id, order in list(self._questions.items()):
                try:
                    await self.resync.question(adapter, order)
                except AuthFailed:
                    raise
                except AdapterError as error:
                    log.debug("question about %s: %s", order.client_order_id, error)
                    continue
                if not _needs_asking(order):
                    self._questions.pop(order_id, None)
            if self._questions:
                await self.kernel.clock.sleep(pause_s)
                pause_s = min(pause_s * 1.5, DOUBT_PAUSE_AT_MOST_S)

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
            self._resync_wanted.set()
            if kind is not WriteKind.SUBMIT:
                self.ask(order)
        elif order.owed > 0:
            self.ask(order)

    # ---- what the intake tells -------------------------------------------------

    def _gap(self, reason: str) -> None:
        self._resync_wanted.set()
        if reason == CONNECTED:
            self._connected.set()
        else:
            self._restart_stream.set()

    def _owed(self, order: OrderState) -> None:
        self.ask(order)

    def _foreign(self, order: OrderState) -> None:
        words = (
            f"{self.account}: {order.request.side} {order.quantity} {order.request.instrument} "
            f"is not ours (venue id {order.venue_order_ids[-1]})"
        )
        self._alarm("foreign-order", words)
        if self.options.foreign == "halt":
            self.halt("crossdock", f"foreign order: {words}")

    def halt(self, by: str, reason: str) -> None:
        """Take no new risk in this account until a person resumes it."""
        self.kernel.note(
            [
                r.AccountHalted(
                    at=self.kernel.now(),
                    account=self.account,
                    halted=True,
                    by=by,
                    reason=reason,
                )
            ]
        )

    def _alarm(self, code: str, words: str) -> None:
        log.warning("%s: %s", code, words)
        alarm = r.Alarmed(
            at=self.kernel.now(), code=code, words=words, account=self.account
        )
        self.kernel.note([alarm])


def _needs_asking(order: OrderState) -> bool:
    return any(not doubt.escalated for doubt in order.doubts) or order.owed > 0


async def _ended(watching: asyncio.Future[None]) -> str:
    """Return why a stream ended, in words; cancel it when it has not."""
    if not watching.done():
        watching.cancel()
    try:
        await watching
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return "restarted: it was mute"
    except AuthFailed:
        raise
    except Error as error:
        return str(error)
    return "the venue closed it"


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
