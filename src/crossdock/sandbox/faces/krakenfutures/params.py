"""What a call asks for: parameters by name, as text, from the query or the form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.krakenfutures.refusals import OrderSaid, Said
from crossdock.sandbox.faces.refusals import Refusal

_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
LONGEST_CLIENT_ID = 100


class Params:
    """Parameters of one call. Every reader raises the protocol's refusal."""

    def __init__(self, query: str, body: str) -> None:
        pairs = parse_qsl(query) + parse_qsl(body)
        self._fields = dict(pairs)
        self._pairs = pairs

    def __contains__(self, name: str) -> bool:
        return bool(self._fields.get(name))

    def maybe(self, name: str) -> str:
        return self._fields.get(name, "")

    def text(self, name: str) -> str:
        text = self._fields.get(name, "")
        if not text:
            raise Said("requiredArgumentMissing")
        return text

    def every(self, name: str) -> list[str]:
        """Return every value of a name that may stand often."""
        return [value for given, value in self._pairs if given in (name, f"{name}[]")]

    def flag(self, name: str) -> bool:
        return self._fields.get(name, "").lower() == "true"

    def choice(self, name: str, values: Iterable[str], refused: str) -> str:
        text = self.text(name)
        if text not in values:
            raise _not_placed(refused)
        return text

    def whole(self, name: str, default: int) -> int:
        text = self._fields.get(name, "")
        if not text:
            return default
        if not text.isdecimal():
            raise Said(f"invalidArgument: {name}")
        return int(text)

    def amount(self, name: str, refused: str) -> Decimal:
        """Read a price or size; what is none is refused as an order is."""
        text = self.text(name)
        if _DECIMAL.fullmatch(text) is None or Decimal(text) <= 0:
            raise _not_placed(refused)
        return Decimal(text)

    def maybe_amount(self, name: str, refused: str) -> Decimal | None:
        return self.amount(name, refused) if name in self else None

    def client_id(self) -> str:
        text = self.maybe("cliOrdId")
        if len(text) > LONGEST_CLIENT_ID:
            raise _not_placed("clientOrderIdTooLong")
        return text

    def time_ms(self, name: str) -> int | None:
        """Read a time given in milliseconds or as ISO 8601."""
        text = self._fields.get(name, "")
        if not text:
            return None
        if text.isdecimal():
            return int(text)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Said(f"invalidArgument: {name}") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)


class NotPlaced(Refusal):
    """An order refused while it was read; it is told as one that the engine refuses."""

    def __init__(self, status: str) -> None:
        super().__init__("not_placed", status)
        self.refused: Refused = OrderSaid(status)


def _not_placed(status: str) -> NotPlaced:
    return NotPlaced(status)
