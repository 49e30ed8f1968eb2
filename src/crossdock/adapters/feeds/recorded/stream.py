"""A recorded stream: what a venue sent, as it came, played through the venue's decoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from math import inf, isfinite

import msgspec

from crossdock.adapters.feeds.recorded.steps import FinestSteps
from crossdock.errors import DataError
from crossdock.model import (
    Asset,
    BookChange,
    ContractKind,
    Instrument,
    Level,
    Trade,
    instrument_id,
    symbol_of,
    venue_of,
)
from crossdock.ports import MarketEvent, MarketGap, RecordingStats
from crossdock.toolkit.decoders import Decoder


class Kind(Enum):
    MESSAGE = "message"  # the venue sent it
    REPLY = "reply"  # to a GET of `url`
    CONNECTED = "connected"  # a connection began


class Frame(msgspec.Struct, frozen=True):
    """One thing that a recorder wrote down, and where it stands."""

    kind: Kind
    raw: bytes
    received_time_ns: int
    file: str
    line: int
    url: str = ""


class StreamRecording:
    """Recorded messages of one venue. `tally` is the decoder's account of them so far."""

    def __init__(
        self,
        path: str,
        format: str,  # noqa: A002 (the protocol's own name)
        frames: Callable[[], Iterator[Frame]],
        new_decoder: Callable[[], Decoder],
        *,
        symbol: str = "",
    ) -> None:
        self.path = path
        self.format = format
        self.stats = RecordingStats()
        self.notes: list[str] = []
        self.tally = new_decoder().tally
        self._frames = frames
        self._new_decoder = new_decoder
        self._symbol = symbol
        self._instruments: list[Instrument] | None = None

    def steps(
        self, broken: Callable[[DataError], None] | None = None
    ) -> Iterator[tuple[bytes, list[MarketEvent]]]:
        """Yield each message as it was received, and the events it made.

        With `broken`, bytes that are no message are told to it and counted as undecoded,
        and every book is given up there; without, they raise DataError.
        """
        decoder = self._new_decoder()
        self.stats, self.tally = RecordingStats(), decoder.tally
        if not self._symbol:
            yield from self._play(decoder, self.stats, broken)
            return
        [instrument] = self.instruments()
        decoder.markets.name(instrument.venue_key, self._symbol)
        for raw, events in self._play(decoder, self.stats, broken):
            yield raw, [event for event in events if event.instrument == instrument.id]

    def instruments(self) -> Sequence[Instrument]:
        if self._instruments is None:
            self._instruments = self._asked_for(self._scan())
        return self._instruments

    def events(self) -> Iterator[MarketEvent]:
        for _, events in self.steps():
            for event in events:
                self.stats.events += 1
                self.stats.gaps += type(event) is MarketGap
                yield event

    def _play(
        self,
        decoder: Decoder,
        stats: RecordingStats,
        broken: Callable[[DataError], None] | None = None,
    ) -> Iterator[tuple[bytes, list[MarketEvent]]]:
        tally = decoder.tally
        has_connected = is_any = False
        newest_ns = 0
        for frame in self._frames():
            newest_ns = frame.received_time_ns
            if frame.kind is Kind.CONNECTED:
                if has_connected:
                    words = "the recorder connected anew"
                    yield b"", decoder.disconnected(words, frame.received_time_ns)
                has_connected = True
                continue
            try:
                events = _events_of(frame, decoder)
            except DataError as error:
                if broken is None:
                    raise
                broken(error)
                tally.undecoded += 1
                words = "a message could not be read"
                events = decoder.disconnected(words, frame.received_time_ns)
            stats.messages += 1
            stats.undecoded = tally.undecoded
            stats.checksums = tally.checksums
            stats.checksum_failures = tally.checksum_failures
            is_any = is_any or bool(events) or frame.kind is Kind.MESSAGE
            yield frame.raw, events
        if not is_any:
            raise DataError(
                "there is no market data in it",
                file=self.path,
                code="data-kind",
                hint="open the recording of the stream (of WebSocket messages) itself",
            )
        yield b"", decoder.ended(newest_ns)

    def _asked_for(self, found: list[Instrument]) -> list[Instrument]:
        """Choose the instrument of the symbol asked for; the only one is called by it."""
        if not self._symbol:
            return found
        symbols = [symbol_of(each.id) for each in found]
        if self._symbol in symbols:
            return [found[symbols.index(self._symbol)]]
        if len(found) != 1:
            raise DataError(
                f"there is no {self._symbol} in it",
                file=self.path,
                code="data-symbol",
                hint=f"choose among {', '.join(sorted(symbols))}",
            )
        return [_called(found[0], self._symbol)]

    def _scan(self) -> list[Instrument]:
        decoder, finest = self._new_decoder(), FinestSteps()
        for _, events in self._play(decoder, RecordingStats()):
            for event in events:
                finest.take(event)
        listed, seen = decoder.markets.listed, decoder.markets.seen
        return [
            listed[key]
            if key in listed and listed[key].id == instrument
            else finest.instrument(instrument, key)
            for instrument, key in seen.items()
        ]


def _called(instrument: Instrument, symbol: str) -> Instrument:
    id_ = instrument_id(symbol, venue_of(instrument.id))
    base, _, quote = symbol.partition("/")
    if instrument.kind is not ContractKind.SPOT or not quote:
        return replace(instrument, id=id_)
    return replace(
        instrument, id=id_, base=Asset(base), quote=Asset(quote), settle=Asset(quote)
    )


def _events_of(frame: Frame, decoder: Decoder) -> list[MarketEvent]:
    """Decode one frame. Raises DataError, with file and line, when it is no message."""
    try:
        if frame.kind is Kind.REPLY:
            return decoder.rest(frame.url, frame.raw, frame.received_time_ns)
        events = decoder.decode(frame.raw, frame.received_time_ns)
        for event in events:
            if type(event) is BookChange:
                _check_levels(event.bids)
                _check_levels(event.asks)
            elif type(event) is Trade and not (
                event.price.is_finite() and event.quantity > 0
            ):
                raise ValueError(f"{event.quantity} traded at {event.price}")
        return events
    except (ValueError, ArithmeticError) as error:
        raise DataError(
            f"no message of {decoder.venue}: {error}",
            file=frame.file,
            line=frame.line,
            code="data-line",
            hint="if the recording was cut off here, remove the line; else record it again",
        ) from None


def _check_levels(levels: Sequence[Level]) -> None:
    """Raise ValueError for a level that is no number: books read quantities when asked."""
    for price, quantity in levels:
        if not (isfinite(float(price)) and 0 <= float(quantity) < inf):
            raise ValueError(f"{quantity!r} offered at {price!r}")


def in_order(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Pass frames on. Raises DataError at one that was received before the one above it."""
    newest_ns = 0
    for frame in frames:
        if frame.received_time_ns < newest_ns:
            raise DataError(
                "its time is earlier than that of the line before",
                file=frame.file,
                line=frame.line,
                code="data-order",
                hint="sort the file by its time of receipt, or record it again",
            )
        newest_ns = frame.received_time_ns
        yield frame


def ns_of_seconds(text: bytes) -> int:
    """Return nanoseconds of seconds written with a point; digits beyond ns are cut."""
    whole, _, part = text.partition(b".")
    return int(whole) * 1_000_000_000 + int(part[:9].ljust(9, b"0"))
