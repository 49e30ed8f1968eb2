"""Tables in Feather (Arrow IPC) and Parquet files, read by polars."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crossdock.adapters.feeds.recorded.opening import open_bytes
from crossdock.adapters.feeds.recorded.tables.arrow_schema import schema_metadata
from crossdock.adapters.feeds.recorded.tables.columns import layout_of, missing
from crossdock.adapters.feeds.recorded.tables.source import Columns, no_rows
from crossdock.errors import DataError
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

_FEATHER = b"ARROW1"
_PARQUET = b"PAR1"
_BLOCK_ROWS = 1 << 16
# NautilusTrader's fixed point: raw integers, whose scale depends on how it was built.
_FIXED_SCALES = (9, 16, 18)
_PRECISIONS = ("price_precision", "size_precision")


class FrameTable:
    """One frame in a file. Rows count from 1 where text files have lines."""

    timeframe = ""
    zone: ZoneInfo | None = None

    def __init__(
        self, file: str, frame: pl.DataFrame, form: str, about: Mapping[str, str]
    ) -> None:
        self.file = file
        self.format = form
        self.symbol, _, self.venue = about.get("instrument_id", "").rpartition(".")
        self.venue = self.venue.lower() if self.symbol else ""
        self._decimals = [int(about[name]) for name in _PRECISIONS if name in about]
        self.header: Sequence[str] = frame.columns
        self._frame = frame

    @classmethod
    def recognise(cls, file: str, head: bytes) -> FrameTable | None:
        """Return the frame a file holds, or None when it is of another format."""
        if not head.startswith((_FEATHER, _PARQUET)):
            return None
        form = "feather" if head.startswith(_FEATHER) else "parquet"
        polars = load("polars", extra="research", what=f"{form} files")
        with open_bytes(file) as source:
            data = io.BytesIO(source.read())
        try:
            about: Mapping[str, str] = {}
            if form == "parquet":
                words = polars.read_parquet_metadata(data)
                about = schema_metadata(words.get("ARROW:schema", ""))
                data.seek(0)
            frame = (
                polars.read_ipc(data) if form == "feather" else polars.read_parquet(data)
            )
        except Exception as error:  # noqa: BLE001 - polars raises OSError, its own, and panics
            words = str(error).partition("\n")[0]
            raise DataError(
                f"cannot be read as {form}: {words}",
                file=file,
                code="data-corrupt" if _is_whole(data, form) else "data-truncated",
                hint="get the file again: it is cut off or damaged",
            ) from None
        if layout_of(frame.columns) is None:
            raise missing(frame.columns, file=file, line=0)
        if frame.is_empty():
            raise no_rows(file)
        return cls(file, frame, form, about)

    def nanoseconds(self, column: int) -> bool:
        polars = load("polars", extra="research", what="frames")
        return isinstance(self._frame.dtypes[column], polars.Datetime)

    def blocks(self, *, zone: ZoneInfo | None) -> Iterator[Columns]:
        for block in self._frame.iter_slices(_BLOCK_ROWS):
            yield [self._plain(block[name], zone) for name in block.columns]

    def line_of(self, row: int) -> int:
        return row + 1

    def _plain(self, column: pl.Series, zone: ZoneInfo | None) -> list[Any]:
        polars = load("polars", extra="research", what="frames")
        kind = column.dtype
        if isinstance(kind, polars.Datetime):
            if kind.time_zone is None and zone is not None:
                text: list[Any] = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.9f").to_list()
                return text
            return list(column.dt.epoch("ns").to_list())
        if isinstance(kind, polars.Decimal) or kind == polars.Date:
            return list(column.cast(polars.String).to_list())
        if kind == polars.Binary:
            return self._fixed(column)
        return list(column.to_list())

    def _fixed(self, column: pl.Series) -> list[float | None]:
        raw = [_raw(value) for value in column.to_list()]
        if not self._decimals:
            raise DataError(
                f"the column {column.name!r} holds raw bytes, and nothing says their scale",
                file=self.file,
                code="data-columns",
                hint="write prices as numbers or as text",
            )
        wide = self._decimals[0 if "size" not in column.name else -1]
        scale = 10 ** self._scale(raw, wide)
        return [None if value is None else value / scale for value in raw]

    def _scale(self, raw: Sequence[int | None], decimals: int) -> int:
        """Find the scale: values of so many decimals end in so many zeros less."""
        steps = [value for value in raw if value]
        fits = [
            scale
            for scale in _FIXED_SCALES
            if all(value % 10 ** max(0, scale - decimals) == 0 for value in steps)
        ]
        return max(fits, default=_FIXED_SCALES[0])


def _is_whole(data: io.BytesIO, form: str) -> bool:
    mark = _FEATHER if form == "feather" else _PARQUET
    return data.getvalue().endswith(mark) and len(data.getvalue()) > 2 * len(mark)


def _raw(value: bytes | None) -> int | None:
    return None if value is None else int.from_bytes(value, "little", signed=True)
