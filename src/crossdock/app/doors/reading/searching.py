"""The projection asked in a thread of its own, beside a desk that trades or without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.core.projection import SCHEMA, describe
from crossdock.ports import Projection

MOST = 1_000
_STORE = "sqlite"
T = TypeVar("T")


async def ask_beside(settings: Settings, question: Callable[[Projection], T]) -> T:
    """Answer a question over the projection's rows. What it writes raises AdapterError.

    So does a projection that cannot be read, and one that takes longer than a few seconds.
    """

    def answer() -> T:
        opened = _beside("reading").ReadingProjection(_file(settings), SCHEMA)
        with closing(opened) as projection:
            return question(projection)

    return await asyncio.to_thread(answer)


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

    def found() -> list[dict[str, Any]]:
        rows = _beside("search").search(
            _file(settings),
            text=text,
            kinds=tuple(kinds),
            account=account,
            since_ns=since_ns,
            until_ns=until_ns,
            before=before,
            limit=max(min(limit, MOST), 0),
        )
        return [_shown(row) for row in rows]

    return await asyncio.to_thread(found)


def _file(settings: Settings) -> Path:
    journal = settings.desk.journal
    return journal.parent / f"{journal.name}.sqlite"


def _beside(name: str) -> Any:
    """Return a module that lies beside the projection's class, by its name."""
    manifest = Registry().manifest("store", _STORE)
    package = manifest.factory.partition(":")[0].rpartition(".")[0]
    return import_module(f"{package}.{name}")


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
