"""A grid's report: every row, and how two parameters work together."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import crossdock
from crossdock.app.backtest.figures import figure, formula
from crossdock.app.backtest.report.page import chart, facts, page, paragraph, section
from crossdock.app.backtest.written import write_whole

if TYPE_CHECKING:
    from crossdock.app.backtest.grids.result import GridResult

_ROWS = 1000


def write_grid_report(result: GridResult, path: str | Path) -> Path:
    """Write a grid's report as one HTML file; replace an old one.

    Raises ExtraMissing without plotly, ConfigError when it cannot be written.
    """
    text = page(f"Grid of {result.strategy}", _body(result), {"grid": heatmap(result)})
    return write_whole(Path(path), text.encode())


def heatmap(result: GridResult) -> dict[str, Any] | None:
    """Return the cells of a grid of two parameters; None of one without the figure."""
    if len(result.varied) != 2:
        return None
    (first, across), (second, up) = result.varied.items()
    by = figure(result.by)
    found = {
        (str(row.params[first]), str(row.params[second])): row.figures.get(result.by)
        for row in result.rows
    }
    cells = [[found.get((str(x), str(y))) for x in across] for y in up]
    return {
        "x": {"name": first, "values": [str(value) for value in across]},
        "y": {"name": second, "values": [str(value) for value in up]},
        "z": [[None if cell is None else float(cell) for cell in line] for line in cells],
        "text": [[by.shown(cell) for cell in line] for line in cells],
        "best_is_high": by.best_is_high,
    }


def _body(result: GridResult) -> Iterator[str]:
    by = figure(result.by)
    yield (
        f"<header><h1>{escape(result.strategy)}</h1>"
        + paragraph(f"{len(result.rows):,} combinations, best by {by.label.lower()}")
        + paragraph(formula(result.by))
        + "</header>"
    )
    if len(result.varied) == 2:
        yield section(by.label, chart("grid"))
    yield section("Combinations", *_rows(result))
    fixed = {name: str(value) for name, value in result.fixed.items()}
    yield section(
        "How it was made",
        facts(
            [
                ("Source", result.source),
                *fixed.items(),
                *((name.replace("_", " "), words) for name, words in result.terms.items()),
                *(("Note", note) for note in result.notes),
                ("Made by", f"crossdock {crossdock.__version__}"),
            ]
        ),
    )


def _rows(result: GridResult) -> Iterator[str]:
    rows = result.table()[:_ROWS]
    if len(result.rows) > _ROWS:
        yield paragraph(f"The first {_ROWS:,} of {len(result.rows):,}.")
    heads = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row.values())}</tr>"
        for row in rows
    )
    yield (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
