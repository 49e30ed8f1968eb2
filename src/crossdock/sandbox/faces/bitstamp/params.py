"""What a call asks for: fields of its path, its query and its form; and how to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from crossdock.sandbox.faces.bitstamp.refusals import Said, TooFine, malformed
from crossdock.sandbox.faces.contract import Call

Row = dict[str, Any]

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
_MOST_ID = 180
_SECOND_NS = 1_000_000_000


class Params:
    """Fields of one call. Every reader raises the protocol's refusal."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    @classmethod
    def of(cls, call: Call) -> Params:
        fields = {**call.request.query, **call.request.match_info}
        try:
            fields |= dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        except ValueError:
            raise malformed("body") from None
        return cls(fields)

    def __contains__(self, name: str) -> bool:
        return bool(self._fields.get(name))

    def maybe(self, name: str) -> str | None:
        return self._fields.get(name) or None

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "").lower() == "true"

    def whole(self, name: str, default: int, *, most: int = 10**18) -> int:
        text = self.maybe(name)
        if text is None:
            return default
        if _WHOLE.fullmatch(text) is None or int(text) > most:
            raise malformed(name)
        return int(text)

    def decimal(self, name: str, step: Decimal) -> Decimal:
        """Read an amount or a price, which has no more decimals than a step."""
        text = self.maybe(name)
        if text is None:
            raise Said("400.004", f"Missing {name} POST param.", status=400)
        if _NUMBER.fullmatch(text) is None or (value := Decimal(text)) <= 0:
            raise malformed(name)
        if value % step:
            raise TooFine(name, decimals(step))
        return value

    def client_id(self) -> str | None:
        """Read the client's id, if one is given: 180 characters at most."""
        text = self.maybe("client_order_id")
        if text is not None and len(text) > _MOST_ID:
            raise Said("400.008", "Invalid client_order_id POST param.", status=400)
        return text


def decimals(step: Decimal) -> int:
    """Return how many decimals a step has."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def moment(time_ns: int) -> str:
    """Write a time of UTC to the microsecond, as Bitstamp does without a zone."""
    seconds, rest = divmod(time_ns, _SECOND_NS)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{day}.{rest // 1000:06d}"
