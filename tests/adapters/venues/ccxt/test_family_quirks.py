"""Orders in each exchange's own words, and what an exchange cannot say refused unsent."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.exchanges import quirks_of
from crossdock.adapters.venues.ccxt.family import studied
from crossdock.adapters.venues.ccxt.terms import order_call
from crossdock.errors import NotSent
from crossdock.model import (
    Asset,
    ClientOrderId,
    Contingency,
    ContractKind,
    Instrument,
    Leg,
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TickBand,
    TimeInForce,
    instrument_id,
)
from crossdock.ports import IdCodec, NewOrder

D = Decimal
MANIFESTS = {each.id: each for each in family(Path())}
SPOT = {"id": "BTCUSDT", "symbol": "BTC/USDT", "spot": True, "type": "spot"}
LINEAR = {
    "id": "BTC-PERP",
    "symbol": "BTC/USDT:USDT",
    "spot": False,
    "swap": True,
    "contract": True,
    "linear": True,
    "inverse": False,
    "type": "swap",
}
INVERSE = {**LINEAR, "symbol": "BTC/USD:BTC", "linear": False, "inverse": True}
OPTION = {
    **LINEAR,
    "id": "BTC-261225-90000-C",
    "symbol": "BTC/USDT:USDT-261225-90000-C",
    "swap": False,
    "option": True,
    "type": "option",
}
KINDS = {
    "BTC/USDT": ContractKind.SPOT,
    "BTC/USDT:USDT": ContractKind.LINEAR,
    "BTC/USD:BTC": ContractKind.INVERSE,
    "BTC/USDT:USDT-261225-90000-C": ContractKind.OPTION,
}
END_NS = 1_798_185_600_000_000_000  # 2026-12-25T08:00:00Z
IDS = {
    IdCodec.TEXT: "cd-0123456789",
    IdCodec.UUID: "d15708c1-dbb6-465d-b77d-47258319cc90",
    IdCodec.UINT32: "4294967295",
    IdCodec.HEX128: "0x" + "a" * 32,
}


def order(venue, market, **more):
    symbol = market["symbol"]
    evidence = MANIFESTS[venue].evidence
    said = {
        "client_order_id": ClientOrderId(IDS[evidence.client_id]),
        "instrument": Instrument(
            id=instrument_id(symbol, venue),
            venue_key=market["id"],
            kind=KINDS[symbol],
            base=Asset("BTC"),
            quote=Asset("USDT"),
            settle=Asset("USDT"),
            tick_table=(TickBand(floor=D(0), tick=D("0.01")),),
            quantity_step=D("0.001"),
        ),
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": D(2),
        "limit_price": D(100),
        "deadline_ns": 0,
        **more,
    }
    if said["type"] not in (
        OrderType.LIMIT,
        OrderType.STOP_LIMIT,
        OrderType.LIMIT_IF_TOUCHED,
    ):
        said["limit_price"] = None
    return NewOrder(**said)


def call(venue, market, **more):
    return order_call(
        order(venue, market, **more),
        market,
        quirks=quirks_of(venue),
        manifest=MANIFESTS[venue],
    )


def stop(side, type_=OrderType.STOP_LIMIT, at=90):
    return {"side": side, "type": type_, "stop_price": D(at)}


BUY, SELL = Side.BUY, Side.SELL
TOUCHED = OrderType.LIMIT_IF_TOUCHED

STOP_AT_80 = (Leg(stop_price=D(80)),)

# venue, market, order -> what its params must hold
SAID = [
    ("bybit", LINEAR, stop(SELL), {"triggerPrice": "90", "triggerDirection": "descending"}),
    ("bybit", LINEAR, stop(BUY), {"triggerDirection": "ascending"}),
    ("bybit", LINEAR, stop(SELL, TOUCHED), {"triggerDirection": "ascending"}),
    ("bybit", LINEAR, stop(BUY, TOUCHED), {"triggerDirection": "descending"}),
    ("bybit", SPOT, {"margin_mode": MarginMode.CROSS}, {"isLeverage": 1}),
    ("krakenfutures", LINEAR, stop(SELL), {"stopPrice": "90", "orderType": "stp"}),
    ("krakenfutures", LINEAR, stop(SELL, TOUCHED), {"orderType": "take_profit"}),
    (
        "krakenfutures",
        LINEAR,
        {"time_in_force": TimeInForce.IOC},
        {"timeInForce": "ioc"},
    ),
    ("kucoinfutures", LINEAR, stop(SELL), {"stop": "down", "stopPrice": "90", "size": 2}),
    ("kucoinfutures", LINEAR, stop(BUY), {"stop": "up", "stopPriceType": "TP"}),
    ("kucoinfutures", LINEAR, stop(BUY, TOUCHED), {"stop": "down"}),
    (
        "kucoinfutures",
        LINEAR,
        {"position_side": PositionSide.SHORT, "margin_mode": MarginMode.ISOLATED},
        {"positionSide": "SHORT", "marginMode": "ISOLATED"},
    ),
    ("coinbaseexchange", SPOT, stop(BUY), {"triggerPrice": "90", "stop": "entry"}),
    ("coinbaseexchange", SPOT, stop(SELL), {"stop": "loss"}),
    ("coinbaseexchange", SPOT, stop(SELL, TOUCHED), {"stop": "entry"}),
    ("htx", SPOT, stop(BUY), {"triggerPrice": "90", "operator": "gte"}),
    ("htx", SPOT, stop(SELL, TOUCHED), {"operator": "gte"}),
    ("htx", SPOT, {"reduce_only": True}, {}),
    (
        "okx",
        SPOT,
        {"margin_mode": MarginMode.CROSS, "reduce_only": True},
        {"reduceOnly": True},
    ),
    ("bybit", LINEAR, {"attached": STOP_AT_80}, {"tpslMode": "Partial"}),
    ("bybit", INVERSE, {"attached": STOP_AT_80}, {"slOrderType": "Market"}),
    ("okx", SPOT, stop(SELL), {"stopLossPrice": "90", "tdMode": "cash"}),
    ("okx", SPOT, stop(SELL), {"algoClOrdId": "cd0123456789"}),
    ("okx", LINEAR, stop(SELL, TOUCHED), {"takeProfitPrice": "90"}),
    ("gemini", SPOT, stop(SELL), {"triggerPrice": "90"}),
    (
        "deribit",
        LINEAR,
        {"time_in_force": TimeInForce.DAY},
        {"time_in_force": "good_til_day"},
    ),
    ("deribit", LINEAR, {}, {"label": "cd-0123456789"}),
    ("bitfinex", SPOT, stop(SELL), {"triggerPrice": "90", "cid": 4294967295}),
    (
        "bitfinex",
        SPOT,
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS},
        {"tif": "2026-12-25 08:00:00"},
    ),
    (
        "coinbase",
        SPOT,
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS},
        {"end_time": "2026-12-25T08:00:00Z"},
    ),
    (
        "coinbase",
        SPOT,
        {"type": OrderType.MARKET},
        {
            "client_order_id": IDS[IdCodec.UUID],
            "order_configuration": {"market_market_ioc": {"base_size": "2"}},
        },
    ),
    (
        "kraken",
        SPOT,
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS},
        {"expiretm": "1798185600"},
    ),
    ("bitstamp", SPOT, {"time_in_force": TimeInForce.IOC}, {"ioc_order": "True"}),
    ("bitstamp", SPOT, {"time_in_force": TimeInForce.FOK}, {"fok_order": "True"}),
    ("bitstamp", SPOT, {"time_in_force": TimeInForce.DAY}, {"daily_order": "True"}),
    ("bitstamp", SPOT, {"post_only": True}, {"moc_order": "True"}),
    (
        "bitstamp",
        SPOT,
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS},
        {"gtd_order": "True", "expire_time": 1798185600000},
    ),
    (
        "binanceusdm",
        LINEAR,
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS},
        {"goodTillDate": 1798185600000},
    ),
    (
        "binance",
        SPOT,
        {"type": OrderType.TRAILING_STOP, "trail_percent": D("0.5"), "side": SELL},
        {"trailingPercent": "0.5", "stopLossOrTakeProfit": "stopLoss"},
    ),
]


@pytest.mark.parametrize(("venue", "market", "asked", "expected"), SAID)
def test_an_order_is_said_as_the_exchange_takes_it(venue, market, asked, expected):
    params = call(venue, market, **asked).params
    assert {name: params.get(name) for name in expected} == expected


@pytest.mark.parametrize("venue", ["bybit", "krakenfutures", "kucoinfutures"])
@pytest.mark.parametrize("type_", [OrderType.STOP_LIMIT, TOUCHED])
def test_a_stop_that_may_open_a_position_is_never_made_reduce_only(venue, type_):
    params = call(venue, LINEAR, **stop(SELL, type_)).params
    assert not {"stopLossPrice", "takeProfitPrice", "reduceOnly"} & set(params)
    closing = call(venue, LINEAR, **stop(SELL, type_), reduce_only=True).params
    assert closing["reduceOnly"] is True


@pytest.mark.parametrize("venue", ["bitstamp", "gemini", "coinbase", "kraken"])
def test_nothing_of_positions_is_said_of_spot(venue):
    params = call(venue, SPOT, reduce_only=True).params
    assert not {"reduceOnly", "hedged", "marginMode"} & set(params)


UNSPEAKABLE = [
    ("bybit", SPOT, {"attached": STOP_AT_80}),
    ("bybit", LINEAR, {"attached": (Leg(limit_price=D(120)),)}),
    ("htx", SPOT, {"type": OrderType.MARKET}),
    ("gemini", SPOT, {**stop(SELL), "time_in_force": TimeInForce.IOC}),
    ("bitstamp", SPOT, {"type": OrderType.MARKET, "time_in_force": TimeInForce.FOK}),
    ("bitstamp", SPOT, {"margin_mode": MarginMode.CROSS}),
    ("kraken", SPOT, {"margin_mode": MarginMode.CROSS}),
    ("coinbase", LINEAR, {"reduce_only": True}),
    ("binance", SPOT, {"type": OrderType.TRAILING_STOP, "trail_amount": D(1)}),
    ("binanceusdm", LINEAR, {"type": OrderType.TRAILING_STOP, "trail_amount": D(1)}),
    ("bitfinex", SPOT, {"type": OrderType.TRAILING_STOP, "trail_percent": D(1)}),
    ("deribit", LINEAR, {"type": OrderType.TRAILING_STOP, "trail_percent": D(1)}),
    ("hyperliquid", LINEAR, {"type": OrderType.MARKET}),
    ("dydx", LINEAR, {"type": OrderType.MARKET}),
    ("kucoin", SPOT, {"time_in_force": TimeInForce.GTD, "expire_time_ns": END_NS}),
    ("deribit", LINEAR, {"attached": (Leg(stop_price=D(90)),)}),
    ("binance", SPOT, {"type": OrderType.MARKET, "attached": (Leg(stop_price=D(90)),)}),
    (
        "kraken",
        SPOT,
        {"attached": (Leg(stop_price=D(90)), Leg(limit_price=D(110)))},
    ),
]


@pytest.mark.parametrize(("venue", "market", "asked"), UNSPEAKABLE)
def test_what_an_exchange_cannot_do_is_refused_before_anything_is_sent(
    venue, market, asked
):
    with pytest.raises(NotSent):
        call(venue, market, **asked)


PROFIT, LOSS = Leg(limit_price=D(120)), Leg(stop_price=D(90))
LIMITED_LOSS = Leg(stop_price=D(90), limit_price=D(89))


def test_binance_pairs_a_limit_with_a_stop_in_one_list():
    sold = call("binance", SPOT, side=SELL, contingency=Contingency.OCO, attached=(LOSS,))
    assert sold.method == "private_post_orderlist_oco"
    assert sold.params == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "2",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "100",
        "aboveClientOrderId": "cd-0123456789",
        "belowType": "STOP_LOSS",
        "belowStopPrice": "90",
    }
    bought = call(
        "binance",
        SPOT,
        contingency=Contingency.OCO,
        attached=(Leg(stop_price=D(110), limit_price=D(111)),),
    ).params
    assert bought["belowClientOrderId"] == "cd-0123456789"
    assert (bought["aboveType"], bought["aboveStopPrice"]) == ("STOP_LOSS_LIMIT", "110")


def test_binance_attaches_one_exit_or_two_to_an_entry():
    one = call("binance", SPOT, attached=(LIMITED_LOSS,))
    assert one.method == "private_post_orderlist_oto"
    assert one.params["workingClientOrderId"] == "cd-0123456789"
    assert (one.params["workingSide"], one.params["pendingSide"]) == ("BUY", "SELL")
    assert one.params["pendingType"] == "STOP_LOSS_LIMIT"
    two = call("binance", SPOT, attached=(LOSS, PROFIT))
    assert two.method == "private_post_orderlist_otoco"
    assert (two.params["pendingAboveType"], two.params["pendingAbovePrice"]) == (
        "LIMIT_MAKER",
        "120",
    )
    assert two.params["pendingBelowStopPrice"] == "90"
    short = call("binance", SPOT, side=SELL, attached=(LOSS, PROFIT)).params
    assert short["pendingAboveType"] == "STOP_LOSS"


def test_the_report_of_the_order_asked_for_is_taken_from_a_list():
    asked = order("binance", SPOT)
    ours = {"clientOrderId": "cd-0123456789", "orderId": 7}
    reply = {"orderReports": [{"clientOrderId": "other", "orderId": 6}, ours]}
    assert quirks_of("binance").placed(asked, reply) == ours
    assert quirks_of("binance").placed(asked, {"orderReports": []}) == {}


def test_kraken_closes_an_order_by_one_leg():
    assert call("kraken", SPOT, attached=(LIMITED_LOSS,)).params["close"] == {
        "ordertype": "stop-loss-limit",
        "price": "90",
        "price2": "89",
    }
    assert call("kraken", SPOT, attached=(PROFIT,)).params["close"] == {
        "ordertype": "limit",
        "price": "120",
    }


def test_bitfinex_pairs_with_a_flag():
    made = call(
        "bitfinex",
        SPOT,
        side=SELL,
        contingency=Contingency.OCO,
        attached=(LOSS,),
        post_only=True,
    )
    assert made.params["flags"] == 16384 + 4096
    assert made.params["amount"] == "-2"
    assert made.params["price_oco_stop"] == "90"
    assert quirks_of("bitfinex").placed(
        order("bitfinex", SPOT), [0, 0, 0, 0, [["id"]]]
    ) == {"result": ["id"]}


@given(st.from_regex(r"cd-[a-z0-9]{4,26}", fullmatch=True))
def test_okx_ids_come_back_as_they_were(ours):
    quirks = quirks_of("okx")
    sent = quirks.client_id(ours)
    assert sent.isalnum()
    assert len(sent) <= 32
    assert quirks.client_id_back(sent) == ours


def test_refusals_in_words_are_known_by_their_beginning():
    hyperliquid = quirks_of("hyperliquid").code_of
    words = "Insufficient margin to place order. asset=4"
    assert hyperliquid(words, words) == "Insufficient margin to place order."
    assert hyperliquid("something new", "something new") == "something new"
    bitfinex = quirks_of("bitfinex").code_of
    words = "Invalid order: not enough exchange balance for 1 BTC at 2"
    assert bitfinex("10001", words) == "Invalid order: not enough exchange balance"


def test_a_duplicate_on_binance_is_evidence_though_it_shares_a_refusals_code():
    quirks = quirks_of("binance")
    taken = quirks.code_of("-2010", "Duplicate order sent.")
    assert taken in quirks.duplicate_codes
    assert taken not in MANIFESTS["binance"].rejection_codes
    poor = quirks.code_of("-2010", "Account has insufficient balance for requested action.")
    assert poor in MANIFESTS["binance"].rejection_codes


@pytest.mark.parametrize("name", sorted(studied()))
def test_every_studied_exchange_says_a_plain_limit_order(name):
    kinds = studied()[name].order_types
    market = {
        ContractKind.SPOT: SPOT,
        ContractKind.LINEAR: LINEAR,
        ContractKind.INVERSE: INVERSE,
        ContractKind.OPTION: OPTION,
    }[next(iter(kinds))]
    made = call(name, market)
    quirks = quirks_of(name)
    ours = order(name, market).client_order_id
    assert made.params[quirks.client_id_param] == quirks.client_id(ours)


def test_an_exchange_nobody_studied_is_asked_order_by_order():
    quirks = quirks_of("bitvavo")
    assert not quirks.cancels_by_client_id
    assert quirks.open_orders_need_symbol
    assert quirks.keys["apiKey"] == "key"


def test_orders_are_left_as_they_were_handed_in():
    asked = order("okx", SPOT)
    assert replace(asked) == asked


@pytest.mark.parametrize(
    ("method", "path", "scope", "weight"),
    [
        ("POST", "sendorder", "derivatives", 10),
        ("POST", "cancelallorders", "derivatives", 25),
        ("PUT", "leveragepreferences", "derivatives", 10),
        ("GET", "leveragepreferences", "derivatives", 2),
        ("GET", "openorders", "derivatives", 2),
        ("GET", "orders/status", "derivatives", 1),
        ("GET", "fills", "derivatives", 25),
        ("GET", "orders", "history", 1),
        ("GET", "orderbook", "public", 1),
    ],
)
def test_calls_of_kraken_futures_cost_what_the_exchange_says(method, path, scope, weight):
    api = "public" if path == "orderbook" else "private"
    cost = quirks_of("krakenfutures").cost(
        method, path, api=api, is_write=method != "GET", weight=1.0
    )
    assert (cost.scope, cost.weight) == (scope, weight)
