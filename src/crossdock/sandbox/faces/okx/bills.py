"""Bills: what moved an account's balances.

https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-7-days, read
2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, AccountEventKind, ContractKind, FillKind, Side
from crossdock.sandbox.engine import VenueEvent, VenueFill
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.okx.ids import order_id
from crossdock.sandbox.faces.okx.words import Row, milliseconds

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

_TRADE = "2"
_TYPES = {
    AccountEventKind.DEPOSIT: ("1", "11"),
    AccountEventKind.WITHDRAWAL: ("1", "12"),
    AccountEventKind.LIQUIDATION: ("5", "104"),
    AccountEventKind.FUNDING: ("8", "173"),
}


class Bills:
    """Words the histories of one venue's accounts."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host

    def of(self, account: str) -> list[Row]:
        """Return every bill, oldest first."""
        rows = [
            row
            for fill in self._host.venue.fills(account)
            if fill.kind is FillKind.REPORTED
            for row in self._of_fill(account, fill)
        ]
        rows += [self._of_event(it) for it in self._host.venue.events(account) if it.amount]
        return sorted(rows, key=lambda row: int(row["billId"]))

    def _of_fill(self, account: str, fill: VenueFill) -> list[Row]:
        market = self._face.names.market(fill.symbol)
        number = int(fill.execution_id.lstrip("E"))
        order = self._host.venue.find(account, order_id=fill.order_id)
        moves: list[tuple[str, Decimal, Decimal]] = [(market.settle, -fill.fee, fill.fee)]
        if market.kind is ContractKind.SPOT:
            signed = fill.quantity * fill.side.sign
            moves = [
                (market.base, signed, ZERO),
                (market.quote, -signed * fill.price - fill.fee, fill.fee),
            ]
        return [
            {
                **_row(2 * number + part, asset, change, fill.time_ns),
                "type": _TRADE,
                "subType": "1" if fill.side is Side.BUY else "2",
                "instType": self._face.names.type(fill.symbol),
                "instId": self._face.names.id(fill.symbol),
                "ordId": order_id(order),
                "fee": plain(-fee),
                "px": plain(fill.price),
                "sz": plain(fill.quantity),
            }
            for part, (asset, change, fee) in enumerate(moves)
        ]

    def _of_event(self, event: VenueEvent) -> Row:
        kind, sub_kind = _TYPES.get(event.kind, ("1", "11"))
        number = int(event.event_id.lstrip("V"))
        symbol = event.symbol
        return {
            **_row(2 * number, event.asset, event.amount, event.time_ns),
            "type": kind,
            "subType": sub_kind,
            "instType": "" if symbol is None else self._face.names.type(symbol),
            "instId": "" if symbol is None else self._face.names.id(symbol),
            "ordId": "",
            "fee": "0",
            "px": "",
            "sz": plain(abs(event.quantity)),
        }


def _row(number: int, asset: str, change: Decimal, time_ns: int) -> Row:
    return {
        "billId": str(number),
        "ccy": asset,
        "balChg": plain(change),
        "bal": "",
        "ts": milliseconds(time_ns),
        "notes": "",
    }
