"""What older formats of the journal wrote, turned into today's on reading.

A record never changes its meaning, and what is on disk is never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FORMAT_VERSION = 6


def _from_version_1(old: dict[str, Any]) -> dict[str, Any]:
    """Version 1 wrote one `cursor` per account, of fills; events had none."""
    if old.get("record") == "cursor_moved":
        return {
            "record": "cursors_moved",
            "at": old["at"],
            "account": old["account"],
            "fill_cursor": old["cursor"],
        }
    if old.get("record") == "attempt_ended" and "text" in old:
        return {**{k: v for k, v in old.items() if k != "text"}, "words": old["text"]}
    return old


def _from_version_2(old: dict[str, Any]) -> dict[str, Any]:
    """Version 2 knew no attached legs and no trailing stops: what it wrote has none."""
    return old


def _from_version_3(old: dict[str, Any]) -> dict[str, Any]:
    """Version 3 knew no movements of money: what it wrote has none."""
    return old


def _from_version_4(old: dict[str, Any]) -> dict[str, Any]:
    """Version 4 knew no flags and no steering by people: what it wrote has none."""
    return old


def _from_version_5(old: dict[str, Any]) -> dict[str, Any]:
    """Version 5 kept nothing that could not be booked: what it wrote has no such records."""
    return old


UPCASTS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _from_version_1,
    2: _from_version_2,
    3: _from_version_3,
    4: _from_version_4,
    5: _from_version_5,
}
"""By version: turns a record of that version into one of the next."""
