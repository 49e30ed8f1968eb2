"""Signals from outside: sized or as they say, through every check, once."""

from decimal import Decimal

import pytest

from crossdock.errors import DeskError

D = Decimal
LONG = {
    "symbol": "BTC/USDT",
    "direction": "long",
    "strategy": "charts",
    "correlation": "w1",
    "by": "ann",
    "door": "webhook",
}


@pytest.fixture
def venue(toy, clock):
    return toy.Venue(clock, maker_fee_rate=D("0.0002"))


def take(desk, **more):
    return desk.operations.table()["take_signal"](**{**LONG, **more})


async def test_a_signal_with_a_quantity_is_that_order_in_its_strategys_name(
    venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        told = take(desk, quantity="0.5", limit="99")
        assert (told["outcome"], told["repeated"]) == ("ordered", False)
        (order,) = desk.kernel.state.orders.values()
        assert told["order_ids"] == [order.order_id]
        request = order.request
        assert (request.quantity, request.limit_price) == (D("0.5"), D("99"))
        assert (request.strategy, request.correlation) == ("charts", "w1")
        assert "ann asks by webhook: take signal" in desk.trace("w1")[0]["words"]


async def test_a_signal_without_a_quantity_is_sized_and_flat_closes_what_it_made(
    venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        told = take(desk)
        assert told["outcome"] == "ordered"
        (order,) = desk.kernel.state.orders.values()
        assert order.request.quantity > 0
        assert desk.operations.table()["signals"]()[0]["correlation"] == "w1"
        again = take(desk, correlation="w2", direction="flat", strategy="nobody")
        assert again["outcome"] == "nothing-to-do"


@pytest.mark.parametrize("quantity", [None, "0.5"])
async def test_the_same_correlation_again_does_nothing(venue, open_toy_desk, quantity):
    async with open_toy_desk(venue) as desk:
        first = take(desk, quantity=quantity)
        before = desk.kernel.sequence
        second = take(desk, quantity=quantity)
        assert second["order_ids"] == first["order_ids"]
        assert second["repeated"] is True
        assert desk.kernel.sequence == before


async def test_what_risk_refuses_is_the_answer_and_stays_so(toy, venue, open_toy_desk):
    async with open_toy_desk(venue, risk=toy.RISK + "order_quantity_max = 0.1\n") as desk:
        told = take(desk, quantity="0.5")
        assert told["outcome"] == "refused"
        assert [check for check, _ in told["reasons"]] == ["order_size"]
        again = take(desk, quantity="0.5")
        assert (again["outcome"], again["repeated"]) == ("refused", True)
        assert not desk.kernel.state.orders


async def test_above_the_limit_that_asks_for_a_person_it_waits_for_one(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue, risk=toy.RISK + "approval_over = 10\n") as desk:
        told = take(desk, quantity="0.5")
        assert told["outcome"] == "needs-approval"
        assert not desk.kernel.state.orders


@pytest.mark.parametrize("written", ["BTCUSDT", "BINANCE:BTCUSDT", "btcusdt", "BTC-USDT"])
async def test_a_symbol_may_be_written_as_charts_do(venue, open_toy_desk, written):
    async with open_toy_desk(venue) as desk:
        assert take(desk, symbol=written, quantity="0.5")["outcome"] == "ordered"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"symbol": "DOGEUSDT"}, "unknown-symbol"),
        ({"direction": "up"}, "bad-argument"),
        ({"confidence": 2}, "bad-argument"),
        ({"correlation": ""}, "bad-argument"),
        ({"by": " "}, "bad-argument"),
        ({"quantity": "much"}, "bad-argument"),
        ({"account": "nobody"}, "unknown-account"),
    ],
)
async def test_a_signal_that_cannot_be_meant_is_refused(venue, open_toy_desk, wrong, code):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError) as refused:
            take(desk, **{"quantity": "0.5", **wrong})
        assert refused.value.code == code
        assert not desk.kernel.state.orders
        assert not desk.happenings.signals
