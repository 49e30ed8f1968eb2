"""A person's word that an account is to trade real money, asked once and journaled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossdock.app.kernel import Kernel
from crossdock.app.nearest import did_you_mean
from crossdock.app.settings import Settings
from crossdock.core import records as r
from crossdock.core.state import State
from crossdock.errors import ConfigError
from crossdock.model import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """`words` are what was typed, or the option that stood for it."""

    by: str
    words: str


def phrase_of(account: str) -> str:
    """Return what a person types to let an account trade real money."""
    return f"trade {account} for real"


def unconfirmed(settings: Settings, state: State) -> list[str]:
    """Return the accounts that would move real money and that nobody let do so yet.

    An account that now leads to another adapter or venue counts as a new one.
    """
    return [
        name
        for name in settings.live_accounts()
        if state.account(AccountId(name)).live_as != _leads_to(settings, name)
    ]


def confirmed_by_name(
    settings: Settings, names: Iterable[str], by: str
) -> dict[str, Confirmation]:
    """Return confirmations of accounts that somebody named. Raises ConfigError.

    A name that moves no real money is refused: whoever gives it means something else.
    """
    live = settings.live_accounts()
    for name in names:
        if name not in live:
            raise ConfigError(
                f"--yes-live {name}: no account of this name would move real money",
                code="live-unknown",
                hint=did_you_mean(name, live) if live else "no account of this desk would",
            )
    return {name: Confirmation(by=by, words=f"--yes-live {name}") for name in names}


def note_confirmed(
    settings: Settings, kernel: Kernel, given: Mapping[str, Confirmation]
) -> None:
    """Journal what was confirmed. Raises ConfigError where an account lacks it.

    Called before anything connects.
    """
    missing = []
    records = []
    for name in unconfirmed(settings, kernel.state):
        if name not in given:
            missing.append(name)
            continue
        records.append(
            r.LiveConfirmed(
                at=kernel.now(),
                account=AccountId(name),
                adapter=settings.accounts[name].adapter,
                venue=settings.accounts[name].venue,
                by=given[name].by,
                words=given[name].words,
            )
        )
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} would trade real money for the first time, and nobody "
            "confirmed it",
            code="live-unconfirmed",
            hint="start it on a terminal and type what is asked, or add "
            + " ".join(f"--yes-live {name}" for name in missing),
        )
    if records:
        kernel.commit(records)


def _leads_to(settings: Settings, name: str) -> str:
    account = settings.accounts[name]
    return f"{account.adapter} {account.venue}"
