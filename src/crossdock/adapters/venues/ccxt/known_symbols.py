"""The symbols an account has to do with: where fills are asked for by symbol, all of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from crossdock.ports import AdapterState


class KnownSymbols:
    """Symbols we ordered, saw orders of, or hold both assets of. Kept over restarts.

    A symbol is known before its first order goes out, so no fill of ours is ever missed.
    """

    def __init__(self, state: AdapterState, exchange: str) -> None:
        self._state = state
        self._key = f"ccxt.{exchange}.symbols"
        kept = state.load(self._key)
        self._known = set(msgspec.json.decode(kept, type=list[str]) if kept else ())

    def add(self, symbols: Iterable[str]) -> None:
        new = set(symbols) - self._known
        if new:
            self._known |= new
            self._state.save(self._key, msgspec.json.encode(sorted(self._known)))

    def all(self) -> list[str]:
        return sorted(self._known)
