"""Reads of an account: orders, trades, what it holds.

https://docs.deribit.com/api-reference/trading/private-get_order_history_by_instrument,
https://docs.deribit.com/api-reference/trading/private-get_user_trades_by_instrument_and_time
and https://docs.deribit.com/articles/accessing-historical-trades-orders, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.model import AccountEventKind, FillKind
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.deribit.names import ANY
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.words import Row, milliseconds, number_of, short
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

_ORDERS, _TRADES, _MOST = 20, 10, 1000
_RECENT_ORDERS_NS = 30 * 60 * SECOND_NS
_RECENT_TRADES_NS = 24 * 3600 * SECOND_NS


class Account:
    """Reads of one venue's accounts. Each returns a reply's result."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face
        self._host = face.host
        self._names = face.names

    def open_orders(self, params: Params, account: str) -> Act:
        return self._open(account, self._names.symbols)

    def open_of_currency(self, params: Params, account: str) -> Act:
        kind = params.maybe("kind") or ANY
        return self._open(account, self._names.of(params.text("currency"), kind))

    def open_of_instrument(self, params: Params, account: str) -> Act:
        return self._open(account, [self._names.find(params.text("instrument_name"))])

    def state(self, params: Params, account: str) -> Act:
        number = number_of(params.text("order_id"))

        def act(_now_ns: int) -> Row:
            return self._face.words.order(self._host.lookup(account, order_id=number))

        return act

    def states_of_label(self, params: Params, account: str) -> Act:
        """Return the orders that carry a label, the newest first."""
        symbols = self._names.of(params.text("currency"))
        label = params.text("label")

        def act(now_ns: int) -> list[Row]:
            return [
                self._face.words.order(it)
                for it in self._host.orders(account)[::-1]
                if it.symbol in symbols
                and self._face.label(it) == label
                and (not it.is_done or _is_recent(it, now_ns))
            ]

        return act

    def done_of_currency(self, params: Params, account: str) -> Act:
        kind = params.maybe("kind") or ANY
        return self._done(params, account, self._names.of(params.text("currency"), kind))

    def done_of_instrument(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return self._done(params, account, [symbol])

    def trades_of_currency(self, params: Params, account: str) -> Act:
        kind = params.maybe("kind") or ANY
        symbols = self._names.of(params.text("currency"), kind)
        return self._trades(params, account, symbols)

    def trades_of_instrument(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return self._trades(params, account, [symbol])

    def timed_of_currency(self, params: Params, account: str) -> Act:
        symbols = self._names.of(params.text("currency"), params.maybe("kind") or ANY)
        return self._trades(params, account, symbols, timed=True)

    def timed_of_instrument(self, params: Params, account: str) -> Act:
        symbol = self._names.find(params.text("instrument_name"))
        return self._trades(params, account, [symbol], timed=True)

    def trades_of_order(self, params: Params, account: str) -> Act:
        number = number_of(params.text("order_id"))

        def act(_now_ns: int) -> list[Row]:
            order = self._host.lookup(account, order_id=number)
            fills = self._host.feed.totals.of(order).fills.values()
            return [self._face.words.trade(account, it) for it in fills]

        return act

    def summary(self, params: Params, account: str) -> Act:
        currency = params.choice("currency", self._names.currencies)

        def act(_now_ns: int) -> Row:
            # Fees stand here only where they differ from the market's own.
            return self._face.words.summary(account, currency) | {"fees": []}

        return act

    def summaries(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Row:
            held = {asset for asset, _, _ in self._host.venue.balances(account)}
            named = [*self._names.currencies, *sorted(held - set(self._names.currencies))]
            rows = [self._face.words.summary(account, it) for it in named]
            return {"id": 1, "type": "main", "summaries": rows}

        return act

    def positions(self, params: Params, account: str) -> Act:
        symbols = self._names.of(params.maybe("currency") or ANY)

        def act(_now_ns: int) -> list[Row]:
            return [
                self._face.words.position(it)
                for it in self._host.venue.positions(account)
                if it.symbol in symbols and it.quantity
            ]

        return act

    def deposits(self, params: Params, account: str) -> Act:
        return self._moves(params, account, AccountEventKind.DEPOSIT)

    def withdrawals(self, params: Params, account: str) -> Act:
        return self._moves(params, account, AccountEventKind.WITHDRAWAL)

    def _open(self, account: str, symbols: list[str]) -> Act:
        def act(_now_ns: int) -> list[Row]:
            return [
                self._face.words.order(it)
                for it in self._host.open_orders(account)
                if it.symbol in symbols
            ]

        return act

    def _done(self, params: Params, account: str, symbols: list[str]) -> Act:
        """Return orders that are done, the newest first; unfilled ones if asked for."""
        count = params.whole("count", _ORDERS, most=_MOST)
        skipped = params.whole("offset", 0, least=0, most=1_000_000)
        unfilled, historical = params.flag("include_unfilled"), params.flag("historical")

        def act(now_ns: int) -> list[Row]:
            found = [
                it
                for it in self._host.orders(account)[::-1]
                if it.is_done
                and it.symbol in symbols
                and (unfilled or it.cumulative_quantity)
                and (historical or _is_recent(it, now_ns))
            ]
            return [self._face.words.order(it) for it in found[skipped : skipped + count]]

        return act

    def _trades(
        self, params: Params, account: str, symbols: list[str], *, timed: bool = False
    ) -> Act:
        """Return trades, of a time if one is given the oldest first, else the newest."""
        count = params.whole("count", _TRADES, most=_MOST)
        usual = "asc" if timed else "desc"
        sorting = params.choice("sorting", ("asc", "desc", "default"), "default")
        rises = (usual if sorting == "default" else sorting) == "asc"
        start_ns = params.time_ns("start_timestamp") if timed else 0
        end_ns = params.time_ns("end_timestamp") + 999_999 if timed else None
        historical = params.flag("historical")

        def act(now_ns: int) -> Row:
            fills = [
                it
                for it in self._host.venue.fills(account)
                if it.kind is FillKind.REPORTED
                and it.symbol in symbols
                and start_ns <= it.time_ns
                and (end_ns is None or it.time_ns <= end_ns)
                and (historical or now_ns - it.time_ns <= _RECENT_TRADES_NS)
            ]
            told = self._face.passage.page(account, fills if rises else fills[::-1])
            rows = [self._face.words.trade(account, it) for it in told[:count]]
            return {"trades": rows, "has_more": len(told) > count}

        return act

    def _moves(self, params: Params, account: str, kind: AccountEventKind) -> Act:
        currency = params.choice("currency", self._names.currencies)
        count = params.whole("count", _TRADES, most=_MOST)

        def act(_now_ns: int) -> Row:
            rows = [
                {
                    "address": "sandbox",
                    "amount": short(abs(it.amount)),
                    "currency": it.asset,
                    "state": "completed",
                    "transaction_id": it.event_id,
                    "received_timestamp": milliseconds(it.time_ns),
                    "updated_timestamp": milliseconds(it.time_ns),
                }
                for it in self._host.venue.events(account)[::-1]
                if it.kind is kind and it.asset == currency
            ]
            return {"count": len(rows), "data": rows[:count]}

        return act


def _is_recent(order: VenueOrder, now_ns: int) -> bool:
    return now_ns - order.updated_time_ns <= _RECENT_ORDERS_NS
