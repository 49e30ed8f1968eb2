"""What a person should be told of a run beside its figures."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.app.desk import Desk
from crossdock.core.orders import OrderState
from crossdock.model import OrderStatus, symbol_of, timeframe_of
from crossdock.strategies import Parameter
from crossdock.strategies import Strategy as PlainStrategy


def unheard(desk: Desk) -> Iterator[str]:
    """Tell of strategies that decide on bars and were given none."""
    streamed = {bar.width_ns for bar in desk.markets.last_bars.values()}
    widths = streamed | desk.bar_maker.widths
    there = ", ".join(timeframe_of(width) for width in sorted(widths))
    for name, runner in desk.strategies.items():
        decides = getattr(type(runner.strategy), "on_bar", None)
        if decides in (None, PlainStrategy.on_bar) or runner.width_ns in widths:
            continue
        if runner.width_ns:
            why = f"there are bars of {there}" if there else "no trades to make them of"
            yield f"{name} got no bar: it wants {timeframe_of(runner.width_ns)}, {why}"
        elif not widths:
            yield (
                f"{name} got no bar: there are none; with a timeframe, like 1m, they are "
                "made of trades"
            )


def unfilled(orders: Iterable[OrderState]) -> list[str]:
    """Tell of each order that ended with nothing filled, a canceled one left out."""
    told = []
    for order in orders:
        if order.status.is_terminal and not order.cumulative_quantity:
            if order.status is OrderStatus.CANCELED:
                continue
            at = datetime.fromtimestamp(order.created_at / 1e9, UTC)
            request = order.request
            told.append(
                f"{at:%Y-%m-%d %H:%M:%S} {request.side} {request.quantity:f} "
                f"{symbol_of(request.instrument)}: {order.status}"
                + (f", {order.reason}" if order.reason else "")
            )
    return told


def defaults_of(desk: Desk, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that nobody set, at what they were."""
    found = {}
    for runner in desk.strategies.values():
        declared: Iterable[Parameter] = getattr(
            type(runner.strategy), "parameters", tuple
        )()
        for each in declared:
            if each.name not in given:
                found[each.name] = getattr(runner.strategy, each.name)
    return found


def place_of(error: Exception | None, strategy: object) -> str:
    """Return the line of a strategy's own file at which its error came up."""
    file = getattr(sys.modules.get(type(strategy).__module__), "__file__", None)
    frames = [] if error is None else traceback.extract_tb(error.__traceback__)
    own = [frame.lineno for frame in frames if frame.filename == file]
    return f" at {Path(file).name}, line {own[-1]}" if file and own else ""
