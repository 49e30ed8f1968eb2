"""What cryptofeed's raw capture writes: `time: message` lines, and what was asked by HTTP.

https://github.com/bmoscon/cryptofeed/blob/master/docs/raw_data.md

A capture is several files, as `BINANCE.0` (the lists of markets, read before all else),
`BINANCE.http.0.0` (replies to GETs, for example of books) and `BINANCE.ws.1.0` (the stream of
one connection). Lines of every kind are understood in every file:

* `url -> time: body`     a reply
* `url <-> time`          a connection began
* `url <- time: message`  the recorder sent this
* `time: message`         the venue sent this; bytes are written as Python writes them
* `configuration: …`      what was subscribed to
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from heapq import merge
from pathlib import Path

from crossdock.adapters.feeds.recorded.opening import open_lines
from crossdock.adapters.feeds.recorded.stream import Frame, Kind, in_order, ns_of_seconds
from crossdock.errors import DataError

_RECEIVED = re.compile(rb"(\d{9,10}(?:\.\d+)?): (.*)")
_URL = re.compile(rb"((?:wss?|https?)://\S+) (<->|<-|->) (\d{9,10}(?:\.\d+)?)(?:: (.*))?")
_CONFIGURATION = b"configuration: "
_PARTS = re.compile(
    r"(?P<name>.+?)\.(?:(?P<way>ws|http)\.(?P<id>\d+)\.)?(?P<part>\d+)(?:\.(?:gz|zst))?"
)

_VENUE_OF_HOST = {
    "binance.com": "binance",
    "binance.us": "binance_us",
    "bitmex.com": "bitmex",
    "bitstamp.net": "bitstamp",
    "bybit.com": "bybit",
    "coinbase.com": "coinbase",
    "deribit.com": "deribit",
    "gemini.com": "gemini",
    "htx.com": "htx",
    "huobi.com": "htx",
    "huobi.pro": "htx",
    "kucoin.com": "kucoin",
    "okx.com": "okx",
}
_VENUE_OF_NAME = {"HUOBI": "htx", "BINANCE_US": "binance_us"}


def is_cryptofeed(first: bytes) -> bool:
    return _RECEIVED.match(first) is not None or _URL.match(first) is not None


def venue_told(path: str, first: bytes) -> str:
    """Return whose recording it is, by the address in its first line, else by its name.

    An address of nobody known is returned itself.
    """
    if found := _URL.match(first):
        host = found[1].decode().split("/")[2].partition(":")[0]
        return _VENUE_OF_HOST.get(".".join(host.split(".")[-2:]), host)
    parts = _PARTS.fullmatch(Path(path).name)
    name = parts["name"].upper() if parts else ""
    return _VENUE_OF_NAME.get(name, name.lower())


def frames(path: str) -> Iterator[Frame]:
    """Read a file and, where it is named as cryptofeed names it, those that belong to it."""
    lists, replies = _beside(path)
    for each in lists:
        yield from _frames_of(each)
    sources = [in_order(_frames_of(each)) for each in (*replies, path)]
    yield from merge(*sources, key=lambda frame: frame.received_time_ns)


def _beside(path: str) -> tuple[list[str], list[str]]:
    """Return the lists of markets, and the replies, that belong to a recorded stream."""
    found: dict[str | None, list[str]] = {None: [], "http": [], "ws": []}
    own = _PARTS.fullmatch(Path(path).name)
    if own is None or own["way"] is None:
        return [], []
    for other in sorted(Path(path).parent.iterdir()):
        parts = _PARTS.fullmatch(other.name)
        if parts and parts["name"] == own["name"] and other.is_file():
            found[parts["way"]].append(str(other))
    return found[None], found["http"] if own["way"] == "ws" else []


def _frames_of(path: str) -> Iterator[Frame]:
    for line, text in open_lines(path):
        if found := _RECEIVED.fullmatch(text):
            time_ns = ns_of_seconds(found[1])
            yield Frame(Kind.MESSAGE, _message(found[2], path, line), time_ns, path, line)
        elif found := _URL.fullmatch(text):
            url, way, body = found[1].decode(), found[2], found[4] or b""
            time_ns = ns_of_seconds(found[3])
            if way == b"->":
                yield Frame(Kind.REPLY, body, time_ns, path, line, url)
            elif way == b"<->":
                yield Frame(Kind.CONNECTED, b"", time_ns, path, line, url)
        elif text and not text.startswith(_CONFIGURATION):
            raise DataError(
                "it is not a line that cryptofeed's raw capture writes",
                file=path,
                line=line,
                code="data-line",
                hint="if the recording was cut off here, remove the line",
            )


def _message(text: bytes, path: str, line: int) -> bytes:
    """Return a message; bytes were written as a literal of Python."""
    if not text.startswith((b"b'", b'b"')):
        return text
    try:
        message = ast.literal_eval(text.decode("ascii"))
        assert isinstance(message, bytes)
    except (ValueError, SyntaxError, AssertionError):
        raise DataError(
            "the bytes of the message cannot be read",
            file=path,
            line=line,
            code="data-line",
            hint="if the recording was cut off here, remove the line",
        ) from None
    return message
