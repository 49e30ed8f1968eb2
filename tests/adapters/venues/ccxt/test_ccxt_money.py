"""Positions, account events and money that moves, over a ccxt that is written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
import pytest_asyncio
from ccxt.base import errors as ccxt_errors

from crossdock.adapters.venues.ccxt.abilities.financing import (
    Borrows,
    MovesMoney,
    SetsLeverage,
    SetsMarginMode,
)
from crossdock.adapters.venues.ccxt.abilities.histories import ReadsEvents, ReadsFills
from crossdock.adapters.venues.ccxt.abilities.holdings import ReadsPositions
from crossdock.adapters.venues.ccxt.abilities.rates import ReadsFees, ReadsFunding
from crossdock.adapters.venues.ccxt.abilities.reference import ListsOptions
from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.exchanges.ways import EventSource, FillPaging
from crossdock.errors import BadPayload, NotSent, OutcomeUnknown
from crossdock.model import (
    AccountEventKind,
    MarginMode,
    MovementKind,
    PositionSide,
    instrument_id,
)

_D = Decimal
_SYMBOL = "BTC/USDT:USDT"
_ID = instrument_id(_SYMBOL, "binanceusdm")


class _Driver:
    """As much of ccxt as these abilities ask, with its own words for it."""

    def __init__(self):
        self.has = {
            "fetchFundingRates": True,
            "fetchTradingFees": True,
            "fetchAllGreeks": True,
        }
        self.options = {"accountsByType": {"spot": "MAIN", "swap": "UMFUTURE"}}
        self.markets = {
            _SYMBOL: {
                "symbol": _SYMBOL,
                "settle": "USDT",
                "quote": "USDT",
                "expiry": 1_700_000_000_000,
            }
        }
        self.asked = []
        self.told = {}

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.told:
            raise AttributeError(name)

        async def answer(*args, **more):
            self.asked.append((name, *args))
            told = self.told[name]
            if isinstance(told, Exception):
                raise told
            return told

        return answer

    async def close(self):
        pass


class _Everything(
    ReadsPositions,
    ReadsEvents,
    ReadsFills,
    SetsLeverage,
    SetsMarginMode,
    Borrows,
    MovesMoney,
    ReadsFunding,
    ReadsFees,
    ListsOptions,
):
    pass


@pytest_asyncio.fixture
async def money(make_context):
    from pathlib import Path

    from crossdock.adapters.venues.ccxt import family

    [manifest] = [it for it in family(Path()) if it.id == "binanceusdm"]
    async with make_context(manifest, "") as context:
        adapter = _Everything(context)
        adapter.session._driver = adapter.told = _Driver()
        adapter.quirks = Quirks()
        yield adapter


def _deadline(money) -> int:
    return money.clock.monotonic_ns() + 5_000_000_000


def _position(**more):
    return {
        "symbol": _SYMBOL,
        "side": "short",
        "contracts": "2.5",
        "entryPrice": "100.10",
        "marginMode": "isolated",
        "realizedPnl": None,
        **more,
    }


async def test_a_short_position_is_negative_and_flat_ones_are_left_out(money):
    flat = _position(contracts="0", side=None)
    money.told.told["fetch_positions"] = [_position(), flat]
    [position] = await money.positions()
    assert (position.quantity, position.entry_price) == (_D("-2.5"), _D("100.10"))
    assert position.key.position_side is PositionSide.NET
    assert position.key.margin_mode is MarginMode.ISOLATED
    assert position.key.settle == "USDT"


async def test_both_sides_of_a_hedged_account_are_told_apart(money):
    rows = [_position(hedged=True), _position(hedged=True, side="long")]
    money.told.told["fetch_positions"] = rows
    sides = {it.key.position_side: it.quantity for it in await money.positions()}
    assert sides == {PositionSide.SHORT: _D("-2.5"), PositionSide.LONG: _D("2.5")}


async def test_positions_of_another_shape_are_refused(money):
    money.told.told["fetch_positions"] = {"surprise": 1}
    with pytest.raises(BadPayload):
        await money.positions()


class _Ledger(Quirks):
    events = (
        EventSource(
            method="fetch_ledger",
            kinds={
                "funding": AccountEventKind.FUNDING,
                "transfer": AccountEventKind.TRANSFER,
            },
        ),
        EventSource(method="fetch_deposits", kind=AccountEventKind.DEPOSIT),
        EventSource(method="fetch_withdrawals", kind=AccountEventKind.WITHDRAWAL),
    )


def _row(id_, at, amount, **more):
    return {
        "id": id_,
        "timestamp": 1_700_000_000_000 + at,
        "amount": amount,
        "currency": "USDT",
        "info": {"id": id_},
        **more,
    }


async def test_account_events_of_every_list_come_in_order_and_signed(money):
    money.quirks = _Ledger()
    money.told.told = {
        "fetch_ledger": [
            _row("a", 1, "0.5", type="funding", direction="out", symbol=_SYMBOL),
            _row("b", 4, "9", type="trade", direction="in"),
            _row("c", 5, "3", type="transfer", direction="in"),
        ],
        "fetch_deposits": [
            _row("d", 2, "100", status="ok"),
            _row("e", 3, "7", status="failed"),
        ],
        "fetch_withdrawals": [
            _row("f", 6, "10", status="ok", fee={"cost": "1", "currency": "USDT"})
        ],
    }
    page = await money.account_events_after("")
    told = [(it.kind.value, it.amount) for it in page.events]
    assert told == [
        ("funding", _D("-0.5")),
        ("deposit", _D(100)),
        ("transfer", _D(3)),
        ("withdrawal", _D(-11)),
    ]
    assert page.events[0].instrument == _ID
    again = await money.account_events_after(page.cursor)
    assert (again.events, again.complete) == ((), True)
    newest = await money.account_event_cursor()
    assert newest == await money.account_event_cursor()
    assert not (await money.account_events_after(newest)).events


async def test_a_row_without_an_id_is_the_same_event_each_time(money):
    money.quirks = _Ledger()
    row = _row(None, 1, "1", type="funding", direction="in")
    money.told.told = {"fetch_ledger": [row], "fetch_deposits": [], "fetch_withdrawals": []}
    [first] = (await money.account_events_after("")).events
    [second] = (await money.account_events_after("")).events
    assert first.event_id == second.event_id != ""


class _ByTime(Quirks):
    fills = FillPaging()


class _ById(Quirks):
    fills = FillPaging(id_param="fromId")


@pytest.mark.parametrize("quirks", [_ByTime(), _ById()], ids=["by_time", "by_id"])
async def test_both_halves_of_a_trade_with_oneself_are_told(money, quirks):
    money.quirks = quirks
    halves = [
        {
            "id": "77",
            "order": order,
            "symbol": _SYMBOL,
            "side": side,
            "timestamp": 1_700_000_000_000,
            "price": "100",
            "amount": "2",
            "fee": {"cost": "0.1", "currency": "USDT"},
            "info": {},
        }
        for order, side in (("a", "buy"), ("b", "sell"))
    ]
    money.told.told = {"fetch_my_trades": halves}
    page = await money.fills_after("")
    told = {(it.venue_order_id, it.execution_id, it.side) for it in page.fills}
    assert told == {("a", "77", "buy"), ("b", "77", "sell")}
    again = await money.fills_after(page.cursor)
    assert (again.fills, again.complete) == ((), True)


async def test_ids_that_are_of_one_kind_alone_are_told_apart(money):
    money.quirks = _Ledger()
    source = EventSource(
        method="fetch_ledger",
        kinds={
            "transfer": AccountEventKind.TRANSFER,
            "rebate": AccountEventKind.ADJUSTMENT,
        },
        ids_within_kind=True,
    )
    money.quirks.events = (source,)
    rows = [_row("a", 1, "3", type=it, direction="in") for it in ("rebate", "transfer")]
    money.told.told = {"fetch_ledger": rows}
    events = (await money.account_events_after("")).events
    assert len({it.event_id for it in events}) == len(events) == 2


async def test_leverage_is_read_for_both_sides_and_set_once(money):
    money.told.told = {
        "fetch_leverage": {
            "longLeverage": "5",
            "shortLeverage": "3",
            "marginMode": "cross",
        },
        "set_leverage": {},
    }
    found = await money.leverage(_ID)
    assert (found.long, found.short, found.margin_mode) == (5, 3, MarginMode.CROSS)
    await money.set_leverage(
        _ID, _D(7), margin_mode=MarginMode.ISOLATED, deadline_ns=_deadline(money)
    )
    assert money.told.asked[-1] == ("set_leverage", 7, _SYMBOL, {"marginMode": "isolated"})


@pytest.mark.parametrize("name", ["NoChange", "MarginModeAlreadySet"])
async def test_a_margin_mode_that_is_set_already_is_set(money, name):
    money.told.told["set_margin_mode"] = getattr(ccxt_errors, name)("no need to change")
    await money.set_margin_mode(_ID, MarginMode.CROSS, deadline_ns=_deadline(money))


async def test_no_margin_mode_is_not_sent(money):
    with pytest.raises(NotSent):
        await money.set_margin_mode(_ID, MarginMode.NONE, deadline_ns=_deadline(money))


async def test_money_is_borrowed_across_or_for_one_instrument(money):
    money.told.told = {
        "borrow_cross_margin": {"id": 7, "amount": "1.5"},
        "repay_isolated_margin": {"id": None},
    }
    lent = await money.borrow("USDT", _D("1.50"), deadline_ns=_deadline(money))
    assert (lent.kind, lent.movement_id, lent.amount) == (
        MovementKind.BORROW,
        "7",
        _D("1.5"),
    )
    assert money.told.asked[-1] == ("borrow_cross_margin", "USDT", "1.5")
    back = await money.repay("USDT", _D(1), instrument=_ID, deadline_ns=_deadline(money))
    assert (back.movement_id, back.amount) == ("", 1)
    assert money.told.asked[-1] == ("repay_isolated_margin", _SYMBOL, "USDT", "1")


async def test_a_transfer_that_the_exchange_calls_failed_is_in_doubt(money):
    money.told.told["transfer"] = {"id": "1", "status": "failed"}
    with pytest.raises(OutcomeUnknown):
        await money.transfer(
            "USDT", _D(1), source="spot", destination="swap", deadline_ns=_deadline(money)
        )


async def test_transfers_go_between_own_wallets(money):
    money.told.told["transfer"] = {"id": "1", "status": "ok", "amount": "1"}
    assert money.wallets() == ("spot", "swap")
    moved = await money.transfer(
        "USDT", _D(1), source="spot", destination="swap", deadline_ns=_deadline(money)
    )
    assert moved.is_done
    with pytest.raises(NotSent):
        await money.transfer(
            "USDT", _D(1), source="spot", destination="sub:x", deadline_ns=_deadline(money)
        )


async def test_funding_and_fees_are_exact(money):
    rate = {
        "fundingRate": "0.00010000",
        "fundingTimestamp": 1_700_000_000_000,
        "interval": "8h",
        "markPrice": "0",
    }
    money.told.told = {
        "fetch_funding_rates": {_SYMBOL: rate},
        "fetch_trading_fees": {_SYMBOL: {"maker": "-0.0001", "taker": "0.0005"}},
    }
    [funding] = await money.funding_rates([_ID])
    assert (str(funding.rate), funding.interval_s) == ("0.00010000", 28_800)
    assert funding.mark_price is None
    [fees] = await money.fee_rates([_ID])
    assert (fees.maker, fees.taker) == (_D("-0.0001"), _D("0.0005"))


@pytest.mark.parametrize(("in_percent", "expected"), [(True, 0.65), (False, 65.0)])
async def test_implied_volatility_is_a_fraction(money, in_percent, expected):
    money.quirks.volatility_in_percent = in_percent
    money.told.told = {
        "fetch_option_chain": {_SYMBOL: {"impliedVolatility": "65", "bidPrice": "0.01"}},
        "fetch_all_greeks": {_SYMBOL: {"delta": "0.5"}},
    }
    [quote] = await money.option_chain("BTC")
    assert quote.mark_volatility == pytest.approx(expected)
    assert (quote.bid, quote.ask) == (_D("0.01"), None)
    assert quote.greeks is not None
    assert quote.greeks.delta == 0.5
    assert not await money.option_chain("BTC", expiry_time_ns=1)
