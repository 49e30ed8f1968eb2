"""An exit that a signal from outside asks for once is seen through, or people are told."""

from decimal import Decimal

import pytest

from crossdock.app.desk.dealing.closings import LASTS_S
from crossdock.core import records as r
from crossdock.errors import DeskError
from crossdock.model import OrderStatus as S
from crossdock.model import OrderType, Side, TimeInForce

D = Decimal
FLAT = {
    "symbol": "BTC/USDT",
    "direction": "flat",
    "strategy": "charts",
    "correlation": "out",
    "by": "ann",
    "door": "webhook",
}


def take(desk, **more):
    return desk.operations.table()["take_signal"](**{**FLAT, **more})


def working(desk):
    return list(desk.kernel.state.open_orders())


def alarms(desk):
    return [
        each.words for each in desk.kernel.state.alarms if each.code == "exit-left-open"
    ]


def held(desk, strategy="charts"):
    parts = desk.kernel.state.ledger.attributions()
    return sum(part.position.quantity for part in parts if part.strategy == strategy)


async def settled(desk, clock):
    for gateway in desk.gateways.values():
        await gateway.writes.settle()
    await clock.settle()


async def hold(toy, desk, venue, clock, quantity="2", **more):
    """Have a strategy hold some, bought as any of its orders is."""
    terms = {"strategy": "charts", "account": venue.account, **more}
    order = toy.order(quantity=D(quantity), **terms)
    placed = desk.dealing.place(order)
    await settled(desk, clock)
    venue.fill(placed.venue_order_ids[-1], quantity, "99")
    await clock.settle()


async def end(venue, clock, status=S.EXPIRED, filled=None):
    """Have the venue end its newest order, with what was filled of it."""
    name = f"v{len(venue.orders)}"
    if filled is not None:
        venue.fill(name, filled, "99.9")
    if filled is None or venue.orders[name]["status"] is not S.FILLED:
        venue.report(venue.orders[name], status=status)
    await clock.settle()


