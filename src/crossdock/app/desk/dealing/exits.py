"""Ways out: the kill switch, and what a stop does with what is open."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.person_acts import person_acts
from crossdock.core import records as r
from crossdock.core.ledger import EXTERNAL
from crossdock.core.risk import Authority
from crossdock.core.risk.kill import (
    AccountOrders,
    Engaged,
    Holding,
    plan_cancels,
    plan_flatten,
)
from crossdock.errors import DeskError, Error
from crossdock.model import (
    ZERO,
    AccountId,
    CorrelationId,
    OrderId,
    PortfolioId,
    Position,
    StrategyId,
)
from crossdock.ports import Can

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

log = logging.getLogger(__name__)

PROVEN_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
CANCEL_ALL_S = 3.0


class Exits:
    """Cancels, flattens and says what is left. Never touches what is not ours."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._refusals: dict[OrderId, str] = {}  # told already

    async def kill(
        self,
        *,
        by: str,
        reason: str,
        flatten: bool,
        account: AccountId | None,
        door: str = "",
    ) -> dict[str, Any]:
        """Refuse new orders from this moment, cancel ours, then flatten if asked.

        Raises DeskError when nobody is named.
        """
        kernel = self._desk.kernel
        words = f"{reason}, and flatten" if flatten else reason
        person_acts(kernel, by, "kill", account or "all", door=door, words=words)
        engaged = Engaged(by=by, reason=reason, flatten=flatten, account=account)
        kernel.note(
            [
                r.KillSwitched(
                    at=kernel.now(),
                    engaged=True,
                    by=by,
                    reason=reason,
                    flatten=flatten,
                    account=account,
                )
            ]
        )
        return await self._end(engaged)

    async def leave(self, *, flatten: bool) -> dict[str, Any]:
        """Cancel (and flatten) because the desk stops; nothing stays engaged."""
        return await self._end(Engaged(by="exit", reason="on_exit", flatten=flatten))

    async def _end(self, engaged: Engaged) -> dict[str, Any]:
        asked = await self._cancel(engaged)
        await self._until_proven(engaged)
        flattened, left = self._flatten(engaged)
        if flattened:
            await self._until_proven(engaged)
        return {
            "cancels_sent": asked,
            "flatten_orders": flattened,
            "left": left + self._out_of_reach(engaged),
            **self.remaining(engaged.account),
        }

    async def _cancel(self, engaged: Engaged) -> int:
        desk = self._desk
        orders = {name: self._orders_of(name) for name in desk.gateways}
        plan = plan_cancels(engaged, orders.values())
        sent = sum(self._cancel_one(order_id) for order_id in plan.cancels)
        await asyncio.gather(*(self._cancel_all(account) for account in plan.cancel_all))
        return sent + sum(len(orders[account].ours) for account in plan.cancel_all)

    async def _cancel_all(self, account: AccountId) -> None:
        try:
            async with asyncio.timeout(CANCEL_ALL_S):
                await self._desk.gateways[account].adapter.cancel_all()
        except Exception as error:  # noqa: BLE001  one venue must not keep the others open
            log.warning("%s: cancel-all failed, one by one then: %s", account, error)

    def _cancel_one(self, order_id: OrderId) -> int:
        order = self._desk.kernel.state.orders[order_id]
        try:
            return int(self._desk.dealing.cancel(order))
        except DeskError as error:
            if self._refusals.get(order_id) != str(error):
                self._refusals[order_id] = str(error)  # it is tried again, and told once
                log.warning("cancel of %s: %s", order.client_order_id, error)
            return 0

    def _orders_of(self, account: AccountId) -> AccountOrders:
        desk = self._desk
        state = desk.kernel.state
        ours = [
            order for order in state.open_orders(account) if not order.status.is_terminal
        ]
        away = not desk.gateways[account].ready.is_set()
        foreign = [order.order_id for order in state.foreign_orders(account)]
        return AccountOrders(
            account=account,
            ours=[order.order_id for order in ours],
            in_doubt=[order.order_id for order in ours if order.attempts],
            foreign=None if away else foreign,
            has_cancel_all=Can.CANCEL_ALL in desk.gateways[account].manifest.can,
        )

    def _ours(self, engaged: Engaged) -> list[OrderId]:
        """Return what can still be cancelled: of an account let go of, nothing can be."""
        return [
            order.order_id
            for order in self._desk.kernel.state.open_orders(engaged.account)
            if not order.status.is_terminal and order.request.account in self._desk.gateways
        ]

    def _out_of_reach(self, engaged: Engaged) -> list[str]:
        """Say which orders of ours stay because their account is not connected."""
        found = Counter(
            order.request.account
            for order in self._desk.kernel.state.open_orders(engaged.account)
            if not order.status.is_terminal
            and order.request.account not in self._desk.gateways
        )
        return [
            f"{account}: {count} open orders stay: it is not connected; connect it again, "
            "or cancel them at the venue"
            for account, count in sorted(found.items())
        ]

    async def _until_proven(self, engaged: Engaged) -> None:
        """Wait until no order the switch covers can fill any more, or time is up.

        An order whose submit is in doubt is cancelled again once it shows up.
        """
        clock = self._desk.kernel.clock
        end_ns = clock.monotonic_ns() + int(PROVEN_WITHIN_S * 1e9)
        while clock.monotonic_ns() < end_ns:
            await clock.sleep(LOOK_EVERY_S)
            left = self._ours(engaged)
            if not left:
                return
            for order_id in left:
                order = self._desk.kernel.state.orders[order_id]
                if not order.attempts and order.venue_order_ids:
                    self._cancel_one(order_id)

    def _flatten(self, engaged: Engaged) -> tuple[int, list[str]]:
        desk = self._desk
        correlation = CorrelationId(desk.kernel.ids.next("c"))
        left: list[str] = []
        sent = 0
        for holding, owner in self._holdings():
            plan = plan_flatten(engaged, [holding], correlation=correlation)
            left += [f"{key.account} {key.instrument}: {why}" for key, why in plan.left]
            for request in plan.orders:
                # Booked to whom the position belongs, so that it is theirs that ends.
                named = replace(request, portfolio=owner[0], strategy=owner[1])
                try:
                    desk.dealing.place(named, Authority.KILL)
                    sent += 1
                except Error as error:
                    left.append(f"{request.account} {request.instrument}: {error}")
        return sent, left

    def _holdings(self) -> list[tuple[Holding, tuple[PortfolioId, StrategyId]]]:
        """Return every strategy's part of every position that is ours to close."""
        desk = self._desk
        ledger = desk.kernel.state.ledger
        found = []
        for account in desk.gateways:
            adopts = desk.gateways[account].options.foreign == "adopt"
            standing = desk.view.account(account)
            for part in ledger.attributions(account):
                key = part.position.key
                terms = desk.view.terms(account, key.instrument)
                foreign = part.portfolio == EXTERNAL and not adopts
                if terms is None or foreign or not part.position.quantity:
                    continue
                holding = Holding(
                    key=key,
                    quantity=desk.view.position(account, key.instrument, key.position_side),
                    owned=part.position.quantity,
                    instrument=desk.kernel.state.instruments[key.instrument],
                    terms=terms,
                    quarantine=standing.quarantine if standing else "",
                )
                found.append((holding, (part.portfolio, part.strategy)))
        return found

    def _owned(self, position: Position) -> Decimal:
        """Return the part of a position that orders of ours made, or that was adopted."""
        ledger = self._desk.kernel.state.ledger
        key = position.key
        gateway = self._desk.gateways.get(key.account)
        if gateway is not None and gateway.options.foreign == "adopt":
            return position.quantity
        return sum(
            (
                part.position.quantity
                for part in ledger.attributions(key.account, key.instrument)
                if part.position.key == key and part.portfolio != EXTERNAL
            ),
            ZERO,
        )

    def remaining(self, account: AccountId | None = None) -> dict[str, Any]:
        """Return what stays at the venues: open orders, doubts, positions of ours."""
        state = self._desk.kernel.state
        orders = list(state.open_orders(account))
        positions = [
            f"{p.key.account} {self._owned(p):f} {p.key.instrument}"
            for p in state.ledger.positions(account)
            if self._owned(p)
        ]
        return {
            "open_orders": sum(not order.status.is_terminal for order in orders),
            "doubts_open": sum(len(order.doubts) for order in orders),
            "positions": positions,
        }
