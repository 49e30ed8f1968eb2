"""Writes a journal's entries into a projection, with the orders as the state has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crossdock.core import records as r
from crossdock.core.projection import Row, order_row, rows_of
from crossdock.core.state import State
from crossdock.model import OrderId
from crossdock.ports import JournalEntry, Projection

Entry = tuple[int, r.AnyRecord, bytes]
"""Sequence, record, and the record as the journal holds it."""

_BATCH = 10_000
_MOST_FILLS = 1_000_000
_MISFIT = (ValueError, TypeError, LookupError, ArithmeticError)


def project(projection: Projection, state: State, entries: Sequence[Entry]) -> None:
    """Write entries that the state has applied. Raises AdapterError.

    A record says one thing of an order; what the order is now follows from all of them.
    """
    rows = [row for entry in entries for row in rows_of(*entry)]
    changed: dict[OrderId, None] = {}
    told: set[OrderId] = set()
    for _, record, _ in entries:
        for order_id in _orders_in(record, state):
            changed[order_id] = None
            if not isinstance(record, r.FillRecorded):
                told.add(order_id)
    rows += [("orders", order_row(state.orders[order_id])) for order_id in changed]
    fills = [row for table, row in rows if table == "fills"]
    for order_id in changed:
        if order_id in told:
            rows += _placed(projection, state, order_id, fills)
    projection.upsert(rows, entries[-1][0])


def rebuild(projection: Projection, entries: Iterable[JournalEntry]) -> None:
    """Write a whole journal into an empty projection. Raises AdapterError."""
    state = State()
    batch: list[Entry] = []
    for entry in entries:
        record = r.decode(entry.payload)
        batch.append((entry.sequence, record, entry.payload))
        if not isinstance(record, r.Snapshot):
            _apply(state, record)
        elif len(batch) == 1 and not projection.position():
            state = State.restore(record)  # what was before it is kept elsewhere
        if len(batch) >= _BATCH:
            project(projection, state, batch)
            batch = []
    if batch:
        project(projection, state, batch)


def _apply(state: State, record: r.AnyRecord) -> None:
    """Apply a record, or pass over one that does not fit, as every recovery does."""
    try:
        state.apply(record)
    except _MISFIT:
        return


def _orders_in(record: r.AnyRecord, state: State) -> Iterator[OrderId]:
    """Yield the orders of ours that a record may have changed, legs of one included."""
    order = state.orders.get(getattr(record, "order_id", None) or OrderId(""))
    if order is not None and not order.foreign:
        yield order.order_id
        yield from (leg.order_id for leg in state.legs_of(order))


def _placed(
    projection: Projection, state: State, order_id: OrderId, new: Sequence[Row]
) -> Iterator[tuple[str, Row]]:
    """Yield what gives an order its fills that were recorded before it was known."""
    order = state.orders[order_id]
    for venue_order_id in order.venue_order_ids:
        place: Row = {
            "account": order.request.account,
            "instrument": order.request.instrument,
            "venue_order_id": venue_order_id,
        }
        known = list(projection.query("fills", place, limit=_MOST_FILLS))
        known += [row for row in new if place.items() <= row.items()]
        for row in known:
            if row["order_id"] != order_id:
                key = {**place, "execution_id": row["execution_id"]}
                yield "fills", {**key, "order_id": order_id}
                yield "history", {"sequence": row["sequence"], "order_id": order_id}
