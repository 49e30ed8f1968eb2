"""When silence becomes an answer: what a look-up proves about a write in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crossdock.core.orders import Attempt, OrderState
from crossdock.model import OrderReport, OrderStatus, WriteKind
from crossdock.ports import Evidence, Lookup

SECOND_NS = 1_000_000_000


class Next(StrEnum):
    """What to do about a doubt after one look-up."""

    WAIT = "wait"  # look again later
    ABSENT = "absent"  # proven: it did not happen and no longer can
    ASK = "ask"  # no evidence can settle it: a named person must


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One look-up about one order, and when it began on the monotonic clock."""

    began_ns: int
    found: OrderReport | None
    order_age_s: float = 0.0


def absent_after_ns(evidence: Evidence, silent_since_ns: int) -> int:
    """Return when absence begins to count.

    `silent_since_ns` is a monotonic moment after which no byte of the write can have
    left: when the call was given up, or when the restarted process began.
    """
    wait_s = evidence.arrival_horizon_s + evidence.visibility_lag_s
    return silent_since_ns + int(wait_s * SECOND_NS)


def weigh(
    order: OrderState,
    attempt: Attempt,
    evidence: Evidence,
    question: Question,
    absent_from_ns: int,
) -> Next:
    """Judge a doubt by what a look-up found, after its report was taken in.

    A report that ends the doubt has done so already; what is left here is absence.
    """
    if evidence.lookup is Lookup.NONE:
        return Next.ASK
    if question.began_ns < absent_from_ns:
        return Next.WAIT
    found = question.found
    if found is None and question.order_age_s > evidence.retention_s:
        return Next.ASK  # the venue may have had it, and have forgotten
    if attempt.kind is WriteKind.SUBMIT and found is not None:
        return Next.WAIT
    if attempt.kind is WriteKind.SUBMIT:
        # What is not open may have filled, where no look-up shows orders that are done.
        return Next.ASK if evidence.lookup is Lookup.OPEN_ONLY else Next.ABSENT
    if found is None and not order.venue_order_ids:
        return Next.WAIT  # its submit is in doubt as well, and decides
    if found is None:
        # The venue forgot an order it once confirmed: past its retention, or a lie.
        return Next.ASK
    return Next.ABSENT if not found.status.is_terminal else Next.WAIT


def gone_report(
    order: OrderState, last: OrderReport | None, now_ns: int
) -> OrderReport | None:
    """Return what a list of open orders proves by leaving a confirmed order out.

    For venues that show open orders only: the order is done. Its fills, which the history
    tells, decide between filled and canceled.
    """
    if not order.venue_order_ids or last is not None:
        return None
    request = order.request
    filled = order.filled_quantity >= order.quantity
    return OrderReport(
        account=request.account,
        instrument=request.instrument,
        venue_order_id=order.venue_order_ids[-1],
        client_order_id=order.client_order_id,
        status=OrderStatus.FILLED if filled else OrderStatus.CANCELED,
        side=request.side,
        type=request.type,
        quantity=order.quantity,
        cumulative_quantity=order.filled_quantity,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        time_in_force=request.time_in_force,
        reason="no longer among the open orders",
        venue_time_ns=order.last_venue_time_ns,
        received_time_ns=now_ns,
    )
