"""An option is paid as it is traded; whoever wrote one keeps back what it would cost."""

from decimal import Decimal

import pytest

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec, Refused

CALL = MarketSpec(
    symbol="BTC/USDT:USDT-261225-90000-C",
    key="btc-call",
    kind=ContractKind.OPTION,
    base="BTC",
    quote="USDT",
    settle="USDT",
    ticks=((Decimal(0), Decimal("0.5")),),
    quantity_step=Decimal("0.01"),
    maker_fee=Decimal("0.001"),
    taker_fee=Decimal("0.002"),
)


@pytest.fixture
def option_pit(open_pit):
    return open_pit(CALL, balance="1000")


def trade(pit, side, quantity, price):
    """Let ann take what bob makes."""
    other = "sell" if side == "buy" else "buy"
    pit.enter("bob", other, quantity, price, symbol=CALL.symbol)
    return pit.enter("ann", side, quantity, price, symbol=CALL.symbol)


def test_the_premium_moves_as_an_option_is_bought_and_sold(option_pit):
    trade(option_pit, "buy", "2", "100")
    assert option_pit.cash("ann")["USDT"] == Decimal("799.6")  # a fee of 0.4
    assert option_pit.cash("bob")["USDT"] == Decimal("1199.8")
    trade(option_pit, "sell", "2", "130")
    assert option_pit.cash("ann")["USDT"] == Decimal("1059.08")
    [position] = option_pit.venue.positions("ann")
    assert (position.quantity, position.realized_pnl) == (0, 60)


def test_what_is_held_was_paid_and_what_was_written_is_kept_back(option_pit):
    trade(option_pit, "buy", "2", "100")
    assert "USDT" not in option_pit.held("ann")
    assert option_pit.held("bob")["USDT"] == Decimal(220)  # the premium and a tenth


def test_an_order_to_buy_sets_the_whole_premium_aside(option_pit):
    order = option_pit.enter("ann", "buy", "2", "100", symbol=CALL.symbol)
    assert option_pit.held("ann")["USDT"] == Decimal("200.4")
    option_pit.venue.cancel("ann", order_id=order.id, now_ns=2)
    assert option_pit.held("ann") == {}


@pytest.mark.parametrize("price", ["500", None], ids=["limit", "market"])
def test_more_than_there_is_cash_for_is_not_bought(option_pit, price):
    option_pit.enter("bob", "sell", "2", "500", symbol=CALL.symbol)
    with pytest.raises(Refused, match="insufficient_funds"):
        option_pit.enter("ann", "buy", "2", price, symbol=CALL.symbol)
    assert option_pit.cash("ann")["USDT"] == Decimal(1000)


def test_a_premium_is_given_back_with_its_trade(option_pit):
    trade(option_pit, "buy", "2", "100")
    [fill] = option_pit.venue.fills("ann")
    corrected = option_pit.venue.correct("ann", fill.execution_id, Decimal(90), 9)
    assert option_pit.cash("ann")["USDT"] == Decimal("819.64")
    option_pit.venue.bust("ann", corrected.execution_id, 10)
    assert option_pit.cash("ann")["USDT"] == Decimal(1000)
    assert option_pit.cash("bob")["USDT"] == Decimal(1000)
