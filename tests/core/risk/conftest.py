"""A small desk that answers the gate from plain numbers, kept consistent by arithmetic."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

import pytest

from crossdock.core.risk import (
    Gate,
    LimitBook,
    Limits,
    Mark,
    Reservations,
    UnderlyingExposure,
    VenueTerms,
    Working,
)
from crossdock.model import (
    AccountId,
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    OrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TickBand,
    TimeInForce,
)

D = Decimal
SECOND = 1_000_000_000
ACCOUNT = AccountId("main")
SPOT = InstrumentId("BTC/USDT@alpha")
PERPETUAL = InstrumentId("BTC/USDT:USDT@alpha")
INVERSE = InstrumentId("BTC/USD:BTC@alpha")
ETHER = InstrumentId("ETH/USDT:USDT@alpha")


def instrument(name: InstrumentId, kind: ContractKind, **values) -> Instrument:
    base, quote = name.partition("@")[0].partition(":")[0].split("/")
    settle = name.partition("@")[0].partition(":")[2] or quote
    values = {
        "tick_table": (TickBand(floor=D(0), tick=D("0.1")),),
        "quantity_step": D("0.01"),
        "taker_fee_rate": D("0.001"),
        **values,
    }
    return Instrument(
        id=name,
        venue_key=name,
        kind=kind,
        base=Asset(base),
        quote=Asset(quote),
        settle=Asset(settle),
        **values,
    )


@dataclass
class Facts:
    equity: Decimal | None = D(100_000)
    day_start_equity: Decimal | None = D(100_000)
    day_pnl: Decimal | None = D(0)
    gross_exposure: Decimal | None = D(0)
    open_orders: int = 0
    day_trades: int | None = 0
    quarantine: str = ""
    live: bool = False
    first_day_notional: Decimal | None = None
    opened: frozenset = frozenset()

    @property
    def day_trade_equity(self):
        return self.equity

    def opened_today(self, instrument):
        return instrument in self.opened


@dataclass
class Desk:
    """Every price is 100 unless told; one account, 100,000 USDT, worth one dollar each."""

    now: int = 1_000 * SECOND
    writable: bool = True
    kill: str = ""
    depth: Decimal | None = None  # each so many units the market moves by one
    total_orders: int = 0
    limits: Limits = field(default_factory=Limits)
    facts: Facts = field(default_factory=Facts)
    reservations: Reservations = field(default_factory=Reservations)
    positions: dict = field(default_factory=dict)
    underlyings: dict = field(default_factory=dict)
    matrix: dict = field(default_factory=dict)
    rates: dict = field(default_factory=lambda: {"USDT": D(1), "BTC": D(100), "USD": D(1)})
    cash: dict = field(default_factory=lambda: {"USDT": D(100_000), "BTC": D(1_000)})
    averages: dict = field(default_factory=dict)
    doubtful: dict = field(default_factory=dict)
    margin: Decimal | None = None
    marks: dict = field(default_factory=dict)
    listed: dict = field(default_factory=dict)
    terms_: VenueTerms = VenueTerms(
        order_types=frozenset(OrderType),
        times_in_force=frozenset(TimeInForce),
        can_look_up=True,
    )

    def __post_init__(self):
        for each in (
            instrument(SPOT, ContractKind.SPOT),
            instrument(PERPETUAL, ContractKind.LINEAR),
            instrument(ETHER, ContractKind.LINEAR),
            instrument(INVERSE, ContractKind.INVERSE, multiplier=D(100)),
        ):
            self.listed[each.id] = each
            self.marks[each.id] = Mark(D(100), self.now)
        self.ids = count(1)
        self._gate = None

    def set_limits(self, **values):
        """Turn every limit off but those named: what is left is one check at a time."""
        off = {
            name: None
            for name in Limits.__dataclass_fields__
            if name.endswith(
                ("_pct", "_max", "_s", "_bps", "_multiple", "_minute", "_over")
            )
        }
        del off["day_trades_max"]
        off |= {"max_open_orders": None, "max_open_orders_total": None}
        self.limits = Limits(**{**off, **values})
        self._gate = None

    def list(self, name, **values):
        self.listed[name] = replace(self.listed[name], **values)

    def unbook(self):
        self.worst_price = lambda name, side, quantity: None

    def allow(self, **values):
        self.terms_ = replace(self.terms_, **values)

    @property
    def gate(self) -> Gate:
        if self._gate is None:
            self._gate = Gate(LimitBook(self.limits), self.reservations, self)
        return self._gate

    def order(
        self,
        side=Side.BUY,
        quantity="1",
        limit_price="100",
        name=PERPETUAL,
        kind=None,
        stop_price=None,
        **values,
    ) -> OrderRequest:
        price = None if limit_price is None else D(limit_price)
        kind = kind or (OrderType.MARKET if price is None else OrderType.LIMIT)
        return OrderRequest(
            account=values.pop("account", ACCOUNT),
            instrument=name,
            side=side,
            type=kind,
            quantity=D(quantity),
            limit_price=price,
            stop_price=None if stop_price is None else D(stop_price),
            **values,
        )

    def check(self, request, **values):
        return self.gate.check(request, self, **values)

    def place(self, request, key="o1", filled="0") -> Working:
        """Approve, use the approval, and hold the order as the desk does."""
        approved = self.check(request)
        self.gate.consume(approved, self)
        self.reservations.hold(key, approved.reserved)
        return self.working(request, key, filled)

    def working(self, request, key="o1", filled="0") -> Working:
        return Working(
            order_id=OrderId(key),
            quantity=request.quantity,
            cumulative_quantity=D(filled),
            reserved=self.reservations.get(key),
        )

    def next(self, prefix):
        return f"{prefix}-{next(self.ids)}"

    def time_ns(self):
        return self.now

    def monotonic_ns(self):
        return self.now

    def journal_writable(self):
        return self.writable

    def kill_switch(self, account):
        return self.kill

    def instrument(self, name):
        return self.listed.get(name)

    def terms(self, account, name):
        return self.terms_ if account == ACCOUNT else None

    def account(self, account):
        return self.facts if account == ACCOUNT else None

    def mark(self, name):
        return self.marks.get(name)

    def worst_price(self, name, side, quantity):
        if self.depth is None:
            return None if name not in self.marks else self.marks[name].price
        moved = (quantity / self.depth).to_integral_value()
        return self.marks[name].price + side.sign * moved

    def rate(self, asset):
        return self.rates.get(asset)

    def position(self, account, name, position_side):
        return self.positions.get((name, position_side), D(0))

    def hold(self, name, quantity, position_side=PositionSide.NET):
        self.positions[name, position_side] = D(quantity)

    def open_exposure(self, account, name, position_side):
        return self.reservations.open_exposure(account, name, position_side)

    def doubts(self, account, name, side):
        return self.doubtful.get((name, side), 0)

    def free_cash(self, account, asset):
        have = self.cash.get(asset)
        return None if have is None else have - self.reservations.cash(account, asset)

    def margin_rate(self, account, name):
        return self.margin

    def underlying_exposure(self, account, underlying):
        return self.underlyings.get(underlying, UnderlyingExposure(D(0), D(0)))

    def correlations(self, underlying):
        return self.matrix.setdefault(underlying, {})

    def average_quantity(self, account, name, strategy):
        return self.averages.get(name)

    def open_orders(self):
        return self.total_orders


@pytest.fixture(scope="session")
def new_desk():
    return Desk


@pytest.fixture
def desk():
    return Desk()
