from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.analysis.trades import round_trips
from crossdock.model import (
    AccountId,
    Asset,
    ContractKind,
    ExecutionId,
    Fill,
    FillKind,
    Instrument,
    InstrumentId,
    MarginMode,
    PositionSide,
    Side,
    TickBand,
    VenueOrderId,
)


def instrument(kind=ContractKind.SPOT, multiplier="1", name="BTC/USDT@toy"):
    return Instrument(
        id=InstrumentId(name),
        venue_key="1",
        kind=kind,
        base=Asset("BTC"),
        quote=Asset("USDT"),
        settle=Asset("BTC" if kind is ContractKind.INVERSE else "USDT"),
        tick_table=(TickBand(floor=D(0), tick=D("0.01")),),
        quantity_step=D("0.001"),
        multiplier=D(multiplier),
    )


SPOT = instrument()
LISTED = {SPOT.id: SPOT}


def fills(*rows, of=SPOT, fee_asset="USDT", account="a", number_from=1, **more):
    """Make fills of (signed quantity, price, fee), a second apart."""
    return [
        Fill(
            account=AccountId(account),
            instrument=of.id,
            venue_order_id=VenueOrderId("o"),
            execution_id=ExecutionId(f"{of.id}-{number}"),
            side=Side.SELL if D(quantity) < 0 else Side.BUY,
            price=D(price),
            quantity=abs(D(quantity)),
            fee=D(fee[0] if fee else 0),
            fee_asset=Asset(fee_asset),
            venue_time_ns=number,
            **more,
        )
        for number, (quantity, price, *fee) in enumerate(rows, number_from)
    ]


def test_fees_of_several_assets_are_told_in_one():
    rows = fills((1, 100, 2), (-1, 110, 3), more_fees=(("BNB", D("0.5")),))
    (trip,) = round_trips(rows, LISTED, rates={"BNB": D(10)})
    assert trip.fees == 15
    with pytest.raises(ValueError, match="BNB"):
        list(round_trips(rows, LISTED))


CASES = {
    "one in, one out": (
        [(2, 100, 1), (-2, 110, 1)],
        [("buy", 2, 100, 110, 20, 2, (1, 2), 2)],
    ),
    "a short": (
        [(-2, 100), (2, 110)],
        [("sell", 2, 100, 110, -20, 0, (1, 2), 2)],
    ),
    "scaled in and out": (
        [(1, 100), (3, 120), (-2, 130), (-2, 90)],
        [("buy", 4, 115, 110, -20, 0, (1, 4), 4)],
    ),
    "turned around, the fee shared": (
        [(1, 100, 1), (-3, 110, 3), (2, 100, 2)],
        [
            ("buy", 1, 100, 110, 10, 2, (1, 2), 2),
            ("sell", 2, 110, 100, 20, 4, (2, 3), 2),
        ],
    ),
    "left open, half of it closed": (
        [(4, 100, 4), (-2, 110, 2)],
        [("buy", 4, 100, 110, 20, 6, (1, None), 2)],
    ),
    "left open, none of it closed": (
        [(4, 100)],
        [("buy", 4, 100, None, 0, 0, (1, None), 1)],
    ),
    "no fill": ([], []),
}


def told(trip):
    return (
        str(trip.side),
        trip.quantity,
        trip.entry_price,
        trip.exit_price,
        trip.gross_pnl,
        trip.fees,
        (trip.entry_time_ns, trip.exit_time_ns),
        trip.fills,
    )


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_fills_pair_into_round_trips(rows, expected):
    assert [told(trip) for trip in round_trips(fills(*rows), LISTED)] == expected


def test_pnl_is_after_fees():
    (trip,) = round_trips(fills((1, 100, 2), (-1, 110, 3)), LISTED)
    assert (trip.gross_pnl, trip.fees, trip.pnl) == (10, 5, 5)


def test_an_inverse_contract_gains_in_base_and_averages_harmonically():
    perpetual = instrument(ContractKind.INVERSE, "100")
    rows = fills((1, 10_000), (1, 20_000), (-2, 40_000), of=perpetual, fee_asset="BTC")
    (trip,) = round_trips(rows, {perpetual.id: perpetual})
    assert trip.gross_pnl == D("0.01") + D("0.005") - D("0.005")
    assert trip.entry_price == pytest.approx(D(40_000) / 3)
    assert trip.exit_price == 40_000


