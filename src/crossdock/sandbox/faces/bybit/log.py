"""The transaction log: what moved an account's cash, and what was left of it.

https://bybit-exchange.github.io/docs/v5/account/transaction-log, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, AccountEventKind, ContractKind, FillKind, PositionSide
from crossdock.sandbox.engine import VenueEvent, VenueFill
from crossdock.sandbox.engine.exact import exactly
from crossdock.sandbox.engine.position import Position
from crossdock.sandbox.faces.bybit.ids import execution_id, order_id, spelt
from crossdock.sandbox.faces.bybit.words import Row, milliseconds, side_of
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

_SETTLEMENT = "SETTLEMENT"
_TYPES = {
    AccountEventKind.DEPOSIT: "TRANSFER_IN",
    AccountEventKind.WITHDRAWAL: "TRANSFER_OUT",
    AccountEventKind.FUNDING: _SETTLEMENT,
    AccountEventKind.LIQUIDATION: "LIQUIDATION",
}


class Log:
    """Words the histories of one venue's accounts."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host

    def of(self, account: str) -> list[Row]:
        """Return every entry, oldest first."""
        return exactly(_Run(self._face, account).rows)()


class _Run:
    """One reading of an account's history from its beginning."""

    def __init__(self, face: BybitFace, account: str) -> None:
        self._face = face
        self._account = account
        self._venue = face.host.venue
        self._cash = dict(self._venue.initial(account))
        self._positions: dict[tuple[str, PositionSide], Position] = {}
        self._told: list[Row] = []

    def rows(self) -> list[Row]:
        fills = [
            it for it in self._venue.fills(self._account) if it.kind is FillKind.REPORTED
        ]
        happened: list[tuple[int, VenueFill | VenueEvent]] = [
            (int(it.execution_id.lstrip("E")), it) for it in fills
        ]
        events = self._venue.events(self._account)
        happened += [(int(it.event_id.lstrip("V")), it) for it in events]
        for number, it in sorted(happened, key=lambda pair: pair[0]):
            if isinstance(it, VenueFill):
                self._take_fill(number, it)
            else:
                self._take_event(number, it)
        return self._told

    def _take_fill(self, number: int, fill: VenueFill) -> None:
        market = self._face.names.market(fill.symbol)
        order = self._venue.find(self._account, order_id=fill.order_id)
        is_spot = market.kind is ContractKind.SPOT
        signed = fill.quantity * fill.side.sign
        moves = [
            (market.base, signed, ZERO),
            (market.quote, -signed * fill.price, fill.fee),
        ]
        if not is_spot:
            moves = [(market.settle, self._realized(fill, signed), fill.fee)]
        for part, (asset, flow, fee) in enumerate(moves):
            self._add(2 * number + part, "TRADE", asset, flow, fee, fill.time_ns)
            self._told[-1] |= {
                "symbol": self._face.names.id(fill.symbol),
                "category": self._face.names.category(fill.symbol),
                "side": side_of(fill.side),
                "qty": plain(fill.quantity),
                "tradePrice": plain(fill.price),
                "orderId": order_id(order, is_spot=is_spot),
                "orderLinkId": self._face.link_id(order),
                "tradeId": execution_id(fill.execution_id, is_spot=is_spot),
            }

    def _take_event(self, number: int, event: VenueEvent) -> None:
        kind = _TYPES.get(event.kind, "TRANSFER_IN")
        fee, flow = ZERO, event.amount
        if event.kind is AccountEventKind.LIQUIDATION and event.price is not None:
            fee = -event.amount
            flow = self._moved(event.symbol or "", event.position_side, event)
        self._add(2 * number, kind, event.asset, flow, fee, event.time_ns)
        if event.symbol is not None:
            self._told[-1] |= {
                "symbol": self._face.names.id(event.symbol),
                "category": self._face.names.category(event.symbol),
            }

    def _realized(self, fill: VenueFill, signed: Decimal) -> Decimal:
        position = self._position(fill.symbol, fill.position_side)
        return position.add(fill.execution_id, signed, fill.price)

    def _moved(self, symbol: str, side: PositionSide, event: VenueEvent) -> Decimal:
        assert event.price is not None, "a liquidation has a price"
        return self._position(symbol, side).add(event.event_id, event.quantity, event.price)

    def _position(self, symbol: str, side: PositionSide) -> Position:
        position = self._positions.get((symbol, side))
        if position is None:
            market = self._face.names.market(symbol)
            position = self._positions[symbol, side] = Position(market, side)
        return position

    def _add(
        self, number: int, kind: str, asset: str, flow: Decimal, fee: Decimal, time_ns: int
    ) -> None:
        balance = self._cash[asset] = self._cash.get(asset, ZERO) + flow - fee
        funding = flow if kind == _SETTLEMENT else ZERO
        self._told.append(
            {
                "id": spelt(number, is_spot=True),
                "symbol": "",
                "category": "",
                "side": "None",
                "transactionTime": milliseconds(time_ns),
                "type": kind,
                "currency": asset,
                "qty": "0",
                "size": "0",
                "tradePrice": "",
                "funding": plain(funding) if kind == _SETTLEMENT else "",
                "fee": plain(fee),
                "cashFlow": plain(flow - funding),
                "change": plain(flow - fee),
                "cashBalance": plain(balance),
                "orderId": "",
                "orderLinkId": "",
                "tradeId": "",
            }
        )
