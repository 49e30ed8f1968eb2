"""A desk that only remembers what it was asked, and bars, books and orders to tell of."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.model import (
    Bar,
    ContractKind,
    Instrument,
    OrderStatus,
    OrderView,
    Position,
    PositionKey,
    Side,
    TickBand,
    symbol_of,
)

D = Decimal
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
BTC = "BTC/USDT@alpha"


class Book:
    """One level a side, unless told of more."""

    def __init__(self, bid=99.9, ask=100.1, *, ready=True, bids=(), asks=()):
        self.best_bid, self.best_ask, self.ready = bid, ask, ready
        self.best_bid_price, self.best_ask_price = D(str(bid)), D(str(ask))
        self._bids = list(bids) or [(str(bid), "1")]
        self._asks = list(asks) or [(str(ask), "1")]

    def levels(self, side, depth=None):
        return (self._bids if side is Side.BUY else self._asks)[:depth]


def listed(instrument=BTC, **terms):
    return Instrument(
        **{
            "id": instrument,
            "venue_key": "1",
            "kind": ContractKind.SPOT,
            "base": "BTC",
            "quote": "USDT",
            "settle": "USDT",
            "tick_table": (TickBand(floor=D(0), tick=D("0.1")),),
            "quantity_step": D("0.001"),
            "min_notional": D(10),
            **terms,
        }
    )


class Desk:
    """Takes orders in, and shows them as resting until `fill` is called."""

    def __init__(self, **terms):
        self.now = 1_000 * SECOND
        self.requests, self.signals, self.amends, self.canceled = [], [], [], []
        self.orders = []
        self.holding = {}
        self.capital = D(10_000)
        self.names = ["main"]
        self.books = {}
        self.refuses = False
        self.listed = listed(**terms)
        self.others = []

    def now_ns(self):
        return self.now

    def instrument(self, instrument):
        return next(each for each in [self.listed, *self.others] if each.id == instrument)

    def instruments(self, symbol):
        return [it for it in [self.listed, *self.others] if symbol_of(it.id) == symbol]

    def accounts(self, instrument):
        return self.names

    def equity(self):
        return self.capital

    def book(self, instrument):
        return self.books.get(instrument) or Book(ready=False)

    def position(self, account, instrument):
        quantity = self.holding.get(instrument)
        if quantity is None:
            return None
        key = PositionKey(account=account, instrument=instrument, settle="USDT")
        return Position(key=key, quantity=quantity, entry_price=None)

    def open_orders(self):
        return list(self.orders)

    def submit(self, request):
        if self.refuses:
            return None
        self.requests.append(request)
        name = f"o{len(self.requests)}"
        self.orders.append(view(name, request, created_time_ns=self.now))
        return name

    def fill(self):
        """Fill every order, and say what they were."""
        done, self.orders = self.orders, []
        for order in done:
            request = order.request
            held = self.holding.get(request.instrument, D(0))
            self.holding[request.instrument] = held + request.quantity * request.side.sign
        return done

    def signal(self, signal):
        self.signals.append(signal)

    def cancel(self, order):
        self.canceled.append(order)
        self.orders = [each for each in self.orders if each.order_id != order]

    def replace(self, order, *, quantity=None, limit_price=None):
        self.amends.append((order, quantity, limit_price))


def view(name, request, **values):
    return OrderView(
        **{
            "order_id": name,
            "client_order_id": f"c-{name}",
            "venue_order_ids": ("v1",),
            "request": request,
            "status": OrderStatus.NEW,
            "in_doubt": (),
            "quantity": request.quantity,
            "limit_price": request.limit_price,
            "stop_price": request.stop_price,
            "cumulative_quantity": D(0),
            "average_price": None,
            "fees": (),
            "reason": "",
            "created_time_ns": 0,
            "updated_time_ns": 0,
            **values,
        }
    )


def bar(number, close, *, instrument=BTC, width=MINUTE):
    price = float(close)
    return Bar(
        instrument, number * width, width, price, price + 0.5, price - 0.5, price, 1.0
    )


def started(kind, desk, *, symbols=("BTC/USDT",), **params):
    made = kind("mine", symbols, params)
    made.start(desk)
    return made


@pytest.fixture(scope="session")
def toy():
    return SimpleNamespace(
        Book=Book, Desk=Desk, view=view, bar=bar, listed=listed, started=started
    )
