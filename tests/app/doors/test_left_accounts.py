"""Accounts that were disconnected, or left out at a start, and what they leave behind."""

import asyncio
import inspect
from decimal import Decimal

import pytest

from crossdock.app.doors.watching.watching import PLAIN, Watching
from crossdock.app.notify.standing import Standings
from crossdock.core import records as r
from crossdock.errors import AuthFailed, DeskError, Unreachable
from crossdock.model import Direction, Signal

D = Decimal
BETA = "BTC/USDT@beta"
CHARTS = [
    f"{kind}:{symbol}" for kind in ("ladder", "candle") for symbol in ("BTC/USDT", BETA)
]
TOPICS = [*PLAIN, *(f"{it}:1m" if it.startswith("candle") else it for it in CHARTS)]


@pytest.fixture
def venues(toy, clock):
    return [toy.Venue(clock, "alpha", "main"), toy.Venue(clock, "beta", "second")]


@pytest.fixture
def answer(clock):
    async def answered(asked):
        """Return an operation's answer, with time going by until there is one."""
        if not inspect.isawaitable(asked):
            return asked
        asking = asyncio.ensure_future(asked)
        for _ in range(4_000):
            if asking.done():
                break
            await asyncio.sleep(0.001)  # some ask in a thread
            await clock.advance(0.02)
        return asking.result()

    return answered


@pytest.fixture
def ask(answer):
    async def asked(desk, op, **args):
        return await answer(desk.operations.table()[op](**args))

    return asked


async def trade(desk, venue, clock):
    """Have one order of the account filled and leave another one open; return that one."""
    for quantity, limit in (("1", "101"), ("2", "99")):
        placed = desk.operations.place(
            side="buy", symbol=BETA, quantity=quantity, limit=limit, account="second"
        )
        await clock.settle()
        if limit == "101":
            order = desk.kernel.state.orders[placed["order_id"]]
            venue.fill(order.venue_order_ids[-1])
            await clock.settle()
    return placed["order_id"]


@pytest.fixture(params=["disconnected", "left out at a start"])
def left(request, open_toy_desk, venues, clock, ask):
    """Run a question on a desk that had an account `second`, which traded and is gone."""

    async def asked(question):
        async with open_toy_desk(*venues) as desk:
            order = await trade(desk, venues[1], clock)
            if request.param == "disconnected":
                await ask(desk, "disconnect", account="second", by="Ann")
                return await question(desk, order)
        async with open_toy_desk(venues[0]) as desk:
            return await question(desk, order)

    return asked


async def test_every_operation_answers_or_says_what_to_do_about_an_account_that_is_gone(
    left, answer
):
    asked_of, without_a_hint = set(), []

    async def question(desk, order):
        values = {
            "by": "Ann",
            "account": "second",
            "instrument": BETA,
            "symbol": BETA,
            "symbols": [BETA],
            "assets": ["BTC"],
            "asset": "BTC",
            "amount": "1",
            "underlying": "BTC",
            "order": order,
            "id": order,
            "attempt": "a-none",
            "movement": "m-none",
            "verdict": "live",
            "timeframe": "1m",
            "side": "buy",
            "quantity": "1",
            "start_ns": 0,
        }
        for op, operation in desk.operations.table().items():
            known = [values]
            if op != "place":
                known.append({**values, "account": "main", "symbol": "BTC/USDT@alpha"})
            needed = _needed(operation) | (
                {*_TERMS} if op in ("place", "dry_run") else set()
            )
            if not needed <= values.keys():
                continue
            for given in known:
                asked_of.add(op)
                # All that is needed, and then the account, too, where it may be named.
                for names in (needed, needed | (_named(operation) & {"account"})):
                    asking = {name: given[name] for name in names}
                    try:
                        await answer(operation(**asking))
                    except DeskError as error:
                        if not error.hint:
                            without_a_hint.append((op, error.message))

    await left(question)
    assert without_a_hint == []
    assert {"status", "cancel", "kill", "why", "verify", "risk"} <= asked_of
    assert len(asked_of) > 35


_TERMS = ("side", "symbol", "quantity", "account")


def _needed(operation):
    parameters = inspect.signature(operation).parameters.values()
    return {
        it.name
        for it in parameters
        if it.default is it.empty and it.kind is not it.VAR_KEYWORD
    }


def _named(operation):
    return set(inspect.signature(operation).parameters)


async def test_every_topic_can_be_watched_after_an_account_is_gone(left, answer):
    async def question(desk, _order):
        watching = Watching(desk)
        for name in TOPICS:
            watched = watching._made(name)
            news = await answer(watched.topic.news())
            assert news is not None and news.is_snapshot, name

    await left(question)


async def test_what_a_gone_account_left_at_its_venue_is_told_in_the_status(left, ask):
    async def question(desk, _order):
        return (await ask(desk, "status"))["left_behind"]

    assert await left(question) == [
        {
            "account": "second",
            "open_orders": 1,
            "doubts": 0,
            "positions": [{"instrument": BETA, "quantity": "1"}],
        }
    ]


async def test_equity_goes_on_being_sampled_though_a_gone_accounts_holding_has_no_price(
    left, clock
):
    async def question(desk, _order):
        desk.markets.last_trades.clear()
        before = len(desk.equity_history.points())
        for _ in range(24):
            await clock.advance(0.25)
            desk.upkeep.round()
        points = desk.equity_history.points()
        return len(points) - before, points[-1].equity

    more, equity = await left(question)
    assert more >= 1 and equity == 101_000.0


