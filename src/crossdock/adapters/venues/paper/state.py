"""Keeps an account over restarts: what it told the desk, it still knows after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from crossdock.adapters.venues.paper.funds.account import Account
from crossdock.adapters.venues.paper.funds.positions import Holding
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.orders import Order
from crossdock.adapters.venues.paper.records import Records
from crossdock.errors import ConfigError
from crossdock.model import AccountEvent, Asset, Fill, Instrument
from crossdock.ports import AdapterState

_FORMAT = 1
_KEY = "account"
_PAGE = 200  # done orders, or fills, that are written once and not again

_T = TypeVar("_T")

_encode = msgspec.msgpack.Encoder().encode


class _Kept(msgspec.Struct, kw_only=True):
    """All of an account but its full pages. One value, so that it is whole or old."""

    format: int
    birth: str
    sequence: int
    last_number: int
    cash: dict[Asset, Decimal]
    holdings: list[Holding]
    instruments: list[Instrument]
    open: list[Order]
    done: list[Order]
    done_pages: int
    fills: list[Fill]
    fill_pages: int
    events: list[AccountEvent]


class Keeper:
    """Saves after every change, before anybody is told of it.

    A save costs the open orders and what happened since the last full page, however long
    the account's history is.
    """

    def __init__(
        self, state: AdapterState, account: Account, engine: Engine, records: Records
    ) -> None:
        self._state = state
        self._account = account
        self._engine = engine
        self._records = records
        self._done: list[Order] = []
        self._done_pages = 0
        self._fill_pages = 0

    def save(self, ended: Sequence[Order]) -> None:
        """Save everything; `ended` are the orders that ended since the last time."""
        known = {order.id for order in self._done}
        self._done.extend(order for order in ended if order.id not in known)
        records = self._records
        fills = records.fills[self._fill_pages * _PAGE :]
        while len(fills) >= _PAGE:
            self._state.save(f"fills-{self._fill_pages}", _encode(fills[:_PAGE]))
            self._fill_pages += 1
            fills = fills[_PAGE:]
        while len(self._done) >= _PAGE:
            self._state.save(f"done-{self._done_pages}", _encode(self._done[:_PAGE]))
            self._done_pages += 1
            del self._done[:_PAGE]
        kept = _Kept(
            format=_FORMAT,
            birth=records.birth,
            sequence=records.sequence,
            last_number=records.last_number,
            cash=self._account.cash,
            holdings=list(self._account.holdings.values()),
            instruments=list(self._engine.instruments.values()),
            open=self._engine.open_orders(),
            done=self._done,
            done_pages=self._done_pages,
            fills=fills,
            fill_pages=self._fill_pages,
            events=records.events,
        )
        self._state.save(_KEY, _encode(kept))

    def load(self) -> bool:
        """Take in what was kept. False: this account has not begun yet.

        Raises ConfigError for what a newer version kept, or what cannot be read.
        """
        data = self._state.load(_KEY)
        if data is None:
            return False
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept)
            done = self._pages("done", kept.done_pages, list[Order])
            fills = self._pages("fills", kept.fill_pages, list[Fill])
        except msgspec.DecodeError as error:
            raise self._unusable(str(error)) from error
        if kept.format != _FORMAT:
            raise self._unusable(f"its format is {kept.format}, {_FORMAT} is expected")
        records, account = self._records, self._account
        records.birth, records.sequence = kept.birth, kept.sequence
        records.last_number = kept.last_number
        records.fills.extend([*fills, *kept.fills])
        records.events.extend(kept.events)
        account.cash.update(kept.cash)
        for instrument in kept.instruments:
            self._engine.learn(instrument)
        for holding in kept.holdings:
            account.restore(holding, self._engine.instruments[holding.instrument])
        for order in [*done, *kept.done, *kept.open]:
            self._engine.restore(order)
        self._done, self._done_pages = kept.done, kept.done_pages
        self._fill_pages = kept.fill_pages
        return True

    def _pages(self, name: str, count: int, of: type[list[_T]]) -> list[_T]:
        found: list[_T] = []
        for number in range(count):
            page = self._state.load(f"{name}-{number}")
            found.extend(msgspec.msgpack.decode(page or b"", type=of))
        return found

    def _unusable(self, words: str) -> ConfigError:
        return ConfigError(
            f"account {self._account.id}: what its paper account kept cannot be used: {words}",
            hint="use the version that kept it, or begin anew under another account name",
        )
