"""A run in words and figures: for JSON, for a prompt, for a notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

import crossdock
from crossdock.app.backtest.figures import figure, figures_of, money
from crossdock.model import Instrument

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

_BRIEF = ("total_return", "max_drawdown", "sharpe", "win_rate")


def summary_of(run: Run) -> dict[str, Any]:
    """Return all that is not a series, ready for JSON: money as text, the rest as numbers.

    `figures` are those of `docs/reference/backtest-figures.md`; None: not defined for it.
    """
    times = run.curve.time_ns
    return {
        "strategy": run.strategy,
        "params": plain(run.params),
        "defaults": plain(run.defaults),
        "source": run.source,
        "instruments": [str(name) for name in run.instruments],
        "timeframe": run.bars.timeframe if run.bars is not None else "",
        "first_time": moment(times[0]) if times else None,
        "last_time": moment(times[-1]) if times else None,
        "currency": str(run.currency),
        "initial_equity": _text(run.initial_equity),
        "final_equity": _text(run.initial_equity + run.pnl),
        "pnl": _text(run.pnl),
        "fees": _text(run.fees),
        "funding": _text(run.funding),
        "orders": run.orders,
        "refused": len(run.refused),
        "unfilled": len(run.unfilled),
        "fills": len(run.fills),
        "trades": len(run.trades),
        "alarms": [str(each) for each in run.alarms],
        "notes": list(run.notes),
        "figures": plain(figures_of(run)),
        "models": plain(run.models),
        "terms": {str(it.id): terms_of(it) for it in run.instruments.values()},
        "events": run.events,
        "seconds": round(run.seconds, 6),
        "events_per_s": round(run.events_per_s, 1),
        "journal_sha256": run.journal_sha256,
        "version": crossdock.__version__,
    }


def words_of(run: Run) -> str:
    """Return a run in one line: what `print(run)` shows."""
    figures = figures_of(run)
    known = [
        f"{figure(name).label.lower()} {figure(name).shown(figures[name])}"
        for name in _BRIEF
        if figures.get(name) is not None
    ]
    parts = [
        f"{run.strategy}({_call(run.params)}) on {where_of(run)}",
        f"{money(run.pnl)} {run.currency} in {len(run.trades)} trades",
        *known,
    ]
    return f"<Run {', '.join(parts)}>"


def html_of(run: Run) -> str:
    """Return a run as a notebook shows it: one small table."""
    body = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:right'>{escape(value)}</td></tr>"
        for name, value in brief(run)
    )
    title = f"{run.strategy}({_call(run.params)}) on {where_of(run)}"
    return f"<table><caption>{escape(title)}</caption><tbody>{body}</tbody></table>"


def brief(run: Run) -> list[tuple[str, str]]:
    """Return what people are shown of a run: names and values, in words."""
    return [
        ("Profit", f"{money(run.pnl)} {run.currency}"),
        ("Initial equity", money(run.initial_equity)),
        ("Final equity", money(run.initial_equity + run.pnl)),
        ("Fees", money(run.fees)),
        *([("Funding", money(run.funding))] if run.funding else []),
        (
            "Orders",
            f"{run.orders:,}, {len(run.unfilled):,} unfilled, {len(run.refused):,} refused",
        ),
        ("Fills", f"{len(run.fills):,}"),
        *(
            (figure(name).label, figure(name).shown(value))
            for name, value in figures_of(run).items()
            if value is not None
        ),
        *((f"Model: {name}", words) for name, words in run.models.items()),
    ]


def terms_of(instrument: Instrument) -> str:
    """Return on which terms an instrument was traded, in words."""
    ticks = ", ".join(f"{band.tick:f}" for band in instrument.tick_table)
    words = [str(instrument.kind), f"tick {ticks}", f"lot {instrument.quantity_step:f}"]
    rates = {
        "maker fee": instrument.maker_fee_rate,
        "taker fee": instrument.taker_fee_rate,
        "margin": instrument.margin_rate,
    }
    words += [f"{name} {rate:f}" for name, rate in rates.items() if rate is not None]
    return ", ".join(words)


def where_of(run: Run) -> str:
    """Return what was traded, and on which bars."""
    names = ", ".join(str(name) for name in run.instruments) or run.source
    return f"{names} {run.bars.timeframe}" if run.bars is not None else names


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; what it cannot is its text."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)


def moment(time_ns: int) -> str:
    """Return a time as ISO 8601 in UTC, to the second or finer where it is."""
    whole, rest = divmod(int(time_ns), 1_000_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09d}Z" if rest else f"{text}Z"


def _text(amount: Decimal) -> str:
    """Return an exact amount without the zeros that arithmetic leaves behind it."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _call(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items())
