"""Orders of an account, found by their ids and entered under clients' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from crossdock.model import FillKind
from crossdock.sandbox.engine import OrderForm, Refused, VenueFill, VenueOrder
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kucoin_gateway.params import Params

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin_gateway.face import KucoinGateway

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, both told too."""

    start_ns: int | None
    end_ns: int | None

    @classmethod
    def of(cls, params: Params) -> Span:
        return cls(params.time_ns("startAt"), params.time_ns("endAt"))

    def __contains__(self, time_ns: int) -> bool:
        return (self.start_ns is None or time_ns >= self.start_ns) and (
            self.end_ns is None or time_ns // 1_000_000 <= self.end_ns // 1_000_000
        )


class Orders:
    """Writes and look-ups of one venue. All raise Refusal or Refused with nothing done."""

    def __init__(self, face: KucoinGateway) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def enter(
        self, account: str, form: OrderForm, client_oid: str | None, now_ns: int
    ) -> VenueOrder:
        """Place an order, unless an open one has its id."""
        if client_oid is not None and any(
            self._face.client_oid(account, it.client_order_id) == client_oid
            for it in self._host.venue.open_orders(account)
        ):
            raise Refused("duplicate_client_order_id", "an open order has this id")
        engine_id = self._ids.enter(account, client_oid or "")
        order = self._face.dealing.submit(
            account, replace(form, client_order_id=engine_id), now_ns
        )
        if client_oid is not None:
            self._ids.accepted(account, engine_id)
        return order

    def cancel(self, account: str, ref: OrderRef, now_ns: int) -> VenueOrder:
        order = self._face.dealing.find(account, ref)
        if order.is_done:
            raise Refused("order_done", "the order is done")
        return self._face.dealing.cancel(account, ref, now_ns)

    def by_client(self, account: str, client_oid: str) -> OrderRef:
        return OrderRef(client_id=self._ids.find(account, client_oid))

    def find(self, account: str, ref: OrderRef) -> VenueOrder:
        """Return an order as a look-up sees it."""
        return self._host.lookup(account, order_id=ref.order_id, client_id=ref.client_id)

    def fills(self, account: str, symbol: str | None, span: Span) -> list[VenueFill]:
        """Return executions, oldest first."""
        return [
            it
            for it in self._host.venue.fills(account)
            if it.kind is FillKind.REPORTED
            and symbol in (None, it.symbol)
            and it.time_ns in span
        ]

    def newest(self, account: str, rows: Sequence[Item], count: int) -> list[Item]:
        """Return the newest rows of a list, newest first."""
        return list(self._face.passage.page(account, rows[-count:]))[::-1]
