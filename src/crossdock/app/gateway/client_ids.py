"""Client order ids in the form each venue takes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable

from crossdock.model import ClientOrderId
from crossdock.ports import Clock, Evidence, IdCodec, Ids

_MS_NS = 1_000_000
_UINT32 = 2**32


class ClientIds:
    """Makes ids that no earlier order of the account has, as far as their form allows.

    `is_taken` says whether the account knows an order by an id: a number of 32 bits comes
    round after seven weeks, and a clock may have been set back.
    """

    def __init__(
        self,
        evidence: Evidence,
        ids: Ids,
        clock: Clock,
        is_taken: Callable[[ClientOrderId], bool],
    ) -> None:
        self._ids = ids
        self._clock = clock
        self._is_taken = is_taken
        self._number = -1
        self._next: Callable[[], str] = {
            IdCodec.TEXT: self._text,
            IdCodec.UUID: self._uuid,
            IdCodec.UINT32: self._uint32,
            IdCodec.HEX128: self._hex128,
            IdCodec.NONE: lambda: "",
        }[evidence.client_id]

    def next(self) -> ClientOrderId:
        """Return a new id; an empty one where the venue takes none."""
        return ClientOrderId(self._next())

    def _text(self) -> str:
        return self._ids.next("cd")

    def _digest(self) -> bytes:
        # Of our own id and not of chance, so that a replay makes the same ones.
        return hashlib.sha256(self._text().encode()).digest()[:16]

    def _uuid(self) -> str:
        return str(uuid.UUID(bytes=self._digest(), version=4))

    def _hex128(self) -> str:
        return f"0x{self._digest().hex()}"

    def _uint32(self) -> str:
        """Return the milliseconds since 1970 in 32 bits, or the next free number."""
        now = self._clock.time_ns() // _MS_NS
        self._number = max(now, self._number + 1)
        while self._is_taken(ClientOrderId(str(self._number % _UINT32))):
            self._number += 1
        return str(self._number % _UINT32)
