"""A backtest of crossing averages, as plain as can be, in exact numbers.

It shares no line with what it judges, not even the nouns. The rules: on each closed bar the
averages of the last `fast` and `slow` closes are compared. When the fast one has come to be
above, a market order buys for `share` of the equity at that close, floored to the lot; when
it has come to be below, one sells all that is held. Equal averages change nothing. An order
fills whole at the next bar's open, if there is a next bar, and pays `fee_rate` of its worth;
one that the cash does not pay, because the open is that much higher, is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext


@dataclass(frozen=True)
class PlainBar:
    start_ns: int
    open: Decimal
    close: Decimal


@dataclass(frozen=True)
class PlainFill:
    time_ns: int
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass
class PlainRun:
    cash: Decimal
    held: Decimal
    fills: list[PlainFill]
    equity: Decimal  # what is held counts at the last close


def replay(
    bars: Sequence[PlainBar],
    *,
    fast: int,
    slow: int,
    cash: Decimal,
    fee_rate: Decimal,
    lot: Decimal,
    share: Decimal,
) -> PlainRun:
    run = PlainRun(cash=cash, held=Decimal(0), fills=[], equity=cash)
    order: tuple[str, Decimal] | None = None
    was = 0
    with localcontext() as context:
        context.prec = 60
        for at, bar in enumerate(bars):
            if order is not None:
                _fill(run, *order, bar, fee_rate)
                order = None
            if at + 1 < slow:
                continue
            is_now = _order_of(bars, at, fast, slow)
            if is_now and was and is_now != was:
                order = _decide(run, is_now, bar.close, lot, share)
            was = is_now or was
        run.equity = run.cash + run.held * bars[-1].close if bars else cash
    return run


def _order_of(bars: Sequence[PlainBar], at: int, fast: int, slow: int) -> int:
    """Return 1 when the fast average is above, -1 when it is below, 0 when they are equal."""
    closes = [bar.close for bar in bars[at + 1 - slow : at + 1]]
    lead = sum(closes[-fast:]) * slow - sum(closes) * fast
    return (lead > 0) - (lead < 0)


def _decide(
    run: PlainRun, direction: int, close: Decimal, lot: Decimal, share: Decimal
) -> tuple[str, Decimal] | None:
    if direction < 0:
        return ("sell", run.held) if run.held else None
    lots = ((run.cash + run.held * close) * share / close / lot).to_integral_value(
        ROUND_FLOOR
    )
    return ("buy", lots * lot) if lots and not run.held else None


def _fill(
    run: PlainRun, side: str, quantity: Decimal, bar: PlainBar, fee_rate: Decimal
) -> None:
    worth = quantity * bar.open
    fee = worth * fee_rate
    if side == "buy" and worth + fee > run.cash:
        return
    sign = 1 if side == "buy" else -1
    run.cash -= sign * worth + fee
    run.held += sign * quantity
    run.fills.append(PlainFill(bar.start_ns, side, quantity, bar.open, fee))
