"""What a venue says, turned into the records that it proves. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from crossdock.core import records as r
from crossdock.core.orders import Attempt, OrderState
from crossdock.core.state import State
from crossdock.model import (
    ZERO,
    AccountEvent,
    ExecutionId,
    Fill,
    FillKind,
    Instrument,
    OrderId,
    OrderReport,
    OrderStatus,
    WriteKind,
)

NewOrderId = Callable[[], OrderId]


def take_report(
    state: State,
    report: OrderReport,
    source: r.Source,
    at: int,
    new_id: NewOrderId,
    *,
    adopt: bool = False,
) -> list[r.AnyRecord]:
    """Return what one word about one order adds to what is known: often nothing.

    An attached leg of an order of ours is ours, whoever named it.
    """
    order = find_order(state, report)
    if order is None:
        parent = find_parent(state, report)
        if parent is not None and not parent.foreign:
            owner = parent.request
            leg = r.LegSeen(
                at=at,
                order_id=new_id(),
                parent=parent.order_id,
                report=report,
                portfolio=owner.portfolio,
                strategy=owner.strategy,
                correlation=owner.correlation,
            )
            return [leg]
        seen = r.ForeignOrderSeen(at=at, order_id=new_id(), report=report, adopted=adopt)
        return [seen]
    if not order.news_in(report):
        return []
    reported = r.OrderReported(at=at, order_id=order.order_id, report=report, source=source)
    if order.reopens_on_report(report):
        words = f"the {source} says {report.status}: it is open again"
        return [_reopened("report-after-done", order, words, at), reported]
    return [reported]


def find_order(state: State, report: OrderReport) -> OrderState | None:
    order = state.find(
        report.account,
        client_order_id=report.client_order_id,
        venue_order_id=report.venue_order_id,
    )
    if order is None and report.replaces is not None:
        order = state.find(report.account, venue_order_id=report.replaces)
    return order


def find_parent(state: State, report: OrderReport) -> OrderState | None:
    """Return the order whose attached leg a report speaks of."""
    if report.parent is None:
        return None
    return state.find(report.account, venue_order_id=report.parent)


def take_fill(state: State, fill: Fill, source: r.Source, at: int) -> list[r.AnyRecord]:
    """Return the records of a fill, none when it is known already.

    A reported fill takes the place of what was inferred for its order; a fill that
    contradicts a proven end of the order reopens it, loudly.
    """
    if state.ledger.has_fill(fill.key):
        return []
    order = state.find(
        fill.account,
        client_order_id=fill.client_order_id,
        venue_order_id=fill.venue_order_id,
    )
    if order is None:
        return [r.FillRecorded(at=at, fill=fill, source=source)]
    account, instrument, _, execution_id = fill.key
    for known in order.venue_order_ids:
        if state.ledger.has_fill((account, instrument, known, execution_id)):
            return []  # told once more, under another id of the same order
    inferred: list[Fill] = []
    if fill.kind is FillKind.REPORTED:
        inferred = state.inferred.get(order.order_id, [])
    supersedes = tuple(each.execution_id for each in inferred)
    recorded = r.FillRecorded(
        at=at, fill=fill, source=source, order_id=order.order_id, supersedes=supersedes
    )
    replaced = sum([each.quantity for each in inferred], ZERO)
    if order.reopens_on(fill, replaced):
        words = f"it has a new fill of {fill.quantity} at {fill.price}: it is open again"
        return [_reopened("fill-after-done", order, words, at), recorded]
    return [recorded]


def _reopened(code: str, order: OrderState, words: str, at: int) -> r.Alarmed:
    return r.Alarmed(
        at=at,
        code=code,
        words=f"{order.client_order_id} was {order.status}; {words}",
        account=order.request.account,
        order_id=order.order_id,
        correlation=order.request.correlation,
    )


def hold_fill(state: State, fill: Fill, source: r.Source, at: int) -> list[r.AnyRecord]:
    """Return the record that keeps a fill in what is not listed, none if it is kept."""
    if state.held.has_fill(fill.key):
        return []
    return [r.FillHeld(at=at, fill=fill, source=source)]


def hold_event(state: State, event: AccountEvent, at: int) -> list[r.AnyRecord]:
    if state.held.has_event(event.account, event.event_id):
        return []
    return [r.EventHeld(at=at, event=event)]


def take_event(state: State, event: AccountEvent, at: int) -> list[r.AnyRecord]:
    if state.ledger.has_event(event.account, event.event_id):
        return []
    return [r.AccountMoved(at=at, event=event)]


def doubts_ended(order: OrderState, by: r.Source, at: int) -> list[r.AnyRecord]:
    """Return the ends of those doubts that the order, as now proven, leaves no room for."""
    ended: list[r.AnyRecord] = []
    for attempt in order.doubts:
        verdict = _verdict(order, attempt)
        if verdict is not None:
            resolved = r.DoubtResolved(
                at=at,
                attempt_id=attempt.attempt_id,
                order_id=order.order_id,
                verdict=verdict,
                by=by.value,
                words=f"the venue reports {order.status}",
            )
            ended.append(resolved)
    return ended


def _verdict(order: OrderState, attempt: Attempt) -> r.Verdict | None:
    match attempt.kind:
        case WriteKind.SUBMIT:
            return r.Verdict.LIVE if order.venue_order_ids else None
        case WriteKind.CANCEL:
            if order.status is OrderStatus.CANCELED:
                return r.Verdict.LIVE
            return r.Verdict.MOOT if order.status.is_terminal else None
        case WriteKind.REPLACE:
            if _has_values_of(order, attempt):
                return r.Verdict.LIVE
            return r.Verdict.MOOT if order.status.is_terminal else None


def _has_values_of(order: OrderState, attempt: Attempt) -> bool:
    """Tell whether a replace shows. No replace is sent that would change nothing."""
    return (
        attempt.quantity in (None, order.quantity)
        and attempt.limit_price in (None, order.limit_price)
        and attempt.stop_price in (None, order.stop_price)
    )


def absence(order: OrderState, attempt: Attempt, words: str, at: int) -> r.DoubtResolved:
    """Return the end of a doubt by proven absence. The caller vouches for the query's time."""
    return r.DoubtResolved(
        at=at,
        attempt_id=attempt.attempt_id,
        order_id=order.order_id,
        verdict=r.Verdict.ABSENT,
        by=r.Source.LOOKUP.value,
        words=words,
    )


