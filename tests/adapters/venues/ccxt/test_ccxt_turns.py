"""Signed calls go one at a time, the most urgent next, and no read holds up a cancel."""

import asyncio

import pytest

from crossdock.adapters.venues.ccxt.wire.turns import HOLD_S, Turns
from crossdock.errors import Unreachable
from crossdock.toolkit import Purpose


@pytest.fixture
def turns():
    return Turns()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


class Call:
    """Something that takes its turn and holds it until it is let go."""

    def __init__(self, turns, purpose, order, name, *, is_write=False):
        self.over = asyncio.Event()
        self.task = asyncio.ensure_future(self._held(turns, purpose, order, name, is_write))

    async def _held(self, turns, purpose, order, name, is_write):
        async with turns.turn(purpose, is_write=is_write):
            order.append(name)
            await self.over.wait()


async def test_the_most_urgent_goes_next_and_equals_in_their_order(turns):
    order = []
    begun = (
        ("first", Purpose.READING),
        ("audit", Purpose.READING),
        ("listing", Purpose.READING),
        ("submit", Purpose.ORDER),
        ("cancel", Purpose.CANCEL),
        ("another cancel", Purpose.CANCEL),
    )
    calls = []
    for name, purpose in begun:
        calls.append(Call(turns, purpose, order, name, is_write=True))
        await settle()
    for _ in begun:
        for call in calls:
            call.over.set()
        await settle()
    assert order == ["first", "cancel", "another cancel", "submit", "audit", "listing"]


class Jumping(asyncio.SelectorEventLoop):
    """A loop in which timers are due as soon as nothing else is."""

    def __init__(self):
        super().__init__()
        self.ahead_s = 0.0

    def time(self):
        return super().time() + self.ahead_s

    def skip(self, seconds):
        self.ahead_s += seconds


def run(body):
    with asyncio.Runner(loop_factory=Jumping) as runner:
        runner.run(body())


async def skip(seconds):
    asyncio.get_running_loop().skip(seconds)
    await settle()


def test_a_slow_read_is_given_up_soon_after_a_cancel_began_to_wait():
    async def body():
        turns, order = Turns(), []
        read = Call(turns, Purpose.READING, order, "read")
        await settle()
        await skip(9.0)  # alone it may take as long as it likes
        write = Call(turns, Purpose.CANCEL, order, "write", is_write=True)
        await settle()
        await skip(HOLD_S * 0.9)
        assert order == ["read"]
        await skip(HOLD_S * 0.2)
        assert order == ["read", "write"]
        with pytest.raises(Unreachable, match="given up"):
            await read.task
        write.over.set()
        await write.task

    run(body)


def test_submits_wait_for_a_slow_read_or_none_would_ever_end():
    async def body():
        turns, order = Turns(), []
        for number in range(3):
            read = Call(turns, Purpose.READING, order, f"read {number}")
            await settle()
            write = Call(turns, Purpose.ORDER, order, f"write {number}", is_write=True)
            await settle()
            await skip(HOLD_S * 5)
            read.over.set()
            await read.task
            write.over.set()
            await write.task
        assert order == [f"{what} {at}" for at in range(3) for what in ("read", "write")]

    run(body)


def test_a_read_that_gets_its_turn_while_a_cancel_waits_is_bounded_too():
    async def body():
        turns, order = Turns(), []
        write = Call(turns, Purpose.ORDER, order, "submit", is_write=True)
        await settle()
        look = Call(turns, Purpose.ORDER, order, "look-up")
        await settle()
        write.over.set()
        # Both in one turn of the loop: the look-up has the turn and has not begun yet.
        cancel = Call(turns, Purpose.CANCEL, order, "cancel", is_write=True)
        await settle()
        if order[-1] == "look-up":
            await skip(HOLD_S * 1.1)
        assert "cancel" in order
        cancel.over.set()
        look.over.set()
        await asyncio.gather(cancel.task, look.task, return_exceptions=True)

    run(body)


def test_a_write_is_never_given_up():
    async def body():
        turns, order = Turns(), []
        submit = Call(turns, Purpose.ORDER, order, "submit", is_write=True)
        await settle()
        cancel = Call(turns, Purpose.CANCEL, order, "cancel", is_write=True)
        await settle()
        await skip(30.0)
        assert order == ["submit"]
        submit.over.set()
        cancel.over.set()
        await submit.task
        await cancel.task
        assert order == ["submit", "cancel"]

    run(body)


async def test_one_that_is_cancelled_while_it_waits_gives_its_turn_on(turns):
    order = []
    first = Call(turns, Purpose.READING, order, "first")
    await settle()
    gone = Call(turns, Purpose.ORDER, order, "gone")
    await settle()
    last = Call(turns, Purpose.READING, order, "last")
    await settle()
    first.over.set()
    await first.task
    gone.task.cancel()  # it has been given the turn, and has not taken it
    await settle()
    assert order in (["first", "last"], ["first", "gone", "last"])
    last.over.set()
    await last.task
    third = Call(turns, Purpose.READING, order, "third")
    third.over.set()
    await third.task


def test_a_read_takes_its_time_again_once_no_cancel_waits():
    async def body():
        turns, order = Turns(), []
        read = Call(turns, Purpose.READING, order, "read")
        await settle()
        for urgent in (Purpose.CANCEL, Purpose.ORDER):
            gone = Call(turns, urgent, order, "gone", is_write=True)
            await settle()
            gone.task.cancel()
            await settle()
            await skip(HOLD_S * 2)
        read.over.set()
        await read.task
        assert order == ["read"]

    run(body)


def test_a_read_is_given_up_where_one_of_two_cancels_still_waits():
    async def body():
        turns, order = Turns(), []
        read = Call(turns, Purpose.READING, order, "read")
        await settle()
        gone = Call(turns, Purpose.CANCEL, order, "gone", is_write=True)
        write = Call(turns, Purpose.CANCEL, order, "write", is_write=True)
        await settle()
        gone.task.cancel()
        await skip(HOLD_S * 1.1)
        with pytest.raises(Unreachable, match="given up"):
            await read.task
        assert order == ["read", "write"]
        write.over.set()
        await write.task

    run(body)
