"""Listen tokens: the right to hear an account, for a day.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/user-data-stream.md, read 2026-11-21.
"""

from __future__ import annotations

import hashlib

from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.host import Host

_LIFE_NS = 24 * 3600 * 10**9


class Tokens:
    """Tokens of one venue."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._tokens: dict[str, tuple[str, int]] = {}

    def make(self, account: str) -> tuple[str, int]:
        """Return a new token and when it expires."""
        expires_ns = self._host.now_ns() + _LIFE_NS
        seed = f"{account} {expires_ns} {len(self._tokens)}".encode()
        token = hashlib.sha256(seed).hexdigest()
        self._tokens[token] = (account, expires_ns)
        return token, expires_ns

    def find(self, token: str) -> tuple[str, int]:
        """Return whose token it is and until when. Raises Refusal."""
        found = self._tokens.get(token)
        if found is None or self._host.now_ns() >= found[1]:
            raise Said(-1125, "This listenToken does not exist.")
        return found
