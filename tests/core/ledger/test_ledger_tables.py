"""Values worked out by hand, kind by kind."""

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction

import pytest

from crossdock.core.ledger import EXTERNAL, Ledger
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    AccountId,
    Balance,
    ContractKind,
    Fill,
    FillKind,
    Instrument,
    InstrumentId,
    MarginMode,
    Position,
    PositionKey,
    PositionSide,
    Side,
    TickBand,
)

ONE = AccountId("one")


def instrument(kind, multiplier="1", settle="USDT", **more) -> Instrument:
    return Instrument(
        id=InstrumentId(f"{kind}@v"),
        venue_key="key",
        kind=ContractKind(kind),
        base="BTC",
        quote="USDT",
        settle=settle,
        tick_table=(TickBand(floor=D(0), tick=D("0.01")),),
        quantity_step=D("0.001"),
        multiplier=D(multiplier),
        **more,
    )


SPOT = instrument("spot")
LINEAR = instrument("linear", "0.01")
INVERSE = instrument("inverse", "100", "BTC")
QUANTO = instrument("quanto", "0.000001", "BTC")
OPTION = instrument("option", "100")
UNLISTED = replace(SPOT, id=InstrumentId("unlisted@v"))


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    for listed in (SPOT, LINEAR, INVERSE, QUANTO, OPTION):
        made.list_instrument(listed)
    return made


def fill(what, number, signed, price, fee="0", fee_asset="USDT", **more) -> Fill:
    return Fill(
        account=ONE,
        instrument=what.id,
        venue_order_id="o1",
        execution_id=f"e{number}",
        side=Side.BUY if D(signed) > 0 else Side.SELL,
        price=D(price),
        quantity=abs(D(signed)),
        fee=D(fee),
        fee_asset=fee_asset,
        **more,
    )


def event(
    kind, number, amount="0", asset="USDT", what=None, quantity="0", price=None, **more
):
    return AccountEvent(
        account=ONE,
        event_id=f"v{number}",
        kind=kind,
        asset=asset,
        amount=D(amount),
        instrument=what and what.id,
        quantity=D(quantity),
        price=price and D(price),
        **more,
    )


