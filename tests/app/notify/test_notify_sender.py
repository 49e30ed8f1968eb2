"""One receiver's task: what it groups, when it waits, and what a failure costs."""

import asyncio
import random
from decimal import Decimal

import pytest

from crossdock.app.notify.outbox import Outbox
from crossdock.app.notify.rules import Rules
from crossdock.app.notify.sender import ALARM_AFTER, KEYS_WAIT_S, Sender
from crossdock.app.settings import NotifySettings
from crossdock.errors import AuthFailed, NotSent, OutcomeUnknown, RateLimited, Rejected
from crossdock.ports import AlertKind, AlertLevel
from crossdock.toolkit.retry import Backoff


@pytest.fixture
def outbox(tmp_path):
    made = Outbox(tmp_path / "outbox")
    yield made
    made.close()


@pytest.fixture
def sender_of(outbox, phone, clock):
    """Make a sender; `troubles` are what it alarmed about."""

    def make(**given):
        async def in_thread(work):
            return work()

        sender = Sender(
            "phone",
            Rules.of(NotifySettings(adapter="webhook", **given)),
            phone,
            outbox,
            clock=clock,
            backoff=Backoff(random.Random(1), first_s=1.0, most_s=8.0),
            in_thread=in_thread,
            told_as=("main", "live"),
            on_trouble=lambda words: sender.troubles.append(words),
        )
        sender.troubles = []
        return sender

    return make


@pytest.fixture
def happen(outbox, event_at, clock):
    position = 0

    def take_in(*numbers, **given):
        nonlocal position
        position += 1
        events = [event_at(n, at=clock.time_ns(), **given) for n in numbers]
        outbox.take_in([("phone", event) for event in events], position)

    return take_in


async def test_500_fills_are_one_message_that_adds_them_up(sender_of, happen, phone):
    happen(*range(400), quantity="0.1", price="100")
    happen(*range(400, 500), quantity="0.4", price="110", side="sell")
    await sender_of().round(at_once=True)
    (alert,) = phone.taken
    assert alert.title == "LIVE main: 500 fills"
    assert alert.lines == (
        "buy 40.0 BTC/USDT@alpha at 100 on average, 400 fills (main)",
        "sell 40.0 BTC/USDT@alpha at 110 on average, 100 fills (main)",
    )
    assert len(alert.events) == 500
    total = sum(Decimal(event.facts["quantity"]) for event in alert.events)
    assert total == 80


async def test_a_burst_is_gathered_and_what_is_urgent_goes_at_once(
    sender_of, happen, phone, clock
):
    sender = sender_of(group_s=5)
    happen(1)
    assert await sender.round() == 5
    await clock.advance(3)
    happen(2)
    assert await sender.round() == pytest.approx(2)
    happen(3, kind=AlertKind.KILL, level=AlertLevel.URGENT)
    await sender.round()
    assert phone.events == ["kill-3"]
    await clock.advance(2)
    assert await sender.round() is None
    assert phone.events == ["kill-3", "fill-1", "fill-2"]
    assert len(phone.taken) == 2


async def test_many_alarms_are_told_in_twenty_lines(sender_of, happen, phone):
    happen(*range(50), kind=AlertKind.ALARM)
    await sender_of().round(at_once=True)
    (alert,) = phone.taken
    assert len(alert.lines) == 21
    assert alert.lines[-1] == "and 30 more"


async def test_quiet_hours_hold_back_all_but_what_is_urgent(
    sender_of, happen, phone, clock
):
    # The clock begins at 22:13:20 UTC.
    sender = sender_of(quiet="22:00-07:00", group_s=0)
    happen(1)
    happen(2, kind=AlertKind.KILL, level=AlertLevel.URGENT)
    wait_s = await sender.round(at_once=True)
    assert phone.events == ["kill-2"]
    assert wait_s == pytest.approx(8 * 3600 + 46 * 60 + 40)
    await clock.advance(wait_s)
    assert await sender.round() is None
    assert phone.events == ["kill-2", "fill-1"]


