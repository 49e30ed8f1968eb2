"""Recordings with one raw message a line: with the time of receipt before it, or without."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crossdock.adapters.feeds.recorded.opening import open_lines
from crossdock.adapters.feeds.recorded.stream import Frame, Kind, in_order
from crossdock.errors import DataError
from crossdock.toolkit.decoders.contract import ns_of_iso

_TIMED = re.compile(rb"(\d{19}) (\{.*)")
_KRAKEN = re.compile(
    rb'"channel"\s*:\s*"(?:book|trade|ticker|instrument|ohlc|level3|heartbeat|status)"'
    rb'|"method"\s*:\s*"(?:subscribe|ping|pong)"'
)
_VENUE_TIME = re.compile(rb'"timestamp"\s*:\s*"([^"]+)"')


def timed_frames(path: str) -> Iterator[Frame]:
    """Read lines of `local_time_ns message`, as hftbacktest's collector writes them."""
    return in_order(_timed(path))


def _timed(path: str) -> Iterator[Frame]:
    for line, text in open_lines(path):
        if not text:
            continue
        if (found := _TIMED.fullmatch(text)) is None:
            raise DataError(
                "it is not a time in nanoseconds, a space and a message",
                file=path,
                line=line,
                code="data-line",
                hint="if the recording was cut off here, remove the line",
            )
        yield Frame(Kind.MESSAGE, found[2], int(found[1]), path, line)


def bare_frames(path: str) -> Iterator[Frame]:
    """Read messages that stand alone; the venue's time stands for the time of receipt.

    A message without one takes that of the message before, or else of the first with one.
    """
    time_ns = next(filter(None, (_venue_time(text) for _, text in open_lines(path))), 0)
    for line, text in open_lines(path):
        if text:
            time_ns = max(time_ns, _venue_time(text))
            yield Frame(Kind.MESSAGE, text, time_ns, path, line)


def _venue_time(text: bytes) -> int:
    found = _VENUE_TIME.search(text)
    return ns_of_iso(found[1].decode()) if found else 0


def is_timed(first: bytes) -> bool:
    return _TIMED.match(first) is not None


def is_kraken(first: bytes) -> bool:
    """Tell a message of Kraken's version 2 by the words it must have."""
    return first.startswith(b"{") and _KRAKEN.search(first) is not None
