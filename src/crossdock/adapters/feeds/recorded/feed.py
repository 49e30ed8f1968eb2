"""Opens a recording by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        first = next((line for line in head.splitlines() if line.strip()), b"")
        if cryptofeed.is_cryptofeed(first):
            told = cryptofeed.venue_told(path, first)
            return _stream(path, "cryptofeed", cryptofeed.frames, told, venue, symbol)
        if lines.is_timed(first):
            return _stream(
                path, "binance-lines", lines.timed_frames, "binance", venue, symbol
            )
        if lines.is_kraken(first):
            return _stream(path, "kraken-lines", lines.bare_frames, "kraken", venue, symbol)
        bars = recognise_bars(path, head, symbol=symbol, venue=venue, timeframe=timeframe)
        if bars is None:
            raise DataError(
                "its content is of no format known",
                file=path,
                code="data-format",
                hint="known are bars in CSV, feather and Parquet, DBN, and raw messages as "
                "recorded from Binance, from Kraken and by cryptofeed",
            )
        return bars


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
