"""A scripted market for the conformance suite: see crossdock.conformance.bench."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from decimal import Decimal
from itertools import count
from typing import Any

from crossdock.model import (
    Asset,
    BookChange,
    ClientOrderId,
    ContractKind,
    Instrument,
    InstrumentId,
    Level,
    OrderReport,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import Manifest, MarketSink, OrderRef

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "kept": {"keep_state": "yes"},
    "forgotten": {"keep_state": "no"},
    "delayed": {"latency_ms": "2"},
}

_SYMBOL = "TRY/USDT"
_QUANTITY = Decimal("0.02")
_TICK = Decimal("0.01")
_BEST = {Side.BUY: Decimal(9999), Side.SELL: Decimal(10001)}
_DEPTH = "5"
_TIME_NS = 1_700_000_000_000_000_000
_ACCOUNT = {"balances": "100000 USDT, 100 TRY", "queue": "last"}
_names = count(1)


class ScriptedMarket:
    """A `MarketSource` of one spot instrument, deep at its best prices, that stands still."""

    def __init__(self, venue: str) -> None:
        self.instrument = Instrument(
            id=instrument_id(_SYMBOL, venue),
            venue_key="TRYUSDT",
            kind=ContractKind.SPOT,
            base=Asset("TRY"),
            quote=Asset("USDT"),
            settle=Asset("USDT"),
            tick_table=(TickBand(floor=Decimal(0), tick=_TICK),),
            quantity_step=Decimal("0.0001"),
            min_quantity=Decimal("0.0001"),
            max_quantity=Decimal(1000),
            min_notional=Decimal(5),
            maker_fee_rate=Decimal("0.0002"),
            taker_fee_rate=Decimal("0.0005"),
        )
        self._sinks: list[MarketSink] = []
        self._sequence = count(1)

    async def instruments(self) -> Sequence[Instrument]:
        return [self.instrument]

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        self._sinks.append(sink)
        try:
            self._show(sink)
            await asyncio.Event().wait()
        finally:
            self._sinks.remove(sink)

    def _show(self, sink: MarketSink) -> None:
        """Tell the whole book, and the quote it makes."""
        bid, ask = _BEST[Side.BUY], _BEST[Side.SELL]
        number = next(self._sequence)
        bids: list[Level] = [(str(bid), _DEPTH)]
        asks: list[Level] = [(str(ask), _DEPTH)]
        at = (_TIME_NS, _TIME_NS)
        sink.book(BookChange(self.instrument.id, True, bids, asks, number, number, *at))
        depth = float(_DEPTH)
        quote = Quote(self.instrument.id, float(bid), depth, float(ask), depth, *at)
        sink.quotes((quote,))

    def trade(self, side: Side, price: Decimal, quantity: Decimal) -> None:
        """Tell of a public trade; the side is the taker's."""
        number = str(next(self._sequence))
        at = (_TIME_NS, _TIME_NS)
        trade = Trade(self.instrument.id, number, price, quantity, side, *at)
        for sink in tuple(self._sinks):
            sink.trades((trade,))

    def lose_place(self) -> None:
        """Lose a change of the book, and begin it again."""
        for sink in tuple(self._sinks):
            sink.market_gap((self.instrument.id,), "a change of the book did not come")
            self._show(sink)


class _Deaf:
    """A `MarketSink` for nobody."""

    def quotes(self, batch: Sequence[Quote]) -> None: ...
    def trades(self, batch: Sequence[Trade]) -> None: ...
    def book(self, change: BookChange) -> None: ...
    def bars(self, batch: object) -> None: ...
    def market_gap(self, instruments: Sequence[InstrumentId], reason: str) -> None: ...


class PaperBench:
    """A fresh market. The truth about orders is the adapter's own: it is its own venue."""

    symbol = _SYMBOL
    quantity = _QUANTITY

    def __init__(self) -> None:
        self.venue = f"script{next(_names)}"
        self.market = ScriptedMarket(self.venue)
        self._adapter: Any = None

    @property
    def address(self) -> tuple[str, int]:
        raise LookupError("it is in this process, and listens nowhere")

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        return _ACCOUNT

    @asynccontextmanager
    async def opened(self, adapter: Any) -> AsyncIterator[None]:
        self._adapter = adapter
        watching = asyncio.create_task(
            adapter.watch_market([self.market.instrument.id], _Deaf())
        )
        await asyncio.sleep(0)
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def resting_price(self, side: Side) -> Decimal:
        return _BEST[side] + side.sign * 50 * _TICK

    async def crossing_price(self, side: Side) -> Decimal:
        return _BEST[side.opposite]

    async def stop_price(self, side: Side) -> Decimal:
        return _BEST[side.opposite] * (1 + side.sign * Decimal("0.05")) // _TICK * _TICK

    async def fill(self, client_order_id: str, quantity: Decimal) -> None:
        report = await self._report(client_order_id)
        assert report is not None
        assert report.limit_price is not None
        self.market.trade(report.side.opposite, report.limit_price, quantity)

    async def orders(self, client_order_id: str) -> Sequence[Mapping[str, str]]:
        report = await self._report(client_order_id)
        if report is None:
            return ()
        fields = ("quantity", "cumulative_quantity", "limit_price", "status")
        return [{name: str(getattr(report, name)) for name in fields}]

    async def executions(self) -> Sequence[str]:
        page = await self._adapter.fills_after("")
        return [fill.execution_id for fill in page.fills]

    async def arm(self, trouble: str) -> bool:
        if trouble != "market_gap":
            return False
        self.market.lose_place()
        return True

    async def _report(self, client_order_id: str) -> OrderReport | None:
        ref = OrderRef(
            instrument=self.market.instrument,
            client_order_id=ClientOrderId(client_order_id),
        )
        found: OrderReport | None = await self._adapter.order(ref)
        return found


class PaperPeer:
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[PaperBench]:
        yield PaperBench()


@contextmanager
def peer(manifest: Manifest) -> Iterator[PaperPeer]:  # noqa: ARG001 - of a family
    yield PaperPeer()
