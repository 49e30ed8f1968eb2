"""One account, from its first start through crashes, silences and strangers."""

import asyncio
import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.gateway.connected import Standing
from crossdock.core import records as r
from crossdock.errors import AuthFailed, OutcomeUnknown, Unreachable
from crossdock.model import OrderReport, OrderStatus, Side, WriteKind
from crossdock.ports import Lookup

D = Decimal
S = OrderStatus
SECOND = 1_000_000_000


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def gateway(toy, kernel, venue):
    return toy.gateway(kernel, venue)


def told(kernel, kind):
    return kernel.journal.records(kind)


def alarms(kernel):
    return [alarm.code for alarm in kernel.state.alarms]


def sent(toy, kernel, client="cd-9", order_id="o1", kind=WriteKind.SUBMIT, **values):
    """Write down an order whose submit left with an earlier process."""
    if order_id not in kernel.state.orders:
        kernel.commit(
            [
                r.InstrumentListed(at=1, instrument=toy.listed()),
                r.OrderIntended(
                    at=kernel.now(),
                    order_id=order_id,
                    client_order_id=client,
                    request=toy.order(),
                    approval_id="ap",
                    reference_price=D(100),
                ),
            ]
        )
    kernel.commit(
        [
            r.AttemptStarted(
                at=kernel.now(),
                attempt_id=f"a-{kind}",
                order_id=order_id,
                kind=kind,
                **values,
            )
        ]
    )
    return kernel.state.orders[order_id]


def confirmed(toy, kernel, venue):
    """An order of ours that rests at the venue, known from an earlier process."""
    order = sent(toy, kernel)
    report = venue.place("cd-9", quantity="1", price="99")
    kernel.commit(
        [
            r.AttemptEnded(
                at=kernel.now(),
                attempt_id="a-submit",
                order_id="o1",
                outcome=r.Outcome.ACCEPTED,
                report=report,
            )
        ]
    )
    return order


# ---- the first start --------------------------------------------------------------


async def test_the_first_start_takes_a_baseline_and_is_ready(
    toy, clock, kernel, gateway, venue
):
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        [baseline] = told(kernel, r.BaselineTaken)
        assert {b.asset: b.total for b in baseline.balances} == venue.cash
        assert kernel.state.ledger.balance("main", "BTC") == 10
        assert gateway.standing is Standing.READY
    assert gateway.standing is Standing.CLOSED


async def test_the_baseline_lies_between_two_equal_cursors(
    toy, clock, kernel, gateway, venue
):
    """A fill that comes while holdings are read makes them be read again."""
    stranger = venue.place(quantity="5")
    honest = venue.balances

    async def balances():
        read = await honest()
        if len(venue.fills) < 2:
            venue.fill(stranger.venue_order_id, "1")
        return read

    venue.balances = balances
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        [baseline] = told(kernel, r.BaselineTaken)
        assert baseline.fill_cursor == "2"
        assert {b.asset: b.total for b in baseline.balances}["BTC"] == 12
        await toy.until_audited(gateway)
        assert not gateway.unexplained and not told(kernel, r.FillRecorded)


async def test_a_second_start_takes_no_second_baseline(toy, clock, journal, venue):
    for _ in range(2):
        kernel = toy.kernel(clock, journal)
        kernel.recover()
        gateway = toy.gateway(kernel, venue)
        async with toy.running(gateway):
            await toy.until(clock, gateway.ready.is_set)
    assert len(told(kernel, r.BaselineTaken)) == 1


async def test_what_happened_while_we_were_away_is_found_in_the_histories(
    toy, clock, journal, venue
):
    venue.page = 2
    first = toy.gateway(toy.kernel(clock, journal), venue)
    async with toy.running(first):
        await toy.until(clock, first.ready.is_set)
    stranger = venue.place(quantity="50")
    for _ in range(5):
        venue.fill(stranger.venue_order_id)
        venue.deposit(7)
    kernel = toy.kernel(clock, journal)
    kernel.recover()
    second = toy.gateway(kernel, venue)
    async with toy.running(second):
        await toy.until(clock, second.ready.is_set)
        assert len(told(kernel, r.FillRecorded)) == len(told(kernel, r.AccountMoved)) == 5
        state = kernel.state.account("main")
        assert (state.fill_cursor, state.event_cursor) == ("5", "5")
        assert kernel.state.ledger.balance("main", "BTC") == 15
        await toy.until_audited(second)
        assert not second.unexplained


async def test_a_history_that_stands_still_is_not_asked_for_ever(
    toy, clock, kernel, gateway, venue
):
    honest = venue.fills_after

    async def fills_after(cursor):
        return replace(await honest(cursor), complete=False)

    venue.fills_after = fills_after
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        assert len(venue.called("fills_after")) < 10


