"""`connect` and `disconnect`: accounts of the running desk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import AsJson, By, whoever
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json

Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="A name you choose.")]


def add_to(application: typer.Typer) -> None:
    application.command()(connect)
    application.command()(disconnect)


def connect(
    context: typer.Context,
    name: Name,
    adapter: Annotated[
        str, typer.Option("--adapter", help="None: one that was disconnected comes back.")
    ] = "",
    venue: Annotated[str, typer.Option("--venue", help="As in BTC/USDT@venue.")] = "",
    options: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="A setting of the adapter."),
    ] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="NAME", help="A secret; you are asked for it."),
    ] = None,
    secret_files: Annotated[
        list[str] | None,
        typer.Option("--secret-file", metavar="NAME=PATH", help="A secret, from a file."),
    ] = None,
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", help="What it trades; none means all.")
    ] = None,
    foreign: Annotated[
        str, typer.Option("--foreign", help="observe, adopt or halt: what is not ours.")
    ] = "",
    data: Annotated[bool, typer.Option("--data", help="Market data only.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Only see what it says, and keep nothing.")
    ] = False,
    confirm: Annotated[
        str, typer.Option("--confirm", metavar="WORDS", help="For real money.")
    ] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Let an account into the running desk, and keep it for the next start."""
    given = _pairs("--option", options)
    for secret in secrets or ():
        given[secret] = typer.prompt(secret, hide_input=True, err=True)
    for secret, path in _pairs("--secret-file", secret_files).items():
        given[secret] = _text(path)
    told = invocation_of(context).ask(
        "connect",
        name=name,
        adapter=adapter,
        venue=venue,
        settings=given,
        symbols=symbols or [],
        foreign=foreign,
        use="data" if data else "",
        test=test,
        confirm=confirm,
        by=whoever(by),
        door="cli",
    )
    if as_json:
        emit_json(told)
    else:
        _show(told)
    if told["standing"] != "ready":
        raise typer.Exit(ExitCode.ERROR)


def disconnect(
    context: typer.Context, name: Name, by: By = "", as_json: AsJson = False
) -> None:
    """Let an account out of the running desk. Its orders stay at the venue."""
    told = invocation_of(context).ask(
        "disconnect", account=name, by=whoever(by), door="cli"
    )
    if as_json:
        emit_json(told)
        return
    left = f"{told['open_orders']} open orders and {told['doubts']} doubts are left there"
    again = "; it is there again at the next start" if told["comes_back"] else ""
    console().print(f"{name} is disconnected: {left}{again}", soft_wrap=True)


def _show(told: dict[str, Any]) -> None:
    out = console()
    words = f": {told['reason']}" if told["reason"] else ""
    out.print(f"{told['account']}: {told['standing']}{words}", soft_wrap=True)
    for step, state in told["steps"].items():
        out.print(f"  {step}: {state}", soft_wrap=True)
    for balance in told.get("balances", ()):
        out.print(f"  holds {balance['total']} {balance['asset']}")


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    pairs = {}
    for each in given or ():
        name, sign, value = each.partition("=")
        if not sign:
            raise typer.BadParameter(f"{option} takes NAME=VALUE, got {each}")
        pairs[name.strip()] = value.strip()
    return pairs


def _text(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from None
