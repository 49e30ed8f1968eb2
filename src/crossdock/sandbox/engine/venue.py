"""The matching engine of one venue: synchronous, deterministic, its time handed in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from crossdock.sandbox.engine import actions, entry
from crossdock.sandbox.engine.account import Account
from crossdock.sandbox.engine.exact import exactly
from crossdock.sandbox.engine.floor import Floor
from crossdock.sandbox.engine.records import (
    Listener,
    OrderForm,
    PriceLevel,
    VenueEvent,
    VenueFill,
    VenueOrder,
    VenuePosition,
)
from crossdock.sandbox.engine.specs import MarketSpec, VenueSpec
from crossdock.sandbox.engine.tape import Tape


class Simulator(Protocol):
    """Somebody who makes the market, through house accounts or a `Tape`."""

    def join(self, venue: Venue) -> None:
        """Open what accounts it needs."""

    def step(self, venue: Venue, now_ns: int) -> None:
        """Do what is due by `now_ns`."""


class Venue:
    """One exchange. Every method either does all it says or raises Refused and does nothing.

    Prices, cash and positions are exact; see `engine.exact` for the two places that round
    and keep the remainder. An unknown account is a KeyError.
    """

    def __init__(self, spec: VenueSpec, listener: Listener, *, seed: int) -> None:
        self.spec = spec
        self.is_paused = False
        self._floor = Floor(spec, listener, seed)
        self._simulators: list[Simulator] = []

    @property
    def markets(self) -> dict[str, MarketSpec]:
        """Every market by symbol, with its present ticks."""
        return {symbol: book.spec for symbol, book in self._floor.books.items()}

    @property
    def accounts(self) -> list[str]:
        """Every account, without the house's own."""
        return [name for name, it in self._floor.accounts.items() if not it.is_house]

    @property
    def house_accounts(self) -> list[str]:
        """The house's own: they may owe, keep no history and are never reported."""
        return [name for name, it in self._floor.accounts.items() if it.is_house]

    def attach(self, simulator: Simulator) -> None:
        simulator.join(self)
        self._simulators.append(simulator)

    def pause(self) -> None:
        """Stop the simulators; orders still match."""
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def advance(self, now_ns: int) -> None:
        """Expire what is due and let the simulators act."""
        exactly(entry.expire)(self._floor, now_ns)
        if not self.is_paused:
            for simulator in self._simulators:
                simulator.step(self, now_ns)

    def open_account(
        self, account: str, balances: Mapping[str, Decimal], *, is_house: bool = False
    ) -> None:
        """Open an account; a house account may owe and keeps no history.

        Raises ValueError when the name is taken.
        """
        self._floor.open_account(account, balances, is_house=is_house)

    def tape(self, symbol: str, account: str) -> Tape:
        """Return the door by which a recorded market is played into a book."""
        return Tape(self._floor, symbol, account)

    @exactly
    def submit(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        return entry.submit(self._floor, self._account(account), form, now_ns)

    @exactly
    def replace(
        self,
        account: str,
        order_id: str,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        now_ns: int,
    ) -> VenueOrder:
        """Amend an order under a new id; `quantity` is the new total."""
        new = entry.Amendment(quantity, limit_price, stop_price)
        return entry.replace(self._floor, self._account(account), order_id, new, now_ns)

    @exactly
    def cancel(self, account: str, order_id: str, now_ns: int) -> VenueOrder:
        return entry.cancel(self._floor, self._account(account), order_id, now_ns)

    @exactly
    def cancel_all(self, account: str, now_ns: int) -> list[VenueOrder]:
        """Cancel every open order; returns those it cancelled."""
        return entry.cancel_all(self._floor, self._account(account), now_ns)

    def find(
        self,
        account: str,
        *,
        order_id: str | None = None,
        client_order_id: str | None = None,
    ) -> VenueOrder:
        """Return an order, open or done, by any id it had. Raises Refused."""
        return entry.find(self._account(account), order_id, client_order_id)

    def open_orders(self, account: str) -> list[VenueOrder]:
        return list(self._account(account).open.values())

    def orders(self, account: str) -> list[VenueOrder]:
        """Return every order, oldest first."""
        return list(self._account(account).clients.values())

    def fills(self, account: str) -> list[VenueFill]:
        """Return the history itself, oldest first: sequence N is item N - 1. Read only."""
        return self._account(account).fills

    def events(self, account: str) -> list[VenueEvent]:
        """Return the history itself, oldest first: sequence N is item N - 1. Read only."""
        return self._account(account).events

    def initial(self, account: str) -> dict[str, Decimal]:
        """Return what the account was opened with."""
        return dict(self._account(account).initial)

    @exactly
    def balances(self, account: str) -> list[tuple[str, Decimal, Decimal]]:
        """Return (asset, total, held); held covers open orders and initial margin."""
        it = self._account(account)
        return [(asset, total, it.held(asset)) for asset, total in it.cash.items()]

    @exactly
    def positions(self, account: str) -> list[VenuePosition]:
        """Return derivative positions, flat ones too once they were traded."""
        return [it.view() for it in self._account(account).positions.values()]

    def book(
        self, symbol: str, depth: int
    ) -> tuple[int, list[PriceLevel], list[PriceLevel]]:
        """Return the last sequence, bids and asks, best first."""
        book = self._floor.book(symbol)
        return book.sequence, book.bids.top(depth), book.asks.top(depth)

    def top(self, symbol: str) -> tuple[int, PriceLevel | None, PriceLevel | None]:
        """Return the last sequence, the best bid and the best ask."""
        sequence, bids, asks = self.book(symbol, 1)
        return sequence, bids[0] if bids else None, asks[0] if asks else None

    def last_price(self, symbol: str) -> Decimal | None:
        return self._floor.book(symbol).last_price

    @exactly
    def deposit(self, account: str, asset: str, amount: Decimal, now_ns: int) -> VenueEvent:
        return actions.deposit(self._floor, self._account(account), asset, amount, now_ns)

    @exactly
    def withdraw(
        self, account: str, asset: str, amount: Decimal, now_ns: int
    ) -> VenueEvent:
        """Take out cash that nothing holds."""
        return actions.withdraw(self._floor, self._account(account), asset, amount, now_ns)

    @exactly
    def funding(
        self, symbol: str, rate: Decimal, now_ns: int
    ) -> list[tuple[str, VenueEvent]]:
        """Charge longs and pay shorts `rate` of their worth; returns (account, event)."""
        return actions.funding(self._floor, symbol, rate, now_ns)

    @exactly
    def liquidate(self, account: str, symbol: str, now_ns: int) -> list[VenueEvent]:
        """Close the account's positions in a symbol at market, without an order."""
        return actions.liquidate(self._floor, self._account(account), symbol, now_ns)

    @exactly
    def bust(self, account: str, execution_id: str, now_ns: int) -> VenueFill:
        """Take an execution back for both sides; the orders' quantities stay."""
        return actions.bust(self._floor, self._account(account), execution_id, now_ns)

    @exactly
    def correct(
        self, account: str, execution_id: str, price: Decimal, now_ns: int
    ) -> VenueFill:
        """Give an execution another price for both sides."""
        it = self._account(account)
        return actions.correct(self._floor, it, execution_id, price, now_ns)

    @exactly
    def manual_order(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        """Submit; an empty client order id is filled in."""
        return actions.manual_order(self._floor, self._account(account), form, now_ns)

    @exactly
    def expire_all(self, account: str, now_ns: int) -> list[VenueOrder]:
        """End the account's DAY and GTD orders before their time."""
        return entry.expire_all(self._floor, self._account(account), now_ns)

    @exactly
    def tick_change(
        self, symbol: str, ticks: tuple[tuple[Decimal, Decimal], ...], now_ns: int
    ) -> MarketSpec:
        """Give a market new ticks and a new version; resting orders stay."""
        return actions.tick_change(self._floor, symbol, ticks)

    @exactly
    def fill_by_house(
        self, account: str, order_id: str, quantity: Decimal | None, now_ns: int
    ) -> VenueFill | None:
        """Let the house trade against a resting order; None when it does not rest."""
        it = self._account(account)
        return actions.fill_by_house(self._floor, it, order_id, quantity, now_ns)

    def _account(self, name: str) -> Account:
        return self._floor.accounts[name]
