"""What a file's name says: `binance_btcusdt_day_2020.csv` is BTC/USDT of binance, daily."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

_FIAT: tuple[str, ...] = (
    *("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "INR", "SEK", "NOK"),
    *(
        "DKK",
        "PLN",
        "TRY",
        "ZAR",
        "MXN",
        "SGD",
        "HKD",
        "KRW",
        "BRL",
        "UAH",
        "CZK",
        "HUF",
    ),
)
_STABLE = ("USDT", "USDC", "BUSD", "TUSD", "FDUSD", "USDP", "DAI")
_TELLING = ("USD", "GBP", "JPY", "BTC")
_COINS = ("BTC", "ETH", "BNB", "XBT", "SOL")
QUOTES = (*_STABLE, *_COINS, *_FIAT)
_ASSETS = frozenset(
    (*QUOTES, "XRP", "ADA", "LTC", "XLM", "DOGE", "DOT", "BCH", "TRX", "LINK")
)

_VENUES: tuple[str, ...] = (
    *(
        "binance",
        "binanceus",
        "bitstamp",
        "kraken",
        "coinbase",
        "bybit",
        "okx",
        "gemini",
    ),
    *("kucoin", "bitfinex", "deribit", "htx", "gate", "bitmex", "hyperliquid", "dydx"),
    *("alpaca", "ibkr", "nasdaq", "nyse", "oanda", "ig"),
)

_TIMEFRAME = re.compile(r"(\d{1,3})(s|sec|m|min|minute|minutes|h|hour|hours|d|day|w|week)$")
_UNITS = {"s": "s", "sec": "s", "m": "m", "min": "m", "minute": "m", "minutes": "m"}
_UNITS |= {"h": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "w": "w", "week": "w"}
_TIMEFRAME_WORDS = {
    "second": "1s",
    "min": "1m",
    "minute": "1m",
    "hour": "1h",
    "hourly": "1h",
}
_TIMEFRAME_WORDS |= {"day": "1d", "daily": "1d", "week": "1w", "weekly": "1w"}

# What names of files hold besides: never a symbol.
_SAID = frozenset(
    """
    bar bars candle candles candlestick kline klines ohlcv ohlc data dataset quote
    quotes trade trades tick ticks test sample sorted unsorted standard default history
    historical yahoo stooq truefx histdata nautilus freqtrade futures spot perp export
    import csv feather parquet json gz zst copy backup recorded recording sim rust old
    new part bad mock time series extended original revisit intraday issue depth snap
    update book adj utf8 utf16 utc raw clean
    """.split()  # noqa: SIM905 - a list of words, to be read
)
_SUFFIXES = re.compile(
    r"(?:\.(?:csv|tsv|txt|json|feather|ipc|arrow|parquet|pq|gz|zst|utf-?\d+|dbn))+$",
    re.IGNORECASE,
)
_DIVIDED = re.compile(r"([A-Z0-9]+)[-_/ ]([A-Z]+)")
_PERPETUAL = re.compile(r"(.+)[-_]PERP")
RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the name says; what it does not say is empty."""

    symbol: str = ""
    venue: str = ""
    timeframe: str = ""


def read_name(path: str) -> Named:
    """Read symbol, venue and timeframe off a file's name. A guess, for a person to check."""
    stem = _SUFFIXES.sub("", PurePath(path).name)
    words = [word for word in re.split(r"[\W_]+", stem) if word]
    venue = timeframe = ""
    left: list[str] = []
    for word in words:
        low = word.lower()
        if not timeframe and (found := _timeframe_of(low)):
            timeframe = found
        elif not venue and low in _VENUES:
            venue = low
        elif low not in _SAID and not word.isdecimal() and not _dated(low):
            left.append(word.upper())
    return Named(symbol=_symbol_of(left), venue=venue, timeframe=timeframe)


def pair_of(text: str) -> str:
    """Return BTC/USDT for BTCUSDT or BTC-USDT, or nothing where no known quote ends it.

    Words end in ETH or EUR too, so these and the like need a base that is known, unless
    a mark divides them. BTCUSDT-PERP, a perpetual of a stable coin, is BTC/USDT:USDT.
    """
    upper = text.upper()
    if found := _PERPETUAL.fullmatch(upper):
        pair = pair_of(found[1])
        quote = pair.partition("/")[2]
        return f"{pair}:{quote}" if quote in _STABLE else pair
    if (found := _DIVIDED.fullmatch(upper)) and found[2] in QUOTES:
        return f"{found[1]}/{found[2]}"
    for quote in sorted(QUOTES, key=len, reverse=True):
        base = upper.removesuffix(quote)
        if base in ("", upper):
            continue
        if base in _ASSETS or (len(base) > 1 and quote in (*_STABLE, *_TELLING)):
            return f"{base}/{quote}"
    return ""


def is_pair(symbol: str) -> bool:
    """Tell a pair of currencies or coins from a share, by what it is quoted in and of."""
    base, _, rest = symbol.partition("/")
    quote = rest.partition(":")[0]
    return bool(quote) and (quote not in _FIAT or base in _ASSETS)


def assets_of(symbol: str) -> tuple[str, str, str]:
    """Return base, quote and settlement asset. What has no quote is quoted in USD."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    return base, quote or "USD", settle or quote or "USD"


def _timeframe_of(word: str) -> str:
    if found := _TIMEFRAME.match(word):
        return f"{int(found[1])}{_UNITS[found[2]]}" if int(found[1]) else ""
    return _TIMEFRAME_WORDS.get(word, "")


def _dated(word: str) -> bool:
    return bool(re.fullmatch(r"\d{4}(?:q[1-4]|h[12]|w\d\d)?|v\d+|issue\d+", word))


def _symbol_of(words: list[str]) -> str:
    for first, second in pairwise(words):
        if second in QUOTES and first not in _FIAT[:1]:
            rest = words[words.index(second) + 1 :]
            return (
                f"{first}/{second}:{rest[0]}"
                if rest[:1] == [second]
                else f"{first}/{second}"
            )
    for word in words:
        if pair := pair_of(word):
            return pair
    return f"{words[0]}/USD" if words else ""
