"""`data import|download|list|show|check`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.commands import download
from crossdock.cli.commands.options import (
    AsJson,
    SymbolHint,
    TimeframeHint,
    TimezoneHint,
    VenueHint,
    moment,
)
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.output import aside, console, emit_json, show_rows, utc

if TYPE_CHECKING:
    from crossdock.app.data import Checked, Imported
    from crossdock.ports import BarStore, SeriesInfo

data = typer.Typer(no_args_is_help=True, help="Bars and ticks kept for good.")

Folder = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        metavar="DIR",
        file_okay=False,
        help="Not this user's own data.",
    ),
]
_GAPS_SHOWN = 20


def add_to(application: typer.Typer) -> None:
    download.add_to(data)
    application.add_typer(data, name="data")


@data.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(help="A file of any format that can be replayed.")
    ],
    symbol: SymbolHint = "",
    venue: VenueHint = "",
    timeframe: TimeframeHint = "",
    timezone: TimezoneHint = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Not this user's own data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a file's bars, trades and quotes into the store. Repeating it adds nothing."""
    from crossdock.app.data import Hints, data_folder, import_recording, open_recording

    hints = Hints(symbol=symbol, venue=venue, timeframe=timeframe, timezone=timezone)
    recording = open_recording(str(path), hints)
    folder = to or data_folder()
    with _progress(f"import {path.name}") as progress:
        done = import_recording(
            recording, _store(folder), source=path.name, progress=progress
        )
    if as_json:
        emit_json(_imported(done, folder))
        return
    for note in done.notes:
        aside(f"note: {note}")
    if done.left_out:
        aside(f"note: {done.left_out} changes of books were left out: they are not kept")
    show_rows(_imported(done, folder)["series"], _IMPORT_COLUMNS, empty="nothing")


_IMPORT_COLUMNS = ("instrument", "timeframe", "added", "known", "changed")


def _imported(done: Imported, folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "format": done.format,
        "series": [
            {
                "instrument": instrument,
                "timeframe": timeframe,
                "added": told.added,
                "known": told.known,
                "changed": told.changed,
            }
            for (instrument, timeframe), told in done.series.items()
        ],
        "left_out": done.left_out,
        "notes": done.notes,
    }


@data.command("list")
def list_(folder: Folder = None, as_json: AsJson = False) -> None:
    """Tell every series, what it spans and where it came from.

    A break is a stretch without bars, closing times included; `data check` tells the gaps.
    """
    rows = [_told(series) for series in _store(folder).series()]
    if as_json:
        emit_json({"series": rows})
        return
    for row in rows:
        row |= {"first": utc(row["first_time_ns"]), "last": utc(row["last_time_ns"])}
    columns = ("instrument", "timeframe", "count", "first", "last", "breaks", "source")
    show_rows(
        rows,
        columns,
        empty=f"no data in {_where(folder)}; see `crossdock data import --help`",
    )


@data.command()
def show(
    instrument: Annotated[str, typer.Argument(metavar="SYMBOL@VENUE")],
    timeframe: Annotated[str, typer.Argument(help="Like 1m or 1d; trades or quotes.")],
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="TIME", help="Like 2020-01-31 or with T09:30 (UTC)."
        ),
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Before this.")] = "",
    last: Annotated[
        int | None, typer.Option(min=1, help="The newest so many; 20 without a range.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show bars or ticks of one series."""
    from crossdock.app.data import find_series, rows_of

    store = _store(folder)
    series = find_series(store, instrument, timeframe)
    if last is None and not (start or end):
        last = 20
    rows = rows_of(
        store,
        series,
        start_ns=moment("--from", start),
        end_ns=moment("--to", end),
        last=last,
    )
    if as_json:
        emit_json({"instrument": instrument, "timeframe": timeframe, "rows": rows})
        return
    for row in rows:
        row["at"] = row.pop("time_ns")
    columns = ["at", *(name for name in (rows[0] if rows else ()) if name != "at")]
    show_rows(rows, columns, empty="no rows in that time")


@data.command()
def check(
    instrument: Annotated[
        str, typer.Argument(metavar="[SYMBOL@VENUE]", help="Without it, everything.")
    ] = "",
    timeframe: Annotated[str, typer.Argument(help="Without it, all of them.")] = "",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Look for damage, bars that cannot be, and gaps. Exits 5 when something is wrong."""
    from crossdock.app.data import check_series, find_series

    store = _store(folder)
    if instrument and timeframe:
        chosen = [find_series(store, instrument, timeframe)]
    else:
        chosen = [each for each in store.series() if instrument in ("", each.instrument)]
        if instrument and not chosen:
            find_series(store, instrument, timeframe or "1d")
    with _progress("check") as progress:
        checked = []
        for number, each in enumerate(chosen, 1):
            checked.append(check_series(store, each))
            progress(number)
    rows = [_verdict(each) for each in checked]
    sound = all(each.is_sound for each in checked)
    if as_json:
        emit_json({"sound": sound, "series": rows})
    else:
        columns = ("instrument", "timeframe", "count", "gaps", "closures", "problems")
        told = [row | {"problems": len(row["problems"])} for row in rows]
        show_rows(told, columns, empty=f"no data to check in {_where(folder)}")
        for row in rows:
            _say(row)
    if not sound:
        raise typer.Exit(ExitCode.DOUBT)


def _say(row: dict[str, Any]) -> None:
    name = f"{row['instrument']} {row['timeframe']}"
    for problem in row["problems"]:
        console().print(f"{name}: {problem}", soft_wrap=True)
    for start, end in row["first_gaps"]:
        console().print(f"{name}: no bars from {utc(start)} to {utc(end)}", soft_wrap=True)
    if row["gaps"] > len(row["first_gaps"]):
        console().print(f"{name}: and {row['gaps'] - len(row['first_gaps'])} gaps more")


def _told(series: SeriesInfo) -> dict[str, Any]:
    return {
        "instrument": series.instrument,
        "timeframe": series.timeframe,
        "count": series.count,
        "first_time_ns": series.first_time_ns,
        "last_time_ns": series.last_time_ns,
        "breaks": series.gaps,
        "source": series.source,
    }


def _verdict(checked: Checked) -> dict[str, Any]:
    return {
        "instrument": checked.series.instrument,
        "timeframe": checked.series.timeframe,
        "count": checked.series.count,
        "gaps": len(checked.gaps),
        "first_gaps": [list(gap) for gap in checked.gaps[:_GAPS_SHOWN]],
        "closures": checked.closures,
        "problems": [str(problem) for problem in checked.problems],
    }


def _where(folder: Path | None) -> Path:
    from crossdock.app.data import data_folder

    return folder or data_folder()


def _store(folder: Path | None) -> BarStore:
    from crossdock.app.data import open_store

    return open_store(folder)


@contextlib.contextmanager
def _progress(words: str) -> Iterator[Callable[[int], None]]:
    """Count rows on a terminal, on stderr; say nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as shown:
        task = shown.add_task(words, total=None)
        yield lambda done: shown.update(task, completed=done)
