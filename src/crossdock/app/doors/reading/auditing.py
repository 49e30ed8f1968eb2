"""Why a position is what it is, and whether the journal that says so is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.doors.reading.searching import ask_beside
from crossdock.core.projection import describe
from crossdock.core.state import State
from crossdock.model import ZERO, FillKind, InstrumentId, Side
from crossdock.ports import Projection, Row

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

MOST = 2_000
_MOST_MOVES = 20_000


class AuditOperations:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {"why": self.why, "verify": self.verify}

    async def why(self, *, instrument: str, limit: int = 200) -> list[dict[str, Any]]:
        """Return what made a position, newest first: see `why`. Trading does not wait."""
        desk = self._desk
        desk.upkeep.project()
        held = held_now(desk.kernel.state, instrument)
        until = desk.kernel.sequence
        return await ask_beside(
            desk.settings,
            lambda projection: why(projection, held, instrument, limit, until=until),
        )

    async def verify(self) -> dict[str, Any]:
        """Check every byte of the journal, in a thread beside trading."""
        from crossdock.app.offline import JournalTools

        tools = JournalTools(self._desk.settings.desk.journal)
        return await asyncio.to_thread(tools.verify)


def held_now(state: State, instrument: str) -> dict[str, Decimal]:
    """Return each account's position in an instrument."""
    name = InstrumentId(instrument)
    return {
        account: state.ledger.net_quantity(account, name)
        for account in state.ledger.accounts()
    }


def why(
    projection: Projection,
    held: Mapping[str, Decimal],
    instrument: str,
    limit: int,
    *,
    until: int | None = None,
) -> list[dict[str, Any]]:
    """Return the newest fills and events that made the positions in an instrument.

    Newest first. Each says what it changed, and in `quantity_after` what its account's
    position was then, counted back from what is `held` now, or was at the sequence `until`:
    what came after it is left out. `because` is the signal, or the person, that the order
    came from. Raises AdapterError.
    """
    most = max(min(limit, MOST), 0)
    newest = projection.position()
    last = newest if until is None else until
    asked = most + max(newest - last, 0)
    steps = [*_fills(projection, instrument, asked), *_moves(projection, instrument)]
    steps = [step for step in steps if int(step["sequence"]) <= last]
    steps.sort(key=lambda step: int(step["sequence"]), reverse=True)
    left = dict(held)
    told = []
    for step in steps[:most]:
        account, change = step["account"], step["change"]
        after = left.get(account, ZERO)
        left[account] = after - change
        step |= {"change": f"{change:f}", "quantity_after": f"{after:f}"}
        told.append(step | _origin(projection, step["order_id"]))
    return told


def _fills(projection: Projection, instrument: str, most: int) -> Iterator[dict[str, Any]]:
    for row in projection.query("fills", {"instrument": instrument}, limit=most):
        record = _record(projection, row["sequence"])
        replaced = [row["replaces"]] if row["replaces"] else []
        replaced += record.get("supersedes", ())
        before = sum((_quantity_of(projection, row, each) for each in replaced), ZERO)
        yield {
            "sequence": row["sequence"],
            "at": row["at"],
            "kind": "fill",
            "words": describe(record) if record else "",
            "account": row["account"],
            "instrument": instrument,
            "order_id": row["order_id"],
            "price": row["price"],
            "change": _signed(row) - before,
        }


def _signed(row: Row) -> Decimal:
    if row["kind"] == FillKind.BUSTED:
        return ZERO
    return Decimal(str(row["quantity"])) * Side(str(row["side"])).sign


def _quantity_of(projection: Projection, beside: Row, execution_id: Any) -> Decimal:
    """Return what a fill counted for, before another took its place."""
    names = ("account", "instrument", "venue_order_id")
    key = {**{name: beside[name] for name in names}, "execution_id": execution_id}
    return sum((_signed(row) for row in projection.query("fills", key, limit=1)), ZERO)


def _moves(projection: Projection, instrument: str) -> Iterator[dict[str, Any]]:
    """Yield what moved the position without an order, and what it was to begin with."""
    for kind in ("account_moved", "baseline_taken"):
        rows = projection.query("history", {"record": kind}, limit=_MOST_MOVES)
        for row in rows:
            record = json.loads(str(row["payload"]))
            told = {
                "sequence": row["sequence"],
                "at": row["at"],
                "kind": "event",
                "words": describe(record),
                "instrument": instrument,
                "order_id": None,
                "price": None,
            }
            if kind == "account_moved":
                event = record["event"]
                change = Decimal(event.get("quantity") or 0)
                if event.get("instrument") == instrument and change:
                    told["words"] = f"{event['kind']}: {event.get('note', '')}".strip(": ")
                    told["price"] = event.get("price")
                    yield {**told, "account": event["account"], "change": change}
                continue
            held = _held_at_first(record.get("positions", ()), instrument)
            if held:
                yield {
                    **told,
                    "kind": "baseline",
                    "words": "held before Crossdock first looked",
                    "account": record["account"],
                    "change": held,
                }


def _held_at_first(positions: Iterable[Mapping[str, Any]], instrument: str) -> Decimal:
    mine = (each for each in positions if each["key"]["instrument"] == instrument)
    return sum((Decimal(each["quantity"]) for each in mine), ZERO)


def _origin(projection: Projection, order_id: Any) -> dict[str, Any]:
    """Return whose order it was, and what was said or done that it came from."""
    nobody = {"portfolio": None, "strategy": None, "correlation": None, "because": ""}
    if order_id is None:
        return nobody
    orders = projection.query("orders", {"order_id": order_id}, limit=1)
    if not orders:
        return nobody
    order = orders[0]
    origin = {name: order[name] for name in ("portfolio", "strategy", "correlation")}
    because = ""
    if order["correlation"]:
        for kind in ("signal_emitted", "person_acted"):
            where: Row = {"correlation": order["correlation"], "record": kind}
            for row in projection.query("history", where, limit=1):
                because = describe(json.loads(str(row["payload"])))
    return {**origin, "because": because}


def _record(projection: Projection, sequence: Any) -> dict[str, Any]:
    rows = projection.query("history", {"sequence": sequence}, limit=1)
    found: dict[str, Any] = json.loads(str(rows[0]["payload"])) if rows else {}
    return found
