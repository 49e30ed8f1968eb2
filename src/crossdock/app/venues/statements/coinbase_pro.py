"""Coinbase Pro and GDAX: fills.csv."""

from __future__ import annotations

from crossdock.app.venues.statements.rows import Draft, Layout, Row

_SOURCE = (
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/"
    "coinbasepro.py, read 2026-11-21"
)


def _fill(row: Row) -> Draft:
    base, quote = row.pair("product", "-")
    for column, asset in (("size unit", base), ("price/fee/total unit", quote)):
        if row.text(column) != asset:
            raise row.wrong(column, f"{asset}, as in product {base}-{quote}")
    return Draft(
        symbol=f"{base}/{quote}",
        side=row.side("side"),
        price=row.positive("price"),
        quantity=row.positive("size"),
        fee=row.number("fee"),
        fee_asset=quote,
        time_ns=row.moment("created at"),
        execution_id=row.word("trade id"),
    )


LAYOUTS = (
    Layout(
        what="fills",
        columns=(
            *("portfolio", "trade id", "product", "side", "created at", "size"),
            *("size unit", "price", "fee", "total", "price/fee/total unit"),
        ),
        source=_SOURCE,
        fill=_fill,
    ),
    Layout(
        what="the account statement",
        columns=("type", "time", "amount", "balance", "amount/balance unit"),
        source=_SOURCE,
        words="export the fills statement, which has prices: fills.csv",
    ),
)
