"""One account at one exchange: a class put together from what its manifest says it can."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from crossdock.adapters.venues.ccxt.abilities.account_stream import WatchesAccounts
from crossdock.adapters.venues.ccxt.abilities.financing import (
    Borrows,
    Earns,
    ListsSubAccounts,
    MovesMoney,
    SetsLeverage,
    SetsMarginMode,
)
from crossdock.adapters.venues.ccxt.abilities.histories import ReadsEvents, ReadsFills
from crossdock.adapters.venues.ccxt.abilities.holdings import ReadsBalances, ReadsPositions
from crossdock.adapters.venues.ccxt.abilities.lookups import ListsOpen, LooksUp
from crossdock.adapters.venues.ccxt.abilities.market_data import (
    ListsInstruments,
    ReadsBars,
    ReadsTrades,
    SnapsBooks,
    TellsTime,
)
from crossdock.adapters.venues.ccxt.abilities.market_stream import WatchesMarkets
from crossdock.adapters.venues.ccxt.abilities.orders import CancelsAll, Replaces, Submits
from crossdock.adapters.venues.ccxt.abilities.rates import ReadsFees, ReadsFunding
from crossdock.adapters.venues.ccxt.abilities.reference import ListsOptions, ReadsKeyRights
from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.ports import Can
from crossdock.toolkit import AdapterContext

_PARTS: Mapping[Can, type[CcxtAccount]] = {
    Can.REPLACE: Replaces,
    Can.SUBMIT: Submits,
    Can.CANCEL_ALL: CancelsAll,
    Can.ORDER_LOOKUP: LooksUp,
    Can.OPEN_ORDERS: ListsOpen,
    Can.ACCOUNT_STREAM: WatchesAccounts,
    Can.FILL_HISTORY: ReadsFills,
    Can.ACCOUNT_HISTORY: ReadsEvents,
    Can.BALANCES: ReadsBalances,
    Can.POSITIONS: ReadsPositions,
    Can.MARKET_STREAM: WatchesMarkets,
    Can.INSTRUMENTS: ListsInstruments,
    Can.BOOK_SNAPSHOT: SnapsBooks,
    Can.SERVER_TIME: TellsTime,
    Can.BAR_HISTORY: ReadsBars,
    Can.TRADE_HISTORY: ReadsTrades,
    Can.LEVERAGE: SetsLeverage,
    Can.MARGIN_MODE: SetsMarginMode,
    Can.BORROWING: Borrows,
    Can.TRANSFERS: MovesMoney,
    Can.SUB_ACCOUNTS: ListsSubAccounts,
    Can.EARN: Earns,
    Can.FUNDING_RATES: ReadsFunding,
    Can.FEE_RATES: ReadsFees,
    Can.OPTION_CHAINS: ListsOptions,
    Can.KEY_RIGHTS: ReadsKeyRights,
}
"""Derived before derived from: a class may build on another one of these."""


def connect(context: AdapterContext) -> AbstractAsyncContextManager[Any]:
    """Make the adapter: exactly the abilities that its manifest names."""
    parts = tuple(part for can, part in _PARTS.items() if can in context.manifest.can)
    made: AbstractAsyncContextManager[Any] = type("Ccxt", parts, {})(context)
    return made
