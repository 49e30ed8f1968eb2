"""The account that a command names, and how it is asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import whoever
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json, show_rows

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Asset = Annotated[str, typer.Argument(metavar="ASSET", help="Like USDT.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="How much of it.")]
Symbol = Annotated[str, typer.Argument(help="As the venue lists it: BTC/USDT:USDT.")]


@dataclass(frozen=True, slots=True)
class Named:
    name: str


def account_of(context: typer.Context) -> str:
    """Return the account named, which is in the settings. Raises DeskError."""
    found = context.find_object(Named)
    assert found is not None, "the group's callback makes it"
    invocation_of(context).require_account(found.name)
    return found.name


def ask(context: typer.Context, op: str, **args: Any) -> Any:
    """Ask the running desk about the account."""
    return invocation_of(context).ask(op, account=account_of(context), **args)


def ask_to_change(
    context: typer.Context, op: str, what: str, *, by: str, yes: bool, **args: Any
) -> Any:
    """Ask the person at a terminal, then the desk, for something that is no read."""
    name = account_of(context)
    if not yes and sys.stdin.isatty():
        live = live_mark(context)
        typer.confirm(f"{live}{what} at {name}?", abort=True, err=True)
    return ask(context, op, by=whoever(by), door="cli", **args)


def live_mark(context: typer.Context) -> str:
    """Return the word that goes before whatever moves real money."""
    live = invocation_of(context).settings().live_accounts()
    return "LIVE  " if account_of(context) in live else ""


def tell(
    context: typer.Context,
    name: str,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print a list that a venue gave: under its name as JSON, or as a table."""
    if as_json:
        emit_json({"account": account_of(context), name: rows})
    else:
        show_rows(rows, columns, empty=f"no {name.replace('_', ' ')}")


def tell_moved(context: typer.Context, moved: dict[str, Any], *, as_json: bool) -> None:
    """Print what a venue says of money it moved."""
    mark = live_mark(context)
    if as_json:
        emit_json({**moved, "mode": "live" if mark else "paper"})
        return
    state = "done" if moved["is_done"] else "accepted, under way"
    venue_id = f", the venue's id {moved['movement_id']}" if moved["movement_id"] else ""
    console().print(
        f"{mark}{moved['kind'].replace('_', ' ')} {moved['amount']} {moved['asset']}: "
        f"{state}{venue_id}",
        soft_wrap=True,
    )
