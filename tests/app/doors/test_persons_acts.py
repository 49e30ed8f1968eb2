"""What no program does, whichever way it comes: the desk itself asks for a person."""

import asyncio

import pytest

from crossdock.app.doors.door import Door
from crossdock.app.doors.user import UserDesk
from crossdock.errors import DeskError, Error

PROGRAMS = ("", " ", "api", "webhook", "API", "Cli", "dashboard ", "some script")
PERSONS = ("cli", "terminal", "dashboard", "python")
BUY = {"side": "buy", "symbol": "BTC/USDT", "quantity": "1", "limit": "99"}
MAIN = {"account": "main", "by": "x"}
ACTS = {
    "release": {"by": "x"},
    "release ": {"by": "x", "account": "main"},
    "resume": MAIN,
    "resolve": {"attempt": "a-1", "verdict": "live", "by": "x"},
    "resolve ": {"attempt": "a-1", "verdict": "absent", "by": "x", "force": True},
    "settle_movement": {**MAIN, "movement": "m-1", "verdict": "live"},
    "borrow": {**MAIN, "asset": "USDT", "amount": "1"},
    "repay": {**MAIN, "asset": "USDT", "amount": "1"},
    "transfer": {
        **MAIN,
        "asset": "USDT",
        "amount": "1",
        "source": "spot",
        "destination": "funding",
    },
    "earn_subscribe": {**MAIN, "offer": "USDT001", "amount": "1"},
    "earn_redeem": {**MAIN, "offer": "USDT001", "amount": "1"},
    "place": {**BUY, "approved_by": "x"},
    "dry_run": {**BUY, "approved_by": "x"},
}


async def ask(desk, op, args):
    told = desk.operations.table()[op.strip()](**args)
    return await told if hasattr(told, "__await__") else told


async def refusal(desk, op, args):
    try:
        await ask(desk, op, args)
    except Error as error:
        return error.code
    return ""


@pytest.mark.parametrize("door", PROGRAMS)
@pytest.mark.parametrize("act", ACTS)
async def test_no_program_does_what_takes_a_persons_word(
    venue, journal, open_toy_desk, act, door
):
    async with open_toy_desk(venue, journal=journal) as desk:
        count, calls = len(journal.entries), len(venue.calls)
        for given in ({"door": door}, {}):
            assert await refusal(desk, act, {**ACTS[act], **given}) == "person-needed"
        assert len(journal.entries) == count
        assert len(venue.calls) == calls


@pytest.mark.parametrize("door", PERSONS)
@pytest.mark.parametrize("act", ACTS)
async def test_a_person_is_let_through_to_what_else_may_refuse(
    venue, open_toy_desk, act, door
):
    async with open_toy_desk(venue) as desk:
        assert await refusal(desk, act, {**ACTS[act], "door": door}) != "person-needed"


def test_a_door_is_a_persons_or_a_programs():
    assert {*Door} == {*PERSONS, "api", "webhook"}


async def test_a_kill_by_a_program_holds_until_a_person_releases_it(
    clock, venue, open_toy_desk, toy
):
    async with open_toy_desk(venue) as desk:
        killing = asyncio.ensure_future(desk.operations.kill(by="bot", door="api"))
        await toy.until(clock, killing.done)
        for door in PROGRAMS:
            with pytest.raises(DeskError):
                desk.operations.release(by="bot", door=door)
            assert desk.kernel.state.killed
        assert desk.operations.release(by="Ann", door="terminal")["killed"] == ""


async def test_a_halt_by_the_desk_holds_until_a_person_ends_it(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        desk.gateways["main"].halt("crossdock", "unexplained holdings")
        with pytest.raises(DeskError):
            desk.operations.resume(account="main", by="bot", door="api")
        assert desk.kernel.state.account("main").halted
        desk.operations.resume(account="main", by="Ann", door="cli")
        assert not desk.kernel.state.account("main").halted


async def test_whoever_runs_the_desk_in_python_approves_in_their_own_process(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue, risk=toy.RISK + "approval_over = 5\n") as desk:
        order = await UserDesk(desk).buy("BTC/USDT", "1", limit="99", approved_by="Ann")
        assert order.id in desk.kernel.state.orders
