"""dYdX's numbers and codes, where ccxt gets them wrong. Nothing here is sent or signed."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import ccxt.pro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.exchanges.dydx import QUIRKS
from crossdock.adapters.venues.ccxt.family import studied
from crossdock.adapters.venues.ccxt.refusals import Refusals
from crossdock.adapters.venues.ccxt.wire.calls import Call
from crossdock.errors import AuthFailed, OutcomeUnknown, RateLimited, Rejected
from crossdock.toolkit import HttpReply, ManualClock, Masker

OWNER = "dydx1mtta5jmct08cycvg6ngwvf8rn0k06gkvzpcy5n"


def tuned() -> Any:
    exchange = ccxt.pro.dydx({"walletAddress": OWNER})
    exchange.crossdock = SimpleNamespace()
    QUIRKS.tune(exchange)
    exchange.amount_to_precision = exchange.price_to_precision = lambda _symbol, it: it
    return exchange


def market(resolution: int, conversion: int) -> dict[str, Any]:
    """Return a market as the indexer lists it: two of its numbers are whole ones."""
    return {
        "clobPairId": "7",
        "ticker": "CAT-USD",
        "status": "ACTIVE",
        "tickSize": "1",
        "stepSize": "1",
        "atomicResolution": resolution,
        "quantumConversionExponent": conversion,
    }


@given(
    resolution=st.integers(-12, 3),
    price_digits=st.integers(-3, 12),
    quantums=st.integers(1, 10**15),
    subticks=st.integers(1, 10**15),
)
@settings(max_examples=60, deadline=None)
def test_an_order_is_worth_what_was_asked_in_every_market(
    resolution: int, price_digits: int, quantums: int, subticks: int
) -> None:
    exchange = tuned()
    conversion = resolution + 6 - price_digits
    exchange.set_markets([exchange.parse_market(market(resolution, conversion))])
    amount = format(Decimal(quantums).scaleb(resolution), "f")
    price = format(Decimal(subticks).scaleb(-price_digits), "f")
    asked = {"latestBlockHeight": 5, "clientOrderId": 1}
    _, payload = exchange.create_order_request(
        "CAT/USDC:USDC", "limit", "buy", amount, price, asked
    )
    order = payload["value"]["order"]
    assert Decimal(order["quantums"]) == quantums
    assert Decimal(order["subticks"]) == subticks


async def test_time_is_told_in_milliseconds() -> None:
    exchange = tuned()

    async def told(_params: Any) -> Any:
        return {"iso": "2025-07-20T15:12:13.466Z", "epoch": "1753024333.466"}

    exchange.indexerGetTime = told
    assert await exchange.fetch_time() == 1_753_024_333_466


def test_an_order_ends_before_the_chain_would_refuse_it() -> None:
    exchange = tuned()
    exchange.options.update(QUIRKS.options)
    exchange.set_markets([exchange.parse_market(market(-6, -9))])
    asked = {"latestBlockHeight": 5, "clientOrderId": 1}
    before_s = exchange.seconds()
    _, payload = exchange.create_order_request(
        "CAT/USDC:USDC", "limit", "buy", "1", "1", asked
    )
    life_s = payload["value"]["order"]["goodTilBlockTime"] - before_s
    assert 90 * 86_400 < life_s < 95 * 86_400


@given(
    cash=st.decimals(0, 10**6, places=2),
    unrealized=st.lists(st.decimals(-(10**4), 10**4, places=4), max_size=3),
    held=st.decimals(0, 10**3, places=2),
)
@settings(max_examples=40, deadline=None)
def test_a_balance_is_what_was_paid_in_whatever_positions_stand_at(
    cash: Decimal, unrealized: list[Decimal], held: Decimal
) -> None:
    worth = cash + sum(unrealized)
    told = {
        "equity": str(worth),
        "freeCollateral": str(worth - held),
        "openPerpetualPositions": {
            str(number): {"unrealizedPnl": str(it)} for number, it in enumerate(unrealized)
        },
    }
    exchange = tuned()
    exchange.number = str
    row = exchange.parse_balance(told)["USDC"]
    assert Decimal(row["total"]) == cash
    assert Decimal(row["free"]) == cash - held


def outcome(space: str, code: int, log: str = "no") -> Any:
    """Return what a submit ends in whose transaction was checked with a code."""
    told = f'{{"result":{{"code":{code},"codespace":"{space}","log":"{log}"}}}}'
    reply = HttpReply(status=200, headers={}, body=told.encode())
    call = Call("dydx submit", 0, is_write=True, is_going=True, reply=reply, answer=reply)
    call.departure.departed = True
    manifest = SimpleNamespace(rejection_codes=studied()["dydx"].rejections)
    wire = SimpleNamespace(estimate_s=lambda _: 3.0, penalise=lambda *_: None)
    context = SimpleNamespace(clock=ManualClock(), masker=Masker([]), manifest=manifest)
    exchange = tuned()
    try:
        exchange.handle_errors(
            200, "", "url", "GET", {}, told, exchange.parse_json(told), {}, None
        )
    except ccxt.BaseError as error:
        return Refusals(context, QUIRKS, wire).of_write(error, call)
    return None


CODES = [
    ("", 0, None),
    ("clob", 12, Rejected),
    ("clob", 3007, Rejected),
    ("clob", 4, Rejected),
    ("sdk", 4, AuthFailed),
    ("clob", 5001, RateLimited),
    ("clob", 3005, OutcomeUnknown),
    ("clob", 24, OutcomeUnknown),
    ("sdk", 12, OutcomeUnknown),
    ("sdk", 32, OutcomeUnknown),
    ("clob", 9999, OutcomeUnknown),
]


@pytest.mark.parametrize(("space", "code", "kind"), CODES)
def test_a_code_means_what_it_does_in_its_codespace(
    space: str, code: int, kind: type[Exception] | None
) -> None:
    found = outcome(space, code)
    assert found is None if kind is None else type(found) is kind
