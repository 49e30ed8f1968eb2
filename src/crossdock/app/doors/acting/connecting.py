"""Accounts connected, tried and disconnected in a running desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.accounts.connections import account_values
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.door import require_person
from crossdock.app.settings import Settings

if TYPE_CHECKING:
    from crossdock.app.desk import Desk


class ConnectingOperations:
    """Secrets come in as text, and leave in no answer, record or line of a log."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {"connect": self.connect, "disconnect": self.disconnect}

    async def connect(
        self,
        *,
        name: str,
        by: str,
        adapter: str = "",
        venue: str = "",
        settings: Mapping[str, str] | None = None,
        symbols: Sequence[str] = (),
        foreign: str = "",
        use: str = "",
        market: str = "",
        test: bool = False,
        confirm: str = "",
        door: str = "",
    ) -> dict[str, Any]:
        """Start an account, or with `test` only see what it says. Without an adapter, one
        that was disconnected comes back as it was. One that would move real money is let in
        by a person alone, whether or not it was confirmed before.
        """
        values: dict[str, Any] = {}
        if adapter:
            values = account_values(
                adapter=adapter,
                venue=venue,
                settings=settings,
                symbols=symbols,
                foreign=foreign,
                use=use,
                market=market,
            )

        def note(proposed: Settings) -> None:
            if not test and name in proposed.live_accounts():
                require_person(
                    door,
                    f"{name} would trade real money: no program connects it",
                    hint="a person does, signed in to the dashboard, or by `crossdock connect`",
                )
            account = proposed.accounts[name]
            words = f"{account.adapter} at {account.venue}"
            action = "test" if test else "connect"
            person_acts(self._desk.kernel, by, action, name, door=door, words=words)

        connections = self._desk.connections
        if test:
            return await connections.tried(name, values, note)
        return await connections.let_in(name, values, note, by=by, confirm=confirm)

    async def disconnect(self, *, account: str, by: str, door: str = "") -> dict[str, Any]:
        """Stop an account; its orders and positions stay at the venue."""
        person_acts(self._desk.kernel, by, "disconnect", account, door=door)
        return await self._desk.connections.let_out(account)
