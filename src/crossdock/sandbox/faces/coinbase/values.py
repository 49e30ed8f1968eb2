"""Numbers, times and rows as the protocol writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

_SECOND_NS = 1_000_000_000
_QUOTIENT = Decimal("1e-16")


def quotient(value: Decimal, by: Decimal) -> Decimal:
    """Divide, to sixteen decimals; by zero it is zero."""
    return (value / by).quantize(_QUOTIENT) if by else Decimal(0)


def moment(time_ns: int) -> str:
    """Return a time as RFC 3339, in microseconds."""
    seconds, rest = divmod(time_ns, _SECOND_NS)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day}.{rest // 1000:06d}Z"


def time_ns_of(text: str) -> int:
    """Read a time of RFC 3339. Raises ValueError."""
    read = datetime.fromisoformat(text)
    told = read.replace(tzinfo=UTC) if read.tzinfo is None else read
    whole = int(told.replace(microsecond=0).timestamp())
    return whole * _SECOND_NS + told.microsecond * 1000
