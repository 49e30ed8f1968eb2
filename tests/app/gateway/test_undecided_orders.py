"""An order that a venue cannot tell of holds up neither its account nor other orders."""

import logging
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.gateway.connected import Standing
from crossdock.core import records as r
from crossdock.errors import BadPayload, RateLimited, Rejected, Unavailable, Unreachable
from crossdock.model import OrderStatus, WriteKind
from crossdock.ports import Lookup, RateLimit
from crossdock.toolkit import RateLimiter

D = Decimal
S = OrderStatus
UNSURE = [
    Unreachable("it does not list all of the orders"),
    BadPayload("a row without an id"),
    Rejected("no such query for an archived order"),
    Unavailable("orders of last year are not served"),
]
HORIZON_S = 6  # of the toy's evidence, with the lag


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def gateway(toy, kernel, venue):
    return toy.gateway(kernel, venue, audit_s=5)


@pytest.fixture
def unsure(venue):
    """Have look-ups of some orders, by our ids, fail."""
    honest, failing = venue._find, {}

    def find(ref):
        if ref.client_order_id in failing:
            raise failing[ref.client_order_id]
        return honest(ref)

    venue._find = find
    return failing


def sent(toy, kernel, name, *, report=None):
    """Write down an order whose submit left with an earlier process."""
    order_id, attempt_id = f"o-{name}", f"a-{name}"
    records = [
        r.InstrumentListed(at=1, instrument=toy.listed()),
        r.OrderIntended(
            at=kernel.now(),
            order_id=order_id,
            client_order_id=name,
            request=toy.order(),
            approval_id="ap",
            reference_price=D(100),
        ),
        r.AttemptStarted(
            at=kernel.now(),
            attempt_id=attempt_id,
            order_id=order_id,
            kind=WriteKind.SUBMIT,
        ),
    ]
    if report is not None:
        records.append(
            r.AttemptEnded(
                at=kernel.now(),
                attempt_id=attempt_id,
                order_id=order_id,
                outcome=r.Outcome.ACCEPTED,
                report=report,
            )
        )
    kernel.commit(records)
    return kernel.state.orders[order_id]


def told(kernel, kind):
    return kernel.journal.records(kind)


def alarms(kernel, code):
    return [alarm for alarm in kernel.state.alarms if alarm.code == code]


@pytest.mark.parametrize("error", UNSURE, ids=lambda error: error.code)
async def test_one_order_that_cannot_be_decided_leaves_its_account_ready_and_in_doubt(
    toy, clock, kernel, gateway, venue, unsure, error
):
    first, lost, last = (sent(toy, kernel, name) for name in ("cd-1", "cd-2", "cd-3"))
    venue.place("cd-1")
    venue.place("cd-3")
    unsure["cd-2"] = error
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set, steps=20)
        assert first.status is last.status is S.NEW
        assert not first.doubts and not last.doubts
        await toy.until(clock, lambda: gateway.audits > 1)
        assert not told(kernel, r.DoubtEscalated)
        assert lost.doubts and kernel.state.reservations.get("o-cd-2")
        await clock.advance(60)
        assert gateway.standing is Standing.READY
        assert lost.doubts and kernel.state.reservations.get("o-cd-2")
    assert {it.order_id for it in told(kernel, r.DoubtResolved)} == {"o-cd-1", "o-cd-3"}


async def test_a_person_is_told_once_after_the_horizon_with_the_venue_s_words(
    toy, clock, kernel, gateway, unsure
):
    sent(toy, kernel, "cd-2")
    unsure["cd-2"] = UNSURE[0]
    began_ns = clock.monotonic_ns()
    async with toy.running(gateway):
        await toy.until(clock, lambda: alarms(kernel, "doubt-needs-a-person"))
        assert HORIZON_S <= (clock.monotonic_ns() - began_ns) / 1e9 < 3 * HORIZON_S
        await clock.advance(120)
        [alarm] = alarms(kernel, "doubt-needs-a-person")
        [escalated] = told(kernel, r.DoubtEscalated)
        assert "it does not list all of the orders" in alarm.words
        assert (escalated.attempt_id, alarm.order_id) == ("a-cd-2", "o-cd-2")


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_doubt_a_person_was_told_of_ends_as_soon_as_the_venue_can_tell(
    toy, clock, kernel, gateway, venue, unsure, arrived
):
    order = sent(toy, kernel, "cd-2")
    unsure["cd-2"] = UNSURE[0]
    async with toy.running(gateway):
        await toy.until(clock, lambda: told(kernel, r.DoubtEscalated))
        venue.is_mute = True
        if arrived:
            venue.place("cd-2")
        del unsure["cd-2"]
        await toy.until(clock, lambda: told(kernel, r.DoubtResolved))
        assert order.status is (S.NEW if arrived else S.NEVER_ACCEPTED)


