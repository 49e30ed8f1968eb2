"""What differs between venues in how market data is asked for and kept coming."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeVar

import msgspec

from crossdock.model import Instrument
from crossdock.toolkit.decoders.contract import Decoder
from crossdock.toolkit.health import HealthLimits

T = TypeVar("T")

Origins = Mapping[str, str]
"""Scheme, host and port by role, such as `spot` and `spot_rest`: what a user may redirect."""

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode


class Kind(Enum):
    """What a message that carries no data says about its connection."""

    ALIVE = "alive"  # a heartbeat, or the answer to ours
    REFUSED = "refused"  # a subscription was not granted
    LEAVING = "leaving"  # the venue is about to close the connection


class Word(NamedTuple):
    kind: Kind
    text: str = ""
    code: str = ""


ALIVE = Word(Kind.ALIVE)


class SnapshotRequest(NamedTuple):
    """A GET of a book, and what it weighs in the venue's rate limit."""

    path: str
    query: str
    weight: int


class Line(ABC):
    """One connection: where it goes, what is asked for on it, and who reads it.

    Made anew for every connection, since its decoder remembers where the stream stands.
    `markets` are what it is about, by the names that its messages call them.
    """

    largest_message_bytes = 16 * 1024 * 1024
    has_books = True
    ping_s: float | None = 15.0  # of the protocol; None where our own words keep it alive
    keep_alive_s: float | None = None
    lifetime_s: float | None = None  # after which the venue ends every connection
    frames_per_s = 5  # that the venue takes from us
    rest_origin = ""  # where snapshots come from, if they do not come by the stream
    limits = HealthLimits(least_mute_s=120.0)

    def __init__(
        self, name: str, url: str, decoder: Decoder, markets: Mapping[str, Instrument]
    ) -> None:
        self.name = name
        self.url = url
        self.decoder = decoder
        self.markets = markets
        decoder.markets.listed.update(markets)

    @abstractmethod
    def subscriptions(self) -> list[bytes]:
        """Return the frames that ask for everything this line is about."""

    def books_anew(self, keys: Sequence[str]) -> list[bytes]:
        """Return the frames that make the venue send these books' snapshots again."""
        return []

    def snapshot(self, key: str) -> SnapshotRequest:
        """Return how a book is asked for, where the stream brings changes only."""
        raise LookupError(f"{self.name}: the snapshot of {key} comes by the stream")

    def keep_alive(self) -> bytes:
        return b"ping"

    def word(self, raw: bytes) -> Word | None:
        """Read a message that made no events; None when it says nothing of the connection."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one exchange streams its public market data.

    `lines` shares instruments out among connections. `test_origins` are those of the
    venue's test environment, empty where it has none.
    """

    exchange: str
    docs_url: str
    origins: Origins
    lines: Callable[[Sequence[Instrument], Origins], list[Line]] = field(repr=False)
    serves: Callable[[Instrument], bool] = field(repr=False)
    test_origins: Origins = field(default_factory=dict)


def in_groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut into groups of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
