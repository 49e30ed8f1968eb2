"""Client order ids of protocols whose rules are not the engine's.

The engine wants every id once and of few letters. A protocol may take other letters, let
an id be used again once its order is done, or give one where the client gave none.
"""

from __future__ import annotations


class ClientIds:
    """What a venue's clients call their orders, and what the engine calls them."""

    def __init__(self) -> None:
        self._count = 0
        self._latest: dict[tuple[str, str], str] = {}
        self._shown: dict[tuple[str, str], str] = {}

    def enter(self, account: str, text: str) -> str:
        """Return the engine's id for an order about to be entered under a client's id."""
        self._count += 1
        engine_id = f"f-{self._count}"
        self._shown[account, engine_id] = text
        return engine_id

    def accepted(self, account: str, engine_id: str) -> None:
        """Let the client's id mean this order from now on."""
        self._latest[account, self.shown(account, engine_id)] = engine_id

    def rename(self, account: str, engine_id: str, text: str) -> None:
        """Show an order under another id from now on; the old one still finds it."""
        self._shown[account, engine_id] = text
        self._latest[account, text] = engine_id

    def find(self, account: str, text: str) -> str:
        """Return the engine's id of the newest order under a client's id, else the text."""
        return self._latest.get((account, text), text)

    def shown(self, account: str, engine_id: str) -> str:
        """Return an order's id as clients see it."""
        return self._shown.get((account, engine_id), engine_id)
