"""`crossdock status --integrations` as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_NEAR_PCT = 80.0  # of a limit, from which it is shown in colour


def usage(rows: Sequence[Mapping[str, Any]]) -> Group:
    """Return each integration since the start, its limits as they stand, and the month."""
    if not rows:
        return Group(Text("no integration has been called"))
    parts: list[RenderableType] = [_figures("since the start", rows)]
    limits = [(row, quota) for row in rows for quota in row["quotas"]]
    if limits:
        parts += [Text(), _limits(limits)]
    months = [
        {"account": row["account"], "host": row["host"], **row["month"]} for row in rows
    ]
    return Group(*parts, Text(), _figures(f"in {months[0]['month']}", months))


def _plain(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _figures(words: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _plain(
        "account", "host", f"calls {words}", "success", "p50", "p95", "p99", "errors"
    )
    for row in rows:
        errors = ", ".join(f"{kind} {count}" for kind, count in row["errors"].items())
        success = row["success_pct"]
        table.add_row(
            row["account"],
            row["host"],
            str(row["calls"]),
            "-" if success is None else f"{success:g} %",
            *(_milliseconds(row[f"p{each}_ms"]) for each in (50, 95, 99)),
            Text(errors or "-", style="yellow" if errors else "dim"),
        )
    return table


def _limits(limits: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Table:
    table = _plain("account", "host", "limit", "used by us", "by others", "used")
    for row, quota in limits:
        near = quota["used_pct"] >= _NEAR_PCT
        table.add_row(
            row["account"],
            row["host"],
            f"{quota['limit']} {quota['scope']} per {quota['per_s']:g} s",
            str(quota["ours"]),
            str(quota["foreign"]),
            Text(f"{quota['used_pct']:g} %", style="bold red" if near else ""),
        )
    return table


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:g} ms"
