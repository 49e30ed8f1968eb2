"""Totals are the sums of what is held, whatever was held, changed and released before."""

from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core.risk import OpenExposure, Reservation, Reservations, reservation_of
from crossdock.model import (
    ContractKind,
    Instrument,
    MarginMode,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TickBand,
)

D = Decimal
EXACT = Context(prec=100)
amounts = st.decimals(0, 10**9, places=8, allow_nan=False)
tiny = st.decimals(0, 1, places=20, allow_nan=False)
reservations = st.builds(
    Reservation,
    account=st.sampled_from(["a", "b"]),
    instrument=st.sampled_from(["X/Y@v", "Z/Y@v"]),
    position_side=st.sampled_from(PositionSide),
    side=st.sampled_from(Side),
    quantity=amounts,
    notional=amounts | tiny,
    cash_asset=st.sampled_from(["X", "Y"]),
    cash=amounts | tiny,
    orders=st.integers(0, 1),
)
steps = st.lists(st.tuples(st.sampled_from("12345"), st.none() | reservations), max_size=30)


def sums(held):
    """Add up what is held the slow way."""
    lines, purses, orders = {}, {}, {}
    for each in held.values():
        line = lines.setdefault(
            (each.account, each.instrument, each.position_side), [D(0)] * 4
        )
        at = 0 if each.side is Side.BUY else 1
        line[at] += each.quantity
        line[at + 2] += each.notional
        purse = (each.account, each.cash_asset)
        purses[purse] = purses.get(purse, D(0)) + each.cash
        orders[each.account] = orders.get(each.account, 0) + each.orders
    return {key: OpenExposure(*line) for key, line in lines.items()}, purses, orders


@settings(max_examples=150, deadline=None)
@given(steps)
def test_totals_are_the_sums_of_what_is_held_and_never_negative(steps):
    book, held = Reservations(), {}
    for key, reservation in steps:
        if reservation is None:
            assert book.release(key) == held.pop(key, None)
        else:
            book.hold(key, reservation)
            held[key] = reservation
        with localcontext(EXACT):
            lines, purses, orders = sums(held)
        assert dict(book) == held
        for account in "ab":
            for asset in "XY":
                assert book.cash(account, asset) == purses.get((account, asset), 0) >= 0
            for name in ("X/Y@v", "Z/Y@v"):
                for side in PositionSide:
                    total = book.open_exposure(account, name, side)
                    assert total == lines.get((account, name, side), OpenExposure())
                    assert min(total) >= 0
            assert book.orders(account) == orders.get(account, 0)
        assert book.orders() == sum(orders.values())
    for key in list(held):
        book.release(key)
    assert (len(book), book.orders(), list(book.lines())) == (0, 0, [])
    assert book.cash("a", "X") == book.cash("b", "Y") == 0


@settings(max_examples=60, deadline=None)
@given(reservations, reservations)
def test_what_a_replace_adds_and_what_was_held_cover_its_worst_case(old, new):
    new = new._replace(
        quantity=max(new.quantity, old.quantity),
        notional=max(new.notional, old.notional),
        cash=max(new.cash, old.cash),
    )
    more = new.beyond(old)
    assert more.orders == 0
    for part in ("quantity", "notional", "cash"):
        added, before = getattr(more, part), getattr(old, part)
        assert EXACT.add(added, before) == getattr(new, part)
    assert new.beyond(None) is new
    assert min(old.beyond(new)[4:6]) >= 0


def test_a_change_needs_something_to_change():
    with pytest.raises(KeyError, match="nothing is reserved for o1"):
        Reservations().change("o1", None)


def instrument(kind, **values):
    return Instrument(
        id="B/Q@v",
        venue_key="k",
        kind=kind,
        base="B",
        quote="Q",
        settle="B" if kind is ContractKind.INVERSE else "Q",
        tick_table=(TickBand(floor=D(0), tick=D("0.1")),),
        quantity_step=D("0.01"),
        taker_fee_rate=D("0.002"),
        **values,
    )


def request(side=Side.BUY, **values):
    return OrderRequest(
        account="a",
        instrument="B/Q@v",
        side=side,
        type=OrderType.LIMIT,
        quantity=D(10),
        limit_price=D(50),
        **values,
    )


SPOT, LINEAR, INVERSE = ContractKind.SPOT, ContractKind.LINEAR, ContractKind.INVERSE
CROSS = {"margin_mode": MarginMode.CROSS}

# Kind, order, prices, reference, margin rate; then notional, asset taken, cash taken.
WORST = {
    "spot purchase": (SPOT, request(), (50,), 1, 1, "200", "Q", "200.4"),
    "at the dearer of two prices": (SPOT, request(), (50, 60), 1, 1, "240", "Q", "240.48"),
    "at no price, the reference": (SPOT, request(), (), 70, 1, "280", "Q", "280.56"),
    "at no price at all": (SPOT, request(), (), 0, 1, "0", "Q", "0"),
    "spot sale": (SPOT, request(Side.SELL), (50,), 1, 1, "200", "B", "4"),
    "margin leaves plain spot alone": (
        SPOT,
        request(),
        (50,),
        1,
        D("0.1"),
        "200",
        "Q",
        "200.4",
    ),
    "borrowed": (SPOT, request(**CROSS), (50,), 1, D("0.5"), "200", "Q", "100.4"),
    "sold borrowed": (
        SPOT,
        request(Side.SELL, **CROSS),
        (50,),
        1,
        D("0.5"),
        "200",
        "Q",
        "100.4",
    ),
    "contract": (LINEAR, request(), (50,), 1, D("0.1"), "200", "Q", "20.4"),
    "reduce-only contract": (
        LINEAR,
        request(reduce_only=True),
        (50,),
        1,
        D("0.1"),
        "200",
        "Q",
        "0.4",
    ),
    "inverse, at the cheaper price": (
        INVERSE,
        request(),
        (40, 50),
        1,
        1,
        "0.1",
        "B",
        "0.1002",
    ),
    "a negative price": (LINEAR, request(), (-50,), 1, 1, "200", "Q", "200.4"),
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_case_of_an_order(name):
    kind, order, prices, reference, rate, notional, asset, cash = WORST[name]
    worst = reservation_of(
        order,
        instrument(kind),
        D(4),
        tuple(map(D, prices)),
        D(reference),
        margin_rate=D(rate),
    )
    assert (worst.quantity, worst.side) == (4, order.side)
    assert (worst.notional, worst.cash_asset, worst.cash) == (D(notional), asset, D(cash))
