"""The ways out: ours is cancelled and flattened, what is not ours never is."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.errors import OutcomeUnknown, Rejected, RiskRefused, Unreachable
from crossdock.model import OrderStatus, OrderType, Side
from crossdock.ports import Can

D = Decimal
S = OrderStatus


async def finish(clock, toy, running):
    task = asyncio.ensure_future(running)
    await toy.until(clock, task.done)
    return task.result()


async def placed(desk, toy, clock, **values):
    order = desk.dealing.place(toy.order(**values))
    await desk.gateways[order.request.account].writes.settle()
    await clock.settle()
    return order


def open_at(venue):
    return {
        order["client_order_id"]
        for order in venue.orders.values()
        if not order["status"].is_terminal
    }


async def test_kill_cancels_ours_and_refuses_what_is_new(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        orders = [await placed(desk, toy, clock, limit_price=D(90 + n)) for n in range(3)]
        told = await finish(clock, toy, desk.operations.kill(by="Ann", reason="drill"))
        assert told["open_orders"] == told["doubts_open"] == 0
        assert {order.status for order in orders} == {S.CANCELED}
        assert desk.operations.status()["killed"] == "Ann: drill"
        with pytest.raises(RiskRefused, match="Ann"):
            desk.dealing.place(toy.order())
        desk.operations.release(by="Bo", door="cli")
        await placed(desk, toy, clock)
    assert len(venue.called("cancel_all")) == 1


async def test_kill_never_touches_a_foreign_order(toy, clock, venue, open_toy_desk):
    """Cancel-all would end it too, so ours are cancelled one by one."""
    venue.place("by-hand", quantity="3")
    async with open_toy_desk(venue) as desk:
        await placed(desk, toy, clock)
        await placed(desk, toy, clock, limit_price=D(98))
        told = await finish(clock, toy, desk.operations.kill(by="Ann"))
        assert told["cancels_sent"] == 2 and told["open_orders"] == 0
    assert open_at(venue) == {"by-hand"}
    assert not venue.called("cancel_all")


async def test_kill_at_a_venue_without_cancel_all_cancels_one_by_one(
    toy, clock, venue, open_toy_desk
):
    manifest = replace(toy.MANIFEST, can=toy.MANIFEST.can - {Can.CANCEL_ALL})
    async with open_toy_desk(venue, manifest=manifest) as desk:
        for n in range(3):
            await placed(desk, toy, clock, limit_price=D(90 + n))
        told = await finish(clock, toy, desk.operations.kill(by="Ann"))
        assert told["open_orders"] == 0
    assert len(venue.called("cancel")) == 3 and not venue.called("cancel_all")


async def test_a_cancel_all_that_fails_is_followed_by_single_cancels(
    toy, clock, venue, open_toy_desk
):
    async def cancel_all():
        raise Unreachable("no reply")

    venue.cancel_all = cancel_all
    async with open_toy_desk(venue) as desk:
        await placed(desk, toy, clock)
        told = await finish(clock, toy, desk.operations.kill(by="Ann"))
        assert told["open_orders"] == 0
    assert len(venue.called("cancel")) == 1


async def test_kill_of_one_account_leaves_the_others_alone(toy, clock, open_toy_desk):
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        await placed(desk, toy, clock)
        other = {"account": "second", "instrument": "BTC/USDT@beta"}
        survivor = await placed(desk, toy, clock, **other)
        told = await finish(
            clock, toy, desk.operations.kill(by="Ann", account="main", reason="x")
        )
        assert told["open_orders"] == 0 and survivor.status is S.NEW
        with pytest.raises(RiskRefused):
            desk.dealing.place(toy.order())
        await placed(desk, toy, clock, **other, limit_price=D(98))
    assert not beta.called("cancel") and not beta.called("cancel_all")


async def test_an_order_in_doubt_is_canceled_and_again_once_it_shows_up(
    toy, clock, venue, open_toy_desk
):
    """The submit arrives only after the first cancel found nothing."""
    arrived = []

    async def fail(error):
        raise error

    def on_write(name, asked):
        if name == "submit":
            arrived.append(asked)
            return fail(OutcomeUnknown("no reply"))
        if venue._find(asked.ref) is None:
            return fail(Rejected("no such order", venue_code="unknown"))
        return None

    venue.on_write = on_write
    async with open_toy_desk(venue) as desk:
        order = desk.dealing.place(toy.order())
        await desk.gateways["main"].writes.settle()
        killing = asyncio.ensure_future(desk.operations.kill(by="Ann"))
        await clock.advance(1)
        assert not killing.done() and order.doubts
        assert len(venue.called("cancel")) == 1
        [asked] = arrived
        venue.place(asked.client_order_id, quantity="1", price="99")
        await toy.until(clock, killing.done)
        assert killing.result()["open_orders"] == killing.result()["doubts_open"] == 0
        assert order.status is S.CANCELED
    assert len(venue.called("cancel")) == 2 and not open_at(venue)


async def test_kill_says_what_it_could_not_prove(toy, clock, venue, open_toy_desk):
    async def silent():
        raise OutcomeUnknown("no reply")

    async with open_toy_desk(venue) as desk:
        await placed(desk, toy, clock)
        venue.cancel_all = silent
        venue.on_write = lambda name, asked: silent()
        venue.failure = Unreachable("no reply")
        told = await finish(clock, toy, desk.operations.kill(by="Ann"))
        assert (told["open_orders"], told["doubts_open"]) == (1, 1)
        venue.failure = venue.on_write = None
        await clock.advance(20)


# ---- flatten ----------------------------------------------------------------------


async def bought(desk, toy, clock, venue, quantity):
    order = await placed(desk, toy, clock, quantity=D(quantity))
    venue.fill(order.venue_order_ids[-1], quantity, "99")
    await clock.settle()


def fills_market_orders(venue):
    """Let the venue execute every market order at once."""
    accept = venue.place

    def place(client="", side=Side.BUY, quantity="1", price="99", status=S.NEW):
        told = accept(client, side, quantity, price, status)
        asked = venue.called("submit")
        ours = asked and asked[-1].client_order_id == client != ""
        if ours and asked[-1].type is OrderType.MARKET:
            name = told.venue_order_id
            asyncio.get_running_loop().call_soon(venue.fill, name, quantity, venue.bid)
        return told

    venue.place = place


async def test_flatten_sells_what_our_orders_bought_and_not_what_was_there(
    toy, clock, venue, open_toy_desk
):
    """Ten coins were in the account before; two are ours."""
    fills_market_orders(venue)
    async with open_toy_desk(venue) as desk:
        await bought(desk, toy, clock, venue, "2")
        told = await finish(clock, toy, desk.operations.kill(by="Ann", flatten=True))
        assert told["flatten_orders"] == 1 and told["positions"] == []
    sold = [asked for asked in venue.called("submit") if asked.side is Side.SELL]
    assert [(order.type, order.quantity) for order in sold] == [(OrderType.MARKET, 2)]
    assert venue.cash["BTC"] == 10


async def test_flatten_never_sells_more_than_is_left(toy, clock, venue, open_toy_desk):
    """A stranger sold most of what the account held."""
    fills_market_orders(venue)
    async with open_toy_desk(venue) as desk:
        await bought(desk, toy, clock, venue, "2")
        by_hand = venue.place("by-hand", Side.SELL, "11", "99")
        venue.fill(by_hand.venue_order_id, "11", "99")
        await clock.settle()
        told = await finish(clock, toy, desk.operations.kill(by="Ann", flatten=True))
        assert told["flatten_orders"] == 1
    sold = [asked for asked in venue.called("submit") if asked.side is Side.SELL]
    assert sum(order.quantity for order in sold) == 1


async def test_flatten_passes_limits_that_new_orders_break(
    toy, clock, venue, open_toy_desk
):
    fills_market_orders(venue)
    text = '[risk.accounts.main]\norder_quantity_max = "2"\n'
    async with open_toy_desk(venue, text=text) as desk:
        await bought(desk, toy, clock, venue, "2")
        await bought(desk, toy, clock, venue, "2")
        told = await finish(clock, toy, desk.operations.kill(by="Ann", flatten=True))
        assert told["positions"] == [] and told["flatten_orders"] == 1


async def test_kill_without_flatten_leaves_positions(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        await bought(desk, toy, clock, venue, "2")
        told = await finish(clock, toy, desk.operations.kill(by="Ann"))
        assert told["positions"] == ["main 2 BTC/USDT@alpha"]
        assert told["flatten_orders"] == 0


async def test_flatten_sends_nothing_where_nothing_of_ours_is_held(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        told = await finish(clock, toy, desk.operations.kill(by="Ann", flatten=True))
        assert told["flatten_orders"] == 0
    assert not venue.called("submit")


# ---- stopping ---------------------------------------------------------------------


@pytest.mark.parametrize(("on_exit", "left"), [("keep", 1), ("cancel", 0)])
async def test_a_stop_keeps_or_cancels_as_the_settings_say(
    toy, clock, venue, open_toy_desk, on_exit, left
):
    async with open_toy_desk(venue, text=f'[desk]\non_exit = "{on_exit}"\n') as desk:
        await placed(desk, toy, clock)
        kernel = desk.kernel
    assert len(open_at(venue)) == left
    assert not kernel.state.killed


async def test_a_stop_that_flattens_leaves_no_position(toy, clock, venue, open_toy_desk):
    fills_market_orders(venue)
    async with open_toy_desk(venue) as desk:
        await bought(desk, toy, clock, venue, "2")
        await placed(desk, toy, clock)
        desk.operations.stop(on_exit="flatten")
        await desk.stopped()
    assert not open_at(venue) and venue.cash["BTC"] == 10


async def test_a_released_switch_is_on_paper_with_who_did_it(
    toy, clock, venue, journal, open_toy_desk
):
    async with open_toy_desk(venue, journal=journal) as desk:
        await finish(clock, toy, desk.operations.kill(by="Ann", reason="drill"))
        desk.operations.release(by="Bo", door="cli")
    switched = journal.records(r.KillSwitched)
    assert [(s.engaged, s.by) for s in switched] == [(True, "Ann"), (False, "Bo")]


async def test_an_engaged_switch_outlives_the_desk(
    toy, clock, venue, journal, open_toy_desk
):
    async with open_toy_desk(venue, journal=journal) as desk:
        await finish(clock, toy, desk.operations.kill(by="Ann", reason="drill"))
    async with open_toy_desk(venue, journal=journal) as desk:
        with pytest.raises(RiskRefused, match="Ann: drill"):
            desk.dealing.place(toy.order())


@pytest.mark.parametrize(("reason", "words"), [("", "Ann"), ("a drill", "Ann: a drill")])
async def test_a_switch_says_who_engaged_it_and_why_where_they_said_so(
    toy, venue, open_toy_desk, reason, words
):
    async with open_toy_desk(venue) as desk:
        desk.kernel.note([r.KillSwitched(at=1, engaged=True, by="Ann", reason=reason)])
        assert desk.operations.table()["status"]()["killed"] == words
        with pytest.raises(RiskRefused) as refused:
            desk.dealing.place(toy.order())
        told = dict(refused.value.reasons)["kill_switch"]
        assert told == f"the kill switch is engaged by {words}"
