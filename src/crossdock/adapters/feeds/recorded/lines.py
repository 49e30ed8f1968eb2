"""Recordings with one raw message a line: with the time of receipt before it, or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.adapters.feeds.recorded.opening import open_lines
from crossdock.adapters.feeds.recorded.stream import Frame, Kind, in_order, ns_of_seconds
from crossdock.errors import DataError
from crossdock.toolkit.decoders.contract import ns_of_iso

_TIMED = re.compile(rb"(\d{10}\.\d{1,9}|\d{10}|\d{13}|\d{16}|\d{19})[ \t,][ \t]*(\{.*)")


@dataclass(frozen=True, slots=True)
class Shape:
    """A venue's messages: the words by which they are told, and where their time stands."""

    venue: str
    words: re.Pattern[bytes]
    time: re.Pattern[bytes]

    @property
    def format(self) -> str:
        return f"{self.venue}-lines"

    def frames(self, path: str) -> Iterator[Frame]:
        """Read messages that stand alone. The venue's time stands for that of receipt.

        A message without one takes that of the message before, or else of the first with one.
        """
        times = (self._told(text, path, line) for line, text in open_lines(path))
        time_ns = next(filter(None, times), 0)
        for line, text in open_lines(path):
            if text:
                time_ns = max(time_ns, self._told(text, path, line))
                yield Frame(Kind.MESSAGE, text, time_ns, path, line)

    def _told(self, text: bytes, path: str, line: int) -> int:
        found = self.time.search(text)
        if found is None:
            return 0
        try:
            return _ns(found[1]) if found[1].isdigit() else ns_of_iso(found[1].decode())
        except ValueError as error:
            raise DataError(
                f"its time cannot be read: {error}",
                file=path,
                line=line,
                code="data-line",
                hint="record it again, or remove the line",
            ) from None


_SHAPES = (  # the narrower before those whose words are in others' messages too
    Shape(
        "okx",
        re.compile(rb'"arg"\s*:\s*\{\s*"channel"'),
        re.compile(rb'"ts"\s*:\s*"(\d{13})"'),
    ),
    Shape(
        "bybit",
        re.compile(rb'"topic"\s*:\s*"(?:orderbook|publicTrade|tickers|kline)\.|"ret_msg"'),
        re.compile(rb'"ts"\s*:\s*(\d{13})\b'),
    ),
    Shape(
        "coinbase",
        re.compile(rb'"sequence_num"\s*:|"product_ids?"\s*:|"heartbeat_counter"'),
        re.compile(rb'"time(?:stamp)?"\s*:\s*"([^"]+)"'),
    ),
    Shape(
        "kraken",
        re.compile(
            rb'"channel"\s*:\s*"'
            rb'(?:book|trade|ticker|instrument|ohlc|level3|heartbeat|status)"'
            rb'|"method"\s*:\s*"(?:subscribe|ping|pong)"'
        ),
        re.compile(rb'"timestamp"\s*:\s*"([^"]+)"'),
    ),
    Shape(
        "binance",
        re.compile(
            rb'"stream"\s*:\s*"[^"]*@(?:depth|trade|aggTrade|bookTicker)'
            rb'|"e"\s*:\s*"(?:depthUpdate|trade|aggTrade|bookTicker)"'
            rb'|"lastUpdateId"\s*:|^\{"u":\d+,"s":"'
        ),
        re.compile(rb'"E"\s*:\s*(\d{16}|\d{13})\b'),
    ),
)


def shape_of(line: bytes) -> Shape | None:
    """Tell whose message a line is, by the words it must have."""
    if not line.startswith(b"{"):
        return None
    return next((shape for shape in _SHAPES if shape.words.search(line)), None)


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


def _ns(digits: bytes) -> int:
    """Return nanoseconds of a time whose unit its number of digits tells."""
    if b"." in digits:
        return ns_of_seconds(digits)
    return int(digits.ljust(19, b"0"))


def timed_message(first: bytes) -> bytes | None:
    """Return the message of a line of `local_time message`; None when it is none."""
    found = _TIMED.match(first)
    return found[2] if found else None
