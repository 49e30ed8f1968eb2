"""What the desk answers, as tables where they are printed and frames where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


_NUMBERS = frozenset(
    {"ask", "average_price", "bid", "cumulative_quantity", "entry_price", "fee", "mark"}
    | {"limit_price", "price", "quantity", "realized_pnl", "stop_price", "total"}
    | {"unrealized_pnl"}
)
_PLACES = 18  # as many as a frame's decimals hold beside any sane whole part


class Rows(list[dict[str, Any]]):
    """Rows of one kind: a list of plain dicts that prints as a table.

    The table leaves out columns in which nothing stands; the rows themselves and the
    frames have them all.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], kind: str) -> None:
        super().__init__(dict(row) for row in rows)
        self.kind = kind

    def frame(self) -> pl.DataFrame:
        """Return the rows as a polars frame, money in exact decimals.

        Raises ExtraMissing without polars.
        """
        from crossdock.analysis.frames import frame_of

        return frame_of([{n: _exact(n, value) for n, value in it.items()} for it in self])

    def pandas(self) -> Any:
        """Return the rows as a pandas frame. Raises ExtraMissing without pandas."""
        from crossdock.analysis.frames import pandas_of

        return pandas_of(self.frame())

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names = list(dict.fromkeys(name for row in self for name in row))
        cells = [[_cell(name, row.get(name)) for name in names] for row in self]
        shown = [at for at in range(len(names)) if any(line[at] for line in cells)]
        return [names[at] for at in shown], [[line[at] for at in shown] for line in cells]

    def __repr__(self) -> str:
        head, lines = self._table()
        caption = f"{self.kind}: {len(self) or 'none'}"
        if not lines:
            return caption
        widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
        text = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in [head, *lines]]
        return "\n".join([caption, *text])

    def _repr_html_(self) -> str:
        head, lines = self._table()
        caption = f"<caption>{escape(self.kind)}: {len(self) or 'none'}</caption>"
        return f"<table>{caption}{_row(head, 'th')}{''.join(map(_row, lines))}</table>"


class Facts(dict[str, Any]):
    """Names and values: a plain dict that prints one fact a line, rows within as tables."""

    def _lines(self) -> list[tuple[str, str]]:
        shown = [
            (name, _cell(name, value))
            for name, value in self.items()
            if not _is_rows(value)
        ]
        return [(name, value) for name, value in shown if value]

    def _tables(self) -> list[Rows]:
        return [
            Rows(map(_without_depth, value), name)
            for name, value in self.items()
            if _is_rows(value)
        ]

    def __repr__(self) -> str:
        lines = self._lines()
        width = max((len(name) for name, _ in lines), default=0)
        text = [f"{name.ljust(width)}  {value}" for name, value in lines]
        return "\n".join([*text, *map(repr, self._tables())])

    def _repr_html_(self) -> str:
        facts = f"<table>{''.join(_row(line) for line in self._lines())}</table>"
        return facts + "".join(table._repr_html_() for table in self._tables())


def _exact(name: str, value: Any) -> Any:
    if name not in _NUMBERS or not isinstance(value, str):
        return value
    exact = Decimal(value)
    return exact if len(value.partition(".")[2]) <= _PLACES else round(exact, _PLACES)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _without_depth(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, Mapping)}


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if name.endswith("_time_ns") and isinstance(value, int):
        return (
            f"{datetime.fromtimestamp(value / 1e9, UTC):%Y-%m-%d %H:%M:%S}" if value else ""
        )
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(key, each)}".strip() for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_cell(name, each) for each in value)
    return "" if value is None else str(value)
