"""What can be done with a journal from outside its desk: read, export, check, copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from crossdock.app.registry import Registry
from crossdock.core import records as r

JOURNAL_STORE = "journal"


def tool(name: str, registry: Registry | None = None) -> Any:
    """Return a module that lies beside the journal store's class, by its name."""
    manifest = (registry or Registry()).manifest("store", JOURNAL_STORE)
    package = manifest.factory.partition(":")[0].rpartition(".")[0]
    return import_module(f"{package}.{name}")


def export_lines(path: Path) -> Iterator[str]:
    """Yield every record as one line of JSON, its sequence first. Works while a desk runs.

    Old records come out in today's form.
    """
    for entry in tool("reader").read(path):
        record = r.decode(entry.payload)
        if isinstance(record, r.Snapshot):
            continue
        plain = json.loads(r.encode(record))
        yield json.dumps({"sequence": entry.sequence, **plain})


def lose_unsynced(path: Path) -> None:
    """Throw away what no sync made durable, as a power cut would. For tests of survival."""
    tool("power_cut").lose_unsynced(path)
