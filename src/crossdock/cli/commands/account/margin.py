"""Leverage and margin mode."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.commands.account.named import Symbol, Yes, ask, ask_to_change, live_mark
from crossdock.cli.commands.options import AsJson, By
from crossdock.cli.output import console, emit_json


def add_to(group: typer.Typer) -> None:
    group.command()(leverage)
    group.command(name="margin-mode")(margin_mode)


def leverage(
    context: typer.Context,
    symbol: Symbol,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="Set it; left out, show it.")
    ] = None,
    mode: Annotated[
        str, typer.Option("--margin-mode", metavar="cross|isolated", help="Of the margin.")
    ] = "none",
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Show the leverage of an instrument, or set it for the next orders."""
    if value is None:
        told = ask(context, "leverage", symbol=symbol)
        if as_json:
            emit_json(told)
        else:
            console().print(
                f"{told['instrument']}: long {told['long']}, short {told['short']}, margin "
                f"{told['margin_mode']}"
            )
        return
    chosen = ask_to_change(
        context,
        "set_leverage",
        f"set the leverage of {symbol} to {value}",
        by=by,
        yes=yes,
        symbol=symbol,
        leverage=value,
        margin_mode=mode,
    )
    if as_json:
        emit_json(chosen)
    else:
        console().print(f"{live_mark(context)}{symbol}: leverage {value}")


def margin_mode(
    context: typer.Context,
    symbol: Symbol,
    mode: Annotated[str, typer.Argument(metavar="cross|isolated")],
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Set cross or isolated margin for an instrument."""
    chosen = ask_to_change(
        context,
        "set_margin_mode",
        f"set {symbol} to {mode} margin",
        by=by,
        yes=yes,
        symbol=symbol,
        margin_mode=mode,
    )
    if as_json:
        emit_json(chosen)
    else:
        console().print(f"{live_mark(context)}{symbol}: {mode} margin")
