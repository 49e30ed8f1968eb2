"""What an account in contracts can be asked: money, positions, orders, fills.

https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-futures and
https://www.kucoin.com/docs-new/rest/futures-trading/orders/introduction, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind
from crossdock.sandbox.engine import Refused, VenueEvent, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.ids import trade_id
from crossdock.sandbox.faces.kucoin_gateway.moves import moves
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms
from crossdock.sandbox.faces.kucoin_gateway.orders import Span
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.faces.kucoinfutures.names import asset_of, currency
from crossdock.sandbox.faces.kucoinfutures.words import is_apart
from crossdock.sandbox.faces.numbers import number, plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoinfutures.face import KucoinFuturesFace

_MOST_ROWS = 1000
_MOST_MOVES = 50
_MOST_PAYMENTS = 100
_TRANSFERS = {
    AccountEventKind.DEPOSIT: "TransferIn",
    AccountEventKind.WITHDRAWAL: "TransferOut",
}
_NO_ORDER = Said("100001", "error.getOrder.orderNotExist", status=400)


class Account:
    def __init__(self, face: KucoinFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._words = face.words

    def endpoints(self) -> Sequence[Endpoint]:
        reads: dict[str, Any] = {
            "account-overview": (self.overview, 5),
            "transaction-history": (self.ledger, 2),
            "funding-history": (self.funding, 5),
            "trade-fees": (self.fees, 3),
            "positions": (self.positions, 2),
            "position": (self.position, 2),
            "fills": (self.fills, 5),
            "stopOrders": (self.listed(stops=True), 6),
            "orders/byClientOid": (self.by_client, 5),
            "orders/{orderId}": (self.by_id, 5),
            "orders": (self.listed(stops=False), 2),
        }
        return [
            Endpoint("GET", f"/api/v1/{path}", prepare, weight)
            for path, (prepare, weight) in reads.items()
        ]

    def overview(self, params: Params, call: Call) -> Act:
        asset = asset_of(params.maybe("currency") or "XBT")

        def act(_now_ns: int) -> Row:
            rows = {it: (total, held) for it, total, held in self._balances(call)}
            total, held = rows.get(asset, (ZERO, ZERO))
            return self.wallet(asset, total, held) | {"accountEquity": number(total)}

        return act

    def wallet(self, asset: str, total: Any, held: Any) -> Row:
        return {
            "currency": currency(asset),
            "marginBalance": number(total),
            "orderMargin": number(held),
            "positionMargin": 0,
            "frozenFunds": 0,
            "unrealisedPNL": 0,
            "availableBalance": number(total - held),
        }

    def ledger(self, params: Params, call: Call) -> Act:
        name = params.maybe("currency")
        asset, span = None if name is None else asset_of(name), Span.of(params)
        page = _Listed.of(params, _MOST_MOVES)

        def act(_now_ns: int) -> Row:
            kinds = frozenset(_TRANSFERS)
            moved = moves(self._host, call.account, kinds, asset, span)
            found, more = page.behind(moved, lambda it: it.sequence)
            return {
                "hasMore": more,
                "dataList": [
                    {
                        "time": ms(it.time_ns),
                        "type": _TRANSFERS[it.kind],
                        "amount": number(it.amount),
                        "fee": 0,
                        "accountEquity": number(ZERO),
                        "status": "Completed",
                        "remark": it.note,
                        "offset": it.sequence,
                        "currency": currency(it.asset),
                    }
                    for it in found
                ],
            }

        return act

    def funding(self, params: Params, call: Call) -> Act:
        symbol, span = self._face.names.symbol(params.text("symbol")), Span.of(params)
        page = _Listed.of(params, _MOST_PAYMENTS)

        def act(_now_ns: int) -> Row:
            kinds = frozenset({AccountEventKind.FUNDING})
            moved = moves(self._host, call.account, kinds, None, span)
            paid = [it for it in moved if it.symbol == symbol]
            found, more = page.behind(paid, lambda it: int(trade_id(it.event_id)))
            return {
                "hasMore": more,
                "dataList": [
                    {
                        "id": int(trade_id(it.event_id)),
                        "symbol": self._face.names.id(symbol),
                        "timePoint": ms(it.time_ns),
                        "funding": number(it.amount),
                        "settleCurrency": currency(it.asset),
                    }
                    for it in found
                ],
            }

        return act

    def fees(self, params: Params, call: Call) -> Act:
        name = params.text("symbol")
        market = self._host.venue.markets[self._face.names.symbol(name)]
        return lambda _now_ns: {
            "symbol": name,
            "takerFeeRate": plain(market.taker_fee),
            "makerFeeRate": plain(market.maker_fee),
        }

    def positions(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> list[Row]:
            return [
                self._words.position(call.account, it, now_ns)
                for it in self._host.venue.positions(call.account)
                if it.quantity
            ]

        return act

    def position(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))

        def act(now_ns: int) -> Row | None:
            for it in self._host.venue.positions(call.account):
                if it.symbol == symbol:
                    return self._words.position(call.account, it, now_ns)
            return None

        return act

    def fills(self, params: Params, call: Call) -> Act:
        name = params.maybe("symbol")
        symbol = None if name is None else self._face.names.symbol(name)
        span = Span.of(params)
        size = max(1, params.whole("pageSize", 50, most=_MOST_ROWS))
        number = max(1, params.whole("currentPage", 1))

        def act(_now_ns: int) -> Row:
            found = self._face.orders.fills(call.account, symbol, span)
            rows = found[: len(found) - (number - 1) * size]
            rows = self._face.orders.newest(call.account, rows, size)
            items = [self._words.fill(call.account, it) for it in rows]
            return paged(items, size, len(found)) | {"currentPage": number}

        return act

    def listed(self, *, stops: bool) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            name = params.maybe("symbol")
            symbol = None if name is None else self._face.names.symbol(name)
            is_done = params.choice("status", ("active", "done"), "active") == "done"
            size = params.whole("pageSize", 50, most=_MOST_ROWS)

            def act(_now_ns: int) -> Row:
                found = [
                    it
                    for it in reversed(self._host.orders(call.account))
                    if it.is_done is is_done
                    and is_apart(it) is stops
                    and symbol in (None, it.symbol)
                ]
                return paged([self._words.order(it) for it in found], size, len(found))

            return act

        return prepare

    def by_client(self, params: Params, call: Call) -> Act:
        ref = self._face.orders.by_client(call.account, params.text("clientOid"))
        return lambda _now_ns: self._words.order(self._found(call, ref))

    def by_id(self, params: Params, call: Call) -> Act:
        ref = self._face.ref(params.text("orderId"))
        return lambda _now_ns: self._words.order(self._found(call, ref))

    def _found(self, call: Call, ref: OrderRef) -> VenueOrder:
        try:
            return self._face.orders.find(call.account, ref)
        except Refused:
            raise _NO_ORDER from None

    def _balances(self, call: Call) -> Sequence[tuple[str, Any, Any]]:
        return self._host.venue.balances(call.account)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The page of a list that is newest first, behind the number of some row of it."""

    offset: int
    size: int

    @classmethod
    def of(cls, params: Params, most: int) -> _Listed:
        return cls(params.whole("offset", 0), params.whole("maxCount", most, most=most))

    def behind(
        self, rows: Sequence[VenueEvent], number: Callable[[VenueEvent], int]
    ) -> tuple[Sequence[VenueEvent], bool]:
        """Return what comes behind, and whether there is more of it."""
        older = [it for it in rows if not self.offset or number(it) < self.offset]
        return older[: self.size], len(older) > self.size


def paged(rows: Sequence[Row], size: int, total: int) -> Row:
    """Return the first page of a list in its envelope."""
    size = max(1, size)
    return {
        "currentPage": 1,
        "pageSize": size,
        "totalNum": total,
        "totalPage": -(-total // size),
        "items": list(rows[:size]),
    }
