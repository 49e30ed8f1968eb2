"""Attached legs belong to whom their parent does, in whatever order the news come."""

import json
from decimal import Decimal
from itertools import permutations

import pytest

from crossdock.core import records as r
from crossdock.core.execution import intake
from crossdock.core.projection import describe, order_row, rows_of
from crossdock.core.state import State
from crossdock.model import (
    Balance,
    Contingency,
    Leg,
    OrderStatus,
    OrderType,
    Side,
)

D = Decimal
S = OrderStatus
BRACKET = (Leg(limit_price=D(110)), Leg(stop_price=D(90)))
OWNER = {"portfolio": "fund", "strategy": "trend", "correlation": "c-7"}


class Told:
    """Takes in what a venue says, as a gateway does."""

    def __init__(self, state):
        self.state = state
        self.records = []

    def take(self, *messages):
        for message in messages:
            if hasattr(message, "execution_id"):
                new = intake.take_fill(self.state, message, r.Source.STREAM, 9)
            else:
                number = f"x{len(self.records)}"
                new = intake.take_report(
                    self.state, message, r.Source.STREAM, 9, lambda n=number: n
                )
            for record in new:
                self.state.apply(record)
            self.records += new
        return self


def bracketed(make, **values):
    """A state that has sent a bracket and heard nothing yet."""
    terms = {**OWNER, "attached": BRACKET, **values}
    return make.state(
        r.BaselineTaken(
            at=1,
            account="main",
            balances=(Balance(account="main", asset="USDT", total=D(10_000)),),
            positions=(),
            fill_cursor="0",
            event_cursor="0",
        ),
        make.intent(**terms),
        make.begun(),
    )


def parent_word(make, **values):
    return make.report(status=S.FILLED, cumulative_quantity=D(10), **values)


def stop_word(make, **values):
    return make.report(
        **{
            "venue_order_id": "leg-2",
            "client_order_id": "",
            "parent": "v1",
            "side": Side.SELL,
            "type": OrderType.STOP,
            "limit_price": None,
            "stop_price": D(90),
            **values,
        }
    )


def leg_fill(make, quantity="10", **values):
    return make.fill(
        "e-leg",
        quantity,
        "90",
        venue_order_id="leg-2",
        client_order_id="",
        side=Side.SELL,
        **values,
    )


def the_leg(state):
    return state.find("main", venue_order_id="leg-2")


def check_is_ours(state):
    leg = the_leg(state)
    assert not leg.foreign
    assert leg.parent == "o1"
    request = leg.request
    assert (request.portfolio, request.strategy, request.correlation) == tuple(
        OWNER.values()
    )


def test_leg_of_our_order_is_ours_and_not_foreign(make):
    told = Told(bracketed(make)).take(make.report(), stop_word(make, status=S.PENDING_NEW))
    assert [type(record) for record in told.records] == [r.OrderReported, r.LegSeen]
    check_is_ours(told.state)
    assert the_leg(told.state).view().parent == "o1"
    assert the_leg(told.state).status is S.PENDING_NEW


def test_leg_of_a_strangers_order_is_a_strangers(make):
    state = make.state()
    alien = make.report(client_order_id="", venue_order_id="v1")
    Told(state).take(alien, stop_word(make))
    assert the_leg(state).foreign


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_leg_is_ours_in_whatever_order_its_news_come(make, order):
    state = bracketed(make)
    done = stop_word(make, status=S.FILLED, cumulative_quantity=D(10))
    news = [
        parent_word(make),
        make.fill("e1", "10"),
        leg_fill(make),
        done,
    ]
    Told(state).take(*(news[place] for place in order))
    check_is_ours(state)
    assert the_leg(state).filled_quantity == 10
    assert not state.unplaced("main")
    [part] = state.ledger.attributions("main")
    assert (part.portfolio, part.strategy) == ("fund", "trend")
    assert part.position.realized_pnl < 0
    assert state.foreign_reservations.orders() == 0


def test_fill_of_a_leg_waits_for_the_leg_over_a_restart(make):
    state = bracketed(make)
    Told(state).take(parent_word(make), make.fill("e1", "10"), leg_fill(make))
    assert [fill.venue_order_id for fill in state.unplaced("main")] == ["leg-2"]
    assert state.has_legs("main", make.instrument.id)
    state = State.restore(state.snapshot(10, 1e9))
    Told(state).take(stop_word(make, status=S.FILLED, cumulative_quantity=D(10)))
    check_is_ours(state)
    assert the_leg(state).filled_quantity == 10


def test_stray_leg_waits_for_its_parent_over_a_restart(make):
    state = bracketed(make)
    Told(state).take(stop_word(make))
    assert the_leg(state).foreign
    state = State.restore(state.snapshot(10, 1e9))
    Told(state).take(make.report())
    check_is_ours(state)


