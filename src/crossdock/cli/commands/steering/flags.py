"""`flags list` and `flags set`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import AsJson, By, whoever
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import emit_json, show_rows

flags = typer.Typer(no_args_is_help=True, help="Switches of the running desk.")


def add_to(application: typer.Typer) -> None:
    application.add_typer(flags, name="flags")


@flags.command("list")
def show_flags(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the switches of the running desk."""
    _show(invocation_of(context).ask("flags"), as_json=as_json)


@flags.command("set")
def set_flag(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="FLAG", help="Like trading.")],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="on or off; an amount or none.")
    ],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Turn one switch. It stays so over restarts."""
    asked = {"name": name, "value": value, "by": whoever(by), "door": "cli"}
    _show(invocation_of(context).ask("set_flag", **asked), as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit_json({"flags": found})
        return
    rows = [{"flag": name, "value": _word(value)} for name, value in found.items()]
    show_rows(rows, ("flag", "value"), empty="no flags")


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
