"""Orders and fills as Crossdock's nouns, over the chains that replaces make.

A replaced order ends and another takes over, with an id, a client id and a count of its
own. What was filled before is not in it, so a chain is told as one order here: quantities
are sums over its links, and the client id is the first link's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.adapters.venues.alpaca.stamps import time_ns
from crossdock.adapters.venues.alpaca.symbols import USD, Symbols
from crossdock.adapters.venues.alpaca.wire import WireOrder
from crossdock.errors import BadPayload
from crossdock.model import (
    AccountId,
    ClientOrderId,
    ExecutionId,
    Fill,
    OrderReport,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    VenueOrderId,
)

REPLACED = "replaced"
_REJECTED = "rejected"
SIMPLE = ("", "simple", None)
_MOST_LINKS = 20_000
_ZERO = Decimal(0)

# https://docs.alpaca.markets/docs/orders-at-alpaca#order-lifecycle, read 2026-11-21.
_WORKING = frozenset(
    {
        "new",
        "accepted",
        "accepted_for_bidding",
        "held",
        "partially_filled",
        "pending_cancel",
        "pending_replace",
        "pending_review",
        "done_for_day",
        "stopped",
        "suspended",
        "calculated",
        REPLACED,
    }
)
_ENDED = {
    "pending_new": OrderStatus.PENDING_NEW,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    _REJECTED: OrderStatus.REJECTED,
}
_TIMES = {
    "day": TimeInForce.DAY,
    "gtc": TimeInForce.GTC,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.FOK,
    # Both end with the day they are sent for.
    "opg": TimeInForce.DAY,
    "cls": TimeInForce.DAY,
}


@dataclass(slots=True)
class Link:
    """One order of a chain, as far as it is known."""

    client_order_id: str
    filled: Decimal
    replaces: str | None
    replaced_by: str | None = None
    parent: str | None = None
    has_legs: bool = False


class Chains:
    """What was seen of orders: which took over from which, and whose legs they are."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._sent: dict[str, None] = {}

    def sending(self, client_order_id: str) -> None:
        """Note an order of ours: news of it may come before the reply does."""
        self._sent[client_order_id] = None
        if len(self._sent) > _MOST_LINKS:
            del self._sent[next(iter(self._sent))]

    def is_placed(self, order: WireOrder) -> bool:
        """Tell whether it is known if an order belongs to another, and to which."""
        if order.order_class in SIMPLE or order.client_order_id in self._sent:
            return True
        link = self._links.get(order.id)
        return link is not None and (link.parent is not None or link.has_legs)

    def learn(self, order: WireOrder, parent: str | None = None) -> None:
        """Take in what an order says; what is filled never becomes less."""
        filled = order.filled_qty or _ZERO
        link = self._links.get(order.id)
        if link is None:
            link = Link(order.client_order_id, filled, order.replaces)
            self._links[order.id] = link
            if len(self._links) > _MOST_LINKS:
                del self._links[next(iter(self._links))]
        link.filled = max(link.filled, filled)
        link.replaces = order.replaces or link.replaces
        if order.status == REPLACED:
            link.replaced_by = order.replaced_by or link.replaced_by
        link.parent = parent or link.parent
        link.has_legs = link.has_legs or bool(order.legs)
        if link.replaces is not None and link.replaces in self._links:
            before = self._links[link.replaces]
            if order.status != _REJECTED:
                before.replaced_by = before.replaced_by or order.id
            elif before.replaced_by == order.id:
                before.replaced_by = None  # it goes on as it was
            link.parent = link.parent or before.parent
            link.has_legs = link.has_legs or before.has_legs
        for leg in order.legs or ():
            self.learn(leg, order.id)

    def newest(self, order_id: str) -> str:
        """Return the id that an order goes by now."""
        seen = {order_id}
        while (link := self._links.get(order_id)) is not None:
            if link.replaced_by is None or link.replaced_by in seen:
                break
            order_id = link.replaced_by
            seen.add(order_id)
        return order_id

    def unknown_before(self, order: WireOrder) -> str | None:
        """Return the id of the first link, backwards, that was never seen."""
        before = order.replaces
        for _ in range(len(self._links) + 1):
            if before is None:
                return None
            link = self._links.get(before)
            if link is None:
                return before
            before = link.replaces
        return None

    def carried(self, order_id: str) -> Decimal:
        """Return what the links before this one have filled."""
        return sum((link.filled for link in self._before(order_id)), _ZERO)

    def client_id(self, order_id: str) -> ClientOrderId:
        """Return the first link's client id; empty when it is not known."""
        link = self._links.get(order_id)
        if link is None:
            return ClientOrderId("")
        first = [link, *self._before(order_id)][-1]
        return ClientOrderId("" if first.replaces is not None else first.client_order_id)

    def parent(self, order_id: str) -> str | None:
        link = self._links.get(order_id)
        return None if link is None else link.parent

    def _before(self, order_id: str) -> Iterator[Link]:
        link = self._links.get(order_id)
        for _ in range(len(self._links)):
            if link is None or link.replaces is None:
                return
            link = self._links.get(link.replaces)
            if link is not None:
                yield link


