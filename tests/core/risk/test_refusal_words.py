"""However little an order is past a limit, its refusal reads as past it."""

import re
from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, lt
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.risk import Gate, LimitBook, Mark, NeedsApproval, UnderlyingExposure
from crossdock.core.steering import Steering
from crossdock.errors import RiskRefused
from crossdock.model import ZERO, OrderType

D = Decimal
SPOT = "BTC/USDT@alpha"
PERPETUAL = "BTC/USDT:USDT@alpha"
NUMBER = r"([0-9.]+)"


class Breach(NamedTuple):
    """An order of 10 at 100 that breaches a limit by `slight`; its words and their claim."""

    arrange: Callable[[Any, Decimal], object]
    words: str
    claim: Callable[..., bool]
    order: dict[str, Any] = {}


def _correlated(desk, slight):
    desk.set_limits(position_pct=D(10), correlation_max=D("0.7"))
    desk.underlyings["ETH"] = UnderlyingExposure(*[D(9000) + slight] * 2)
    desk.matrix["BTC"] = {"ETH": D(1)}


def _lost(desk, slight):
    desk.set_limits(daily_loss_pct=D(5))
    desk.facts.day_pnl = -D(5000) - slight


def _first_day(desk, slight):
    desk.set_limits(first_day_total_max=D(1500))
    desk.facts.first_day_notional = D(500) + slight


def _day_trader(desk, slight):
    desk.set_limits()
    desk.allow(day_trade_rule=True)
    desk.facts.equity, desk.facts.day_trades = D(25_000) - slight, 3


def _levered(desk, slight):
    desk.set_limits(leverage_max=D(1))
    desk.facts.gross_exposure = D(99_000) + slight


def _largest(desk, slight):
    desk.set_limits()
    most = r.FlagSet(at=1, name="max_order_size", value=D(1000) - slight, by="Ann")
    steering = Steering()
    steering.set_flag(most)
    desk._gate = Gate(LimitBook(desk.limits), desk.reservations, desk, steering=steering)


BREACHES = {
    "order value": Breach(
        lambda d, slight: d.set_limits(order_notional_max=D(1000) - slight),
        f"worth {NUMBER}, the limit is {NUMBER}",
        gt,
    ),
    "largest order": Breach(
        _largest, f"worth {NUMBER}, people set the most to {NUMBER}", gt
    ),
    "person's approval": Breach(
        lambda d, slight: d.set_limits(approval_over=D(1000) - slight),
        f"worth {NUMBER}, a person approves above {NUMBER}",
        gt,
    ),
    "daily loss": Breach(_lost, f"lost {NUMBER} today, the limit is {NUMBER}", ge),
    "position": Breach(
        lambda d, slight: d.set_limits(position_pct=D(1) - slight),
        f"worth {NUMBER} with all that is open, the limit is {NUMBER}",
        gt,
    ),
    "correlation": Breach(
        _correlated,
        f"would be {NUMBER}, and {NUMBER} of .* the limit for all is {NUMBER}",
        lambda own, others, limit: own + others > limit,
    ),
    "leverage": Breach(_levered, f"have {NUMBER} at work on {NUMBER}, the limit is 1", gt),
    "usual size": Breach(
        lambda d, slight: (
            d.set_limits(fat_finger_multiple=D(20)),
            d.averages.update({PERPETUAL: D("0.5") - slight / 20}),
        ),
        f"{NUMBER} is more than {NUMBER} times the usual {NUMBER}",
        lambda leaves, times, usual: leaves > times * usual,
    ),
    "share of equity": Breach(
        lambda d, slight: d.set_limits(fat_finger_equity_pct=D(1) - slight),
        f"one order of {NUMBER} is more than {NUMBER} ",
        gt,
    ),
    "cash": Breach(
        lambda d, slight: (
            d.set_limits(),
            d.cash.update({"USDT": D(1001) - slight}),
        ),
        f"{NUMBER} USDT needed with fees, {NUMBER} free",
        gt,
        {"name": SPOT},
    ),
    "first day's order": Breach(
        lambda d, slight: (
            d.set_limits(first_day_order_max=D(1000) - slight),
            setattr(d.facts, "first_day_notional", ZERO),
        ),
        f"worth {NUMBER}, at most {NUMBER} in one order",
        gt,
    ),
    "first day's total": Breach(
        _first_day,
        f"{NUMBER} ordered and {NUMBER} more, at most {NUMBER} on",
        lambda before, more, limit: before + more > limit,
    ),
    "day trades": Breach(_day_trader, f"with equity {NUMBER}, below {NUMBER},", lt),
    "least value": Breach(
        lambda d, slight: (
            d.set_limits(),
            d.list(PERPETUAL, min_notional=D(1000) + slight),
        ),
        f"worth {NUMBER} USDT, the venue's least is {NUMBER}",
        lt,
    ),
    "collar": Breach(
        lambda d, slight: (
            d.set_limits(price_collar_bps=D(500)),
            d.marks.update({PERPETUAL: Mark((D(100) - slight) / D("1.05"), d.now)}),
        ),
        f"is {NUMBER} bps from .*, the limit is {NUMBER}",
        gt,
    ),
    "market order's collar": Breach(
        lambda d, slight: (
            d.set_limits(price_collar_bps=D(1000) - slight),
            setattr(d, "depth", D(1)),
        ),
        f"is {NUMBER} bps from .*, the limit is {NUMBER}",
        gt,
        {"limit_price": None, "kind": OrderType.MARKET},
    ),
    "age of a price": Breach(
        lambda d, slight: (
            d.set_limits(stale_after_s=D(2)),
            d.marks.update(
                {PERPETUAL: Mark(D(100), d.now - 2_000_000_000 - int(slight * 10**9) - 1)}
            ),
        ),
        f"is {NUMBER} s old, the limit is {NUMBER} s",
        gt,
    ),
}

_SLIGHT = st.builds(D.scaleb, st.integers(1, 9).map(D), st.integers(-18, -3))


@pytest.mark.parametrize("name", BREACHES)
@settings(max_examples=25)
@given(slight=_SLIGHT)
def test_a_refusal_reads_as_the_breach_it_is(new_desk, name, slight):
    breach = BREACHES[name]
    desk = new_desk()
    breach.arrange(desk, slight)
    said = _said(desk, desk.order(**{"quantity": "10", **breach.order}))
    found = re.search(breach.words, said)
    assert found, said
    assert breach.claim(*map(D, found.groups())), said


def _said(desk, request):
    try:
        answer = desk.check(request)
    except RiskRefused as refused:
        [(_, words)] = refused.reasons
        return words
    assert isinstance(answer, NeedsApproval)
    return answer.words
