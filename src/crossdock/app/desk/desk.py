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
from crossdock.app.desk.bar_making import BarMaker
from crossdock.app.desk.dealing import Dealing
from crossdock.app.desk.exits import Exits
from crossdock.app.desk.figures import Figures
from crossdock.app.desk.markets import Markets
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.desk.runner import Runner, make_strategy
from crossdock.app.desk.signals import Signals
from crossdock.app.desk.trading import StrategyDesk
from crossdock.app.desk.upkeep import Upkeep
from crossdock.app.desk.warming import warm_up
from crossdock.app.doors.control import ControlServer
from crossdock.app.doors.operations import Operations
from crossdock.app.doors.tracing import trace
from crossdock.app.financing import Financing
from crossdock.app.gateway import Gateway, GatewayOptions, MarketWatch
from crossdock.app.integrations import Integrations, usage_log
from crossdock.app.kernel import Kernel
from crossdock.app.live.confirmation import Confirmation, note_confirmed
from crossdock.app.settings import OnExit, Settings, Use
from crossdock.core import records as r
from crossdock.core.execution.sizing import Sizing, parse_sizing
from crossdock.core.risk import Gate
from crossdock.errors import DeskError, JournalError
from crossdock.model import (
    AccountId,
    Asset,
    InstrumentId,
    PortfolioId,
    StrategyId,
    symbol_of,
)
from crossdock.ports import JournalEntry, Projection, Strategy
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

