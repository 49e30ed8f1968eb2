"""From paper to real money, on purpose: confirmations, and the first day's small limits."""

from crossdock.app.live.confirmation import (
    Confirmation,
    confirmed_by_name,
    phrase_of,
    unconfirmed,
)
from crossdock.app.live.first_day import first_day_notional

__all__ = [
    "Confirmation",
    "confirmed_by_name",
    "first_day_notional",
    "phrase_of",
    "unconfirmed",
]
