"""What a call asks for, and how Bitfinex writes numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from crossdock.sandbox.faces.bitfinex.refusals import invalid
from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.numbers import plain

Row = list[Any]

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_MOST_CID = 2**45 - 1
_DIGITS = 5
_FINEST = Decimal("0.00000001")
FIRST_ORDER = 200_000_000_000
_FIRST_TRADE = 1_800_000_000


class Params:
    """Fields of one call. Every reader raises Refusal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @classmethod
    def of(cls, call: Call) -> Params:
        fields: dict[str, Any] = {**call.request.query}
        if call.body:
            try:
                fields |= msgspec.json.decode(call.body, type=dict[str, Any])
            except msgspec.DecodeError:
                raise invalid("body") from None
        return cls(fields | call.request.match_info)

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def maybe(self, name: str) -> str | None:
        value = self._fields.get(name)
        return None if value is None else str(value)

    def whole(self, name: str, default: int, *, most: int = 10**18) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None or int(text) > most:
            raise invalid(name)
        return int(text)

    def amount(self, name: str = "amount") -> Decimal:
        """Read a signed amount, rounded to its eighth decimal."""
        found = self._number(name)
        if found is None or not (rounded := found.quantize(_FINEST, ROUND_HALF_UP)):
            raise invalid(name)
        return rounded

    def price(self, name: str) -> Decimal | None:
        """Read a price, cut to five significant digits."""
        found = self._number(name)
        if found is None:
            return None
        if found <= 0:
            raise invalid(name)
        if found.adjusted() < _DIGITS:
            places = max(found.adjusted() - _DIGITS + 1, -8)
            return found.quantize(Decimal(1).scaleb(places), ROUND_DOWN)
        return (
            found.scaleb(_DIGITS - 1 - found.adjusted())
            // 1
            * (Decimal(10) ** (found.adjusted() - _DIGITS + 1))
        )

    def cid(self) -> str | None:
        """Read the client's id of an order: an integer of 45 bits."""
        if "cid" not in self:
            return None
        return str(self.whole("cid", 0, most=_MOST_CID))

    def ids(self) -> frozenset[str] | None:
        """Read which orders are meant, as the engine names them; None: any."""
        value = self._fields.get("id")
        if value is None:
            return None
        listed = value if isinstance(value, list) else [value]
        return frozenset(engine_id(str(it)) for it in listed)

    def _number(self, name: str) -> Decimal | None:
        text = self.maybe(name)
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None:
            raise invalid(name)
        return Decimal(text)


def order_id(engine: str) -> int:
    return FIRST_ORDER + int(engine)


def engine_id(text: str) -> str:
    """Return the engine's id of an order, of one that never was if it is none of ours."""
    if _WHOLE.fullmatch(text) is None:
        raise invalid("id")
    return str(max(int(text) - FIRST_ORDER, 0))


def trade_id(engine: str) -> int:
    """Return the id of an execution, or of what else moved an account."""
    return _FIRST_TRADE + int(engine[1:])


def number(value: Decimal | None) -> msgspec.Raw:
    """Return a decimal as a number of JSON, digit by digit; 0 where there is none."""
    return msgspec.Raw(plain(value or Decimal(0)).encode())
