"""Kraken: trades.csv of spot and margin."""

from __future__ import annotations

import re

from crossdock.app.venues.statements.rows import Draft, Layout, Row

_SOURCE = (
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/"
    "kraken.py, read 2026-11-21"
)
_OLD_STYLE = re.compile(r"X([A-Z0-9]{3})[XZ]([A-Z]{3})")
_QUOTES = re.compile(
    r"([A-Z0-9.]+?)(USDT|USDC|PYUSD|USD|EUR|GBP|CAD|JPY|AUD|CHF|XBT|ETH|DAI)"
)
_NAMES = {"XBT": "BTC", "XDG": "DOGE"}


def _trade(row: Row) -> Draft:
    base, quote = _assets(row)
    return Draft(
        symbol=f"{base}/{quote}",
        side=row.side("type"),
        price=row.positive("price"),
        quantity=row.positive("vol"),
        fee=row.number("fee"),
        fee_asset=quote,
        time_ns=row.moment("time"),
        execution_id=row.word("txid"),
        order_id=row.word("ordertxid"),
    )


def _assets(row: Row) -> tuple[str, str]:
    pair = row.word("pair")
    if "/" in pair:
        base, quote = row.pair("pair", "/")
    else:
        found = _OLD_STYLE.fullmatch(pair) or _QUOTES.fullmatch(pair)
        if not found:
            raise row.wrong("pair", "a pair like XBT/EUR, XXBTZEUR or ADAEUR")
        base, quote = found[1], found[2]
    return _NAMES.get(base, base), _NAMES.get(quote, quote)


LAYOUTS = (
    Layout(
        what="trades",
        columns=("txid", "ordertxid", "pair", "time", "type", "price", "fee", "vol"),
        source=_SOURCE,
        fill=_trade,
    ),
    Layout(
        what="ledgers",
        columns=("txid", "refid", "time", "type", "asset", "amount", "fee", "balance"),
        source=_SOURCE,
        words="export the trades, which have prices",
    ),
)
