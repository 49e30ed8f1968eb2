"""However much reading there is to do, orders go out, and cancels before all."""

import asyncio
from contextlib import suppress
from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.errors import RateLimited
from crossdock.model import OrderStatus
from crossdock.ports import OrderRef
from crossdock.toolkit import Purpose, serving

COINS = [f"C{number:03d}" for number in range(110)]


def _markets(symbols):
    return [
        {
            "symbol": symbol,
            "ticks": [[0, Decimal("0.01")]],
            "quantity_step": Decimal("0.00001"),
            "min_quantity": Decimal("0.00001"),
            "min_notional": 5,
        }
        for symbol in symbols
    ]


WIDE = {
    "currency": "USDT",
    "markets": _markets([f"{coin}/USDT" for coin in COINS]),
    "instruments": ["C000/USDT"],  # else books take what there is in the first minute
}


async def _resting(at, symbol):
    await at.user.book(symbol, timeout_s=60)
    order = await at.user.buy(symbol, 1, limit=95)
    while order.status != OrderStatus.NEW:
        await asyncio.sleep(0.1)
    return order


async def _spend(purpose, call):
    """Call for a purpose until there is no room left for it. Returns how often it worked."""
    for count in range(10_000):
        with serving(purpose):
            try:
                await call()
            except RateLimited:
                return count
    raise AssertionError("it never ends")


def test_a_worst_case_audit_of_110_symbols_leaves_room_for_a_submit_and_a_cancel(at_face):
    """Each symbol's fills are a question of weight 20, of 6000 a minute."""
    ended = []

    async def body(at):
        at.desk.kernel.bus.subscribe(r.AttemptEnded, ended.append)
        adapter = at.gateway.adapter
        adapter.symbols.add(f"{coin}/USDT" for coin in COINS)
        first = await _resting(at, "C000/USDT")
        cursor = at.desk.kernel.state.account("binance").fill_cursor
        await _spend(Purpose.READING, lambda: adapter.fills_after(cursor))
        assert at.room("all", Purpose.READING) < 20
        second = await _resting(at, "C000/USDT")  # orders have a share of their own
        ref = OrderRef(
            instrument=at.desk.kernel.state.instruments["C000/USDT@binance"],
            client_order_id=first.view.client_order_id,
        )
        await _spend(Purpose.ORDER, lambda: adapter.order(ref))
        assert at.room("all", Purpose.ORDER) < 4
        for order in (first, second):
            order.cancel()
            await order.done(timeout_s=60)
            assert order.status == OrderStatus.CANCELED
        assert {it.outcome for it in ended} == {r.Outcome.ACCEPTED}
        assert at.refused == 0

    at_face("binance", body, **WIDE)


def test_a_desk_of_110_symbols_audits_as_often_as_its_address_may_ask(at_face):
    ended = []

    async def body(at):
        at.desk.kernel.bus.subscribe(r.AttemptEnded, ended.append)
        at.gateway.adapter.symbols.add(f"{coin}/USDT" for coin in COINS)
        for _ in range(10):
            await asyncio.sleep(60)
            order = await _resting(at, "C000/USDT")
            order.cancel()
            await order.done(timeout_s=60)
        assert {it.outcome for it in ended} == {r.Outcome.ACCEPTED}
        assert at.refused == 0
        assert at.gateway.audits >= 7, at.used()

    at_face("binance", body, **WIDE)


def test_a_refusal_of_withdrawals_by_user_holds_up_nothing_else(at_face):
    """Binance counts them apart: 18 000 of 180 000 a minute, for whoever signs with the key."""

    async def body(at):
        adapter = at.gateway.adapter
        limit = next(it for it in at.gateway.manifest.rate_limits if it.scope == "uid")
        assert limit.used_header == "X-SAPI-USED-UID-WEIGHT-1M"
        history = adapter.session.driver.sapi_get_capital_withdraw_history
        for _ in range(10):  # as another program with the same key does
            with suppress(RateLimited):
                await _elsewhere(at, history)
        cursor = at.desk.kernel.state.account("binance").event_cursor
        with pytest.raises(RateLimited):
            await adapter.account_events_after(cursor)
        order = await _resting(at, "BTC/USDT")
        order.cancel()
        await order.done(timeout_s=10)
        assert order.status == OrderStatus.CANCELED

    at_face("binance", body, currency="USDT")


async def _elsewhere(at, call):
    """Make a call that our own budget does not know of."""
    window = next(
        it for it in at.limiter._windows if it.limit.scope == "uid"
    )  # what was spent there is forgotten, the exchange's count of it is not
    await call({})
    window.spent.clear()
    window.spent_total = 0
    window.foreign = 0