async def test_books_are_compared_where_two_cursors_of_one_place_are_not_spelled_alike(
    toy, clock, kernel, gateway, venue
):
    asked = itertools.count()

    async def fill_cursor():
        return f"{len(venue.fills)}" if gateway.standing is not Standing.READY else "never"

    async def fills_after(cursor):
        page = await honest(cursor.partition("/")[0])
        return replace(
            page, cursor=f"{page.cursor}/{next(asked)}" if page.fills else cursor
        )

    honest, venue.fills_after, venue.fill_cursor = (
        venue.fills_after,
        fills_after,
        fill_cursor,
    )
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.fill(venue.place(quantity="5").venue_order_id)
        await toy.until_audited(gateway)
        assert kernel.state.account("main").fill_cursor == "1/0"
        assert gateway.audits and not gateway.unexplained


# ---- a restart with writes whose outcome died -------------------------------------


async def test_a_submit_of_a_dead_process_is_found_live_by_look_up(
    toy, clock, kernel, gateway, venue
):
    order = sent(toy, kernel)
    venue.place("cd-9", quantity="1", price="99")
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        [ended] = told(kernel, r.AttemptEnded)
        assert ended.outcome is r.Outcome.UNKNOWN
        [resolved] = told(kernel, r.DoubtResolved)
        assert (resolved.verdict, resolved.by) == (r.Verdict.LIVE, "lookup")
        assert (order.status, order.venue_order_ids) == (S.NEW, ["v1"])
    assert not venue.called("submit")


async def test_a_submit_of_a_dead_process_is_absent_only_after_horizon_and_lag(
    toy, clock, kernel, gateway, venue
):
    order = sent(toy, kernel)
    began = clock.monotonic_ns()
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        while not told(kernel, r.DoubtResolved):
            assert order.doubts and kernel.state.reservations.get("o1")
            last, looked = clock.monotonic_ns(), len(venue.called("order"))
            assert last - began < 12 * SECOND
            await clock.advance(0.1)
        assert clock.monotonic_ns() - began >= 6 * SECOND
        assert looked > 3
        [resolved] = told(kernel, r.DoubtResolved)
        assert resolved.verdict is r.Verdict.ABSENT
        assert order.status is S.NEVER_ACCEPTED
        assert kernel.state.reservations.get("o1") is None
    assert not venue.called("submit")


async def test_a_venue_that_cannot_tell_leaves_a_submit_in_doubt(
    toy, clock, kernel, gateway, venue
):
    """What is listed in part, or unreadably, is no proof; nor does a question end by it."""
    order = sent(toy, kernel)

    def unsure(ref):
        raise Unreachable("it does not list all of the orders")

    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        honest, venue._find = venue._find, unsure
        await clock.advance(60)
        assert order.doubts and not told(kernel, r.DoubtResolved)
        assert kernel.state.reservations.get("o1")
        [(ref,), *_] = venue.called("order")
        assert ref.created_time_ns == order.created_at
        venue._find = honest
        await toy.until(clock, lambda: told(kernel, r.DoubtResolved))
        assert order.status is S.NEVER_ACCEPTED


async def test_a_venue_that_shows_open_orders_only_has_a_person_asked_of_a_lost_submit(
    toy, clock, kernel, venue
):
    """It may have filled at once: what is not open is not absent."""
    evidence = replace(toy.EVIDENCE, lookup=Lookup.OPEN_ONLY)
    gateway = toy.gateway(kernel, venue, evidence=evidence)
    order = sent(toy, kernel)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await toy.until(clock, lambda: told(kernel, r.DoubtEscalated))
        assert order.doubts and not told(kernel, r.DoubtResolved)
        assert kernel.state.reservations.get("o1")


@pytest.mark.parametrize("was_sent", [False, True])
async def test_an_intent_whose_attempt_was_torn_off_the_journal_is_asked_about(
    toy, clock, kernel, gateway, venue, was_sent
):
    kernel.commit(
        [
            r.InstrumentListed(at=1, instrument=toy.listed()),
            r.OrderIntended(
                at=kernel.now(),
                order_id="o1",
                client_order_id="cd-9",
                request=toy.order(),
                approval_id="ap",
                reference_price=D(100),
            ),
        ]
    )
    order = kernel.state.orders["o1"]
    if was_sent:
        venue.place("cd-9", quantity="1", price="99")
    async with toy.running(gateway):
        await toy.until(clock, lambda: told(kernel, r.DoubtResolved))
        assert order.status is (S.NEW if was_sent else S.NEVER_ACCEPTED)
    assert not venue.called("submit")


