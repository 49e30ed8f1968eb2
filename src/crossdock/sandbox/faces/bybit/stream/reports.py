"""Private topics: order, execution, wallet and position.

https://bybit-exchange.github.io/docs/v5/websocket/private/order and its neighbours, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from crossdock.model import FillKind
from crossdock.sandbox.faces.bybit.words import Row
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Filled, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

ORDER, EXECUTION, WALLET, POSITION = "order", "execution", "wallet", "position"
TOPICS = frozenset({ORDER, EXECUTION, WALLET, POSITION})

encode = msgspec.json.Encoder().encode


class Reports:
    """Words an account's news."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._count = 0

    def of(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        words = self._face.words
        if isinstance(news, OrderChanged):
            if not news.order.is_pending and news.order.reason != "parent":
                yield ORDER, self._said(ORDER, [words.order(news.order)])
        elif isinstance(news, BalancesChanged):
            yield WALLET, self._said(WALLET, [words.wallet(news.rows)])
        elif isinstance(news, Filled) and news.fill.kind is FillKind.REPORTED:
            row = words.execution(account, news.fill)
            yield EXECUTION, self._said(EXECUTION, [row])
            now_ns = self._host.now_ns()
            positions = [
                words.position(it, now_ns)
                for it in self._host.venue.positions(account)
                if it.symbol == news.fill.symbol
            ]
            if positions:
                yield POSITION, self._said(POSITION, positions)

    def is_of_spot(self, fill_id: str) -> bool:
        """Tell whether an execution was one of spot."""
        for account in self._host.venue.accounts:
            for fill in self._host.venue.fills(account):
                if fill.execution_id == fill_id:
                    return self._face.names.is_spot(fill.symbol)
        return True

    def _said(self, topic: str, data: list[Row]) -> bytes:
        self._count += 1
        return encode(
            {
                "id": f"{self._host.name}-{self._count}",
                "topic": topic,
                "creationTime": self._host.now_ns() // 1_000_000,
                "data": data,
            }
        )