# trades as (quantity, price); then position, entry, realised, cash in settle, unrealised
# at the mark.
TABLE = {
    "spot: bought in two, sold a third": (
        SPOT,
        [("1", "100"), ("2", "130"), ("-1", "150")],
        ("2", "120", "30", "-210"),
        ("125", "10"),
    ),
    "spot: sold what was never bought here": (
        SPOT,
        [("-1", "100"), ("0.5", "80")],
        ("-0.5", "100", "10", "60"),
        ("90", "5"),
    ),
    "linear: 50 contracts of 0.01": (
        LINEAR,
        [("50", "40000"), ("-20", "41000")],
        ("30", "40000", "200", "200"),
        ("39000", "-300"),
    ),
    "linear: through zero splits into a close and an open": (
        LINEAR,
        [("10", "100"), ("-25", "110")],
        ("-15", "110", "1", "1"),
        ("100", "1.5"),
    ),
    # 100 USD a contract: 10 at 10000 are 0.1 BTC, 10 at 12500 are 0.08 BTC.
    # The average is harmonic: 2000 USD / 0.18 BTC = 11111.1…
    "inverse: long, half closed at 20000": (
        INVERSE,
        [("10", "10000"), ("10", "12500"), ("-10", "20000")],
        ("10", "11111.11111111111111111111111", "0.04", "0.04"),
        ("12500", "0.01"),
    ),
    # Short 5 at 50000 = 0.01 BTC; bought back at 40000 = 0.0125 BTC: 0.0025 BTC won.
    "inverse: short gains when the price falls": (
        INVERSE,
        [("-5", "50000"), ("5", "40000")],
        ("0", None, "0.0025", "0.0025"),
        ("40000", "0"),
    ),
    "inverse: reversal": (
        INVERSE,
        [("4", "20000"), ("-8", "16000")],
        ("-4", "16000", "-0.005", "-0.005"),
        ("20000", "-0.005"),
    ),
    # One point of price is a millionth of a BTC per contract, whatever the price is in.
    "quanto: 200 contracts, 500 points": (
        QUANTO,
        [("200", "3000"), ("-100", "3500")],
        ("100", "3000", "0.05", "0.05"),
        ("2900", "-0.01"),
    ),
    # An option costs its premium at once: 3 x 100 x 2.50.
    "option: premium paid, one sold on": (
        OPTION,
        [("3", "2.50"), ("-1", "4")],
        ("2", "2.5", "150", "-350"),
        ("3", "100"),
    ),
    "spot: a price below zero": (
        SPOT,
        [("2", "-5"), ("-1", "3")],
        ("1", "-5", "8", "13"),
        ("0", "5"),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_positions_and_cash_are_as_worked_out_by_hand(ledger, name):
    what, trades, (quantity, entry, realized, cash), (mark, unrealized) = TABLE[name]
    before = D(0)
    for number, (signed, price) in enumerate(trades):
        posting = ledger.apply_fill(fill(what, number, signed, price))
        before += posting.realized
        assert posting.problem == ""
    (position,) = ledger.positions(ONE)
    assert position.quantity == posting.quantity == D(quantity)
    assert position.entry_price == (None if entry is None else D(entry))
    assert position.realized_pnl == before == D(realized)
    assert ledger.balance(ONE, position.key.settle) == D(cash)
    held = D(quantity) if what is SPOT else D(0)
    assert what is INVERSE or what is QUANTO or ledger.balance(ONE, "BTC") == held
    shown = ledger.unrealized({what.id: D(mark)})
    assert shown.amounts.get(position.key.settle, D(0)) == D(unrealized)
    assert shown.missing_marks == ()


def test_fees_leave_in_base_quote_and_third_asset_and_never_touch_the_position(ledger):
    ledger.set_baseline(ONE, [Balance(account=ONE, asset="BNB", total=D(1))])
    ledger.apply_fill(fill(SPOT, 1, "1", "100", "0.001", "BTC"), "main", "a")
    ledger.apply_fill(fill(SPOT, 2, "-0.5", "120", "0.06", "USDT"), "main", "a")
    ledger.apply_fill(fill(SPOT, 3, "-0.2", "120", "0.01", "BNB"), "main", "b")
    assert {b.asset: b.total for b in ledger.balances(ONE)} == {
        "BNB": D("0.99"),
        "BTC": D("0.299"),
        "USDT": D("-16.06"),
    }
    assert ledger.net_quantity(ONE, SPOT.id) == D("0.3")
    assert ledger.fees() == {"BTC": D("0.001"), "USDT": D("0.06"), "BNB": D("0.01")}
    assert ledger.fees(strategy="b") == {"BNB": D("0.01")}
    assert ledger.realized(portfolio="main", strategy="a") == {"USDT": D(10)}


def test_a_partial_close_that_cannot_divide_loses_nothing(ledger):
    ledger.apply_fill(fill(SPOT, 1, "3", "0.1"))
    ledger.apply_fill(fill(SPOT, 2, "4", "0.1001"))
    for number in range(3, 10):
        ledger.apply_fill(fill(SPOT, number, "-1", "0.1"))
    (position,) = ledger.positions()
    assert position.quantity == 0
    assert position.realized_pnl == D("-0.0004") == ledger.balance(ONE, "USDT")


def test_closing_all_takes_the_whole_cost_out_however_many_decimals_it_has(ledger):
    price, size = D("0.1234567890123456789012345678901"), "1.000000000000000003"
    ledger.apply_fill(fill(SPOT, 1, size, price))
    ledger.apply_fill(fill(SPOT, 2, f"-{size}", "0"))
    (position,) = ledger.positions()
    assert Fraction(position.realized_pnl) == -Fraction(price) * Fraction(size)
    assert position.realized_pnl == ledger.balance(ONE, "USDT")
    ledger.apply_fill(fill(SPOT, 3, "1", "7"))
    assert ledger.unrealized({SPOT.id: D(7)}).amounts == {"USDT": D(0)}


def test_hedge_legs_are_apart_and_going_through_zero_is_told_and_booked(ledger):
    for number, (side, signed, price) in enumerate(
        [("long", "10", "100"), ("short", "-4", "110"), ("long", "-4", "105")]
    ):
        legs = PositionSide(side)
        assert not ledger.apply_fill(
            fill(LINEAR, number, signed, price, position_side=legs)
        ).problem
    held = {p.key.position_side: p.quantity for p in ledger.positions(ONE)}
    assert held == {PositionSide.LONG: D(6), PositionSide.SHORT: D(-4)}
    posting = ledger.apply_fill(
        fill(LINEAR, 9, "-8", "120", position_side=PositionSide.LONG), "main"
    )
    assert "long leg of linear@v went through zero to -2" in posting.problem
    assert (posting.quantity, posting.realized) == (D(-2), D("1.2"))
    assert ledger.net_quantity(ONE, LINEAR.id) == D(-6)


def test_margin_modes_are_different_positions(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "1", "100", margin_mode=MarginMode.CROSS))
    ledger.apply_fill(fill(LINEAR, 2, "-1", "100", margin_mode=MarginMode.ISOLATED))
    assert sorted(p.quantity for p in ledger.positions()) == [D(-1), D(1)]


def test_a_baseline_is_where_an_account_begins_and_belongs_to_nobody(ledger):
    key = PositionKey(
        account=ONE, instrument=INVERSE.id, margin_mode=MarginMode.CROSS, settle="BTC"
    )
    begun = Position(key=key, quantity=D(10), entry_price=D(10000), realized_pnl=D(7))
    ledger.set_baseline(ONE, [Balance(account=ONE, asset="BTC", total=D(2))], [begun])
    shown = ledger.position(key)
    assert shown == Position(key=key, quantity=D(10), entry_price=D(10000))
    assert ledger.balance(ONE, "BTC") == D(2)
    ledger.apply_fill(
        fill(INVERSE, 1, "-4", "12500", margin_mode=MarginMode.CROSS), "main", "a"
    )
    assert ledger.balance(ONE, "BTC") == D("2.008")
    parts = {(p.portfolio, p.position.quantity) for p in ledger.attributions()}
    assert parts == {(EXTERNAL, D(10)), ("main", D(-4))}
    with pytest.raises(ValueError, match="booked on already"):
        ledger.set_baseline(ONE, [])


@pytest.mark.parametrize("cut", ["account", "entry", "listing"])
def test_a_baseline_that_does_not_fit_is_refused_whole(ledger, cut):
    key = PositionKey(account=ONE, instrument=LINEAR.id, settle="USDT")
    position = Position(key=key, quantity=D(1), entry_price=D(5))
    if cut == "account":
        key = PositionKey(account="two", instrument=LINEAR.id, settle="USDT")
        position = Position(key=key, quantity=D(1), entry_price=D(5))
    elif cut == "entry":
        position = Position(key=key, quantity=D(1), entry_price=None)
    else:
        ledger = Ledger()
    with pytest.raises(ValueError):
        ledger.set_baseline(
            ONE, [Balance(account=ONE, asset="BTC", total=D(2))], [position]
        )
    assert ledger.accounts() == [] and ledger.positions() == []


REFUSED = {
    "an instrument nobody listed": (fill(SPOT, 1, "1", "5"), "not listed"),
    "no number": (fill(LINEAR, 1, "1", "NaN"), "not numbers"),
    "an infinite fee": (fill(LINEAR, 1, "1", "5", "Infinity"), "not numbers"),
    "an inverse contract at zero": (fill(INVERSE, 1, "1", "0"), "inverse"),
    "a bust of nothing": (fill(LINEAR, 1, "1", "5", kind=FillKind.BUSTED), "does not say"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fill_that_cannot_be_booked_is_refused_and_changes_nothing(name):
    ledger = Ledger()
    ledger.list_instrument(LINEAR)
    ledger.list_instrument(INVERSE)
    refused, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        ledger.apply_fill(refused)
    assert not ledger.has_fill(refused.key)
    assert ledger.positions() == [] and ledger.balances(ONE) == []


def test_a_duplicate_fill_is_refused_and_the_same_id_of_another_order_is_not(ledger):
    first = fill(SPOT, 1, "1", "5")
    ledger.apply_fill(first)
    with pytest.raises(ValueError, match="booked already"):
        ledger.apply_fill(first)
    assert ledger.net_quantity(ONE, SPOT.id) == D(1)
    other = Fill(
        **{f: getattr(first, f) for f in first.__slots__} | {"venue_order_id": "o2"}
    )
    ledger.apply_fill(other)
    assert ledger.net_quantity(ONE, SPOT.id) == D(2)


def corrected(number, replaces, signed="1", price="100", kind=FillKind.CORRECTED, **more):
    return fill(SPOT, number, signed, price, kind=kind, replaces=f"e{replaces}", **more)


def test_a_bust_that_comes_before_its_fill_still_takes_it_back(ledger):
    posting = ledger.apply_fill(corrected(2, 1, kind=FillKind.BUSTED))
    assert "never booked" in posting.problem
    posting = ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    assert "had been replaced" in posting.problem
    assert ledger.net_quantity(ONE, SPOT.id) == 0
    assert ledger.has_fill((ONE, SPOT.id, "o1", "e1"))


def test_a_correction_that_comes_before_its_fill_counts_once(ledger):
    ledger.apply_fill(corrected(2, 1, "3"))
    ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    assert ledger.net_quantity(ONE, SPOT.id) == D(3)


@pytest.mark.parametrize("named", [1, 2])
def test_a_second_correction_replaces_the_first_whichever_it_names(ledger, named):
    ledger.apply_fill(fill(SPOT, 1, "1", "100"), "main", "a")
    ledger.apply_fill(corrected(2, 1, "2"))
    ledger.apply_fill(corrected(3, named, "5"))
    assert ledger.net_quantity(ONE, SPOT.id) == D(5)
    (part,) = ledger.attributions()
    assert (part.portfolio, part.strategy, part.position.quantity) == ("main", "a", D(5))


def test_corrections_in_any_order_end_at_the_last_of_the_chain(ledger):
    ledger.apply_fill(corrected(3, 2, "5"))
    ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    ledger.apply_fill(corrected(2, 1, "2"))
    assert ledger.net_quantity(ONE, SPOT.id) == D(5)


def test_a_correction_of_a_busted_fill_books_it_again(ledger):
    ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    ledger.apply_fill(corrected(2, 1, kind=FillKind.BUSTED))
    ledger.apply_fill(corrected(3, 1, "4"))
    assert ledger.net_quantity(ONE, SPOT.id) == D(4)


def test_fills_that_replace_each_other_count_once(ledger):
    ledger.apply_fill(corrected(1, 2, "1"))
    posting = ledger.apply_fill(corrected(2, 1, "1"))
    assert "replace each other" in posting.problem
    assert ledger.net_quantity(ONE, SPOT.id) == D(1)


def test_a_bust_finds_its_fill_under_an_older_id_of_the_order(ledger):
    ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    bust = corrected(2, 1, kind=FillKind.BUSTED)
    amended = Fill(
        **{f: getattr(bust, f) for f in bust.__slots__} | {"venue_order_id": "o2"}
    )
    assert ledger.apply_fill(amended).problem == ""
    assert ledger.net_quantity(ONE, SPOT.id) == 0


def test_a_correction_may_move_a_fill_to_the_other_hedge_leg(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "3", "100", position_side=PositionSide.SHORT), "main")
    ledger.apply_fill(
        fill(
            LINEAR,
            2,
            "3",
            "100",
            position_side=PositionSide.LONG,
            kind=FillKind.CORRECTED,
            replaces="e1",
        )
    )
    held = {p.key.position_side: p.quantity for p in ledger.positions(ONE)}
    assert held == {PositionSide.LONG: D(3), PositionSide.SHORT: D(0)}


def test_only_an_inferred_fill_in_effect_can_be_replaced_as_one(ledger):
    ledger.apply_fill(fill(SPOT, 1, "1", "100"))
    ledger.apply_fill(fill(SPOT, 2, "1", "100", kind=FillKind.INFERRED))
    key = (ONE, SPOT.id, "o1", "e2")
    for old, fills, words in [
        ((ONE, SPOT.id, "o1", "e1"), [fill(SPOT, 3, "1", "9")], "was not inferred"),
        ((ONE, SPOT.id, "o1", "e7"), [fill(SPOT, 3, "1", "9")], "no fill in effect"),
        (key, [fill(SPOT, 3, "1", "9")] * 2, "not all different"),
        (key, [fill(LINEAR, 3, "1", "9")], "cannot stand for"),
        (key, [fill(SPOT, 3, "1", "9"), fill(SPOT, 1, "1", "9")], "booked already"),
    ]:
        with pytest.raises(ValueError, match=words):
            ledger.replace_inferred(old, fills)
    assert ledger.net_quantity(ONE, SPOT.id) == D(2)
    ledger.replace_inferred(key, [])
    assert ledger.net_quantity(ONE, SPOT.id) == D(1)


def test_cash_events_are_capital_income_or_fees(ledger):
    kinds = AccountEventKind
    for number, (kind, amount) in enumerate(
        [
            (kinds.DEPOSIT, "100"),
            (kinds.WITHDRAWAL, "-30"),
            (kinds.TRANSFER, "5"),
            (kinds.ADJUSTMENT, "-1"),
            (kinds.FUNDING, "-0.5"),
            (kinds.INTEREST, "0.2"),
            (kinds.DIVIDEND, "2"),
            (kinds.FEE, "-0.7"),
        ]
    ):
        assert ledger.apply_event(event(kind, number, amount)) is None
    assert ledger.balance(ONE, "USDT") == D(75)
    assert ledger.capital(ONE) == {"USDT": D(74)}
    assert ledger.income() == {"USDT": D("1.7")}
    assert ledger.fees(account=ONE) == {"USDT": D("0.7")}
    assert ledger.fees(portfolio="main") == {} == ledger.income(portfolio="main")
    with pytest.raises(ValueError, match="booked already"):
        ledger.apply_event(event(kinds.DEPOSIT, 0, "100"))


def test_funding_is_shared_in_proportion_to_the_positions_and_adds_up(ledger):
    for number, (strategy, size) in enumerate([("a", "4"), ("b", "1"), ("c", "-2")]):
        ledger.apply_fill(fill(LINEAR, number, size, "100"), "main", strategy)
    ledger.apply_event(event(AccountEventKind.FUNDING, 1, "-1", what=LINEAR))
    shares = {part.strategy: part.income["USDT"] for part in ledger.attributions()}
    thirds = {"a": D(-4), "b": D(-1), "c": D(2)}
    for strategy, share in shares.items():
        assert abs(share - thirds[strategy] / 3) < D("1e-27")
    assert sum(map(Fraction, shares.values())) == -1
    assert ledger.income(account=ONE) == {"USDT": D(-1)}


def test_a_liquidation_closes_everybodys_part_and_its_amount_is_a_fee(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "300", "100"), "main", "a")
    ledger.apply_fill(fill(LINEAR, 2, "-100", "110"), "main", "b")
    posting = ledger.apply_event(
        event(
            AccountEventKind.LIQUIDATION, 1, "-3", what=LINEAR, quantity="-200", price="90"
        )
    )
    assert posting.quantity == 0
    # 300 bought for 300 USDT, 100 sold for 110, 200 sold for 180.
    assert ledger.balance(ONE, "USDT") == D(-13)
    parts = {part.strategy: part for part in ledger.attributions()}
    assert [part.position.quantity for part in parts.values()] == [0, 0]
    assert parts["a"].position.realized_pnl == D(-30)
    assert parts["b"].position.realized_pnl == D(20)
    assert ledger.fees() == {"USDT": D(3)}


def test_an_expiry_settles_an_option_at_its_price_in_cash(ledger):
    ledger.apply_fill(fill(OPTION, 1, "2", "3"), "main", "a")
    posting = ledger.apply_event(
        event(AccountEventKind.EXPIRY, 1, what=OPTION, quantity="-2", price="0")
    )
    assert (posting.realized, posting.quantity) == (D(-600), D(0))
    assert ledger.balance(ONE, "USDT") == D(-600)


def test_what_an_event_opens_is_external(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "2", "100"), "main", "a")
    posting = ledger.apply_event(
        event(AccountEventKind.ASSIGNMENT, 1, what=LINEAR, quantity="-5", price="110")
    )
    assert (posting.quantity, posting.realized) == (D(-3), D("0.2"))
    parts = {part.portfolio: part.position.quantity for part in ledger.attributions()}
    assert parts == {"main": D(0), EXTERNAL: D(-3)}


