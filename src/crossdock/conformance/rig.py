"""An adapter set up for questions: its peer, the proxy between, and our side's clock."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from crossdock.app.registry import Registry
from crossdock.conformance.bench import Bench, ForgetfulBench, MarketBench, Trouble
from crossdock.conformance.proxy import Proxy
from crossdock.conformance.subjects import Subject
from crossdock.errors import Error
from crossdock.model import (
    LIMITED,
    TRIGGERED,
    AccountId,
    ClientOrderId,
    Instrument,
    OrderReport,
    OrderType,
    Side,
    TimeInForce,
    VenueOrderId,
    instrument_id,
)
from crossdock.ports import (
    Can,
    CancelOrder,
    IdCodec,
    Manifest,
    NewOrder,
    OrderRef,
    ReplaceOrder,
)
from crossdock.toolkit import (
    AdapterContext,
    HealthRegistry,
    HttpPool,
    LiveClock,
    LiveIds,
    Masker,
    RateBudgets,
    Secret,
    read_settings,
)

ACCOUNT = AccountId("conformance")
PATIENT_S = 20.0  # for what should come at once
_TRAIL_PCT = Decimal(5)
SILENCE_S = 0.5  # a deadline meant to pass
_HURRY = 20

T = TypeVar("T")


class MemoryState:
    """What an adapter keeps over restarts, here until the question is answered."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def save(self, key: str, value: bytes) -> None:
        self._kept[key] = value


