"""Day trades, counted from fills as they come: FINRA Rule 4210(f)(8)(B).

Closing what was opened the same day is one day trade, in however many fills: a run of
openings and the run of closings after it count once. Selling what was held overnight and
buying again is none.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, InstrumentId

US_EQUITY = "class:us_equity"
"""The tag of instruments the rule is about."""

_HOUR_NS = 3_600_000_000_000
_DAY_NS = 24 * _HOUR_NS
_BEHIND_UTC_NS = 5 * _HOUR_NS
_WINDOW = 5
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


def trading_day(time_ns: int) -> int:
    """Return the day of a US session, in days since 1970.

    New York's winter time all year: no session, early and late ones included, crosses
    its midnight in summer either.
    """
    return (time_ns - _BEHIND_UTC_NS) // _DAY_NS


def note_fill(
    trades: dict[int, int],
    opened_on: dict[InstrumentId, int],
    instrument: InstrumentId,
    before: Decimal,
    change: Decimal,
    day: int,
) -> None:
    """Count one fill: `trades` by day, `opened_on` the day of what is not closed since."""
    after = before + change
    closes = before != ZERO and (before > 0) is not (change > 0)
    if closes and opened_on.get(instrument) == day:
        trades[day] = trades.get(day, 0) + 1
        del opened_on[instrument]
    if after != ZERO and (not closes or (after > 0) is not (before > 0)):
        opened_on[instrument] = day


def count(trades: dict[int, int], today: int) -> int:
    """Add up the last five business days, today's included.

    Business days are Monday to Friday: a holiday takes the place of a day before it.
    """
    first = today
    left = _WINDOW
    while True:
        left -= (first + _EPOCH_WEEKDAY) % 7 < 5
        if not left:
            break
        first -= 1
    return sum(number for day, number in trades.items() if first <= day <= today)
