"""Orders, fills, positions and transfers in the indexer's words.

https://github.com/dydxprotocol/v4-chain/blob/main/indexer/services/comlink/src/types.ts and
…/indexer/packages/postgres/src/stores/order-table.ts, read 2026-11-21.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import (
    ZERO,
    AccountEventKind,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import VenueEvent, VenueFill, VenueOrder, VenuePosition
from crossdock.sandbox.faces.dydx.chain import height_at
from crossdock.sandbox.faces.dydx.markets import QUOTE, Market
from crossdock.sandbox.faces.dydx.transactions.orders import Flags, Order, OrderId
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import Traded

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace

_NAMES = uuid.UUID("0f9da948-a6fb-4c45-9edc-4685c3f3317d")
_TYPES = {
    OrderType.STOP_LIMIT: "STOP_LIMIT",
    OrderType.LIMIT_IF_TOUCHED: "TAKE_PROFIT",
}
_TRANSFERS = {
    AccountEventKind.DEPOSIT: "DEPOSIT",
    AccountEventKind.WITHDRAWAL: "WITHDRAWAL",
}
_ELSEWHERE = "dydx1elsewhere"


def named(text: str) -> str:
    """Return the id that the indexer makes of a text."""
    return str(uuid.uuid5(_NAMES, text))


def moment(time_ns: int) -> str:
    """Write a time as the indexer does: UTC, to the millisecond."""
    whole, part = divmod(time_ns // 1_000_000, 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{part:03d}Z"


def height(time_ns: int) -> str:
    return str(height_at(time_ns))


def execution_uuid(execution_id: str) -> str:
    return named(f"fill-{execution_id}")


def trade_row(trade: Traded) -> dict[str, Any]:
    return {
        "id": f"{height_at(trade.time_ns):08x}{trade.number:016x}",
        "side": _side(trade.side),
        "size": plain(trade.quantity),
        "price": plain(trade.price),
        "type": "LIMIT",
        "createdAt": moment(trade.time_ns),
        "createdAtHeight": height(trade.time_ns),
    }


def levels(rows: Any) -> list[dict[str, str]]:
    return [{"price": plain(price), "size": plain(size)} for price, size in rows]


def is_told(fill: VenueFill) -> bool:
    """Tell whether a fill is one dYdX has words for: it takes no trade back."""
    return fill.kind is FillKind.REPORTED


class Words:
    """Words the accounts of one venue."""

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._host = face.host

    def owner(self, account: str) -> str:
        """Return the address of an account."""
        return self._host.keys.of_account(account).key

    def subaccount_id(self, account: str) -> str:
        return named(f"{self.owner(account)}-0")

    def order_id(self, account: str, engine_id: str, symbol: str) -> str:
        """Return the id the indexer makes of all that an order is known by."""
        placed = self._face.trading.placed(account, engine_id)
        flags = Flags.LONG_TERM if placed is None else placed.id.flags
        client_id = self._face.client_id(account, engine_id)
        pair = self._face.markets.of(symbol).number
        return named(f"{self.subaccount_id(account)}-{client_id}-{pair}-{flags:d}")

    def name_of(self, order_id: OrderId) -> str:
        """Return the indexer's id of what the chain calls an order."""
        owned = named(f"{order_id.owner}-{order_id.subaccount}")
        rest = f"{order_id.client_id}-{order_id.clob_pair}-{order_id.flags:d}"
        return named(f"{owned}-{rest}")

    def order(self, order: VenueOrder) -> dict[str, Any]:
        account = order.account
        placed = self._face.trading.placed(account, order.client_order_id)
        market = self._face.markets.of(order.symbol)
        row = {
            "id": self.order_id(account, order.client_order_id, order.symbol),
            "subaccountId": self.subaccount_id(account),
            "clientId": self._face.client_id(account, order.client_order_id),
            "clobPairId": str(market.number),
            "side": _side(order.side),
            "size": plain(order.quantity),
            "totalFilled": plain(order.cumulative_quantity),
            "price": plain(order.limit_price or ZERO),
            "type": _TYPES.get(order.type, "LIMIT"),
            "status": status_of(order),
            "timeInForce": "IOC" if order.time_in_force is TimeInForce.IOC else "GTT",
            "postOnly": order.post_only,
            "reduceOnly": order.reduce_only,
            "ticker": market.ticker,
            "updatedAt": moment(order.updated_time_ns),
            "updatedAtHeight": height(order.updated_time_ns),
            "subaccountNumber": 0,
        }
        if order.stop_price is not None:
            row["triggerPrice"] = plain(order.stop_price)
        return row | _placing(placed, order)

    def fill(self, account: str, fill: VenueFill) -> dict[str, Any]:
        market = self._face.markets.of(fill.symbol)
        return {
            "id": execution_uuid(fill.execution_id),
            "side": _side(fill.side),
            "liquidity": "MAKER" if fill.liquidity is Liquidity.MAKER else "TAKER",
            "type": "LIMIT",
            "market": market.ticker,
            "marketType": "PERPETUAL",
            "price": plain(fill.price),
            "size": plain(fill.quantity),
            "fee": plain(fill.fee),
            "affiliateRevShare": "0",
            "createdAt": moment(fill.time_ns),
            "createdAtHeight": height(fill.time_ns),
            "orderId": self._face.fill_order_id(account, fill),
            "clientMetadata": "0",
            "subaccountNumber": 0,
        }

    def transfer(self, account: str, event: VenueEvent) -> dict[str, Any] | None:
        """Return money that came or went; None where dYdX tells of none."""
        kind = _TRANSFERS.get(event.kind)
        if kind is None or event.asset != QUOTE:
            return None
        ours = {"address": self.owner(account), "subaccountNumber": 0}
        theirs = {"address": _ELSEWHERE}
        comes = kind == "DEPOSIT"
        return {
            "id": named(f"transfer-{event.event_id}"),
            "sender": theirs if comes else ours,
            "recipient": ours if comes else theirs,
            "size": plain(abs(event.amount)),
            "createdAt": moment(event.time_ns),
            "createdAtHeight": height(event.time_ns),
            "symbol": QUOTE,
            "type": kind,
            "transactionHash": named(f"deposit-{event.event_id}").replace("-", "").upper(),
        }

    def position(self, account: str, held: VenuePosition) -> dict[str, Any]:
        fills = [it for it in self._host.venue.fills(account) if it.symbol == held.symbol]
        since_ns = fills[-1].time_ns if fills else self._host.now_ns()
        bought, sold = (
            sum((it.quantity for it in fills if it.side is side), ZERO) for side in Side
        )
        opened, closed = (bought, sold) if held.quantity > 0 else (sold, bought)
        return {
            "market": self._face.markets.of(held.symbol).ticker,
            "status": "OPEN",
            "side": "LONG" if held.quantity > 0 else "SHORT",
            "size": plain(held.quantity),
            "maxSize": plain(held.quantity),
            "entryPrice": plain(held.entry_price or ZERO),
            "exitPrice": None,
            "realizedPnl": plain(held.realized_pnl),
            "unrealizedPnl": plain(self._unrealized(held)),
            "createdAt": moment(since_ns),
            "createdAtHeight": height(since_ns),
            "closedAt": None,
            "sumOpen": plain(opened),
            "sumClose": plain(closed),
            "netFunding": "0",
            "subaccountNumber": 0,
        }

    def positions(self, account: str) -> list[VenuePosition]:
        held = self._host.venue.positions(account)
        return [it for it in held if it.quantity and it.symbol in self._face.markets]

    def subaccount(self, account: str) -> dict[str, Any]:
        """Return what an account is worth. The worth of a position is paid for in USDC."""
        rows = {it: (total, held) for it, total, held in self._host.venue.balances(account)}
        total, reserved = rows.get(QUOTE, (ZERO, ZERO))
        positions = self.positions(account)
        unrealized = sum((self._unrealized(it) for it in positions), ZERO)
        worth = sum((it.quantity * self._last(it) for it in positions), ZERO)
        cash = total + unrealized - worth
        usdc = {
            "size": plain(abs(cash)),
            "symbol": QUOTE,
            "side": "LONG" if cash >= 0 else "SHORT",
            "assetId": "0",
            "subaccountNumber": 0,
        }
        now = height(self._host.now_ns())
        told = [self.position(account, it) for it in positions]
        return {
            "address": self.owner(account),
            "subaccountNumber": 0,
            "equity": plain(total + unrealized),
            "freeCollateral": plain(total + unrealized - reserved),
            "openPerpetualPositions": {it["market"]: it for it in told},
            "assetPositions": {QUOTE: usdc},
            "marginEnabled": True,
            "updatedAtHeight": now,
            "latestProcessedBlockHeight": now,
        }

    def _unrealized(self, held: VenuePosition) -> Decimal:
        return (self._last(held) - (held.entry_price or ZERO)) * held.quantity

    def _last(self, held: VenuePosition) -> Decimal:
        return self._host.venue.last_price(held.symbol) or held.entry_price or ZERO


