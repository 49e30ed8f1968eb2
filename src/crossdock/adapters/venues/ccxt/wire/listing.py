"""A reply that remembers whether ccxt found in it the list that it looked for.

ccxt reads a reply of the wrong shape as an empty list. An empty answer is believed only
where there was a list to be empty: one that ccxt asked for by its name, or whose entries
it went through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Listing(dict[str, Any]):
    """A JSON object, and whether a list was found in it or beneath it."""

    def __init__(self, plain: dict[str, Any], *, is_whole: bool = True) -> None:
        super().__init__(plain)
        self._is_whole = is_whole
        self._found = False
        self._beneath: list[Listing] = []
        self._added: set[str] = set()

    @property
    def is_found(self) -> bool:
        return self._found or any(each.is_found for each in self._beneath)

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if value is None or isinstance(value, list):
            self._found |= key not in self._added
        elif type(value) is dict:
            value = Listing(value, is_whole=False)
            self._beneath.append(value)
            super().__setitem__(key, value)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __setitem__(self, key: Any, value: Any) -> None:
        self._added.add(key)
        super().__setitem__(key, value)

    def __iter__(self) -> Iterator[str]:
        self._gone_through()
        return super().__iter__()

    def keys(self) -> Any:
        self._gone_through()
        return super().keys()

    def values(self) -> Any:
        self._gone_through()
        return super().values()

    def items(self) -> Any:
        self._gone_through()
        return super().items()

    def _gone_through(self) -> None:
        """Take this for the list, unless something else than rows is in it.

        A whole reply is the list only if there is nothing in it: ccxt goes through any
        object that comes where an array was due.
        """
        rows = list(super().values())
        is_list = all(isinstance(row, dict) for row in rows) and not self._is_whole
        self._found |= is_list or not rows


def is_empty(answer: Any) -> bool:
    """Tell whether ccxt read nothing: no row, no balance, no market."""
    if isinstance(answer, dict) and "total" in answer:
        totals = answer["total"] or {}
        return not any(asset and total is not None for asset, total in totals.items())
    return not answer
