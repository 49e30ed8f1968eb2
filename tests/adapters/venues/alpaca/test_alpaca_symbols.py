"""Symbols and times: what is read is what was written, and names never meet."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.alpaca import stamps
from crossdock.adapters.venues.alpaca.symbols import (
    CRYPTO,
    OPTION,
    STOCK,
    Symbols,
    option_parts,
)
from crossdock.adapters.venues.alpaca.wire import WireAsset
from crossdock.errors import BadPayload

COINS = ("BTC/USD", "ETH/BTC", "LTC/USD", "USDT/USD", "SOL/USDC")


def symbols():
    made = Symbols("alpaca")
    fields = {"id": "1", "asset_class": "crypto", "status": "active", "tradable": True}
    made.learn(WireAsset(symbol=symbol, **fields) for symbol in COINS)
    return made


@pytest.mark.parametrize(
    ("symbol", "kind", "ours"),
    [
        ("AAPL", STOCK, "AAPL/USD"),
        ("BRK.B", STOCK, "BRK.B/USD"),
        ("LTC", STOCK, "LTC.US/USD"),
        ("USD", STOCK, "USD.US/USD"),
        ("SOL", STOCK, "SOL.US/USD"),
        ("LTC/USD", CRYPTO, "LTC/USD"),
        ("LTCUSD", CRYPTO, "LTC/USD"),
        ("ETHBTC", CRYPTO, "ETH/BTC"),
        ("SOLUSDC", "", "SOL/USDC"),
        ("GONEUSD", CRYPTO, "GONE/USD"),
        ("AAPL251219C00150000", OPTION, "AAPL/USD:USD-251219-150-C"),
        ("SPXW240327P04925000", "", "SPXW/USD:USD-240327-4925-P"),
        ("F251219P00012500", "", "F/USD:USD-251219-12.5-P"),
        ("AAPL1251219C00000500", "", "AAPL1/USD:USD-251219-0.5-C"),
    ],
)
def test_every_symbol_has_one_name_here(symbol, kind, ours):
    assert symbols().id_of(symbol, kind) == f"{ours}@alpaca"


@pytest.mark.parametrize("symbol", ["AAPL", "LTC", "USD", "BRK.B", "SOL"])
def test_a_stocks_name_leads_back_to_its_symbol(symbol):
    made = symbols()
    name = made.id_of(symbol, STOCK)
    assert made.venue_symbol(name) == symbol
    assert made.class_of(name) == STOCK


@pytest.mark.parametrize("symbol", COINS)
def test_a_coins_name_leads_back_to_its_symbol(symbol):
    made = symbols()
    name = made.id_of(symbol.replace("/", ""), CRYPTO)
    assert made.venue_symbol(name) == symbol
    assert made.class_of(name) == CRYPTO


@given(
    st.from_regex(r"[A-Z]{1,5}[1-9]?", fullmatch=True),
    st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    st.sampled_from("CP"),
    st.integers(1, 99_999_999),
)
@settings(max_examples=100, deadline=None)
def test_an_options_name_leads_back_to_its_symbol(root, day, right, thousandths):
    symbol = f"{root}{day:%y%m%d}{right}{thousandths:08d}"
    made = symbols()
    name = made.id_of(symbol)
    assert made.venue_symbol(name) == symbol
    assert made.class_of(name) == OPTION
    parts = option_parts(symbol)
    assert (parts.day, parts.strike) == (day.isoformat(), Decimal(thousandths) / 1000)


@given(st.sampled_from(("LTC", "BTC", "SOL", "USD", "USDT", "AAPL")))
def test_shares_are_never_the_asset_that_a_coin_is(ticker):
    made = symbols()
    coins = {pair.partition("/")[0] for pair in COINS} | {"USD"}
    assert made.share(ticker) not in coins


@pytest.mark.parametrize("symbol", ["A@B", ""])
def test_a_symbol_that_cannot_be_named_is_refused(symbol):
    with pytest.raises(BadPayload):
        symbols().id_of(symbol, CRYPTO if not symbol else STOCK)


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999_999))
@settings(max_examples=100, deadline=None)
def test_a_time_that_is_written_is_read_again(whole_s, rest_ns):
    at_ns = whole_s * 10**9 + rest_ns
    assert stamps.time_ns(stamps.text_of(at_ns)) == at_ns


@pytest.mark.parametrize(
    ("text", "at_ns"),
    [
        ("2022-03-09T09:00:00.000059Z", 1_646_816_400_000_059_000),
        ("2026-03-16T14:38:01.5-04:00", 1_773_686_281_500_000_000),
        ("2020-01-01 00:00:00Z", 1_577_836_800_000_000_000),
    ],
)
def test_times_of_every_zone_and_precision_are_exact(text, at_ns):
    assert stamps.time_ns(text) == at_ns


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(BadPayload):
        stamps.time_ns(text)


def test_a_moment_keeps_its_microseconds():
    moment = datetime(2024, 3, 11, 13, 35, 35, 133_122, tzinfo=UTC)
    assert stamps.moment_ns(moment) == 1_710_164_135_133_122_000


@pytest.mark.parametrize(("day", "clock"), [("2026-02-30", "09:30"), ("2026-02-03", "x")])
def test_a_day_that_never_was_is_refused(day, clock):
    with pytest.raises(BadPayload):
        stamps.day_time_ns(day, clock)
