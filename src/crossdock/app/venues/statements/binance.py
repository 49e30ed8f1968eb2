"""Binance: the trade history of spot, in the two forms it has."""

from __future__ import annotations

from crossdock.app.venues.statements.rows import Draft, Layout, Row

_SOURCE = (
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/"
    "binance.py, read 2026-11-21"
)
_QUOTES = (
    *("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "USDS", "IDRT", "BIDR", "BKRW"),
    *("DAI", "PAX", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "DOT", "SOL", "EUR", "GBP"),
    *("TRY", "BRL", "AUD", "JPY", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS", "MXN"),
    *("CZK", "COP", "VAI", "UST", "EURI", "USD1"),
)


def _with_columns(row: Row) -> Draft:
    market = row.word("Market")
    endings = sorted((each for each in _QUOTES if market.endswith(each)), key=len)
    if not endings or market == endings[-1]:
        raise row.wrong("Market", "a market that ends with a known quote asset")
    quote = endings[-1]
    return Draft(
        symbol=f"{market.removesuffix(quote)}/{quote}",
        side=row.side("Type"),
        price=row.positive("Price"),
        quantity=row.positive("Amount"),
        fee=row.number("Fee"),
        fee_asset=row.word("Fee Coin"),
        time_ns=row.moment("Date(UTC)"),
    )


def _with_units(row: Row) -> Draft:
    pair, executed, amount = row.word("Pair"), row.word("Executed"), row.word("Amount")
    cuts = [
        cut
        for cut in range(1, len(pair))
        if _is_number(executed.removesuffix(pair[:cut]), executed)
        and _is_number(amount.removesuffix(pair[cut:]), amount)
    ]
    if len(cuts) != 1:
        raise row.wrong("Executed", f"a number with an asset of {pair}, like 0.5BTC")
    base, quote = pair[: cuts[0]], pair[cuts[0] :]
    fee = row.word("Fee")
    # The asset of the fee is one of the pair or another: it begins after the digits.
    digits = len(fee) - len(fee.lstrip("0123456789.,"))
    for asset in (base, quote):
        if fee.endswith(asset) and _is_number(fee.removesuffix(asset), fee):
            digits = len(fee) - len(asset)
    return Draft(
        symbol=f"{base}/{quote}",
        side=row.side("Side"),
        price=row.positive("Price"),
        quantity=row.exact(executed.removesuffix(base), "Executed"),
        fee=row.exact(fee[:digits], "Fee"),
        fee_asset=fee[digits:],
        time_ns=row.moment("Date(UTC)"),
    )


def _is_number(rest: str, whole: str) -> bool:
    return rest != whole and rest.replace(",", "").replace(".", "", 1).isdigit()


LAYOUTS = (
    Layout(
        what="trade history with a column for each value",
        columns=("Date(UTC)", "Market", "Type", "Price", "Amount", "Fee", "Fee Coin"),
        source=_SOURCE,
        fill=_with_columns,
    ),
    Layout(
        what="trade history with units in the values",
        columns=("Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee"),
        source=_SOURCE,
        fill=_with_units,
    ),
    Layout(
        what="the transaction history",
        columns=("UTC_Time", "Account", "Operation", "Coin", "Change"),
        source=_SOURCE,
        words="export the spot trade history, which has prices",
    ),
)
