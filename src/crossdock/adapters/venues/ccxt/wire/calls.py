"""What is under way: the one read or write of ours that ccxt's requests are made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from crossdock.adapters.venues.ccxt.wire.listing import Listing
from crossdock.errors import AdapterError
from crossdock.toolkit import Purpose
from crossdock.toolkit.exchange import HttpReply
from crossdock.toolkit.pool import Departure

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Call:
    """One call of a port. A write's requests are told apart: only one may change anything.

    ccxt may ask for other things on the way to it (an account's number, a clock); those
    are reads, and when one of them fails the write has not begun.
    """

    what: str  # in words for errors: "binance submit"
    deadline_ns: int
    is_write: bool = False
    purpose: Purpose = Purpose.READING
    wished: Mapping[str, Any] = field(default_factory=dict)  # params ccxt may leave out
    demanded: Mapping[str, Any] = field(default_factory=dict)  # and those it may not
    lists: bool = False  # its answer may be empty, if the exchange says so
    departure: Departure = field(default_factory=Departure)
    is_going: bool = False  # the one request that changes something was handed over
    reply: HttpReply | None = None  # the newest one
    parsed: Any = None  # that one as ccxt was given it
    answer: HttpReply | None = None  # the one to what changes something
    url: str = ""  # of the newest request, at the exchange itself
    path: str = ""
    scope: str = ""  # of the newest request, in our budget
    failure: AdapterError | None = None  # of the newest request, in our own words

    @property
    def verdict(self) -> HttpReply | None:
        """Return the write's own reply, if what failed was not asked for behind it."""
        return self.answer if self.reply is self.answer else None

    @property
    def found_no_list(self) -> bool:
        """Tell whether the reply lacks the list that ccxt looked for in it."""
        return isinstance(self.parsed, Listing) and not self.parsed.is_found

    @property
    def departed(self) -> bool:
        """Tell whether a byte of the write may have left."""
        return self.departure.departed


_current: ContextVar[Call | None] = ContextVar("crossdock_ccxt_call", default=None)


def current_call() -> Call | None:
    return _current.get()


@contextmanager
def under_way(call: Call) -> Iterator[Call]:
    """Make every request of ccxt within be for this call, those of its tasks too."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)
