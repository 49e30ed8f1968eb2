"""What happens at a venue, told to everybody who subscribed to it.

Account messages and market data gather while an operation runs and go out together with
`flush`: a reply can be written before what it caused, and a symbol's book changes of one
step become one frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

import msgspec

from crossdock.model import Side
from crossdock.sandbox.engine import MarketSpec, Venue, VenueEvent, VenueFill, VenueOrder
from crossdock.sandbox.engine.records import PriceLevel
from crossdock.sandbox.faults import Armed, FaultKind, Faults
from crossdock.sandbox.native.frames import text_frame
from crossdock.sandbox.native.payloads import (
    Payload,
    book_payload,
    event_payload,
    exact,
    fill_payload,
    instrument_payload,
    order_payload,
    trade_payload,
)
from crossdock.sandbox.native.wire import Manner, Wire

encode = msgspec.json.Encoder().encode

_SECOND_NS = 1_000_000_000
_TRADES_KEPT = 1000


@dataclass(slots=True)
class _Change:
    first: int
    last: int
    time_ns: int
    bids: dict[Decimal, Decimal] = field(default_factory=dict)
    asks: dict[Decimal, Decimal] = field(default_factory=dict)


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
        self._faults = faults
        self._now_ns = now_ns
        self._on_trade = on_trade
        self._market: dict[tuple[str, str], list[Wire]] = {}
        self._accounts: dict[str, list[Wire]] = {}
        self._replaced: dict[str, list[Wire]] = {}
        self._pending: list[tuple[str, bytes]] = []
        self._filled: set[str] = set()
        self._changes: dict[str, _Change] = {}
        self._trades: list[Payload] = []
        self._quotes: dict[str, tuple[PriceLevel, PriceLevel]] = {}
        self._swaps: dict[str, _Swap] = {}
        self._recent: dict[str, deque[Payload]] = {}

    def book_changed(
        self,
        symbol: str,
        first: int,
        last: int,
        bids: list[PriceLevel],
        asks: list[PriceLevel],
        now_ns: int,
    ) -> None:
        change = self._changes.get(symbol)
        if change is None:
            change = self._changes[symbol] = _Change(first, last, now_ns)
        change.last = last
        change.time_ns = now_ns
        change.bids.update(bids)
        change.asks.update(asks)

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
        trade = trade_payload(symbol, trade_id, price, quantity, side, now_ns)
        recent = self._recent.get(symbol)
        if recent is None:
            recent = self._recent[symbol] = deque(maxlen=_TRADES_KEPT)
        recent.append(trade)
        self._trades.append(trade)

    def order_changed(self, account: str, order: VenueOrder) -> None:
        if account in self._accounts:
            body = b'"order":' + encode(order_payload(order))
            self._pending.append((account, body))

    def filled(self, account: str, fill: VenueFill) -> None:
        if account in self._accounts:
            self._filled.add(account)
            self._pending.append((account, b'"fill":' + encode(fill_payload(fill))))

    def moved(self, account: str, event: VenueEvent) -> None:
        if account in self._accounts:
            self._pending.append((account, b'"event":' + encode(event_payload(event))))

    def instrument_changed(self, market: MarketSpec) -> None:
        body = b'"instruments":' + encode([instrument_payload(market)])
        self._pending.extend((account, body) for account in self._accounts)

    def subscribe_market(self, channel: str, symbol: str, wire: Wire) -> None:
        wires = self._market.setdefault((channel, symbol), [])
        if wire not in wires:
            wires.append(wire)

    def unsubscribe_market(self, channel: str, symbol: str, wire: Wire) -> None:
        _leave(self._market, (channel, symbol), wire)

    def subscribe_account(self, account: str, wire: Wire) -> None:
        """Let a connection hear an account; it may take another one's place."""
        earlier = [it for it in self._accounts.get(account, ()) if it is not wire]
        self.leave_account(wire)
        wire.begin_account()
        self._accounts.setdefault(account, []).append(wire)
        for old in earlier:
            armed = self._faults.find(FaultKind.OLD_SOCKET, None, account)
            if armed is not None and old.is_open and old.repeat():
                self._faults.bite(armed)
                _leave(self._accounts, account, old)
                self._replaced.setdefault(account, []).append(old)
                old.flush()

    def leave_account(self, wire: Wire) -> None:
        for register in (self._accounts, self._replaced):
            for account in list(register):
                _leave(register, account, wire)

    def leave(self, wire: Wire) -> None:
        """Forget a connection."""
        self.leave_account(wire)
        for channel in list(self._market):
            _leave(self._market, channel, wire)

    def has_filled(self, account: str) -> bool:
        """Tell whether a fill of the account waits to be pushed to somebody."""
        return account in self._filled

    def trades(self, symbol: str, limit: int) -> list[Payload]:
        """Return the newest public trades, newest last."""
        return list(self._recent.get(symbol, ()))[-limit:]

    def flush(self, venue: Venue) -> None:
        """Push all that gathered: account messages first, then market data."""
        if not self._pending and not self._changes and not self._trades:
            return
        touched: set[Wire] = set()
        pending, self._pending = self._pending, []
        self._filled.clear()
        for account, body in pending:
            self._push_account(account, body, touched)
        trades, self._trades = self._trades, []
        for trade in trades:
            payload = b'{"type":"trade","data":' + encode(trade) + b"}"
            self._push_market("trade", trade["symbol"], payload, touched)
        changes, self._changes = self._changes, {}
        for symbol, change in changes.items():
            self._push_book(symbol, change, touched)
            self._push_quote(symbol, change, venue, touched)
        for wire in touched:
            wire.flush()

    def release_held(self, now_ns: int) -> None:
        """Let messages go that waited too long for another to swap places with."""
        for account, swap in list(self._swaps.items()):
            if now_ns - swap.since_ns >= swap.armed.seconds * _SECOND_NS:
                del self._swaps[account]
                for wire in self._accounts.get(account, ()):
                    wire.release()
                    wire.flush()

    def quote(self, symbol: str, venue: Venue, time_ns: int) -> Payload | None:
        """Return the quote message, or None while a side of the book is empty."""
        sequence, bid, ask = venue.top(symbol)
        if bid is None or ask is None:
            return None
        return {
            "type": "quote",
            "symbol": symbol,
            "bid": exact(bid[0]),
            "bid_quantity": exact(bid[1]),
            "ask": exact(ask[0]),
            "ask_quantity": exact(ask[1]),
            "sequence": sequence,
            "time_ns": time_ns,
        }

    def _push_account(self, account: str, body: bytes, touched: set[Wire]) -> None:
        wires = self._accounts.get(account, ())
        manner = self._manner(account) if wires else Manner.PLAIN
        for wire in wires:
            wire.queue_account(body, manner, is_muted=self._mutes(wire, account))
            touched.add(wire)
        for wire in self._replaced.get(account, ()):
            wire.repeat()
            touched.add(wire)

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

    def _push_market(
        self, channel: str, symbol: str, payload: bytes, touched: set[Wire]
    ) -> None:
        wires = self._market.get((channel, symbol))
        if not wires:
            return
        frame = text_frame(payload)
        for wire in wires:
            if not self._mutes(wire):
                wire.queue(frame)
                touched.add(wire)

    def _push_book(self, symbol: str, change: _Change, touched: set[Wire]) -> None:
        if not self._market.get(("book", symbol)):
            return
        if self._faults.take(FaultKind.MARKET_GAP):
            return
        payload = encode(
            book_payload(
                symbol,
                snapshot=False,
                first=change.first,
                last=change.last,
                bids=change.bids.items(),
                asks=change.asks.items(),
                time_ns=change.time_ns,
            )
        )
        self._push_market("book", symbol, payload, touched)

    def _push_quote(
        self, symbol: str, change: _Change, venue: Venue, touched: set[Wire]
    ) -> None:
        if not self._market.get(("quote", symbol)):
            return
        _, bid, ask = venue.top(symbol)
        if bid is None or ask is None or self._quotes.get(symbol) == (bid, ask):
            return
        self._quotes[symbol] = (bid, ask)
        quote = self.quote(symbol, venue, change.time_ns)
        self._push_market("quote", symbol, encode(quote), touched)

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
        return {wire for wires in registers for wire in wires}


Key = TypeVar("Key")


def _leave(register: dict[Key, list[Wire]], key: Key, wire: Wire) -> None:
    wires = register.get(key)
    if wires is not None and wire in wires:
        wires.remove(wire)
        if not wires:
            del register[key]