@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (OutcomeUnknown("silence"), True),
        (NotSent("no byte"), False),
        (RateLimited("slow", retry_after_s=3), False),
        (RuntimeError("in the adapter"), True),
    ],
)
async def test_what_failed_is_sent_again_and_says_whether_it_may_have_arrived(
    sender_of, happen, phone, clock, failure, again
):
    sender = sender_of(group_s=0)
    phone.script = [failure]
    happen(1)
    wait_s = await sender.round()
    assert wait_s > 0
    assert await sender.round() > 0, "not before its time"
    assert len(phone.tries) == 1
    await clock.advance(wait_s)
    assert await sender.round() is None
    (first, _), (second, told) = phone.tries
    assert first == second
    assert told is again
    assert phone.events == ["fill-1"]


async def test_a_doubt_is_not_forgotten_by_a_later_try_that_never_left(
    sender_of, happen, phone, clock
):
    sender = sender_of(group_s=0)
    phone.script = [OutcomeUnknown("silence"), NotSent("no byte")]
    happen(1)
    for _ in range(3):
        await clock.advance(await sender.round() or 0)
    assert [again for _, again in phone.tries] == [False, True, True]


async def test_no_wait_is_shorter_than_what_was_asked_for(sender_of, happen, phone):
    sender = sender_of(group_s=0)
    phone.script = [RateLimited("slow", retry_after_s=35)]
    happen(1)
    assert await sender.round() == pytest.approx(35)


async def test_a_message_refused_for_good_is_not_sent_again_and_the_next_is(
    sender_of, happen, phone, outbox, clock
):
    sender = sender_of(group_s=0)
    phone.script = [Rejected("no chat", venue_code="400")]
    happen(1)
    await sender.round()
    happen(2)
    await sender.round()
    assert phone.events == ["fill-2"]
    assert [row["state"] for row in outbox.rows()] == ["sent", "refused"]
    assert len(sender.troubles) == 1


async def test_refused_keys_are_not_tried_on_and_on(sender_of, happen, phone):
    sender = sender_of(group_s=0)
    phone.script = [AuthFailed("who?")]
    happen(1)
    assert await sender.round() == pytest.approx(KEYS_WAIT_S)
    assert len(sender.troubles) == 1


async def test_an_outage_is_alarmed_about_once_and_what_waited_comes_in_one_message(
    sender_of, happen, phone, clock
):
    sender = sender_of(group_s=0)
    phone.script = [OutcomeUnknown("dead")] * 6
    happen(1)
    wait_s = await sender.round()
    for number in range(2, 7):
        happen(number)
        await clock.advance(wait_s)
        wait_s = await sender.round()
    assert len(sender.troubles) == 1
    assert sender.failures == 6 > ALARM_AFTER
    await clock.advance(wait_s)
    assert await sender.round() is None
    assert [len(alert.events) for alert in phone.taken] == [1, 5]
    assert sender.failures == 0


async def test_old_messages_expire(sender_of, happen, phone, clock, outbox):
    sender = sender_of(group_s=0, keep_hours=1)
    phone.script = [OutcomeUnknown("dead")]
    happen(1)
    await sender.round()
    await clock.advance(3601)
    happen(2)
    await sender.round()
    assert phone.events == ["fill-2"]
    assert [row["state"] for row in outbox.rows()] == ["sent", "expired"]


async def test_the_task_outlives_a_full_disk_and_wakes_for_news(
    sender_of, happen, phone, clock, outbox
):
    sender = sender_of(group_s=0)
    call, broken = sender._in_thread, [OSError("disk full")]

    async def in_thread(work):
        if broken:
            raise broken.pop()
        return await call(work)

    sender._in_thread = in_thread
    running = asyncio.create_task(sender.run())
    await clock.settle(200)
    happen(1)
    sender.wake()
    await clock.settle(200)
    assert phone.events == ["fill-1"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
