"""Bittrex and Bittrex Global: order histories. One row is a whole order, filled or in part."""

from __future__ import annotations

from decimal import Decimal

from crossdock.app.venues.statements.prices import unit_price
from crossdock.app.venues.statements.rows import Draft, Layout, Row
from crossdock.model import ZERO

_SOURCE = (
    "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/"
    "bittrex.py, read 2026-11-21"
)


def _latest(row: Row) -> Draft | str:
    quantity = row.number("Quantity (Base)")
    if quantity == 0:
        return "unfilled"
    quote = row.word("Quote")
    return _draft(
        row,
        base=row.word("Base"),
        quote=quote,
        side="Transaction",
        quantity=quantity,
        total=abs(row.number("Total (Quote)")),
        told=row.number("Price"),
        fee=row.number("Fees (Quote)", empty=ZERO),
        time="Time (UTC)",
        identity="TXID",
    )


def _of_2018(row: Row) -> Draft | str:
    filled = row.number("Quantity") - row.number("QuantityRemaining", empty=ZERO)
    if filled == 0:
        return "unfilled"
    quote, base = row.pair("Exchange", "-")
    return _draft(
        row,
        base=base,
        quote=quote,
        side="OrderType",
        quantity=filled,
        total=row.number("Price"),
        told=row.number("PricePerUnit", empty=ZERO),
        fee=row.number("Commission", empty=ZERO),
        time="Closed",
        identity="Uuid",
    )


def _of_2014(row: Row) -> Draft | str:
    quote, base = row.pair("Exchange", "-")
    return _draft(
        row,
        base=base,
        quote=quote,
        side="Type",
        quantity=row.positive("Quantity"),
        total=row.number("Price"),  # the whole money, whatever its heading says
        told=row.number("Limit", empty=ZERO),
        fee=row.number("CommissionPaid", empty=ZERO),
        time="Closed",
        identity="OrderUuid",
    )


def _draft(
    row: Row,
    *,
    base: str,
    quote: str,
    side: str,
    quantity: Decimal,
    total: Decimal,
    told: Decimal,
    fee: Decimal,
    time: str,
    identity: str,
) -> Draft:
    if quantity < 0 or total <= 0:
        raise row.wrong("Quantity", "a filled quantity above zero, and money for it")
    order = row.word(identity)
    return Draft(
        symbol=f"{base}/{quote}",
        side=row.side(side),
        price=unit_price(total, quantity, told),
        quantity=quantity,
        fee=fee,
        fee_asset=quote,
        time_ns=row.moment(time),
        execution_id=order,
        order_id=order,
    )


LAYOUTS = (
    Layout(
        what="order history of 2020 to 2023",
        columns=(
            *("TXID", "Time (UTC)", "Transaction", "Base", "Quote", "Price"),
            *("Quantity (Base)", "Fees (Quote)", "Total (Quote)"),
        ),
        source=_SOURCE,
        fill=_latest,
    ),
    Layout(
        what="order history of 2018 to 2020",
        columns=(
            *("Uuid", "Exchange", "OrderType", "Quantity", "QuantityRemaining"),
            *("Commission", "Price", "PricePerUnit", "Closed"),
        ),
        source=_SOURCE,
        fill=_of_2018,
    ),
    Layout(
        what="order history of 2014 to 2017",
        columns=(
            *("OrderUuid", "Exchange", "Type", "Quantity", "Limit"),
            *("CommissionPaid", "Price", "Opened", "Closed"),
        ),
        source=_SOURCE,
        fill=_of_2014,
    ),
    Layout(
        what="a list of deposits or withdrawals",
        columns=("Currency", "Amount", "TxId"),
        source=_SOURCE,
        words="export the order history",
    ),
)
