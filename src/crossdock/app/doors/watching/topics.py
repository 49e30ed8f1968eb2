"""What can be watched, each as something that says what is new since it was last asked.

Nothing here hears of single events: each topic compares what is with what it told last, so
a desk nobody watches pays nothing, and whoever looks rarely gets the newest of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from crossdock.app.doors.reading.looking import LookingOperations
from crossdock.app.showing import show_order
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.core.projection import more_fees_words
from crossdock.model import OrderId

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SECOND_NS = 1_000_000_000
DONE_ORDERS = 100  # of those that are done, how many of a strategy a snapshot begins with
NEWEST_FILLS = 100  # of a strategy
LOOKED_AT = 20_000  # of the newest orders, for those


class News(NamedTuple):
    """A snapshot takes the place of all that was told; rows of a change, of their like."""

    is_snapshot: bool
    data: Any


class Topic(Protocol):
    """`every_s` is the least time between two looks, however often somebody asks."""

    every_s: float

    def news(self) -> News | Awaitable[News | None] | None: ...


class Whole:
    """Something told as a whole, whenever it is not what it was."""

    def __init__(
        self,
        read: Callable[[], Any],
        every_s: float = 0.0,
        version: Callable[[], object] = object,
    ) -> None:
        """`version`: while it stays equal there is no need to read."""
        self.every_s = every_s
        self._read = read
        self._version = version
        self._last: Any = None
        self._last_version: object = None

    def news(self) -> News | None:
        version = self._version()
        if version == self._last_version:
            return None
        self._last_version = version
        found = self._read()
        if found == self._last:
            return None
        self._last = found
        return News(True, found)


class Hastened:
    """A topic looked at when something happened, and else once in a while."""

    def __init__(
        self,
        topic: Topic,
        happened: Callable[[], object],
        now_ns: Callable[[], int],
        pause_s: float,
    ) -> None:
        self.every_s = 0.0
        self._topic = topic
        self._happened = happened
        self._now_ns = now_ns
        self._pause_ns = int(pause_s * SECOND_NS)
        self._looked_ns: int | None = None
        self._last: object = None

    def news(self) -> News | Awaitable[News | None] | None:
        happened, now = self._happened(), self._now_ns()
        waited = self._looked_ns is None or now - self._looked_ns >= self._pause_ns
        if happened == self._last and not waited:
            return None
        self._last, self._looked_ns = happened, now
        return self._topic.news()


class Rows:
    """Rows with a key, of which only those that changed are told."""

    def __init__(
        self,
        read: Callable[[], Sequence[Mapping[str, Any]]],
        key: str,
        every_s: float,
        *,
        may_leave: bool = False,
    ) -> None:
        """`may_leave`: a row that is gone is no news, as the oldest of the newest fifty."""
        self.every_s = every_s
        self._read = read
        self._key = key
        self._may_leave = may_leave
        self._last: dict[Any, Mapping[str, Any]] | None = None

    def news(self) -> News | None:
        rows = {row[self._key]: row for row in self._read()}
        before, self._last = self._last, rows
        has_left = bool(before and before.keys() - rows.keys()) and not self._may_leave
        if before is None or has_left:
            return News(True, list(rows.values()))
        changed = [row for key, row in rows.items() if before.get(key) != row]
        return News(False, changed) if changed else None


class Orders:
    """Working orders, and what becomes of them."""

    every_s = 0.0

    def __init__(self, desk: Desk) -> None:
        self._kernel = desk.kernel
        self._sequence = -1
        self._told: dict[OrderId, tuple[object, ...]] | None = None
        self._newest = 0  # when the newest order that was told of was made

    def news(self) -> News | None:
        if self._kernel.sequence == self._sequence and self._told is not None:
            return None
        self._sequence = self._kernel.sequence
        state = self._kernel.state
        if self._told is None:
            self._told = {}
            newest = _newest_of_each(reversed(state.orders.values()))[::-1]
            chosen = {each.order_id: each for each in (*state.working.values(), *newest)}
            by_age = sorted(chosen.values(), key=lambda each: each.created_at)
            oldest_first = [self._tell(each) for each in by_age]
            return News(True, oldest_first[::-1])
        changed = {order.order_id: order for order in self._new_orders()}
        for order_id, version in list(self._told.items()):
            order = state.orders.get(order_id)
            if order is None:
                del self._told[order_id]
            elif _version(order) != version:
                changed[order_id] = order
        if not changed:
            return None
        return News(False, [self._tell(order) for order in changed.values()])

    def _new_orders(self) -> list[OrderState]:
        assert self._told is not None, "a snapshot comes first"
        found = []
        for order in reversed(self._kernel.state.orders.values()):
            if order.created_at < self._newest:
                break
            if order.order_id not in self._told:
                found.append(order)
        return found

    def _tell(self, order: OrderState) -> dict[str, Any]:
        assert self._told is not None, "a snapshot comes first"
        self._newest = max(self._newest, order.created_at)
        self._told[order.order_id] = _version(order)
        self._forget_old()
        return show_order(order)

    def _forget_old(self) -> None:
        """Keep the newest of those that are done in sight: a late fill may reopen one."""
        assert self._told is not None, "a snapshot comes first"
        working = self._kernel.state.working
        most = len(working) + 4 * DONE_ORDERS
        if len(self._told) <= most:
            return
        done = [each for each in self._told if each not in working]
        for order_id in done[: len(self._told) - most]:
            del self._told[order_id]


def _newest_of_each(orders: Iterable[OrderState]) -> list[OrderState]:
    """Return the newest of every strategy: a busy one does not hide what people placed."""
    counts = Counter[str]()
    found = []
    for order in islice(orders, LOOKED_AT):
        strategy = order.request.strategy
        counts[strategy] += 1
        if counts[strategy] <= DONE_ORDERS:
            found.append(order)
    return found


def _version(order: OrderState) -> tuple[object, ...]:
    return (
        order.updated_at,
        order.status,
        order.cumulative_quantity,
        order.quantity,
        len(order.attempts),
        sum(1 for _ in order.doubts),
    )


class Fills:
    """New fills, newest first."""

    every_s = 0.0

    def __init__(self, desk: Desk, read: Callable[..., Awaitable[Sequence[Any]]]) -> None:
        self._desk = desk
        self._read = read
        self._count: int | None = None

    def news(self) -> News | Awaitable[News] | None:
        happenings = self._desk.happenings
        before, self._count = self._count, happenings.fill_count
        if before is None or self._count - before > len(happenings.fills):
            return self._snapshot()
        if before == self._count:
            return None
        new = list(happenings.fills)[before - self._count :]
        return News(False, [self._row(each) for each in reversed(new)])

    async def _snapshot(self) -> News:
        try:
            return News(True, list(await self._read(limit=NEWEST_FILLS)))
        except BaseException:
            self._count = None  # nothing was told: the next look begins anew
            raise

    def _row(self, record: r.FillRecorded) -> dict[str, Any]:
        fill, state = record.fill, self._desk.kernel.state
        order = state.orders.get(record.order_id) if record.order_id else None
        if order is None:
            order = state.find(fill.account, venue_order_id=fill.venue_order_id)
        return {
            "account": fill.account,
            "instrument": fill.instrument,
            "venue_order_id": fill.venue_order_id,
            "execution_id": fill.execution_id,
            "at": record.at,
            "order_id": None if order is None else order.order_id,
            "side": fill.side.value,
            "price": f"{fill.price:f}",
            "quantity": f"{fill.quantity:f}",
            "fee": f"{fill.fee:f}",
            "fee_asset": fill.fee_asset,
            "more_fees": more_fees_words(fill),
            "liquidity": fill.liquidity.value,
            "kind": fill.kind.value,
            "replaces": fill.replaces,
            "source": record.source.value,
            "portfolio": "external" if order is None else order.request.portfolio,
            "strategy": None if order is None else order.request.strategy,
        }


class Signals:
    """The newest signals; one is told again when its outcome is known."""

    every_s = 0.25

    def __init__(self, desk: Desk, looking: LookingOperations) -> None:
        self._kernel = desk.kernel
        self._rows = Rows(
            lambda: looking.signals(limit=50), "correlation", 0.0, may_leave=True
        )
        self._sequence = -1

    def news(self) -> News | None:
        if self._kernel.sequence == self._sequence:
            return None
        self._sequence = self._kernel.sequence
        return self._rows.news()


class Alerts:
    """Alarms, newest first; then each new one."""

    every_s = 0.0

    def __init__(self, desk: Desk) -> None:
        self._alarms = desk.kernel.state.alarms
        self._last: r.Alarmed | None = None
        self._is_begun = False

    def news(self) -> News | None:
        newest = self._alarms[-1] if self._alarms else None
        if self._is_begun and newest is self._last:
            return None
        rows = []
        for alarm in reversed(self._alarms):
            if self._is_begun and alarm is self._last:
                break
            rows.append(show_alarm(alarm))
        is_begun, self._is_begun, self._last = self._is_begun, True, newest
        return News(not is_begun, rows)


def show_alarm(alarm: r.Alarmed) -> dict[str, Any]:
    return {
        "at": alarm.at,
        "code": alarm.code,
        "words": alarm.words,
        "account": alarm.account,
        "order_id": alarm.order_id,
        "correlation": alarm.correlation or None,
    }
