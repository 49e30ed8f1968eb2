"""What can be traded, and how its prices and quantities step."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from crossdock.model.ids import Asset, InstrumentId
from crossdock.model.words import OrderType

ONE = Decimal(1)
ZERO = Decimal(0)


class ContractKind(StrEnum):
    """How a price and a quantity become money in the settlement asset.

    spot      quantity x price, in quote; holdings are balances
    linear    quantity x multiplier x price, in settle (= quote)
    inverse   quantity x multiplier / price, in settle (= base); quantity in contracts
    quanto    quantity x multiplier x price, where multiplier is settle per price point
    option    premium: quantity x multiplier x price, in settle
    """

    SPOT = "spot"
    LINEAR = "linear"
    INVERSE = "inverse"
    QUANTO = "quanto"
    OPTION = "option"


class OptionRight(StrEnum):
    CALL = "call"
    PUT = "put"


class Rounding(StrEnum):
    """What to do with a value between two steps."""

    REFUSE = "refuse"
    DOWN = "down"  # towards minus infinity
    UP = "up"  # towards plus infinity
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickBand:
    """From `floor` upwards (until the next band) prices move in steps of `tick`."""

    floor: Decimal
    tick: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable thing at one venue, valid in an interval of time.

    Quantities are in base for spot and in contracts otherwise; prices in quote.
    `tick_table` is sorted by floor; below the first floor the first tick holds.
    """

    id: InstrumentId
    venue_key: str  # the venue's own stable key: conId, contract address, market id
    kind: ContractKind
    base: Asset
    quote: Asset
    settle: Asset
    tick_table: tuple[TickBand, ...]
    quantity_step: Decimal
    min_quantity: Decimal = ZERO
    max_quantity: Decimal | None = None
    min_notional: Decimal = ZERO
    multiplier: Decimal = ONE
    maker_fee_rate: Decimal | None = None  # of notional; None: not known beforehand
    taker_fee_rate: Decimal | None = None
    margin_rate: Decimal | None = None  # initial margin, of notional; None: not known
    expiry_time_ns: int | None = None
    valid_from_ns: int = 0
    valid_until_ns: int | None = None
    strike: Decimal | None = None  # of an option, in quote
    right: OptionRight | None = None
    is_trading: bool = True  # False: listed, and takes no orders now
    order_types: tuple[OrderType, ...] | None = None  # None: what the manifest says
    tags: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.tick_table:
            raise ValueError(f"{self.id}: the tick table is empty")
        steps = [band.tick for band in self.tick_table]
        if min(steps) <= 0 or self.quantity_step <= 0 or self.multiplier <= 0:
            raise ValueError(
                f"{self.id}: tick, quantity step and multiplier must be positive"
            )
        if self.margin_rate is not None and self.margin_rate <= 0:
            raise ValueError(f"{self.id}: the margin rate must be positive, or None")

    def tick_at(self, price: Decimal) -> Decimal:
        """Return the step of prices at `price`."""
        tick = self.tick_table[0].tick
        for band in self.tick_table[1:]:
            if price < band.floor:
                break
            tick = band.tick
        return tick

    def price(
        self, value: Decimal | str | int, rounding: Rounding = Rounding.REFUSE
    ) -> Decimal:
        """Return an exact price on the tick. Raises ValueError for what does not fit."""
        exact = _exact(value, "price")
        return _on_step(exact, self.tick_at(exact), rounding, f"{self.id} price")

    def quantity(
        self, value: Decimal | str | int, rounding: Rounding = Rounding.REFUSE
    ) -> Decimal:
        """Return an exact quantity on the lot, within the venue's bounds, else ValueError."""
        what = f"{self.id} quantity"
        exact = _on_step(_exact(value, "quantity"), self.quantity_step, rounding, what)
        if exact <= 0 or exact < self.min_quantity:
            least = max(self.min_quantity, self.quantity_step)
            raise ValueError(f"{what} {exact} is below the least allowed, {least}")
        if self.max_quantity is not None and exact > self.max_quantity:
            raise ValueError(
                f"{what} {exact} is above the most allowed, {self.max_quantity}"
            )
        return exact

    def price_of_float(self, value: float, rounding: Rounding) -> Decimal:
        """Turn a computed float into a price: the only door from float to price."""
        if rounding is Rounding.REFUSE:
            raise ValueError("a float must be rounded to the tick: say which way")
        return self.price(Decimal(repr(float(value))), rounding)

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the money in `settle` (quote for spot) that `quantity` at `price` stands for.

        Signed as the product of its arguments; never rounded, except the inverse division.
        """
        if self.kind is ContractKind.INVERSE:
            if price == 0:
                raise ValueError(f"{self.id}: an inverse contract has no value at price 0")
            return quantity * self.multiplier / price
        return quantity * self.multiplier * price


def _exact(value: Decimal | str | int, what: str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"a {what} is a Decimal or text, never a float: got {value!r}")
    try:
        exact = Decimal(value)
    except ArithmeticError:
        raise ValueError(
            f"a {what} is a plain number, like 1234.5; got {value!r}"
        ) from None
    if not exact.is_finite():
        raise ValueError(f"a {what} is a finite number; got {value!r}")
    return exact


_MODES = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.UP: ROUND_CEILING,
    Rounding.NEAREST: ROUND_HALF_EVEN,
}


def _on_step(value: Decimal, step: Decimal, rounding: Rounding, what: str) -> Decimal:
    steps = value / step
    whole = steps.to_integral_value(_MODES.get(rounding, ROUND_FLOOR))
    snapped = whole * step
    if rounding is Rounding.REFUSE and snapped != value:
        raise ValueError(
            f"{what} {value} does not fit its step {step}: nearest are "
            f"{snapped} and {snapped + step}"
        )
    return snapped
