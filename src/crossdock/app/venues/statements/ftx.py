"""FTX and FTX US: the export of trades, in the two forms it had."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from crossdock.app.venues.statements.rows import Draft, Layout, Row
from crossdock.model import ZERO

_SOURCE = (
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/ftx.py, "
    "read 2026-11-21"
)
_DATED = re.compile(r"([A-Z0-9]+)-(?:(\d{4}))?(\d{2})(\d{2})")
_PERPETUAL = "-PERP"


def _trade(row: Row) -> Draft | str:
    time_ns = row.moment("Time")
    if row.number("Total") == 0:
        return "gift"  # tokens that were credited: no price, so no execution
    return Draft(
        symbol=_symbol(row, time_ns),
        side=row.side("Side"),
        price=row.positive("Price"),
        quantity=row.positive("Size"),
        fee=row.number("Fee", empty=ZERO),
        fee_asset=row.text("Fee Currency") or row.text("feeCurrency") or "USD",
        time_ns=time_ns,
        execution_id=row.word("ID"),
    )


def _symbol(row: Row, time_ns: int) -> str:
    """Return the market as ccxt wrote FTX's; others (MOVE, leveraged) keep their name."""
    market = row.word("Market")
    if "/" in market:
        return "/".join(row.pair("Market", "/"))
    if "@" in market:
        raise row.wrong("Market", "a market like BTC/USD or BTC-PERP")
    if market.endswith(_PERPETUAL):
        return f"{market.removesuffix(_PERPETUAL)}/USD:USD"
    if found := _DATED.fullmatch(market):
        base, year, month, day = found.groups()
        traded = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).date()
        try:
            expiry = date(int(year or traded.year), int(month), int(day))
            if not year and expiry < traded:
                expiry = expiry.replace(year=expiry.year + 1)
        except ValueError:
            raise row.wrong("Market", "a future like BTC-0325") from None
        return f"{base}/USD:USD-{expiry:%y%m%d}"
    return market


_REST = ("Market", "Side", "Size", "Price", "Total", "Fee")

LAYOUTS = (
    Layout(
        what="trades",
        columns=("ID", "Time", "Order Type", *_REST, "Fee Currency"),
        source=_SOURCE,
        fill=_trade,
    ),
    Layout(
        what="trades of the programming interface",
        columns=("id", "time", "type", *_REST, "feeCurrency"),
        source=_SOURCE,
        fill=_trade,
    ),
    Layout(
        what="a list of deposits or withdrawals",
        columns=("Time", "Coin", "Status"),
        source=_SOURCE,
        words="export the trades: Wallet, Trade History",
    ),
)
