"""Reads of orders, trades and income of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.binance_futures.algos import is_algo
from crossdock.sandbox.faces.binance_futures.words import (
    is_told,
    order_id,
    trade_id,
)
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

_MOST_ROWS = 1000
_USUAL_ROWS = 500
_USUAL_INCOMES = 100
_WEEK_NS = 7 * 24 * 3600 * 10**9
_MS_NS = 1_000_000
_INCOMES = {
    AccountEventKind.FUNDING: "FUNDING_FEE",
    AccountEventKind.DEPOSIT: "TRANSFER",
    AccountEventKind.WITHDRAWAL: "TRANSFER",
    AccountEventKind.TRANSFER: "TRANSFER",
}

Row = TypeVar("Row")


class Reads:
    """Reads of one venue's accounts."""

    def __init__(self, face: FuturesFace) -> None:
        self._face = face
        self._host = face.host

    def order(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.ref(params, account, "orderId", "origClientOrderId")

        def act(_now_ns: int) -> Any:
            order = self._host.lookup(
                account, order_id=ref.order_id, client_id=ref.client_id
            )
            if order.symbol != symbol or not self._face.algos.is_placed(order):
                raise Refused("unknown_order", "no such order of this symbol")
            return self._face.words.order(order)

        return act

    def open_orders(self, params: Params, account: str) -> Act:
        symbol = self._symbol(params)

        def act(_now_ns: int) -> Any:
            found = self._of(
                self._host.open_orders(account), symbol, self._face.algos.is_placed
            )
            return [self._face.words.order(it) for it in found]

        return act

    def all_orders(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        first = params.whole_or_none("orderId")
        span = _Span.read(params, _USUAL_ROWS)

        def act(_now_ns: int) -> Any:
            orders = self._of(
                self._host.orders(account), symbol, self._face.algos.is_placed
            )
            if first is not None:
                rows = [it for it in orders if order_id(it) >= first][: span.limit]
            else:
                rows = span.of(orders, lambda it: it.created_time_ns)
            shown = self._face.passage.page(account, rows)
            return [self._face.words.order(it) for it in shown]

        return act

    def algo_order(self, params: Params, account: str) -> Act:
        ref = self._face.trading.algo_ref(params, account)

        def act(_now_ns: int) -> Any:
            order = self._host.lookup(
                account, order_id=ref.order_id, client_id=ref.client_id
            )
            if not is_algo(order):
                raise Refused("unknown_order", "no such algo order")
            return self._face.words.algo(order)

        return act

    def open_algos(self, params: Params, account: str) -> Act:
        symbol = self._symbol(params)

        def act(_now_ns: int) -> Any:
            open_orders = self._host.open_orders(account)
            found = self._of(open_orders, symbol, lambda it: it.is_waiting)
            return [self._face.words.algo(it) for it in found]

        return act

    def all_algos(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        span = _Span.read(params, _USUAL_ROWS)

        def act(_now_ns: int) -> Any:
            found = self._of(self._host.orders(account), symbol, is_algo)
            rows = span.of(found, lambda it: it.created_time_ns)
            return [self._face.words.algo(it) for it in rows]

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        first, number = params.whole_or_none("fromId"), params.maybe("orderId")
        span = _Span.read(params, _USUAL_ROWS)
        if first is not None and span.is_bounded:
            raise Said(-1128, "Combination of optional parameters invalid.")

        def act(_now_ns: int) -> Any:
            of_order = self._face.fill_order_id
            fills = [
                it
                for it in self._host.venue.fills(account)
                if it.symbol == symbol
                and is_told(it)
                and (number is None or of_order(account, it) == number)
            ]
            if first is not None:
                rows = [it for it in fills if trade_id(it) >= first][: span.limit]
            else:
                rows = span.of(fills, lambda it: it.time_ns)
            shown = self._face.passage.page(account, rows)
            return [self._face.words.trade(account, it) for it in shown]

        return act

    def income(self, params: Params, account: str) -> Act:
        """Return what moved the balance: funding, transfers, commission, profits."""
        symbol, wanted = self._symbol(params), params.maybe("incomeType")
        span = _Span.read(params, _USUAL_INCOMES)
        page = max(1, params.whole("page", 1))

        def act(_now_ns: int) -> Any:
            rows = [
                (time_ns, row)
                for time_ns, row in self._incomes(account)
                if wanted in (None, row["incomeType"])
                and (symbol is None or row["symbol"] == self._face.symbols.id(symbol))
            ]
            rows.sort(key=lambda it: it[0])
            told = span.of(rows, lambda it: it[0], page=page)
            return [row for _, row in told]

        return act

    def _incomes(self, account: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for event in self._host.venue.events(account):
            kind = _INCOMES.get(event.kind)
            if kind is not None:
                row = _income(kind, event.amount, event.asset, event.time_ns)
                name = self._face.symbols.id(event.symbol) if event.symbol else ""
                yield event.time_ns, row | {"symbol": name, "tranId": 2 * event.sequence}
        for fill in self._host.venue.fills(account):
            if not is_told(fill) or fill.symbol not in self._face.symbols:
                continue
            named = {
                "symbol": self._face.symbols.id(fill.symbol),
                "tradeId": str(trade_id(fill)),
                "tranId": 2 * trade_id(fill) + 1,
            }
            profit = self._face.realized.of(account, fill)
            for kind, amount in (("COMMISSION", -fill.fee), ("REALIZED_PNL", profit)):
                if amount:
                    row = _income(kind, amount, fill.fee_asset, fill.time_ns)
                    yield fill.time_ns, row | named

    def _symbol(self, params: Params) -> str | None:
        if "symbol" not in params:
            return None
        return self._face.symbols.symbol(params.text("symbol"))

    def _of(
        self,
        orders: Sequence[VenueOrder],
        symbol: str | None,
        is_meant: Callable[[VenueOrder], bool],
    ) -> list[VenueOrder]:
        symbols = self._face.symbols
        found = [
            it
            for it in orders
            if it.symbol in symbols and symbol in (None, it.symbol) and is_meant(it)
        ]
        return sorted(found, key=order_id)


class _Span:
    """A span of time of at most a week, and how many rows are wanted of it."""

    def __init__(self, start_ns: int | None, end_ns: int | None, limit: int) -> None:
        self._start_ns = start_ns
        self._end_ns = end_ns
        self.limit = limit

    @classmethod
    def read(cls, params: Params, usual: int) -> _Span:
        start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")
        if start_ns is not None and end_ns is not None and end_ns - start_ns > _WEEK_NS:
            raise Said(-4166, "Search window is restricted to recent 7 days only.")
        return cls(start_ns, end_ns, params.whole("limit", usual, most=_MOST_ROWS))

    @property
    def is_bounded(self) -> bool:
        return (self._start_ns, self._end_ns) != (None, None)

    def of(
        self, rows: Sequence[Row], time_of: Callable[[Row], int], *, page: int = 1
    ) -> list[Row]:
        """Return the oldest rows from a start on, else the newest."""
        start_ns, end_ns = self._start_ns, self._end_ns
        found = [
            row
            for row in rows
            if (start_ns is None or time_of(row) // _MS_NS >= start_ns // _MS_NS)
            and (end_ns is None or time_of(row) // _MS_NS <= end_ns // _MS_NS)
        ]
        if start_ns is None and page == 1:
            return found[-self.limit :]
        return found[(page - 1) * self.limit : page * self.limit]


def _income(kind: str, amount: Decimal, asset: str, time_ns: int) -> dict[str, Any]:
    return {
        "incomeType": kind,
        "income": plain(amount),
        "asset": asset,
        "info": kind,
        "time": milliseconds(time_ns),
        "tradeId": "",
    }
