"""One venue at run time: its engine, keys, faults, connections and clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.clock import Clock
from crossdock.sandbox.config import AccountConfig, VenueConfig
from crossdock.sandbox.engine import Refused, Venue, VenueOrder
from crossdock.sandbox.faces.client_ids import ClientIds
from crossdock.sandbox.faces.keys import Holder, Keys
from crossdock.sandbox.faults import FaultKind, Faults, Operation
from crossdock.sandbox.market import Bars
from crossdock.sandbox.simulators import venue_spec
from crossdock.sandbox.stream.feed import Feed

if TYPE_CHECKING:
    from crossdock.sandbox.faces.contract import Socket

SECOND_NS = 1_000_000_000
_KEY_LIFE_S = 90 * 24 * 3600


class Host:
    """The state behind one venue's port. A reset makes a new one."""

    def __init__(
        self,
        config: VenueConfig,
        *,
        clock: Clock,
        seed: int,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        """`rules` are fields of the engine's specification that the protocol decides."""
        self.config = config
        self.clock = clock
        self.clock_offset_ns = 0
        self.faults = Faults(seed)
        self.bars = Bars(clock.time_ns)
        self.feed = Feed(self.faults, clock.time_ns, on_trade=self.bars.trade)
        spec = replace(venue_spec(config), **(rules or {}))
        self.venue = Venue(spec, self.feed, seed=seed)
        self.keys = Keys()
        self.client_ids = ClientIds()
        self.connections: list[Socket] = []
        self._hidden: dict[int, tuple[int, bool]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        for account in config.accounts:
            self.open_account(account)

    @property
    def name(self) -> str:
        return self.config.name

    def now_ns(self) -> int:
        """Return the venue's own time, which a fault may step."""
        return self.clock.time_ns() + self.clock_offset_ns

    def open_account(self, account: AccountConfig) -> None:
        """Open an account with a key. Raises ValueError when either is taken."""
        if account.key in self.keys:
            raise ValueError(f"{self.name}: the key {account.key!r} is taken")
        self.venue.open_account(account.name, account.balances)
        self.keys.add(
            Holder(
                account=account.name,
                key=account.key,
                secret=account.secret.encode(),
                passphrase=account.passphrase,
                may_withdraw=account.may_withdraw,
                may_trade=account.may_trade,
                expires_ns=self.clock.time_ns() + _KEY_LIFE_S * SECOND_NS,
            )
        )

    async def wait(self, seconds: float) -> None:
        """Let time pass, if any is to."""
        if seconds > 0:
            await self.clock.sleep(seconds)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the requests; it ends with the venue at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def flush(self) -> None:
        """Push what the last operation caused to those who subscribed."""
        self.feed.flush(self.venue)

    def tick(self) -> None:
        """Let time act: the market moves, orders and sessions expire.

        The simulators run on steady time, so a step of the venue's clock never makes them
        race or stand still.
        """
        now_ns = self.clock.time_ns()
        self.venue.advance(now_ns)
        self.flush()
        self.faults.sweep(now_ns)
        self.feed.tick(now_ns)
        for number, (until_ns, _) in list(self._hidden.items()):
            if now_ns >= until_ns:
                del self._hidden[number]
        for connection in list(self.connections):
            connection.check_session()

    def accepted(self, order: VenueOrder) -> None:
        """Note an accepted order; a fault may hide it from look-ups for a while."""
        faults = self.faults
        if not faults.has(FaultKind.LOOKUP_LAG):
            return
        armed = faults.find(FaultKind.LOOKUP_LAG, Operation.SUBMIT, order.account)
        if armed is not None:
            faults.spend(armed)
            until_ns = self.clock.time_ns() + int(armed.seconds * SECOND_NS)
            self._hidden[order.number] = (until_ns, False)

    def lookup(
        self, account: str, *, order_id: str | None = None, client_id: str | None = None
    ) -> VenueOrder:
        """Return an order as a look-up sees it. Raises Refused."""
        order = self.venue.find(account, order_id=order_id, client_order_id=client_id)
        if self._hides(order):
            raise Refused("unknown_order", "no such order")
        return order

    def open_orders(self, account: str) -> list[VenueOrder]:
        """Return open orders as a look-up sees them."""
        return [it for it in self.venue.open_orders(account) if not self._hides(it)]

    def orders(self, account: str) -> list[VenueOrder]:
        """Return every order, oldest first, as a look-up sees them."""
        return [it for it in self.venue.orders(account) if not self._hides(it)]

    def expire_sessions(self, account: str | None = None) -> int:
        """End the sessions of one account or of all; returns how many there were."""
        return sum(
            connection.expire_session(account) for connection in list(self.connections)
        )

    def drop_connections(self) -> None:
        for connection in list(self.connections):
            connection.wire.abort()

    def step_clock(self, seconds: float) -> None:
        self.clock_offset_ns += int(Decimal(repr(seconds)) * SECOND_NS)

    async def close(self) -> None:
        """Drop every connection and whatever is still held back."""
        self.drop_connections()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hides(self, order: VenueOrder) -> bool:
        hidden = self._hidden.get(order.number)
        if hidden is None or self.clock.time_ns() >= hidden[0]:
            return False
        until_ns, was_missed = hidden
        if not was_missed:
            self.faults.hits[FaultKind.LOOKUP_LAG] += 1
            self._hidden[order.number] = (until_ns, True)
        return True
