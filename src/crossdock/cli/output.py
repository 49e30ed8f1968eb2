"""Printing: JSON for programs, tables for people, asides on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from crossdock.cli.invocation import Answer

_PIPED_WIDTH = 200  # a pipe has no width; tables for grep should not wrap

STYLES: Mapping[str, str] = {
    "Unknown": "bold white on red",
    "buy": "green",
    "sell": "red",
    "Filled": "green",
    "PartiallyFilled": "yellow",
    "Rejected": "red",
    "LIVE": "bold white on red",
    "ready": "green",
    "ok": "green",
    "note": "yellow",
    "bad": "bold red",
    "away": "bold red",
}


def console() -> Console:
    """Return a console on today's stdout, made anew so that redirection is seen."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(file=sys.stdout, highlight=False, markup=False, width=width)


def emit_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def aside(words: str) -> None:
    """Say something that is no part of the answer."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def show(
    answer: Answer, name: str, *, as_json: bool, columns: Sequence[str], empty: str
) -> None:
    """Print a list that desk or journal gave: wrapped as JSON, or as a table."""
    if as_json:
        emit_json(
            {
                "running": answer.as_of_ns is None,
                "as_of_ns": answer.as_of_ns,
                name: answer.value,
            }
        )
        return
    say_as_of(answer)
    show_rows(answer.value, columns, empty=empty)


def say_as_of(answer: Answer) -> None:
    if answer.as_of_ns is not None:
        aside(
            f"desk is not running: as of the journal's last record, {utc(answer.as_of_ns)}"
        )


def show_rows(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, empty: str
) -> None:
    rows = list(rows)
    if not rows:
        console().print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # An id that is cut cannot be pasted into the next command.
        whole = column.endswith("_id") or column in ("order", "correlation")
        table.add_column(
            column.replace("_", " ") if column.isidentifier() else column,
            no_wrap=whole,
            min_width=22 if whole else None,
        )
    for row in rows:
        table.add_row(*(cell(row.get(column), column) for column in columns))
    console().print(table)


def cell(value: object, column: str = "") -> Text:
    """Return a value as people read it: times as UTC, statuses in their colour."""
    if column in ("at", "created_time_ns", "updated_time_ns") and isinstance(value, int):
        return Text(utc(value))
    if value is None or value == "":
        return Text("-", style="dim")
    if isinstance(value, list):
        return Text(", ".join(str(each) for each in value) or "-")
    words = str(value)
    return Text(words, style=STYLES.get(words, ""))


def utc(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns / 1e9, UTC)
    return moment.isoformat(" ", "milliseconds").removesuffix("+00:00") + " UTC"


def signed(text: str) -> Text:
    """Return an amount of money in the colour of its sign."""
    style = "green" if Decimal(text) >= 0 else "red"
    return Text(f"{Decimal(text):+,.2f}", style=style)


@contextmanager
def watching(words: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far long work is, on a terminal only, and gone when it is done."""
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005
        return
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
    with shown:
        task = shown.add_task(words, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total or None)
