"""Recordings with one raw message a line: with the time of receipt before it, or without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from crossdock.adapters.feeds.recorded.opening import open_lines
from crossdock.adapters.feeds.recorded.stream import Frame, Kind, in_order, ns_of_seconds
from crossdock.errors import DataError
from crossdock.toolkit.decoders.contract import ns_of_iso

_TIMED = re.compile(rb"(\d{10}\.\d{1,9}|\d{10}|\d{13}|\d{16}|\d{19})[ \t,][ \t]*(\{.*)")
_KRAKEN = re.compile(
    rb'"channel"\s*:\s*"(?:book|trade|ticker|instrument|ohlc|level3|heartbeat|status)"'
    rb'|"method"\s*:\s*"(?:subscribe|ping|pong)"'
)
_BINANCE = re.compile(
    rb'"stream"\s*:\s*"[^"]*@(?:depth|trade|aggTrade|bookTicker)'
    rb'|"e"\s*:\s*"(?:depthUpdate|trade|aggTrade|bookTicker)"'
    rb'|"lastUpdateId"\s*:|^\{"u":\d+,"s":"'
)
_KRAKEN_TIME = re.compile(rb'"timestamp"\s*:\s*"([^"]+)"')
_BINANCE_TIME = re.compile(rb'"E"\s*:\s*(\d{16}|\d{13})\b')


def timed_frames(path: str) -> Iterator[Frame]:
    """Read lines of `local_time message`, as hftbacktest's collectors write them.

    The time is in nanoseconds, or in microseconds, milliseconds or seconds, by its length.
    """
    return in_order(_timed(path))


def _timed(path: str) -> Iterator[Frame]:
    for line, text in open_lines(path):
        if not text:
            continue
        if (found := _TIMED.fullmatch(text)) is None:
            raise DataError(
                "it is not a time since 1970, a space and a message",
                file=path,
                line=line,
                code="data-line",
                hint="if the recording was cut off here, remove the line",
            )
        yield Frame(Kind.MESSAGE, found[2], _ns(found[1]), path, line)


def kraken_frames(path: str) -> Iterator[Frame]:
    """Read messages of Kraken's version 2 that stand alone."""
    return _bare(path, _kraken_time)


def binance_frames(path: str) -> Iterator[Frame]:
    """Read messages of Binance that stand alone."""
    return _bare(path, _binance_time)


def _bare(path: str, told: Callable[[bytes], int]) -> Iterator[Frame]:
    """Let the venue's time stand for the time of receipt.

    A message without one takes that of the message before, or else of the first with one.
    """
    times = (_told(told, text, path, line) for line, text in open_lines(path))
    time_ns = next(filter(None, times), 0)
    for line, text in open_lines(path):
        if text:
            time_ns = max(time_ns, _told(told, text, path, line))
            yield Frame(Kind.MESSAGE, text, time_ns, path, line)


def _told(told: Callable[[bytes], int], text: bytes, path: str, line: int) -> int:
    try:
        return told(text)
    except ValueError as error:
        raise DataError(
            f"its time cannot be read: {error}",
            file=path,
            line=line,
            code="data-line",
            hint="record it again, or remove the line",
        ) from None


def _kraken_time(text: bytes) -> int:
    found = _KRAKEN_TIME.search(text)
    return ns_of_iso(found[1].decode()) if found else 0


def _binance_time(text: bytes) -> int:
    found = _BINANCE_TIME.search(text)
    return _ns(found[1]) if found else 0


def _ns(digits: bytes) -> int:
    """Return nanoseconds of a time whose unit its number of digits tells."""
    if b"." in digits:
        return ns_of_seconds(digits)
    return int(digits.ljust(19, b"0"))


def is_timed(first: bytes) -> bool:
    return _TIMED.match(first) is not None


def is_kraken(first: bytes) -> bool:
    """Tell a message of Kraken's version 2 by the words it must have."""
    return first.startswith(b"{") and _KRAKEN.search(first) is not None


def is_binance(first: bytes) -> bool:
    """Tell a message of Binance by the words it must have."""
    return first.startswith(b"{") and _BINANCE.search(first) is not None
