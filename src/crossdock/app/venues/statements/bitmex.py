"""BitMEX: the trade history. Symbols of contracts stay as BitMEX wrote them."""

from __future__ import annotations

from decimal import Decimal

from crossdock.app.venues.statements.rows import Draft, Layout, Row
from crossdock.model import ZERO

_SOURCE = (
    "https://github.com/BitMEX/api-connectors/blob/master/auto-generated/javascript/docs/"
    "Execution.md, read 2026-11-21"
)
_WALLET_SOURCE = (
    "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/"
    "bitmex.py, read 2026-11-21"
)
# Money is told in the smallest unit of the currency that settles.
_UNITS = {
    "XBt": ("BTC", Decimal("1E-8")),
    "USDt": ("USDT", Decimal("1E-6")),
}
_SETTLED_IN = "settlCurrency"


def _trade(row: Row) -> Draft | str:
    kind = row.word("execType")
    if kind != "Trade":
        return kind.lower()
    symbol = row.word("symbol")
    asset, unit = _unit(row, symbol)
    return Draft(
        symbol=_spot(row) if "_" in symbol else symbol,
        side=row.side("side"),
        price=row.positive("lastPx"),
        quantity=row.positive("lastQty"),
        fee=row.number("execComm", empty=ZERO) * unit,
        fee_asset=asset,
        time_ns=row.moment("transactTime"),
        execution_id=row.text("execID"),
        order_id=row.text("orderID"),
    )


def _spot(row: Row) -> str:
    base, quote = row.pair("symbol", "_")
    return f"{'BTC' if base == 'XBT' else base}/{quote}"


def _unit(row: Row, symbol: str) -> tuple[str, Decimal]:
    told = row.text(_SETTLED_IN)
    if not told and "USDT" in symbol:
        # Some such contracts settled in bitcoin, others in USDT: two units of money.
        raise row.wrong(_SETTLED_IN, "XBt or USDt: export with this column")
    found = _UNITS.get(told or "XBt")
    if found is None:
        raise row.wrong(_SETTLED_IN, " or ".join(_UNITS))
    return found


LAYOUTS = (
    Layout(
        what="trade history",
        columns=(
            *("transactTime", "symbol", "execType", "side", "lastQty", "lastPx"),
            *("execComm", "orderID"),
        ),
        source=_SOURCE,
        fill=_trade,
    ),
    Layout(
        what="the wallet history",
        columns=("transactTime", "transactType", "amount", "fee", "walletBalance"),
        source=_WALLET_SOURCE,
        words="export the trade history, which has prices",
    ),
)
