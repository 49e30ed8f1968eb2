"""Orders looked up and listed.

https://docs.alpaca.markets/reference/getallorders-1,
https://docs.alpaca.markets/reference/getorderbyorderid-1 and
https://docs.alpaca.markets/reference/getorderbyclientorderid, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.alpaca.ids import order_number
from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.refusals import not_found, parameter
from crossdock.sandbox.faces.alpaca.words import Row, is_held
from crossdock.sandbox.faces.contract import Act, Call

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

_USUAL, _MOST = 50, 500
_STATUSES = ("open", "closed", "all")


class OrderReads:
    """What there is of orders, each link of a chain by itself."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._host = face.host

    def by_id(self, call: Call) -> Act:
        text = call.request.match_info["id"]
        return self._one(call, order_number(text), text)

    def by_client_id(self, call: Call) -> Act:
        text = Query(call.request.query).text("client_order_id")
        if not text:
            raise parameter("client_order_id is required")

        def act(now_ns: int) -> Row:
            number = self._face.chains.find(call.account, text)
            found: Row = self._one(call, number, text)(now_ns)
            return found

        return act

    def listed(self, call: Call) -> Act:
        query = Query(call.request.query)
        status = query.one_of("status", _STATUSES, "open")
        limit = query.whole("limit", _USUAL, _MOST)
        descends = query.one_of("direction", ("asc", "desc"), "desc") == "desc"
        after_ns, until_ns = query.moment_ns("after"), query.moment_ns("until")
        side = query.one_of("side", ("", "buy", "sell"), "")
        symbols, classes = query.words("symbols"), query.words("asset_class")
        nested = query.flag("nested")
        before_id, after_id = query.text("before_order_id"), query.text("after_order_id")

        def is_wanted(order: VenueOrder) -> bool:
            asset = self._face.assets.of(order.symbol)
            created_ns = self._face.chains.created_ns(order)
            if symbols and not {asset.symbol, asset.held_symbol} & set(symbols):
                return False
            if (side and order.side.value != side) or (
                classes and asset.asset_class not in classes
            ):
                return False
            if after_ns is not None and created_ns <= after_ns:
                return False
            if until_ns is not None and created_ns >= until_ns:
                return False
            return status == "all" or (status == "open") == self._is_open(
                order, nested=nested
            )

        def act(_: int) -> list[Row]:
            links = sorted(self._links(call.account, nested=nested), key=_place)
            for mark, is_before in ((before_id, True), (after_id, False)):
                number = order_number(mark) if mark else None
                if mark and number is None:
                    raise parameter(f"invalid order id: {mark}")
                if number is not None:
                    edge = int(number)
                    links = [it for it in links if (_place(it) < edge) == is_before]
                    links = [it for it in links if _place(it) != edge]
            rows = [it for it in links if is_wanted(it)]
            if descends:
                rows.reverse()
            words = self._face.words
            return [words.order(it, nested=nested) for it in rows[:limit]]

        return act

    def _one(self, call: Call, number: str | None, text: str) -> Act:
        nested = Query(call.request.query).flag("nested")

        def act(_: int) -> Row:
            missing = not_found(f"order not found for {text}")
            if number is None:
                raise missing
            try:
                order = self._host.lookup(call.account, order_id=number)
            except Refused:
                raise missing from None
            standing = self._face.chains.standing(order, number)
            return self._face.words.order(standing, nested=nested)

        return act

    def _links(self, account: str, *, nested: bool) -> Iterator[VenueOrder]:
        for order in self._host.orders(account):
            if not (nested and order.parent is not None):
                yield from self._face.chains.links(order)

    def _is_open(self, order: VenueOrder, *, nested: bool) -> bool:
        """Tell whether an order is listed as open; what is held is not.

        https://github.com/alpacahq/alpaca-trade-api-js/issues/87, read 2026-11-21.
        """
        link = self._face.chains.link(order.id)
        if link is not None and link.last is order:
            return False
        if nested and any(self._is_open(leg, nested=False) for leg in order.legs):
            return True
        return not order.is_done and not is_held(order)


def _place(order: VenueOrder) -> int:
    return int(order.id)
