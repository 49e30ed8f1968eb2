"""Who waits for whom on the way to the desk: what makes safe waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from weakref import WeakValueDictionary

from crossdock.app.doors.control.control import READS
from crossdock.errors import DeskError

MOST_READS = 32
MOST_READS_OF_ONE = 8
MOST_WRITES = 32
BUSY_AFTER_S = 5.0

MAKES_SAFE = frozenset(
    {
        "kill",
        "cancel",
        "stop",
        "stop_trading",
        "strategy",
        "disconnect",
        "set_flag",
        "set_limit",
    }
)
READING = READS | {
    "account_facts",
    "auctions",
    "borrow_rates",
    "candles",
    "dry_run",
    "earn_holdings",
    "earn_offers",
    "fee_rates",
    "funding_rate_history",
    "funding_rates",
    "instruments",
    "integrations",
    "key_rights",
    "leverage",
    "loans",
    "movements",
    "option_chain",
    "search",
    "strategy_kinds",
    "sub_accounts",
    "trace",
    "trading_days",
    "verify",
    "wallets",
    "why",
}

_asker: ContextVar[str] = ContextVar("crossdock_asker", default="")


@contextmanager
def asking_for(asker: str) -> Iterator[None]:
    """Count what is read inside among the reads of one person or program."""
    before = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(before)


class Lanes:
    """Room for so many reads, of each asker and of all, and for so many writes."""

    def __init__(self, busy_after_s: float = BUSY_AFTER_S) -> None:
        self._busy_after_s = busy_after_s
        self._reads = asyncio.Semaphore(MOST_READS)
        self._writes = asyncio.Semaphore(MOST_WRITES)
        # Held by those who are inside or wait, and forgotten with the last of them.
        self._of_askers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, op: str) -> AsyncIterator[None]:
        """Wait for room. Raises DeskError `desk-busy` where none comes."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._busy_after_s):
                    for room in self._rooms(op):
                        await stack.enter_async_context(room)
            except TimeoutError:
                raise busy("too many questions wait for the desk's answer") from None
            yield

    def _rooms(self, op: str) -> tuple[asyncio.Semaphore, ...]:
        if op in MAKES_SAFE:
            return ()
        if op not in READING:
            return (self._writes,)
        asker = _asker.get()
        own = self._of_askers.get(asker)
        if own is None:
            own = self._of_askers[asker] = asyncio.Semaphore(MOST_READS_OF_ONE)
        return own, self._reads


def busy(words: str) -> DeskError:
    """Return the refusal of a question that was never sent."""
    return DeskError(
        words, code="desk-busy", hint="nothing was sent to the desk: ask again in a moment"
    )
