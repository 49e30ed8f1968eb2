"""What a run looks like: one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.app.backtest.report.run_document import document
from crossdock.app.backtest.written import write_whole

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

__all__ = ["document", "write_report"]


def write_report(run: Run, path: str | Path) -> Path:
    """Write a run's report as one HTML file that needs no network; replace an old one.

    Raises ExtraMissing without plotly, ConfigError when it cannot be written.
    """
    return write_whole(Path(path), document(run).encode())