def test_a_split_changes_quantity_and_entry_and_realises_nothing(ledger):
    ledger.apply_fill(fill(SPOT, 1, "10", "300"), "main", "a")
    ledger.apply_fill(fill(SPOT, 2, "-1", "330"), "main", "b")
    before = ledger.realized()
    posting = ledger.apply_event(
        event(AccountEventKind.SPLIT, 1, what=SPOT, quantity="18", price="100")
    )
    assert (posting.quantity, posting.realized) == (D(27), D(0))
    (position,) = ledger.positions()
    assert position.entry_price == D(100)
    assert ledger.balance(ONE, "BTC") == D(27)
    assert ledger.balance(ONE, "USDT") == D(-2670)
    assert ledger.realized() == before == {"USDT": D(30)}
    parts = {part.strategy: part.position for part in ledger.attributions()}
    assert (parts["a"].quantity, parts["b"].quantity) == (D(30), D(-3))
    assert (parts["a"].entry_price, parts["b"].entry_price) == (D(100), D(110))


def test_an_event_without_margin_mode_means_the_only_position(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "2", "100", margin_mode=MarginMode.CROSS))
    ledger.apply_event(
        event(AccountEventKind.AUTO_DELEVERAGE, 1, what=LINEAR, quantity="-2", price="90")
    )
    (position,) = ledger.positions()
    assert position.quantity == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"quantity": "1", "price": "5"}, "no instrument"),
        ({"quantity": "1", "what": LINEAR}, "at no price"),
        ({"quantity": "1", "what": INVERSE, "price": "-1"}, "at -1"),
        ({"quantity": "1", "what": UNLISTED, "price": "1"}, "not listed"),
    ],
)
def test_an_event_that_cannot_be_booked_is_refused_and_changes_nothing(ledger, more, words):
    refused = event(AccountEventKind.LIQUIDATION, 1, "-5", **more)
    with pytest.raises(ValueError, match=words):
        ledger.apply_event(refused)
    assert not ledger.has_event(ONE, "v1")
    assert ledger.balances(ONE) == [] and ledger.positions() == []


