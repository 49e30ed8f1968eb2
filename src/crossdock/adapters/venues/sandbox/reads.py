"""What is asked of a sandbox venue over HTTP, and changes nothing there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.adapters.venues.sandbox.wire import (
    BalanceList,
    BarList,
    BookMessage,
    EventList,
    FillList,
    InstrumentList,
    OrderList,
    PositionList,
    Time,
    WireEvent,
    WireFill,
    WireOrder,
)
from crossdock.errors import BadPayload, Rejected, Unavailable
from crossdock.model import (
    Balance,
    Bars,
    BookChange,
    Instrument,
    InstrumentId,
    OrderReport,
    Position,
    symbol_of,
)
from crossdock.ports import AccountEventPage, Clock, FillPage, OrderRef
from crossdock.toolkit import HttpClient, Purpose, StreamHealth

_PAGE = 500
_BOOK_DEPTH = 1000
_BARS = 1000
_SECOND_NS = 1_000_000_000
_WIDEST_BAR_S = 7 * 86_400
_UNKNOWN_ORDER = "unknown_order"


class Reads:
    """The reads of `crossdock.ports.venue`. `health` learns of the venue's clock."""

    def __init__(
        self,
        public: HttpClient,
        signed: HttpClient,
        *,
        clock: Clock,
        translation: Translation,
        health: StreamHealth,
    ) -> None:
        self._public = public
        self._reads = signed
        self._clock = clock
        self._translation = translation
        self._account_health = health

    async def server_time_ns(self) -> int:
        before_ns = self._clock.time_ns()
        time = await self._public.read("GET", "/v1/time", into=Time, scope="public")
        self._account_health.server_time(time.time_ns, before_ns, self._clock.time_ns())
        return time.time_ns

    async def instruments(self) -> Sequence[Instrument]:
        listed = await self._public.read(
            "GET", "/v1/instruments", into=InstrumentList, scope="public"
        )
        return [self._translation.instrument(it) for it in listed.instruments]

    async def book_snapshot(self, instrument: InstrumentId) -> BookChange:
        book = await self._public.read(
            "GET",
            "/v1/book",
            into=BookMessage,
            query={"symbol": symbol_of(instrument), "depth": _BOOK_DEPTH},
            scope="public",
        )
        return self._translation.book(book, self._clock.time_ns())

    async def bars(
        self, instrument: InstrumentId, width_ns: int, *, start_ns: int, end_ns: int
    ) -> Bars:
        width_s, rest_ns = divmod(width_ns, _SECOND_NS)
        if rest_ns or not 1 <= width_s <= _WIDEST_BAR_S:
            raise Unavailable(
                f"the sandbox has no bars of {width_ns} ns",
                instead="whole seconds, at most a week",
            )
        listed = await self._public.read(
            "GET",
            "/v1/bars",
            into=BarList,
            query={
                "symbol": symbol_of(instrument),
                "width": width_s,
                "start": max(0, start_ns),
                "end": max(0, end_ns),
                "limit": _BARS,
            },
            scope="public",
        )
        return self._translation.bars(listed, instrument, width_ns)

    async def order(self, ref: OrderRef) -> OrderReport | None:
        if ref.client_order_id:
            query = {"client_order_id": str(ref.client_order_id)}
            found = await self._order("/v1/orders", query)
            if found is not None:
                return found
        for venue_order_id in reversed(ref.venue_order_ids):
            found = await self._order(f"/v1/orders/{quote(venue_order_id, safe='')}", {})
            if found is not None:
                return found
        return None

    async def _order(self, path: str, query: dict[str, str]) -> OrderReport | None:
        try:
            order = await self._reads.read(
                "GET",
                path,
                into=WireOrder,
                query=query,
                signed=True,
                purpose=Purpose.ORDER,
            )
        except Rejected as refusal:
            if refusal.venue_code == _UNKNOWN_ORDER:
                return None
            raise
        return self._translation.order(order, self._clock.time_ns())

    async def open_orders(self) -> Sequence[OrderReport]:
        listed = await self._signed("/v1/orders", OrderList, {"state": "open"})
        received_ns = self._clock.time_ns()
        return [self._translation.order(order, received_ns) for order in listed.orders]

    async def fills_after(self, cursor: str) -> FillPage:
        after = _sequence(cursor)
        page = await self._signed("/v1/fills", FillList, {"after": after, "limit": _PAGE})
        newest = _newest(after, page.fills, page.last)
        received_ns = self._clock.time_ns()
        return FillPage(
            fills=tuple(self._translation.fill(it, received_ns) for it in page.fills),
            cursor=str(newest),
            complete=newest == page.last,
        )

    async def fill_cursor(self) -> str:
        page = await self._signed("/v1/fills", FillList, {"after": 0, "limit": 1})
        return str(page.last)

    async def account_events_after(self, cursor: str) -> AccountEventPage:
        after = _sequence(cursor)
        page = await self._signed("/v1/ledger", EventList, {"after": after, "limit": _PAGE})
        newest = _newest(after, page.events, page.last)
        received_ns = self._clock.time_ns()
        return AccountEventPage(
            events=tuple(self._translation.event(it, received_ns) for it in page.events),
            cursor=str(newest),
            complete=newest == page.last,
        )

    async def account_event_cursor(self) -> str:
        page = await self._signed("/v1/ledger", EventList, {"after": 0, "limit": 1})
        return str(page.last)

    async def balances(self) -> Sequence[Balance]:
        listed = await self._signed("/v1/balances", BalanceList, {})
        return [self._translation.balance(it) for it in listed.balances]

    async def positions(self) -> Sequence[Position]:
        listed = await self._signed("/v1/positions", PositionList, {})
        return [self._translation.position(it) for it in listed.positions if it.quantity]

    async def _signed(self, path: str, into: type[Any], query: dict[str, Any]) -> Any:
        return await self._reads.read("GET", path, into=into, query=query, signed=True)


def _sequence(cursor: str) -> int:
    if cursor and not cursor.isdecimal():
        raise BadPayload(f"a cursor of this venue is a number, got {cursor!r}")
    return int(cursor or 0)


def _newest(after: int, rows: Sequence[WireFill] | Sequence[WireEvent], last: int) -> int:
    """Return the newest sequence of a page, having checked that nothing is left out."""
    expected = range(after + 1, after + 1 + len(rows))
    if [row.sequence for row in rows] != list(expected):
        raise BadPayload(f"the history after {after} is not in sequence")
    newest = after + len(rows)
    if newest > last:
        raise BadPayload(
            f"the venue's history ends at {last}, before {newest}: was it reset?"
        )
    return newest
