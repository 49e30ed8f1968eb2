"""`watch`: the dashboard in a terminal."""

from __future__ import annotations

import typer

from crossdock.app.user_name import user_name
from crossdock.cli.commands.options import By
from crossdock.cli.invocation import invocation_of
from crossdock.errors import ConfigError
from crossdock.ports import extras


def add_to(application: typer.Typer) -> None:
    application.command()(watch)


def watch(context: typer.Context, by: By = "") -> None:
    """Watch the running desk in this terminal: books, orders, strategies, risk, kill."""
    from crossdock.cli.view.live import is_watchable

    extras.load("textual", extra="terminal", what="the terminal dashboard")
    control = invocation_of(context).settings().desk.control
    if not is_watchable():
        raise ConfigError(
            "there is no terminal to draw on",
            code="no-terminal",
            hint="`crossdock status --json` and `crossdock orders --json` need none",
        )
    from crossdock.cli.view.terminal.application import Terminal
    from crossdock.cli.view.terminal.connection import DeskConnection

    Terminal(DeskConnection(control), by or user_name()).run()
