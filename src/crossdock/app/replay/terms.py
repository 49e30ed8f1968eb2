"""On what terms a recorded market is traded: what a recording itself does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from crossdock.errors import ConfigError
from crossdock.model import ContractKind, Instrument, TickBand

Number = Decimal | str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Fees and steps override what the recording says; the rest names the fill models.

    Rates are shares of the notional: 0.001 is 0.1 %. Numbers are text, whole numbers or
    Decimals, never floats.
    """

    maker_fee: Number | None = None  # None: the recording's, else 0.001
    taker_fee: Number | None = None
    tick: Number | None = None
    lot: Number | None = None
    kind: str = ""  # spot or linear; empty: the recording's
    margin_rate: Number | None = None
    latency_ms: int = 0
    slippage_bps: Number = 0
    queue: str = ""  # empty: the paper venue's default
    bar_fill: str = ""
    participation: Number | None = None

    def __post_init__(self) -> None:
        for name in (
            "maker_fee",
            "taker_fee",
            "tick",
            "lot",
            "margin_rate",
            "slippage_bps",
            "participation",
        ):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, number(name, value))
        for name in ("tick", "lot", "margin_rate"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise _wrong(name, value, "above zero")
        for name in ("maker_fee", "taker_fee"):
            rate = getattr(self, name)
            if rate is not None and abs(rate) >= 1:
                raise _wrong(name, str(rate), "a share of the notional, as 0.001 for 0.1 %")
        if self.kind not in ("", ContractKind.SPOT, ContractKind.LINEAR):
            raise _wrong("kind", self.kind, "spot or linear")
        if isinstance(self.latency_ms, bool) or not isinstance(self.latency_ms, int):
            raise _wrong("latency_ms", self.latency_ms, "a whole number")

    def apply(self, instrument: Instrument) -> Instrument:
        """Return an instrument on these terms."""
        kind = ContractKind(self.kind) if self.kind else instrument.kind
        linear = kind is ContractKind.LINEAR
        settle = instrument.quote if linear else instrument.settle
        return replace(
            instrument,
            kind=kind,
            settle=settle,
            tick_table=instrument.tick_table
            if self.tick is None
            else (TickBand(floor=Decimal(0), tick=Decimal(self.tick)),),
            quantity_step=instrument.quantity_step
            if self.lot is None
            else Decimal(self.lot),
            maker_fee_rate=_or(self.maker_fee, instrument.maker_fee_rate, _USUAL_FEE),
            taker_fee_rate=_or(self.taker_fee, instrument.taker_fee_rate, _USUAL_FEE),
            margin_rate=_or(self.margin_rate, instrument.margin_rate)
            if linear
            else instrument.margin_rate,
        )

    def paper_options(self) -> Mapping[str, str]:
        """Return the paper venue's settings; those left out keep its defaults."""
        given = {
            "latency_ms": str(self.latency_ms),
            "slippage_bps": format(Decimal(self.slippage_bps), "f"),
            "queue": self.queue,
            "bar_fill": self.bar_fill,
            "participation": ""
            if self.participation is None
            else format(Decimal(self.participation), "f"),
        }
        return {name: text for name, text in given.items() if text}


_USUAL_FEE = Decimal("0.001")


def _or(given: Number | None, *others: Decimal | None) -> Decimal | None:
    if given is not None:
        return Decimal(given)
    return next((other for other in others if other is not None), None)


def number(name: str, value: object) -> Decimal:
    """Return an exact number somebody gave. Raises ConfigError, for floats too."""
    if isinstance(value, float):
        raise _wrong(name, value, f'text or a Decimal, such as "{value}"')
    try:
        exact = Decimal(value)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError, ValueError):
        raise _wrong(name, value, "a plain number") from None
    if not exact.is_finite():
        raise _wrong(name, value, "a finite number")
    return exact


def _wrong(name: str, value: object, expected: str) -> ConfigError:
    return ConfigError(
        f"{name} = {value!r}: expected {expected}", code="bad-argument", hint=""
    )
