"""Which missing bars are missing because the market was closed."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.analysis.bar_checks import DAY_NS, HOUR_NS

_WEEK_NS = 7 * DAY_NS
_HOLIDAY_DAYS = 4  # the longest run of closed trading days in a row that is no fault

Gap = tuple[int, int]


def open_gaps(times: Sequence[int], width_ns: int, gaps: Sequence[Gap]) -> list[Gap]:
    """Return the gaps that no closing time explains.

    A series shows its own hours: a time of the week (of the day, in less than two weeks
    of bars) at which it never has a bar is a time at which the market is closed. In a
    market that closes, up to four whole days in a row are holidays.
    """
    if not gaps or times[-1] - times[0] < 2 * DAY_NS:
        return list(gaps)
    cycle_ns = _WEEK_NS if times[-1] - times[0] >= 2 * _WEEK_NS else DAY_NS
    if width_ns >= cycle_ns:
        return list(gaps)
    # Bars of days begin at local midnight, which moves by an hour twice a year.
    shift = HOUR_NS if width_ns >= DAY_NS else 0
    first = times[0] % width_ns if not shift else 0
    slots = {(time + shift - first) % cycle_ns // width_ns for time in times}
    if len(slots) == cycle_ns // width_ns:
        return list(gaps)
    days = {(time + shift) // DAY_NS for time in times}
    found = []
    for start, end in gaps:
        missed = [
            time
            for time in range(start, end - width_ns // 2, width_ns)
            if (time + shift - first) % cycle_ns // width_ns in slots
        ]
        lost_days = {(time + shift) // DAY_NS for time in missed}
        if missed and (lost_days & days or len(lost_days) > _HOLIDAY_DAYS):
            found.append((start, end))
    return found
