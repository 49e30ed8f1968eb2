"""What each part of a position would make at its mark, by the contract's size and kind."""

from decimal import Decimal as D

import pytest

from crossdock.core.ledger import Ledger
from crossdock.model import (
    AccountId,
    ContractKind,
    Fill,
    Instrument,
    InstrumentId,
    PortfolioId,
    Side,
    StrategyId,
    TickBand,
)

ONE = AccountId("one")


def contract(symbol, kind, multiplier="1", settle="USDT"):
    base, _, rest = symbol.partition("/")
    return Instrument(
        id=InstrumentId(f"{symbol}@v"),
        venue_key=symbol,
        kind=ContractKind(kind),
        base=base,
        quote=rest.partition(":")[0],
        settle=settle,
        tick_table=(TickBand(floor=D(0), tick=D("0.0000001")),),
        quantity_step=D("0.0001"),
        multiplier=D(multiplier),
    )


SPOT = contract("BTC/USDT", "spot")
LINEAR = contract("BTC/USDT:USDT", "linear", "0.01")
INVERSE = contract("BTC/USD:BTC", "inverse", "100", settle="BTC")
THOUSAND = contract("1000SHIB/USDT:USDT", "linear")
OPTION = contract("BTC/USDT:USDT-C", "option", "10")


def held(*fills):
    ledger = Ledger()
    for number, (instrument, quantity, price, *owner) in enumerate(fills):
        ledger.list_instrument(instrument)
        portfolio, strategy = owner or ("main", "manual")
        made = Fill(
            account=ONE,
            instrument=instrument.id,
            venue_order_id="o",
            execution_id=f"e{number}",
            side=Side.BUY if D(quantity) > 0 else Side.SELL,
            price=D(price),
            quantity=abs(D(quantity)),
            fee=D(0),
            fee_asset="USDT",
        )
        ledger.apply_fill(made, PortfolioId(portfolio), StrategyId(strategy))
    return ledger


@pytest.mark.parametrize(
    ("instrument", "quantity", "entry", "mark", "expected"),
    [
        (SPOT, "0.5", "60000", "61000", "500"),
        # 25 contracts of 0.01 BTC are 0.25 BTC
        (LINEAR, "25", "60000", "61000", "250"),
        (LINEAR, "-25", "60000", "61000", "-250"),
        # 600 x 100 USD: 1 BTC at 60,000, 0.75 BTC at 80,000; the long gains the rest
        (INVERSE, "600", "60000", "80000", "0.25"),
        (INVERSE, "-600", "60000", "80000", "-0.25"),
        # priced by the thousand, and so is the quantity: nothing more to multiply by
        (THOUSAND, "500", "0.012", "0.0125", "0.25"),
        (OPTION, "2", "5", "7.5", "50"),
    ],
)
def test_a_part_is_valued_by_its_contract(instrument, quantity, entry, mark, expected):
    ledger = held((instrument, quantity, entry))
    [(part, unrealized)] = ledger.valued(ONE, {instrument.id: D(mark)})
    assert (part.position.quantity, unrealized) == (D(quantity), D(expected))


def test_each_owner_has_its_own_and_together_they_have_the_accounts():
    ledger = held((LINEAR, "25", "60000"), (LINEAR, "-10", "62000", "main", "trend"))
    marks = {LINEAR.id: D(61000)}
    parts = {part.strategy: gain for part, gain in ledger.valued(ONE, marks)}
    assert parts == {"manual": D(250), "trend": D(100)}
    assert [part for part, _ in ledger.valued(ONE, marks)] == ledger.attributions(ONE)
    realized = sum(part.position.realized_pnl for part, _ in ledger.valued(ONE, marks))
    account = ledger.realized(account=ONE)["USDT"] + sum(
        ledger.unrealized(marks, account=ONE).amounts.values()
    )
    assert realized + sum(parts.values()) == account


@pytest.mark.parametrize(
    ("instrument", "marks"), [(LINEAR, {}), (INVERSE, {}), (INVERSE, {INVERSE.id: D(0)})]
)
def test_without_a_price_nobody_says_what_it_would_make(instrument, marks):
    ledger = held((instrument, "25", "60000"))
    [(_, unrealized)] = ledger.valued(ONE, marks)
    assert unrealized is None


def test_what_is_closed_would_make_nothing_whatever_the_price():
    ledger = held((LINEAR, "25", "60000"), (LINEAR, "-25", "61000"))
    [(part, unrealized)] = ledger.valued(ONE, {})
    assert (part.position.realized_pnl, unrealized) == (D(250), D(0))
