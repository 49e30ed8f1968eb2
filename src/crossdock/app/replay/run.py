"""What a replay leaves: its trades, its equity, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.analysis.performance import EquityCurve, Performance
from crossdock.analysis.trades import RoundTrip
from crossdock.model import Asset, Bars, Fill, Instrument, InstrumentId

if TYPE_CHECKING:
    import polars as pl

    from crossdock.app.backtest.keeping import KeptRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One strategy over one stretch of recorded market, through the whole desk.

    `models` names how fills were made: fees, latency, queue, slippage. `journal_sha256`
    is over every record of the journal: equal input gives an equal one.
    """

    strategy: str
    params: Mapping[str, Any]
    source: str  # what was replayed: a path, or what the caller said
    instruments: Mapping[InstrumentId, Instrument]
    currency: Asset
    initial_equity: Decimal
    orders: int
    refused: Sequence[str]  # reasons, one an order that risk or the desk refused
    unfilled: Sequence[str] = ()  # orders the venue rejected or let expire, with reasons
    fills: Sequence[Fill]
    fees: Decimal  # in the currency
    funding: Decimal
    pnl: Decimal  # realised and unrealised, after fees, in the currency
    trades: Sequence[RoundTrip]
    curve: EquityCurve
    performance: Performance
    models: Mapping[str, str]
    events: int
    seconds: float  # of replaying, on this machine
    journal_sha256: str
    alarms: Sequence[str] = ()
    notes: Sequence[str] = ()  # what was taken for granted in reading the data
    defaults: Mapping[str, Any] = field(default_factory=dict)  # parameters nobody set
    bars: Bars | None = field(default=None, repr=False)  # what was replayed, if bars

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0

    def __repr__(self) -> str:
        from crossdock.app.backtest.summary import words_of

        return words_of(self)

    def _repr_html_(self) -> str:
        from crossdock.app.backtest.summary import html_of

        return html_of(self)

    def summary(self) -> dict[str, Any]:
        """Return everything but the series, ready for JSON: money as text."""
        from crossdock.app.backtest.summary import summary_of

        return summary_of(self)

    def fills_frame(self) -> pl.DataFrame:
        """Return the fills as a polars frame; so do `trades_frame` and `equity_frame`."""
        from crossdock.app.backtest.frames import frame_of

        return frame_of(self, "fills")

    def trades_frame(self) -> pl.DataFrame:
        from crossdock.app.backtest.frames import frame_of

        return frame_of(self, "trades")

    def equity_frame(self) -> pl.DataFrame:
        from crossdock.app.backtest.frames import frame_of

        return frame_of(self, "equity")

    def report(self, path: str | Path) -> Path:
        """Write one HTML file with everything about the run; it needs no network."""
        from crossdock.app.backtest.report import write_report

        return write_report(self, path)

    def keep(self, *, report: bool = False) -> KeptRun:
        """Keep it among the user's runs, where `crossdock runs` finds it."""
        from crossdock.app.backtest.keeping import keep_run

        return keep_run(self, report=report)
