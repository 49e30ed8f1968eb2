"""The desk's answers while no desk runs: its state, rebuilt from the journal, read-only."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crossdock.app.offline.journals import JournalTools
from crossdock.app.open import PROJECTION_STORE
from crossdock.app.operations import show_order
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.app.tracing import trace
from crossdock.core import records as r
from crossdock.core.projection import SCHEMA, rows_of
from crossdock.core.state import State
from crossdock.model import AccountId, ContractKind
from crossdock.ports import Projection

SECOND_NS = 1_000_000_000
_BATCH = 10_000


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

    def status(self) -> dict[str, Any]:
        """Return the keys of a running desk's status that a journal can fill."""
        state, desk = self.state, self._settings.desk
        return {
            "desk": desk.name,
            "mode": str(desk.mode),
            "killed": state.killed,
            "journal": {"path": str(desk.journal), "durability": str(desk.durability)},
            "accounts": [
                {
                    "account": name,
                    "venue": account.venue,
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
                for name, account in self._settings.accounts.items()
                if account.enabled
            ],
            "strategies": [
                {"name": name, "portfolio": each.portfolio, "running": False, "failed": ""}
                for name, each in self._settings.strategies.items()
                if each.enabled
            ],
            "orders": len(state.orders),
            "open_orders": sum(1 for _ in state.open_orders()),
            "fills": state.counts.fills,
            "accepted": state.counts.accepted,
            "rejected": state.counts.rejected,
            "failed": state.counts.failed,
            "refused": state.counts.refused,
            "doubts_open": sum(1 for _ in state.doubts()),
            "currency": desk.currency,
            "alarms": [
                {"at": alarm.at, "code": alarm.code, "words": alarm.words}
                for alarm in list(state.alarms)[-10:]
            ],
        }

    def orders(self, *, every: bool, limit: int) -> list[dict[str, Any]]:
        """Return open orders, or with `every` the done ones too, newest first."""
        state = self.state
        chosen = list(state.orders.values()) if every else list(state.working.values())
        return [show_order(order) for order in reversed(chosen[-limit:])]

    def doubts(self) -> list[dict[str, Any]]:
        return [
            {
                "attempt_id": attempt.attempt_id,
                "kind": str(attempt.kind),
                "order_id": order.order_id,
                "client_order_id": order.client_order_id,
                "account": order.request.account,
                "instrument": order.request.instrument,
                "side": str(order.request.side),
                "quantity": f"{attempt.quantity or order.quantity:f}",
                "needs_person": attempt.escalated,
                "age_s": round((self.as_of_ns - attempt.started_at) / SECOND_NS, 3),
            }
            for order, attempt in self.state.doubts()
        ]

    def positions(self) -> list[dict[str, Any]]:
        """Return balances and positions as booked; there is no market to mark them by."""
        ledger = self.state.ledger
        rows: list[dict[str, Any]] = []
        for account in ledger.accounts():
            rows += [
                {"account": account, "asset": b.asset, "total": f"{b.total:f}"}
                for b in ledger.balances(account)
            ]
            for part in ledger.attributions(account):
                held = part.position
                instrument = self.state.instruments[held.key.instrument]
                price = held.entry_price
                rows.append(
                    {
                        "account": account,
                        "instrument": instrument.id,
                        "kind": str(instrument.kind),
                        "holding": instrument.kind is not ContractKind.SPOT,
                        "portfolio": part.portfolio,
                        "strategy": part.strategy,
                        "quantity": f"{held.quantity:f}",
                        "entry_price": None if price is None else f"{price:f}",
                        "mark": None,
                        "realized_pnl": f"{held.realized_pnl:f}",
                        "currency": held.key.settle,
                    }
                )
        return rows

    def fills(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest fills, newest first."""
        found: deque[dict[str, Any]] = deque(maxlen=limit)
        for entry in self._tools.read():
            if b'"fill_recorded"' not in entry.payload:
                continue
            record = r.decode(entry.payload)
            if not isinstance(record, r.FillRecorded):
                continue
            rows = rows_of(entry.sequence, record, entry.payload)
            found.extend(dict(row) for table, row in rows if table == "fills")
        return list(reversed(found))

    def trace(self, name: str) -> list[dict[str, Any]]:
        """Return the story of one id. Raises DeskError when no record carries it."""
        manifest = self._registry.manifest("store", PROJECTION_STORE)
        with TemporaryDirectory(prefix="crossdock-trace-") as folder:
            projection: Projection = self._registry.factory(manifest)(
                Path(folder) / "projection.sqlite", SCHEMA
            )
            try:
                self._fill(projection)
                return trace(projection, name)
            finally:
                projection.close()

    def _fill(self, projection: Projection) -> None:
        rows: list[Any] = []
        sequence = 0
        for entry in self._tools.read():
            rows += rows_of(entry.sequence, r.decode(entry.payload), entry.payload)
            sequence = entry.sequence
            if len(rows) >= _BATCH:
                projection.upsert(rows, sequence)
                rows = []
        if rows:
            projection.upsert(rows, sequence)