async def test_a_submit_that_arrives_late_is_found_before_it_is_called_absent(
    toy, clock, kernel, gateway, venue
):
    order = sent(toy, kernel)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await clock.advance(4)
        assert order.doubts
        venue.is_mute = True
        venue.place("cd-9", quantity="1", price="99")
        await toy.until(clock, lambda: not order.doubts)
        assert order.status is S.NEW
    verdicts = [record.verdict for record in told(kernel, r.DoubtResolved)]
    assert verdicts == [r.Verdict.LIVE]


async def test_a_connection_that_flaps_does_not_begin_the_waiting_anew(
    toy, clock, kernel, gateway, venue
):
    order = sent(toy, kernel)
    began = clock.monotonic_ns()
    async with toy.running(gateway):
        while order.doubts or order.attempts:
            assert clock.monotonic_ns() - began < 30 * SECOND
            await clock.advance(3)
            venue.break_streams(AuthFailed("key expired"))
            await clock.settle()
        assert order.status is S.NEVER_ACCEPTED


@pytest.mark.parametrize(
    ("took_effect", "verdict", "status"),
    [(True, r.Verdict.LIVE, S.CANCELED), (False, r.Verdict.ABSENT, S.NEW)],
)
async def test_a_cancel_of_a_dead_process_is_settled_by_what_the_order_is(
    toy, clock, kernel, gateway, venue, took_effect, verdict, status
):
    order = confirmed(toy, kernel, venue)
    sent(toy, kernel, kind=WriteKind.CANCEL)
    if took_effect:
        venue.orders["v1"]["status"] = S.CANCELED
    async with toy.running(gateway):
        await toy.until(clock, lambda: bool(told(kernel, r.DoubtResolved)))
        assert [d.verdict for d in told(kernel, r.DoubtResolved)] == [verdict]
        assert order.status is status and not order.attempts


@pytest.mark.parametrize(
    ("took_effect", "verdict", "quantity"),
    [(True, r.Verdict.LIVE, "2"), (False, r.Verdict.ABSENT, "1")],
)
async def test_an_amend_of_a_dead_process_reserves_both_until_it_is_settled(
    toy, clock, kernel, gateway, venue, took_effect, verdict, quantity
):
    order = confirmed(toy, kernel, venue)
    sent(toy, kernel, kind=WriteKind.REPLACE, quantity=D(2), limit_price=D(99))
    assert order.worst_quantity == 2
    if took_effect:
        venue.orders["v2"] = {
            **venue.orders["v1"],
            "venue_order_id": "v2",
            "replaces": "v1",
            "quantity": D(2),
        }
        venue.orders["v1"].update(client_order_id="was", status=S.CANCELED)
    async with toy.running(gateway):
        await toy.until(clock, lambda: bool(told(kernel, r.DoubtResolved)))
        assert [d.verdict for d in told(kernel, r.DoubtResolved)] == [verdict]
        assert order.quantity == order.worst_quantity == D(quantity)


async def test_fills_of_an_order_in_doubt_settle_it_and_are_counted_once(
    toy, clock, kernel, gateway, venue
):
    """The history is read before the order is looked up."""
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    order = sent(toy, kernel)
    venue.place("cd-9", quantity="1", price="99")
    venue.fill("v1", "1", "99")
    again = toy.gateway(kernel, venue)
    async with toy.running(again):
        await toy.until(clock, again.ready.is_set)
        await toy.until_audited(again)
        assert (order.status, order.owed, len(told(kernel, r.FillRecorded))) == (
            S.FILLED,
            0,
            1,
        )
        assert not again.unexplained


async def test_a_quantity_no_history_explains_is_inferred_after_the_lag(
    toy, clock, kernel, gateway, venue
):
    order = confirmed(toy, kernel, venue)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.report(
            venue.orders["v1"],
            status=S.PARTIALLY_FILLED,
            cumulative_quantity=D("0.4"),
        )
        await clock.settle()
        assert order.owed == D("0.4") and not told(kernel, r.FillRecorded)
        await toy.until(clock, lambda: bool(told(kernel, r.FillRecorded)))
        [inferred] = told(kernel, r.FillRecorded)
        assert (inferred.fill.kind, inferred.fill.quantity) == ("inferred", D("0.4"))


# ---- what a look-up cannot settle -------------------------------------------------


