"""What every journal record has, and the words in which several tell how things ended."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Record(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record"
):
    """`at` is the desk's UTC nanoseconds when it decided to write this."""

    at: int


class Outcome(StrEnum):
    """How a write attempt ended."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # the venue's plain no
    NOT_SENT = "not_sent"  # nothing was done: no byte left, or refused unread
    UNKNOWN = "unknown"  # in doubt


class Verdict(StrEnum):
    """How a doubt ended."""

    LIVE = "live"  # the write took effect
    ABSENT = "absent"  # it did not, and no longer can
    MOOT = "moot"  # the order is done, whether or not the write played a part
