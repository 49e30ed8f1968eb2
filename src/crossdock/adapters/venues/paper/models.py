"""The models of a fill: each chosen by a setting, each told by its name in a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crossdock.adapters.venues.paper.funds.exact import add, multiply, whole_steps
from crossdock.errors import ConfigError
from crossdock.model import ONE, ZERO, Instrument, Liquidity, Rounding, Side
from crossdock.toolkit import AdapterContext

_INSTRUMENT = "instrument"
_USUAL = "usual"
_MOST_LATENCY_MS = 10_000
_BPS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Fees:
    """A share of the notional. None: the instrument's own rate, nothing where it has none."""

    maker: Decimal | None
    taker: Decimal | None
    in_received: bool  # spot buys pay in what they receive

    def rate(self, instrument: Instrument, liquidity: Liquidity) -> Decimal:
        if liquidity is Liquidity.MAKER:
            own = instrument.maker_fee_rate if self.maker is None else self.maker
        else:
            own = instrument.taker_fee_rate if self.taker is None else self.taker
        return ZERO if own is None else own

    def worst_rate(self, instrument: Instrument) -> Decimal:
        """Return the higher rate, at least 0: what an order must set aside for."""
        maker = self.rate(instrument, Liquidity.MAKER)
        return max(ZERO, maker, self.rate(instrument, Liquidity.TAKER))

    @property
    def name(self) -> str:
        maker, taker = (
            f"the instrument's {word} rate" if rate is None else f"{word} {rate:f}"
            for word, rate in (("maker", self.maker), ("taker", self.taker))
        )
        paid = "in what is received" if self.in_received else "in quote"
        return f"{maker}, {taker}; spot fees {paid}"


@dataclass(frozen=True, slots=True)
class Latency:
    """The time to the venue, and the same again back."""

    one_way_ns: int

    @property
    def name(self) -> str:
        return (
            f"{self.one_way_ns / 1e6:g} ms to the venue, {self.one_way_ns / 1e6:g} ms back"
        )


@dataclass(frozen=True, slots=True)
class Slippage:
    """Worsens what market and stop orders get where no depth is known."""

    bps: Decimal

    def price(self, instrument: Instrument, side: Side, price: Decimal) -> Decimal:
        if not self.bps:
            return price
        slip = multiply(
            price.copy_abs(), multiply(self.bps, _BPS)
        )  # prices may be negative
        worse = add(price, slip if side is Side.BUY else slip.copy_negate())
        return instrument.price(worse, against(side))

    @property
    def name(self) -> str:
        return f"{self.bps:f} basis points for market and stop orders on quotes, trades and bars"


@dataclass(frozen=True, slots=True)
class QueueLast:
    """A resting order is behind all that was displayed at its price when it came.

    Trades at the price and levels that shrink move it forward. Where no depth is known
    it fills only when its price is traded through.
    """

    fills_on_touch = False
    name = "last at its price; without depth, traded through"


@dataclass(frozen=True, slots=True)
class QueueTouch:
    """A resting order fills as soon as its price is touched."""

    fills_on_touch = True
    name = "none: filled when its price is touched"


@dataclass(frozen=True, slots=True)
class BarFill:
    """Whether touching a limit price fills it in a bar, or only trading through it."""

    on_touch: bool

    @property
    def name(self) -> str:
        how = "touches" if self.on_touch else "trades through"
        return f"open, nearer extreme, farther extreme, close; fills a limit the path {how}"


@dataclass(frozen=True, slots=True)
class Participation:
    """Caps the share of a printed volume that is ours. None: without a cap."""

    share: Decimal | None

    def of(self, volume: Decimal, step: Decimal) -> Decimal | None:
        if self.share is None:
            return None
        return whole_steps(multiply(volume, self.share), step)

    @property
    def name(self) -> str:
        return (
            "unlimited" if self.share is None else f"at most {self.share:f} of its volume"
        )


@dataclass(frozen=True, slots=True)
class Models:
    """All of them, as one account's settings choose."""

    fees: Fees
    latency: Latency
    slippage: Slippage
    queue: QueueLast | QueueTouch
    bar_fill: BarFill
    trade_volume: Participation
    bar_volume: Participation

    @classmethod
    def of(cls, context: AdapterContext) -> Models:
        """Read the settings. Raises ConfigError that names the one that is wrong."""
        return cls(
            fees=Fees(
                _rate(context, "maker_fee"),
                _rate(context, "taker_fee"),
                in_received=context.setting("fee_asset") == "received",
            ),
            latency=Latency(
                int(_number(context, "latency_ms", most=_MOST_LATENCY_MS) * 1_000_000)
            ),
            slippage=Slippage(_number(context, "slippage_bps", most=9_999)),
            queue=QueueTouch() if context.setting("queue") == "touch" else QueueLast(),
            bar_fill=BarFill(context.setting("bar_fill") == "touch"),
            trade_volume=_participation(context, usual=ONE),
            bar_volume=_participation(context, usual=None),
        )

    def names(self) -> Mapping[str, str]:
        return {
            "fees": self.fees.name,
            "latency": self.latency.name,
            "slippage": self.slippage.name,
            "queue": self.queue.name,
            "bars": self.bar_fill.name,
            "partial fills": "displayed quantity, each once until its level changes",
            "share of a trade": self.trade_volume.name,
            "share of a bar": self.bar_volume.name,
            "margin": "initial margin at entry; no liquidation, no funding",
        }


def against(side: Side) -> Rounding:
    """Return the rounding that never makes a price better for this side."""
    return Rounding.UP if side is Side.BUY else Rounding.DOWN


def _rate(context: AdapterContext, name: str) -> Decimal | None:
    if context.setting(name) == _INSTRUMENT:
        return None
    return _number(context, name, least=-1, most=1)


def _participation(context: AdapterContext, usual: Decimal | None) -> Participation:
    if context.setting("participation") == _USUAL:
        return Participation(usual)
    return Participation(_number(context, "participation", most=1))


def _number(context: AdapterContext, name: str, *, most: int, least: int = 0) -> Decimal:
    text = context.setting(name)
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not least <= value <= most if value.is_finite() else True:
        raise ConfigError(
            f"account {context.account}: {name} is {text!r}",
            hint=f"expected a number from {least} to {most}",
        )
    return value
