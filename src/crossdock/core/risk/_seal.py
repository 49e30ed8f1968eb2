"""The stamp of approval. An import contract lets only `crossdock.core.risk` in here."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from decimal import Decimal
from typing import NoReturn

from crossdock.core.risk.reservations import Reservation
from crossdock.errors import RiskRefused
from crossdock.model import OrderId, OrderRequest, WriteKind

_STAMP = object()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approved:
    """Leave to send one order, or one replace, once and soon.

    `request` carries the values to send (of a replace: the new ones, `quantity` the new
    total). `reserved` is the worst case that was set aside when it was made; of a
    replace, of old and new. `reference_price` is what the order was valued at: the worst
    price in the book for a market order, else the mark.
    """

    request: OrderRequest
    kind: WriteKind
    approval_id: str
    reserved: Reservation
    expires_ns: int  # monotonic
    reference_price: Decimal
    order_id: OrderId | None = None  # of a replace: the order it changes
    stamp: InitVar[object]
    _spent: list[bool] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self, stamp: object) -> None:
        if stamp is not _STAMP:
            raise TypeError("only the risk gate approves orders")

    @property
    def is_spent(self) -> bool:
        return bool(self._spent)

    def consume(self, now_ns: int) -> OrderRequest:
        """Use the approval up. Raises RiskRefused when it is spent or too old."""
        if self._spent:
            raise RiskRefused(
                [("approval", f"{self.approval_id} was used already: ask again")]
            )
        if now_ns >= self.expires_ns:
            late_ms = (now_ns - self.expires_ns) // 1_000_000
            raise RiskRefused(
                [("approval", f"{self.approval_id} expired {late_ms} ms ago: ask again")]
            )
        self._spent.append(True)
        return self.request

    def __copy__(self) -> NoReturn:
        raise TypeError("an approval is used once: it cannot be copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__copy__()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        self.__copy__()


def seal(
    request: OrderRequest,
    kind: WriteKind,
    approval_id: str,
    reserved: Reservation,
    expires_ns: int,
    reference_price: Decimal,
    order_id: OrderId | None,
) -> Approved:
    return Approved(
        request=request,
        kind=kind,
        approval_id=approval_id,
        reserved=reserved,
        expires_ns=expires_ns,
        reference_price=reference_price,
        order_id=order_id,
        stamp=_STAMP,
    )
