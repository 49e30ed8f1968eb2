"""The desk's answers while no desk runs: its state, rebuilt from the journal, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crossdock.app.desk.accounts.absent import left_behind
from crossdock.app.doors.reading.auditing import held_now, why
from crossdock.app.doors.reading.tracing import trace
from crossdock.app.financing.shown import show_movement
from crossdock.app.integrations import month_of, month_rows, usage_log
from crossdock.app.offline.journals import JournalTools
from crossdock.app.open import PROJECTION_STORE
from crossdock.app.projecting import rebuild
from crossdock.app.registry import Registry
from crossdock.app.settings import AccountSettings, Settings, Use
from crossdock.app.showing import (
    newest_fills,
    newest_orders,
    show_counts,
    show_doubts,
    show_order,
    show_positions,
)
from crossdock.core import records as r
from crossdock.core.movements import orphaned
from crossdock.core.projection import SCHEMA
from crossdock.core.state import State
from crossdock.model import AccountId
from crossdock.ports import Projection

SECOND_NS = 1_000_000_000


class JournalReader:
    """What a journal proves, as of its last record. Nothing is written, no venue asked.

    Raises JournalError when there is no journal, or it is damaged.
    """

    def __init__(self, settings: Settings, registry: Registry | None = None) -> None:
        self._settings = settings
        self._registry = registry or Registry()
        self._tools = JournalTools(settings.desk.journal, self._registry)
        self.state = State()
        self.as_of_ns = 0
        for entry in self._tools.read(from_snapshot=True):
            record = r.decode(entry.payload)
            if isinstance(record, r.Snapshot):
                self.state = State.restore(record)
            else:
                self.state.apply(record)
            self.as_of_ns = record.at
        self._doubt_movements()

    def _doubt_movements(self) -> None:
        """Show money without a proven end as the next start will: in doubt."""
        for movement in list(self.state.movements.open.values()):
            if movement.outcome is None:
                self.state.apply(orphaned(movement, self.as_of_ns))

    def status(self) -> dict[str, Any]:
        """Return the keys of a running desk's status that a journal can fill."""
        state, desk = self.state, self._settings.desk
        live = self._settings.live_accounts()
        return {
            "desk": desk.name,
            "mode": str(desk.mode),
            "killed": state.killed,
            "journal": {"path": str(desk.journal), "durability": str(desk.durability)},
            "accounts": [
                {
                    "account": name,
                    "venue": account.venue,
                    "mode": "live" if name in live else "paper",
                    "adapter": account.adapter,
                    "tier": str(self._settings.manifests[name].tier),
                    "standing": "no desk",
                    "reason": "",
                    "halted": state.account(AccountId(name)).halted,
                    "killed": state.account(AccountId(name)).killed,
                    "foreign_orders": sum(1 for _ in state.foreign_orders(AccountId(name))),
                    "steps": {},
                    "streams": {},
                }
                for name, account in self._trading().items()
            ],
            "left_behind": list(left_behind(self._trading(), state)),
            "strategies": [
                {"name": name, "portfolio": each.portfolio, "running": False, "failed": ""}
                for name, each in self._settings.strategies.items()
                if each.enabled
            ],
            **show_counts(state),
            "currency": desk.currency,
            "alarms": [
                {"at": alarm.at, "code": alarm.code, "words": alarm.words}
                for alarm in list(state.alarms)[-10:]
            ],
        }

    def _trading(self) -> dict[str, AccountSettings]:
        accounts = self._settings.accounts.items()
        return {name: it for name, it in accounts if it.enabled and it.use is Use.TRADE}

    def integrations(self, month: str) -> list[dict[str, Any]]:
        """Return a month's sums of each integration, as the desk has kept them."""
        return month_rows(usage_log(self._settings), month or month_of(self.as_of_ns))

    def orders(
        self, *, every: bool, limit: int, strategy: str = "", symbol: str = ""
    ) -> list[dict[str, Any]]:
        """Return open orders, or with `every` the done ones too, newest first."""
        chosen = newest_orders(
            self.state, every=every, limit=limit, strategy=strategy, symbol=symbol
        )
        return [show_order(order) for order in chosen]

    def doubts(self) -> list[dict[str, Any]]:
        return show_doubts(self.state, self.as_of_ns)

    def movements(self, account: str) -> list[dict[str, Any]]:
        """Return the newest movements of an account's money, then every open one."""
        return [show_movement(each) for each in self.state.movements.of(AccountId(account))]

    def positions(self) -> list[dict[str, Any]]:
        """Return balances and positions as booked; there is no market to mark them by."""
        rows: list[dict[str, Any]] = []
        for account in self.state.ledger.accounts():
            rows += show_positions(self.state, account, {})
        return rows

    def fills(
        self, limit: int, *, strategy: str = "", symbol: str = ""
    ) -> list[dict[str, Any]]:
        """Return the newest fills, newest first."""
        with self._projected() as projection:
            return newest_fills(projection, limit, strategy=strategy, symbol=symbol)

    def trace(self, name: str) -> list[dict[str, Any]]:
        """Return the story of one id. Raises DeskError when no record carries it."""
        with self._projected() as projection:
            return trace(projection, name)

    def why(self, instrument: str, limit: int) -> list[dict[str, Any]]:
        """Return what made the positions in an instrument, newest first."""
        with self._projected() as projection:
            return why(projection, held_now(self.state, instrument), instrument, limit)

    @contextmanager
    def _projected(self) -> Iterator[Projection]:
        """Build a projection of the whole journal in a folder that goes away."""
        manifest = self._registry.manifest("store", PROJECTION_STORE)
        with TemporaryDirectory(prefix="crossdock-") as folder:
            projection: Projection = self._registry.factory(manifest)(
                Path(folder) / "projection.sqlite", SCHEMA
            )
            try:
                rebuild(projection, self._tools.read())
                yield projection
            finally:
                projection.close()