async def test_an_order_of_a_gone_account_says_how_to_reach_it(left, ask):
    async def question(desk, order):
        with pytest.raises(DeskError) as refused:
            await ask(desk, "cancel", order=order, by="Ann")
        return refused.value

    error = await left(question)
    assert error.message == "second is not connected"
    assert "crossdock connect second" in error.hint


async def test_a_doubt_of_a_gone_account_says_that_nobody_asks_its_venue(
    open_toy_desk, venues, clock, ask
):
    def lost(name, order):
        raise Unreachable("no answer")

    async with open_toy_desk(*venues) as desk:
        venues[1].on_write = lost
        venues[1].failure = Unreachable("away")
        placed = desk.operations.place(
            side="buy", symbol=BETA, quantity="1", limit="99", account="second"
        )
        await clock.settle()
        [doubt] = desk.kernel.state.orders[placed["order_id"]].doubts
        await ask(desk, "disconnect", account="second", by="Ann")
        asked = {"attempt": doubt.attempt_id, "verdict": "absent", "by": "Ann"}
        asked["door"] = "cli"
        with pytest.raises(DeskError) as refused:
            await ask(desk, "resolve", **asked)
        assert "second is not connected" in refused.value.hint
        told = await ask(desk, "resolve", **asked, words="seen", force=True)
        assert told["in_doubt"] == []
        [acted] = await ask(desk, "search", kinds=["person_acted"], text="resolve")
        assert (acted["record"]["subject"], acted["record"]["door"], acted["order_id"]) == (
            doubt.attempt_id,
            "cli",
            None,
        )
        assert acted["correlation"] == told["correlation"]
        assert (await ask(desk, "status"))["left_behind"] == []


async def test_the_market_of_a_gone_account_is_not_taken_for_fresh(left, ask):
    async def question(desk, _order):
        books = await ask(desk, "books")
        ladder = await ask(desk, "ladder", symbol="BTC/USDT")
        return {row["instrument"]: row["ready"] for row in books}, ladder["venues"]

    ready, venues = await left(question)
    assert ready.get(BETA, False) is False and ready["BTC/USDT@alpha"]
    assert venues == ["alpha"]


async def test_a_signal_that_cannot_close_what_is_out_of_reach_says_so(left):
    async def question(desk, _order):
        desk.signals.act_on(
            Signal(
                symbol="BTC/USDT",
                direction=Direction.FLAT,
                confidence=1.0,
                strength=1.0,
                horizon_s=60.0,
                strategy="manual",
                portfolio="main",
            ),
            D(1_000),
        )
        return desk.happenings.signals[-1].routed

    assert "what is held in second is out of reach" in await left(question)


async def test_an_account_that_comes_back_at_another_venue_is_judged_by_that_one(
    open_toy_desk, venues, clock, ask, toy
):
    async with open_toy_desk(*venues) as desk:
        await trade(desk, venues[1], clock)
        assert desk.view.terms("second", BETA) is not None
        await ask(desk, "disconnect", account="second", by="Ann")
        assert desk.view.terms("second", BETA) is None
        assert desk.view.account("second") is None
        assert "second" not in desk.view._exposures


async def test_a_disconnected_account_is_not_told_of_as_back(
    open_toy_desk, venues, clock, ask, toy
):
    async with open_toy_desk(*venues) as desk:
        standings = Standings(desk)
        standings.look(desk.kernel.now())
        venues[1].failure = Unreachable("away")
        venues[1].break_streams(AuthFailed("the key ended"))
        gateway = desk.gateways["second"]
        await toy.until(clock, lambda: not gateway.ready.is_set())
        standings.look(desk.kernel.now())
        await clock.advance(11)
        [gone] = standings.look(desk.kernel.now())
        assert gone.facts["state"] == "gone"
        await ask(desk, "disconnect", account="second", by="Ann")
        assert standings.look(desk.kernel.now()) == []


async def test_what_people_do_to_the_switches_is_journaled_with_their_door(
    open_toy_desk, venue, ask, clock, journal
):
    async with open_toy_desk(venue, journal=journal) as desk:
        await ask(desk, "kill", by="Ann", reason="drill", flatten=True, door="cli")
        await ask(desk, "release", by="Bob", door="terminal")
        desk.gateways["main"].halt("crossdock", "a test")
        await ask(desk, "resume", account="main", by="Cy", door="dashboard")
        for op, args in (("kill", {}), ("release", {}), ("resume", {"account": "main"})):
            with pytest.raises(DeskError) as refused:
                await ask(desk, op, by=" ", door="cli", **args)
            assert refused.value.code == "bad-argument"
    acted = journal.records(r.PersonActed)
    assert [(it.by, it.action, it.subject, it.door, it.words) for it in acted] == [
        ("Ann", "kill", "all", "cli", "drill, and flatten"),
        ("Bob", "release", "all", "terminal", ""),
        ("Cy", "resume", "main", "dashboard", ""),
    ]
    done = [type(it) for it in journal.records() if type(it) in _DONE]
    assert done[:4] == [r.PersonActed, r.KillSwitched, r.PersonActed, r.KillSwitched]


_DONE = (r.PersonActed, r.KillSwitched)
