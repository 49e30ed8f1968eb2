"""When a look-up that found nothing proves something, and when only a person can say."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.execution.reconcile import (
    Next,
    Question,
    absent_after_ns,
    gone_report,
    weigh,
)
from crossdock.model import OrderStatus, WriteKind
from crossdock.ports import Lookup

D = Decimal
SECOND = 1_000_000_000
EARLY, LATE = 5 * SECOND, 7 * SECOND
HORIZON = 6 * SECOND


def doubtful(make, kind, *, confirmed):
    """An order with one write of a kind in doubt."""
    values = {"quantity": D(12)} if kind is WriteKind.REPLACE else {}
    begun = make.begun("a2", kind=kind, at=3, **values)
    unsure = make.ended("a2", r.Outcome.UNKNOWN, at=4)
    if confirmed:
        state = make.known_order(begun, unsure)
    else:
        state = make.state(make.intent(), begun, unsure)
    order = state.orders["o1"]
    return order, order.attempts["a2"]


def test_absence_counts_after_the_horizon_and_the_lag(make):
    evidence = make.evidence(arrival_horizon_s=5, visibility_lag_s=0.5)
    assert absent_after_ns(evidence, 100) == 100 + 5_500_000_000


@pytest.mark.parametrize("lookup", [Lookup.ANY_ORDER, Lookup.OPEN_ONLY, Lookup.ECHOED_TAG])
@pytest.mark.parametrize(
    ("kind", "confirmed", "began", "found", "expected"),
    [
        (WriteKind.SUBMIT, False, EARLY, None, Next.WAIT),
        (WriteKind.SUBMIT, False, HORIZON - 1, None, Next.WAIT),
        (WriteKind.SUBMIT, False, HORIZON, None, Next.ABSENT),
        (WriteKind.SUBMIT, False, LATE, None, Next.ABSENT),
        (WriteKind.SUBMIT, False, LATE, "open", Next.WAIT),
        (WriteKind.CANCEL, True, EARLY, "open", Next.WAIT),
        (WriteKind.CANCEL, True, LATE, "open", Next.ABSENT),
        (WriteKind.CANCEL, True, LATE, "done", Next.WAIT),
        (WriteKind.CANCEL, False, LATE, None, Next.WAIT),
        (WriteKind.REPLACE, True, EARLY, "open", Next.WAIT),
        (WriteKind.REPLACE, True, LATE, "open", Next.ABSENT),
        (WriteKind.REPLACE, True, LATE, "done", Next.WAIT),
        (WriteKind.REPLACE, True, EARLY, None, Next.WAIT),
        (WriteKind.REPLACE, True, LATE, None, Next.ASK),
        (WriteKind.CANCEL, True, LATE, None, Next.ASK),
    ],
)
def test_a_doubt_is_weighed_by_what_was_found_and_when(
    make, lookup, kind, confirmed, began, found, expected
):
    order, attempt = doubtful(make, kind, confirmed=confirmed)
    status = {"open": OrderStatus.NEW, "done": OrderStatus.FILLED}.get(found)
    report = make.report(status=status) if status else None
    question = Question(began_ns=began, found=report)
    evidence = make.evidence(lookup=lookup)
    if lookup is Lookup.OPEN_ONLY and kind is WriteKind.SUBMIT and expected is Next.ABSENT:
        expected = Next.ASK  # it may have filled at once
    assert weigh(order, attempt, evidence, question, HORIZON) is expected


@pytest.mark.parametrize("kind", list(WriteKind))
@pytest.mark.parametrize("began", [EARLY, LATE])
def test_with_no_look_up_a_person_is_asked(make, kind, began):
    order, attempt = doubtful(make, kind, confirmed=kind is not WriteKind.SUBMIT)
    question = Question(began_ns=began, found=None)
    evidence = make.evidence(lookup=Lookup.NONE)
    assert weigh(order, attempt, evidence, question, HORIZON) is Next.ASK


@pytest.mark.parametrize(
    ("filled", "status"),
    [("0", OrderStatus.CANCELED), ("4", OrderStatus.CANCELED), ("10", OrderStatus.FILLED)],
)
def test_a_confirmed_order_no_longer_among_the_open_ones_is_done(make, filled, status):
    state = make.known_order()
    if D(filled):
        fill = make.fill(quantity=filled)
        recorded = r.FillRecorded(at=3, fill=fill, source=r.Source.STREAM, order_id="o1")
        state.apply(recorded)
    order = state.orders["o1"]
    gone = gone_report(order, None, 9)
    assert (gone.status, gone.cumulative_quantity) == (status, D(filled))
    order.merge(gone)
    assert order.status is status and order.worst_quantity == 0


def test_only_a_confirmed_order_can_be_gone(make):
    unconfirmed = make.state(make.intent(), make.begun()).orders["o1"]
    assert gone_report(unconfirmed, None, 9) is None
    confirmed = make.known_order().orders["o1"]
    assert gone_report(confirmed, make.report(), 9) is None


def test_an_order_that_is_gone_keeps_the_quantity_the_venue_had_reported(make):
    """What was reported as filled stays filled, though its fills have not come yet."""
    state = make.known_order(status=OrderStatus.PARTIALLY_FILLED, cumulative_quantity=D(4))
    order = state.orders["o1"]
    order.merge(gone_report(order, None, 9))
    assert (order.status, order.cumulative_quantity) == (OrderStatus.CANCELED, 4)
    assert order.owed == 4
