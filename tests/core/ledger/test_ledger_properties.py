"""Random books against cash-flow accounting in Fractions, which knows no average cost."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core.ledger import Ledger, LedgerState
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    AccountId,
    Asset,
    ContractKind,
    Fill,
    FillKind,
    Instrument,
    InstrumentId,
    MarginMode,
    PositionSide,
    Side,
    TickBand,
)

MARK = D("117.3")
KINDS = list(ContractKind)


def instrument(kind: ContractKind) -> Instrument:
    return Instrument(
        id=InstrumentId(f"{kind}@v"),
        venue_key=kind,
        kind=kind,
        base=Asset("BTC"),
        quote=Asset("USD"),
        settle=Asset({"inverse": "BTC", "quanto": "USDT"}.get(kind, "USD")),
        tick_table=(TickBand(floor=D(0), tick=D("0.01")),),
        quantity_step=D("0.001"),
        multiplier=D(1) if kind is ContractKind.SPOT else D("0.05"),
    )


INSTRUMENTS = {kind: instrument(kind) for kind in KINDS}


def new_ledger() -> Ledger:
    ledger = Ledger()
    for listed in INSTRUMENTS.values():
        ledger.list_instrument(listed)
    return ledger


@st.composite
def fills(draw, kinds=KINDS, most=14):
    count = draw(st.integers(1, most))
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
    made = []
    for number in range(count):
        kind = draw(st.sampled_from(chosen))
        made.append(
            Fill(
                account=AccountId(draw(st.sampled_from(["one", "two"]))),
                instrument=INSTRUMENTS[kind].id,
                venue_order_id=f"o{number // 2}",
                execution_id=f"e{number}",
                side=draw(st.sampled_from(list(Side))),
                price=D(draw(st.integers(1, 30_000))) / 100,
                quantity=D(draw(st.integers(1, 5_000))) / 1000,
                fee=D(draw(st.integers(-30, 300))) / 10_000,
                fee_asset=Asset(draw(st.sampled_from(["USD", "BTC", "BNB"]))),
                position_side=draw(st.sampled_from(list(PositionSide)))
                if kind is ContractKind.LINEAR
                else PositionSide.NET,
                margin_mode=MarginMode.NONE,
                venue_time_ns=number,
            )
        )
    return made


owners = st.lists(
    st.sampled_from([(None, None), ("main", "a"), ("main", "b"), ("side", "a")]),
    min_size=14,
    max_size=14,
)


def book(ledger, script, owned):
    for fill, (portfolio, strategy) in zip(script, owned, strict=False):
        ledger.apply_fill(fill, portfolio, strategy)


def signed(fill) -> Fraction:
    return Fraction(fill.quantity) * fill.side.sign


def money(fill, price=None) -> Fraction:
    """The signed worth of a fill, at its own price or another."""
    listed = INSTRUMENTS[ContractKind(fill.instrument.partition("@")[0])]
    size = signed(fill) * Fraction(listed.multiplier)
    price = Fraction(fill.price if price is None else price)
    return size / price if listed.kind is ContractKind.INVERSE else size * price


def close_to(left, right) -> bool:
    return abs(Fraction(left) - Fraction(right)) < Fraction(1, 10**30)


@settings(max_examples=120, deadline=None)
@given(fills(), owners)
def test_balances_plus_open_positions_equal_all_cash_that_ever_flowed(script, owned):
    ledger = new_ledger()
    book(ledger, script, owned)
    for account in ("one", "two"):
        expected = defaultdict(Fraction)
        for fill in script:
            if fill.account != account:
                continue
            listed = INSTRUMENTS[ContractKind(fill.instrument.partition("@")[0])]
            gain = money(fill, MARK) - money(fill)
            if listed.kind is ContractKind.SPOT:
                expected[listed.base] += signed(fill)
                expected[listed.quote] -= money(fill)
            elif listed.kind is ContractKind.OPTION:
                expected[listed.settle] -= money(fill)
            elif listed.kind is ContractKind.INVERSE:
                expected[listed.settle] -= gain
            else:
                expected[listed.settle] += gain
            expected[fill.fee_asset] -= Fraction(fill.fee)
        contracts = {
            InstrumentId(f"{kind}@v"): MARK
            for kind in (ContractKind.LINEAR, ContractKind.INVERSE, ContractKind.QUANTO)
        }
        held = defaultdict(Fraction)
        for balance in ledger.balances(AccountId(account)):
            held[balance.asset] += Fraction(balance.total)
        for asset, gain in ledger.unrealized(contracts, account=account).amounts.items():
            held[asset] += Fraction(gain)
        if any(fill.instrument.startswith("inverse") for fill in script):
            assert all(close_to(held[a], expected[a]) for a in {*held, *expected})
        else:
            assert {a: n for a, n in held.items() if n} == {
                a: n for a, n in expected.items() if n
            }


@settings(max_examples=120, deadline=None)
@given(fills(), owners)
def test_realized_and_entry_follow_average_cost_and_parts_add_up(script, owned):
    ledger = new_ledger()
    book(ledger, script, owned)
    quantity, entry, realized = (defaultdict(Fraction) for _ in range(3))
    for fill in script:
        key = (fill.account, fill.instrument, fill.position_side)
        listed = INSTRUMENTS[ContractKind(fill.instrument.partition("@")[0])]
        inverse = listed.kind is ContractKind.INVERSE
        # In inverse contracts one over the price is what averages.
        price = 1 / Fraction(fill.price) if inverse else Fraction(fill.price)
        held, size = quantity[key], signed(fill)
        if held * size >= 0:
            entry[key] = (held * entry[key] + size * price) / (held + size)
        else:
            closed = min(abs(held), abs(size)) * (1 if held > 0 else -1)
            gain = closed * (price - entry[key]) * Fraction(listed.multiplier)
            realized[key] += -gain if inverse else gain
            if abs(size) > abs(held):
                entry[key] = price
        quantity[key] = held + size
    for position in ledger.positions():
        key = (position.key.account, position.key.instrument, position.key.position_side)
        assert Fraction(position.quantity) == quantity.pop(key)
        assert close_to(position.realized_pnl, realized[key])
        if position.quantity:
            average = Fraction(position.entry_price)
            if position.key.instrument.startswith("inverse"):
                average = 1 / average
            assert abs(average / entry[key] - 1) < Fraction(1, 10**26)
        else:
            assert position.entry_price is None
        parts = [
            part
            for part in ledger.attributions(position.key.account, position.key.instrument)
            if part.position.key == position.key
        ]
        assert sum(part.position.quantity for part in parts) == position.quantity
    assert not quantity


@settings(max_examples=60, deadline=None)
@given(fills(), owners)
def test_total_pnl_of_the_parts_is_that_of_the_accounts(script, owned):
    ledger = new_ledger()
    book(ledger, script, owned)
    marks = {listed.id: MARK for listed in INSTRUMENTS.values()}

    def total(**whose):
        sums = defaultdict(Fraction)
        for view, sign in (
            (ledger.realized(**whose), 1),
            (ledger.unrealized(marks, **whose).amounts, 1),
            (ledger.fees(**whose), -1),
        ):
            for asset, amount in view.items():
                sums[asset] += sign * Fraction(amount)
        return sums

    whole = total()
    parts = defaultdict(Fraction)
    for portfolio in ("main", "side", "external"):
        for asset, amount in total(portfolio=portfolio).items():
            parts[asset] += amount
    assert all(close_to(whole[asset], parts[asset]) for asset in {*whole, *parts})
    exact = all(not fill.instrument.startswith("inverse") for fill in script)
    assert not exact or whole == parts


def said(ledger):
    """Everything a ledger says, but for what never moved."""
    attributions = [
        (a.portfolio, a.strategy, a.position, a.fees)
        for a in ledger.attributions()
        if a.position.quantity or a.position.realized_pnl or a.fees
    ]
    return {
        "balances": {
            (b.account, b.asset): b.total
            for account in ledger.accounts()
            for b in ledger.balances(account)
            if b.total
        },
        "positions": {p.key: p for p in ledger.positions() if p.quantity or p.realized_pnl},
        "attributions": sorted(attributions, key=repr),
        "fees": ledger.fees(),
    }


def nonzero(said_):
    said_["fees"] = {asset: fee for asset, fee in said_["fees"].items() if fee}
    return said_


@settings(max_examples=100, deadline=None)
@given(fills(), owners, st.data())
def test_a_busted_fill_leaves_the_ledger_as_if_it_had_never_happened(script, owned, data):
    busted = data.draw(st.sets(st.sampled_from(range(len(script))), min_size=1, max_size=3))
    ledger, without = new_ledger(), new_ledger()
    for index, (fill, owner) in enumerate(zip(script, owned, strict=False)):
        ledger.apply_fill(fill, *owner)
        if index not in busted:
            without.apply_fill(fill, *owner)
    for index in data.draw(st.permutations(sorted(busted))):
        fill = script[index]
        taken_back = replace(
            fill,
            execution_id=f"bust-{fill.execution_id}",
            kind=FillKind.BUSTED,
            replaces=fill.execution_id,
            quantity=D(0),
            fee=D(0),
        )
        ledger.apply_fill(taken_back)
        assert ledger.has_fill(fill.key) and ledger.has_fill(taken_back.key)
    assert nonzero(said(ledger)) == nonzero(said(without))


@settings(max_examples=80, deadline=None)
@given(fills(), owners, st.data())
def test_a_corrected_fill_counts_as_if_it_had_come_right_at_first(script, owned, data):
    index = data.draw(st.integers(0, len(script) - 1))
    right = replace(
        script[index],
        execution_id="right",
        quantity=script[index].quantity + 1,
        price=script[index].price + D("0.07"),
        side=data.draw(st.sampled_from(list(Side))),
    )
    ledger, at_first = new_ledger(), new_ledger()
    book(ledger, script, owned)
    ledger.apply_fill(
        replace(right, kind=FillKind.CORRECTED, replaces=script[index].execution_id)
    )
    book(at_first, [*script[:index], right, *script[index + 1 :]], owned)
    assert nonzero(said(ledger)) == nonzero(said(at_first))


@settings(max_examples=60, deadline=None)
@given(fills(), owners, st.data())
def test_an_inferred_fill_gives_its_place_to_the_reported_ones(script, owned, data):
    index = data.draw(st.integers(0, len(script) - 1))
    known = script[index]
    guessed = replace(known, kind=FillKind.INFERRED, execution_id="guess", fee=D(0))
    halves = [
        replace(known, quantity=known.quantity / 2, execution_id=f"half{n}", price=price)
        for n, price in enumerate((known.price, known.price + 1))
    ]
    ledger, at_first = new_ledger(), new_ledger()
    book(ledger, [*script[:index], guessed, *script[index + 1 :]], owned)
    ledger.replace_inferred(guessed.key, halves)
    assert ledger.has_fill(guessed.key)
    placed = [*script[:index], *halves, *script[index + 1 :]]
    book(at_first, placed, [*owned[: index + 1], *owned[index:], (None, None)])
    assert nonzero(said(ledger)) == nonzero(said(at_first))


@st.composite
def events(draw):
    made = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(list(AccountEventKind)))
        moves = kind in (
            AccountEventKind.LIQUIDATION,
            AccountEventKind.AUTO_DELEVERAGE,
            AccountEventKind.EXPIRY,
            AccountEventKind.ASSIGNMENT,
        )
        made.append(
            AccountEvent(
                account=AccountId("one"),
                event_id=f"event{number}",
                kind=kind,
                asset=Asset("USD"),
                amount=D(draw(st.integers(-500, 500))) / 100,
                instrument=InstrumentId("quanto@v")
                if draw(st.booleans()) or moves
                else None,
                quantity=D(draw(st.integers(-4_000, 4_000))) / 1000 if moves else D(0),
                price=D(draw(st.integers(1, 30_000))) / 100 if moves else None,
            )
        )
    return made


@settings(max_examples=80, deadline=None)
@given(fills(), owners, events(), st.data())
def test_a_ledger_read_back_from_its_state_goes_on_as_the_first(script, owned, moved, data):
    ledger = new_ledger()
    book(ledger, script, owned)
    for event in moved:
        ledger.apply_event(event)
    if data.draw(st.booleans()):
        fill = script[0]
        ledger.apply_fill(
            replace(
                fill, execution_id="b", kind=FillKind.BUSTED, replaces=fill.execution_id
            )
        )
    encoded = msgspec.json.encode(ledger.to_state())
    typed = Ledger.from_state(msgspec.json.decode(encoded, type=LedgerState))
    plain = Ledger.from_state(msgspec.json.decode(encoded))
    for back in (typed, plain):
        assert said(back) == said(ledger)
        assert msgspec.json.encode(back.to_state()) == encoded
        for fill in script:
            assert back.has_fill(fill.key)
            with pytest.raises(ValueError, match="booked already"):
                back.apply_fill(fill)
        for event in moved:
            assert back.has_event(event.account, event.event_id)
    more = replace(script[-1], execution_id="more", quantity=D("0.7"))
    fix = replace(
        more, execution_id="fix", kind=FillKind.CORRECTED, price=D(3), replaces="more"
    )
    for book_ in (ledger, typed):
        book_.apply_fill(more)
        book_.apply_fill(fix)
    assert said(typed) == said(ledger)


@settings(max_examples=80, deadline=None)
@given(fills(kinds=[ContractKind.QUANTO]), owners, events())
def test_events_move_everybodys_part_and_conserve_cash(script, owned, moved):
    ledger = new_ledger()
    book(ledger, script, owned)
    one = [fill for fill in script if fill.account == "one"]
    cash = sum((money(fill, MARK) - money(fill) for fill in one), Fraction())
    usd = sum((-Fraction(f.fee) for f in one if f.fee_asset == "USD"), Fraction())
    size = sum(signed(fill) for fill in one)
    for event in moved:
        ledger.apply_event(event)
        usd += Fraction(event.amount)
        if event.quantity:
            gained = MARK - event.price
            cash += Fraction(event.quantity) * Fraction(gained) * Fraction(1, 20)
            size += Fraction(event.quantity)
    marks = {InstrumentId("quanto@v"): MARK}
    open_now = ledger.unrealized(marks, account=AccountId("one")).amounts
    held = ledger.balance(AccountId("one"), Asset("USDT")) + open_now.get("USDT", D(0))
    assert close_to(held, cash)
    assert Fraction(ledger.balance(AccountId("one"), Asset("USD"))) == usd
    assert ledger.net_quantity(AccountId("one"), InstrumentId("quanto@v")) == size
    parts = ledger.attributions(AccountId("one"))
    assert sum(Fraction(part.position.quantity) for part in parts) == size
    booked = defaultdict(Fraction)
    for sums, sign in ((ledger.fees(account="one"), -1), (ledger.income(account="one"), 1)):
        for asset, amount in sums.items():
            booked[asset] += sign * Fraction(amount)
    booked["USD"] += sum(Fraction(n) for n in ledger.capital(AccountId("one")).values())
    assert booked["USD"] == usd
