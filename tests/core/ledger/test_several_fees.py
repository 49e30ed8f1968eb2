"""A trade that cost fees in several assets: each is booked, and taken back."""

from dataclasses import replace
from decimal import Decimal as D

import msgspec
import pytest

from crossdock.core.ledger import Ledger
from crossdock.core.ledger.state import LedgerState
from crossdock.model import FillKind

MORE = (("BNB", D("0.5")), ("GT", D("-0.25")))


@pytest.fixture
def ledger(make) -> Ledger:
    made = Ledger()
    made.list_instrument(make.instrument)
    return made


def held(ledger):
    return {it.asset: it.total for it in ledger.balances("main") if it.total}


def test_every_fee_leaves_its_own_balance_and_is_the_portfolios(make, ledger):
    ledger.apply_fill(make.fill(more_fees=MORE), "main", "a")
    balances = held(ledger)
    assert (balances["BNB"], balances["GT"]) == (D("-0.5"), D("0.25"))
    [part] = ledger.attributions()
    assert part.fees == {"USDT": D("0.1"), "BNB": D("0.5"), "GT": D("-0.25")}


@pytest.mark.parametrize("kind", [FillKind.CORRECTED, FillKind.BUSTED])
def test_fees_are_taken_back_with_their_fill(make, ledger, kind):
    ledger.apply_fill(make.fill(more_fees=MORE), "main", "a")
    quantity = "0" if kind is FillKind.BUSTED else "1"
    again = make.fill("e2", quantity, kind=kind, replaces="e1", fee=D(0))
    ledger.apply_fill(again)
    balances = held(ledger)
    assert "BNB" not in balances and "GT" not in balances


def test_every_fee_outlives_a_snapshot(make, ledger):
    ledger.apply_fill(make.fill(more_fees=MORE), "main", "a")
    kept = msgspec.json.encode(ledger.to_state())
    back = Ledger.from_state(msgspec.json.decode(kept, type=LedgerState))
    assert held(back) == held(ledger)
    assert back.attributions() == ledger.attributions()
    assert msgspec.json.encode(back.to_state()) == kept


def test_an_order_tells_every_fee_of_its_fills(make):
    order = make.known_order().orders["o1"]
    first = make.fill("e1", "2", more_fees=MORE)
    order.fill(first)
    order.fill(make.fill("e2", "1", more_fees=MORE[:1]))
    assert order.fees == {"USDT": D("0.2"), "BNB": D(1), "GT": D("-0.25")}
    order.unfee(first.fees)
    assert order.fees == {"USDT": D("0.1"), "BNB": D("0.5"), "GT": 0}


def test_a_fee_that_is_no_number_is_refused(make, ledger):
    odd = make.fill(more_fees=(("BNB", D("NaN")),))
    with pytest.raises(ValueError, match="not numbers"):
        ledger.apply_fill(odd)
    assert not held(ledger)


def test_a_fill_tells_its_fees_that_are_not_zero(make):
    fill = make.fill(more_fees=MORE)
    assert fill.fees == (("USDT", D("0.1")), *MORE)
    assert replace(fill, fee=D(0)).fees == MORE
    assert make.fill(fee=D(0)).fees == ()
