"""How a doubt about money ends: by the venue's own history, or by a named person."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.app.financing.searching import proof_of
from crossdock.core import records as r
from crossdock.core.movements import MovementState, Wish
from crossdock.errors import DeskError, OutcomeUnknown, Unreachable
from crossdock.model import Movement, MovementKind

D = Decimal
SECOND_NS = 1_000_000_000


async def in_doubt(bank, financing, *, arrives, amount="100"):
    """Leave a transfer in doubt that the venue has carried out, or has not."""

    async def lost(kind, asset, amount, **more):
        if arrives:
            await bank.carry_out(kind, asset, amount, **more)
        raise OutcomeUnknown("no reply")

    bank.on_move = lost
    with pytest.raises(OutcomeUnknown):
        await financing.transfer("USDT", amount, source="spot", destination="funding")
    bank.on_move = None
    *_, movement = financing.movements()
    return movement


@pytest.fixture
def financing(bank, journal, made):
    return made(bank, journal)


@pytest.fixture
async def searching(financing):
    """Let it look by itself, as a desk does."""
    task = asyncio.ensure_future(financing.run())
    yield financing
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_transfer_in_the_venues_history_was_made(bank, journal, searching, clock):
    movement = await in_doubt(bank, searching, arrives=True)
    await clock.settle()
    [settled] = journal.records(r.MovementSettled)
    assert (settled.verdict, settled.by) == (r.Verdict.LIVE, "history")
    assert settled.venue_movement_id == "t1"
    assert movement.shown_status == "Done"
    again = await searching.transfer("USDT", "100", source="spot", destination="funding")
    assert again.movement_id == "t2"


async def test_one_that_history_shows_later_is_found_later(bank, searching, clock, toy):
    movement = await in_doubt(bank, searching, arrives=False)
    bank.failure = Unreachable("no reply")
    await clock.advance(5)
    bank.failure = None
    await clock.advance(30)
    assert movement.is_in_doubt
    await bank.carry_out(
        MovementKind.TRANSFER, "USDT", D(100), source="spot", destination="funding"
    )
    await toy.until(clock, lambda: not movement.is_in_doubt, step_s=5)
    assert movement.venue_movement_id == "t1"


async def test_a_venue_that_is_away_settles_nothing_until_it_is_back(
    bank, searching, clock, toy
):
    searching.line.is_up = False
    with pytest.raises(DeskError, match="not connected"):
        await searching.transfer("USDT", "1", source="spot", destination="funding")
    searching.line.is_up = True
    breaking = bank.carry_out

    async def carry_out(*asked, **more):
        searching.line.is_up = False
        return await breaking(*asked, **more)

    bank.carry_out = carry_out
    movement = await in_doubt(bank, searching, arrives=True)
    await clock.advance(10)
    assert movement.is_in_doubt
    searching.line.is_up = True
    await toy.until(clock, lambda: not movement.is_in_doubt, step_s=5)


async def test_an_earlier_transfer_of_the_same_proves_nothing(bank, searching, clock):
    await searching.transfer("USDT", "100", source="spot", destination="funding")
    movement = await in_doubt(bank, searching, arrives=False)
    await clock.advance(120)
    assert movement.is_in_doubt, "the first one is known to be another"


async def test_what_an_earlier_process_left_is_looked_for_at_the_start(
    bank, journal, financing, made, clock
):
    await in_doubt(bank, financing, arrives=True)
    again = made(bank, journal)
    again.doubt_orphans()
    task = asyncio.ensure_future(again.run())
    await clock.settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert again.movements()[0].shown_status == "Done"


MOVEMENT = MovementState(
    movement_id="m1",
    wish=Wish(
        account="main",
        kind=MovementKind.TRANSFER,
        asset="USDT",
        amount=D(100),
        source="spot",
        destination="funding",
    ),
    by="Ann",
    correlation="c1",
    asked_at=100 * SECOND_NS,
)
FITTING = Movement(
    account="main",
    kind=MovementKind.TRANSFER,
    movement_id="t1",
    asset="USDT",
    amount=D("100.00"),
    is_done=True,
    source="spot",
    destination="funding",
    venue_time_ns=101 * SECOND_NS,
)
DIFFERENT = [
    {"kind": MovementKind.BORROW},
    {"movement_id": ""},
    {"asset": "BTC"},
    {"amount": D("99.99")},
    {"source": "funding", "destination": "spot"},
    {"destination": "margin"},
    {"venue_time_ns": 97 * SECOND_NS},
]


@given(others=st.lists(st.sampled_from(DIFFERENT)), fitting=st.integers(0, 3))
def test_history_proves_a_transfer_only_where_exactly_one_fits(others, fitting):
    told = [replace(FITTING, **other) for other in others]
    told += [replace(FITTING, movement_id=f"t{number}") for number in range(fitting)]
    found = proof_of(MOVEMENT, told, known=())
    assert (found is not None) is (fitting == 1)
    if fitting == 2:
        assert proof_of(MOVEMENT, told, known=["t0"]).movement_id == "t1"


@pytest.mark.parametrize(
    ("verdict", "status"), [("live", "Done"), ("absent", "NeverMoved")]
)
async def test_a_person_ends_a_doubt_by_name(
    bank, journal, financing, clock, verdict, status
):
    movement = await in_doubt(bank, financing, arrives=False)
    name = movement.movement_id
    with pytest.raises(DeskError) as early:
        financing.settle(name, verdict, by="Ann")
    assert early.value.code == "doubt-not-yours"
    await clock.advance(6)
    financing.settle(name, verdict, by="Ann", words="seen on the venue's page")
    [settled] = journal.records(r.MovementSettled)
    assert (settled.by, settled.words) == ("person:Ann", "seen on the venue's page")
    assert movement.shown_status == status
    with pytest.raises(DeskError) as late:
        financing.settle(name, verdict, by="Ann")
    assert late.value.code == "unknown-doubt"
    await financing.transfer("USDT", "100", source="spot", destination="funding")


async def test_a_person_may_insist_before_the_time(bank, financing):
    movement = await in_doubt(bank, financing, arrives=False)
    financing.settle(movement.movement_id, "absent", by="Ann", force=True)
    assert not movement.is_open


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"by": " "}, "bad-argument"),
        ({"verdict": "perhaps"}, "bad-argument"),
        ({"movement_id": "m999"}, "unknown-doubt"),
    ],
)
async def test_a_doubt_is_not_ended_by_half_a_word(bank, financing, terms, code):
    movement = await in_doubt(bank, financing, arrives=False)
    asked = {"movement_id": movement.movement_id, "verdict": "live", "by": "Ann", **terms}
    with pytest.raises(DeskError) as refused:
        financing.settle(**asked, force=True)
    assert refused.value.code == code
    assert movement.is_in_doubt


async def test_what_is_on_its_way_is_nobodys_to_settle(bank, financing, clock):
    reply = asyncio.get_running_loop().create_future()

    async def slow(*_, **__):
        await reply

    bank.on_move = slow
    asking = asyncio.ensure_future(financing.borrow("USDT", "1"))
    await clock.settle()
    [movement] = financing.movements()
    with pytest.raises(DeskError, match="being sent"):
        financing.settle(movement.movement_id, "absent", by="Ann", force=True)
    reply.set_result(None)
    await asking
