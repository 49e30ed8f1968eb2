"""Orders, fills and what else moved an account in Hyperliquid's words.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint and
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions,
read 2026-11-21.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    AccountEventKind,
    ContractKind,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueEvent, VenueFill, VenueOrder
from crossdock.sandbox.engine.records import SPRUNG
from crossdock.sandbox.faces.hyperliquid.names import (
    MONEY,
    is_cloid,
    milliseconds,
    oid,
    plain,
    tid,
    token,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.hyperliquid.face import HyperliquidFace

Row = dict[str, Any]

_LONG = Context(prec=28)
_TYPES = {
    OrderType.LIMIT: "Limit",
    OrderType.MARKET: "Market",
    OrderType.STOP: "Stop Market",
    OrderType.STOP_LIMIT: "Stop Limit",
    OrderType.MARKET_IF_TOUCHED: "Take Profit Market",
    OrderType.LIMIT_IF_TOUCHED: "Take Profit Limit",
}
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_MOVES = {
    AccountEventKind.DEPOSIT: "deposit",
    AccountEventKind.WITHDRAWAL: "withdraw",
}
_NOBODY = "0x" + "0" * 40
NO_HASH = "0x" + "0" * 64


def side_of(side: Side) -> str:
    return "B" if side is Side.BUY else "A"


def told_status(order: VenueOrder) -> OrderStatus:
    """Return the status as told: what could not be filled at once was never an order."""
    if order.status is not OrderStatus.EXPIRED:
        return order.status
    return OrderStatus.CANCELED if order.cumulative_quantity else OrderStatus.REJECTED


def life_of(order: VenueOrder) -> str:
    match told_status(order):
        case OrderStatus.FILLED:
            return "filled"
        case OrderStatus.REJECTED:
            return "iocCancelRejected"
        case OrderStatus.CANCELED:
            return "canceled"
        case _:
            return "triggered" if order.has_triggered else "open"


def stands(fill: VenueFill) -> bool:
    """Tell whether a fill is a trade: there are no words here for one taken back."""
    return fill.kind is FillKind.REPORTED


class Words:
    """Words what one venue's accounts did."""

    def __init__(self, face: HyperliquidFace) -> None:
        self._face = face
        self._host = face.host
        self._starts: dict[str, list[Decimal]] = {}
        self._held: dict[tuple[str, str], Decimal] = {}
        self._volumes: dict[str, Decimal] = {}

    def cloid(self, order: VenueOrder | VenueFill, account: str) -> str | None:
        """Return the id its client gave; None where there is none."""
        shown = self._face.client_id(account, order.client_order_id)
        return shown if is_cloid(shown) else None

    def basic(self, order: VenueOrder) -> Row:
        """Return an order as the stream tells it, and the plain list of open ones."""
        row = {
            "coin": self._face.names.coins[order.symbol],
            "side": side_of(order.side),
            "limitPx": plain(order.limit_price or ZERO),
            "sz": plain(order.leaves),
            "oid": oid(order.id),
            "timestamp": milliseconds(order.created_time_ns),
            "origSz": plain(order.quantity),
        }
        cloid = self.cloid(order, order.account)
        return row if cloid is None else row | {"cloid": cloid}

    def order(self, order: VenueOrder) -> Row:
        """Return an order with all there is to it."""
        is_trigger = order.type in SPRUNG
        return self.basic(order) | {
            "triggerCondition": self._condition(order) if is_trigger else "N/A",
            "isTrigger": is_trigger,
            "triggerPx": plain(order.stop_price or ZERO) if is_trigger else "0.0",
            "children": [],
            "isPositionTpsl": False,
            "reduceOnly": order.reduce_only,
            "orderType": _TYPES[order.type],
            "tif": None if is_trigger else self._tif(order),
            "cloid": self.cloid(order, order.account),
        }

    def lived(self, order: VenueOrder, row: Row) -> Row:
        """Return a row of an order with its status and when it came to that."""
        return {
            "order": row,
            "status": life_of(order),
            "statusTimestamp": milliseconds(order.updated_time_ns),
        }

    def acknowledged(self, order: VenueOrder) -> Row:
        """Return what the reply to its batch says of an order that was taken."""
        row: Row = {"oid": oid(order.id)}
        cloid = self.cloid(order, order.account)
        if cloid is not None:
            row["cloid"] = cloid
        if not order.is_done:
            return {"resting": row}
        cost = self._host.feed.totals.of(order).cost
        average = _LONG.divide(cost, order.cumulative_quantity)
        total = plain(order.cumulative_quantity)
        return {"filled": {"totalSz": total, "avgPx": plain(average), **row}}

    def fills(self, account: str) -> list[Row]:
        """Return an account's fills, oldest first."""
        return [
            self.fill(account, it)
            for it in self._host.venue.fills(account)
            if stands(it) and it.symbol in self._face.names
        ]

    def volume(self, account: str) -> Decimal:
        """Return what an account has traded for, in money."""
        self._follow(account)
        return self._volumes.get(account, ZERO)

    def fill(self, account: str, fill: VenueFill) -> Row:
        start = self._start(account, fill)
        row = {
            "coin": self._face.names.coins[fill.symbol],
            "px": plain(fill.price),
            "sz": plain(fill.quantity),
            "side": side_of(fill.side),
            "time": milliseconds(fill.time_ns),
            "startPosition": plain(start),
            "dir": self._direction(fill, start),
            "closedPnl": "0.0",
            "hash": f"0x{tid(fill.execution_id):064x}",
            "oid": oid(fill.order_id),
            "crossed": fill.liquidity is Liquidity.TAKER,
            "fee": plain(fill.fee),
            "tid": tid(fill.execution_id),
            "feeToken": token(fill.fee_asset),
            "twapId": None,
        }
        cloid = self.cloid(fill, account)
        return row if cloid is None else row | {"cloid": cloid}

    def funding(self, event: VenueEvent) -> Row:
        """Return a payment of funding; it has no hash of its own."""
        return {
            "time": milliseconds(event.time_ns),
            "hash": NO_HASH,
            "delta": {
                "type": "funding",
                "coin": self._face.names.coins[event.symbol or ""],
                "usdc": plain(event.amount),
                "szi": plain(event.quantity),
                "fundingRate": event.note.split(" ")[1] if event.note else "0.0",
                "nSamples": None,
            },
        }

    def moved(self, account: str, event: VenueEvent) -> Row | None:
        """Return what moved an account besides trades and funding."""
        kind = _MOVES.get(event.kind)
        if kind is None:
            return None
        amount = plain(abs(event.amount))
        delta: Row = {"type": kind, "usdc": amount}
        if event.asset != MONEY:
            key = self._host.keys.of_account(account).key
            ours = kind == "withdraw"
            delta = {
                "type": "spotTransfer",
                "token": token(event.asset),
                "amount": amount,
                "usdcValue": "0.0",
                "user": key if ours else _NOBODY,
                "destination": _NOBODY if ours else key,
                "fee": "0.0",
            }
        elif kind == "withdraw":
            delta |= {"nonce": milliseconds(event.time_ns), "fee": "0.0"}
        return {
            "time": milliseconds(event.time_ns),
            "hash": f"0x{tid(event.event_id):064x}",
            "delta": delta,
        }

    def _start(self, account: str, fill: VenueFill) -> Decimal:
        """Return what was held before a fill."""
        self._follow(account)
        return self._starts[account][fill.sequence - 1]

    def _follow(self, account: str) -> None:
        """Count fills that came since the last time, each once."""
        starts = self._starts.setdefault(account, [])
        for each in self._host.venue.fills(account)[len(starts) :]:
            key = account, each.symbol
            starts.append(self._held.get(key, ZERO))
            self._held[key] = starts[-1] + each.side.sign * each.quantity
            worth = each.price * each.quantity
            self._volumes[account] = self._volumes.get(account, ZERO) + worth

    def _direction(self, fill: VenueFill, start: Decimal) -> str:
        if self._face.names.market(fill.symbol).kind is ContractKind.SPOT:
            return fill.side.value.capitalize()
        if not start or (start > 0) is (fill.side is Side.BUY):
            return "Open Long" if fill.side is Side.BUY else "Open Short"
        whole = "Long" if start > 0 else "Short"
        other = "Short" if start > 0 else "Long"
        return f"{whole} > {other}" if fill.quantity > abs(start) else f"Close {whole}"

    def _condition(self, order: VenueOrder) -> str:
        if order.has_triggered:
            return "Triggered"
        rises = (order.type in _STOPS) is (order.side is Side.BUY)
        return f"Price {'above' if rises else 'below'} {order.stop_price}"

    def _tif(self, order: VenueOrder) -> str:
        if order.post_only:
            return "Alo"
        return "Ioc" if order.time_in_force is TimeInForce.IOC else "Gtc"