SETTLE_S = 10.0
LOOK_S = 1.0  # between two looks whether a market stream is mute
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
    ) -> None:
        """`is_driven`: somebody else moves time and calls `upkeep.round`, as a replay does;
        nothing then happens by the clock alone. `strategies` are classes by the name of
        their settings, where `kind` cannot name them. `confirmations` let accounts trade
        real money that never did. `only_leaves`: it is there to cancel and flatten, which
        needs neither a confirmation nor a key that cannot withdraw. `budgets` are
        those its adapters call by: they count the calls.
        """
        self.settings = settings
        self.kernel = kernel
        self.projection = projection
        self.health = health
        self.session = kernel.ids.next("s")
        self.gateways: dict[AccountId, Gateway] = {}
        self.watches: dict[AccountId, MarketWatch] = {}
        self.financing: dict[AccountId, Financing] = {}
        self.strategies: dict[str, Runner] = {}
        self.operations = Operations(self)
        self._connect = connect
        self._read_journal = read_journal
        self._backoff = backoff
        self._serves_control = serves_control
        self._runs_strategies = runs_strategies
        self._is_driven = is_driven
        self._classes = strategies or {}
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
        self._say_what_moves()
        self.markets = Markets(kernel.bus, self._book_gap)
        self.view = DeskView(
            kernel,
            self.markets,
            self.gateways,
            currency=Asset(settings.desk.currency),
            live={AccountId(name) for name in settings.live_accounts()},
        )
        self.figures = Figures(settings, kernel.state, self.view, self.gateways)
        gate = Gate(settings.limits, kernel.state.reservations, kernel.ids)
        self.dealing = Dealing(
            kernel, gate, self.view, self.markets, self.gateways, self.watches
        )
        self.signals = Signals(
            kernel, self.dealing, self.markets, self.gateways, self._sizings()
        )
        self.exits = Exits(self)
        self._add_gateways()
        for name, gateway in self.gateways.items():
            self.financing[name] = Financing(kernel, name, gateway, gateway.evidence)
        for name, watch in self.watches.items():
            self.financing[name] = Financing(kernel, name, watch, None)
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
                    process_id=0 if self._is_driven else os.getpid(),
                )
            ]
        )
        for financing in self.financing.values():
            financing.doubt_orphans()
        self._follow()
        self.bar_maker = BarMaker(kernel.bus, self.markets, self._widths_wanted)
        if self._runs_strategies:
            self._add_strategies()
        if self._serves_control:
            self._control = ControlServer(settings.desk.control, self.operations.table())
            await self._control.__aenter__()
        for gateway in self.gateways.values():
            self._start(gateway.run(), f"account {gateway.account}")
        for watch in self.watches.values():
            self._start(watch.run(), f"data account {watch.account}")
        for financing in self.financing.values():
            self._start(financing.run(), f"transfers of {financing.account}")
        if not self._is_driven:
            self._start(self.upkeep.run(), "upkeep")
            warming = warm_up(
                self.gateways.values(), self.strategies.values(), self._backoff
            )
            self._start(warming, "warm-up")
        for runner in self.strategies.values():
            runner.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for runner in self.strategies.values():
            runner.stop()
        try:
            if self._on_exit is not OnExit.KEEP:
                flatten = self._on_exit is OnExit.FLATTEN
                await self.exits.leave(flatten=flatten)
            await self._settle()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._control is not None:
                await self._control.__aexit__(None, None, None)
            words = f"{kind.__name__}: {error}" if kind is not None else "stopped"
            self.kernel.note([r.SessionEnded(at=self.kernel.now(), reason=words)])
            self.upkeep.project()
            self.integrations.keep(self.kernel.now(), ends=True)
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

    def _start(self, running: Any, name: str) -> None:
        task = asyncio.get_running_loop().create_task(running, name=name)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        log.error("%s ended: %s", task.get_name(), task.exception())
        words = f"{task.get_name()} ended: {task.exception()}"
        self.kernel.note([r.Alarmed(at=self.kernel.now(), code="task-ended", words=words)])

    def _add_gateways(self) -> None:
        accounts = self.settings.accounts
        streaming: set[str] = set()
        live = self.settings.live_accounts()
        # Those that trade come first: a data account leaves a market to them.
        for name in sorted(accounts, key=lambda each: accounts[each].use is Use.DATA):
            account = accounts[name]
            if not account.enabled or self._is_market_of_another(name):
                continue
            account_id = AccountId(name)
            options = GatewayOptions(
                account=account_id,
                venue=account.venue,
                foreign=account.foreign.value,
                symbols=account.instruments,
                streams_market=account.venue not in streaming,
                audit_s=None if self._is_driven else self.settings.desk.audit_s,
                look_s=None if self._is_driven else LOOK_S,
                moves_money=name in live,
                allow_withdrawal_keys=account.allow_withdrawal_keys or self._only_leaves,
            )
            streaming.add(account.venue)
            made = MarketWatch if account.use is Use.DATA else Gateway
            kept: dict[AccountId, Any] = (
                self.watches if account.use is Use.DATA else self.gateways
            )
            kept[account_id] = made(
                self.kernel,
                self.settings.manifests[name],
                options,
                lambda account_id=account_id: self._connect(account_id),  # type: ignore[misc]
                self.markets,
                health=self.health,
                backoff=self._backoff,
            )

    def _is_market_of_another(self, name: str) -> bool:
        """Tell whether a data account is only there for simulated accounts to trade on.

        They open a connection of their own to it, and with it stream what they trade.
        """
        accounts = self.settings.accounts
        return accounts[name].use is Use.DATA and any(
            other.enabled and other.market == name for other in accounts.values()
        )

    def _say_what_moves(self) -> None:
        """Log which accounts move real money, and what a stop does with what is open."""
        desk = self.settings.desk
        log.info("on exit: %s", desk.on_exit)
        if live := self.settings.live_accounts():
            log.warning("LIVE: %s trade real money", ", ".join(live))

    def _sizings(self) -> dict[StrategyId, Sizing]:
        return {
            StrategyId(name): parse_sizing(chosen.sizing)
            for name, chosen in self.settings.strategies.items()
        }

    def _add_strategies(self) -> None:
        for name, chosen in self.settings.strategies.items():
            if not chosen.enabled:
                continue
            strategy = make_strategy(
                name,
                self._classes.get(name, chosen.kind),
                chosen.symbols,
                chosen.params,
            )
            portfolio = PortfolioId(chosen.portfolio)
            trading = StrategyDesk(
                self.kernel,
                self.dealing,
                self.signals,
                self.markets,
                self.gateways,
                strategy=StrategyId(name),
                portfolio=portfolio,
                accounts=tuple(AccountId(account) for account in chosen.accounts),
                capital=lambda portfolio=portfolio: self.figures.capital(portfolio),  # type: ignore[misc]
            )
            self.strategies[name] = Runner(self.kernel, strategy, trading, portfolio)

    def _widths_wanted(self, instrument: InstrumentId) -> set[int]:
        """Return the widths of bars that strategies want of an instrument."""
        widths = set()
        for name, runner in self.strategies.items():
            symbols = self.settings.strategies[name].symbols
            if not symbols or symbol_of(instrument) in symbols:
                widths |= {runner.width_ns} if runner.width_ns else set()
        return widths

    def _follow(self) -> None:
        """Keep what the risk view remembers in line with what happens."""
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
        for runner in self.strategies.values():
            runner.tick(now_ns)

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

    async def kill(
        self, *, by: str, reason: str, flatten: bool, account: AccountId | None
    ) -> dict[str, Any]:
        return await self.exits.kill(by=by, reason=reason, flatten=flatten, account=account)

    # ---- answers ---------------------------------------------------------------

    @property
    def uptime_s(self) -> float:
        return (self.kernel.clock.monotonic_ns() - self._began_ns) / 1e9

    def trace(self, name: str) -> list[dict[str, Any]]:
        """Return every journal record of one cycle, found by any id in it."""
        self.upkeep.project()
        return trace(self.projection, name)
