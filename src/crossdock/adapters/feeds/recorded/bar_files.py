"""Recognises recordings that are tables (bars, quotes, trades) and DBN files."""

from __future__ import annotations

from crossdock.adapters.feeds.recorded.dbn import DbnRecording
from crossdock.adapters.feeds.recorded.names import read_name
from crossdock.adapters.feeds.recorded.tables.bars import BarTable
from crossdock.adapters.feeds.recorded.tables.columns import Kind, layout_of
from crossdock.adapters.feeds.recorded.tables.csv_text import CsvTable
from crossdock.adapters.feeds.recorded.tables.frames import FrameTable
from crossdock.adapters.feeds.recorded.tables.json_text import JsonTable
from crossdock.adapters.feeds.recorded.tables.terms import Terms
from crossdock.adapters.feeds.recorded.tables.ticks import TickTable
from crossdock.errors import DataError
from crossdock.ports import Recording

_TABLES = (FrameTable, JsonTable, CsvTable)


def recognise_bars(
    path: str, head: bytes, *, symbol: str = "", venue: str = "", timeframe: str = ""
) -> Recording | None:
    """Return the recording whose decompressed bytes begin with `head`, None for no table.

    Raises DataError for a table that cannot be used. What is left empty is read from the
    content, else from the file's name.
    """
    for what, name in (("symbol", symbol), ("venue", venue)):
        if "@" in name:
            raise DataError(
                f"a {what} has no @ in it: {name!r}",
                file=path,
                code="data-symbol",
                hint="a symbol is like BTC/USDT, a venue like binance",
            )
    if dbn := DbnRecording.recognise(path, head, symbol=symbol, venue=venue):
        return dbn
    for kind in _TABLES:
        table = kind.recognise(path, head)
        if table is None:
            continue
        layout = layout_of(table.header)
        assert layout is not None, "a recognised table has columns of use"
        named = read_name(path)
        terms = Terms(
            symbol=symbol,
            venue=venue or table.venue or named.venue,
            timeframe=timeframe,
            named_symbol=named.symbol,
            named_timeframe=named.timeframe,
        )
        if layout.kind is Kind.BARS:
            return BarTable(table, layout, terms)
        return TickTable(table, layout, terms)
    return None
