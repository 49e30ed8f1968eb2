"""Turns an opinion into a quantity, by the method its strategy is set to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from crossdock.model import ONE, ZERO, Direction, Signal


class Unsized(ValueError):
    """A signal does not say what its strategy's sizing goes by."""


def _setting(default: str, help: str) -> Any:  # noqa: A002
    return field(default=Decimal(default), metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityShare:
    """The same share of capital in every position."""

    share: Decimal = _setting("0.05", "share of capital in a position at full conviction")
    most_share: Decimal = _setting("0.95", "largest share of capital in a position")

    def notional(self, signal: Signal, capital: Decimal, price: Decimal) -> Decimal:
        return capital * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatilityTarget:
    """A position that moves as much in a year, whatever it holds."""

    target: Decimal = _setting("0.2", "standard deviation of a year's return aimed at")
    most_share: Decimal = _setting("0.95", "largest share of capital in a position")

    def notional(self, signal: Signal, capital: Decimal, price: Decimal) -> Decimal:
        if signal.volatility is None:
            raise Unsized("it says no volatility, and is sized by it")
        return capital * self.target / Decimal(repr(signal.volatility))


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRisk:
    """A position that loses the same share of capital at its stop."""

    risk: Decimal = _setting("0.01", "share of capital lost when the stop is reached")
    most_share: Decimal = _setting("0.95", "largest share of capital in a position")

    def notional(self, signal: Signal, capital: Decimal, price: Decimal) -> Decimal:
        if signal.stop_distance is None:
            raise Unsized("it says no stop distance, and is sized by it")
        return capital * self.risk * price / Decimal(repr(signal.stop_distance))


Sizing = EquityShare | VolatilityTarget | FixedRisk

METHODS: Mapping[str, type[Sizing]] = {
    "equity_share": EquityShare,
    "volatility": VolatilityTarget,
    "fixed_risk": FixedRisk,
}


def target_quantity(
    signal: Signal, capital: Decimal, price: Decimal, sizing: Sizing
) -> Decimal:
    """Return the signed position a signal asks for, at most `most_share` of capital.

    Confidence and strength scale every method down; they come as floats and are taken as
    the decimals they print as. Raises ValueError when there is no price to size by, and
    Unsized when the signal says too little.
    """
    if price <= 0:
        raise ValueError(
            f"a position in {signal.symbol} needs a positive price: got {price}"
        )
    if signal.direction is Direction.FLAT:
        return ZERO
    weight = Decimal(repr(signal.confidence)) * Decimal(repr(signal.strength))
    whole = sizing.notional(signal, capital, price) * weight
    size = max(min(whole, capital * sizing.most_share), ZERO) / price
    return size if signal.direction is Direction.LONG else -size


def parse_sizing(given: Mapping[str, Any] | str) -> Sizing:
    """Read a table, or text such as `volatility target=0.2`; no method is equity_share.

    Raises one ValueError that names everything wrong.
    """
    table = _table(given) if isinstance(given, str) else dict(given)
    method = table.pop("method", "equity_share")
    made_by = METHODS.get(method) if isinstance(method, str) else None
    if made_by is None:
        raise ValueError(
            f"there is no sizing method {method!r}{_advice(str(method), METHODS)}"
        )
    known = [each.name for each in fields(made_by)]
    problems = [
        f"{method} has no setting {name}{_advice(name, known)}"
        for name in table
        if name not in known
    ]
    values: dict[str, Decimal] = {}
    for name in known:
        if name in table:
            try:
                values[name] = _share(name, table[name])
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return made_by(**values)


def sizing_table(sizing: Sizing) -> dict[str, str]:
    """Return the table that `parse_sizing` reads the same sizing from."""
    method = next(name for name, made_by in METHODS.items() if made_by is type(sizing))
    values = {each.name: str(getattr(sizing, each.name)) for each in fields(sizing)}
    return {"method": method, **values}


def _table(text: str) -> dict[str, str]:
    words = text.split()
    table = {"method": words[0]} if words else {}
    for part in words[1:]:
        name, separator, value = part.partition("=")
        if not separator:
            raise ValueError(f"expected name=value after the method, got {part!r}")
        table[name] = value
    return table


def _share(name: str, value: Any) -> Decimal:
    """Read a positive number. A float is refused: its digits are not the ones written."""
    fits = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    try:
        read = Decimal(value) if fits else ZERO
    except ArithmeticError:
        read = ZERO
    if not (read.is_finite() and read > 0):
        raise ValueError(f'{name} = {value!r}: expected a positive number, as in "0.05"')
    if name in ("share", "risk") and read > ONE:
        raise ValueError(f"{name} = {value}: expected a share of capital, 1 at most")
    return read


def _advice(word: str, known: Mapping[str, Any] | list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f": did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
