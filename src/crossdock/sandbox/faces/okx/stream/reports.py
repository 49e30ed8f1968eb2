"""Private channels: orders, orders-algo, algo-advance, account and positions.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel and
https://www.okx.com/docs-v5/en/#trading-account-websocket-account-channel, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from crossdock.model import FillKind
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.okx.forms import TRAILING
from crossdock.sandbox.faces.okx.words import Row
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Filled, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

ORDERS, ALGOS, ADVANCED = "orders", "orders-algo", "algo-advance"
ACCOUNT, POSITIONS = "account", "positions"
ON_BUSINESS = frozenset({ALGOS, ADVANCED})
CHANNELS = frozenset({ORDERS, ACCOUNT, POSITIONS}) | ON_BUSINESS

encode = msgspec.json.Encoder().encode


class Reports:
    """Words an account's news as rows; the connection puts its own subscription to them."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host

    def of(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        now_ns = self._host.now_ns()
        words = self._face.words
        if isinstance(news, OrderChanged):
            order = news.order
            if self._face.trading.is_algo(order) and self._is_told(order):
                row = words.algo(order)
                yield ADVANCED if row["ordType"] == TRAILING else ALGOS, encode([row])
            if self._face.trading.is_listed(order):
                yield ORDERS, encode([words.pushed(order, news.fill)])
        elif isinstance(news, BalancesChanged):
            assets = [asset for asset, _, _ in news.rows]
            yield ACCOUNT, encode([words.account(account, assets, now_ns)])
        elif isinstance(news, Filled) and news.fill.kind is FillKind.REPORTED:
            rows = self.positions(account, news.fill.symbol)
            if rows:
                yield POSITIONS, encode(rows)

    def first(self, channel: str, account: str) -> bytes | None:
        """Return what a new listener is told at once."""
        if channel == ACCOUNT:
            row = self._face.words.account(account, [], self._host.now_ns())
            return encode([row])
        return encode(self.positions(account)) if channel == POSITIONS else None

    def positions(self, account: str, symbol: str | None = None) -> list[Row]:
        now_ns = self._host.now_ns()
        return [
            self._face.words.position(it, now_ns)
            for it in self._host.venue.positions(account)
            if symbol in (None, it.symbol) and (it.quantity or symbol is not None)
        ]

    def _is_told(self, order: VenueOrder) -> bool:
        return not order.is_pending and order.reason != "parent"
