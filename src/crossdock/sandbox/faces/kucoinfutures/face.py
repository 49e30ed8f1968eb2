"""KuCoin Futures: REST at `/api/v1`, one WebSocket for all topics.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint, KucoinGateway
from crossdock.sandbox.faces.kucoin_gateway.ids import (
    futures_id,
    number_of_futures,
)
from crossdock.sandbox.faces.kucoin_gateway.orders import Orders
from crossdock.sandbox.faces.kucoin_gateway.refusals import Words as RefusalWords
from crossdock.sandbox.faces.kucoinfutures.account import Account
from crossdock.sandbox.faces.kucoinfutures.market import Market
from crossdock.sandbox.faces.kucoinfutures.names import Names, currency
from crossdock.sandbox.faces.kucoinfutures.streams import ORDERS, STOPS, WALLET, Streams
from crossdock.sandbox.faces.kucoinfutures.trading import Trading
from crossdock.sandbox.faces.kucoinfutures.words import Words
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_NOBODY = "0"
_GONE = (400, "100004", "Order is in not cancelable state")


class KucoinFuturesFace(KucoinGateway):
    """The protocol at one venue. Only its contracts are seen."""

    absent = KucoinGateway.absent | {
        FaultKind.LIQUIDATION,
        FaultKind.REPLACE_FILL_RACE,
    }
    tells_balances = True
    usual_limits: Mapping[str, int] = MappingProxyType(
        {"account_most": 2000, "public_most": 2000}
    )
    trade_right = "Futures"
    private_topics = frozenset({ORDERS, STOPS, WALLET})
    refusing: Mapping[str, RefusalWords] = MappingProxyType(
        {
            "insufficient_funds": (200, "300003", "Balance not enough"),
            "duplicate_client_order_id": (200, "300018", "clientOid parameter repeated"),
            "reduce_only": (200, "300009", "No open positions to close."),
            "min_quantity": (200, "300000", "size: request parameter illegal"),
            "max_quantity": (200, "300000", "size: request parameter illegal"),
            "bad_lot": (200, "300000", "size: request parameter illegal"),
            "bad_tick": (200, "300000", "price: request parameter illegal"),
            "unknown_order": _GONE,
            "order_done": _GONE,
        }
    )

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.names = Names(host)
        self.orders = Orders(self)
        self.words = Words(self)
        self._market = Market(self)
        self._account = Account(self)
        self._trading = Trading(self)
        self._streams = Streams(self)

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            *self._market.endpoints(),
            *self._account.endpoints(),
            *self._trading.endpoints(),
        ]

    def currency(self, asset: str) -> str:
        return currency(asset)

    def ref(self, text: str) -> OrderRef:
        return OrderRef(order_id=number_of_futures(text) or _NOBODY)

    def market_topics(self, text: str) -> Sequence[Topic]:
        return self._streams.topics(text)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self._streams.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.market(news)

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return [futures_id(order.chain[0])]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        order = self.host.venue.find(account, order_id=fill.order_id)
        return futures_id(order.chain[0])
