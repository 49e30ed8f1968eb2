"""P&L and equity in one currency, and what is said when a rate or a mark is missing."""

from decimal import Decimal as D

import pytest

from crossdock.core.ledger import Ledger, Rates
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    AccountId,
    Balance,
    ContractKind,
    Fill,
    Instrument,
    InstrumentId,
    Side,
    TickBand,
)

ONE, TWO = AccountId("one"), AccountId("two")


def instrument(kind, base="BTC", quote="USDT", settle="USDT", multiplier="1") -> Instrument:
    return Instrument(
        id=InstrumentId(f"{base}/{quote}-{kind}@v"),
        venue_key="key",
        kind=ContractKind(kind),
        base=base,
        quote=quote,
        settle=settle,
        tick_table=(TickBand(floor=D(0), tick=D("0.01")),),
        quantity_step=D("0.001"),
        multiplier=D(multiplier),
    )


SPOT = instrument("spot")
YEN = instrument("spot", "AAPL", "JPY", "JPY")
INVERSE = instrument("inverse", settle="BTC", multiplier="100")
OPTION = instrument("option", multiplier="10")


def fill(what, number, signed, price, fee="0", fee_asset="USDT", account=ONE) -> Fill:
    return Fill(
        account=account,
        instrument=what.id,
        venue_order_id="o",
        execution_id=f"e{number}",
        side=Side.BUY if D(signed) > 0 else Side.SELL,
        price=D(price),
        quantity=abs(D(signed)),
        fee=D(fee),
        fee_asset=fee_asset,
    )


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    for listed in (SPOT, YEN, INVERSE, OPTION):
        made.list_instrument(listed)
    made.set_baseline(ONE, [Balance(account=ONE, asset="USDT", total=D(10_000))])
    return made


RATES = Rates({("BTC", "USDT"): D(200), ("USD", "JPY"): D(160), ("USDT", "USD"): D(1)})


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        ("3", "BTC", "BTC", "3"),
        ("3", "BTC", "USDT", "600"),
        ("600", "USDT", "BTC", "3"),
        ("2", "BTC", "USD", "400"),
        ("320", "JPY", "USDT", "2"),
        ("0", "DOGE", "USDT", "0"),
        ("1", "BTC", "JPY", None),  # two in between are one too many
        ("1", "DOGE", "USDT", None),
    ],
)
def test_rates_convert_directly_inverted_or_through_one_asset(
    amount, source, target, expected
):
    result = RATES.convert(D(amount), source, target)
    assert result == (None if expected is None else D(expected))


def test_a_direct_rate_goes_before_an_inverse_one_and_a_path():
    rates = Rates(
        {
            ("A", "C"): D(10),
            ("C", "A"): D(1),
            ("A", "B"): D(7),
            ("B", "C"): D(7),
        }
    )
    assert rates.convert(D(1), "A", "C") == D(10)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(ValueError, match="not positive"):
        Rates({("A", "B"): D(rate)})


def test_pnl_adds_realized_unrealized_income_and_takes_fees_off(ledger):
    ledger.apply_fill(fill(SPOT, 1, "2", "100", "0.01", "BTC"), "main", "a")
    ledger.apply_fill(fill(SPOT, 2, "-1", "150", "1"), "main", "a")
    ledger.apply_event(
        AccountEvent(
            account=ONE,
            event_id="v1",
            kind=AccountEventKind.INTEREST,
            asset="BTC",
            amount=D("0.1"),
        )
    )
    pnl = ledger.pnl("USDT", RATES, {SPOT.id: D(200)}, account=ONE)
    assert (pnl.realized, pnl.unrealized, pnl.fees, pnl.income) == (50, 100, 3, 20)
    assert pnl.total == D(167) and pnl.complete
    mine = ledger.pnl("USDT", RATES, {SPOT.id: D(200)}, portfolio="main", strategy="a")
    assert (mine.total, mine.income) == (D(147), D(0))
    nobody = ledger.pnl("USDT", RATES, {}, portfolio="other")
    assert nobody.total == 0 and nobody.complete


