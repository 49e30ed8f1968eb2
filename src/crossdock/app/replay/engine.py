"""Replays a recorded market through the whole desk and tells what came of it."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock.analysis.performance import measure
from crossdock.analysis.trades import round_trips
from crossdock.app.desk import Desk
from crossdock.app.journal_tools import JOURNAL_STORE
from crossdock.app.kernel import Kernel
from crossdock.app.paths import Folders
from crossdock.app.registry import Registry
from crossdock.app.replay.driver import Driver, Progress
from crossdock.app.replay.journal import HashedJournal, NoProjection
from crossdock.app.replay.loop import ReplayClock, ReplayLoop
from crossdock.app.replay.market import ReplayMarket
from crossdock.app.replay.opening import Market
from crossdock.app.replay.player import time_of
from crossdock.app.replay.remarks import defaults_of, place_of, unfilled, unheard
from crossdock.app.replay.run import Run
from crossdock.app.replay.sampler import EquitySampler
from crossdock.app.replay.terms import Terms
from crossdock.app.settings import Settings
from crossdock.app.settings.load import settings_of
from crossdock.app.settings.models import RECORDING
from crossdock.app.settings.sources import tree_of
from crossdock.core import records as r
from crossdock.errors import ConfigError, DeskError
from crossdock.model import (
    AccountId,
    Bar,
    Fill,
    Rounding,
    symbol_of,
)
from crossdock.ports import Durability, Journal, Strategy
from crossdock.toolkit.clock import CountedIds
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.retry import Backoff

ACCOUNT = AccountId("paper")
_NOWHERE = Path("/replay")  # a replay writes no file; its settings name the same everywhere
_FOLDERS = Folders(
    settings=_NOWHERE, data=_NOWHERE, logs=_NOWHERE, cache=_NOWHERE, runtime=_NOWHERE
)


class Replay:
    """One run. Equal input makes an equal journal, byte for byte."""

    def __init__(
        self,
        market: Market,
        strategy: str | type[Strategy],
        params: Mapping[str, Any],
        *,
        cash: Decimal,
        terms: Terms,
        risk: Mapping[str, Any],
        sizing: Mapping[str, Any] | str,
        journal: Path | None,
        progress: Progress | None,
    ) -> None:
        self._market = market
        self._named = strategy if isinstance(strategy, str) else strategy.__name__
        self._class = None if isinstance(strategy, str) else strategy
        self._params = {name: params[name] for name in sorted(params)}
        self._cash = cash
        self._terms = terms
        self._journal_folder = journal
        self._progress = progress
        self._currency = market.instruments[0].quote
        self._name = _plain(self._named)
        self._registry = Registry()
        self._settings = self._make_settings(risk, sizing)
        self._began_ns = _first_time(market)
        self._clock = ReplayClock(self._began_ns)
        self._source = ReplayMarket(market.instruments)
        self._adapter: Any = None
        self._fills: list[Fill] = []
        self._orders = 0
        self._refused: list[str] = []
        self._alarms: list[str] = []

    # ---- making ----------------------------------------------------------------

    def _make_settings(
        self, risk: Mapping[str, Any], sizing: Mapping[str, Any] | str
    ) -> Settings:
        strategy: dict[str, Any] = {
            "kind": self._named if self._class is None else f"class:{self._named}",
            "params": self._params,
            "symbols": sorted({symbol_of(each.id) for each in self._market.instruments}),
        }
        if sizing:
            strategy["sizing"] = sizing
        document = {
            "desk": {"name": "replay", "currency": str(self._currency)},
            "risk": dict(risk),
            "accounts": {
                str(ACCOUNT): {
                    "adapter": "paper",
                    "market": RECORDING,
                    "venue": self._market.venue,
                    "balances": f"{self._cash:f} {self._currency}",
                    "keep_state": "no",
                    **self._terms.paper_options(),
                }
            },
            "strategies": {self._name: strategy},
        }
        return settings_of(
            tree_of(document, "the replay"),
            file=None,
            registry=self._registry,
            folders=_FOLDERS,
        )

    def _connect(
        self, kernel: Kernel, health: HealthRegistry
    ) -> Callable[[AccountId], AbstractAsyncContextManager[Any]]:
        budgets, pool = RateBudgets(self._clock), HttpPool()

        def connect(account: AccountId) -> AbstractAsyncContextManager[Any]:
            manifest = self._settings.manifests[account]
            self._adapter = self._registry.factory(manifest)(
                AdapterContext(
                    account=account,
                    venue=self._settings.accounts[account].venue,
                    manifest=manifest,
                    settings=self._settings.accounts[account].options,
                    clock=self._clock,
                    ids=kernel.ids,
                    http=pool,
                    budgets=budgets,
                    health=health,
                    state=NoState(),
                    masker=self._settings.masker(),
                    market=self._source,
                )
            )
            made: AbstractAsyncContextManager[Any] = self._adapter
            return made

        return connect

    def _make_desk(self, journal: HashedJournal) -> Desk:
        holder: list[Desk] = []

        def failed(error: Exception, event: object, handler: object) -> None:
            holder[0].handler_failed(error, event, handler)

        kernel = Kernel(
            journal=journal,
            clock=self._clock,
            ids=CountedIds(),
            on_handler_error=failed,
            projects=False,
        )
        health = HealthRegistry(self._clock)
        chance = random.Random(0)  # noqa: S311  the same in every replay
        desk = Desk(
            self._settings,
            kernel,
            NoProjection(),
            health,
            self._connect(kernel, health),
            lambda: (),
            lambda: Backoff(chance),
            serves_control=False,
            is_driven=True,
            strategies={} if self._class is None else {self._name: self._class},
        )
        holder.append(desk)
        kernel.bus.subscribe(r.FillRecorded, self._on_fill)
        kernel.bus.subscribe(r.OrderIntended, self._on_order)
        kernel.bus.subscribe(r.RequestRefused, self._on_refusal)
        kernel.bus.subscribe(r.Alarmed, self._on_alarm)
        return desk

    def _on_fill(self, record: r.FillRecorded) -> None:
        self._fills.append(record.fill)

    def _on_order(self, _: r.OrderIntended) -> None:
        self._orders += 1

    def _on_refusal(self, record: r.RequestRefused) -> None:
        self._refused.append("; ".join(f"{check}: {why}" for check, why in record.reasons))

    def _on_alarm(self, record: r.Alarmed) -> None:
        self._alarms.append(f"{record.code}: {record.words}")

    # ---- running ---------------------------------------------------------------

    def run(self) -> Run:
        """Replay the whole market. Raises DeskError when the strategy failed."""
        loop = ReplayLoop(self._clock)  # type: ignore[abstract]  # typeshed calls all of it abstract
        journal = HashedJournal(self._kept_journal())
        with loop.running():
            desk = self._make_desk(journal)
            try:
                loop.finish(desk.__aenter__())
                try:
                    run = self._play(desk, loop)
                finally:
                    loop.finish(desk.__aexit__(*sys.exc_info()))
            finally:
                loop.close()
        return replace(run, journal_sha256=journal.sha256)

    def _kept_journal(self) -> Journal | None:
        folder = self._journal_folder
        if folder is None:
            return None
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise ConfigError(
                f"journal = {folder}: there is something already, and a run has a journal "
                "of its own",
                code="bad-argument",
                hint="name a folder that is new or empty",
            )
        opener = self._registry.factory(self._registry.manifest("store", JOURNAL_STORE))
        kept: Journal = opener.open(folder, Durability.PROCESS)  # type: ignore[attr-defined]
        return kept

    def _play(self, desk: Desk, loop: ReplayLoop) -> Run:
        loop.settle()
        self._raise_unless_ready(desk)
        sampler = EquitySampler(
            desk.kernel, ACCOUNT, self._currency, desk.view.equity, desk.view.marks
        )
        sink = self._source.sink
        assert sink is not None, "a ready account watches its market"
        desk.upkeep.round()
        sampler.sample(self._began_ns)
        driver = Driver(desk, loop, self._clock, sink, sampler, self._progress)
        began = time.perf_counter()
        if self._market.recording is not None:
            driver.play(self._market.recording.events())
        else:
            driver.play_bars(self._market.bars)
        driver.finish()
        seconds = time.perf_counter() - began
        self._raise_if_failed(desk)
        return self._told(desk, sampler, driver.events, seconds)

    def _raise_unless_ready(self, desk: Desk) -> None:
        gateway = desk.gateways[ACCOUNT]
        if not gateway.ready.is_set():
            raise DeskError(
                f"the paper account does not start: {gateway.reason or gateway.standing}"
            )
        self._raise_if_failed(desk)

    def _raise_if_failed(self, desk: Desk) -> None:
        for runner in desk.strategies.values():
            if runner.failed:
                raise DeskError(
                    f"the strategy {self._named} failed{place_of(runner.error, runner.strategy)}: "
                    f"{runner.failed}",
                    code="strategy-failed",
                    hint="mend it and run again; the whole traceback was logged",
                ) from runner.error

    def _too_dear(self) -> Iterator[str]:
        """Tell of what the cash does not buy one lot of: its orders come to nothing."""
        for bars in self._market.bars:
            listed = next(i for i in self._market.instruments if i.id == bars.instrument)
            first = listed.price_of_float(bars.close[0], Rounding.NEAREST)
            least = abs(listed.notional(listed.quantity_step, first))
            if least > self._cash:
                yield (
                    f"one lot of {symbol_of(listed.id)} is {listed.quantity_step:f} and costs "
                    f"{least:f} {listed.quote}, more than the cash: say --cash or --lot"
                )

    def _told(
        self,
        desk: Desk,
        sampler: EquitySampler,
        events: int,
        seconds: float,
    ) -> Run:
        ledger, view = desk.kernel.state.ledger, desk.view
        found = ledger.pnl(self._currency, view.rates(), view.marks())
        instruments = desk.kernel.state.instruments
        trades = round_trips(self._fills, instruments)
        curve = sampler.curve()
        bars: Sequence[Any] = self._market.bars
        return Run(
            strategy=self._named,
            params=self._params,
            defaults=defaults_of(desk, self._params),
            source=self._market.source,
            instruments=dict(instruments),
            currency=self._currency,
            initial_equity=self._cash,
            orders=self._orders,
            refused=self._refused,
            unfilled=unfilled(desk.kernel.state.orders.values()),
            fills=self._fills,
            fees=found.fees,
            funding=found.income,
            pnl=found.total,
            trades=trades,
            curve=curve,
            performance=measure(curve, trades),
            models=dict(self._adapter.models),
            events=events,
            seconds=seconds,
            journal_sha256="",  # known when the desk is closed
            alarms=self._alarms,
            notes=[*self._market.notes, *self._too_dear(), *unheard(desk)],
            bars=bars[0] if len(bars) == 1 else None,
        )


class NoState:
    """Implements `ports.AdapterState` for what ends with the replay."""

    def load(self, key: str) -> bytes | None:
        return None

    def save(self, key: str, value: bytes) -> None: ...


def _plain(name: str) -> str:
    """Return a name that a settings table may have."""
    return name.rpartition(":")[2].replace(".", "_") or "strategy"


def _first_time(market: Market) -> int:
    if market.bars:
        return min(bars.start_time_ns[0] for bars in market.bars)
    assert market.recording is not None
    for event in market.recording.events():
        return time_of(event) - (event.width_ns if isinstance(event, Bar) else 0)
    raise ConfigError("the recording holds no event", code="bad-argument")
