"""`limits list` and `limits set`."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.commands.options import AsJson, By, whoever
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import emit_json, show_rows

limits = typer.Typer(no_args_is_help=True, help="Risk limits of the running desk.")

_COLUMNS = ("name", "scope", "value", "used", "unit", "state", "by")
_UNSET = "settings"  # the word that gives a limit of the settings back


def add_to(application: typer.Typer) -> None:
    application.add_typer(limits, name="limits")


@limits.command("list")
def show_limits(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every limit, how much of it is used, and who set it."""
    found = invocation_of(context).ask("risk")
    if as_json:
        emit_json(found)
        return
    rows = [
        {**row, "state": "breached" if row["breached"] else ""} for row in found["limits"]
    ]
    show_rows(rows, _COLUMNS, empty="no limits")


@limits.command("set")
def set_limit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="LIMIT", help="Like position_pct.")],
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE", help=f"As in [risk]; none lifts it; {_UNSET} gives it back."
        ),
    ],
    scope: Annotated[
        str,
        typer.Option(
            "--scope", help="desk, or account:, portfolio:, strategy:, symbol: and a name."
        ),
    ] = "desk",
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Even ten times as loose as now, or 0.")
    ] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Set a limit until it is given back. Needs the flag risk_override."""
    row = invocation_of(context).ask(
        "set_limit",
        name=name,
        scope=scope,
        value=None if value == _UNSET else value,
        reason=reason,
        confirm=value if yes else "",
        by=whoever(by),
        door="cli",
    )
    if as_json:
        emit_json(row)
    else:
        show_rows([{"state": "", **row}], _COLUMNS, empty="")