async def test_a_venue_without_look_up_asks_a_person(toy, clock, kernel):
    venue = toy.BlindVenue(clock)
    order = sent(toy, kernel)
    evidence = replace(toy.EVIDENCE, lookup=Lookup.NONE)
    gateway = toy.gateway(kernel, venue, evidence=evidence)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await clock.advance(60)
        [escalated] = told(kernel, r.DoubtEscalated)
        assert escalated.attempt_id == "a-submit"
        assert alarms(kernel).count("doubt-needs-a-person") == 1
        assert order.doubts[0].escalated and not told(kernel, r.DoubtResolved)
        assert kernel.state.reservations.get("o1")


async def test_a_venue_without_look_up_still_explains_what_is_owed(toy, clock, kernel):
    venue = toy.BlindVenue(clock)
    order = confirmed(toy, kernel, venue)
    evidence = replace(toy.EVIDENCE, lookup=Lookup.NONE)
    gateway = toy.gateway(kernel, venue, evidence=evidence)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.is_mute = True
        venue.fill("v1", "1", "99")
        gateway.intake.take_report(OrderReport(**venue.orders["v1"]), r.Source.STREAM)
        assert order.owed == 1
        await toy.until(clock, lambda: order.owed == 0)
        assert order.status is S.FILLED


async def test_an_order_too_young_to_be_listed_is_not_called_gone(
    toy, clock, kernel, venue
):
    """A venue that shows open orders only, and shows them late."""
    evidence = replace(toy.EVIDENCE, lookup=Lookup.OPEN_ONLY, visibility_lag_s=3)
    gateway = toy.gateway(kernel, venue, evidence=evidence)
    order = confirmed(toy, kernel, venue)
    honest = venue._find
    venue._find = lambda ref: None
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        gateway.ask(order)
        await clock.settle()
        assert venue.called("order")
        assert order.status is S.NEW
        venue._find = honest
        await clock.advance(20)
        assert order.status is S.NEW


async def test_an_open_only_venue_that_stops_listing_an_order_ended_it(
    toy, clock, kernel, venue
):
    evidence = replace(toy.EVIDENCE, lookup=Lookup.OPEN_ONLY)
    gateway = toy.gateway(kernel, venue, evidence=evidence)
    order = confirmed(toy, kernel, venue)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        await clock.advance(5)
        del venue.orders["v1"]
        await toy.until_audited(gateway)
        assert order.status is S.NEW, "one list that leaves it out may be late"
        await clock.advance(2)
        await toy.until_audited(gateway)
        assert order.status is S.CANCELED and not order.is_working


# ---- streams ----------------------------------------------------------------------


async def test_a_gap_has_the_history_asked(toy, clock, kernel, gateway, venue):
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        stranger = venue.place(quantity="5")
        venue.fill(stranger.venue_order_id, told=False)
        assert not told(kernel, r.FillRecorded)
        venue.tell(lambda sink: sink.account_gap("sequence 7 after 5"))
        await toy.until(clock, lambda: bool(told(kernel, r.FillRecorded)))
        [recorded] = told(kernel, r.FillRecorded)
        assert recorded.source is r.Source.HISTORY


async def test_a_stream_that_ends_is_opened_again_and_history_asked(
    toy, clock, kernel, gateway, venue
):
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        venue.break_streams(Unreachable("reset"))
        await clock.settle()
        assert not venue.sinks
        stranger = venue.place(quantity="5")
        venue.fill(stranger.venue_order_id)
        await toy.until(clock, lambda: bool(venue.sinks))
        await toy.until(clock, lambda: bool(told(kernel, r.FillRecorded)))
        assert gateway.ready.is_set() and venue.connections == 1


async def test_a_mute_stream_is_replaced_when_history_brings_news(
    toy, clock, kernel, venue
):
    """It stays connected, and says nothing of what the history tells."""
    gateway = toy.gateway(kernel, venue, audit_s=0.01)
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        [first] = venue._streams
        venue.is_mute = True
        venue.deposit(5)
        loop = asyncio.get_running_loop()
        end = loop.time() + 10
        while first in venue._streams and loop.time() < end:
            await asyncio.wait({loop.create_future()}, timeout=0.005)
            await clock.advance(0.1)
        assert first not in venue._streams and venue.sinks
        assert len(told(kernel, r.AccountMoved)) == 1


# ---- strangers --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("foreign", "is_foreign", "halted"),
    [("observe", True, False), ("adopt", False, False), ("halt", True, True)],
)
async def test_an_order_that_is_not_ours_is_observed_adopted_or_halts(
    toy, clock, kernel, venue, foreign, is_foreign, halted
):
    gateway = toy.gateway(kernel, venue, foreign=foreign)
    venue.place("by-hand", side=Side.SELL, quantity="3", price="120")
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        [order] = kernel.state.orders.values()
        assert order.foreign is is_foreign
        assert bool(kernel.state.account("main").halted) is halted
        assert alarms(kernel).count("foreign-order") == 1
        assert len(kernel.state.reservations) == (0 if is_foreign else 1)
        await toy.until_audited(gateway)
        assert alarms(kernel).count("foreign-order") == 1
    assert not venue.called("cancel")


