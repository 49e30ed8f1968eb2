"""The desk's symbols, by what a chart calls them."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.doors.acting.tickers import MOST_COMPARED, Tickers
from crossdock.model import ContractKind, symbol_of, venue_of


def anything(_):
    return True


def markets(toy, *names):
    return [
        toy.listed(
            id=name,
            base=name.partition("/")[0],
            settle="USDT",
            kind=ContractKind.LINEAR if ":" in name else ContractKind.SPOT,
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("BTC/USDT", ["BTC/USDT"]),
        ("BTC/USDT:USDT", ["BTC/USDT:USDT"]),
        ("ETH/USDT:USDT", ["ETH/USDT:USDT"]),
        ("eth/usdt:usdt", ["ETH/USDT:USDT"]),
        ("BYBIT:ETHUSDT", []),
        ("BYBIT:BTCUSDT", ["BTC/USDT"]),
        ("ETHUSDT:USDT", []),
        ("USDT", []),
    ],
)
def test_a_perpetual_is_not_taken_for_another_nor_for_spot(toy, symbol, expected):
    names = ("BTC/USDT@alpha", "BTC/USDT:USDT@beta", "ETH/USDT:USDT@beta")
    assert list(Tickers(markets(toy, *names)).meant(symbol)) == expected


@pytest.mark.parametrize(
    ("ticker", "expected"),
    [
        ("BTCUSDT.P", ["BTC/USDT:USDT@beta", "BTC/USDT@alpha"]),
        ("BYBIT:BTCUSDT.P", ["BTC/USDT:USDT@beta", "BTC/USDT@alpha"]),
        ("BTCUSDTPERP", ["BTC/USDT:USDT@beta", "BTC/USDT@alpha"]),
        ("BTCUSDT_SPOT", ["BTC/USDT@alpha", "BTC/USDT:USDT@beta"]),
        ("BTC", ["BTC/USDT@alpha", "BTC/USDT:USDT@beta"]),
        ("ETHUSTD", ["ETH/USDT@alpha"]),
        ("1000SHIBUSDT.P", ["1000SHIB/USDT:USDT@beta"]),
        ("AAPL", []),
        ("...", []),
        ("", []),
    ],
)
def test_what_looks_like_a_ticker_is_named_likeliest_first(toy, ticker, expected):
    tickers = Tickers(
        markets(
            toy,
            "ETH/USDT@alpha",
            "1000SHIB/USDT:USDT@beta",
            "BTC/USDT:USDT@beta",
            "BTC/USDT@alpha",
        )
    )
    assert tickers.alike(ticker, anything) == expected


# ---- any market, any ticker ----------------------------------------------------------

_NAMES = st.builds(
    "{}/{}{}@{}".format,
    st.sampled_from(["BTC", "BTCUP", "ETH", "1INCH", "B-T"]),
    st.sampled_from(["USD", "USDT", "BTC"]),
    st.sampled_from(["", ":USDT"]),
    st.sampled_from(["alpha", "beta"]),
)
_GIVEN = _NAMES | st.text("BTCUSDEH/:.@P", max_size=9)


@settings(max_examples=100)
@given(names=st.lists(_NAMES, unique=True, max_size=12), ticker=_GIVEN)
def test_what_is_meant_is_the_symbol_itself_or_all_with_its_letters(toy, names, ticker):
    symbols = {symbol_of(each) for each in names}
    plain = ticker.partition("@")[0]
    exchange, _, rest = plain.partition(":")
    letters = rest if rest is not plain and exchange.isalnum() else plain
    expected = (
        [plain]
        if plain in symbols
        else sorted(it for it in symbols if _letters(it) == _letters(letters))
    )
    assert list(Tickers(markets(toy, *names)).meant(ticker)) == expected


@settings(max_examples=100)
@given(names=st.lists(_NAMES, unique=True, max_size=12), ticker=_GIVEN)
def test_only_what_may_be_told_is_told_and_as_if_there_were_no_more(toy, names, ticker):
    listed = markets(toy, *names)
    here = [each for each in listed if venue_of(each.id) == "alpha"]
    told = Tickers(listed).alike(ticker, lambda each: each in here)
    assert told == Tickers(here).alike(ticker, anything)


def _letters(name):
    return [letter for letter in name.upper() if letter.isalnum()]


# ---- of thousands ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def thousands(toy):
    bases = map("".join, product("ABCDEFGHIJQXYZ", repeat=3))
    return Tickers(markets(toy, *(f"{base}/USDT@alpha" for base in bases)))


@pytest.mark.parametrize(
    ("ticker", "expected"),
    [
        ("QQXUSDT.P", ["QQX/USDT@alpha"]),
        ("QQX", ["QQX/USDT@alpha"]),
        ("QQXUSTD", ["QQX/USDT@alpha"]),
        ("AAAAUSTD", ["AAA/USDT@alpha"]),
        ("ZZZZUSTD", ["ZZZ/USDT@alpha"]),
    ],
)
def test_a_slip_of_the_pen_is_seen_among_thousands(thousands, ticker, expected):
    assert thousands.alike(ticker, anything) == expected


@pytest.mark.parametrize("ticker", ["QQXUSTD", "0QQXUSDT", "ZZZZZZ", "NOTHINGOFTHEKIND"])
def test_no_more_than_so_many_are_compared_however_many_are_listed(thousands, ticker):
    asked = []
    thousands.alike(ticker, asked.append)
    assert len(set(asked)) == len(asked) == MOST_COMPARED
