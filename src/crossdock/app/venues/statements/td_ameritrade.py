"""TD Ameritrade: transactions.csv. It tells days, not times: a fill is at 00:00 UTC of its day."""

from __future__ import annotations

import re
from datetime import datetime

from crossdock.app.venues.statements.rows import Draft, Layout, Row
from crossdock.model import ZERO, Side

_SOURCE = (
    "https://github.com/nicholasceliano/GnuCashImporter/blob/master/src/models/institutions/"
    "TDAmeritradeRecord.ts, read 2026-11-21"
)
_TRADE = re.compile(r"(Bought|Sold)\b.* @ ")
_OPTION = re.compile(
    r"(?P<root>[A-Z.]+) (?P<day>[A-Z][a-z]{2} \d{1,2} \d{4}) (?P<strike>[\d.]+) "
    r"(?P<right>Call|Put)"
)
_NOT_WORDS = re.compile(r"\(.*|[^A-Za-z ].*")
_FEES = (
    "COMMISSION",
    "REG FEE",
    "SHORT-TERM RDM FEE",
    "FUND REDEMPTION FEE",
    "DEFERRED SALES CHARGE",
)


def _transaction(row: Row) -> Draft | str:
    description = row.text("DESCRIPTION")
    found = _TRADE.match(description)
    if not found:
        return _NOT_WORDS.sub("", description).strip().lower() or "without words"
    identity = row.text("TRANSACTION ID")
    return Draft(
        symbol=_symbol(row),
        side=Side.BUY if found[1] == "Bought" else Side.SELL,
        price=row.positive("PRICE"),
        quantity=row.positive("QUANTITY"),
        fee=sum((row.number(column, empty=ZERO) for column in _FEES), ZERO),
        fee_asset="USD",
        time_ns=row.moment("DATE"),
        execution_id=identity,
        order_id=identity,
    )


def _symbol(row: Row) -> str:
    told = row.word("SYMBOL")
    found = _OPTION.fullmatch(told)
    if not found:
        if not re.fullmatch(r"[A-Z0-9./^+-]+", told):
            raise row.wrong("SYMBOL", "a symbol like AAPL or SPY Jan 15 2021 300.0 Call")
        return f"{told}/USD"
    try:
        day = datetime.strptime(found["day"], "%b %d %Y")  # noqa: DTZ007  a day, no time
    except ValueError:
        raise row.wrong("SYMBOL", "an option with its day, like Jan 15 2021") from None
    strike = (
        found["strike"].rstrip("0").rstrip(".")
        if "." in found["strike"]
        else (found["strike"])
    )
    return f"{found['root']}/USD:USD-{day:%y%m%d}-{strike}-{found['right'][0]}"


LAYOUTS = (
    Layout(
        what="transactions",
        columns=(
            *("DATE", "TRANSACTION ID", "DESCRIPTION", "QUANTITY", "SYMBOL"),
            *("PRICE", "COMMISSION", "AMOUNT", "REG FEE"),
        ),
        source=_SOURCE,
        fill=_transaction,
        end="***END OF FILE***",
    ),
)
