"""The user channel: orders as they change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.coinbase.orders import groups
from crossdock.sandbox.faces.coinbase.stream.frames import USER, message
from crossdock.sandbox.faces.coinbase.values import Row
from crossdock.sandbox.stream.news import AccountNews, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_A_BATCH = 50  # orders


class UserStream:
    """Words one venue's account news. Fills are told only by what they do to orders."""

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host

    def messages(self, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        """Yield (product, body): a connection hears the products it asked for."""
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.products:
            yield (
                self._face.products.id(news.order.symbol),
                self._message("update", [news.order]),
            )

    def snapshot(self, account: str, products: Sequence[str]) -> Iterable[bytes]:
        """Return an account's open orders, in batches; one without any when there are none."""
        orders = [
            it
            for it in self._host.open_orders(account)
            if it.symbol in self._face.products
            and groups.head(it) is it
            and (not products or self._face.products.id(it.symbol) in products)
        ]
        batches = [orders[i : i + _A_BATCH] for i in range(0, len(orders), _A_BATCH)]
        return [self._message("snapshot", batch) for batch in batches or [[]]]

    def _message(self, kind: str, orders: Sequence[VenueOrder]) -> bytes:
        event: Row = {
            "type": kind,
            "orders": [self._face.words.update(it) for it in orders],
            "positions": {
                "perpetual_futures_positions": [],
                "expiring_futures_positions": [],
            },
        }
        return message(USER, self._host.now_ns(), [event])
