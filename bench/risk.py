"""Time one order through every risk check, its reservation and the use of its approval.

Prints one JSON line: microseconds per order, p50 and p99 over batches of 100 orders.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from crossdock.core.risk import (
    Gate,
    LimitBook,
    Limits,
    Mark,
    OpenExposure,
    Reservations,
    UnderlyingExposure,
    VenueTerms,
)
from crossdock.model import (
    ZERO,
    AccountId,
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    StrategyId,
    TickBand,
    TimeInForce,
)

BATCHES = 300
BATCH = 100
ACCOUNT = AccountId("main")
BITCOIN = InstrumentId("BTC/USDT@alpha")
NS_PER_ORDER = 250_000_000  # four orders a second: within the default rates
CASH = Decimal(500_000)
PEERS = {Asset(name): 0.9 for name in ("ETH", "SOL", "LTC", "XRP")}
PEERS |= {Asset(f"A{number}"): 0.3 for number in range(40)}


@dataclass(slots=True)
class Facts:
    equity: Decimal = Decimal(1_000_000)
    day_start_equity: Decimal = Decimal(1_001_234)
    day_pnl: Decimal = Decimal("-1234.56")
    gross_exposure: Decimal = Decimal("153000.25")
    open_orders: int = 12
    day_trades: int = 0
    quarantine: str = ""
    live: bool = True
    first_day_notional: None = None


class View:
    """A desk with one busy account: dictionary reads, as the real one's."""

    def __init__(self, reservations: Reservations) -> None:
        self.now = 0
        self.facts = {ACCOUNT: Facts()}
        self.reservations = reservations
        self.instruments = {
            BITCOIN: Instrument(
                id=BITCOIN,
                venue_key="1",
                kind=ContractKind.SPOT,
                base=Asset("BTC"),
                quote=Asset("USDT"),
                settle=Asset("USDT"),
                tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
                quantity_step=Decimal("0.00001"),
                min_notional=Decimal(5),
                taker_fee_rate=Decimal("0.001"),
            )
        }
        terms = VenueTerms(
            order_types=frozenset(OrderType),
            times_in_force=frozenset(TimeInForce),
            can_look_up=True,
        )
        self.terms_of = {(ACCOUNT, BITCOIN): terms}
        self.marks = {BITCOIN: Mark(Decimal("60000.01"), 0)}
        self.rates = {Asset("USDT"): Decimal("0.9998")}
        self.positions = {(ACCOUNT, BITCOIN, PositionSide.NET): Decimal("0.35")}
        self.underlyings = {
            (ACCOUNT, asset): UnderlyingExposure(Decimal(1000), Decimal(900))
            for asset in PEERS  # four of them move with it, and are held
        }
        self.nothing = UnderlyingExposure(Decimal(21_000), Decimal(21_000))
        self.average = {(ACCOUNT, BITCOIN): Decimal("0.05")}

    def time_ns(self) -> int:
        return self.now

    def monotonic_ns(self) -> int:
        return self.now

    def journal_writable(self) -> bool:
        return True

    def kill_switch(self, account: AccountId) -> str:
        return ""

    def instrument(self, instrument: InstrumentId) -> Instrument | None:
        return self.instruments.get(instrument)

    def terms(self, account: AccountId, instrument: InstrumentId) -> VenueTerms | None:
        return self.terms_of.get((account, instrument))

    def account(self, account: AccountId) -> Facts | None:
        return self.facts.get(account)

    def mark(self, instrument: InstrumentId) -> Mark | None:
        return self.marks.get(instrument)

    def worst_price(
        self, instrument: InstrumentId, side: Side, quantity: Decimal
    ) -> Decimal | None:
        return self.marks[instrument].price

    def rate(self, asset: Asset) -> Decimal | None:
        return self.rates.get(asset)

    def position(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> Decimal:
        return self.positions.get((account, instrument, position_side), ZERO)

    def open_exposure(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> OpenExposure:
        return self.reservations.open_exposure(account, instrument, position_side)

    def doubts(self, account: AccountId, instrument: InstrumentId, side: Side) -> int:
        return 0

    def free_cash(self, account: AccountId, asset: Asset) -> Decimal | None:
        return CASH - self.reservations.cash(account, asset)

    def margin_rate(self, account: AccountId, instrument: InstrumentId) -> Decimal | None:
        return None

    def underlying_exposure(
        self, account: AccountId, underlying: Asset
    ) -> UnderlyingExposure:
        return self.underlyings.get((account, underlying), self.nothing)

    def correlations(self, underlying: Asset) -> Mapping[Asset, float]:
        return PEERS

    def average_quantity(
        self, account: AccountId, instrument: InstrumentId, strategy: StrategyId
    ) -> Decimal | None:
        return self.average.get((account, instrument))

    def open_orders(self) -> int:
        return self.reservations.orders()


class Ids:
    def __init__(self) -> None:
        self._numbers = count()

    def next(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers)}"


def request(number: int) -> OrderRequest:
    return OrderRequest(
        account=ACCOUNT,
        instrument=BITCOIN,
        side=Side.BUY if number % 2 else Side.SELL,
        type=OrderType.LIMIT,
        quantity=Decimal("0.05") + Decimal(number % 100) * Decimal("0.0001"),
        limit_price=Decimal("60000.00") + Decimal(number % 50),
    )


def main() -> None:
    reservations = Reservations()
    view = View(reservations)
    # The position stays on the side of every second order, which then adds risk; the
    # other ones sell more than is held, so that none passes as merely reducing.
    view.positions[ACCOUNT, BITCOIN, PositionSide.NET] = Decimal("0.0001")
    limits = Limits(order_notional_max=Decimal(50_000), approval_over=Decimal(40_000))
    gate = Gate(LimitBook(limits), reservations, Ids())
    view.facts[ACCOUNT].gross_exposure = Decimal(100_000)
    requests = [request(number) for number in range(BATCH)]
    batches = []
    gc.collect()
    gc.freeze()
    for _ in range(BATCHES):
        took = 0
        for each in requests:
            view.now += NS_PER_ORDER
            view.marks[BITCOIN] = Mark(Decimal("60000.01"), view.now)
            begin = time.perf_counter_ns()
            approved = gate.check(each, view)
            gate.consume(approved, view)
            took += time.perf_counter_ns() - begin
        batches.append(took / BATCH / 1000)
    result = {
        "bench": "risk",
        "what": "one order through every check, reserved and consumed",
        "unit": "us",
        "p50": round(statistics.median(batches), 2),
        "p99": round(statistics.quantiles(batches, n=100)[98], 2),
        "orders": BATCHES * BATCH,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
