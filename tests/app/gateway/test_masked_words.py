"""Whatever an adapter's error tells of our secrets, nobody reads it: here, there or later."""

import json
from base64 import b64encode
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import quote

import pytest

from crossdock.app.notify import Notifying, Outbox, outbox_of
from crossdock.app.open import build_desk
from crossdock.app.settings import NotifySettings
from crossdock.core import records as r
from crossdock.errors import AuthFailed, OutcomeUnknown, Rejected, Unavailable
from crossdock.ports import Setting
from crossdock.toolkit.secrets import MASK

SECRET = "hunter2/and more"  # written in three ways below
KEYS = f'key_secret = "{SECRET}"\n'
TOLD = [SECRET, quote(SECRET), b64encode(f"key:{SECRET}".encode()).decode()]


class Phone:
    def __init__(self):
        self.taken = []
        self.script = []

    async def notify(self, alert, *, again, deadline_ns):
        if self.script:
            raise self.script.pop()
        self.taken.append(alert)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None


@pytest.fixture
def keyed(toy):
    secret = Setting(help="Secret.", default="")
    return replace(toy.MANIFEST, settings={"key_secret": secret})


@pytest.fixture
def watched(keyed, clock, venue, journal, open_toy_desk):
    """Open a desk that has a secret, with a person who is told everything by phone."""

    @asynccontextmanager
    async def open_():
        async with open_toy_desk(venue, text=KEYS, manifest=keyed, journal=journal) as desk:
            told = NotifySettings(adapter="webhook", group_s=0)
            settings = replace(desk.settings, notify={"phone": told})
            phone = Phone()
            notifying = Notifying(
                settings, desk.kernel, lambda _: phone, desk._read_journal
            )
            async with notifying:
                await notifying.follow(desk)

                async def until_told(words):
                    for _ in range(400):
                        if words in str(phone.taken):
                            return str(phone.taken)
                        await notifying._in_thread(lambda: None)
                        await clock.advance(0.1)
                    raise AssertionError(f"{words} is not in {phone.taken}")

                desk.until_told, desk.phone = until_told, phone
                yield desk

    return open_


def read_by_people(desk, journal):
    written = b"".join(entry.payload for entry in journal.entries).decode()
    return written + json.dumps(desk.operations.status()) + str(desk.operations.doubts())


async def away(desk, venue, told):
    venue.failure = Unavailable(f"cannot sign with {told}")
    venue.break_streams(AuthFailed(f"the key of {told} is refused"))
    return "account-away"


async def doubted(desk, venue, told):
    def lost(*_):
        raise OutcomeUnknown(f"POST /order?secret={told}: silence")

    venue.on_write = lost
    desk.operations.place(side="buy", symbol="BTC/USDT", quantity="1", limit="99")
    return "In doubt"


async def streams_end(desk, venue, told):
    venue.watch_market = venue.watch_account = _failing(told)
    venue.break_streams(Unavailable(f"wss://venue/{told} closed"))
    return "market-down"


def _failing(told):
    async def watch(*_):
        raise Unavailable(f"wss://venue/{told} closed")

    return watch


async def halted(desk, venue, told):
    desk.gateways["main"].halt("crossdock", f"a record was passed over: {told}")
    return "halted"


async def alarmed(desk, venue, told):
    words = f"it ended: {told}"
    desk.kernel.note([r.Alarmed(at=desk.kernel.now(), code="task-ended", words=words)])
    return "task-ended"


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("happens", [away, doubted, streams_end, halted, alarmed])
async def test_a_secret_in_an_adapters_error_reaches_nobody(
    watched, venue, journal, happens, told
):
    async with watched() as desk:
        said = await desk.until_told(await happens(desk, venue, told))
        assert MASK in said
        read = read_by_people(desk, journal)
        assert MASK in read
        for form in (told, json.dumps(told)[1:-1]):
            assert form not in said
            assert form not in read


async def test_a_refused_order_says_why_without_the_secret(watched, venue, journal, clock):
    def refused(*_):
        raise Rejected(f"signed by {SECRET}: no", venue_code="-1")

    async with watched() as desk:
        venue.on_write = refused
        placed = desk.operations.place(
            side="buy", symbol="BTC/USDT", quantity="1", limit="99"
        )
        await clock.settle()
        order = desk.kernel.state.orders[placed["order_id"]]
        assert "Rejected" in str(order.view())
        [ended] = journal.records(r.AttemptEnded)
        assert ended.words.startswith(f"signed by {MASK}: no")


async def test_a_receiver_whose_error_tells_a_secret_is_told_of_without_it(
    watched, journal
):
    async with watched() as desk:
        desk.phone.script = [Rejected(f"POST https://hook/{SECRET}: no", venue_code="404")]
        desk.kernel.note([r.Alarmed(at=desk.kernel.now(), code="loop-lag", words="slow")])
        await desk.until_told("notify-failed")
        outbox = Outbox(outbox_of(desk.settings))
        kept = str(outbox.rows())
        outbox.close()
        assert MASK in kept
        assert SECRET not in kept + read_by_people(desk, journal)


async def test_a_desk_as_it_is_opened_masks_the_secrets_of_its_settings(settings_of, keyed):
    settings = settings_of(KEYS + "enabled = false\n", manifest=keyed)
    async with build_desk(settings, serves_control=False) as desk:
        assert desk.kernel.scrub(f"signed with {SECRET}") == f"signed with {MASK}"


async def test_what_an_older_version_journaled_is_masked_before_it_is_told(
    watched, journal
):
    async with watched() as desk:
        words = f"old words with {SECRET}"
        alarm = r.Alarmed(at=desk.kernel.now(), code="loop-lag", words=words)
        journal.append([r.encode_readable(alarm)])
        desk.kernel.sequence += 1
        desk.kernel.bus.publish(alarm)
        assert SECRET not in await desk.until_told("loop-lag")
