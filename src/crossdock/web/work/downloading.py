"""A download as a job: a venue's own history into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crossdock.app.data import open_store
from crossdock.app.download import Downloaded, download
from crossdock.app.settings import load_settings
from crossdock.model import width_of


def run_download(
    job: Mapping[str, Any], progress: Callable[[float, str], None]
) -> Mapping[str, Any]:
    """Fetch one series. Returns what came of it; raises Error."""
    asked = job["asked"]
    store = Path(job["store"])
    start_ns, end_ns = asked["start_ns"], asked["end_ns"]
    settings = load_settings(Path(job["settings"])) if job["settings"] else None

    def tell(done: Downloaded, at_ns: int) -> None:
        rows = done.added + done.known + done.changed
        progress((at_ns - start_ns) / (end_ns - start_ns), f"{rows:,} rows")

    outcome = asyncio.run(
        download(
            [asked["symbol"]],
            open_store(store),
            store,
            kind="bars",
            width_ns=width_of(asked["timeframe"]),
            start_ns=start_ns,
            end_ns=end_ns,
            settings=settings,
            progress=tell,
        )
    )
    (done,) = outcome.series
    return {
        "added": done.added,
        "known": done.known,
        "changed": done.changed,
        "requests": done.requests,
        "gaps": len(done.gaps),
        "first_time_ns": done.first_time_ns,
        "last_time_ns": done.last_time_ns,
    }
