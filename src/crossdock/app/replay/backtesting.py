"""The one call that replays: data and a strategy in, a run out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from crossdock.app.data import Hints
from crossdock.app.replay.checking import cash_of
from crossdock.app.replay.driver import Progress
from crossdock.app.replay.engine import Replay
from crossdock.app.replay.opening import open_market
from crossdock.app.replay.run import Run
from crossdock.app.replay.terms import Number, Terms
from crossdock.model import Instrument
from crossdock.ports import Strategy

NO_LIMITS: Mapping[str, Any] = dict.fromkeys(
    (
        "daily_loss_pct",
        "position_pct",
        "correlation_max",
        "leverage_max",
        "orders_per_s",
        "orders_per_minute",
        "price_collar_bps",
        "fat_finger_multiple",
        "fat_finger_equity_pct",
        "duplicate_window_s",
        "stale_after_s",
        "max_open_orders",
        "max_open_orders_total",
        "day_trades_max",
    ),
    "none",
)
"""A backtest is bound by its cash alone, unless risk limits are given."""


T = TypeVar("T")


def backtest(
    strategy: str | type[Strategy],
    data: Any,
    *,
    cash: Number = "10000",
    params: Mapping[str, Any] | None = None,
    symbol: str = "",
    venue: str = "",
    timeframe: str = "",
    timezone: str = "",
    instruments: Sequence[Instrument] = (),
    terms: Terms | None = None,
    risk: Mapping[str, Any] = NO_LIMITS,
    sizing: Mapping[str, Any] | str = "",
    start_ns: int | None = None,
    end_ns: int | None = None,
    journal: Path | None = None,
    progress: Progress | None = None,
    **named: Any,
) -> Run:
    """Run a strategy over recorded data, through risk, orders, journal and ledger.

    `strategy` is the name of a worked example, "module:Class" or a class; `data` a path,
    an opened recording, `Bars`, several of them, or a frame of bars. `symbol`, `venue`,
    `timeframe` and `timezone` say what it does not tell itself; `instruments` are those
    of given bars whose steps and fees are known; `terms` override all of it. `cash` is in
    the quote currency. `risk` are limits as in the settings' [risk], `sizing` as in
    [strategies.NAME.sizing];
    `journal` is a folder to keep the journal in. The strategy's parameters are in
    `params`, or named one by one. Raises ConfigError, DataError, and DeskError when the
    strategy itself fails.
    """
    market = open_market(
        data,
        terms or Terms(),
        instruments=instruments,
        hints=Hints(symbol=symbol, venue=venue, timeframe=timeframe, timezone=timezone),
        start_ns=start_ns,
        end_ns=end_ns,
    )
    replay = Replay(
        market,
        strategy,
        {**(params or {}), **named},
        cash=cash_of(cash),
        terms=terms or Terms(),
        risk=risk,
        sizing=sizing,
        journal=journal,
        progress=progress,
    )
    return beside_any_loop(replay.run)


def beside_any_loop(work: Callable[[], T]) -> T:
    """Do work that runs a loop of its own: in a thread where one runs already (notebooks)."""
    if not _in_a_loop():
        return work()
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  it is raised in the caller's thread
            failed.append(error)

    thread = threading.Thread(target=run, name="crossdock replay", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
