"""What every decoder is: bytes of one venue in, events of the model out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from crossdock.model import Asset, Instrument, InstrumentId, instrument_id
from crossdock.ports import MarketEvent, MarketGap

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RENAMED: Mapping[str, str] = MappingProxyType({"XBT": "BTC", "BCHSV": "BSV"})
_QUOTES = (  # read from the end of a name, longer ones before what they end in
    *("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "HUSD", "GUSD", "USD", "EUR", "GBP", "DAI"),
    *("BTC", "ETH", "BNB", "XBT", "TRY", "BRL", "AUD", "JPY", "RUB", "UAH", "NGN", "ZAR"),
    *("SGD", "CAD", "CHF", "PAX", "BCH", "LTC", "FIL", "XRP", "TRX", "BIDR", "IDRT", "KCS"),
)
_BASES = frozenset(  # with USD behind them they end like TUSD, BUSD, HUSD, GUSD
    (
        *("ANT", "APT", "BAT", "BCH", "BNB", "BNT", "BTT", "DASH", "DOT", "ETH", "GRT"),
        *("LPT", "PYTH", "QNT", "SHIB", "SNT", "USDT", "XVG"),
    )
)


class Tally(msgspec.Struct):
    """What became of the messages a decoder was given. Each one is counted once."""

    used: int = 0  # made events, or are kept to make some
    passed_over: int = 0  # of a kind that is known and not needed, or told before
    undecoded: int = 0  # of no kind that is known
    checksums: int = 0
    checksum_failures: int = 0

    @property
    def messages(self) -> int:
        return self.used + self.passed_over + self.undecoded


class Markets(dict[str, InstrumentId]):
    """The id of each market by the venue's own name of it; its list wins over a guess."""

    def __init__(self, venue: str, guess: Callable[[str], str]) -> None:
        super().__init__()
        self._venue = venue
        self._guess = guess
        self.listed: dict[str, Instrument] = {}
        self.seen: dict[InstrumentId, str] = {}

    def add(self, instruments: Iterable[Instrument]) -> None:
        """Take the venue's list, each instrument under its `venue_key`."""
        self.listed.update((each.venue_key, each) for each in instruments)

    def name(self, key: str, symbol: str) -> None:
        """Call a market otherwise than its venue does."""
        self[key] = instrument_id(symbol, self._venue)
        self.seen[self[key]] = key

    def __missing__(self, key: str) -> InstrumentId:
        listed = self.listed.get(key)
        found = listed.id if listed else instrument_id(self._guess(key), self._venue)
        if self.seen.setdefault(found, key) != key:  # two markets, one symbol
            found = instrument_id(key, self._venue)
            self.seen[found] = key
        self[key] = found
        return found


class KeptBook(Protocol):
    """What a decoder keeps of one market's book: enough to notice a loss."""

    instrument: InstrumentId
    has_begun: bool  # a snapshot has come, now or before a gap

    @property
    def awaits_snapshot(self) -> bool:
        """Whether a snapshot must be asked for, since the stream does not bring it."""

    def lose(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        """Wait for a new snapshot. Tells of the gap when there was a book to lose."""


B = TypeVar("B", bound=KeptBook)


class Decoder(ABC):
    """Turns one connection's messages into events, in order, and knows when one is missing.

    A book begins with a snapshot. A message that was lost gives one MarketGap, and then
    nothing of that book until the next snapshot. What a venue tells of the time before the
    subscription (its last trades) is passed over. Where a venue says no time, the time of
    receipt stands for it.
    """

    venue: str
    tally: Tally
    markets: Markets

    @abstractmethod
    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        """Take one message of the stream.

        Raises ValueError or ArithmeticError for bytes that are no message of this venue.
        """

    @abstractmethod
    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        """Take the reply to a GET: a list of markets, or a book that changes follow on.

        Raises as `decode`.
        """

    @abstractmethod
    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        """Give up every book: the connection ended, and what came meanwhile is lost."""

    @abstractmethod
    def ended(self, received_time_ns: int) -> list[MarketEvent]:
        """Tell of the books that were changed and never began, when nothing more comes."""

    @property
    @abstractmethod
    def awaited_snapshots(self) -> list[str]:
        """The markets, as the venue names them, whose book must be asked for by `rest`."""


class BookDecoder(Decoder, Generic[B]):
    """What the decoders share: a kept book for each market."""

    def __init__(self, venue: str, new_book: Callable[[InstrumentId], B]) -> None:
        self.venue = venue
        self.tally = Tally()
        self.markets = Markets(venue, self.symbol_of)
        self._books: dict[str, B] = {}
        self._new_book = new_book

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        self.tally.undecoded += 1
        return []

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        return [
            gap
            for book in self._books.values()
            for gap in book.lose(reason, received_time_ns)
        ]

    def ended(self, received_time_ns: int) -> list[MarketEvent]:
        reason = "no snapshot came that its changes follow on"
        return [
            MarketGap(book.instrument, reason, received_time_ns)
            for book in self._books.values()
            if not book.has_begun
        ]

    @property
    def awaited_snapshots(self) -> list[str]:
        return [key for key, book in self._books.items() if book.awaits_snapshot]

    def symbol_of(self, key: str) -> str:
        """Guess a symbol from the venue's name of a market that it did not list."""
        return split_symbol(key)

    def _book(self, key: str) -> B:
        book = self._books.get(key)
        if book is None:
            book = self._books[key] = self._new_book(self.markets[key])
        return book


def split_symbol(key: str) -> str:
    """Write BTC-USDT, btc_usdt or BTCUSDT as BTC/USDT; what has no known quote stays."""
    text = key.upper()
    for mark in "-_/":
        base, found, quote = text.partition(mark)
        if found:
            return f"{asset(base)}/{asset(quote)}"
    if text.endswith("USD") and text[:-3] in _BASES:
        return f"{asset(text[:-3])}/USD"
    for quote in _QUOTES:
        if text.endswith(quote) and len(text) > len(quote):
            return f"{asset(text.removesuffix(quote))}/{asset(quote)}"
    return text


def asset(name: str) -> Asset:
    """Return an asset's name as ccxt writes it."""
    return Asset(_RENAMED.get(name, name))


def path_of(url: str) -> str:
    return urlsplit(url).path


def query_of(url: str, name: str) -> str:
    """Return one parameter of a URL. Raises ValueError when it is not there."""
    values = parse_qs(urlsplit(url).query).get(name)
    if not values:
        raise ValueError(f"{url} has no parameter {name}")
    return values[0]


def ns_of_iso(text: str) -> int:
    """Return UTC nanoseconds of an ISO 8601 time; digits below a microsecond are cut."""
    passed = datetime.fromisoformat(text) - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000_000 + (
        passed.microseconds * 1000
    )
