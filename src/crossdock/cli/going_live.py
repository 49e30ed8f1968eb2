"""Asks, once for each account, whether it is to trade real money."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from crossdock.app.user_name import user_name
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.app.live import Confirmation
    from crossdock.app.settings import Settings


def confirmations(settings: Settings, yes_live: Sequence[str]) -> dict[str, Confirmation]:
    """Return what people say now of accounts that nobody confirmed before.

    Asks on a terminal only; elsewhere the desk refuses to start. Raises ConfigError for
    other words than those asked for.
    """
    from crossdock.app.live import Confirmation, confirmed_by_name, phrase_of
    from crossdock.app.offline import unconfirmed_accounts

    given = confirmed_by_name(settings, yes_live, user_name())
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return given
    for name in unconfirmed_accounts(settings):
        if name in given:
            continue
        _tell(settings, name)
        phrase = phrase_of(name)
        typed = typer.prompt(f'LIVE: type "{phrase}"', default="", err=True)
        if typed.strip() != phrase:
            raise ConfigError(
                f"{name} was not confirmed: nothing was started",
                code="live-unconfirmed",
                hint='set desk.mode = "paper", or leave the account out with enabled = false',
            )
        given[name] = Confirmation(by=user_name(), words=typed.strip())
    return given


def _tell(settings: Settings, name: str) -> None:
    account, manifest = settings.accounts[name], settings.manifests[name]
    limits = settings.limits.base
    order, total = _most(limits.first_day_order_max), _most(limits.first_day_total_max)
    lines = (
        f"LIVE: account {name} has not traded real money before.",
        f"  venue       {account.venue}, by the adapter {manifest.id} (tier {manifest.tier})",
        f"  on exit     {settings.desk.on_exit}",
        f"  first day   at most {order} in one order, {total} in all, in "
        + settings.desk.currency,
    )
    for line in lines:
        typer.echo(line, err=True)


def _most(limit: object) -> str:
    return "any value" if limit is None else str(limit)