async def test_unexplained_holdings_halt_after_they_were_seen_twice(
    toy, clock, kernel, gateway, venue
):
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        venue.cash["BTC"] += 1
        before = gateway.audits
        await toy.until_audited(gateway)
        if gateway.audits == before + 1:
            [difference] = gateway.unexplained
            assert (difference.what, difference.venue, difference.books) == ("BTC", 11, 10)
            assert not kernel.state.account("main").halted
        await toy.until_audited(gateway)
        assert "BTC" in kernel.state.account("main").halted
        assert alarms(kernel).count("unexplained-position") == 1
        await toy.until_audited(gateway)
        assert alarms(kernel).count("unexplained-position") == 1


async def test_a_difference_that_goes_away_halts_nothing(
    toy, clock, kernel, gateway, venue
):
    async with toy.running(gateway):
        await toy.until(clock, lambda: gateway.audits > 0)
        venue.cash["BTC"] += 1
        await toy.until_audited(gateway)
        venue.cash["BTC"] -= 1
        await toy.until_audited(gateway)
        assert not gateway.unexplained and not kernel.state.account("main").halted


# ---- away -------------------------------------------------------------------------


async def test_an_account_that_is_away_is_quarantined_alone_and_recovers(
    toy, clock, kernel, venue
):
    other = toy.Venue(clock, "beta", "second")
    venue.failure = Unreachable("no route")
    gateways = toy.gateway(kernel, venue), toy.gateway(kernel, other)
    async with toy.running(*gateways):
        away, well = gateways
        await toy.until(clock, well.ready.is_set)
        await toy.until(clock, lambda: away.standing is Standing.AWAY)
        assert "no route" in away.reason and well.standing is Standing.READY
        venue.failure = None
        await toy.until(clock, away.ready.is_set)
        assert alarms(kernel).count("account-away") == 1


async def test_a_venue_that_fails_during_recovery_is_asked_until_it_answers(
    toy, clock, kernel, gateway, venue
):
    honest, failures = venue.fills_after, [Unreachable("reset")] * 3

    async def fills_after(cursor):
        if failures:
            raise failures.pop()
        return await honest(cursor)

    venue.fills_after = fills_after
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        assert not failures and venue.connections == 1


async def test_refused_keys_are_tried_again_slowly(toy, clock, kernel, gateway, venue):
    venue.failure = AuthFailed("the key is not valid")
    async with toy.running(gateway):
        await clock.advance(30)
        assert 3 <= venue.connections <= 1 + 30 / 2
        assert gateway.standing is Standing.AWAY and "AuthFailed" in gateway.reason
        assert alarms(kernel).count("account-away") == 1


async def test_an_error_of_the_adapter_itself_takes_no_other_account_down(
    toy, clock, kernel, venue
):
    other = toy.Venue(clock, "beta", "second")
    venue.failure = ZeroDivisionError("a bug")
    gateways = toy.gateway(kernel, venue), toy.gateway(kernel, other)
    async with toy.running(*gateways):
        await toy.until(clock, gateways[1].ready.is_set)
        assert gateways[0].standing is not Standing.READY
        venue.failure = None
        await toy.until(clock, gateways[0].ready.is_set)


# ---- writes that end badly --------------------------------------------------------


async def test_a_refused_cancel_has_the_order_looked_up(toy, clock, kernel, gateway, venue):
    order = confirmed(toy, kernel, venue)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        venue.is_mute = True
        venue.fill("v1", "1", "99")

        async def refuse():
            raise OutcomeUnknown("no reply")

        venue.on_write = lambda name, asked: refuse()
        gateway.writes.cancel(gateway.adapter, order)
        await toy.until(clock, lambda: not order.attempts)
        assert order.status is S.FILLED
        [resolved] = told(kernel, r.DoubtResolved)
        assert resolved.verdict is r.Verdict.MOOT


async def test_a_symbol_the_venue_does_not_list_is_skipped_with_an_alarm(
    toy, clock, kernel, venue
):
    gateway = toy.gateway(kernel, venue, symbols=("BTC/USDT", "NO/SUCH"))
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        alarms = [a for a in kernel.state.alarms if a.code == "symbol-not-listed"]
        assert ["NO/SUCH" in alarm.words for alarm in alarms] == [True]
