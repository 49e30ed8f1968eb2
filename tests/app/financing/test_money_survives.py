"""Whatever dies, and whenever: money is asked for once, and what is not proven is shown."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.errors import (
    AuthFailed,
    DeskError,
    JournalError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.model import MovementKind
from crossdock.toolkit.clock import ManualClock

D = Decimal
K = MovementKind
MOMENTS = ("before_journal", "journal_to_send", "send_to_reply", "reply_to_journal")
WISHES = {
    K.BORROW: lambda it: it.borrow("USDT", "100"),
    K.REPAY: lambda it: it.repay("USDT", "100"),
    K.TRANSFER: lambda it: it.transfer("USDT", "100", source="spot", destination="funding"),
    K.EARN_SUBSCRIBE: lambda it: it.earn_subscribe("USDT001", "100"),
    K.EARN_REDEEM: lambda it: it.earn_redeem("USDT001", "100"),
}
kinds = st.sampled_from([*MovementKind])


async def ask(wish):
    """Ask, and say how it ended."""
    try:
        return await wish
    except Exception as error:
        return error


@settings(max_examples=60, deadline=None)
@given(kind=kinds, moment=st.sampled_from(MOMENTS), replies=st.booleans())
def test_killed_at_any_moment_it_is_shown_as_in_doubt_and_never_repeated(
    toy, bank_class, made, kind, moment, replies
):
    async def story():
        bank = bank_class(ManualClock())
        journal = toy.MemoryJournal()

        cut = []

        def die(now):
            if now == moment and not cut:
                cut.append(list(journal.entries))  # what a dead process leaves behind

        async def answer(*_, **__):
            assert journal.records(r.MovementIntended), "asked for before it was journaled"
            if not replies:
                raise OutcomeUnknown("no reply")

        bank.on_move = answer
        dying = made(bank, journal, checkpoint=die)
        ended = await ask(WISHES[kind](dying))
        assert isinstance(ended, OutcomeUnknown) is not replies
        after = toy.MemoryJournal()
        [after.entries] = cut
        intended = after.records(r.MovementIntended)
        assert bank.asked_to_move() == [kind]
        again = made(bank, after)
        again.doubt_orphans()
        if not intended:
            assert again.movements() == []
            return
        [movement] = again.movements()
        assert movement.shown_status == "Unknown"
        [alarm] = after.records(r.Alarmed)
        assert alarm.code == "movement-in-doubt" and movement.movement_id in alarm.words
        with pytest.raises(DeskError) as refused:
            await WISHES[kind](again)
        assert refused.value.code == "movement-open"
        assert bank.asked_to_move() == [kind], "it was repeated"

    asyncio.run(story())


OUTCOMES = {
    r.Outcome.ACCEPTED: None,
    r.Outcome.REJECTED: Rejected("not enough", venue_code="-2010"),
    r.Outcome.NOT_SENT: NotSent("no connection"),
    r.Outcome.UNKNOWN: OutcomeUnknown("no reply"),
}


@settings(max_examples=80, deadline=None)
@given(
    told=st.lists(st.tuples(kinds, st.sampled_from([*r.Outcome])), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_journal_cut_between_any_two_records_knows_every_movement(
    toy, bank_class, made, told, data
):
    async def story():
        bank = bank_class(ManualClock())
        journal = toy.MemoryJournal()
        financing = made(bank, journal)
        for kind, outcome in told:

            async def answer(*_, outcome=outcome, **__):
                if OUTCOMES[outcome] is not None:
                    raise OUTCOMES[outcome]

            bank.on_move = answer
            await ask(WISHES[kind](financing))
        cut = data.draw(st.integers(0, len(journal.entries)))
        after = toy.MemoryJournal()
        after.entries = journal.entries[:cut]
        proven = {
            record.movement_id
            for record in after.records(r.MovementEnded)
            if record.outcome is not r.Outcome.UNKNOWN
        }
        known = {record.movement_id for record in after.records(r.MovementIntended)}
        again = made(bank, after)
        again.doubt_orphans()
        states = {it.movement_id: it for it in again.movements()}
        assert states.keys() == known
        for name, movement in states.items():
            assert movement.is_in_doubt is (name not in proven)
        bank.on_move = None
        before = len(bank.asked_to_move())
        for movement in [it for it in states.values() if it.is_in_doubt]:
            with pytest.raises(DeskError, match="in doubt"):
                await WISHES[movement.wish.kind](again)
        assert len(bank.asked_to_move()) == before

    asyncio.run(story())


@pytest.mark.parametrize(
    ("error", "outcome", "raised"),
    [
        (Rejected("not enough", venue_code="-2010"), "rejected", Rejected),
        (NotSent("offline"), "not_sent", NotSent),
        (RateLimited("slow down", retry_after_s=1), "not_sent", RateLimited),
        (AuthFailed("key"), "not_sent", AuthFailed),
        (OutcomeUnknown("no reply"), "unknown", OutcomeUnknown),
        (RuntimeError("a library broke"), "unknown", OutcomeUnknown),
        (TimeoutError(), "unknown", OutcomeUnknown),
        (asyncio.CancelledError(), "unknown", asyncio.CancelledError),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, BaseException) else "",
)
async def test_every_ending_is_journaled_as_what_it_proves(
    bank, journal, made, error, outcome, raised
):
    async def answer(*_, **__):
        raise error

    bank.on_move = answer
    financing = made(bank, journal)
    with pytest.raises(raised):
        await financing.transfer("USDT", 100, source="spot", destination="funding", by="Al")
    [intent] = journal.records(r.MovementIntended)
    [end] = journal.records(r.MovementEnded)
    assert (intent.by, intent.amount, intent.source) == ("Al", D(100), "spot")
    assert (end.movement_id, end.outcome) == (intent.movement_id, outcome)
    assert end.venue_code == ("-2010" if outcome == "rejected" else "")
    assert len(financing.kernel.state.movements.open) == (outcome == "unknown")
    assert bank.asked_to_move() == ["transfer"]


async def test_a_venue_that_stays_silent_leaves_a_doubt_after_its_time(
    bank, journal, made, toy
):
    never = asyncio.get_running_loop().create_future()

    async def silent(*_, **__):
        await never

    bank.on_move = silent
    evidence = replace(toy.EVIDENCE, silence_s=0.01)
    financing = made(bank, journal, manifest=replace(toy.MANIFEST, evidence=evidence))
    with pytest.raises(OutcomeUnknown, match="is in doubt"):
        await financing.borrow("USDT", "1")
    [(_, (_, _, deadline_ns, _))] = [it for it in bank.calls if it[0] == "borrow"]
    assert deadline_ns == 10_000_000


async def test_who_stops_waiting_does_not_stop_what_was_sent(bank, journal, made):
    reply = asyncio.get_running_loop().create_future()

    async def slow(*_, **__):
        await reply

    bank.on_move = slow
    financing = made(bank, journal)
    asking = asyncio.ensure_future(financing.borrow("USDT", "1"))
    await bank.clock.settle()
    asking.cancel()
    await bank.clock.settle()
    assert journal.records(r.MovementEnded) == []
    reply.set_result(None)
    await financing.rest()
    [end] = journal.records(r.MovementEnded)
    assert end.outcome is r.Outcome.ACCEPTED and end.venue_movement_id == "t1"


async def test_the_same_is_refused_while_it_is_on_its_way(bank, journal, made):
    reply = asyncio.get_running_loop().create_future()

    async def slow(*_, **__):
        await reply

    bank.on_move = slow
    financing = made(bank, journal)
    first = asyncio.ensure_future(financing.borrow("USDT", "1.0"))
    await bank.clock.settle()
    with pytest.raises(DeskError, match="being sent already"):
        await financing.borrow("USDT", D("1.00"))
    other = asyncio.ensure_future(financing.borrow("USDT", "2"))
    await bank.clock.settle()
    reply.set_result(None)
    assert (await first).amount == 1 and (await other).amount == 2
    await financing.borrow("USDT", "1")
    assert len(bank.asked_to_move()) == 3


async def test_a_journal_that_does_not_write_lets_no_money_move(bank, journal, made):
    financing = made(bank, journal)
    journal.writable = False
    with pytest.raises(JournalError):
        await financing.borrow("USDT", "1")
    assert bank.asked_to_move() == [] and financing.movements() == []


async def test_nothing_is_sent_before_the_disk_has_it(bank, journal, made):
    journal.futures = []
    financing = made(bank, journal)
    asking = asyncio.ensure_future(financing.borrow("USDT", "1"))
    await bank.clock.settle()
    assert bank.asked_to_move() == []
    journal.futures[0].set_result(None)
    await bank.clock.settle()
    assert bank.asked_to_move() == ["borrow"]
    await asking
    second = asyncio.ensure_future(financing.borrow("USDT", "2"))
    await bank.clock.settle()
    journal.futures[-1].set_exception(JournalError("the disk is gone"))
    with pytest.raises(NotSent, match="the disk is gone"):
        await second
    assert bank.asked_to_move() == ["borrow"]


@pytest.mark.parametrize("stop", ["kill", "kill one", "halt"])
async def test_no_new_debt_while_no_new_risk_is_taken(bank, journal, made, stop):
    financing = made(bank, journal)
    if stop == "halt":
        record = r.AccountHalted(at=1, account="main", halted=True, by="Ann", reason="why")
    else:
        account = "main" if stop == "kill one" else None
        record = r.KillSwitched(at=1, engaged=True, by="Ann", reason="why", account=account)
    financing.kernel.note([record])
    with pytest.raises(DeskError, match="takes no new risk") as refused:
        await financing.borrow("USDT", "1")
    assert refused.value.code == "account-stopped"
    assert bank.asked_to_move() == []
    await financing.repay("USDT", "1")
    await financing.transfer("USDT", "1", source="spot", destination="funding")
    assert bank.asked_to_move() == ["repay", "transfer"]