def test_adopted_leg_survives_a_restart(make):
    state = bracketed(make)
    told = Told(state).take(make.report(), stop_word(make))
    restored = State.restore(state.snapshot(10, 1e9))
    check_is_ours(restored)
    replayed = bracketed(make)
    for record in told.records:
        replayed.apply(r.decode(r.encode(record)))
    check_is_ours(replayed)


def test_bracket_sets_nothing_aside_for_its_exits(make):
    state = bracketed(make)
    before = dict(state.reservations)
    Told(state).take(make.report(), stop_word(make))
    assert dict(state.reservations) == before
    Told(state).take(parent_word(make), make.fill("e1", "10"))
    assert dict(state.reservations) == {}


def oco(make):
    pair = {
        "side": Side.BUY,
        "limit_price": D(90),
        "attached": (Leg(stop_price=D(110)),),
        "contingency": Contingency.OCO,
    }
    state = bracketed(make, **pair)
    limit = make.report(limit_price=D(90))
    stop = stop_word(make, side=Side.BUY, stop_price=D(110))
    return state, limit, stop


def test_oco_pair_counts_once_and_at_its_dearer_price(make):
    state, limit, stop = oco(make)
    held = state.reservations.get("o1")
    assert (held.quantity, held.notional) == (10, 1100)
    told = Told(state).take(limit, stop)
    assert dict(state.reservations) == {"o1": held}
    leg = the_leg(told.state)
    Told(state).take(
        make.changed(stop, venue_order_id="leg-3", replaces="leg-2", stop_price=D(120))
    )
    assert leg.stop_price == 120
    assert state.reservations.get("o1").notional == 1200
    assert len(state.reservations) == 1


def test_stop_that_outlives_its_oco_pair_is_counted_itself(make):
    state, limit, stop = oco(make)
    state.apply(make.ended())
    Told(state).take(limit, stop, make.changed(limit, status=S.CANCELED))
    leg = the_leg(state)
    assert [key for key, _ in state.reservations] == [leg.order_id]
    Told(state).take(make.changed(stop, status=S.CANCELED))
    assert len(state.reservations) == 0


def test_leg_whose_parent_is_forgotten_is_still_ours(make):
    state = bracketed(make)
    state.apply(make.ended())
    Told(state).take(parent_word(make), make.fill("e1", "10"), stop_word(make))
    state.forget_done(10**12, 1.0)
    assert "o1" not in state.orders
    restored = State.restore(state.snapshot(10**12, 1.0))
    for each in (state, restored):
        check_is_ours(each)
        assert len(each.reservations) == 0


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"type": OrderType.MARKET_IF_TOUCHED, "stop_price": D(90)}, "market_if_touched"),
        (
            {
                "type": OrderType.LIMIT_IF_TOUCHED,
                "stop_price": D(90),
                "limit_price": D(89),
            },
            "limit_if_touched",
        ),
        (
            {
                "type": OrderType.TRAILING_STOP,
                "stop_price": D(90),
                "trail_percent": D(5),
            },
            "trailing_stop",
        ),
        ({"type": OrderType.TRAILING_STOP, "stop_price": D(90)}, "stop"),
        ({"type": OrderType.LIMIT_IF_TOUCHED, "limit_price": D(89)}, "limit"),
    ],
)
def test_strangers_order_is_described_as_far_as_its_prices_allow(make, said, kind):
    state = make.state()
    values = {"limit_price": None, "venue_order_id": "z1", "client_order_id": "", **said}
    Told(state).take(make.report(**values))
    assert state.find("main", venue_order_id="z1").request.type == kind


def test_trailing_stop_keeps_the_price_its_venue_says(make):
    terms = {
        "type": OrderType.TRAILING_STOP,
        "limit_price": None,
        "trail_amount": D(5),
        "side": Side.SELL,
    }
    state = make.state(make.intent(**terms), make.begun())
    word = make.report(**terms, stop_price=D(95))
    told = Told(state).take(word, word, make.changed(word, stop_price=D(97)))
    assert len(told.records) == 2
    assert state.orders["o1"].stop_price == 97
    assert state.reservations.get("o1").quantity == 10


def test_leg_is_a_row_and_a_line_with_its_owner(make):
    told = Told(bracketed(make)).take(make.report(), stop_word(make))
    seen = told.records[-1]
    payload = r.encode(seen)
    rows = dict(rows_of(3, seen, payload))
    assert rows["history"]["correlation"] == "c-7"
    row = order_row(told.state.orders[seen.order_id])
    assert (row["portfolio"], row["strategy"]) == ("fund", "trend")
    line = describe(json.loads(payload))
    assert line == "the venue made a leg of o1: sell 10 at stop 90, New"


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"attached": BRACKET}, "at limit 100 with limit 110 and stop 90 on"),
        (
            {
                "type": OrderType.TRAILING_STOP,
                "limit_price": None,
                "trail_percent": D(5),
            },
            "at trail 5 % on",
        ),
    ],
)
def test_intent_is_told_with_its_trail_and_legs(make, terms, words):
    assert words in describe(json.loads(r.encode(make.intent(**terms))))
