"""Who waits for whom: a kill for nobody, whatever else is asked."""

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import Request, Response

from crossdock.app.demo import DemoVenues
from crossdock.app.doors.control.control import ControlServer
from crossdock.app.open import build_desk
from crossdock.errors import DeskError
from crossdock.web.api.handed_in import TheDesk
from crossdock.web.identity.roles import Caller, Role
from crossdock.web.link import DeskLink
from crossdock.web.link.address import DeskAddress
from crossdock.web.link.lanes import (
    MAKES_SAFE,
    MOST_READS,
    MOST_READS_OF_ONE,
    MOST_WRITES,
    READING,
    asking_for,
)
from crossdock.web.problems import problem_of

ENOUGH = 10 * MOST_READS


class Desk:
    """Its venue hangs: charts and orders are not answered before the gate opens."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.asked = []

    @asynccontextmanager
    async def linked(self, **how):
        with tempfile.TemporaryDirectory(prefix="xd-") as folder:
            path = Path(folder) / "run" / "desk.sock"
            names = {"candles", "place", "flags"} | MAKES_SAFE
            operations = {name: self._operation(name) for name in names}
            async with (
                ControlServer(path, operations, {}),
                DeskLink(DeskAddress(path=path), **how) as link,
            ):
                yield link
                self.gate.set()

    def _operation(self, name):
        async def answer():
            self.asked.append(name)
            if name in ("candles", "place"):
                await self.gate.wait()
            return name

        return answer

    async def heard(self, name, count):
        while self.asked.count(name) < count:
            await asyncio.sleep(0)


def asks(link, op, count, asker=""):
    with asking_for(asker):
        return [asyncio.create_task(link.ask(op)) for _ in range(count)]


async def ended(tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("op", sorted(MAKES_SAFE))
async def test_what_makes_safe_waits_for_no_read_and_no_order(op):
    desk = Desk()
    async with desk.linked() as link:
        waiting = [
            *asks(link, "candles", ENOUGH, "viewer"),
            *asks(link, "place", MOST_WRITES + 1),
        ]
        await desk.heard("candles", MOST_READS_OF_ONE)
        await desk.heard("place", MOST_WRITES)
        assert await link.ask(op) == op
        desk.gate.set()
        assert {*await ended(waiting)} == {"candles", "place"}


async def test_an_order_waits_for_no_read():
    desk = Desk()
    async with desk.linked() as link:
        reads = [
            task
            for number in range(ENOUGH // MOST_READS_OF_ONE)
            for task in asks(link, "candles", MOST_READS_OF_ONE, f"viewer {number}")
        ]
        await desk.heard("candles", MOST_READS)
        order = asyncio.create_task(link.ask("place"))
        await desk.heard("place", 1)
        desk.gate.set()
        assert await order == "place"
        assert await ended(reads) == ["candles"] * ENOUGH


async def test_one_who_reads_much_keeps_nobody_else_from_reading():
    desk = Desk()
    async with desk.linked() as link:
        greedy = asks(link, "candles", ENOUGH, "greedy")
        await desk.heard("candles", MOST_READS_OF_ONE)
        with asking_for("other"):
            assert await link.ask("flags") == "flags"
        assert desk.asked.count("candles") == MOST_READS_OF_ONE
        desk.gate.set()
        assert await ended(greedy) == ["candles"] * ENOUGH


async def test_a_question_that_found_no_room_was_not_sent_and_says_so():
    desk = Desk()
    async with desk.linked(busy_after_s=0.01) as link:
        begun = asks(link, "candles", MOST_READS_OF_ONE, "viewer")
        await desk.heard("candles", MOST_READS_OF_ONE)
        with asking_for("viewer"), pytest.raises(DeskError) as refused:
            await link.ask("candles")
        assert refused.value.code == "desk-busy"
        assert desk.asked.count("candles") == MOST_READS_OF_ONE
        problem = problem_of(refused.value)
        assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})
        desk.gate.set()
        await ended(begun)
        with asking_for("viewer"):
            assert await link.ask("candles") == "candles"


async def test_the_wait_for_room_takes_nothing_from_the_time_to_answer():
    desk = Desk()
    async with desk.linked(busy_after_s=60) as link:
        begun = asks(link, "candles", MOST_READS_OF_ONE)
        await desk.heard("candles", MOST_READS_OF_ONE)
        late = asyncio.create_task(link.ask("flags", within_s=0.2))
        given_up = asyncio.create_task(link.ask("place", within_s=0.4))
        assert (await ended([given_up]))[0].code == "desk-silent"
        desk.gate.set()
        assert await late == "flags"
        await ended(begun)


async def test_every_name_in_the_lanes_is_an_operation_of_the_desk():
    async with (
        DemoVenues() as venues,
        build_desk(venues.settings(strategies=False)) as desk,
    ):
        assert {*desk.operations.table()} >= READING | MAKES_SAFE
    assert not READING & MAKES_SAFE


def desk_for(link, name):
    caller = Caller(name=name, role=Role.VIEWER)
    request = Request({"type": "http", "crossdock.caller": caller})
    return TheDesk(link, None, request, Response())


async def test_what_a_person_reads_by_the_api_is_counted_as_that_persons():
    desk = Desk()
    async with desk.linked(busy_after_s=0.01) as link:
        ann, ben = desk_for(link, "ann"), desk_for(link, "ben")
        begun = [
            asyncio.create_task(ann.ask(str, "candles")) for _ in range(MOST_READS_OF_ONE)
        ]
        await desk.heard("candles", MOST_READS_OF_ONE)
        with pytest.raises(DeskError) as refused:
            await ann.ask(str, "flags")
        assert refused.value.code == "desk-busy"
        assert await ben.ask(str, "flags") == "flags"
        assert await ann.ask(str, "kill") == "kill"
        desk.gate.set()
        await ended(begun)