def test_equity_gains_what_pnl_says_when_spot_is_marked_at_the_rates(ledger):
    marks = {SPOT.id: D(200), INVERSE.id: D(200), OPTION.id: D(7)}
    before = ledger.equity(ONE, "USDT", RATES, marks)
    assert before.total == D(10_000) and before.complete
    ledger.apply_fill(fill(SPOT, 1, "2", "100", "0.01", "BTC"))
    ledger.apply_fill(fill(INVERSE, 2, "8", "160", "0.1", "BTC"))
    ledger.apply_fill(fill(OPTION, 3, "3", "5", "1"))
    after = ledger.equity(ONE, "USDT", RATES, marks)
    pnl = ledger.pnl("USDT", RATES, marks)
    # Spot 200, inverse 800/160 - 800/200 = 1 BTC, option 60; fees 0.11 BTC and 1.
    assert pnl.total == D(200) + D(200) + D(60) - D(22) - D(1)
    assert after.total - before.total == pnl.total
    assert after.complete and pnl.complete


def test_what_has_no_rate_or_mark_is_named_and_never_counted_as_zero(ledger):
    ledger.apply_fill(fill(YEN, 1, "10", "3000", "5", "XYZ"))
    ledger.apply_fill(fill(INVERSE, 2, "8", "160"))
    pnl = ledger.pnl("USDT", RATES, {YEN.id: D(3016)})
    assert pnl.missing_marks == (INVERSE.id,)
    assert pnl.missing_rates == ("XYZ",)
    assert (pnl.unrealized, pnl.fees, pnl.complete) == (D(1), D(0), False)
    equity = ledger.equity(ONE, "USDT", RATES, {})
    assert set(equity.missing_rates) == {"AAPL", "XYZ"}
    assert equity.missing_marks == (INVERSE.id,)
    assert not equity.complete
    assert equity.total == D(10_000) - D(30_000) / D(160)


def test_an_option_without_a_mark_is_missing_in_equity(ledger):
    ledger.apply_fill(fill(OPTION, 1, "3", "5"))
    assert ledger.equity(ONE, "USDT", RATES, {}).missing_marks == (OPTION.id,)


def test_an_inverse_contract_cannot_be_marked_at_zero(ledger):
    ledger.apply_fill(fill(INVERSE, 1, "3", "5"))
    assert ledger.unrealized({INVERSE.id: D(0)}).missing_marks == (INVERSE.id,)


def test_accounts_are_apart_and_all_together_without_a_name(ledger):
    ledger.apply_fill(fill(SPOT, 1, "1", "100", "2"), "main", "a")
    ledger.apply_fill(fill(SPOT, 1, "-1", "100", "3", account=TWO), "main", "a")
    assert ledger.accounts() == [ONE, TWO]
    assert ledger.fees(account=ONE) == {"USDT": D(2)}
    assert ledger.fees() == ledger.fees(portfolio="main") == {"USDT": D(5)}
    assert ledger.unrealized({SPOT.id: D(130)}, account=TWO).amounts == {"USDT": D(-30)}
    assert ledger.unrealized({SPOT.id: D(130)}).amounts == {"USDT": D(0)}
    assert ledger.equity(AccountId("nobody"), "USDT", RATES, {}).total == 0


@pytest.mark.parametrize("marks", [{}, {SPOT.id: D(200), INVERSE.id: D(200)}])
@pytest.mark.parametrize(
    "traded", [(), (SPOT,), (SPOT, INVERSE), (YEN,), (OPTION,)], ids=len
)
@pytest.mark.parametrize("account", [ONE, AccountId("nobody")])
def test_worth_is_the_total_of_an_equity_that_is_complete(ledger, traded, marks, account):
    for number, instrument in enumerate(traded):
        ledger.apply_fill(fill(instrument, number, "2", "160", "0.1", "BTC"))
    equity = ledger.equity(account, "USDT", RATES, marks)
    worth = ledger.worth(account, "USDT", RATES, marks)
    assert worth == (equity.total if equity.complete else None)


def test_one_strategys_part_is_its_attribution(ledger):
    ledger.apply_fill(fill(SPOT, 1, "2", "160"), "main", "a")
    ledger.apply_fill(fill(SPOT, 2, "3", "170"), "main", "b")
    ledger.apply_fill(fill(SPOT, 3, "-3", "180"), "main", "b")
    for part in ledger.attributions(ONE, SPOT.id):
        assert ledger.part(ONE, SPOT.id, part.portfolio, part.strategy) == part.position
    assert ledger.part(ONE, SPOT.id, "main", "b").quantity == 0
    assert ledger.part(ONE, SPOT.id, "main", "c") is None
    assert ledger.part(TWO, SPOT.id, "main", "a") is None
    assert ledger.part(ONE, INVERSE.id, "main", "a") is None
