"""What happens at a venue, told to everybody who subscribed to it.

News gathers while an operation runs and goes out with `flush`: a reply can be written
before what it caused, and a symbol's book changes of one step become one piece of news.
The face words it; the faults of streams act here, whatever the protocol.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from crossdock.model import FillKind, Side
from crossdock.sandbox.engine import (
    MarketSpec,
    PriceLevel,
    Venue,
    VenueEvent,
    VenueFill,
    VenueOrder,
)
from crossdock.sandbox.faults import Armed, FaultKind, Faults
from crossdock.sandbox.stream.books import BookChanges
from crossdock.sandbox.stream.news import (
    AccountNews,
    BalancesChanged,
    BookChanged,
    Filled,
    InstrumentChanged,
    MarketNews,
    Moved,
    OrderChanged,
    QuoteChanged,
    Traded,
)
from crossdock.sandbox.stream.totals import Totals
from crossdock.sandbox.stream.wire import Manner, Wire

_SECOND_NS = 1_000_000_000
_TRADES_KEPT = 1000

Topic = Hashable
Balance = tuple[str, Decimal, Decimal]


class Listener(Protocol):
    """A connection, as the feed sees it."""

    @property
    def wire(self) -> Wire: ...

    def hears(self, channel: str) -> bool:
        """Tell whether messages of an account's channel are wanted here."""

    def framed(self, topic: Topic, body: bytes) -> bytes:
        """Return a message as it goes out here. Called once for each, so it may number them."""


class Wording(Protocol):
    """How a protocol words news: zero or more messages for a piece of it."""

    book_paces_ms: tuple[int, ...]
    tells_balances: bool

    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        """Return (channel, body) pairs for those who hear the account."""

    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        """Return (topic, body) pairs; none need be made for a topic nobody hears."""


@dataclass(slots=True)
class _Swap:
    """A message held back on every connection of an account."""

    armed: Armed
    since_ns: int


