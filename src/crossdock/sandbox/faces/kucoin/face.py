"""KuCoin spot: REST at `/api/v1` to `/api/v3`, one WebSocket for all topics.

What it does and who says so stands in `semantics.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from crossdock.model.words import TRIGGERED
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.kucoin.account import Account
from crossdock.sandbox.faces.kucoin.market import Market
from crossdock.sandbox.faces.kucoin.names import Names
from crossdock.sandbox.faces.kucoin.streams import BALANCES, ORDERS, STOPS, Streams
from crossdock.sandbox.faces.kucoin.trading import Trading
from crossdock.sandbox.faces.kucoin.words import Words, is_apart
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint, KucoinGateway
from crossdock.sandbox.faces.kucoin_gateway.ids import (
    number_of,
    number_of_stop,
    order_id,
    stop_id,
)
from crossdock.sandbox.faces.kucoin_gateway.orders import Orders
from crossdock.sandbox.faces.kucoin_gateway.refusals import Words as RefusalWords
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews

_NOBODY = "0"
_TOO_SMALL = (400, "400100", "Order size below the minimum requirement.")
_GONE = (400, "400100", "order_not_exist_or_not_allow_to_cancel")


class KucoinFace(KucoinGateway):
    """The protocol at one venue. Only its spot markets are seen."""

    absent = KucoinGateway.absent | {FaultKind.FUNDING, FaultKind.LIQUIDATION}
    tells_balances = True
    usual_limits: Mapping[str, int] = MappingProxyType(
        {"account_most": 4000, "public_most": 2000}
    )
    trade_right = "Spot"
    private_topics = frozenset({ORDERS, STOPS, BALANCES})
    refusing: Mapping[str, RefusalWords] = MappingProxyType(
        {
            "insufficient_funds": (200, "200004", "Balance insufficient!"),
            "duplicate_client_order_id": (200, "102426", "clientOid duplicate"),
            "min_quantity": _TOO_SMALL,
            "min_notional": _TOO_SMALL,
            "max_quantity": (400, "400100", "Order size above the maximum requirement."),
            "bad_lot": (200, "600100", "Order size increment invalid."),
            "bad_tick": (200, "600100", "Price increment invalid."),
            "unknown_symbol": (200, "900001", "symbol not exists"),
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

    def ref(self, text: str) -> OrderRef:
        """Return what the id of an order in the book means."""
        return OrderRef(order_id=number_of(text) or _NOBODY)

    def stop_ref(self, text: str) -> OrderRef:
        return OrderRef(order_id=number_of_stop(text) or _NOBODY)

    def market_topics(self, text: str) -> Sequence[Topic]:
        return self._streams.topics(text)

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        return self._streams.account(account, news)

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        return self._streams.market(news)

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        stops = [stop_id(order.chain[0])] if order.type in TRIGGERED else []
        return stops if is_apart(order) else [*stops, *map(order_id, order.chain)]

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return order_id(fill.order_id)
