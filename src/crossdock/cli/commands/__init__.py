"""Every command there is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import crossdock
from crossdock.cli.commands import (
    account,
    asking,
    backtest,
    bench,
    dashboard,
    data,
    dealing,
    exits,
    installation,
    journal,
    notify,
    replay,
    running,
    settings,
    steering,
    strategies,
    venues,
    watching,
)
from crossdock.cli.invocation import Invocation

application = typer.Typer(
    name="crossdock",
    help="Strategies to every venue through one interface, never losing an order.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crossdock {crossdock.__version__}")
        raise typer.Exit


@application.callback()
def _options(
    context: typer.Context,
    settings_file: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE", help="The settings file."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, as section.key=value."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    _version_shown: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    context.obj = Invocation(
        file=settings_file, overrides=tuple(overrides or ()), debug=debug
    )


for _module in (
    settings,
    running,
    dashboard,
    watching,
    asking,
    data,
    dealing,
    account,
    exits,
    journal,
    replay,
    backtest,
    strategies,
    steering,
    notify,
    installation,
    bench,
    venues,
):
    _module.add_to(application)