def test_a_bust_after_events_replays_them_too(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "100", "100"), "main", "a")
    ledger.apply_fill(fill(LINEAR, 2, "100", "120"), "main", "b")
    ledger.apply_event(
        event(AccountEventKind.LIQUIDATION, 1, what=LINEAR, quantity="-100", price="90")
    )
    ledger.apply_fill(fill(LINEAR, 3, "100", "120", kind=FillKind.BUSTED, replaces="e2"))
    (position,) = ledger.positions()
    assert (position.quantity, position.realized_pnl) == (D(0), D(-10))
    assert ledger.balance(ONE, "USDT") == D(-10)


def test_versions_of_an_instrument_hold_from_their_time_and_keep_what_was_booked(ledger):
    ledger.apply_fill(fill(LINEAR, 1, "10", "100", venue_time_ns=50))
    later = instrument("linear", "0.02", valid_from_ns=100)
    ledger.list_instrument(later)
    assert ledger.instrument(LINEAR.id) == later
    assert ledger.instrument(LINEAR.id, 99) == LINEAR
    assert ledger.instrument(LINEAR.id, 100) == later
    ledger.apply_fill(fill(LINEAR, 2, "-5", "110", venue_time_ns=150))
    # Half of a cost of 10 against five contracts of 0.02 at 110.
    assert ledger.realized() == {"USDT": D(6)}
    replaced = instrument("linear", "0.03", valid_from_ns=100)
    ledger.list_instrument(replaced)
    assert ledger.instrument(LINEAR.id, 150) == replaced
    assert ledger.realized() == {"USDT": D(6)}


@pytest.mark.parametrize("change", ["kind", "assets"])
def test_another_instrument_under_an_old_id_is_refused(ledger, change):
    given = instrument("linear", settle="BTC" if change == "assets" else "USDT")
    if change == "kind":
        given = replace(given, kind=ContractKind.QUANTO)
    with pytest.raises(ValueError, match="give it another id"):
        ledger.list_instrument(given)
    assert ledger.instrument(LINEAR.id) == LINEAR