async def test_an_outage_tells_nobody_of_each_order_and_keeps_the_account_from_trading(
    toy, clock, kernel, gateway, venue
):
    sent(toy, kernel, "cd-2")
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.failure = Unreachable("no route")
        before = gateway.audits
        await clock.advance(60)
        assert gateway.audits == before
        assert not told(kernel, r.DoubtEscalated)
        venue.failure = None
        await toy.until(clock, lambda: told(kernel, r.DoubtResolved))
    sent(toy, kernel, "cd-4")
    honest = venue._read

    async def read(name, *args):
        await honest(name, *args)
        if name in ("order", "open_orders"):
            raise Unreachable("no route")

    venue._read = read
    again = toy.gateway(kernel, venue)
    async with toy.running(again):
        await clock.advance(60)
        assert again.standing is Standing.RECOVERING
        assert again.trouble == "no route"


async def test_a_limit_is_no_answer_about_one_order(
    toy, clock, kernel, gateway, venue, unsure
):
    sent(toy, kernel, "cd-2")
    unsure["cd-2"] = RateLimited("too many", retry_after_s=3.0)
    async with toy.running(gateway):
        await clock.advance(30)
        assert gateway.standing is Standing.RECOVERING
        unsure.clear()
        await toy.until(clock, gateway.ready.is_set)


async def test_a_confirmed_order_that_cannot_be_looked_up_is_alarmed_about_and_stays_open(
    toy, clock, kernel, gateway, venue, unsure
):
    """Nothing of it is in doubt, and yet the list of open orders leaves it out."""
    order = sent(toy, kernel, "cd-2", report=venue.place("cd-2"))
    other = sent(toy, kernel, "cd-3", report=venue.place("cd-3"))
    venue.is_mute = True
    for each in venue.orders.values():
        each["status"] = S.CANCELED
    unsure["cd-2"] = UNSURE[1]
    code = "order-cannot-be-looked-up"
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await toy.until(clock, lambda: other.status is S.CANCELED)
        await toy.until(clock, lambda: alarms(kernel, code))
        await clock.advance(60)
        [alarm] = alarms(kernel, code)
        assert "a row without an id" in alarm.words and alarm.order_id == "o-cd-2"
        assert order.status is S.NEW and kernel.state.reservations.get("o-cd-2")
        unsure.clear()
        await toy.until(clock, lambda: order.status is S.CANCELED)


async def test_a_list_of_open_orders_that_cannot_be_read_leaves_each_to_its_own_look_up(
    toy, clock, kernel, gateway, venue, caplog
):
    resting = sent(toy, kernel, "cd-1", report=venue.place("cd-1"))
    gone = sent(toy, kernel, "cd-2", report=venue.place("cd-2"))
    venue.is_mute = True
    venue.orders["v2"]["status"] = S.CANCELED

    async def open_orders():
        raise BadPayload("no order in it can be read")

    venue.open_orders = open_orders
    with caplog.at_level(logging.WARNING):
        async with toy.running(gateway):
            await toy.until(clock, gateway.ready.is_set)
            await toy.until(clock, lambda: gone.status is S.CANCELED)
            await toy.until(clock, lambda: gateway.audits > 1)
            assert resting.status is S.NEW
    assert "no order in it can be read" in caplog.text


async def test_open_lists_that_cannot_be_read_prove_no_order_gone(
    toy, clock, kernel, venue, unsure
):
    evidence = replace(toy.EVIDENCE, lookup=Lookup.OPEN_ONLY)
    gateway = toy.gateway(kernel, venue, evidence=evidence, audit_s=5)
    order = sent(toy, kernel, "cd-1", report=venue.place("cd-1"))
    unsure["cd-1"] = BadPayload("no order in it can be read")

    async def open_orders():
        raise unsure["cd-1"]

    venue.open_orders = open_orders
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await clock.advance(60)
        assert order.status is S.NEW
        assert alarms(kernel, "order-cannot-be-looked-up")


async def test_the_first_question_about_an_order_waits_for_no_repetition_of_another(
    toy, clock, kernel, venue, unsure
):
    """The look-up is so dear that its share of the limit is one in half an hour."""
    limits = [RateLimit(scope="all", calls=10, per_s=900.0)]
    limiter, honest = RateLimiter(limits, clock), venue.order

    async def order(ref):
        limiter.try_acquire("all", 3)
        return await honest(ref)

    venue.order = order
    gateway = toy.gateway(kernel, venue, audit_s=None)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        unsure["cd-1"] = UNSURE[0]
        gateway.ask(sent(toy, kernel, "cd-1"))
        await clock.advance(120)
        assert len(venue.called("order")) == 1
        venue.place("cd-2")
        second = sent(toy, kernel, "cd-2")
        gateway.ask(second)
        await clock.advance(1)
        assert second.status is S.NEW
        assert len(venue.called("order")) == 2
        # Repetitions save what it spent: two look-ups' worth of pause, from the first on.
        await clock.advance(2 * 540 - 125)
        assert len(venue.called("order")) == 2
        await clock.advance(10)
        assert len(venue.called("order")) == 3


async def test_what_a_person_knows_of_is_asked_about_ever_more_rarely(
    toy, clock, kernel, venue, unsure
):
    gateway = toy.gateway(kernel, venue)
    sent(toy, kernel, "cd-2")
    unsure["cd-2"] = UNSURE[0]
    async with toy.running(gateway):
        await toy.until(clock, lambda: told(kernel, r.DoubtEscalated))
        await clock.advance(60)
        venue.calls.clear()
        await clock.advance(300)
        assert 8 <= len(venue.called("order")) <= 12
