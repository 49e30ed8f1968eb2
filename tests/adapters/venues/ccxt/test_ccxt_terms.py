"""Our orders in ccxt's unified words, and unified rows as our nouns."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.terms import order_call
from crossdock.adapters.venues.ccxt.translation import Translation
from crossdock.adapters.venues.ccxt.wire.numbers import (
    exact,
    maybe,
    plain,
    positive,
    time_ns,
)
from crossdock.errors import BadPayload, NotSent
from crossdock.model import (
    Contingency,
    Leg,
    Liquidity,
    MarginMode,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    VenueOrderId,
)

_D = Decimal
_ID = {"clientOrderId": "cd-1"}


@pytest.fixture
def translation(small):
    return Translation(small.context, Quirks())


_TERMS = {
    "limit": ({}, "limit", "10000.1", {}),
    "market": ({"type": OrderType.MARKET, "limit_price": None}, "market", None, {}),
    "stop": (
        {"type": OrderType.STOP, "limit_price": None, "stop_price": _D("9.50")},
        *("market", None, {"stopLossPrice": "9.5"}),
    ),
    "stop limit": (
        {"type": OrderType.STOP_LIMIT, "stop_price": _D(9)},
        *("limit", "10000.1", {"stopLossPrice": "9"}),
    ),
    "market if touched": (
        {"type": OrderType.MARKET_IF_TOUCHED, "limit_price": None, "stop_price": _D(9)},
        *("market", None, {"takeProfitPrice": "9"}),
    ),
    "limit if touched": (
        {"type": OrderType.LIMIT_IF_TOUCHED, "stop_price": _D(9)},
        *("limit", "10000.1", {"takeProfitPrice": "9"}),
    ),
    "trailing percent": (
        {"type": OrderType.TRAILING_STOP, "limit_price": None, "trail_percent": _D("1.50")},
        *("market", None, {"trailingPercent": "1.5"}),
    ),
    "trailing amount": (
        {"type": OrderType.TRAILING_STOP, "limit_price": None, "trail_amount": _D(20)},
        *("market", None, {"trailingAmount": "20"}),
    ),
    "ioc": ({"time_in_force": TimeInForce.IOC}, "limit", "10000.1", {"timeInForce": "IOC"}),
    "post only": ({"post_only": True}, "limit", "10000.1", {"postOnly": True}),
    "margin": (
        {"margin_mode": MarginMode.ISOLATED},
        *("limit", "10000.1", {"marginMode": "isolated"}),
    ),
    "hedge, opening": (
        {"position_side": PositionSide.LONG},
        *("limit", "10000.1", {"hedged": True}),
    ),
    "hedge, closing": (
        {"position_side": PositionSide.SHORT, "reduce_only": False},
        *("limit", "10000.1", {"hedged": True, "reduceOnly": True}),
    ),
    "bracket": (
        {
            "attached": (
                Leg(limit_price=_D(11000)),
                Leg(stop_price=_D(9000), limit_price=_D(8990)),
            )
        },
        *("limit", "10000.1"),
        {
            "takeProfit": {"triggerPrice": "11000", "price": "11000", "type": "limit"},
            "stopLoss": {"triggerPrice": "9000", "price": "8990", "type": "limit"},
        },
    ),
}


@pytest.mark.parametrize("case", _TERMS)
def test_an_order_in_unified_words(small, case):
    change, kind, price, params = _TERMS[case]
    order = small.order(client_order_id="cd-1", **change)
    call = order_call(order, {}, quirks=Quirks(), manifest=small.context.manifest)
    assert (call.type, call.price, call.params) == (kind, price, {**_ID, **params})


@pytest.mark.parametrize(
    "change",
    [
        {"time_in_force": TimeInForce.DAY},
        {"attached": (Leg(stop_price=_D(1)),), "contingency": Contingency.OCO},
    ],
    ids=["day", "a pair without a call of its own"],
)
def test_what_cannot_be_said_is_not_sent(small, change):
    with pytest.raises(NotSent):
        order_call(
            small.order(**change), {}, quirks=Quirks(), manifest=small.context.manifest
        )


def _row(**more):
    return {
        "id": "7",
        "clientOrderId": "cd-1",
        "symbol": "BTC/USDT",
        "status": "open",
        "side": "sell",
        "type": "limit",
        "amount": "2.00",
        "filled": "0",
        "price": "10000.10",
        "timestamp": 1_700_000_000_123,
        "info": {},
        **more,
    }


_STATUSES = [
    ({}, OrderStatus.NEW),
    ({"status": None}, OrderStatus.PENDING_NEW),
    ({"filled": "0.5"}, OrderStatus.PARTIALLY_FILLED),
    ({"filled": "2"}, OrderStatus.FILLED),
    ({"status": "closed", "filled": "2"}, OrderStatus.FILLED),
    ({"status": "closed", "filled": "0.5"}, OrderStatus.CANCELED),
    ({"status": "canceled", "filled": "0.5"}, OrderStatus.CANCELED),
    ({"status": "expired"}, OrderStatus.EXPIRED),
    ({"status": "rejected"}, OrderStatus.REJECTED),
    ({"status": "canceling"}, OrderStatus.NEW),
]


@pytest.mark.parametrize(("change", "status"), _STATUSES)
async def test_the_status_of_a_row(translation, change, status):
    assert translation.order(_row(**change)).status is status


_TYPES = [
    ({}, OrderType.LIMIT),
    ({"type": "market", "price": "9"}, OrderType.MARKET),
    ({"type": "limit", "stopLossPrice": "9"}, OrderType.STOP_LIMIT),
    ({"type": "market", "triggerPrice": "9"}, OrderType.STOP),
    ({"type": "stop_loss_limit", "triggerPrice": "9"}, OrderType.STOP_LIMIT),
    (
        {"type": "take_profit", "triggerPrice": "9", "price": None},
        OrderType.MARKET_IF_TOUCHED,
    ),
    ({"type": "limit", "takeProfitPrice": "9"}, OrderType.LIMIT_IF_TOUCHED),
    ({"type": "trailing_stop_market"}, OrderType.TRAILING_STOP),
    ({"type": "limit", "triggerPrice": "0"}, OrderType.LIMIT),
]


@pytest.mark.parametrize(("change", "kind"), _TYPES)
async def test_the_type_of_a_row(translation, change, kind):
    report = translation.order(_row(**change))
    assert report.type is kind
    assert (report.limit_price is None) == (kind.value in ("market", "stop")) or (
        kind in (OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP)
    )


async def test_an_order_is_read_exactly(translation):
    report = translation.order(_row(filled="0.50", average="10000.055"))
    assert (str(report.quantity), str(report.limit_price)) == ("2.00", "10000.10")
    assert report.average_price == _D("10000.055")
    assert report.venue_time_ns == 1_700_000_000_123_000_000
    assert report.side is Side.SELL


@pytest.mark.parametrize("name", ["id", "amount", "symbol", "side"])
async def test_an_order_that_lacks_what_it_must_have_is_refused(translation, name):
    with pytest.raises(BadPayload):
        translation.order(_row(**{name: None}))


async def test_an_order_that_was_read_is_known_by_its_id(translation):
    report = translation.order(_row())
    assert translation.known(VenueOrderId("7")) == report
    assert translation.known(VenueOrderId("8")) is None


async def test_a_bare_acknowledgement_is_completed_by_what_was_asked(small, translation):
    order = small.order()
    report = translation.order({"id": "7", "info": {}}, order)
    assert report.status is OrderStatus.PENDING_NEW
    assert (report.quantity, report.limit_price) == (order.quantity, order.limit_price)
    assert report.client_order_id == order.client_order_id


def _trade(**more):
    return {
        "id": "t1",
        "order": "7",
        "symbol": "BTC/USDT",
        "side": "buy",
        "price": "10000.10",
        "amount": "0.30",
        "takerOrMaker": "maker",
        "fee": {"cost": "-0.0001", "currency": "BNB"},
        "timestamp": 1_700_000_000_123,
        "info": {},
        **more,
    }


async def test_a_fill_is_read_exactly_and_is_known_to_be_ours(translation):
    translation.order(_row())
    fill = translation.fill(_trade())
    assert (str(fill.price), str(fill.quantity)) == ("10000.10", "0.30")
    assert (fill.fee, fill.fee_asset) == (_D("-0.0001"), "BNB")
    assert fill.liquidity is Liquidity.MAKER
    assert fill.client_order_id == "cd-1"


async def test_a_fill_without_fee_costs_nothing_in_what_the_market_settles(translation):
    fill = translation.fill(_trade(fee=None, symbol="BTC/USD:BTC-261225"))
    assert (fill.fee, fill.fee_asset) == (0, "BTC")


async def test_fees_of_one_asset_add_up(translation):
    fees = [{"cost": "1", "currency": "A"}, {"cost": "2", "currency": "A"}]
    assert translation.fill(_trade(fee=None, fees=fees)).fee == 3


async def test_fees_of_several_assets_are_all_told(translation):
    fees = [
        {"cost": "0", "currency": "POINT"},
        {"cost": "1", "currency": "A"},
        {"cost": "0.5", "currency": "B"},
        {"cost": "2", "currency": "A"},
        {"cost": None, "currency": "C"},
    ]
    fill = translation.fill(_trade(fee=None, fees=fees))
    assert (fill.fee, fill.fee_asset, fill.more_fees) == (3, "A", (("B", _D("0.5")),))
    assert fill.fees == (("A", _D(3)), ("B", _D("0.5")))
    assert translation.fill(_trade(fee=None, fees=fees[:1])).fee_asset == "POINT"


async def test_a_trade_without_id_gets_one_that_is_the_same_each_time(translation):
    one, two = (translation.fill(_trade(id=None)) for _ in range(2))
    assert one.execution_id == two.execution_id
    assert one.execution_id != translation.fill(_trade(id=None, price="1")).execution_id


@settings(max_examples=200)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_numbers_are_written_without_exponent_and_read_back_the_same(value):
    text = plain(value)
    assert text is not None
    assert "e" not in text.lower()
    assert _D(text) == value == exact(text)


@settings(max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_by_its_shortest_text(value):
    assert exact(value) == _D(repr(value))


@pytest.mark.parametrize("value", ["x", "nan", "inf", [], {}])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(BadPayload):
        exact(value)


def test_what_is_missing_is_none_and_zero_is_no_price():
    assert maybe(None) is maybe("") is positive("0.00") is None
    assert time_ns(None) == 0
