"""What an account is told: orders, and balances with positions.

https://developers.binance.com/docs/derivatives/options-trading/user-data-streams, read
2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind, Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.faces.binance_words.writing import milliseconds, side_of
from crossdock.sandbox.faces.binanceoptions.words import (
    STP,
    order_id,
    status_of,
    time_in_force,
    told_status,
    trade_id,
)
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Moved, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

_REASONS = {
    AccountEventKind.DEPOSIT: "DEPOSIT",
    AccountEventKind.WITHDRAWAL: "WITHDRAW",
}
_ENDS = {
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.REJECTED: "REJECTED",
}


class UserData:
    """Events of one venue's accounts."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        self._face = face
        self._told: dict[str, dict[str, Decimal]] = {}

    def begin(self, account: str, rows: Sequence[tuple[str, Decimal, Decimal]]) -> None:
        """Note what an account has: only what changes from there is told."""
        self._told[account] = {asset: total for asset, total, _ in rows}

    def events(self, account: str, news: AccountNews) -> Iterator[dict[str, Any]]:
        """Return the events a piece of news makes, none for what Binance does not tell."""
        if isinstance(news, OrderChanged):
            if news.order.symbol in self._face.symbols:
                yield self._order(news.order, news.fill)
        elif isinstance(news, BalancesChanged):
            yield from self._balances(account, "ORDER", news.rows, news.time_ns)
        elif isinstance(news, Moved) and news.event.kind in _REASONS:
            rows = self._face.host.venue.balances(account)
            reason, time_ns = _REASONS[news.event.kind], news.event.time_ns
            yield from self._balances(account, reason, rows, time_ns)

    def _order(self, order: VenueOrder, fill: VenueFill | None) -> dict[str, Any]:
        words = self._face.words
        body: dict[str, Any] = {
            "s": self._face.symbols.id(order.symbol),
            "c": words.client_id(order),
            "S": side_of(order.side),
            "o": "LIMIT",
            "f": time_in_force(order),
            "q": plain(order.quantity),
            "p": plain(order.limit_price or ZERO),
            "ap": words.average(order),
            "x": "TRADE" if fill else _ENDS.get(told_status(order), "NEW"),
            "X": status_of(order),
            "i": order_id(order),
            "l": "0",
            "z": plain(order.cumulative_quantity),
            "L": "0",
            "T": milliseconds(order.updated_time_ns),
            "t": 0,
            "b": "0",
            "a": "0",
            "m": False,
            "R": order.reduce_only,
            "ot": "LIMIT",
            "rp": "0",
            "V": STP,
        }
        if fill is not None:
            body |= {
                "l": plain(fill.quantity),
                "L": plain(fill.price),
                "N": fill.fee_asset,
                "n": plain(-fill.fee),
                "t": trade_id(fill),
                "T": milliseconds(fill.time_ns),
                "m": fill.liquidity is Liquidity.MAKER,
            }
        return self._event("ORDER_TRADE_UPDATE", order.updated_time_ns) | {"o": body}

    def _balances(
        self,
        account: str,
        reason: str,
        rows: Sequence[tuple[str, Decimal, Decimal]],
        time_ns: int,
    ) -> Iterator[dict[str, Any]]:
        """Tell balances whose total changed, and positions with them."""
        told = self._told.setdefault(account, {})
        changed = [(asset, total) for asset, total, _ in rows if told.get(asset) != total]
        if not changed:
            return
        yield self._event("BALANCE_POSITION_UPDATE", time_ns) | {
            "m": reason,
            "B": [
                {
                    "a": asset,
                    "b": plain(total),
                    "bc": plain(total - told.get(asset, ZERO)),
                }
                for asset, total in changed
            ],
            "P": self._positions(account),
        }
        told.update(changed)

    def _positions(self, account: str) -> list[dict[str, Any]]:
        venue = self._face.host.venue
        return [
            {
                "s": self._face.symbols.id(it.symbol),
                "c": plain(it.quantity),
                "p": plain(
                    value(
                        venue.markets[it.symbol],
                        it.quantity,
                        self._face.words.mark(it.symbol),
                    )
                ),
                "a": plain(it.entry_price or ZERO),
            }
            for it in venue.positions(account)
            if it.symbol in self._face.symbols
        ]

    def _event(self, name: str, time_ns: int) -> dict[str, Any]:
        now_ms = milliseconds(self._face.host.now_ns())
        return {"e": name, "E": now_ms, "T": milliseconds(time_ns)}
