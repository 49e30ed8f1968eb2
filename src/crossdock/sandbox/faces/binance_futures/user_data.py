"""What an account is told: orders, algo orders, balances and positions.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind, Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance_futures.algos import is_algo
from crossdock.sandbox.faces.binance_futures.words import (
    STP,
    algo_id,
    asked_type,
    expiry_ms,
    order_id,
    position_side,
    status_of,
    time_in_force,
    told_status,
    trade_id,
    type_of,
)
from crossdock.sandbox.faces.binance_words.writing import milliseconds, side_of
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Moved, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

_REASONS = {
    AccountEventKind.FUNDING: "FUNDING_FEE",
    AccountEventKind.DEPOSIT: "DEPOSIT",
    AccountEventKind.WITHDRAWAL: "WITHDRAW",
}
_ENDS = {
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}


class UserData:
    """Events of one venue's accounts."""

    def __init__(self, face: FuturesFace) -> None:
        self._face = face
        self._amends: dict[int, int] = {}
        self._algos: dict[int, str] = {}
        self._told: dict[str, dict[str, Decimal]] = {}

    def begin(self, account: str, rows: Sequence[tuple[str, Decimal, Decimal]]) -> None:
        """Note what an account has: only what changes from there is told."""
        self._told[account] = {asset: total for asset, total, _ in rows}

    def events(self, account: str, news: AccountNews) -> Iterator[dict[str, Any]]:
        """Return the events a piece of news makes, none for what Binance does not tell."""
        if isinstance(news, OrderChanged):
            if news.order.symbol in self._face.symbols:
                yield from self._order(news.order, news.fill)
        elif isinstance(news, BalancesChanged):
            yield from self._account_update(account, "ORDER", news.rows, news.time_ns)
        elif isinstance(news, Moved) and news.event.kind in _REASONS:
            rows = self._face.host.venue.balances(account)
            reason, time_ns = _REASONS[news.event.kind], news.event.time_ns
            yield from self._account_update(account, reason, rows, time_ns)

    def _order(self, order: VenueOrder, fill: VenueFill | None) -> Iterator[dict[str, Any]]:
        if is_algo(order):
            status = self._face.algos.status(order)
            if self._algos.get(order.number) != status:
                self._algos[order.number] = status
                yield self._algo(order)
        if self._face.algos.is_placed(order):
            yield self._execution(order, fill)

    def _execution(self, order: VenueOrder, fill: VenueFill | None) -> dict[str, Any]:
        words = self._face.words
        profit = ZERO
        body: dict[str, Any] = {
            "s": self._face.symbols.id(order.symbol),
            "c": words.client_id(order),
            "S": side_of(order.side),
            "o": type_of(order),
            "f": time_in_force(order),
            "q": plain(order.quantity),
            "p": plain(order.limit_price or ZERO),
            "ap": words.average_of(order),
            "sp": "0",
            "x": self._kind(order, fill),
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
            "wt": "CONTRACT_PRICE",
            "ot": asked_type(order),
            "ps": position_side(order.position_side),
            "cp": False,
            "V": STP,
            "pm": "NONE",
            "gtd": expiry_ms(order),
        }
        if fill is not None:
            profit = self._face.realized.of(order.account, fill)
            body |= {
                "l": plain(fill.quantity),
                "L": plain(fill.price),
                "N": fill.fee_asset,
                "n": plain(fill.fee),
                "t": trade_id(fill),
                "T": milliseconds(fill.time_ns),
                "m": fill.liquidity is Liquidity.MAKER,
            }
        return self._event("ORDER_TRADE_UPDATE", order.updated_time_ns) | {
            "o": body | {"rp": plain(profit)}
        }

    def _kind(self, order: VenueOrder, fill: VenueFill | None) -> str:
        if fill is not None:
            return "TRADE"
        ended = _ENDS.get(told_status(order))
        if ended is not None:
            return ended
        amends = order.chain.index(order.id)
        if amends > self._amends.get(order.number, 0):
            self._amends[order.number] = amends
            return "AMENDMENT"
        return "NEW"

    def _algo(self, order: VenueOrder) -> dict[str, Any]:
        went_on = self._face.algos.has_triggered(order)
        words = self._face.words
        body: dict[str, Any] = {
            "caid": words.client_id(order),
            "aid": algo_id(order),
            "at": "CONDITIONAL",
            "o": asked_type(order),
            "s": self._face.symbols.id(order.symbol),
            "S": side_of(order.side),
            "ps": position_side(order.position_side),
            "f": time_in_force(order),
            "q": plain(order.quantity),
            "X": self._face.algos.status(order),
            "ai": str(order_id(order)) if went_on else "",
            "tp": plain(words.trigger(order)),
            "p": plain(order.limit_price or ZERO),
            "V": STP,
            "wt": "CONTRACT_PRICE",
            "pm": "NONE",
            "cp": False,
            "pP": False,
            "R": order.reduce_only,
            "tt": milliseconds(order.updated_time_ns) if went_on else 0,
            "gtd": expiry_ms(order),
            "rm": "",
        }
        if went_on:
            body |= {
                "ap": words.average_of(order),
                "aq": plain(order.cumulative_quantity),
                "act": type_of(order),
            }
        return self._event("ALGO_UPDATE", order.updated_time_ns) | {"o": body}

    def _account_update(
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
        yield self._event("ACCOUNT_UPDATE", time_ns) | {
            "a": {
                "m": reason,
                "B": [
                    {
                        "a": asset,
                        "wb": plain(total),
                        "cw": plain(total),
                        "bc": plain(total - told.get(asset, ZERO)),
                    }
                    for asset, total in changed
                ],
                "P": self._positions(account),
            }
        }
        told.update(changed)

    def _positions(self, account: str) -> list[dict[str, Any]]:
        return [
            {
                "s": self._face.symbols.id(it.symbol),
                "pa": plain(it.quantity),
                "ep": plain(it.entry_price or ZERO),
                "bep": plain(it.entry_price or ZERO),
                "cr": plain(it.realized_pnl),
                "up": plain(self._face.holdings.profit(it)),
                "mt": "cross",
                "iw": "0",
                "ps": position_side(it.position_side),
                "ma": it.settle,
            }
            for it in self._face.host.venue.positions(account)
            if it.symbol in self._face.symbols
        ]

    def _event(self, name: str, time_ns: int) -> dict[str, Any]:
        now_ms = milliseconds(self._face.host.now_ns())
        return {"e": name, "E": now_ms, "T": milliseconds(time_ns)}
