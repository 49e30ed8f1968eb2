"""Each write leaves once, and how it ended is on paper."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.app.gateway.writes import Writes
from crossdock.core import records as r
from crossdock.core.risk import (
    Gate,
    LimitBook,
    Limits,
    Mark,
    Reservations,
    UnderlyingExposure,
    VenueTerms,
)
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    DeskError,
    JournalError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unavailable,
    Unreachable,
)
from crossdock.model import ClientOrderId, OrderReport, OrderStatus, WriteKind
from crossdock.toolkit.clock import CountedIds
from crossdock.toolkit.pool import CancelledInDoubt, CancelledUnsent

D = Decimal
S = OrderStatus
O = r.Outcome


NO_LIMITS = Limits(
    **{
        name: None
        for name, field in Limits.__dataclass_fields__.items()
        if field.init
        and field.default is not None
        and name != "day_trade_equity"
        and not isinstance(field.default, bool | tuple)
    }
)


class PermissiveView:
    """What the gate must know, so that nothing speaks against an order."""

    def __init__(self, toy):
        self.toy = toy
        self.reservations = Reservations()
        self.counted = CountedIds()

    def next(self, prefix):
        return self.counted.next(prefix)

    def time_ns(self):
        return 1

    def monotonic_ns(self):
        return 1

    def journal_writable(self):
        return True

    def kill_switch(self, account):
        return ""

    def instrument(self, instrument):
        return self.toy.listed()

    def terms(self, account, instrument):
        manifest = self.toy.MANIFEST
        return VenueTerms(
            order_types=manifest.order_types,
            times_in_force=manifest.times_in_force,
            can_look_up=True,
        )

    def account(self, account):
        return SimpleNamespace(
            equity=D(10**6),
            day_start_equity=D(10**6),
            day_pnl=D(0),
            gross_exposure=D(0),
            open_orders=0,
            day_trades=0,
            first_day_notional=None,
            quarantine="",
            live=False,
        )

    def mark(self, instrument):
        return Mark(D(100), 1)

    def worst_price(self, instrument, side, quantity):
        return D(100)

    def rate(self, asset):
        return D(1)

    def position(self, account, instrument, position_side):
        return D(0)

    def open_exposure(self, account, instrument, position_side):
        return self.reservations.open_exposure(account, instrument, position_side)

    def doubts(self, account, instrument, side):
        return 0

    def free_cash(self, account, asset):
        return D(10**9)

    def margin_rate(self, account, instrument):
        return None

    def underlying_exposure(self, account, underlying):
        return UnderlyingExposure(D(0), D(0))

    def correlations(self, underlying):
        return {}

    def average_quantity(self, account, instrument, strategy):
        return None

    def open_orders(self):
        return 0


class Bench:
    """Writes over a kernel in memory, and an adapter that does as it is told."""

    def __init__(self, toy, clock, journal, silence_s=30.0):
        self.moments = []
        self.ends = []
        self.calls = []
        self.answer = self.accept
        self.journal = journal
        self.kernel = toy.kernel(clock, journal, checkpoint=self.moments.append)
        self.kernel.commit([r.InstrumentListed(at=1, instrument=toy.listed())])
        self.writes = Writes(
            self.kernel,
            replace(toy.EVIDENCE, silence_s=silence_s),
            lambda: ClientOrderId(self.kernel.ids.next("cd")),
            lambda *ended: self.ends.append(ended),
        )
        self.ids = 0

    # the adapter

    def submit(self, order):
        return self._write("submit", order)

    def cancel(self, cancel):
        return self._write("cancel", cancel)

    def replace(self, amend):
        return self._write("replace", amend)

    def _write(self, name, asked):
        self.calls.append((name, asked, len(self.journal.entries)))
        self.moments.append("bytes out")
        return self.answer(name, asked)

    async def accept(self, name, asked):
        self.ids += 1
        status = S.CANCELED if name == "cancel" else S.NEW
        return report(self.client_of(asked), status=status)

    def client_of(self, asked):
        return getattr(asked, "client_order_id", None) or asked.ref.client_order_id

    def fails(self, error, *, at_once):
        def answer(name, asked):
            if at_once:
                raise error
            return fail()

        async def fail():
            raise error

        self.answer = answer

    @property
    def outcomes(self):
        ended = self.journal.records(r.AttemptEnded)
        return [record.outcome for record in ended]


def report(client, **values):
    return OrderReport(
        **{
            "account": "main",
            "instrument": "BTC/USDT@alpha",
            "venue_order_id": "v1",
            "client_order_id": client,
            "status": S.NEW,
            "side": "buy",
            "type": "limit",
            "quantity": D(1),
            "limit_price": D(100),
            **values,
        }
    )


@pytest.fixture
def bench(toy, clock, journal):
    return Bench(toy, clock, journal)


@pytest.fixture
def approve(toy):
    """Approve requests through a real gate over a view that lets everything pass."""
    view = PermissiveView(toy)
    gate = Gate(LimitBook(NO_LIMITS), view.reservations, view)

    def make(**values):
        approved = gate.check(toy.order(**values), view)
        gate.consume(approved, view)
        return approved

    return make


OUTCOMES = [
    (Rejected("no funds", venue_code="no_funds"), O.REJECTED, S.REJECTED),
    (NotSent("the queue is full"), O.NOT_SENT, S.NEVER_ACCEPTED),
    (RateLimited("slow down", retry_after_s=1), O.NOT_SENT, S.NEVER_ACCEPTED),
    (AuthFailed("bad key"), O.NOT_SENT, S.NEVER_ACCEPTED),
    (CancelledUnsent("cancelled in the queue"), O.NOT_SENT, S.NEVER_ACCEPTED),
    (OutcomeUnknown("no reply"), O.UNKNOWN, S.SENT),
    (CancelledInDoubt("cancelled on its way"), O.UNKNOWN, S.SENT),
    (Unreachable("no reply"), O.UNKNOWN, S.SENT),
    (Transient("later"), O.UNKNOWN, S.SENT),
    (BadPayload("an unreadable 200"), O.UNKNOWN, S.SENT),
    (Unavailable("closed"), O.UNKNOWN, S.SENT),
    (ConnectionResetError("reset"), O.UNKNOWN, S.SENT),
    (TimeoutError(), O.UNKNOWN, S.SENT),
    (ValueError("a bug in the adapter"), O.UNKNOWN, S.SENT),
    (KeyError("another"), O.UNKNOWN, S.SENT),
]


@pytest.mark.parametrize(
    ("error", "outcome", "status", "at_once"),
    [
        (*case, at_once)
        for case in OUTCOMES
        for at_once in (True, False)
        # A cancellation comes from an await.
        if not (at_once and isinstance(case[0], asyncio.CancelledError))
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_submit_is_sent_once_whatever_it_raises(
    bench, approve, error, outcome, status, at_once
):
    bench.fails(error, at_once=at_once)
    order = bench.writes.submit(bench, approve())
    await asyncio.gather(bench.writes.settle(), return_exceptions=True)
    assert len(bench.calls) == 1
    assert bench.outcomes == [outcome]
    assert order.status is status
    assert bool(order.doubts) is (outcome is O.UNKNOWN)
    [(_, attempt, kind, told, _)] = bench.ends
    assert (kind, told) == (WriteKind.SUBMIT, outcome)
    assert not bench.writes.awaits(attempt)
    [ended] = bench.journal.records(r.AttemptEnded)
    assert ended.words
    assert ended.venue_code == ("no_funds" if outcome is O.REJECTED else "")


@pytest.mark.parametrize("kind", ["cancel", "replace"])
@pytest.mark.parametrize(
    ("error", "outcome", "status"), OUTCOMES, ids=lambda v: type(v).__name__
)
async def test_a_cancel_or_amend_that_fails_leaves_the_order_as_proven(
    bench, approve, kind, error, outcome, status
):
    order = await placed(bench, approve)
    bench.fails(error, at_once=False)
    if kind == "cancel":
        bench.writes.cancel(bench, order)
    else:
        bench.writes.replace(
            bench, order, approve(), quantity=D(2), limit_price=D(99), stop_price=None
        )
    await asyncio.gather(bench.writes.settle(), return_exceptions=True)
    assert [name for name, _, _ in bench.calls] == ["submit", kind]
    assert bench.outcomes == [O.ACCEPTED, outcome]
    assert (order.status, order.quantity) == (S.NEW, 1)
    assert [d.kind for d in order.doubts] == ([kind] if outcome is O.UNKNOWN else [])


async def placed(bench, approve):
    order = bench.writes.submit(bench, approve())
    await bench.writes.settle()
    return order


async def test_an_accepted_submit_takes_the_venues_word(bench, approve):
    order = await placed(bench, approve)
    assert (order.status, order.venue_order_ids) == (S.NEW, ["v1"])
    assert not order.attempts


def already(client=None, error=None):
    """Return an answer that is known before anybody waits for it."""
    future = asyncio.get_running_loop().create_future()
    if error is None:
        future.set_result(report(client))
    elif type(error) is asyncio.CancelledError:
        future.cancel()
    else:
        future.set_exception(error)
    return future


async def test_an_answer_known_at_once_is_told_after_the_call_and_needs_no_task(
    bench, approve
):
    bench.answer = lambda name, asked: already(bench.client_of(asked))
    tasks = asyncio.all_tasks()
    order = bench.writes.submit(bench, approve())
    assert asyncio.all_tasks() == tasks
    assert bench.outcomes == [] and bench.ends == []
    assert bench.writes.awaits(next(iter(order.attempts)))
    await bench.writes.settle()
    assert bench.outcomes == [O.ACCEPTED]
    assert (order.status, order.venue_order_ids) == (S.NEW, ["v1"])
    assert not order.attempts


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [*OUTCOMES, (asyncio.CancelledError(), O.UNKNOWN, S.SENT)],
    ids=lambda v: type(v).__name__,
)
async def test_an_error_known_at_once_is_an_outcome_like_any_other(
    bench, approve, error, outcome, status
):
    bench.answer = lambda name, asked: already(error=error)
    order = bench.writes.submit(bench, approve())
    assert bench.outcomes == []
    await bench.writes.settle()
    assert bench.outcomes == [outcome]
    assert order.status is status
    assert len(bench.calls) == 1


@pytest.mark.parametrize("error", [Rejected("no funds"), asyncio.CancelledError()])
async def test_an_error_raised_by_the_call_is_told_after_whoever_ordered_has_its_order(
    bench, approve, error
):
    bench.fails(error, at_once=True)
    order = bench.writes.submit(bench, approve())
    assert (order.status, bench.ends) == (S.SENT, [])
    assert bench.writes.awaits(next(iter(order.attempts)))
    await bench.writes.settle()
    [(ended, attempt, _, outcome, _)] = bench.ends
    assert ended is order
    assert outcome is (O.REJECTED if isinstance(error, Rejected) else O.UNKNOWN)
    assert not bench.writes.awaits(attempt)


async def test_silence_is_doubt_after_the_time_the_venue_declares(
    toy, clock, journal, approve
):
    bench = Bench(toy, clock, journal, silence_s=0.01)
    never = asyncio.get_running_loop().create_future()
    bench.answer = lambda name, asked: never
    order = bench.writes.submit(bench, approve())
    assert bench.writes.awaits(next(iter(order.attempts)))
    await bench.writes.settle()
    assert bench.outcomes == [O.UNKNOWN]
    assert order.status is S.SENT and [d.kind for d in order.doubts] == [WriteKind.SUBMIT]
    assert len(bench.calls) == 1


async def test_a_write_is_told_its_deadline(bench, approve, clock):
    await clock.advance(3)
    await placed(bench, approve)
    [(_, asked, _)] = bench.calls
    assert asked.deadline_ns == clock.monotonic_ns() + 30 * 1_000_000_000


async def test_cancellation_of_our_own_waiting_is_doubt(bench, approve):
    never = asyncio.get_running_loop().create_future()
    bench.answer = lambda name, asked: never
    order = bench.writes.submit(bench, approve())
    await asyncio.sleep(0)
    for task in bench.writes._tasks:
        task.cancel()
    await asyncio.gather(*bench.writes._tasks, return_exceptions=True)
    assert bench.outcomes == [O.UNKNOWN] and order.doubts


async def test_the_intent_is_on_paper_before_the_first_byte(bench, approve):
    before = len(bench.journal.entries)
    bench.writes.submit(bench, approve())
    [(_, _, written)] = bench.calls
    assert written == before + 2
    kinds = [type(record) for record in bench.journal.records()][before:]
    assert kinds == [r.OrderIntended, r.AttemptStarted]
    await bench.writes.settle()


async def test_a_write_passes_its_checkpoints_in_order(bench, approve):
    order = await placed(bench, approve)
    moments = [
        "before_journal",
        "journal_to_send",
        "bytes out",
        "send_to_reply",
        "reply_to_journal",
    ]
    assert bench.moments == moments
    bench.moments.clear()
    bench.writes.cancel(bench, order)
    await bench.writes.settle()
    assert bench.moments == moments[1:]


async def test_an_adapter_that_writes_at_once_has_written_when_submit_returns(
    bench, approve
):
    bench.writes.submit(bench, approve())
    assert len(bench.calls) == 1
    await bench.writes.settle()


# ---- power: the journal is durable later ------------------------------------------


async def test_bytes_leave_only_once_the_journal_is_durable(bench, approve):
    bench.journal.futures = []
    order = bench.writes.submit(bench, approve())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not bench.calls and order.status is S.SENT
    bench.journal.futures[0].set_result(None)
    await bench.writes.settle()
    assert len(bench.calls) == 1 and order.status is S.NEW


async def test_what_the_disk_lost_was_never_sent(bench, approve):
    bench.journal.futures = []
    order = bench.writes.submit(bench, approve())
    bench.journal.futures[0].set_exception(JournalError("the disk is full"))
    await bench.writes.settle()
    assert not bench.calls
    assert bench.outcomes == [O.NOT_SENT]
    assert order.status is S.NEVER_ACCEPTED and "disk is full" in order.reason
    assert bench.kernel.state.reservations.get(order.order_id) is None


async def test_an_amend_the_disk_lost_was_never_sent(bench, approve):
    order = await placed(bench, approve)
    bench.journal.futures = []
    bench.writes.replace(
        bench, order, approve(), quantity=D(2), limit_price=D(99), stop_price=None
    )
    bench.journal.futures[0].set_exception(JournalError("the disk is full"))
    await bench.writes.settle()
    assert [name for name, _, _ in bench.calls] == ["submit"]
    assert (order.status, order.quantity) == (S.NEW, 1) and not order.attempts


async def test_a_cancel_is_sent_though_the_disk_lost_it(bench, approve):
    order = await placed(bench, approve)
    bench.journal.futures = []
    bench.writes.cancel(bench, order)
    await asyncio.sleep(0)
    bench.journal.futures[0].set_exception(JournalError("the disk is full"))
    await bench.writes.settle()
    assert [name for name, _, _ in bench.calls] == ["submit", "cancel"]
    assert order.status is S.CANCELED


# ---- a journal that refuses -------------------------------------------------------


async def test_a_journal_that_refuses_lets_no_order_out(bench, approve):
    bench.journal.writable = False
    with pytest.raises(JournalError):
        bench.writes.submit(bench, approve())
    assert not bench.calls and not bench.kernel.state.orders


async def test_a_journal_that_refuses_lets_cancels_out(bench, approve):
    order = await placed(bench, approve)
    bench.journal.writable = False
    assert bench.writes.cancel(bench, order) is not None
    await bench.writes.settle()
    assert order.status is S.CANCELED
    assert bench.kernel.unwritten == 2


async def test_a_journal_that_fails_before_the_reply_loses_no_word_of_it(bench, approve):
    order = bench.writes.submit(bench, approve())
    bench.journal.writable = False
    await bench.writes.settle()
    assert order.status is S.NEW and bench.kernel.unwritten == 1


# ---- one at a time ----------------------------------------------------------------


async def test_one_cancel_at_a_time(bench, approve):
    order = await placed(bench, approve)
    never = asyncio.get_running_loop().create_future()
    bench.answer = lambda name, asked: never
    assert bench.writes.cancel(bench, order) is not None
    assert bench.writes.cancel(bench, order) is None
    assert [name for name, _, _ in bench.calls] == ["submit", "cancel"]
    never.set_exception(OutcomeUnknown("no reply"))
    await bench.writes.settle()
    assert bench.writes.cancel(bench, order) is None


async def test_an_amend_waits_for_the_write_before_it(bench, approve):
    never = asyncio.get_running_loop().create_future()
    bench.answer = lambda name, asked: never
    order = bench.writes.submit(bench, approve())
    with pytest.raises(DeskError) as refused:
        bench.writes.replace(
            bench, order, approve(), quantity=D(2), limit_price=D(99), stop_price=None
        )
    assert refused.value.code == "write-in-flight"
    never.set_result(report(order.client_order_id))
    await bench.writes.settle()


async def test_a_cancel_names_every_id_the_order_ever_had(bench, approve):
    order = await placed(bench, approve)
    bench.answer = amended
    bench.writes.replace(
        bench, order, approve(), quantity=D(2), limit_price=D(99), stop_price=None
    )
    await bench.writes.settle()
    assert (order.quantity, order.limit_price) == (2, 99)
    bench.answer = bench.accept
    bench.writes.cancel(bench, order)
    await bench.writes.settle()
    _, asked, _ = bench.calls[-1]
    assert asked.ref.venue_order_ids == ("v1", "v2")
    assert asked.ref.client_order_id == order.client_order_id


async def amended(name, asked):
    return report(
        asked.ref.client_order_id,
        venue_order_id="v2",
        replaces="v1",
        quantity=asked.quantity,
        limit_price=asked.limit_price,
    )
