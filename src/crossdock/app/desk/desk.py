"""The desk: one process that takes the market in, trades, and never loses an order."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

import crossdock
from crossdock.app.desk.accounts.accounts import Accounts
from crossdock.app.desk.accounts.connections import ConnectBy, Connections
from crossdock.app.desk.dealing.closings import Closings
from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.desk.dealing.exits import Exits
from crossdock.app.desk.dealing.limits import follow_limits
from crossdock.app.desk.dealing.signals import Signals
from crossdock.app.desk.happenings import Happenings
from crossdock.app.desk.market.bar_making import BarMaker
from crossdock.app.desk.market.candles import Candles
from crossdock.app.desk.market.markets import Markets
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.desk.strategies.runner import Runner
from crossdock.app.desk.strategies.strategies import Strategies
from crossdock.app.desk.strategies.strategy_log import StrategyLog
from crossdock.app.desk.strategies.warming import warm_up
from crossdock.app.desk.upkeep import Upkeep
from crossdock.app.desk.worth.equity import EquityHistory
from crossdock.app.desk.worth.figures import Figures
from crossdock.app.desk.worth.measuring import measured
from crossdock.app.doors.control.control import ControlServer
from crossdock.app.doors.control.listening import listening_of
from crossdock.app.doors.operations import Operations
from crossdock.app.doors.watching.watching import Watching
from crossdock.app.financing import Financing
from crossdock.app.gateway import Gateway, MarketWatch
from crossdock.app.integrations import Integrations, usage_log
from crossdock.app.kernel import Kernel
from crossdock.app.live.confirmation import Confirmation, note_confirmed
from crossdock.app.registry import Registry
from crossdock.app.settings import OnExit, Settings
from crossdock.core import records as r
from crossdock.core.execution.sizing import Sizing
from crossdock.core.risk import Gate
from crossdock.errors import DeskError, JournalError
from crossdock.model import (
    AccountId,
    Asset,
    InstrumentId,
    StrategyId,
)
from crossdock.ports import JournalEntry, Projection, Strategy
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

SETTLE_S = 10.0
Connect = Callable[[AccountId], AbstractAsyncContextManager[Any]]


class Desk:
    """Made by `open_desk`; an async context manager.

    Entering recovers the journal, connects every account and starts the strategies;
    leaving does what `on_exit` says and closes the journal.
    """

    def __init__(
        self,
        settings: Settings,
        kernel: Kernel,
        projection: Projection,
        health: HealthRegistry,
        connect: Connect,
        read_journal: Callable[[], Iterable[JournalEntry]],
        backoff: Callable[[], Backoff],
        *,
        serves_control: bool = True,
        runs_strategies: bool = True,
        is_driven: bool = False,
        strategies: Mapping[str, type[Strategy]] | None = None,
        confirmations: Mapping[str, Confirmation] | None = None,
        only_leaves: bool = False,
        budgets: RateBudgets | None = None,
        registry: Registry | None = None,
        connect_by: ConnectBy | None = None,
    ) -> None:
        """`is_driven`: somebody else moves time and calls `upkeep.round`, as a replay does;
        nothing then happens by the clock alone. `strategies` are classes by the name of
        their settings, where `kind` cannot name them. `confirmations` let accounts trade
        real money that never did. `only_leaves`: it is there to cancel and flatten, which
        needs neither a confirmation nor a key that cannot withdraw. `budgets` are
        those its adapters call by: they count the calls. `registry` and `connect_by` serve
        accounts that are let in while it runs: `connect` knows those of its settings.
        """
        self.settings = settings
        self.kernel = kernel
        self.projection = projection
        self.health = health
        self.session = kernel.ids.next("s")
        self.gateways: dict[AccountId, Gateway] = {}
        self.watches: dict[AccountId, MarketWatch] = {}
        self.financing: dict[AccountId, Financing] = {}
        self.live: set[AccountId] = set()  # those whose orders move real money
        self.accounts = Accounts(self, only_leaves=only_leaves)
        self.connections = Connections(self, registry or Registry(), connect_by)
        self.strategies: dict[str, Runner] = {}
        self.sizings: dict[StrategyId, Sizing] = {}
        self.strategy_floor = Strategies(self, strategies or {})
        self.operations = Operations(self)
        self.connect = connect
        self._read_journal = read_journal
        self.backoff = backoff
        self._serves_control = serves_control
        self._runs_strategies = runs_strategies
        self.is_driven = is_driven
        self._confirmations = confirmations or {}
        self._only_leaves = only_leaves
        self.integrations = Integrations(
            budgets or RateBudgets(kernel.clock), usage_log(settings), kernel.now()
        )
        self._began_ns = kernel.clock.monotonic_ns()
        self._stop = asyncio.Event()
        self._on_exit = settings.desk.on_exit
        self._tasks: list[asyncio.Task[None]] = []
        self._control: ControlServer | None = None

    # ---- life ------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        settings, kernel = self.settings, self.kernel
        kernel.recover()
        self._raise_unless_writable()
        if not self._only_leaves:
            note_confirmed(settings, kernel, self._confirmations)
            self._set_flags()
        self._say_what_moves()
        self.markets = Markets(kernel.bus, self._book_gap)
        self.view = DeskView(
            kernel,
            self.markets,
            self.gateways,
            currency=Asset(settings.desk.currency),
            live=self.live,
        )
        self.figures = Figures(settings, kernel.state, self.view, self.gateways)
        self.gate = Gate(
            settings.limits,
            kernel.state.reservations,
            kernel.ids,
            steering=kernel.state.steering,
        )
        self.dealing = Dealing(
            kernel, self.gate, self.view, self.markets, self.gateways, self.watches
        )
        self.sizings |= self.strategy_floor.sizings()
        self.signals = Signals(
            kernel, self.dealing, self.markets, self.gateways, self.sizings
        )
        self.closings = Closings(
            kernel, self.dealing, self.view, self.signals, self.gateways, self.start_task
        )
        self.exits = Exits(self)
        kept = settings.desk.journal.with_name(f"{settings.desk.journal.name}.equity.csv")
        self.equity_history = EquityHistory(
            None if self.is_driven else kept, lambda: measured(self)
        )
        self.accounts.add_all()
        self.happenings = Happenings(kernel)
        self.candles = Candles(self.markets, kernel.clock, self.strategies)
        self.strategy_log = StrategyLog(self.strategies, settings.masker())
        self.upkeep = Upkeep(
            kernel,
            self.projection,
            self.view,
            self.gateways,
            settings.desk.currency,
            self._read_journal,
            self._tick,
        )
        self.upkeep.catch_up()  # before anything new: what is there is mostly there already
        kernel.note(
            [
                r.SessionStarted(
                    at=kernel.now(),
                    session=self.session,
                    version=crossdock.__version__,
                    settings_digest=settings.digest(),
                    durability=str(settings.desk.durability),
                    process_id=0 if self.is_driven else os.getpid(),
                )
            ]
        )
        for financing in self.financing.values():
            financing.doubt_orphans()
        self._follow()
        self.bar_maker = BarMaker(
            kernel.bus, self.markets, self.strategy_floor.widths_wanted
        )
        if self._runs_strategies:
            self.strategy_floor.make_all()
        if self._serves_control:
            self._control = ControlServer(
                settings.desk.control,
                self.operations.table(),
                {"watch": Watching(self).serve},
                listening_of(settings.desk),
            )
            await self._control.__aenter__()
        self.accounts.start_all()
        if not self.is_driven:
            logging.getLogger().addHandler(self.strategy_log)
            self.start_task(self.upkeep.run(), "upkeep")
            warming = warm_up(
                self.gateways.values(), self.strategies.values(), self.backoff
            )
            self.start_task(warming, "warm-up")
        self.strategy_floor.start_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for runner in self.strategies.values():
            runner.stop()
        self.closings.hold()
        try:
            if self._on_exit is not OnExit.KEEP:
                flatten = self._on_exit is OnExit.FLATTEN
                await self.exits.leave(flatten=flatten)
            await self._settle()
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._control is not None:
                await self._control.__aexit__(None, None, None)
            words = f"{kind.__name__}: {error}" if kind is not None else "stopped"
            self.kernel.note([r.SessionEnded(at=self.kernel.now(), reason=words)])
            self.upkeep.project()
            self.integrations.keep(self.kernel.now(), ends=True)
            logging.getLogger().removeHandler(self.strategy_log)
            self.projection.close()
            self.kernel.journal.close()

    async def _settle(self) -> None:
        """Give writes under way the time to be answered."""
        waiting = [gateway.writes.settle() for gateway in self.gateways.values()]
        waiting += [financing.rest() for financing in self.financing.values()]
        try:
            async with asyncio.timeout(SETTLE_S):
                await asyncio.gather(*waiting)
        except TimeoutError:
            log.warning("some writes were not answered: the next start asks about them")

    def _raise_unless_writable(self) -> None:
        if not self.kernel.journal.writable:
            raise JournalError("the journal cannot be written", code="journal-failed")

    def start_task(self, running: Any, name: str) -> asyncio.Task[None]:
        """Run something for as long as the desk does. One that fails is alarmed about."""
        task = asyncio.get_running_loop().create_task(running, name=name)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
        if task.cancelled() or task.exception() is None:
            return
        log.error("%s ended: %s", task.get_name(), task.exception())
        words = f"{task.get_name()} ended: {task.exception()}"
        self.kernel.note([r.Alarmed(at=self.kernel.now(), code="task-ended", words=words)])

    def _set_flags(self) -> None:
        """Set the flags that the settings give; the others stay as people left them."""
        if self.is_driven:
            return
        steering, now = self.kernel.state.steering, self.kernel.now()
        given: Mapping[str, Any] = self.settings.flags.given()
        records = [
            r.FlagSet(at=now, name=name, value=value, by="settings")
            for name, value in given.items()
            if getattr(steering.flags, name) != value
        ]
        if records:
            self.kernel.commit(records)

    def _say_what_moves(self) -> None:
        """Log which accounts move real money, and what a stop does with what is open."""
        desk = self.settings.desk
        log.info("on exit: %s", desk.on_exit)
        if live := self.settings.live_accounts():
            log.warning("LIVE: %s trade real money", ", ".join(live))

    def _follow(self) -> None:
        """Keep what risk goes by in line with what happens."""
        follow_limits(self.kernel, self.gate, self.settings.limits)
        subscribe = self.kernel.bus.subscribe
        subscribe(r.OrderIntended, lambda record: self.view.note_order(record.request))

    def _tell_unfit(self) -> None:
        """Alarm about records passed over, and halt the accounts whose books they miss."""
        unfit, self.kernel.unfit = self.kernel.unfit, []
        for account, words in unfit:
            now = self.kernel.now()
            alarm = r.Alarmed(at=now, code="record-unfit", words=words, account=account)
            self.kernel.note([alarm])
            gateway = self.gateways.get(account) if account is not None else None
            if (
                gateway is not None
                and not self.kernel.state.account(gateway.account).halted
            ):
                gateway.halt("crossdock", f"a record was passed over: {words}")

    def _tick(self, now_ns: int) -> None:
        self.integrations.keep(now_ns)
        self._tell_unfit()
        self.bar_maker.close_due(now_ns)
        self.view.sample_correlations()
        for runner in list(self.strategies.values()):
            runner.tick(now_ns)
        if not self.is_driven:
            self.equity_history.sample(now_ns)
            self.candles.sample(now_ns)

    def handler_failed(self, error: Exception, event: object, handler: object) -> None:
        """Stop the strategy that raised; nothing else on the bus notices."""
        for runner in self.strategies.values():
            if runner.owns(handler):
                runner.fail(error)
                return
        log.error("a handler of %s failed", type(event).__name__, exc_info=error)

    def _book_gap(self, instrument: InstrumentId, reason: str) -> None:
        log.info("%s: book gap: %s", instrument, reason)

    # ---- waiting ---------------------------------------------------------------

    async def ready(self, timeout_s: float = 15.0) -> list[AccountId]:
        """Wait until every account trades; return those that do not after the timeout."""
        waiting = [asyncio.ensure_future(g.ready.wait()) for g in self.gateways.values()]
        try:
            if waiting:
                await asyncio.wait(waiting, timeout=timeout_s)
        finally:
            for each in waiting:
                each.cancel()
        return [name for name, g in self.gateways.items() if not g.ready.is_set()]

    async def day_opened(self, timeout_s: float = 5.0) -> bool:
        """Wait until each account's equity is known: before, risk refuses what adds.

        False after the timeout: a price is missing.
        """
        state, clock = self.kernel.state, self.kernel.clock
        end_ns = clock.monotonic_ns() + int(timeout_s * 1e9)
        while not all(state.account(account).day for account in self.gateways):
            if clock.monotonic_ns() >= end_ns:
                return False
            await clock.sleep(0.05)
        return True

    async def stopped(self) -> None:
        """Wait until somebody asks the desk to stop."""
        await self._stop.wait()

    def request_stop(self, on_exit: str | None = None) -> None:
        """Ask the desk to stop; `on_exit` overrides the setting."""
        if on_exit is not None:
            try:
                self._on_exit = OnExit(on_exit)
            except ValueError:
                raise DeskError(
                    f"on_exit is keep, cancel or flatten, not {on_exit!r}",
                    code="bad-argument",
                ) from None
        self._stop.set()

    # ---- answers ---------------------------------------------------------------

    @property
    def uptime_s(self) -> float:
        return (self.kernel.clock.monotonic_ns() - self._began_ns) / 1e9
