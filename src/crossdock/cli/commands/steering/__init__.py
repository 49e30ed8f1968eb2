"""What people set in a running desk: flags, limits, strategies and accounts."""

import typer

from crossdock.cli.commands.steering import connections, flags, limits, strategy


def add_to(application: typer.Typer) -> None:
    for module in (flags, limits, strategy, connections):
        module.add_to(application)
