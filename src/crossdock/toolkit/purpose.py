"""What calls are for, and what they spend: said far above where they go out.

A caller says it around what it does (`serving`, `metered`); every call made within, in tasks
begun within too, is judged and counted by it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from crossdock.toolkit.rateline import Window

P = ParamSpec("P")
T = TypeVar("T")


class Purpose(IntEnum):
    """Who goes first, and who may use what of a limit; the least goes before all others."""

    CANCEL = 0  # a cancel, and what it asks on its way: all of it
    ORDER = 1  # submits, amends, look-ups of orders: all but the cancels' reserve
    READING = 2  # audits, histories, listings: besides, as much is left for orders


_purpose: ContextVar[Purpose] = ContextVar("crossdock_purpose", default=Purpose.READING)


def purpose_of(call: Purpose) -> Purpose:
    """Return what a call is for: as it says itself, or something above it that is more."""
    return min(call, _purpose.get())


@contextmanager
def serving(purpose: Purpose) -> Iterator[None]:
    """Make every call within be for this, unless what is around it is for more."""
    token = _purpose.set(purpose_of(purpose))
    try:
        yield
    finally:
        _purpose.reset(token)


def serves(
    purpose: Purpose,
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Do as `serving` for the whole of an `async def` method."""

    def made(
        method: Callable[P, Coroutine[Any, Any, T]],
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        @functools.wraps(method)
        async def served(*args: P.args, **named: P.kwargs) -> T:
            with serving(purpose):
                return await method(*args, **named)

        return served

    return made


class Meter:
    """What was spent of each limit."""

    def __init__(self) -> None:
        self._spent: dict[Window, int] = {}

    def add(self, windows: tuple[Window, ...], weight: int) -> None:
        for window in windows:
            self._spent[window] = self._spent.get(window, 0) + weight

    def pause_s(self, share: float) -> float:
        """Return how often the same may be spent, so that it takes a share of each limit.

        A limit that several accounts share is divided between them.
        """
        return max(
            (
                weight * window.limit.per_s * window.users / (window.limit.calls * share)
                for window, weight in self._spent.items()
            ),
            default=0.0,
        )


_meter: ContextVar[Meter | None] = ContextVar("crossdock_meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what calls within spend, and count it nowhere else."""
    meter = Meter()
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def meter_now() -> Meter | None:
    return _meter.get()
