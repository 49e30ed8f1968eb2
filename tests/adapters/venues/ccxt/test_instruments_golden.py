"""Units, multipliers and steps of every kind of market, against values worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.instruments import (
    MarketRefused,
    instrument_of,
    instruments_of,
)
from crossdock.model import ContractKind, OptionRight, OrderType

D = Decimal


def market(symbol, sort="spot", **more):
    base, _, rest = symbol.partition("/")
    quote, _, settle = rest.partition(":")
    settle = settle.partition("-")[0]
    is_spot = sort == "spot"
    return {
        "id": symbol.replace("/", ""),
        "symbol": symbol,
        "type": sort,
        "base": base,
        "quote": quote,
        "settle": settle or None,
        "settleId": settle or None,
        "spot": is_spot,
        "active": True,
        "linear": None if is_spot else settle == quote,
        "inverse": None if is_spot else settle == base,
        "contractSize": None if is_spot else "1",
        "precision": {"price": "0.01", "amount": "0.001"},
        "limits": {"amount": {}, "cost": {}},
        **more,
    }


def perpetual(symbol, size, **more):
    return market(symbol, "swap", contractSize=size, **more)


# (venue, market, kind, multiplier, quantity, price, money in settle)
GOLDEN = {
    "spot BTC": (
        "binance",
        market("BTC/USDT"),
        *(ContractKind.SPOT, "1", "0.5", "60000", "30000"),
    ),
    "a spot market's contract size means nothing": (
        "deribit",
        market("BTC/USDT", contractSize="0.0001"),
        *(ContractKind.SPOT, "1", "0.5", "60000", "30000"),
    ),
    "linear perpetual in coins": (
        "binanceusdm",
        perpetual("BTC/USDT:USDT", "1"),
        *(ContractKind.LINEAR, "1", "0.5", "60000", "30000"),
    ),
    "linear perpetual in contracts of a hundredth": (
        "okx",
        perpetual("BTC/USDT:USDT", "0.01"),
        *(ContractKind.LINEAR, "0.01", "3", "60000", "1800"),
    ),
    "linear perpetual in contracts of a thousand": (
        "okx",
        perpetual("DOGE/USDT:USDT", "1000"),
        *(ContractKind.LINEAR, "1000", "2", "0.25", "500"),
    ),
    "linear perpetual whose size ccxt leaves out": (
        "bitstamp",
        perpetual("BTC/USD:USD", None, info={"contract_size": "1.00000000"}),
        *(ContractKind.LINEAR, "1", "0.5", "60000", "30000"),
    ),
    "inverse perpetual of a hundred dollars": (
        "binancecoinm",
        perpetual("BTC/USD:BTC", "100"),
        *(ContractKind.INVERSE, "100", "6", "60000", "0.01"),
    ),
    "inverse perpetual of one dollar": (
        "krakenfutures",
        perpetual("BTC/USD:BTC", "1"),
        *(ContractKind.INVERSE, "1", "600", "60000", "0.01"),
    ),
    "inverse perpetual whose amounts are dollars": (
        "deribit",
        perpetual("BTC/USD:BTC", "10"),
        *(ContractKind.INVERSE, "1", "600", "60000", "0.01"),
    ),
    "linear perpetual whose amounts are coins": (
        "deribit",
        perpetual("BTC/USDC:USDC", "0.001"),
        *(ContractKind.LINEAR, "1", "0.5", "60000", "30000"),
    ),
    "inverse perpetual told in satoshi": (
        "bitmex",
        perpetual("BTC/USD:BTC", "100000000", settleId="XBt"),
        *(ContractKind.INVERSE, "1", "600", "60000", "0.01"),
    ),
    "quanto perpetual told in satoshi": (
        "bitmex",
        perpetual("ETH/USD:BTC", "100", settleId="XBt", linear=False),
        *(ContractKind.QUANTO, "0.000001", "10", "3000", "0.03"),
    ),
    "quanto perpetual": (
        "unheard-of",
        perpetual("ETH/USD:BTC", "0.000001", linear=False, quanto=True),
        *(ContractKind.QUANTO, "0.000001", "10", "3000", "0.03"),
    ),
    "linear in dollars that settles in a stablecoin": (
        "hyperliquid",
        perpetual("XYZ/USDC:USDH", "1", linear=True, inverse=False),
        *(ContractKind.QUANTO, "1", "10", "200", "2000"),
    ),
    "dated linear future": (
        "okx",
        market("BTC/USDT:USDT-261225", "future", contractSize="0.01", expiry=1798185600000),
        *(ContractKind.LINEAR, "0.01", "3", "60000", "1800"),
    ),
    "dated inverse future": (
        "htx",
        market("BTC/USD:BTC-261225", "future", contractSize="100", expiry=1798185600000),
        *(ContractKind.INVERSE, "100", "6", "60000", "0.01"),
    ),
    "option with its premium in the base": (
        "okx",
        market(
            "BTC/USD:BTC-261225-60000-P",
            "option",
            contractSize="0.01",
            expiry=1798185600000,
            strike="60000",
            optionType="put",
        ),
        *(ContractKind.OPTION, "0.01", "10", "0.05", "0.005"),
    ),
    "1000SHIB is priced by the thousand": (
        "binanceusdm",
        perpetual("1000SHIB/USDT:USDT", "1"),
        *(ContractKind.LINEAR, "1", "500", "0.012", "6"),
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_quantity_is_worth_what_the_exchange_says(name):
    venue, told, kind, multiplier, quantity, price, worth = GOLDEN[name]
    made = instrument_of(told, venue=venue)
    assert made.kind is kind
    assert made.multiplier == D(multiplier)
    assert made.notional(D(quantity), D(price)) == D(worth)
    assert made.id == f"{told['symbol']}@{venue}"
    assert made.venue_key == told["id"]


def test_an_option_tells_strike_right_and_end():
    made = instrument_of(GOLDEN["option with its premium in the base"][1], venue="okx")
    assert (made.strike, made.right) == (D("60000"), OptionRight.PUT)
    assert made.expiry_time_ns == made.valid_until_ns == 1798185600000 * 10**6


def test_a_perpetual_does_not_end_though_its_entry_names_the_year_3000():
    told = perpetual("BTC/USD:BTC", "10", expiry=32503708800000)
    assert instrument_of(told, venue="deribit").expiry_time_ns is None


def test_what_one_unit_is_made_of_is_told():
    tags = {
        base: instrument_of(perpetual(f"{base}/USDT:USDT", "1"), venue="okx").tags
        for base in ("1000SHIB", "1000000MOG", "kPEPE", "BTC", "1INCH")
    }
    assert tags == {
        "1000SHIB": ("unit:1000 SHIB",),
        "1000000MOG": ("unit:1000000 MOG",),
        "kPEPE": ("unit:1000 PEPE",),
        "BTC": (),
        "1INCH": (),
    }


# venue, precision, price -> step
STEPS = [
    ("binance", {"price": "0.01", "amount": "1"}, {"1": "0.01", "99999": "0.01"}),
    ("binance", {"price": 1e-05, "amount": 1}, {"1": "0.00001"}),
    (
        "bitfinex",
        {"price": 5, "amount": 8},
        {
            "0.00012345": "0.00000001",
            "1.2345": "0.0001",
            "123.45": "0.01",
            "1234.5": "0.1",
            "12345": "1",
            "123450": "10",
        },
    ),
    (
        "hyperliquid",  # 2 = szDecimals: at most four places, and whole prices always
        {"price": "0.01", "amount": "0.01"},
        {"0.5": "0.0001", "12.345": "0.001", "1234.5": "0.1", "123456": "1"},
    ),
]


@pytest.mark.parametrize(("venue", "precision", "steps"), STEPS)
def test_the_step_of_prices_is_the_exchanges_at_every_price(venue, precision, steps):
    made = instrument_of(perpetual("A/USDT:USDT", "1", precision=precision), venue=venue)
    assert {price: made.tick_at(D(price)) for price in steps} == {
        price: D(step) for price, step in steps.items()
    }
    for price in steps:
        assert made.price(price) == D(price)


@given(
    digits=st.integers(1, 99999),
    power=st.integers(-4, 6),
)
def test_every_price_of_five_digits_fits_bitfinex_and_a_sixth_does_not(digits, power):
    made = instrument_of(
        market("BTC/USD", precision={"price": 5, "amount": 8}), venue="bitfinex"
    )
    price = D(digits).scaleb(power - 4)
    assert made.price(price) == price
    if digits >= 10000 and power >= 0:
        with pytest.raises(ValueError, match="does not fit"):
            made.price(price + D(1).scaleb(power - 5))


@given(st.decimals(min_value="0.00000001", max_value="1000000", places=8))
def test_steps_and_bounds_are_exact_whether_told_as_text_or_as_json_numbers(step):
    step = step.normalize()
    for told in (str(step), float(step)):
        made = instrument_of(
            market(
                "BTC/USDT",
                precision={"price": told, "amount": told},
                limits={"amount": {"min": told}, "cost": {"min": told}},
            ),
            venue="binance",
        )
        assert made.quantity_step == made.min_quantity == made.min_notional == step
        assert made.tick_table[0].tick == step


REFUSED = {
    "a type nobody knows": (market("A/B", type="prediction"), "its type is"),
    "no type": (market("A/B", type=None), "its type is"),
    "no base": (market("A/B", base=None), "its base"),
    "no id": (market("A/B", id=""), "its id"),
    "no step of prices": (market("A/B", precision={"amount": "1"}), "step of prices"),
    "no step of quantities": (market("A/B", precision={"price": "1"}), "quantities"),
    "a step of zero": (market("A/B", precision={"price": "0", "amount": "1"}), "positive"),
    "a step below zero": (
        market("A/B", precision={"price": "-1", "amount": "1"}),
        "positive",
    ),
    "a step that is not finite": (
        market("A/B", precision={"price": "NaN", "amount": "1"}),
        "finite",
    ),
    "a step that is a word": (
        market("A/B", precision={"price": "many", "amount": "1"}),
        "no number",
    ),
    "a step that is true": (
        market("A/B", precision={"price": True, "amount": "1"}),
        "no number",
    ),
    "precision of another shape": (market("A/B", precision=[1, 2]), "should be"),
    "bounds the wrong way round": (
        market("A/B", limits={"amount": {"min": "5", "max": "1"}}),
        "below its least",
    ),
    "a contract without a size": (perpetual("A/B:B", None), "contractSize"),
    "a contract of nothing": (perpetual("A/B:B", "0"), "not positive"),
    "linear and inverse": (perpetual("A/B:B", "1", inverse=True), "both"),
    "linear that settles in its base": (
        perpetual("A/B:A", "1", linear=True, inverse=False),
        "settles in its base",
    ),
    "inverse that settles in its quote": (
        perpetual("A/B:B", "1", linear=False, inverse=True),
        "settles in its quote",
    ),
    "inverse that settles elsewhere": (
        perpetual("A/B:C", "1", linear=False, inverse=True),
        "settles in C",
    ),
    "a contract that settles nowhere": (perpetual("A/B:B", "1", settle=None), "settle"),
    "a contract of a thing in itself": (perpetual("A/A:A", "1"), "both A"),
    "a future without its end": (market("A/B:B-261225", "future"), "expires"),
    "an option without its end": (market("A/B:B-261225-1-C", "option"), "expires"),
    "an option without a strike": (
        market("A/B:B-261225-1-C", "option", expiry=1, optionType="call"),
        "strike",
    ),
    "an option of neither right": (
        market("A/B:B-261225-1-C", "option", expiry=1, strike="1", optionType="both"),
        "neither call nor put",
    ),
    "a symbol with an at sign": (market("A@X/B"), "one @"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_unknown_shape_is_refused_with_its_reason(name):
    told, reason = REFUSED[name]
    with pytest.raises(ValueError, match=reason):
        instrument_of(told, venue="okx")
    made, refusals = instruments_of([told], venue="okx")
    assert not made
    assert reason in refusals[0].reason


def test_a_symbol_two_markets_claim_names_neither():
    made, refusals = instruments_of(
        [
            market("A/B", id="one"),
            market("C/D"),
            market("A/B", id="two"),
        ],
        venue="okx",
    )
    assert [it.venue_key for it in made] == ["CD"]
    assert [it.symbol for it in refusals] == ["A/B", "A/B"]
    assert {it.reason for it in refusals} == {"2 different markets have this symbol"}


def test_a_market_that_is_listed_twice_is_taken_once_and_told():
    made, refusals = instruments_of([market("A/B"), market("A/B")], venue="okx")
    assert len(made) == 1
    assert "listed twice" in refusals[0].reason


def test_what_is_listed_and_closed_takes_no_orders():
    trading = {
        active: instrument_of(market("A/B", active=active), venue="okx").is_trading
        for active in (True, None, False)
    }
    assert trading == {True: True, None: True, False: False}


def test_order_types_are_those_of_the_kind_of_market():
    spot = instrument_of(market("BTC/USDT"), venue="htx")
    assert OrderType.STOP not in spot.order_types
    assert OrderType.STOP_LIMIT in spot.order_types
    option = instrument_of(GOLDEN["option with its premium in the base"][1], venue="okx")
    assert option.order_types == (OrderType.LIMIT,)
    assert instrument_of(market("A/B"), venue="nowhere").order_types is None


def test_the_margin_an_exchange_states_is_the_highest_of_its_steps():
    info = {"marginLevels": [{"initialMargin": "0.02"}, {"initialMargin": "0.5"}]}
    told = perpetual("BTC/USD:USD", "1", info=info)
    assert instrument_of(told, venue="krakenfutures").margin_rate == D("0.5")
    assert instrument_of(told, venue="okx").margin_rate is None


def test_a_refusal_is_a_value_error():
    assert issubclass(MarketRefused, ValueError)


WHOLE = perpetual(
    "BTC/USD:BTC",
    "100",
    limits={"amount": {"min": "1", "max": "10"}, "cost": {"min": "5"}},
    info={"marginLevels": [{"initialMargin": "0.02"}], "contract_size": "1"},
    created="1700000000000",
    maker="0.0002",
    taker="0.0005",
)
ODD = st.sampled_from(
    [
        None,
        "",
        "?",
        0,
        -1,
        "1e99",
        "-5",
        "NaN",
        "Infinity",
        True,
        [],
        {},
        [1],
        {"a": 1},
        1.5,
    ]
)


@given(
    venue=st.sampled_from(["okx", "bitfinex", "hyperliquid", "krakenfutures", "dydx"]),
    name=st.sampled_from(sorted(WHOLE)),
    part=st.sampled_from(["", "price", "amount", "min", "cost"]),
    odd=ODD,
)
def test_no_market_however_broken_ends_in_anything_but_one_of_the_two_lists(
    venue, name, part, odd
):
    broken = dict(WHOLE)
    if part and isinstance(broken[name], dict):
        broken[name] = {**broken[name], part: odd}
    else:
        broken[name] = odd
    made, refused = instruments_of([broken], venue=venue)
    assert len(made) + len(refused) == 1
    assert all(it.reason for it in refused)
