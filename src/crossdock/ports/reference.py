"""What a venue tells that is neither price nor order, one small Protocol per need.

All are reads, with the errors of reads: see `ports.venue`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from crossdock.model import (
    AccountFacts,
    Asset,
    Auction,
    InstrumentId,
    KeyRights,
    OptionQuote,
    Quote,
    Trade,
    TradingDay,
)


@runtime_checkable
class QuoteHistory(Protocol):
    async def quotes_between(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[Quote]:
        """Return quotes in [start_ns, end_ns), oldest first; perhaps the oldest part only."""


@runtime_checkable
class TradeHistory(Protocol):
    async def trades_between(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[Trade]:
        """Return trades in [start_ns, end_ns), oldest first; perhaps the oldest part only."""


@runtime_checkable
class OptionChains(Protocol):
    async def option_chain(
        self, underlying: Asset, *, expiry_time_ns: int | None = None
    ) -> Sequence[OptionQuote]: ...


@runtime_checkable
class KeyRightsRead(Protocol):
    async def key_rights(self) -> KeyRights: ...


@runtime_checkable
class AccountFactsRead(Protocol):
    async def account_facts(self) -> AccountFacts: ...


@runtime_checkable
class Calendar(Protocol):
    async def trading_days(self, *, start: str, end: str) -> Sequence[TradingDay]:
        """Return the open days from `start` to `end`, both included, ISO 8601."""


@runtime_checkable
class Auctions(Protocol):
    async def auctions(
        self, instrument: InstrumentId, *, start: str, end: str
    ) -> Sequence[Auction]: ...
