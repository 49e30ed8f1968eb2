"""`data download`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.commands.options import AsJson, TimeframeHint, moment
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import aside, console, emit_json, show_rows, utc
from crossdock.errors import ConfigError
from crossdock.model import width_of

if TYPE_CHECKING:
    from crossdock.app.download import Downloaded, Outcome, Skipped

_KINDS = ("bars", "trades", "quotes")
_COLUMNS = ("instrument", "timeframe", "added", "known", "changed", "gaps", "first", "last")
_GAPS_SHOWN = 20


def add_to(data: typer.Typer) -> None:
    data.command()(download)


def download(
    context: typer.Context,
    symbols: Annotated[
        list[str], typer.Argument(metavar="SYMBOL@VENUE…", help="Like BTC/USDT@binance.")
    ],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Like 2024-01-01 (UTC).")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="Before this; now without it.")
    ] = "",
    timeframe: TimeframeHint = "1m",
    kind: Annotated[str, typer.Option("--kind", help="bars, trades or quotes.")] = "bars",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Not this user's own data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a venue's own history into the store. Repeat it to go on after an interruption."""
    from crossdock.app.data import data_folder, open_store
    from crossdock.app.download import download as fetch

    if kind not in _KINDS:
        raise typer.BadParameter(f"--kind is one of {', '.join(_KINDS)}, not {kind}")
    invocation = invocation_of(context)
    has_settings = invocation.file is not None or invocation.settings_file.exists()
    folder = to or data_folder()
    start_ns, end_ns = _range(since, until)
    with _progress(start_ns, end_ns) as progress:
        try:
            outcome = asyncio.run(
                fetch(
                    symbols,
                    open_store(folder),
                    folder,
                    kind=kind,
                    width_ns=_width(timeframe) if kind == "bars" else 0,
                    start_ns=start_ns,
                    end_ns=end_ns,
                    settings=invocation.settings() if has_settings else None,
                    progress=progress,
                    on_skipped=_say_skipped,
                )
            )
        except KeyboardInterrupt:
            aside("stopped; the same command goes on from here")
            raise
    if as_json:
        emit_json(_told(outcome, folder))
    else:
        _show(outcome)
    if not outcome.series:
        raise typer.Exit(ExitCode.ERROR)


def _range(since: str, until: str) -> tuple[int, int]:
    start_ns, now_ns = moment("--since", since), time.time_ns()
    end_ns = moment("--until", until) or now_ns
    if start_ns is None or start_ns >= min(end_ns, now_ns):
        raise ConfigError(
            f"--since {since!r} is not before {until or 'now'}", code="bad-argument"
        )
    return start_ns, min(end_ns, now_ns)


def _width(timeframe: str) -> int:
    try:
        return width_of(timeframe)
    except ValueError as error:
        raise ConfigError(f"--timeframe: {error}", code="bad-argument") from None


def _say_skipped(skipped: Skipped) -> None:
    hint = f"; {skipped.hint}" if skipped.hint else ""
    aside(f"warning: {skipped.symbol} is skipped: {skipped.words}{hint}")


def _told(outcome: Outcome, folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "series": [_row(each) for each in outcome.series],
        "skipped": [
            {
                "symbol": each.symbol,
                "code": each.code,
                "message": each.words,
                "hint": each.hint,
            }
            for each in outcome.skipped
        ],
    }


def _row(done: Downloaded) -> dict[str, Any]:
    return {
        "instrument": done.wanted.instrument,
        "timeframe": done.wanted.timeframe,
        "added": done.added,
        "known": done.known,
        "changed": done.changed,
        "requests": done.requests,
        "repeats": done.repeats,
        "first_time_ns": done.first_time_ns,
        "last_time_ns": done.last_time_ns,
        "gaps": len(done.gaps),
        "first_gaps": [list(gap) for gap in done.gaps[:_GAPS_SHOWN]],
    }


def _show(outcome: Outcome) -> None:
    rows = [_row(each) for each in outcome.series]
    for row in rows:
        for end in ("first", "last"):
            at = row[f"{end}_time_ns"]
            row[end] = "" if at is None else utc(at)
    show_rows(rows, _COLUMNS, empty="nothing was fetched")
    for row in rows:
        for start, stop in row["first_gaps"]:
            words = f"the venue has no bars from {utc(start)} to {utc(stop)}"
            console().print(f"{row['instrument']}: {words}", soft_wrap=True)
        if row["gaps"] > len(row["first_gaps"]):
            more = row["gaps"] - len(row["first_gaps"])
            console().print(f"{row['instrument']}: and {more} gaps more")


@contextlib.contextmanager
def _progress(start_ns: int, end_ns: int) -> Iterator[Callable[[Downloaded, int], None]]:
    """Draw how far each series is and how fast rows come; on a terminal only, on stderr."""
    if not sys.stderr.isatty():
        yield lambda _done, _at: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, Any] = {}
    began_s: dict[str, float] = {}
    with Progress(*columns, console=Console(file=sys.stderr)) as shown:

        def update(done: Downloaded, at_ns: int) -> None:
            name = f"{done.wanted.instrument} {done.wanted.timeframe}"
            if name not in tasks:
                began_s[name] = time.monotonic()
                tasks[name] = shown.add_task(name, total=end_ns - start_ns, rows=0, rate=0)
            rows = done.added + done.known + done.changed
            took_s = time.monotonic() - began_s[name] or 1.0
            at = min(at_ns, end_ns) - start_ns
            shown.update(tasks[name], completed=at, rows=rows, rate=rows / took_s)

        yield update