async def test_an_exit_is_a_market_order_and_ends_when_nothing_is_held(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        told = take(desk)
        assert (told["outcome"], told["reasons"]) == ("ordered", [])
        assert told["words"] == "sell 2 in main at market"
        (order,) = working(desk)
        request = order.request
        assert (request.type, request.side, request.quantity) == (
            OrderType.MARKET,
            Side.SELL,
            2,
        )
        assert (request.strategy, request.correlation) == ("charts", "out")
        await settled(desk, clock)
        await end(venue, clock, filled="2")
        await clock.advance(1)
        assert held(desk) == 0 and not alarms(desk)
        assert not desk.closings.is_on("out")
        (row, *_) = desk.operations.table()["signals"]()
        assert (row["outcome"], row["words"]) == ("ordered", "closed")
        assert take(desk)["words"] == "closed"
        assert len(venue.called("submit")) == 2


@pytest.mark.parametrize("status", [S.EXPIRED, S.CANCELED, S.REJECTED])
async def test_an_exit_that_did_not_fill_is_tried_again(
    toy, clock, venue, open_toy_desk, status
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        await settled(desk, clock)
        await end(venue, clock, status)
        await toy.until(clock, lambda: len(working(desk)) == 1)
        (again,) = working(desk)
        assert (again.request.side, again.request.quantity) == (Side.SELL, 2)
        await settled(desk, clock)
        await end(venue, clock, status, filled="1.5")
        await toy.until(clock, lambda: len(working(desk)) == 1)
        assert [each.request.quantity for each in working(desk)] == [D("0.5")]
        await settled(desk, clock)
        await end(venue, clock, filled="0.5")
        await clock.advance(1)
        assert (held(desk), alarms(desk)) == (0, [])


async def test_what_stays_after_a_minute_is_told_to_people_and_left_alone(
    toy, clock, venue, journal, open_toy_desk
):
    async with open_toy_desk(venue, journal=journal) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        for _ in range(int(LASTS_S / 0.5) + 4):
            await settled(desk, clock)
            if working(desk):
                await end(venue, clock)
            await clock.advance(0.5)
        words = "charts was to leave BTC/USDT and holds 2 BTC/USDT@alpha in main: it was not filled"
        assert alarms(desk) == [words]
        last = journal.records(r.SignalEmitted)[-1]
        assert last.routed == "left open: 2 BTC/USDT@alpha in main; it was not filled"
        tried = len(venue.called("submit"))
        assert 4 <= tried <= 10  # with longer and longer pauses
        await clock.advance(300)
        assert len(venue.called("submit")) == tried
        told = take(desk)
        assert (told["repeated"], told["words"]) == (True, last.routed)


async def test_an_order_that_rests_is_canceled_and_what_it_bought_is_closed_too(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        entry = {"direction": "long", "quantity": "1", "limit": "99"}
        take(desk, correlation="in", **entry)
        await settled(desk, clock)
        told = take(desk)
        assert (told["outcome"], told["order"]) == ("closing", None)
        assert told["words"] == "buy 1 in main is canceled"
        assert take(desk) == {**told, "repeated": True}
        venue.on_write = lambda name, order: None
        venue.fill("v1", "0.4", "99")  # as the cancel is on its way
        await settled(desk, clock)
        await toy.until(clock, lambda: len(venue.called("submit")) == 2)
        (closing,) = working(desk)
        assert (closing.request.side, closing.request.quantity) == (Side.SELL, D("0.4"))
        await settled(desk, clock)
        await end(venue, clock, filled="0.4")
        await clock.advance(1)
        assert (held(desk), alarms(desk)) == (0, [])
    assert len(venue.called("cancel")) == 1


async def test_what_a_resting_order_may_still_close_is_not_sold_twice(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        desk.dealing.place(
            toy.order(side=Side.SELL, quantity=D(2), limit_price=D(120), strategy="charts")
        )
        await settled(desk, clock)
        assert take(desk)["outcome"] == "closing"
        assert len(venue.called("submit")) == 2
        await settled(desk, clock)
        await toy.until(clock, lambda: len(venue.called("submit")) == 3)
        (closing,) = working(desk)
        assert closing.request.type is OrderType.MARKET
        assert closing.request.quantity == 2


async def test_a_newer_signal_takes_the_place_of_an_exit(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        await settled(desk, clock)
        await end(venue, clock)
        take(desk, direction="long", quantity="1", correlation="in")
        await settled(desk, clock)
        await clock.advance(2 * LASTS_S)
        assert [each.request.side for each in working(desk)] == [Side.BUY]
        assert not alarms(desk)


async def test_a_newer_signal_that_is_not_taken_leaves_the_exit_going(
    toy, clock, venue, open_toy_desk
):
    risk = toy.RISK + "order_quantity_max = 2\n"
    async with open_toy_desk(venue, risk=risk) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        await settled(desk, clock)
        await end(venue, clock)
        newer = {"direction": "long", "correlation": "in"}
        assert take(desk, **newer, quantity="3")["outcome"] == "refused"
        with pytest.raises(DeskError, match="much"):
            take(desk, **{**newer, "correlation": "in2"}, quantity="1", limit="much")
        await toy.until(clock, lambda: len(venue.called("submit")) == 3)
        (again,) = working(desk)
        assert (again.request.side, again.request.correlation) == (Side.SELL, "out")


async def two(toy, clock, desk, *venues):
    """Have a strategy hold 2 at each of two venues."""
    for venue in venues:
        at = desk.gateways[venue.account].options.venue
        await hold(toy, desk, venue, clock, instrument=f"BTC/USDT@{at}")


@pytest.mark.parametrize(
    "newer",
    [
        {"account": "second", "correlation": "other"},
        {
            "account": "second",
            "correlation": "in",
            "direction": "long",
            "quantity": "1",
            "limit": "99",
        },
    ],
)
@pytest.mark.parametrize("first", ["main", ""])
async def test_a_signal_for_another_account_leaves_an_exit_going(
    toy, clock, open_toy_desk, first, newer
):
    alpha, beta = toy.Venue(clock), toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        await two(toy, clock, desk, alpha, beta)
        take(desk, account=first)
        await settled(desk, clock)
        take(desk, **newer)
        await settled(desk, clock)
        await end(alpha, clock)
        await toy.until(clock, lambda: len(alpha.called("submit")) == 3)
        sent = len(beta.called("submit"))
        await clock.advance(2 * LASTS_S)
        assert len(beta.called("submit")) == sent


async def test_one_account_refused_for_good_does_not_end_the_exit_of_another(
    toy, clock, open_toy_desk
):
    alpha, beta = toy.Venue(clock), toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        await two(toy, clock, desk, alpha, beta)
        desk.dealing.place(
            toy.order(
                account="second",
                instrument="BTC/USDT@beta",
                side=Side.SELL,
                quantity=D(2),
                limit_price=D(120),
                strategy="charts",
            )
        )
        await settled(desk, clock)
        kill = r.KillSwitched(
            at=1, engaged=True, by="Ann", reason="drill", flatten=False, account="main"
        )
        desk.kernel.note([kill])
        told = take(desk)
        assert told["outcome"] == "closing"
        assert [check for check, _ in told["reasons"]] == ["kill_switch"]
        await settled(desk, clock)
        await toy.until(clock, lambda: len(beta.called("submit")) == 3)
        await settled(desk, clock)
        await end(beta, clock, filled="2")
        await toy.until(clock, lambda: bool(alarms(desk)))
        (words,) = alarms(desk)
        assert "holds 2 BTC/USDT@alpha in main: kill_switch" in words


async def test_a_release_does_not_find_an_exit_that_waits_to_try_again(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        for tries in (3, 4):
            await settled(desk, clock)
            await end(venue, clock)
            await toy.until(clock, lambda count=tries: len(venue.called("submit")) == count)
        await settled(desk, clock)
        await end(venue, clock)
        desk.kernel.note(
            [r.KillSwitched(at=1, engaged=True, by="Ann", reason="drill", flatten=False)]
        )
        await clock.advance(0.3)
        desk.operations.table()["release"](by="Ann", door="cli")
        await clock.advance(2 * LASTS_S)
        assert len(venue.called("submit")) == 4
        (words,) = alarms(desk)
        assert "kill switch" in words


async def test_a_kill_in_the_middle_of_an_exit_ends_it(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        await settled(desk, clock)
        desk.kernel.note(
            [r.KillSwitched(at=1, engaged=True, by="Ann", reason="drill", flatten=False)]
        )
        await end(venue, clock)
        await clock.advance(5)
        (words,) = alarms(desk)
        assert "kill switch" in words and not desk.closings.is_on("out")
        desk.operations.table()["release"](by="Ann", door="cli")
        await clock.advance(2 * LASTS_S)
        assert len(venue.called("submit")) == 2


async def by_hand(venue, clock, side, quantity):
    name = venue.place("by-hand", side, quantity, "99").venue_order_id
    venue.fill(name, quantity, "99")
    await clock.settle()


async def test_what_was_closed_outside_is_taken_off_once_and_not_from_every_strategy(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock, "1")
        await hold(toy, desk, venue, clock, "1", strategy="waves")
        await by_hand(venue, clock, Side.SELL, "1")
        assert take(desk)["words"] == "sell 1 in main at market"
        other = take(desk, strategy="waves", correlation="other")
        assert other["words"] == "1 in main was closed by hand"
        await settled(desk, clock)
        assert len(working(desk)) == 1


async def test_what_people_hold_past_the_desk_is_no_signals_to_close(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await by_hand(venue, clock, Side.BUY, "1")
        assert any(
            part.portfolio == "external" for part in desk.kernel.state.ledger.attributions()
        )
        for direction in ("flat", "long"):
            with pytest.raises(DeskError, match="past the desk") as refused:
                take(desk, portfolio="external", strategy="external", direction=direction)
            assert refused.value.code == "forbidden"
        assert not desk.kernel.state.working


async def test_an_exit_at_a_venue_that_is_away_goes_out_when_it_is_back(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        gateway = desk.gateways["main"]
        gateway.ready.clear()
        told = take(desk)
        assert (told["outcome"], told["order_ids"]) == ("closing", [])
        assert [check for check, _ in told["reasons"]] == ["left-open"]
        await clock.advance(5)
        assert len(venue.called("submit")) == 1
        gateway.ready.set()
        await toy.until(clock, lambda: len(venue.called("submit")) == 2)


async def test_what_only_a_person_can_change_is_refused_at_once_and_told(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        person = {"by": "Ann", "door": "cli"}
        desk.kernel.note(
            [r.KillSwitched(at=1, engaged=True, by="Ann", reason="drill", flatten=False)]
        )
        told = take(desk)
        assert told["outcome"] == "refused"
        assert [check for check, _ in told["reasons"]] == ["kill_switch"]
        (words,) = alarms(desk)
        assert "holds 2 BTC/USDT@alpha in main" in words and "kill switch" in words
        desk.operations.table()["release"](**person)
        await clock.advance(2 * LASTS_S)
        assert len(venue.called("submit")) == 1


async def test_what_is_refused_for_the_moment_is_tried_again(
    toy, clock, venue, open_toy_desk
):
    risk = toy.RISK.replace('orders_per_s = "none"', "orders_per_s = 1")
    async with open_toy_desk(venue, risk=risk) as desk:
        await hold(toy, desk, venue, clock)
        told = take(desk)
        assert told["outcome"] == "closing"
        assert [check for check, _ in told["reasons"]] == ["order_rate"]
        await toy.until(clock, lambda: len(venue.called("submit")) == 2)
        assert [each.request.quantity for each in working(desk)] == [2]


async def test_an_exit_at_market_is_not_kept_back_by_a_thin_book(
    toy, clock, venue, open_toy_desk
):
    risk = toy.RISK.replace('price_collar_bps = "none"', "price_collar_bps = 100")
    async with open_toy_desk(venue, risk=risk) as desk:
        await hold(toy, desk, venue, clock)
        venue.quote(size="0.5")
        told = take(desk)
        assert (told["outcome"], told["order"]["quantity"]) == ("ordered", "2")


async def test_a_venue_without_market_orders_gets_a_limit_that_fills_at_once_or_not_at_all(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock)
        desk.kernel.note(
            [
                r.InstrumentListed(
                    at=1, instrument=toy.listed(order_types=frozenset({OrderType.LIMIT}))
                )
            ]
        )
        assert take(desk)["words"] == "sell 2 in main at 99.9"
        (order,) = working(desk)
        assert order.request.time_in_force is TimeInForce.IOC


async def test_dust_is_told_of_and_raises_no_alarm(toy, clock, venue, open_toy_desk):
    venue.instrument = toy.listed(min_notional=D(50))
    async with open_toy_desk(venue) as desk:
        await hold(toy, desk, venue, clock, "1")
        sell = toy.order(
            side=Side.SELL, quantity=D("0.9"), limit_price=D("99.9"), strategy="charts"
        )
        desk.dealing.place(sell)
        await settled(desk, clock)
        await end(venue, clock, filled="0.9")
        told = take(desk)
        assert told["outcome"] == "nothing-to-do"
        assert told["words"] == "0.1 in main is too little to trade"
        await clock.advance(2 * LASTS_S)
        assert not alarms(desk)


async def test_a_stop_of_the_desk_leaves_an_alarm_for_the_exit_it_cut_off(
    toy, clock, venue, journal, open_toy_desk
):
    async with open_toy_desk(venue, journal=journal) as desk:
        await hold(toy, desk, venue, clock)
        take(desk)
        await settled(desk, clock)
        await end(venue, clock)
    (alarm,) = journal.records(r.Alarmed)
    assert alarm.code == "exit-left-open"
    assert alarm.words.endswith("the desk stops")


async def test_an_exit_sends_nothing_more_from_when_the_desk_stops(
    toy, clock, journal, open_toy_desk
):
    class Slow(toy.Venue):
        """Takes a while to cancel."""

        async def cancel_all(self):
            await self.clock.sleep(2.5)
            await super().cancel_all()

    venue, stop = Slow(clock), '[desk]\non_exit = "cancel"\n'
    async with open_toy_desk(venue, text=stop, journal=journal) as desk:
        await hold(toy, desk, venue, clock)
        desk.dealing.place(toy.order(limit_price=D(90)))
        await settled(desk, clock)
        take(desk)
        await settled(desk, clock)
        await end(venue, clock)
    assert len(venue.called("cancel_all")) == 1
    assert len(venue.called("submit")) == 3
    assert [each.code for each in journal.records(r.Alarmed)].count("exit-left-open") == 1