def status_of(order: VenueOrder) -> str:
    if order.status is OrderStatus.FILLED:
        return "FILLED"
    if order.is_done:
        return "CANCELED"
    return "UNTRIGGERED" if order.is_waiting else "OPEN"


def candle_row(market: Market, resolution: str, start_s: int, bar: Any) -> dict[str, Any]:
    return {
        "startedAt": moment(start_s * 1_000_000_000),
        "ticker": market.ticker,
        "resolution": resolution,
        "low": plain(bar.low),
        "high": plain(bar.high),
        "open": plain(bar.open),
        "close": plain(bar.close),
        "baseTokenVolume": plain(bar.volume),
        "usdVolume": plain(bar.volume * bar.close),
        "trades": 0,
        "startingOpenInterest": "0",
    }


def _placing(placed: Order | None, order: VenueOrder) -> dict[str, Any]:
    """Return what an order's placing told; the operator's own orders have long to live."""
    if placed is None:
        return {"orderFlags": str(int(Flags.LONG_TERM)), "clientMetadata": "0"}
    told = {
        "orderFlags": str(placed.id.flags),
        "clientMetadata": str(placed.client_metadata),
    }
    if placed.id.is_short_term:
        return told | {"goodTilBlock": str(placed.good_til_block)}
    until = moment(placed.good_til_time_s * 1_000_000_000)
    created = height(order.created_time_ns)
    return told | {"goodTilBlockTime": until, "createdAtHeight": created}


def _side(side: Side) -> str:
    return side.value.upper()
