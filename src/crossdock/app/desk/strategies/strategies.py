"""The strategies of a desk: those its settings name, and what people made of them since."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.catalogue import load_strategy, named_strategies
from crossdock.app.desk.accounts.absent import absent
from crossdock.app.desk.strategies.runner import Runner, make_strategy
from crossdock.app.desk.strategies.trading import StrategyDesk
from crossdock.app.desk.strategies.warming import warm_up
from crossdock.app.nearest import did_you_mean
from crossdock.app.settings import Mode
from crossdock.core import records as r
from crossdock.core.execution.sizing import Sizing, parse_sizing
from crossdock.core.person_records import Standing, StrategyPlan
from crossdock.errors import ConfigError, DeskError
from crossdock.model import AccountId, InstrumentId, PortfolioId, StrategyId, symbol_of
from crossdock.ports import Strategy

if TYPE_CHECKING:
    from crossdock.app.desk.desk import Desk

log = logging.getLogger(__name__)


class Strategies:
    """Makes runners, and starts, pauses, stops and changes them while the desk runs.

    What a person decides is journaled first and holds at the next start.
    """

    def __init__(self, desk: Desk, classes: Mapping[str, type[Strategy]]) -> None:
        self._desk = desk
        self._classes = classes
        self.runners: dict[str, Runner] = desk.strategies
        self._symbols: dict[str, tuple[str, ...]] = {}  # by strategy; none means all

    # ---- what there is ---------------------------------------------------------

    def plans(self) -> dict[str, StrategyPlan]:
        """Return every strategy by name, with what people changed; none that they removed."""
        found: dict[str, StrategyPlan] = {
            name: StrategyPlan(
                kind=chosen.kind,
                portfolio=chosen.portfolio,
                accounts=tuple(chosen.accounts),
                symbols=tuple(chosen.symbols),
                params=dict(chosen.params),
                sizing=dict(chosen.sizing),
            )
            for name, chosen in self._desk.settings.strategies.items()
        }
        for name, steered in self._steered().items():
            if steered.standing is Standing.REMOVED:
                found.pop(name, None)
            elif steered.plan is not None:
                found[name] = steered.plan
        return found

    def require_kind(self, kind: str) -> None:
        """Raise ConfigError for a class that the settings do not name, importing nothing.

        To import is to run: who may start a strategy may not choose what code runs here.
        """
        chosen = {each.kind for each in self._desk.settings.strategies.values()}
        if ":" in kind and kind not in chosen and kind not in named_strategies():
            raise ConfigError(
                f"{kind!r} is a class that the settings do not name",
                code="strategy-unknown",
                hint=f'set it up there first: [strategies.NAME] with kind = "{kind}"',
            )

    def class_of(self, kind: str) -> type[Any]:
        """Import what a kind stands for, where it may run here. Raises ConfigError."""
        self.require_kind(kind)
        return load_strategy(kind)

    def sizings(self) -> dict[StrategyId, Sizing]:
        """Return how each one's signals become quantities, whether or not it runs."""
        plans = self.plans()
        return {StrategyId(name): parse_sizing(it.sizing) for name, it in plans.items()}

    def standing(self, name: str) -> str:
        """Return running, paused, stopped or failed."""
        runner = self.runners.get(name)
        if runner is None:
            return str(Standing.STOPPED)
        if runner.failed:
            return "failed"
        if not runner.running:
            return str(Standing.STOPPED)
        return str(Standing.PAUSED if runner.paused else Standing.RUNNING)

    def widths_wanted(self, instrument: InstrumentId) -> set[int]:
        """Return the widths of bars that strategies want of an instrument."""
        symbol = symbol_of(instrument)
        return {
            runner.width_ns
            for name, runner in self.runners.items()
            if runner.width_ns and symbol in (self._symbols[name] or (symbol,))
        }

    def _steered(self) -> Mapping[StrategyId, Any]:
        return self._desk.kernel.state.steering.strategies

    # ---- at the start of the desk ----------------------------------------------

    def make_all(self) -> None:
        """Make those that are to run. Raises ConfigError for one of the settings' own.

        One that a person set up, and that cannot be made any more, is left out and told of.
        """
        steered = self._steered()
        for name, plan in self.plans().items():
            known = steered.get(StrategyId(name))
            wanted = Standing.RUNNING if known is None else known.standing
            chosen = self._desk.settings.strategies.get(name)
            if known is None and chosen is not None and not chosen.enabled:
                continue
            if wanted is Standing.STOPPED:
                continue
            try:
                self._put(name, plan, self._made(name, plan))
            except ConfigError as error:
                if known is None or known.plan is None:
                    raise
                self._tell_unmade(name, error)

    def start_all(self) -> None:
        for name, runner in self.runners.items():
            runner.start()
            if StrategyId(name) in self._desk.kernel.state.steering.paused:
                runner.pause()

    def _tell_unmade(self, name: str, error: ConfigError) -> None:
        words = f"{name} cannot be made again: {error.message}"
        log.error("%s", words)
        kernel = self._desk.kernel
        kernel.note([r.Alarmed(at=kernel.now(), code="strategy-failed", words=words)])

    # ---- what people do --------------------------------------------------------

    def start(self, name: str, by: str) -> None:
        """Start one that is stopped or failed, with the state that it kept."""
        plan = self._plan(name)
        runner = self.runners.get(name)
        if runner is not None and runner.running:
            if runner.paused:
                self.resume(name, by)
            return
        made = self._made(name, plan)
        self._keep(name, Standing.RUNNING, by)
        self._run(name, plan, made)

    def stop(self, name: str, by: str) -> None:
        """Take it off. What it ordered and holds stays as it is."""
        self._plan(name)
        self._keep(name, Standing.STOPPED, by)
        if (runner := self.runners.get(name)) is not None:
            runner.stop()

    def pause(self, name: str, by: str) -> None:
        """Let it follow its orders and open nothing, until it is resumed."""
        runner = self._running(name)
        self._keep(name, Standing.PAUSED, by)
        runner.pause()

    def resume(self, name: str, by: str) -> None:
        runner = self._running(name)
        self._keep(name, Standing.RUNNING, by)
        runner.resume()

    def remove(self, name: str, by: str) -> None:
        """Stop it and forget how it was set up; one of the settings can be started again."""
        self._plan(name)
        self._keep(name, Standing.REMOVED, by)
        if (runner := self.runners.pop(name, None)) is not None:
            runner.stop()
        self._desk.bar_maker.renew()

    def set_params(self, name: str, params: Mapping[str, Any], by: str) -> None:
        """Give it other parameters; those left out stay. One that runs is restarted."""
        before = self._plan(name)
        plan = StrategyPlan(
            kind=before.kind,
            portfolio=before.portfolio,
            accounts=before.accounts,
            symbols=before.symbols,
            params=_plain({**before.params, **params}),
            sizing=_plain(before.sizing),
        )
        self._change(name, plan, by)

    def begin(
        self,
        kind: str,
        *,
        by: str,
        symbols: Sequence[str] = (),
        accounts: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
        portfolio: str = "",
    ) -> str:
        """Start a strategy by its name here, or a new one of a kind. Return its name.

        What is given takes the place of what it was set up with.
        """
        known = self.plans().get(kind)
        name = kind if known is not None else self._free_name(kind)
        before = known or StrategyPlan(kind=kind)
        plan = StrategyPlan(
            kind=before.kind,
            portfolio=portfolio or before.portfolio,
            accounts=tuple(accounts) or before.accounts,
            symbols=tuple(symbols) or before.symbols,
            params=_plain({**before.params, **(params or {})}),
            sizing=_plain(before.sizing),
        )
        self._raise_unless_fit(name, plan)
        self._change(name, plan, by, starts=True)
        return name

    def _change(
        self, name: str, plan: StrategyPlan, by: str, *, starts: bool = False
    ) -> None:
        runner = self.runners.get(name)
        was_running = runner is not None and runner.running
        was_paused = runner is not None and runner.paused and not starts
        made = self._made(name, plan)
        standing = Standing.STOPPED
        if was_running or starts:
            standing = Standing.PAUSED if was_paused else Standing.RUNNING
        self._keep(name, standing, by, plan)
        if standing is Standing.STOPPED:
            return
        self._run(name, plan, made)
        if was_paused:
            self.runners[name].pause()

    # ---- one strategy ----------------------------------------------------------

    def _run(self, name: str, plan: StrategyPlan, strategy: Strategy) -> None:
        before = self.runners.get(name)
        if before is not None:
            before.stop()  # it keeps its state in the journal, where the new one finds it
        runner = self._put(name, plan, strategy)
        desk = self._desk
        desk.bar_maker.renew()
        runner.start()
        if not desk.is_driven:
            warming = warm_up(desk.gateways.values(), [runner], desk.backoff)
            desk.start_task(warming, f"warm-up of {name}")

    def _put(self, name: str, plan: StrategyPlan, strategy: Strategy) -> Runner:
        desk = self._desk
        portfolio = PortfolioId(plan.portfolio)
        desk.sizings[StrategyId(name)] = parse_sizing(plan.sizing)
        self._symbols[name] = plan.symbols
        trading = StrategyDesk(
            desk.kernel,
            desk.dealing,
            desk.signals,
            desk.markets,
            desk.gateways,
            strategy=StrategyId(name),
            portfolio=portfolio,
            accounts=tuple(AccountId(account) for account in plan.accounts),
            capital=lambda: desk.figures.capital(portfolio),
        )
        runner = self.runners[name] = Runner(desk.kernel, strategy, trading, portfolio)
        return runner

    def _made(self, name: str, plan: StrategyPlan) -> Strategy:
        kind = self._classes.get(name)
        if kind is None:
            self.require_kind(plan.kind)
        return make_strategy(name, kind or plan.kind, plan.symbols, plan.params)

    def _keep(
        self, name: str, standing: Standing, by: str, plan: StrategyPlan | None = None
    ) -> None:
        kernel = self._desk.kernel
        kernel.commit(
            [
                r.StrategySteered(
                    at=kernel.now(),
                    strategy=StrategyId(name),
                    standing=standing,
                    by=by,
                    plan=plan,
                )
            ]
        )

    def _plan(self, name: str) -> StrategyPlan:
        plans = self.plans()
        chosen = self._desk.settings.strategies
        if name not in plans and name not in chosen:
            raise DeskError(
                f"there is no strategy {name!r}",
                code="unknown-strategy",
                hint=did_you_mean(name, plans) if plans else "none is set up",
            )
        if name in plans:
            return plans[name]
        found = chosen[name]  # a person removed it, and now wants it back
        return StrategyPlan(
            kind=found.kind,
            portfolio=found.portfolio,
            accounts=tuple(found.accounts),
            symbols=tuple(found.symbols),
            params=dict(found.params),
            sizing=dict(found.sizing),
        )

    def _running(self, name: str) -> Runner:
        self._plan(name)
        runner = self.runners.get(name)
        if runner is None or not runner.running:
            raise DeskError(
                f"{name} does not run",
                code="strategy-stopped",
                hint=f"`crossdock strategy start {name}` starts it",
            )
        return runner

    def _free_name(self, kind: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "-", kind.rpartition(":")[2].lower()).strip("-")
        name, number = plain or "strategy", 1
        while name in self.plans() or name in self._desk.settings.strategies:
            number += 1
            name = f"{plain}-{number}"
        return name

    def _raise_unless_fit(self, name: str, plan: StrategyPlan) -> None:
        """Hold what a person sets up to the rules of the settings."""
        settings = self._desk.settings
        for account in plan.accounts:
            if account not in self._desk.gateways:
                raise absent(account, self._desk.gateways, self._desk.kernel.state)
        if plan.portfolio not in settings.portfolios:
            raise DeskError(
                f"there is no portfolio {plan.portfolio!r}",
                code="unknown-portfolio",
                hint=did_you_mean(plan.portfolio, settings.portfolios),
            )
        if settings.desk.mode is Mode.LIVE and not plan.symbols:
            raise DeskError(
                f"{name}: a live strategy does not trade all that a venue lists",
                code="bad-argument",
                hint="name the symbols it trades",
            )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal can hold and read back: exact numbers as their text."""
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }
