"""What a grid found: rows, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.app.backtest.figures import FIGURES, Value, figure
from crossdock.app.backtest.grids.combination import GridRow
from crossdock.app.backtest.summary import plain
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

SHOWN = ("total_return", "max_drawdown", "sharpe", "trades", "win_rate", "pnl")
_ROWS = 20


def ranked(rows: Sequence[GridRow], by: str) -> list[GridRow]:
    """Return rows best first, then those without the figure, then errors.

    Equals keep the order of their combinations, however the workers raced.
    """

    def key(row: GridRow) -> tuple[int, Value, int]:
        value = row.figures.get(by)
        if row.error or value is None:
            return 2 if row.error else 1, 0, row.place
        return 0, -value if figure(by).best_is_high else value, row.place

    return sorted(rows, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridResult:
    """`varied` holds the values of each parameter as given, `fixed` the others' one value."""

    strategy: str
    source: str
    by: str
    varied: Mapping[str, Sequence[Any]]
    fixed: Mapping[str, Any]
    rows: Sequence[GridRow]
    terms: Mapping[str, str] = field(default_factory=dict)  # cash, fees: of all rows
    notes: Sequence[str] = ()  # what was taken for granted in reading the data

    @property
    def best(self) -> GridRow | None:
        """The first row, unless no combination has the figure."""
        first = self.rows[0]
        return None if first.error or first.figures.get(self.by) is None else first

    @property
    def failed(self) -> Sequence[GridRow]:
        return [row for row in self.rows if row.error]

    def summary(self) -> dict[str, Any]:
        """Return everything, ready for JSON: money as text."""
        best = self.best
        return {
            "strategy": self.strategy,
            "source": self.source,
            "by": self.by,
            "fixed": plain(self.fixed),
            "terms": dict(self.terms),
            "notes": list(self.notes),
            "combinations": len(self.rows),
            "failed": len(self.failed),
            "best": None if best is None else plain(best.params),
            "rows": [
                {
                    "params": plain(row.params),
                    "figures": plain(row.figures),
                    "journal_sha256": row.journal_sha256,
                    "error": row.error,
                }
                for row in self.rows
            ],
        }

    def frame(self) -> pl.DataFrame:
        """Return the rows as a polars frame: parameters, figures as floats, error."""
        frames = load("polars", extra="research", what="frames")
        names = [name for name in FIGURES if any(name in row.figures for row in self.rows)]
        columns: dict[str, list[Any]] = {
            name: [_cell(row.params[name]) for row in self.rows] for name in self.varied
        }
        for name in names:
            columns[name] = [_cell(row.figures.get(name)) for row in self.rows]
        columns["error"] = [row.error for row in self.rows]
        found: pl.DataFrame = frames.DataFrame(columns, strict=False)
        return found

    def table(self) -> list[dict[str, str]]:
        """Return what people are shown of each row: its parameters and main figures."""
        columns = shown_figures(self.by)
        has_errors = bool(self.failed)
        return [
            {
                **{name: str(value) for name, value in row.params.items()},
                **{
                    figure(name).label: figure(name).shown(row.figures.get(name))
                    for name in columns
                },
                **({"Error": row.error} if has_errors else {}),
            }
            for row in self.rows
        ]

    def report(self, path: str | Path) -> Path:
        """Write one HTML file: all rows, and a heatmap where two parameters vary."""
        from crossdock.app.backtest.report.grid_document import write_grid_report

        return write_grid_report(self, path)

    def __repr__(self) -> str:
        best = self.best
        named = "none"
        if best is not None:
            params = ", ".join(f"{name}={value}" for name, value in best.params.items())
            value = figure(self.by).shown(best.figures[self.by])
            named = f"{params} with {figure(self.by).label.lower()} {value}"
        return (
            f"<GridResult {self.strategy}, {len(self.rows)} combinations, "
            f"{len(self.failed)} failed, best: {named}>"
        )

    def _repr_html_(self) -> str:
        rows = self.table()[:_ROWS]
        heads = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row.values())}</tr>"
            for row in rows
        )
        more = len(self.rows) - len(rows)
        caption = repr(self).strip("<>") + (f"; {more} more rows" if more else "")
        return (
            f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def shown_figures(by: str) -> list[str]:
    return [by, *(name for name in SHOWN if name != by)]


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