def infer_fill(
    order: OrderState, instrument: Instrument, report: OrderReport, at: int
) -> r.FillRecorded | None:
    """Return the fill that a cumulative quantity proves but no history explains.

    Its id follows from the fills before it and from what it makes whole, so inferring
    twice is inferring once. Its price makes the venue's average come out, where the venue
    gives one.
    """
    owed = order.cumulative_quantity - order.filled_quantity
    if owed <= 0 or report.cumulative_quantity != order.cumulative_quantity:
        return None  # nothing, or the report is older than what we know
    request = order.request
    price: Decimal = order.limit_price or order.reference_price
    if report.average_price is not None and report.cumulative_quantity > 0:
        notional = report.average_price * report.cumulative_quantity
        price = (notional - order.filled_notional) / owed
    cumulative = f"{order.cumulative_quantity.normalize():f}"
    fill = Fill(
        account=request.account,
        instrument=request.instrument,
        venue_order_id=report.venue_order_id,
        execution_id=ExecutionId(f"inferred-{order.fill_count}-{cumulative}"),
        side=request.side,
        price=price,
        quantity=owed,
        fee=Decimal(0),
        fee_asset=instrument.settle,
        kind=FillKind.INFERRED,
        client_order_id=order.client_order_id,
        position_side=request.position_side,
        margin_mode=request.margin_mode,
        venue_time_ns=report.venue_time_ns,
        received_time_ns=at,
    )
    return r.FillRecorded(at=at, fill=fill, source=r.Source.LOOKUP, order_id=order.order_id)
