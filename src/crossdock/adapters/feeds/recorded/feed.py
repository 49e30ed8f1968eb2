"""Opens a recording by what is in it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import islice

from crossdock.adapters.feeds.recorded import cryptofeed, lines
from crossdock.adapters.feeds.recorded.bar_files import recognise_bars
from crossdock.adapters.feeds.recorded.opening import head_of
from crossdock.adapters.feeds.recorded.stream import Frame, StreamRecording
from crossdock.adapters.feeds.recorded.tables.bars import BarTable
from crossdock.adapters.feeds.recorded.tables.ticks import TickTable
from crossdock.errors import DataError
from crossdock.ports import Recording
from crossdock.toolkit.decoders import DECODERS


class RecordedFiles:
    """Recorded streams and files of bars, compressed by gzip, by zstd or not at all."""

    def open(
        self,
        path: str,
        *,
        symbol: str = "",
        venue: str = "",
        timeframe: str = "",
        timezone: str = "",
    ) -> Recording:
        """Recognise a file by its beginning. Raises DataError as `RecordedFeed.open`.

        A recorded stream takes `venue` for the venue's name in instrument ids, and for
        the format of its messages where the file does not tell that.
        """
        recording = self._recognise(path, symbol, venue, timeframe)
        if not timezone:
            return recording
        if not isinstance(recording, BarTable | TickTable):
            raise DataError(
                f"its times are UTC: {recording.format} takes no time zone",
                file=path,
                code="data-timezone",
                hint="leave the time zone out",
            )
        return recording.in_timezone(timezone)

    def _recognise(self, path: str, symbol: str, venue: str, timeframe: str) -> Recording:
        head = head_of(path)
        # Where a recording begins in the middle of a line, the second says what it is.
        filled = (line.strip() for line in head.removeprefix(BOM_UTF8).split(b"\n"))
        for line in islice(filter(None, filled), 2):
            if stream := _recognised(path, line, symbol, venue):
                return stream
        bars = recognise_bars(path, head, symbol=symbol, venue=venue, timeframe=timeframe)
        if bars is None:
            raise DataError(
                "its content is of no format known",
                file=path,
                code="data-format",
                hint="known are bars in CSV, feather and Parquet, DBN, and raw messages as "
                "recorded from Binance, Bybit, Coinbase, Kraken, OKX and by cryptofeed",
            )
        return bars


def _recognised(path: str, line: bytes, symbol: str, venue: str) -> Recording | None:
    """Return the recorded stream that has such a line."""
    if cryptofeed.is_cryptofeed(line):
        told = cryptofeed.venue_told(path, line)
        return _stream(path, "cryptofeed", cryptofeed.frames, told, venue, symbol)
    if (message := lines.timed_message(line)) is not None:
        told = shape.venue if (shape := lines.shape_of(message)) else "binance"
        return _stream(path, f"{told}-lines", lines.timed_frames, told, venue, symbol)
    if shape := lines.shape_of(line):
        return _stream(path, shape.format, shape.frames, shape.venue, venue, symbol)
    return None


def _stream(
    path: str,
    format: str,  # noqa: A002 (the protocol's own name)
    frames: Callable[[str], Iterator[Frame]],
    told: str,
    venue: str,
    symbol: str,
) -> StreamRecording:
    new_decoder = DECODERS.get(told) or DECODERS.get(venue)
    if new_decoder is None:
        raise DataError(
            f"its messages are of a venue that is not known: {told or 'none is named'}",
            file=path,
            code="data-venue",
            hint=f"say the venue: {', '.join(DECODERS)}",
        )
    name = venue or told
    return StreamRecording(
        path, format, lambda: frames(path), lambda: new_decoder(name), symbol=symbol
    )
