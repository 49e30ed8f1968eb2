"""A bust or correction leaves accounts as if the execution had been so from the start."""

from decimal import Decimal

import pytest

from crossdock.model import FillKind
from crossdock.sandbox.engine import Refused

SYMBOLS = ["BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"]
TRADES = [
    ("buy", "9", "100"),
    ("buy", "5", "130"),
    ("sell", "3", "110"),
    ("sell", "14", "90"),
]


def play(pit, symbol, trades):
    for side, quantity, price in trades:
        pit.enter("bob", "sell" if side == "buy" else "buy", quantity, price, symbol=symbol)
        pit.enter("ann", side, quantity, price, symbol=symbol)
    return pit


def worth(pit):
    """Everything of value, without the histories."""
    venue = pit.venue
    return {
        name: (
            {asset: total for asset, total in pit.cash(name).items() if total},
            [it for it in venue.positions(name) if it.quantity or it.realized_pnl],
        )
        for name in venue.accounts
    } | {"fees": venue._floor.accounts["fees"].cash}


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("index", range(len(TRADES)))
def test_busted_execution_never_was(open_pit, symbol, index):
    pit = play(open_pit(), symbol, TRADES)
    taken_back = pit.venue.fills("ann")[index]
    bust = pit.venue.bust("ann", taken_back.execution_id, 9)
    without = play(open_pit(), symbol, TRADES[:index] + TRADES[index + 1 :])
    assert worth(pit) == worth(without)
    assert (bust.kind, bust.quantity, bust.fee) == (FillKind.BUSTED, 0, 0)
    assert bust.replaces == taken_back.execution_id
    assert bust.order_id == taken_back.order_id
    assert bust is pit.venue.fills("ann")[-1]
    assert pit.venue.fills("bob")[-1].kind is FillKind.BUSTED


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("index", range(len(TRADES)))
def test_corrected_execution_always_had_its_new_price(open_pit, symbol, index):
    pit = play(open_pit(), symbol, TRADES)
    old = pit.venue.fills("ann")[index]
    new = pit.venue.correct("ann", old.execution_id, Decimal(95), 9)
    side, quantity, _ = TRADES[index]
    right = [*TRADES[:index], (side, quantity, "95"), *TRADES[index + 1 :]]
    assert worth(pit) == worth(play(open_pit(), symbol, right))
    assert (new.kind, new.price, new.quantity) == (FillKind.CORRECTED, 95, old.quantity)
    assert new.replaces == old.execution_id
    assert new.execution_id != old.execution_id


def test_correction_can_be_corrected_and_then_busted(open_pit):
    pit = play(open_pit(), "BTC/USDT:USDT", TRADES)
    first = pit.venue.fills("ann")[0]
    second = pit.venue.correct("ann", first.execution_id, Decimal(95), 9)
    third = pit.venue.correct(
        "bob", pit.venue.fills("bob")[-1].execution_id, Decimal(96), 9
    )
    assert third.price == 96
    newest = pit.venue.fills("ann")[-1]
    assert newest.replaces == second.execution_id
    pit.venue.bust("ann", newest.execution_id, 10)
    assert worth(pit) == worth(play(open_pit(), "BTC/USDT:USDT", TRADES[1:]))


@pytest.mark.parametrize("verb", ["bust", "correct"])
def test_what_was_taken_back_cannot_be_taken_back_again(open_pit, verb):
    pit = play(open_pit(), "BTC/USDT", TRADES)
    execution = pit.venue.fills("ann")[0].execution_id
    more = (Decimal(95),) if verb == "correct" else ()
    bust = pit.venue.bust("ann", execution, 9)
    for gone in (execution, bust.execution_id, "E0"):
        with pytest.raises(Refused) as refusal:
            getattr(pit.venue, verb)("ann", gone, *more, 9)
        assert refusal.value.code == "bad_request"


def test_bust_leaves_the_order_as_it_was(open_pit):
    pit = play(open_pit(), "BTC/USDT", TRADES[:1])
    (order,) = pit.venue.orders("ann")
    pit.venue.bust("ann", pit.venue.fills("ann")[0].execution_id, 9)
    assert (order.status, order.cumulative_quantity) == ("Filled", 9)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_trade_with_the_house_can_be_taken_back(open_pit, symbol):
    pit = open_pit()
    order = pit.enter("ann", "buy", "9", "100", symbol=symbol)
    fill = pit.venue.fill_by_house("ann", order.id, Decimal(6), 2)
    pit.venue.correct("ann", fill.execution_id, Decimal(90), 3)
    pit.venue.bust("ann", pit.venue.fills("ann")[-1].execution_id, 3)
    assert worth(pit)["ann"] == worth(open_pit())["ann"]
    house = pit.venue._floor.accounts["house"]
    assert not any(house.cash.values())
    assert not any(house.contracts.values())