@dataclass(slots=True)
class Rig:
    """One adapter under question."""

    manifest: Manifest
    adapter: Any
    context: AdapterContext
    bench: Bench
    wire: Proxy | None
    instrument: Instrument
    secrets: tuple[str, ...] = field(repr=False)
    errors: list[BaseException] = field(default_factory=list)

    @property
    def proxy(self) -> Proxy:
        """What the adapter reaches its peer through; without one, skip the question."""
        if self.wire is None:
            pytest.skip(f"{self.manifest.id} has no wire that could break")
        return self.wire

    @property
    def forgetful(self) -> ForgetfulBench:
        """What can end other orders; without it, skip the question."""
        if not isinstance(self.bench, ForgetfulBench):
            pytest.skip(f"the peer of {self.manifest.id} ends no orders by itself")
        return self.bench

    def needs(self, *abilities: Can) -> None:
        """Skip the question for an adapter that does not declare these."""
        for ability in abilities:
            if ability not in self.manifest.can:
                pytest.skip(f"{self.manifest.id} does not declare {ability}")

    async def trouble(self, trouble: Trouble) -> None:
        """Make trouble, or skip the question where the peer cannot."""
        if not await self.bench.arm(trouble.value):
            pytest.skip(f"the peer of {self.manifest.id} cannot make {trouble}")

    def deadline(self, seconds: float = PATIENT_S) -> int:
        return self.context.clock.monotonic_ns() + round(seconds * 1e9)

    def client_id(self) -> ClientOrderId:
        """Return a new client order id in the codec that the adapter declares."""
        evidence = self.manifest.evidence
        assert evidence is not None
        token = uuid4()
        match evidence.client_id:
            case IdCodec.TEXT:
                text = f"cd-{token.hex}"[: evidence.client_id_length]
            case IdCodec.UUID:
                text = str(token)
            case IdCodec.UINT32:
                text = str(token.int % 2**32)
            case IdCodec.HEX128:
                text = f"0x{token.hex}"
            case IdCodec.NONE:
                text = ""
        return ClientOrderId(text)

    async def new_order(
        self,
        *,
        side: Side = Side.BUY,
        type: OrderType = OrderType.LIMIT,  # noqa: A002 - the noun's own word
        time_in_force: TimeInForce = TimeInForce.GTC,
        crossing: bool = False,
        deadline_s: float = PATIENT_S,
        **more: Any,
    ) -> NewOrder:
        """Make an order that rests, or crosses the book."""
        bench = self.bench
        limit_price = stop_price = expires_ns = None
        if type in TRIGGERED:
            # What a stop of the other side waits for, an if-touched of this one does.
            touched = type in (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
            stop_price = await bench.stop_price(side.opposite if touched else side)
        if type in LIMITED and type is not OrderType.LIMIT:
            limit_price = stop_price
        if type is OrderType.TRAILING_STOP:
            trail = getattr(bench, "trail", None) or {"trail_percent": _TRAIL_PCT}
            more = {**trail, **more}
        if type is OrderType.LIMIT:
            price_of = bench.crossing_price if crossing else bench.resting_price
            limit_price = await price_of(side)
        if time_in_force is TimeInForce.GTD:
            expires_ns = self.context.clock.time_ns() + 3_600_000_000_000
        fields: dict[str, Any] = {
            "quantity": bench.quantity,
            "limit_price": limit_price,
            "stop_price": stop_price,
            "expire_time_ns": expires_ns,
            "instrument": self.instrument,
            **more,
        }
        return NewOrder(
            client_order_id=self.client_id(),
            side=side,
            type=type,
            time_in_force=time_in_force,
            deadline_ns=self.deadline(deadline_s),
            **fields,
        )

    async def resting(self, side: Side = Side.BUY) -> tuple[NewOrder, OrderReport]:
        """Have an order rest at the peer."""
        order = await self.new_order(side=side)
        return order, await self.adapter.submit(order)

    def ref(self, order: NewOrder, *venue_order_ids: VenueOrderId) -> OrderRef:
        return OrderRef(
            instrument=self.instrument,
            client_order_id=order.client_order_id,
            venue_order_ids=venue_order_ids,
        )

    def cancel_of(
        self, order: NewOrder, report: OrderReport, deadline_s: float = PATIENT_S
    ) -> CancelOrder:
        return CancelOrder(
            ref=self.ref(order, report.venue_order_id),
            deadline_ns=self.deadline(deadline_s),
        )

    def replace_of(
        self,
        order: NewOrder,
        report: OrderReport,
        *,
        quantity: Decimal | None = None,
        deadline_s: float = PATIENT_S,
    ) -> ReplaceOrder:
        """Ask for twice the quantity, or for another one, at the same prices."""
        return ReplaceOrder(
            ref=self.ref(order, report.venue_order_id),
            quantity=quantity or order.quantity * 2,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            deadline_ns=self.deadline(deadline_s),
        )

    async def fails(
        self, call: Callable[[], Awaitable[object]], *kinds: type[BaseException]
    ) -> BaseException:
        """Return the error of a call, one of these kinds, that tells no secret.

        An error may come from the call itself or from what it returns.
        """
        try:
            result = await call()
        except (Error, asyncio.CancelledError) as error:
            self.errors.append(error)
            assert isinstance(error, kinds), f"{type(error).__name__}: {error}"
            self.assert_no_secret("".join(traceback.format_exception(error)))
            self.assert_no_secret(f"{error!r} {error} {vars(error)!r}")
            return error
        pytest.fail(
            f"expected {' or '.join(kind.__name__ for kind in kinds)}, got {result}"
        )

    def assert_no_secret(self, text: str) -> None:
        for secret in self.secrets:
            assert secret not in text, f"a secret is told in: {text.replace(secret, '***')}"


async def soon(awaitable: Awaitable[T]) -> T:
    """Await what should come at once; a venue that never answers fails the question."""
    async with asyncio.timeout(PATIENT_S):
        return await awaitable


def _hurried(manifest: Manifest) -> Manifest:
    """Widen what the adapter declares of its venue's limits: the peer has its own."""
    wide = tuple(
        replace(limit, calls=limit.calls * _HURRY) for limit in manifest.rate_limits
    )
    return replace(manifest, rate_limits=wide)


@asynccontextmanager
async def set_up(subject: Subject, bench: Bench) -> AsyncIterator[Rig]:
    """Open a subject's adapter on a bench, with a proxy between them."""
    manifest, clock, masker = subject.manifest, LiveClock(), Masker()
    market = bench if isinstance(bench, MarketBench) else None
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(HttpPool(connect_s=PATIENT_S))
        wire = None
        writes = tuple(getattr(bench, "writes", ()))
        if market is None:
            wire = await stack.enter_async_context(Proxy(*bench.address, writes=writes))
        address = ("", 0) if wire is None else wire.address
        settings = read_settings(
            manifest,
            {**bench.settings(*address), **subject.settings},
            account=ACCOUNT,
            environ={},
            base_path=Path(),
            masker=masker,
        )
        context = AdapterContext(
            account=ACCOUNT,
            venue=bench.venue,
            manifest=_hurried(manifest),
            settings=settings,
            clock=clock,
            ids=LiveIds(),
            http=pool,
            budgets=RateBudgets(clock),
            health=HealthRegistry(clock),
            state=MemoryState(),
            masker=masker,
            market=None if market is None else market.market,
        )
        secrets = tuple(
            value.reveal()
            for value in settings.values()
            if isinstance(value, Secret) and value.reveal()
        )
        factory = Registry().factory(manifest)
        adapter = await stack.enter_async_context(factory(context))
        if market is not None:
            await stack.enter_async_context(market.opened(adapter))
        wanted = instrument_id(bench.symbol, bench.venue)
        listed = {it.id: it for it in await adapter.instruments()}
        yield Rig(
            manifest=manifest,
            adapter=adapter,
            context=context,
            bench=bench,
            wire=wire,
            instrument=listed[wanted],
            secrets=secrets,
        )
