"""`strategy`: list those of the running desk, start and stop them, set them up."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import AsJson, By, whoever
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import emit_json, show_rows

strategy = typer.Typer(
    no_args_is_help=True, help="Strategies of the running desk, started and stopped."
)

_COLUMNS = ("name", "kind", "state", "symbols", "accounts", "pnl", "orders", "failed")
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `strategy list` shows it.")]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter; repeat it for more."),
]


def add_to(application: typer.Typer) -> None:
    application.add_typer(strategy, name="strategy")


@strategy.command("list")
def show_strategies(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the strategies of the running desk."""
    rows = invocation_of(context).ask("strategies", log=False, curve=False)
    if as_json:
        emit_json({"strategies": rows})
    else:
        show_rows(rows, _COLUMNS, empty="no strategies")


@strategy.command()
def start(context: typer.Context, name: Name, by: By = "", as_json: AsJson = False) -> None:
    """Start one that is stopped or failed, with what it kept."""
    _steer(context, name, "start", by, as_json=as_json)


@strategy.command()
def stop(context: typer.Context, name: Name, by: By = "", as_json: AsJson = False) -> None:
    """Stop one. Its orders and positions stay as they are."""
    _steer(context, name, "stop", by, as_json=as_json)


@strategy.command()
def pause(context: typer.Context, name: Name, by: By = "", as_json: AsJson = False) -> None:
    """Let one follow its orders and open nothing."""
    _steer(context, name, "pause", by, as_json=as_json)


@strategy.command()
def resume(
    context: typer.Context, name: Name, by: By = "", as_json: AsJson = False
) -> None:
    """Let one that is paused trade again."""
    _steer(context, name, "resume", by, as_json=as_json)


@strategy.command()
def remove(
    context: typer.Context, name: Name, by: By = "", as_json: AsJson = False
) -> None:
    """Stop one and forget how it was set up."""
    _steer(context, name, "remove", by, as_json=as_json)


@strategy.command("set")
def set_params(
    context: typer.Context,
    name: Name,
    params: Params = None,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Give one other parameters; one that runs is restarted with them."""
    asked = {"params": _params(params), "by": whoever(by), "door": "cli"}
    row = invocation_of(context).ask("set_params", name=name, **asked)
    _show(row, as_json=as_json)


@strategy.command()
def run(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="Of `crossdock strategies`, or one of the settings."
        ),
    ],
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", help="What it trades; repeat it.")
    ] = None,
    accounts: Annotated[
        list[str] | None, typer.Option("--account", help="Where; none means everywhere.")
    ] = None,
    params: Params = None,
    portfolio: Annotated[str, typer.Option("--portfolio", help="Whose money.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Start a new strategy of a kind. It is there again after a restart."""
    row = invocation_of(context).ask(
        "start_trading",
        strategy=kind,
        symbols=symbols or [],
        brokers=accounts or [],
        params=_params(params),
        portfolio=portfolio,
        by=whoever(by),
        door="cli",
    )
    _show(row, as_json=as_json)


def _steer(
    context: typer.Context, name: str, action: str, by: str, *, as_json: bool
) -> None:
    asked = {"name": name, "action": action, "by": whoever(by), "door": "cli"}
    _show(invocation_of(context).ask("strategy", **asked), as_json=as_json)


def _show(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit_json(row)
    else:
        blank = dict.fromkeys(_COLUMNS, "")
        show_rows([{**blank, **row}], _COLUMNS, empty="")


def _params(given: list[str] | None) -> dict[str, str]:
    params = {}
    for each in given or ():
        name, sign, value = each.partition("=")
        if not sign:
            raise typer.BadParameter(f"--param takes NAME=VALUE, got {each}")
        params[name.strip()] = value.strip()
    return params
