"""`account NAME …`: what one account does and knows besides trading."""

from __future__ import annotations

import typer

from crossdock.cli.commands.account import earning, knowing, margin, moving
from crossdock.cli.commands.account.named import Named

account = typer.Typer(
    no_args_is_help=True,
    help="One account: margin, loans, transfers, earning, rates, rights.",
)


@account.callback()
def _account(
    context: typer.Context,
    name: str = typer.Argument(metavar="NAME", help="Which account."),
) -> None:
    context.obj = Named(name)


for _module in (margin, moving, earning, knowing):
    _module.add_to(account)


def add_to(application: typer.Typer) -> None:
    application.add_typer(account, name="account")