def test_a_multiplier_scales_money_and_leaves_prices():
    future = instrument(ContractKind.LINEAR, "0.1")
    (trip,) = round_trips(fills((5, 100), (-5, 104), of=future), {future.id: future})
    assert (trip.entry_price, trip.exit_price, trip.gross_pnl) == (100, 104, 2)


OTHER = instrument(name="BTC/USDT@other")


@pytest.mark.parametrize(
    "apart",
    [
        {"of": OTHER},
        {"account": AccountId("b")},
        {"position_side": PositionSide.SHORT},
        {"margin_mode": MarginMode.ISOLATED},
    ],
)
def test_instruments_accounts_hedge_legs_and_margin_modes_are_paired_apart(apart):
    long = fills((1, 100), (-1, 110))
    short = fills((-1, 100), (1, 95), number_from=3, **apart)
    mixed = [long[0], short[0], short[1], long[1]]
    first, second = round_trips(mixed, {SPOT.id: SPOT, OTHER.id: OTHER})
    assert (first.side, first.gross_pnl) == (Side.SELL, 5)
    assert (second.side, second.gross_pnl) == (Side.BUY, 10)
    assert first.instrument == apart.get("of", SPOT).id


def test_a_fee_in_base_counts_at_its_fills_price():
    (trip,) = round_trips(fills((1, 100, "0.01"), (-1, 200), fee_asset="BTC"), LISTED)
    assert trip.fees == 1


def test_a_fee_in_quote_of_an_inverse_contract_counts_in_base():
    perpetual = instrument(ContractKind.INVERSE)
    (trip,) = round_trips(fills((1, 100, 5), of=perpetual), {perpetual.id: perpetual})
    assert trip.fees == D("0.05")


def test_a_fee_in_a_third_asset_needs_its_rate():
    rows = fills((1, 100, "0.5"), fee_asset="BNB")
    with pytest.raises(ValueError, match="in BNB: give its rate in USDT"):
        round_trips(rows, LISTED)
    (trip,) = round_trips(rows, LISTED, rates={Asset("BNB"): D(300)})
    assert trip.fees == 150


def replacing(fill, number, **changes):
    return replace(
        fill, execution_id=ExecutionId(str(number)), replaces=fill.execution_id, **changes
    )


def test_a_corrected_fill_stands_where_the_replaced_one_stood():
    rows = fills((1, 100), (-1, 110))
    corrected = replacing(rows[0], 9, kind=FillKind.CORRECTED, price=D(105))
    (trip,) = round_trips([*rows, corrected], LISTED)
    assert (trip.entry_price, trip.gross_pnl) == (105, 5)


def test_a_busted_fill_never_was():
    rows = fills((1, 100), (1, 120), (-1, 110))
    busted = replacing(rows[1], 9, kind=FillKind.BUSTED, quantity=D(0))
    (trip,) = round_trips([*rows, busted], LISTED)
    assert (trip.quantity, trip.gross_pnl, trip.fills) == (1, 10, 2)


def test_a_fill_that_comes_twice_is_refused():
    rows = fills((1, 100))
    with pytest.raises(ValueError, match="comes twice"):
        round_trips(rows * 2, LISTED)


signed = st.integers(-5, 5).filter(bool)


@settings(max_examples=150)
@given(st.lists(st.tuples(signed, st.integers(1, 200), st.integers(0, 3)), max_size=30))
def test_money_quantity_and_fills_add_up(rows):
    held = sum(quantity for quantity, *_ in rows)
    trips = round_trips(fills(*rows), LISTED)
    open_trips = [trip for trip in trips if trip.exit_time_ns is None]
    assert len(open_trips) == (1 if held else 0)
    assert trips[len(trips) - len(open_trips) :] == open_trips
    assert sum(trip.fees for trip in trips) == pytest.approx(sum(fee for *_, fee in rows))
    # Cash moved is what was gained, less what the rest still held has cost.
    cash = -sum(quantity * price for quantity, price, _ in rows)
    cost = held * open_trips[0].entry_price if held else 0
    assert sum(trip.gross_pnl for trip in trips) - cost == pytest.approx(cash)


@settings(max_examples=100)
@given(st.lists(st.tuples(signed, st.integers(1, 200)), max_size=20))
def test_the_mirrored_fills_gain_what_the_others_lose(rows):
    mirrored = [(-quantity, price) for quantity, price in rows]
    for trip, mirror in zip(
        round_trips(fills(*rows), LISTED),
        round_trips(fills(*mirrored), LISTED),
        strict=True,
    ):
        assert mirror.gross_pnl == -trip.gross_pnl
        assert mirror.side is trip.side.opposite
