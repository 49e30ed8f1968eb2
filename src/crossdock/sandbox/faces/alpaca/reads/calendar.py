"""Days and hours of trading. The sandbox is open at all hours of every day.

https://docs.alpaca.markets/reference/getclock-1 and
https://docs.alpaca.markets/reference/getcalendar-1, read 2026-11-21. Hours are those of
the vendor's regular days; its weekends, holidays and half days are left out here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.refusals import parameter
from crossdock.sandbox.faces.alpaca.times import SECOND_NS
from crossdock.sandbox.faces.contract import Act, Call

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

_NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE = time(9, 30), time(16, 0)
_SESSION_OPEN, _SESSION_CLOSE = "0400", "2000"
_DAY = timedelta(days=1)
_MOST_DAYS = 4000


class Calendar:
    """The clock and the calendar."""

    def __init__(self, face: AlpacaFace) -> None:
        self._host = face.host

    def clock(self, _call: Call) -> Act:
        def act(now_ns: int) -> dict[str, object]:
            now = _in_new_york(now_ns)
            return {
                "timestamp": _text(now, now_ns % SECOND_NS),
                "is_open": True,
                "next_open": _text(_next(now, _OPEN)),
                "next_close": _text(_next(now, _CLOSE)),
            }

        return act

    def days(self, call: Call) -> Act:
        query = Query(call.request.query)
        today = _in_new_york(self._host.now_ns()).date()
        first = _day(query.text("start"), today - 30 * _DAY)
        last = _day(query.text("end"), today + 30 * _DAY)
        count = min((last - first).days + 1, _MOST_DAYS)

        def act(_: int) -> list[dict[str, str]]:
            return [
                {
                    "date": (first + number * _DAY).isoformat(),
                    "open": _OPEN.strftime("%H:%M"),
                    "close": _CLOSE.strftime("%H:%M"),
                    "session_open": _SESSION_OPEN,
                    "session_close": _SESSION_CLOSE,
                }
                for number in range(count)
            ]

        return act


def day_of(at_ns: int) -> str:
    """Return the New York day a time falls on."""
    return _in_new_york(at_ns).date().isoformat()


def _in_new_york(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC).astimezone(_NEW_YORK)


def _next(now: datetime, at: time) -> datetime:
    today = datetime.combine(now.date(), at, _NEW_YORK)
    return today if today > now else datetime.combine(now.date() + _DAY, at, _NEW_YORK)


def _text(at: datetime, rest_ns: int = 0) -> str:
    """Write a time with its offset from Greenwich, as this clock does."""
    shown = at.isoformat(timespec="seconds")
    return f"{shown[:19]}.{rest_ns:09d}{shown[19:]}" if rest_ns else shown


def _day(text: str, usual: date) -> date:
    if not text:
        return usual
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise parameter(f"invalid date: {text}") from None
