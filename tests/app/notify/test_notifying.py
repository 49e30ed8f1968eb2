"""A desk in memory whose records are told, over deaths of the process and a dead receiver."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.notify import Notifying, Outbox, outbox_of
from crossdock.app.settings import NotifySettings
from crossdock.core import records as r
from crossdock.errors import OutcomeUnknown
from crossdock.ports import AlertKind


@pytest.fixture
def notifying_of(clock):
    """Follow a desk; `told` waits for a number of events to arrive."""

    @asynccontextmanager
    async def begin(desk, notifier, **given):
        receiver = NotifySettings(adapter="webhook", group_s=0, **given)
        settings = replace(desk.settings, notify={"phone": receiver})
        made = Notifying(settings, desk.kernel, lambda name: notifier, desk._read_journal)
        async with made as notifying:
            await notifying.follow(desk)

            async def told(count):
                for _ in range(400):
                    if len(notifier.events) >= count:
                        return notifier.taken
                    await notifying._in_thread(lambda: None)
                    await clock.advance(0.1)
                raise AssertionError(f"{notifier.events} are not {count}")

            notifying.told = told
            yield notifying

    return begin


def alarm(kernel, words):
    return r.Alarmed(at=kernel.now(), code="loop-lag", words=words)


async def test_everything_a_person_should_know_is_told(
    venue, open_toy_desk, notifying_of, phone, toy, clock
):
    async with open_toy_desk(venue) as desk, notifying_of(desk, phone) as notifying:
        desk.operations.release(by="ada", door="cli")
        order = desk.dealing.place(toy.order())
        await clock.settle()
        venue.fill(order.venue_order_ids[-1], "1", more_fees=(("BTC", Decimal("0.01")),))
        killing = asyncio.ensure_future(
            desk.exits.kill(by="ada", reason="enough", flatten=False, account=None)
        )
        desk.kernel.note([alarm(desk.kernel, "slow")])
        await notifying.told(4)
        await toy.until(clock, killing.done)
    told = {event.kind: event for alert in phone.taken for event in alert.events}
    assert told[AlertKind.FILL].facts["order_id"] == order.order_id
    assert told[AlertKind.FILL].facts["more_fees"] == "0.01 BTC"
    assert told[AlertKind.FILL].title.startswith("Filled: buy 1")
    assert "enough" in told[AlertKind.KILL].words
    assert told[AlertKind.ALARM].words == "slow"


async def test_a_doubt_is_told_when_it_opens_and_when_it_ends(
    venue, open_toy_desk, notifying_of, phone, toy, clock
):
    def lost(*_):
        raise OutcomeUnknown("silence")

    async with open_toy_desk(venue) as desk, notifying_of(desk, phone) as notifying:
        venue.on_write = lost
        desk.dealing.place(toy.order())
        await notifying.told(2)
    titles = [event.title for alert in phone.taken for event in alert.events]
    assert titles[0].startswith("In doubt: buy 1 BTC/USDT@alpha")
    assert titles[1].startswith("Doubt settled, ")
    assert {alert.kind for alert in phone.taken} == {AlertKind.DOUBT}


async def test_what_a_dead_process_had_not_written_is_read_from_the_journal_once(
    venue, open_toy_desk, notifying_of, phone
):
    async with open_toy_desk(venue) as desk, notifying_of(desk, phone):
        settings = desk.settings
    # A desk whose notifier died at once: it journals, and tells nobody.
    async with open_toy_desk(venue) as desk:
        desk.kernel.note([alarm(desk.kernel, "while nobody was told")])
    for _ in range(2):
        async with open_toy_desk(venue) as desk, notifying_of(desk, phone) as notifying:
            await notifying.told(1)
            reached = desk.kernel.sequence
    words = [event.words for alert in phone.taken for event in alert.events]
    assert words == ["while nobody was told"]
    outbox = Outbox(outbox_of(settings))
    assert outbox.position() >= reached
    outbox.close()


async def test_the_first_start_does_not_tell_the_past(
    venue, open_toy_desk, notifying_of, phone
):
    async with open_toy_desk(venue) as desk:
        desk.kernel.note([alarm(desk.kernel, "old")])
        async with notifying_of(desk, phone) as notifying:
            desk.kernel.note([alarm(desk.kernel, "new")])
            await notifying.told(1)
    assert [event.words for alert in phone.taken for event in alert.events] == ["new"]


async def test_the_flag_silences_at_once_and_its_own_word_is_the_last(
    venue, open_toy_desk, notifying_of, phone, clock
):
    async with open_toy_desk(venue) as desk, notifying_of(desk, phone) as notifying:
        set_flag = desk.operations.table()["set_flag"]
        phone.script = [OutcomeUnknown("down")]
        desk.kernel.note([alarm(desk.kernel, "dropped: it could not be sent in time")])
        for _ in range(5):
            await notifying._in_thread(lambda: None)
            await clock.settle()
        set_flag(name="notifications", value="off", by="ada", door="cli")
        desk.kernel.note([alarm(desk.kernel, "not told")])
        await notifying.told(1)
        set_flag(name="notifications", value="on", by="ada")
        desk.kernel.note([alarm(desk.kernel, "told")])
        await notifying.told(3)
    told = [event for alert in phone.taken for event in alert.events]
    assert "OFF" in told[0].title
    assert [told[1].title, told[2].words] == ["Notifications are on again", "told"]


async def test_a_dead_receiver_costs_the_desk_nothing_and_keeps_its_messages(
    venue, open_toy_desk, notifying_of, toy, clock
):
    class Dead:
        taken, events = (), ()
        begun = asyncio.Event()

        async def notify(self, alert, *, again, deadline_ns):
            self.begun.set()
            await asyncio.Event().wait()

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return None

    async with open_toy_desk(venue) as desk, notifying_of(desk, Dead()) as notifying:
        desk.kernel.note([alarm(desk.kernel, "one")])
        while not Dead.begun.is_set():
            await notifying._in_thread(lambda: None)
            await clock.settle()
        order = desk.dealing.place(toy.order())
        await clock.settle()
        assert order.venue_order_ids
        notifying.last_words_s = 0.01
    outbox = Outbox(outbox_of(desk.settings))
    assert outbox.first("phone").in_doubt
    outbox.close()


async def test_without_receivers_there_is_no_file_and_no_listener(
    venue, open_toy_desk, phone
):
    async with open_toy_desk(venue) as desk:
        made = Notifying(desk.settings, desk.kernel, lambda name: phone, list)
        async with made:
            await made.follow(desk)
        assert not outbox_of(desk.settings).exists()