class Feed:
    """The engine's listener, and the register of who hears what."""

    def __init__(
        self,
        faults: Faults,
        now_ns: Callable[[], int],
        *,
        on_trade: Callable[[str, Decimal, Decimal], None],
    ) -> None:
        self.totals = Totals()
        self._wording: Wording | None = None
        self._faults = faults
        self._now_ns = now_ns
        self._on_trade = on_trade
        self._market: dict[Topic, list[Listener]] = {}
        self._accounts: dict[str, list[Listener]] = {}
        self._replaced: dict[str, list[Listener]] = {}
        self._pending: list[tuple[str, AccountNews]] = []
        self._filled: set[str] = set()
        self._pairs: dict[str, VenueFill] = {}
        self._balances: dict[str, dict[str, tuple[Decimal, Decimal]]] = {}
        self._books = BookChanges(())
        self._trades: list[Traded] = []
        self._quotes: dict[str, tuple[PriceLevel, PriceLevel]] = {}
        self._swaps: dict[str, _Swap] = {}
        self._recent: dict[str, deque[Traded]] = {}
        self._traded: Counter[str] = Counter()

    def word_by(self, wording: Wording) -> None:
        """Say whose words the news is told in."""
        self._wording = wording
        self._books = BookChanges(wording.book_paces_ms)

    # What the engine tells.

    def book_changed(
        self,
        symbol: str,
        first: int,
        last: int,
        bids: list[PriceLevel],
        asks: list[PriceLevel],
        now_ns: int,
    ) -> None:
        self._books.take(symbol, first, last, bids, asks, now_ns)

    def traded(
        self,
        symbol: str,
        trade_id: str,
        price: Decimal,
        quantity: Decimal,
        side: Side,
        now_ns: int,
    ) -> None:
        self._on_trade(symbol, price, quantity)
        self._traded[symbol] += 1
        number = self._traded[symbol]
        trade = Traded(symbol, trade_id, price, quantity, side, now_ns, number)
        recent = self._recent.get(symbol)
        if recent is None:
            recent = self._recent[symbol] = deque(maxlen=_TRADES_KEPT)
        recent.append(trade)
        self._trades.append(trade)

    def order_changed(self, account: str, order: VenueOrder) -> None:
        fill = self._pairs.pop(account, None)
        if account not in self._accounts:
            return
        if fill is not None and fill.client_order_id != order.client_order_id:
            fill = None
        self._pending.append((account, OrderChanged(copy(order), fill)))

    def filled(self, account: str, fill: VenueFill) -> None:
        self.totals.take(account, fill)
        if account not in self._accounts:
            return
        if fill.kind is FillKind.REPORTED:
            self._pairs[account] = fill
        self._filled.add(account)
        self._pending.append((account, Filled(fill)))

    def moved(self, account: str, event: VenueEvent) -> None:
        if account in self._accounts:
            self._pending.append((account, Moved(event)))

    def instrument_changed(self, market: MarketSpec) -> None:
        news = InstrumentChanged(market)
        self._pending.extend((account, news) for account in self._accounts)

    # Who hears it.

    def hears(self, topic: Topic) -> bool:
        """Tell whether anybody subscribed to a topic of market data."""
        return topic in self._market

    def subscribe_market(self, topic: Topic, listener: Listener) -> None:
        listeners = self._market.setdefault(topic, [])
        if listener not in listeners:
            listeners.append(listener)

    def unsubscribe_market(self, topic: Topic, listener: Listener) -> None:
        _leave(self._market, topic, listener)

    def subscribe_account(
        self, account: str, listener: Listener, balances: Iterable[Balance] = ()
    ) -> None:
        """Let a connection hear an account; it may take another one's place.

        `balances` are what the account has now: only what changes from there is told.
        """
        earlier = [it for it in self._accounts.get(account, ()) if it is not listener]
        self.leave_account(listener, account)
        listener.wire.begin_account()
        self._accounts.setdefault(account, []).append(listener)
        known = {asset: (total, held) for asset, total, held in balances}
        self._balances.setdefault(account, known)
        for old in earlier:
            armed = self._faults.find(FaultKind.OLD_SOCKET, None, account)
            if armed is not None and old.wire.is_open and old.wire.repeat():
                self._faults.bite(armed)
                _leave(self._accounts, account, old)
                self._replaced.setdefault(account, []).append(old)
                old.wire.flush()

    def leave_account(self, listener: Listener, account: str | None = None) -> None:
        """Let a connection hear an account no more, or none at all."""
        for register in (self._accounts, self._replaced):
            for name in list(register):
                if account in (None, name):
                    _leave(register, name, listener)
        for name in [it for it in self._balances if it not in self._accounts]:
            del self._balances[name]

    def leave(self, listener: Listener) -> None:
        """Forget a connection."""
        self.leave_account(listener)
        for topic in list(self._market):
            _leave(self._market, topic, listener)

    def has_filled(self, account: str) -> bool:
        """Tell whether a fill of the account waits to be pushed to somebody."""
        return account in self._filled

    def trades(self, symbol: str, limit: int) -> list[Traded]:
        """Return the newest public trades, newest last."""
        return list(self._recent.get(symbol, ()))[-limit:]

    def quote(self, symbol: str, venue: Venue, time_ns: int) -> QuoteChanged | None:
        """Return the quote, or None while a side of the book is empty."""
        sequence, bid, ask = venue.top(symbol)
        if bid is None or ask is None:
            return None
        return QuoteChanged(symbol, bid, ask, sequence, time_ns)

    # How it goes out.

    def flush(self, venue: Venue) -> None:
        """Push all that gathered: account messages first, then market data."""
        if not self._pending and not self._books and not self._trades:
            return
        touched: set[Wire] = set()
        pending, self._pending = self._pending, []
        self._filled.clear()
        for account, news in pending:
            self._push_account(account, news, touched)
        self._push_balances(
            dict.fromkeys(account for account, _ in pending), venue, touched
        )
        trades, self._trades = self._trades, []
        for trade in trades:
            self._push_market(trade, touched)
        for symbol, time_ns, changed in self._books.end_step():
            if changed is not None:
                self._push_market(changed, touched)
            self._push_quote(symbol, time_ns, venue, touched)
        for wire in touched:
            wire.flush()

    def tick(self, now_ns: int) -> None:
        """Push what waited for its time: paced book changes, messages held back."""
        touched: set[Wire] = set()
        for news in self._books.due(now_ns):
            self._push_market(news, touched)
        for account, swap in list(self._swaps.items()):
            if now_ns - swap.since_ns >= swap.armed.seconds * _SECOND_NS:
                del self._swaps[account]
                for listener in self._accounts.get(account, ()):
                    listener.wire.release()
                    touched.add(listener.wire)
        for wire in touched:
            wire.flush()

    def push(self, topic: Topic, body: bytes) -> None:
        """Push a message of a face's own making, at once."""
        for listener in self._market.get(topic, ()):
            if not self._mutes(listener.wire):
                listener.wire.write(listener.framed(topic, body))

    def _push_account(self, account: str, news: AccountNews, touched: set[Wire]) -> None:
        assert self._wording is not None
        for channel, body in self._wording.account_messages(account, news):
            hearing = [it for it in self._accounts.get(account, ()) if it.hears(channel)]
            manner = self._manner(account) if hearing else Manner.PLAIN
            for listener in hearing:
                frame = listener.framed(channel, body)
                is_muted = self._mutes(listener.wire, account)
                listener.wire.queue_account(frame, manner, is_muted=is_muted)
                touched.add(listener.wire)
            for listener in self._replaced.get(account, ()):
                listener.wire.repeat()
                touched.add(listener.wire)

    def _push_balances(
        self, accounts: Iterable[str], venue: Venue, touched: set[Wire]
    ) -> None:
        if self._wording is None or not self._wording.tells_balances:
            return
        for account in accounts:
            told = self._balances.setdefault(account, {})
            rows = [
                row
                for row in venue.balances(account)
                if told.get(row[0]) != (row[1], row[2])
            ]
            if rows:
                told.update({asset: (total, held) for asset, total, held in rows})
                self._push_account(account, BalancesChanged(rows, self._now_ns()), touched)

    def _manner(self, account: str) -> Manner:
        faults = self._faults
        swap = self._swaps.pop(account, None)
        if swap is not None:
            faults.hits[FaultKind.STREAM_REORDER] += 1
            return Manner.PLAIN
        if faults.take(FaultKind.STREAM_MISSING, None, account):
            return Manner.MISSING
        if faults.take(FaultKind.STREAM_DUPLICATE, None, account):
            return Manner.TWICE
        armed = faults.find(FaultKind.STREAM_REORDER, None, account)
        if armed is not None:
            faults.spend(armed)
            self._swaps[account] = _Swap(armed, self._now_ns())
            return Manner.HELD
        return Manner.PLAIN

    def _push_market(self, news: MarketNews, touched: set[Wire]) -> None:
        if not self._market or self._wording is None:
            return
        may_gap = isinstance(news, BookChanged)
        for topic, body in self._wording.market_messages(news):
            listeners = self._market.get(topic)
            if not listeners:
                continue
            if may_gap and self._faults.take(FaultKind.MARKET_GAP):
                return
            may_gap = False
            for listener in listeners:
                frame = listener.framed(topic, body)
                if not self._mutes(listener.wire):
                    listener.wire.queue(frame)
                    touched.add(listener.wire)

    def _push_quote(
        self, symbol: str, time_ns: int, venue: Venue, touched: set[Wire]
    ) -> None:
        quote = self.quote(symbol, venue, time_ns)
        if quote is None or self._quotes.get(symbol) == (quote.bid, quote.ask):
            return
        self._quotes[symbol] = (quote.bid, quote.ask)
        self._push_market(quote, touched)

    def _mutes(self, wire: Wire, account: str | None = None) -> bool:
        """Tell whether a push to a connection is lost; the first one lost begins it."""
        if self._faults.has(FaultKind.STREAM_MUTE):
            armed = self._faults.take(FaultKind.STREAM_MUTE, None, account)
            if armed is not None:
                until_ns = self._now_ns() + int(armed.seconds * _SECOND_NS)
                for other in self._wires():
                    other.muted_until_ns = until_ns
        return wire.muted_until_ns != 0 and self._now_ns() < wire.muted_until_ns

    def _wires(self) -> set[Wire]:
        registers = (*self._market.values(), *self._accounts.values())
        return {listener.wire for listeners in registers for listener in listeners}


Key = TypeVar("Key")


def _leave(register: dict[Key, list[Listener]], key: Key, listener: Listener) -> None:
    listeners = register.get(key)
    if listeners is not None and listener in listeners:
        listeners.remove(listener)
        if not listeners:
            del register[key]
