"""The desk in a script's hands."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from crossdock.app.doors.user import UserDesk
from crossdock.core import records as r
from crossdock.errors import DeskError, OutcomeUnknown, RiskRefused
from crossdock.model import OrderStatus
from crossdock.ports import Can, Lookup

D = Decimal


async def test_an_order_is_bought_waited_for_and_shown(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        user = UserDesk(desk)
        order = await user.buy("BTC/USDT", "2", limit="99")
        waiting = asyncio.ensure_future(order.filled(timeout_s=5))
        await clock.settle()
        assert order.status == "New" and not waiting.done()
        venue.fill("v1", "1", "98")
        await clock.settle()
        assert order.status == "PartiallyFilled" and not waiting.done()
        venue.fill("v1", "1", "99")
        last = await waiting
        assert (last.execution_id, order.view.average_price) == ("e2", D("98.5"))
        assert repr(order) == "<buy 2 BTC/USDT@alpha Filled, filled 2>"
        [row] = user.orders(all=True)
        assert (row["status"], row["cumulative_quantity"]) == ("Filled", "2")
        assert {fill["execution_id"] for fill in user.fills()} == {"e1", "e2"}


async def test_waiting_for_an_order_that_filled_already_returns_its_fill(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        order = await UserDesk(desk).buy("BTC/USDT", 1, limit=99)
        await clock.settle()
        venue.fill("v1", "1", "99")
        await clock.settle()
        desk.upkeep.project()
        assert (await order.filled(timeout_s=5)).execution_id == "e1"


async def test_waiting_for_a_fill_that_will_not_come_says_why(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        order = await UserDesk(desk).buy("BTC/USDT", 1, limit=99)
        await clock.settle()
        waiting = asyncio.ensure_future(order.filled(timeout_s=5))
        await asyncio.sleep(0)
        order.cancel()
        with pytest.raises(DeskError, match="Canceled, filled 0 of 1") as refused:
            await waiting
        assert refused.value.code == "not-filled"


async def test_done_waits_until_nothing_can_change(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        order = await UserDesk(desk).sell("BTC/USDT@alpha", "1", limit="120")
        await clock.settle()
        with pytest.raises(TimeoutError):
            await order.done(timeout_s=0)
        order.amend(limit="119")
        await clock.settle()
        assert order.view.limit_price == 119
        order.cancel()
        assert (await order.done(timeout_s=5)).status is OrderStatus.CANCELED


async def test_an_order_in_doubt_is_shown_as_unknown(toy, clock, venue, open_toy_desk):
    async def silent():
        raise OutcomeUnknown("no reply")

    venue.on_write = lambda name, asked: silent()
    async with open_toy_desk(venue) as desk:
        user = UserDesk(desk)
        order = await user.buy("BTC/USDT", "1", limit="99")
        await clock.settle()
        assert order.status == "Unknown" and order.view.status is OrderStatus.SENT
        [doubt] = desk.operations.doubts()
        assert (doubt["kind"], doubt["quantity"]) == ("submit", "1")
        assert user.status()["doubts_open"] == 1
        await toy.until(clock, lambda: order.status != "Unknown")
        assert order.status == "NeverAccepted"


@pytest.mark.parametrize(
    "terms",
    [{"quantity": 0.1}, {"quantity": "1", "limit": 99.5}, {"quantity": "1", "stop": 1.0}],
)
async def test_a_float_is_no_price_and_no_quantity(toy, venue, open_toy_desk, terms):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(TypeError, match="never a float"):
            await UserDesk(desk).buy("BTC/USDT", **terms)
    assert not venue.called("submit")


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"symbol": "BTC/USDT", "quantity": "abc"}, DeskError),
        ({"symbol": "DOGE/USDT", "quantity": "1"}, DeskError),
        ({"symbol": "BTC/USDT@nowhere", "quantity": "1"}, DeskError),
        ({"symbol": "BTC/USDT", "quantity": "1", "account": "nobody"}, DeskError),
        ({"symbol": "BTC/USDT", "quantity": "9999"}, RiskRefused),
    ],
)
async def test_what_cannot_be_bought_is_refused(toy, venue, open_toy_desk, terms, error):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(error):
            await UserDesk(desk).buy(**terms)
    assert not venue.called("submit")


@pytest.fixture
def two_venues(toy, clock):
    return [toy.Venue(clock, "alpha", "main"), toy.Venue(clock, "beta", "second")]


async def test_an_order_that_names_no_venue_goes_where_it_is_cheapest(
    clock, two_venues, open_toy_desk
):
    async with open_toy_desk(*two_venues) as desk:
        user = UserDesk(desk)
        for ask, expected in (("100.3", "main"), ("100.0", "second")):
            two_venues[1].quote(ask=ask)
            bought = await user.buy("BTC/USDT", "1", limit="101")
            assert bought.view.request.account == expected
        assert bought.view.request.instrument == "BTC/USDT@beta"
        two_venues[0].quote(bid="99.8")
        assert (await user.sell("BTC/USDT", "1")).view.request.account == "second"


async def test_a_venue_or_an_account_that_is_named_is_taken(
    clock, two_venues, open_toy_desk
):
    async with open_toy_desk(*two_venues) as desk:
        user = UserDesk(desk)
        named = await user.buy("BTC/USDT@beta", "1", limit="99")
        told = await user.buy("BTC/USDT", "1", limit="98", account="main")
        assert named.view.request.account == "second"
        assert told.view.request.account == "main"


@pytest.mark.parametrize(("side", "asset"), [("sell", "BTC"), ("buy", "USDT")])
@pytest.mark.parametrize("limit", ["100", None])
async def test_an_account_that_cannot_pay_is_not_chosen(
    clock, two_venues, open_toy_desk, side, asset, limit
):
    two_venues[0].cash[asset] = D(0)
    async with open_toy_desk(*two_venues) as desk:
        two_venues[0].quote(bid="99.99", ask="100.01")
        act = getattr(UserDesk(desk), side)
        order = await act("BTC/USDT", "1", limit=limit)
        assert order.view.request.account == "second"


async def test_an_account_that_was_halted_is_not_chosen(clock, two_venues, open_toy_desk):
    async with open_toy_desk(*two_venues) as desk:
        two_venues[0].quote(ask="99.95")
        desk.gateways["main"].halt("Ann", "a look at it")
        order = await UserDesk(desk).buy("BTC/USDT", "1", limit="101")
        assert order.view.request.account == "second"


@pytest.mark.parametrize("terms", [{"reduce_only": True, "limit": "99"}, {}])
@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_where_prices_cannot_tell_the_account_must_be_said(
    clock, two_venues, open_toy_desk, side, terms
):
    async with open_toy_desk(*two_venues) as desk:
        if not terms:
            for book in desk.markets.books.values():
                book.mark_gap("lost")
        with pytest.raises(DeskError) as refused:
            await getattr(UserDesk(desk), side)("BTC/USDT", "1", **terms)
        assert refused.value.code == "which-account"
        assert refused.value.hint == "say which: --account main"
    assert not any(venue.called("submit") for venue in two_venues)


async def test_kill_is_in_the_users_hands(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        user = UserDesk(desk)
        order = await user.buy("BTC/USDT", "1", limit="99")
        killing = asyncio.ensure_future(user.kill(by="Ann", reason="drill"))
        await toy.until(clock, killing.done)
        assert order.status == "Canceled" and user.status()["killed"] == "Ann: drill"


# ---- a person settles what no look-up can -----------------------------------------


@pytest.mark.parametrize(
    ("verdict", "status", "reserved"),
    [("absent", OrderStatus.NEVER_ACCEPTED, 0), ("live", OrderStatus.SENT, 1)],
)
async def test_a_person_ends_a_doubt_by_name(
    toy, clock, open_toy_desk, verdict, status, reserved
):
    venue = toy.BlindVenue(clock)

    async def silent():
        raise OutcomeUnknown("no reply")

    venue.on_write = lambda name, asked: silent()
    manifest = replace(
        toy.MANIFEST,
        can=toy.MANIFEST.can - {Can.ORDER_LOOKUP},
        evidence=replace(toy.EVIDENCE, lookup=Lookup.NONE),
    )
    async with open_toy_desk(venue, manifest=manifest) as desk:
        resolve = partial(desk.operations.resolve, door="cli")
        order = desk.dealing.place(toy.order())
        await clock.advance(30)
        [doubt] = desk.operations.doubts()
        assert doubt["needs_person"]
        assert desk.operations.status()["doubts_to_person"] == 1
        attempt = doubt["attempt_id"]
        for wrong in ({"verdict": "maybe", "by": "Ann"}, {"verdict": verdict, "by": " "}):
            with pytest.raises(DeskError):
                resolve(attempt=attempt, **wrong)
        with pytest.raises(DeskError, match="no open doubt"):
            resolve(attempt="a-0", verdict=verdict, by="Ann")
        resolve(attempt=attempt, verdict=verdict, by="Ann", words="phoned")
        assert order.status is status and not order.doubts
        assert len(desk.kernel.state.reservations) == reserved
        read = [r.decode(entry.payload) for entry in desk._read_journal()]
        [resolved] = [each for each in read if isinstance(each, r.DoubtResolved)]
        assert (resolved.by, resolved.words) == ("person:Ann", "phoned")


# ---- the package ------------------------------------------------------------------


@pytest.mark.parametrize("heavy", ["aiohttp", "pydantic"])
def test_importing_the_package_loads_nothing_heavy(heavy):
    code = f"import sys, crossdock; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_doubt_that_evidence_may_still_end_is_no_persons_without_force(
    toy, clock, open_toy_desk
):
    venue = toy.Venue(clock)

    async def silent():
        raise OutcomeUnknown("no reply")

    venue.on_write = lambda name, asked: silent()
    async with open_toy_desk(venue) as desk:
        order = desk.dealing.place(toy.order())
        while not order.doubts:
            await asyncio.sleep(0)
        [doubt] = desk.operations.doubts()
        asked = {"attempt": doubt["attempt_id"], "verdict": "absent", "by": "Ann"}
        asked["door"] = "cli"
        with pytest.raises(DeskError, match="may still settle"):
            desk.operations.resolve(**asked)
        assert order.doubts and len(desk.kernel.state.reservations) == 1
        desk.operations.resolve(**asked, force=True)
        assert not order.doubts
