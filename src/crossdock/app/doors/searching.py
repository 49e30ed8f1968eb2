"""The journal searched by what its records say, beside a desk that trades or without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.core.projection import describe

MOST = 1_000
_STORE = "sqlite"


async def search_journal(
    settings: Settings,
    *,
    text: str = "",
    kinds: Sequence[str] = (),
    account: str = "",
    since_ns: int = 0,
    until_ns: int | None = None,
    limit: int = 100,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """Return records from the projection, newest first. Runs in a thread of its own.

    Raises AdapterError when it cannot be read, or when nothing is found in a few seconds.
    """
    journal = settings.desk.journal
    manifest = Registry().manifest("store", _STORE)
    package = manifest.factory.partition(":")[0].rpartition(".")[0]
    rows = await asyncio.to_thread(
        import_module(f"{package}.search").search,
        journal.parent / f"{journal.name}.sqlite",
        text=text,
        kinds=tuple(kinds),
        account=account,
        since_ns=since_ns,
        until_ns=until_ns,
        before=before,
        limit=max(min(limit, MOST), 0),
    )
    return [_shown(row) for row in rows]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    record = json.loads(row["payload"])
    return {
        "sequence": row["sequence"],
        "at": row["at"],
        "kind": row["record"],
        "words": describe(record),
        "order_id": row["order_id"],
        "correlation": row["correlation"],
        "account": _account_of(record),
        "record": record,
    }


def _account_of(record: dict[str, Any]) -> str | None:
    for holder in (record, *(record.get(name) for name in _HOLDERS)):
        if isinstance(holder, dict) and isinstance(holder.get("account"), str):
            return str(holder["account"])
    return None


_HOLDERS = ("request", "report", "fill", "event", "balance")
