"""A venue to trade on, and a listener that remembers."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from crossdock.model import ContractKind, OrderType, Side
from crossdock.sandbox.engine import (
    MarketSpec,
    OrderForm,
    Venue,
    VenueEvent,
    VenueFill,
    VenueOrder,
    VenueSpec,
)

SPOT = MarketSpec(
    symbol="BTC/USDT",
    key="btcusdt",
    kind=ContractKind.SPOT,
    base="BTC",
    quote="USDT",
    settle="USDT",
    ticks=((Decimal(0), Decimal("0.5")),),
    quantity_step=Decimal("0.001"),
    min_quantity=Decimal("0.002"),
    max_quantity=Decimal(1000),
    min_notional=Decimal(1),
    maker_fee=Decimal("-0.00005"),
    taker_fee=Decimal("0.0007"),
)
LINEAR = MarketSpec(
    symbol="BTC/USDT:USDT",
    key="btc-perp",
    kind=ContractKind.LINEAR,
    base="BTC",
    quote="USDT",
    settle="USDT",
    ticks=((Decimal(0), Decimal("0.5")),),
    quantity_step=Decimal(1),
    multiplier=Decimal("0.01"),
    maker_fee=Decimal("0.0002"),
    taker_fee=Decimal("0.0005"),
)
INVERSE = MarketSpec(
    symbol="BTC/USD:BTC",
    key="btc-inverse",
    kind=ContractKind.INVERSE,
    base="BTC",
    quote="USD",
    settle="BTC",
    ticks=((Decimal(0), Decimal("0.5")),),
    quantity_step=Decimal(1),
    multiplier=Decimal(10),
    maker_fee=Decimal("0.0002"),
    taker_fee=Decimal("0.0005"),
)


@dataclass
class Ear:
    """Keeps everything it was told; `books` follows the changes."""

    changes: list[tuple[str, int, int]] = field(default_factory=list)
    books: dict[tuple[str, str], dict[Decimal, Decimal]] = field(default_factory=dict)
    trades: list[tuple[str, str, Decimal, Decimal, Side, int]] = field(default_factory=list)
    orders: list[tuple[str, VenueOrder]] = field(default_factory=list)
    fills: list[tuple[str, VenueFill]] = field(default_factory=list)
    events: list[tuple[str, VenueEvent]] = field(default_factory=list)
    markets: list[MarketSpec] = field(default_factory=list)

    def book_changed(self, symbol, first, last, bids, asks, now_ns):
        self.changes.append((symbol, first, last))
        for side, levels in (("bids", bids), ("asks", asks)):
            book = self.books.setdefault((symbol, side), {})
            for price, quantity in levels:
                if quantity:
                    book[price] = quantity
                else:
                    del book[price]

    def traded(self, symbol, trade_id, price, quantity, side, now_ns):
        self.trades.append((symbol, trade_id, price, quantity, side, now_ns))

    def order_changed(self, account, order):
        self.orders.append((account, copy(order)))

    def filled(self, account, fill):
        self.fills.append((account, fill))

    def moved(self, account, event):
        self.events.append((account, event))

    def instrument_changed(self, market):
        self.markets.append(market)


@dataclass
class Pit:
    """A venue, its listener, and short ways to trade on it."""

    venue: Venue
    ear: Ear
    ids: Any = field(default_factory=lambda: count(1))

    def form(self, side: str, quantity: str, price: str | None = None, **more) -> OrderForm:
        stop = more.pop("stop", None)
        kind = {
            (False, False): OrderType.MARKET,
            (True, False): OrderType.LIMIT,
            (False, True): OrderType.STOP,
            (True, True): OrderType.STOP_LIMIT,
        }[price is not None, stop is not None]
        fields = {
            "client_order_id": f"c-{next(self.ids)}",
            "symbol": "BTC/USDT",
            "type": kind,
            "limit_price": None if price is None else Decimal(price),
            "stop_price": None if stop is None else Decimal(stop),
            **more,
        }
        return OrderForm(side=Side(side), quantity=Decimal(quantity), **fields)

    def enter(self, account, side, quantity, price=None, now_ns=1, **more) -> VenueOrder:
        form = self.form(side, quantity, price, **more)
        return self.venue.submit(account, form, now_ns)

    def cash(self, account: str) -> dict[str, Decimal]:
        return {asset: total for asset, total, _ in self.venue.balances(account)}

    def held(self, account: str) -> dict[str, Decimal]:
        return {asset: held for asset, _, held in self.venue.balances(account) if held}


@pytest.fixture(scope="session")
def open_pit() -> Callable[..., Pit]:
    """Return a maker of venues with accounts `ann`, `bob` and `cat`."""

    def make(*markets: MarketSpec, balance: str = "1000000", **spec) -> Pit:
        ear = Ear()
        venue = Venue(
            VenueSpec(name="alpha", markets=markets or (SPOT, LINEAR, INVERSE), **spec),
            ear,
            seed=7,
        )
        for name in ("ann", "bob", "cat"):
            venue.open_account(name, {"USDT": Decimal(balance), "BTC": Decimal(balance)})
        return Pit(venue, ear)

    return make


@pytest.fixture
def pit(open_pit) -> Pit:
    return open_pit()


@pytest.fixture
def hedge_pit(open_pit) -> Pit:
    return open_pit(hedge_mode=True)


@pytest.fixture(scope="session")
def spot_market() -> MarketSpec:
    return SPOT