class OrderTranslation:
    """Names orders and fills for one account at one venue."""

    def __init__(self, account: AccountId, symbols: Symbols) -> None:
        self._account = account
        self.symbols = symbols
        self.chains = Chains()

    def report(self, order: WireOrder, received_ns: int) -> OrderReport:
        """Tell an order whose earlier links are known. Raises BadPayload."""
        chains = self.chains
        chains.learn(order)
        if not order.symbol:
            raise BadPayload(f"order {order.id} has no symbol")
        carried = chains.carried(order.id)
        filled = order.filled_qty or _ZERO
        by_amount = order.qty is None
        own = filled if order.qty is None else order.qty
        parent = chains.parent(order.id)
        at = order.updated_at or order.submitted_at
        type_ = order.type or order.order_type or ""
        return OrderReport(
            account=self._account,
            instrument=self.symbols.id_of(order.symbol, order.asset_class or ""),
            venue_order_id=VenueOrderId(order.id),
            client_order_id=chains.client_id(order.id),
            status=_status(order, carried + filled, own),
            side=side_of(order.side),
            type=_type(type_),
            quantity=carried + own,
            cumulative_quantity=carried + filled,
            limit_price=order.limit_price,
            stop_price=None if type_ == "trailing_stop" else order.stop_price,
            time_in_force=_time_in_force(order.time_in_force),
            average_price=order.filled_avg_price if filled and not carried else None,
            replaces=None if order.replaces is None else VenueOrderId(order.replaces),
            parent=None if parent is None else VenueOrderId(parent),
            trail_amount=order.trail_price,
            trail_percent=order.trail_percent,
            reason=f"ordered for {order.notional} {USD}" if by_amount else "",
            venue_time_ns=0 if at is None else time_ns(at),
            received_time_ns=received_ns,
        )

    def fill(
        self,
        order_id: str,
        *,
        symbol: str,
        asset_class: str,
        side: str | None,
        price: Decimal,
        quantity: Decimal,
        cumulative: Decimal,
        time: str,
        received_ns: int,
    ) -> Fill:
        """Tell a fill, with the same key whether it came from the stream or the history.

        They share no execution id; what they do share is the order and its count of what
        was filled so far. Fees of coins are booked apart, at the end of the day.
        """
        return Fill(
            account=self._account,
            instrument=self.symbols.id_of(symbol, asset_class),
            venue_order_id=VenueOrderId(order_id),
            execution_id=execution_id(order_id, cumulative),
            side=side_of(side),
            price=price,
            quantity=quantity,
            fee=_ZERO,
            fee_asset=USD,
            client_order_id=self.chains.client_id(order_id),
            venue_time_ns=time_ns(time),
            received_time_ns=received_ns,
        )


def flat(orders: Sequence[WireOrder]) -> Iterator[WireOrder]:
    """Yield orders and their legs; one of several legs has no symbol of its own."""
    for order in orders:
        if order.symbol:
            yield order
        yield from order.legs or ()


def execution_id(order_id: str, cumulative: Decimal) -> ExecutionId:
    return ExecutionId(f"{order_id}:{format(cumulative.normalize(), 'f')}")


def side_of(word: str | None) -> Side:
    """Read `buy`, `sell`, and the history's `sell_short`."""
    if word in ("buy", "buy_minus"):
        return Side.BUY
    if word in ("sell", "sell_short", "sell_short_exempt"):
        return Side.SELL
    raise BadPayload(f"a side of the venue is {word!r}")


def _status(order: WireOrder, filled: Decimal, own: Decimal) -> OrderStatus:
    ended = _ENDED.get(order.status)
    if ended is not None:
        return ended
    if order.status not in _WORKING:
        raise BadPayload(f"order {order.id} is {order.status!r}")
    if order.status == "calculated" and order.filled_qty == own:
        return OrderStatus.FILLED
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.NEW


def _type(word: str) -> OrderType:
    try:
        return OrderType(word)
    except ValueError:
        raise BadPayload(f"an order of the venue is of type {word!r}") from None


def _time_in_force(word: str) -> TimeInForce:
    try:
        return _TIMES[word]
    except KeyError:
        raise BadPayload(f"an order of the venue is in force {word!r}") from None


def is_void(order: WireOrder) -> bool:
    """Tell whether an order was to take over from another, and did not."""
    return order.replaces is not None and order.status == _REJECTED


def is_working(order: WireOrder) -> bool:
    """Tell whether an order is still to be reckoned with."""
    return order.status != REPLACED and order.status in (*_WORKING, "pending_new")
