"""The outbox over deaths at every step: nothing lost, and nothing sent more than it must be."""

import asyncio
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossdock.app.notify.composing import messages_of
from crossdock.app.notify.outbox import KEPT_DONE, Outbox
from crossdock.app.notify.rules import Rules
from crossdock.app.notify.sender import Sender
from crossdock.app.settings import NotifySettings
from crossdock.errors import ConfigError
from crossdock.ports import AlertKind, AlertLevel
from crossdock.toolkit.clock import ManualClock
from crossdock.toolkit.retry import Backoff

ALL = tuple(AlertLevel)


class Died(BaseException):
    """The process ends here."""


class Mortal:
    """Counts steps, before and after each, and dies at those it was told."""

    def __init__(self, deaths):
        self.deaths, self.step, self.died = set(deaths), 0, 0

    def pass_by(self):
        self.step += 1
        if self.step in self.deaths:
            self.died += 1
            raise Died


class Receiver:
    def __init__(self, mortal):
        self.mortal, self.arrived = mortal, []

    async def notify(self, alert, *, again, deadline_ns):
        self.mortal.pass_by()
        self.arrived.append((alert, again))
        self.mortal.pass_by()


def compose(events):
    return messages_of(events, desk="main", mode="paper", receiver="phone")


def sender(outbox, receiver, mortal):
    async def in_thread(work):
        mortal.pass_by()
        found = work()
        mortal.pass_by()
        return found

    clock = ManualClock()
    return Sender(
        "phone",
        Rules.of(NotifySettings(adapter="webhook")),
        receiver,
        outbox,
        clock=clock,
        backoff=Backoff(random.Random(1)),
        in_thread=in_thread,
        told_as=("main", "paper"),
        on_trouble=lambda words: None,
    )


@settings(max_examples=80)
@given(
    batches=st.lists(
        st.lists(st.sampled_from(list(AlertKind)), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    ),
    deaths=st.sets(st.integers(1, 80), max_size=12),
)
@example(batches=[["fill"], ["kill"]], deaths=set(range(1, 60)))
def test_whatever_dies_when_all_is_told_and_each_death_repeats_one_message_at_most(
    event_at, batches, deaths
):
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(tell(Path(folder) / "outbox", event_at, batches, deaths))


async def tell(path, event_at, batches, deaths):
    mortal = Mortal(deaths)
    receiver = Receiver(mortal)
    journal = [
        [event_at(100 * at + n, AlertKind(kind)) for n, kind in enumerate(batch)]
        for at, batch in enumerate(batches)
    ]
    while True:
        outbox = Outbox(path)
        try:
            known = outbox.position() or 0
            for at in range(known, len(journal)):
                mortal.pass_by()
                outbox.take_in([("phone", each) for each in journal[at]], at + 1)
                mortal.pass_by()
                await sender(outbox, receiver, mortal).round(at_once=True)
            await sender(outbox, receiver, mortal).round(at_once=True)
            break
        except Died:
            continue
        finally:
            outbox.close()
    told = [event.id for alert, _ in receiver.arrived for event in alert.events]
    assert set(told) == {event.id for batch in journal for event in batch}
    messages = [alert.id for alert, _ in receiver.arrived]
    assert len(messages) - len(set(messages)) <= mortal.died
    seen = set()
    for alert, again in receiver.arrived:
        assert again or alert.id not in seen, "a repetition that does not say so"
        seen.add(alert.id)
    bytes_of = {}
    for alert, _ in receiver.arrived:
        assert bytes_of.setdefault(alert.id, alert) == alert


_CHILD = """
import os, signal, sys
from pathlib import Path
from crossdock.app.notify.composing import messages_of
from crossdock.app.notify.outbox import Outbox
from crossdock.ports import AlertEvent, AlertKind, AlertLevel
outbox = Outbox(Path(sys.argv[1]))
event = AlertEvent(id="kill-1", at=1, kind=AlertKind.KILL, level=AlertLevel.URGENT, title="k")
outbox.take_in([("phone", event)], 7)
if sys.argv[2] != "taken":
    make = lambda events: messages_of(events, desk="d", mode="paper", receiver="phone")
    outbox.compose("phone", tuple(AlertLevel), make)
    if sys.argv[2] == "begun":
        outbox.begins("phone", outbox.first("phone").alert.id)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["taken", "composed", "begun"])
def test_kill_9_between_writing_and_sending_loses_nothing(tmp_path, moment):
    path = tmp_path / "outbox"
    ended = subprocess.run([sys.executable, "-c", _CHILD, path, moment], check=False)
    assert ended.returncode == -signal.SIGKILL
    outbox = Outbox(path)
    assert outbox.position() == 7
    outbox.compose("phone", ALL, compose)
    waiting = outbox.first("phone")
    assert [event.id for event in waiting.alert.events] == ["kill-1"]
    assert waiting.in_doubt is (moment == "begun")
    outbox.close()


def test_an_event_read_again_is_one_event(tmp_path, event_at):
    outbox = Outbox(tmp_path / "outbox")
    for position in (1, 2):
        outbox.take_in([("phone", event_at(1)), ("mail", event_at(1))], position)
    assert outbox.compose("phone", ALL, compose) == 1
    assert len(outbox.first("phone").alert.events) == 1
    assert outbox.first("mail") is None
    outbox.close()


def test_what_grew_old_is_dropped_and_stays_to_be_seen(tmp_path, event_at):
    outbox = Outbox(tmp_path / "outbox")
    outbox.take_in([("phone", event_at(1, at=10))], 1)
    outbox.compose("phone", ALL, compose)
    outbox.take_in([("phone", event_at(n, at=n)) for n in (11, 30)], 2)
    assert outbox.expire("phone", 20) == 2
    assert outbox.first("phone") is None
    assert outbox.oldest_event("phone", ALL) == 30
    assert [row["state"] for row in outbox.rows()] == ["expired"]
    outbox.close()


def test_it_keeps_the_newest_thousand_of_what_is_done(tmp_path, event_at):
    outbox = Outbox(tmp_path / "outbox")
    for number in range(KEPT_DONE + 50):
        outbox.take_in([("phone", event_at(number))], number)
        outbox.compose("phone", ALL, compose)
        outbox.is_sent("phone", outbox.first("phone").alert.id)
    assert len(outbox.rows(10_000)) == KEPT_DONE
    outbox.close()


def test_only_its_owner_reads_it(tmp_path):
    Outbox(tmp_path / "outbox").close()
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"not a database at all" * 100, None])
def test_a_file_that_is_none_of_ours_is_refused(tmp_path, content):
    path = tmp_path / "outbox"
    if content is None:
        outbox = Outbox(path)
        outbox._rows.execute("PRAGMA user_version=99")
        outbox.close()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"outbox|newer"):
        Outbox(path)
