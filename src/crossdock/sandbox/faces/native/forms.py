"""What clients send, read strictly: unknown fields are ignored, wrong ones refused."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

import msgspec

from crossdock.model import (
    LIMITED,
    TRIGGERED,
    Contingency,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine import LegForm, OrderForm
from crossdock.sandbox.faces.refusals import bad_request

_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)

ClientOrderId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,36}\Z")]


class LegPart(msgspec.Struct, frozen=True, kw_only=True):
    """An exit that comes with an order."""

    limit_price: str | None = None
    stop_price: str | None = None
    client_order_id: ClientOrderId | None = None

    def leg(self) -> LegForm:
        """Return the engine's form. Raises Refusal."""
        return LegForm(
            limit_price=decimal_or_none(self.limit_price, "attached.limit_price"),
            stop_price=decimal_or_none(self.stop_price, "attached.stop_price"),
            client_order_id=self.client_order_id or "",
        )


class SubmitForm(msgspec.Struct, frozen=True, kw_only=True):
    client_order_id: ClientOrderId
    symbol: str
    side: Side
    type: OrderType
    quantity: str
    limit_price: str | None = None
    stop_price: str | None = None
    trail_amount: str | None = None
    trail_percent: str | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    attached: tuple[LegPart, ...] = ()
    contingency: Contingency = Contingency.OTO

    def order(self) -> OrderForm:
        """Return the engine's form. Raises Refusal for what no order can be."""
        limited, stopped = self.type in LIMITED, self.type in TRIGGERED
        if limited != (self.limit_price is not None):
            raise bad_request(f"limit_price: {self.type} {_need(limited)} one")
        if stopped != (self.stop_price is not None):
            raise bad_request(f"stop_price: {self.type} {_need(stopped)} one")
        dated = self.time_in_force is TimeInForce.GTD
        if dated != (self.expire_time_ns is not None):
            raise bad_request(f"expire_time_ns: {self.time_in_force} {_need(dated)} one")
        if self.post_only and (
            not limited or self.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
        ):
            raise bad_request("post_only: only limit orders that may rest")
        return OrderForm(
            client_order_id=self.client_order_id,
            symbol=self.symbol,
            side=self.side,
            type=self.type,
            quantity=positive(self.quantity, "quantity"),
            limit_price=decimal_or_none(self.limit_price, "limit_price"),
            stop_price=decimal_or_none(self.stop_price, "stop_price"),
            trail_amount=decimal_or_none(self.trail_amount, "trail_amount"),
            trail_percent=decimal_or_none(self.trail_percent, "trail_percent"),
            time_in_force=self.time_in_force,
            expire_time_ns=self.expire_time_ns,
            post_only=self.post_only,
            reduce_only=self.reduce_only,
            position_side=self.position_side,
            attached=tuple([part.leg() for part in self.attached]),
            contingency=self.contingency,
        )


class ReplaceForm(msgspec.Struct, frozen=True, kw_only=True):
    quantity: str | None = None
    limit_price: str | None = None
    stop_price: str | None = None

    def values(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """Return the new quantity, limit price and stop price. Raises Refusal."""
        if self.quantity is None and self.limit_price is None and self.stop_price is None:
            raise bad_request("a replace gives quantity, limit_price or stop_price")
        return (
            None if self.quantity is None else positive(self.quantity, "quantity"),
            decimal_or_none(self.limit_price, "limit_price"),
            decimal_or_none(self.stop_price, "stop_price"),
        )


class AuthFrame(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    time: int
    signature: str
    window: int = 5000


class SubscribeFrame(msgspec.Struct, frozen=True, kw_only=True):
    channels: list[str]
    symbols: list[str] = []


class OrderFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What every frame that writes carries besides its own fields."""

    time: int
    window: int = 5000


class RefFrame(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str | None = None
    client_order_id: str | None = None


Form = TypeVar("Form", bound=msgspec.Struct)


def read_json(body: bytes, form: type[Form]) -> Form:
    """Decode a request body. Raises Refusal that names the field."""
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise bad_request(str(problem)) from None


def read_fields(fields: object, form: type[Form]) -> Form:
    """Read a decoded frame as one of the forms. Raises Refusal that names the field."""
    try:
        return msgspec.convert(fields, form)
    except msgspec.ValidationError as problem:
        raise bad_request(str(problem)) from None


def decimal(text: str, field: str) -> Decimal:
    """Read an exact plain decimal: no exponent, no infinity. Raises Refusal."""
    if _NUMBER.fullmatch(text) is None:
        raise bad_request(f"{field}: a plain decimal like 1234.5 was expected")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise bad_request(f"{field}: a plain decimal was expected") from None


def decimal_or_none(text: str | None, field: str) -> Decimal | None:
    return None if text is None else decimal(text, field)


def positive(text: str, field: str) -> Decimal:
    value = decimal(text, field)
    if value <= 0:
        raise bad_request(f"{field}: more than 0 was expected")
    return value


def _need(needed: bool) -> str:
    return "needs" if needed else "takes no"
