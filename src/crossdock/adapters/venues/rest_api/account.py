"""An account at a described broker: what every part of its adapter uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from crossdock.adapters.venues.rest_api.described.tables import (
    Call,
    DescribedManifest,
    OrderCall,
)
from crossdock.adapters.venues.rest_api.described.template import holes_of
from crossdock.adapters.venues.rest_api.exchange import Exchange
from crossdock.adapters.venues.rest_api.histories import Pager
from crossdock.adapters.venues.rest_api.rows import find, rows_of
from crossdock.adapters.venues.rest_api.translation import Translation
from crossdock.errors import (
    AdapterError,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unreachable,
)
from crossdock.model import Instrument, InstrumentId, OrderReport
from crossdock.ports import OrderRef
from crossdock.toolkit import AdapterContext, HealthLimits

_BY_ID = "venue_order_id"


class DescribedAccount:
    """What every part uses. Reads and writes go through `exchange`."""

    def __init__(self, context: AdapterContext) -> None:
        manifest = context.manifest
        assert isinstance(manifest, DescribedManifest)
        self.it = manifest.description
        self.calls = self.it.endpoints
        self.context = context
        self.clock = context.clock
        self.translation = Translation(self.it, context.account, context.venue)
        # There is no stream of the account; its replies tell whether the broker is there.
        self.health = context.health.stream(
            f"{context.account} account", HealthLimits(quiet_is_normal=True)
        )
        self.exchange = Exchange(context, self.it)
        self.fills = Pager(self.exchange, self.calls.fill_history)
        self.events = Pager(self.exchange, self.calls.account_history)

    async def __aenter__(self) -> Self:
        self.health.connected()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.health.disconnected("closed")

    async def list_instruments(self) -> list[Instrument]:
        call = self.calls.instruments
        assert call is not None
        rows = rows_of(call, await self.exchange.read(call, {}))
        listed = [self.translation.instrument(row) for row in rows]
        if len({it.id for it in listed}) != len(listed):
            raise BadPayload("an instrument stands twice in the broker's listing")
        return listed

    async def rows(self, call: Call | None) -> list[Any]:
        """Ask a call that takes no values for its rows."""
        assert call is not None
        return rows_of(call, await self.exchange.read(call, {}))

    async def know_symbols(self) -> None:
        if not self.translation.symbols.are_listed:
            await self.list_instruments()

    async def symbol(self, instrument: InstrumentId) -> str:
        await self.know_symbols()
        code = self.translation.symbols.code_of(instrument)
        if code is None:
            raise BadPayload(f"{instrument} is not in the broker's listing")
        return code

    def alternatives(
        self, calls: Sequence[OrderCall], ref: OrderRef
    ) -> Iterator[tuple[OrderCall, dict[str, object]]]:
        """Yield each call whose identities are known, by each id, the newest first."""
        ours: dict[str, object] = {
            "client_order_id": ref.client_order_id or None,
            "symbol": self.translation.symbols.code_of(ref.instrument.id),
        }
        for call in calls:
            holes = holes_of(call.path, call.query, call.body)
            if "client_order_id" in holes and not ref.client_order_id:
                continue
            if _BY_ID not in holes:
                yield call, ours
                continue
            for venue_order_id in reversed(ref.venue_order_ids):
                yield call, {**ours, _BY_ID: str(venue_order_id)}

    def addressed(
        self, what: str, calls: Sequence[OrderCall], ref: OrderRef
    ) -> tuple[OrderCall, dict[str, object]]:
        """Return the first call that can name an order. Raises NotSent."""
        for call, values in self.alternatives(calls, ref):
            return call, values
        raise NotSent(f"{what}: the broker names orders by an id that is not known yet")

    async def find_order(self, ref: OrderRef) -> OrderReport | None:
        asked = False
        doubts: list[str] = []
        await self.know_symbols()
        for call, values in self.alternatives(self.calls.order_lookup, ref):
            asked = True
            found = await self._found(call, values, ref, doubts)
            if found is not None:
                return found
        if not asked:
            raise Unreachable("the broker looks orders up by an id that is not known")
        if doubts:
            raise Unreachable(doubts[0])
        return None

    async def _found(
        self,
        call: OrderCall,
        values: Mapping[str, object],
        ref: OrderRef,
        doubts: list[str],
    ) -> OrderReport | None:
        try:
            reply = await self.exchange.read(call, values)
        except Rejected as refusal:
            if self.exchange.is_unknown_order(refusal):
                return None
            raise
        received_ns = self.clock.time_ns()
        found = find(reply, call.rows)
        if not isinstance(found, list):
            return self.translation.order(found, call.fields, received_ns)
        reports = [
            self.translation.order(row, call.fields, received_ns)
            for row in rows_of(call, reply)
        ]
        meant = [it for it in reports if _is_meant(it, ref)]
        if not meant and 0 < call.page_size <= len(found):
            doubts.append(f"{call.path}: a full list says nothing of what it leaves out")
        return max(meant, key=lambda it: it.venue_time_ns, default=None)

    async def change(
        self,
        call: OrderCall,
        values: Mapping[str, object],
        deadline_ns: int,
        ref: OrderRef,
    ) -> OrderReport:
        """Send a write once and return what became of the order, or that it is in doubt."""
        has_answer = call.answer == "order"
        reply = await self.exchange.write(call, values, deadline_ns, has_answer=has_answer)
        problem = "accepted, but the order cannot be found"
        try:
            if has_answer:
                row = find(reply, call.rows)
                row = row[0] if isinstance(row, list) and row else row
                return self.translation.order(row, call.fields, self.clock.time_ns())
            found = await self.find_order(ref)
            if found is not None:
                return found
        except AdapterError as error:
            problem = error.message
        raise OutcomeUnknown(f"{call.method} {call.path}: {problem}", hint="reconcile")


def _is_meant(report: OrderReport, ref: OrderRef) -> bool:
    ours = report.client_order_id
    return report.venue_order_id in ref.venue_order_ids or (
        ours != "" and ours == ref.client_order_id
    )
