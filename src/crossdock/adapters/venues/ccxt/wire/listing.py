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

    def __init__(self, plain: dict[str, Any]) -> None:
        super().__init__(plain)
        self._found = False
        self._beneath: list[Listing] = []

    @property
    def is_found(self) -> bool:
        return self._found or any(each.is_found for each in self._beneath)

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if value is None or isinstance(value, list):
            self._found = True
        elif type(value) is dict:
            value = Listing(value)
            self._beneath.append(value)
            super().__setitem__(key, value)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

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
        """Take this for the list, unless there is something else than rows in it."""
        self._found |= all(isinstance(row, dict) for row in super().values())


def is_empty(answer: Any) -> bool:
    """Tell whether ccxt read nothing: no row, no balance, no market."""
    if isinstance(answer, dict) and "total" in answer:
        return not answer["total"]
    return not answer
