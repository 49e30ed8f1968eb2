"""Who trades on the stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from crossdock.conformance.bots.verdict import Belief


class Contender(Protocol):
    """A bot as a child process, from `start` to `stop`."""

    async def start(self) -> None: ...

    def has_ended(self) -> bool:
        """Tell whether it ended unasked."""
        ...

    async def calm(self) -> None:
        """Let it begin nothing new, and end what it has begun."""
        ...

    async def is_calm(self) -> bool:
        """Tell whether it believes that nothing is open any more."""
        ...

    async def stop(self) -> None: ...

    def beliefs(self, truth: Mapping[str, Any]) -> tuple[list[Belief], list[str]]:
        """Return what it believes, once stopped; and what else is wrong, in words."""
        ...
