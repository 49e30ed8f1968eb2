"""Signals from outside: sized or as they say, through every check, once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.app.desk.dealing.signals import _bounded
from crossdock.app.doors.acting.signalling import SignalOperations
from crossdock.core import records as r
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
        story = await desk.operations.trace(id="w1")
        assert "ann asks by webhook: take signal" in story[0]["words"]


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


async def test_a_market_is_known_as_a_chart_writes_it_from_when_it_is_listed(
    toy, venue, open_toy_desk
):
    ether = toy.listed(id="ETH/USDT@alpha", base="ETH")
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError):
            take(desk, symbol="ETHUSDT", quantity="0.5")
        desk.kernel.note([r.InstrumentListed(at=desk.kernel.now(), instrument=ether)])
        assert take(desk, symbol="ETHUSDT", quantity="0.5")["outcome"] == "refused"


async def test_markets_that_a_snapshot_brought_are_known(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        desk.kernel.state.listings = 0  # as after one: it counts what is listed since
        told = SignalOperations(desk).take_signal(
            **{**LONG, "symbol": "BTCUSDT", "quantity": "0.5"}
        )
        assert told["outcome"] == "ordered"


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


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({}, "write it as the desk does: BTC/USDT@alpha"),
        ({"symbols": ["BTC/USDT"]}, "write it as the desk does: BTC/USDT@alpha"),
        ({"symbols": ["ETH/USDT"]}, "write it as `crossdock status` does, like BTC/USDT"),
        ({"symbols": ["BTC/USDT@beta"]}, "write it as `crossdock status` does, like "),
        ({"symbol": "AAPL"}, "write it as `crossdock status` does, like BTC/USDT"),
    ],
)
async def test_a_ticker_that_is_none_is_refused_with_what_may_be_written_instead(
    venue, open_toy_desk, more, hint
):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError) as refused:
            take(desk, **{"symbol": "BTCUSDT.P", "quantity": "0.5", **more})
        assert refused.value.code == "unknown-symbol"
        assert refused.value.hint.startswith(hint)


# ---- within bounds -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbols", "symbol", "passes"),
    [
        (["BTC/USDT"], "BTC/USDT", True),
        (["BTC/USDT"], "BINANCE:BTCUSDT", True),
        (["BINANCE:BTCUSDT"], "BTC/USDT", True),
        (["BTC/USDT"], "BTC/USDT@alpha", True),
        (["BTC/USDT@alpha"], "BTC/USDT", True),
        (["BTC/USDT@alpha"], "BTC/USDT@alpha", True),
        (["ETH/USDT", "BTC/USDT"], "BTCUSDT", True),
        (["BTC/USDT@beta"], "BTC/USDT@alpha", False),
        (["BTC/USDT@alpha"], "BTC/USDT@beta", False),
        (["BTC/USDT@beta"], "BTC/USDT", False),
        (["ETH/USDT"], "BTC/USDT", False),
        (["ETH/USDT:USDT"], "BTC/USDT", False),
        (["BTC/USDT:USDT"], "BTC/USDT", False),
        (["ETH/USDT:USDT"], "BTC/USDT:USDT", False),
        (["USDT"], "BTC/USDT:USDT", False),
    ],
)
@pytest.mark.parametrize("quantity", [None, "0.5"])
async def test_only_the_symbols_named_are_traded_and_only_where_they_are_named(
    venue, open_toy_desk, symbols, symbol, passes, quantity
):
    async with open_toy_desk(venue) as desk:
        if passes:
            told = take(desk, symbol=symbol, symbols=symbols, quantity=quantity)
            assert told["outcome"] == "ordered"
            return
        with pytest.raises(DeskError):
            take(desk, symbol=symbol, symbols=symbols, quantity=quantity)
        assert not desk.kernel.state.orders
        assert not desk.happenings.signals


@pytest.mark.parametrize("quantity", [None, "0.5"])
@pytest.mark.parametrize(("bound", "named"), [("beta", ""), ("", "beta"), ("beta", "beta")])
async def test_a_venue_that_is_named_binds_the_router(
    toy, clock, open_toy_desk, quantity, bound, named
):
    alpha, beta = toy.Venue(clock), toy.Venue(clock, "beta", "second")
    beta.ask = "100.2"  # dearer: the router alone would go to alpha
    async with open_toy_desk(alpha, beta) as desk:
        symbols = [f"BTC/USDT@{bound}"] if bound else []
        symbol = f"BTC/USDT@{named}" if named else "BTC/USDT"
        take(desk, symbol=symbol, symbols=symbols, quantity=quantity)
        (order,) = desk.kernel.state.orders.values()
        assert order.request.account == "second"
        with pytest.raises(DeskError) as refused:
            take(desk, correlation="w2", symbol=symbol, symbols=symbols, account="main")
        assert refused.value.code == "forbidden"


async def test_the_most_binds_what_the_desk_sizes_and_what_a_signal_says(
    venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        take(desk, most_quantity="0.5")
        (order,) = desk.kernel.state.orders.values()
        assert order.request.quantity == D("0.5")
        with pytest.raises(DeskError) as refused:
            take(desk, correlation="w2", quantity="0.6", most_quantity="0.5")
        assert refused.value.code == "forbidden"
        told = take(desk, correlation="w3", most_quantity="-1")
        assert told["outcome"] == "nothing-to-do"
        assert len(desk.kernel.state.orders) == 1


_AMOUNT = st.decimals("-1000", "1000", places=3)


@given(held=_AMOUNT, target=_AMOUNT, most=st.decimals("0", "1000", places=3))
def test_a_bounded_change_opens_no_more_than_the_most_and_never_keeps_an_exit_back(
    held, target, most
):
    change = _bounded(target - held, held, most)
    after = held + change
    assert min(held, target) <= after <= max(held, target)
    opened = abs(after) if held * after < 0 else max(abs(after) - abs(held), D(0))
    assert opened <= most
    assert abs(change) <= max(most, abs(held))
    if target == 0:
        assert after == 0


@pytest.mark.parametrize("quantity", [None, "0.5"])
async def test_what_people_hold_by_hand_is_no_signals_to_trade(
    venue, open_toy_desk, quantity
):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError) as refused:
            take(desk, strategy="manual", quantity=quantity)
        assert refused.value.code == "forbidden"
        assert not desk.happenings.signals


# ---- several accounts ----------------------------------------------------------------


async def _hold(toy, clock, desk, *venues):
    for venue in venues:
        desk.dealing.place(
            toy.order(
                account=venue.account,
                instrument=f"BTC/USDT@{desk.gateways[venue.account].options.venue}",
                quantity=D(2),
                strategy="charts",
            )
        )
    for gateway in desk.gateways.values():
        await gateway.writes.settle()
    await clock.settle()
    for venue in venues:
        venue.fill("v1", "2", "99")
    await clock.settle()


FLAT = {"direction": "flat", "correlation": "out"}


@pytest.mark.parametrize("away", ["main", "second"])
async def test_flat_closes_where_it_can_and_says_where_it_could_not(
    toy, clock, open_toy_desk, away
):
    alpha, beta = toy.Venue(clock), toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        await _hold(toy, clock, desk, alpha, beta)
        gateway = desk.gateways[away]
        adapter, gateway._adapter = gateway._adapter, None  # as it goes away
        first = take(desk, **FLAT)
        gateway._adapter = adapter
        assert first["outcome"] == "ordered"
        assert [check for check, _ in first["reasons"]] == ["account-away"]
        assert away in first["reasons"][0][1]
        (closing,) = desk.kernel.state.open_orders()
        assert closing.request.account != away
        assert (closing.request.side, closing.request.quantity) == ("sell", 2)
        again = take(desk, **FLAT)
        assert again == {**first, "repeated": True}
        rest = take(desk, **{**FLAT, "correlation": "again"})
        assert rest["order"]["account"] == away


async def test_flat_tells_of_what_is_held_where_no_price_is(toy, clock, open_toy_desk):
    alpha, beta = toy.Venue(clock), toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        await _hold(toy, clock, desk, alpha, beta)
        desk.gateways["second"].ready.clear()
        told = take(desk, **FLAT)
        desk.gateways["second"].ready.set()
        assert told["outcome"] == "ordered"
        assert [check for check, _ in told["reasons"]] == ["left-open"]
        assert "second goes on holding 2" in told["words"]


@pytest.mark.parametrize("quantity", [None, "0.5"])
async def test_a_signal_that_placed_nothing_may_come_again(venue, open_toy_desk, quantity):
    async with open_toy_desk(venue) as desk:
        gateway = desk.gateways["main"]
        adapter, gateway._adapter = gateway._adapter, None
        with pytest.raises(DeskError) as refused:
            take(desk, quantity=quantity)
        assert refused.value.code == "account-away"
        gateway._adapter = adapter
        told = take(desk, quantity=quantity)
        assert (told["outcome"], told["repeated"]) == ("ordered", False)
        assert len(desk.kernel.state.orders) == 1
