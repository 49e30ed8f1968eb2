"""A backtest as a job: what is asked in plain values, what came of it in plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.analysis.equity import day_ends
from crossdock.app.backtest import keep_run
from crossdock.app.backtest.frames import COLUMNS
from crossdock.app.backtest.report.thinning import telling
from crossdock.app.data import find_series, open_store
from crossdock.app.replay import Terms, backtest, parse_value
from crossdock.errors import ConfigError
from crossdock.model import width_of
from crossdock.web.work.folder import JobFolder

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

CURVE_POINTS = 2_000
MOST_TRADES = 10_000
SECOND_NS = 1_000_000_000


def run_backtest(
    folder: JobFolder, job: Mapping[str, Any], progress: Callable[[float, str], None]
) -> Mapping[str, Any]:
    """Run it, keep it in `run`, and write `result`. Returns its figures; raises Error."""
    asked = job["asked"]
    store = open_store(Path(job["store"]))
    series = find_series(store, asked["symbol"], asked["timeframe"])
    if series.timeframe in ("trades", "quotes"):
        raise ConfigError("a backtest is of bars", code="bad-argument")
    bars = store.bars(
        series.instrument,
        width_of(series.timeframe),
        start_ns=asked["start_ns"],
        end_ns=asked["end_ns"],
    )
    run = backtest(
        asked["strategy"],
        bars,
        cash=asked["capital"],
        params={name: plain_param(value) for name, value in asked["params"].items()},
        terms=Terms(
            maker_fee=asked["fee"],
            taker_fee=asked["fee"],
            slippage_bps=asked["slippage_bps"],
            latency_ms=asked["latency_ms"],
        ),
        progress=lambda done, of: progress(done / of if of else 0.0, f"{done:,} bars"),
    )
    run = replace(run, source=f"{series.instrument} {series.timeframe} of the bar store")
    kept = keep_run(run, root=folder.path / "run")
    folder.write("result", {"run": kept.id, **told(run)})
    summary = kept.summary
    names = (
        "currency",
        "initial_equity",
        "final_equity",
        "pnl",
        "fees",
        "orders",
        "trades",
    )
    return {**{name: summary[name] for name in names}, **summary["figures"]}


def plain_param(value: Any) -> Any:
    """Return a parameter as settings would hold it: exact, where JSON has a float."""
    if isinstance(value, float):
        return Decimal(repr(value))
    return parse_value(value) if isinstance(value, str) else value


def told(run: Run) -> dict[str, Any]:
    """Return a run's series: curve and drawdown thinned, trades, and profit by UTC day."""
    curve = COLUMNS["equity"](run)
    chosen = telling(curve["equity"], CURVE_POINTS)
    times = [time_ns / SECOND_NS for time_ns in curve["time"]]
    trades = COLUMNS["trades"](run)
    rows = [
        dict(zip(trades, row, strict=True)) for row in zip(*trades.values(), strict=True)
    ]
    return {
        "equity": [[times[at], curve["equity"][at]] for at in chosen],
        "drawdown": [[times[at], curve["drawdown"][at]] for at in chosen],
        "trades": rows[-MOST_TRADES:],
        "days": days(run),
        "notes": list(run.notes),
        "refused": list(run.refused[:100]),
    }


def days(run: Run) -> dict[str, float]:
    """Return profit by UTC day; what is earned at midnight belongs to the day before."""
    ends = day_ends(run.curve)
    equity, times = run.curve.equity, run.curve.time_ns
    found: dict[str, float] = {}
    for before, end in pairwise(ends):
        day = datetime.fromtimestamp((times[end] - 1) // SECOND_NS, UTC).date()
        found[day.isoformat()] = round(equity[end] - equity[before], 8)
    return found
