"""Backtests, stored series, and the journal."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told


class BacktestOrder(Asked):
    """A backtest to run: a strategy on a stored series, or on a venue's history."""

    strategy: str = Field(min_length=1)
    symbol: str = Field(min_length=1, examples=["BTC/USDT@binance"])
    timeframe: str = "1m"
    start: str | None = Field(None, examples=["2024-01-01T00:00:00Z"])
    end: str | None = None
    params: dict[str, Any] = {}
    capital: str = "10000"


class Backtest(Told):
    id: str
    strategy: str
    symbol: str
    timeframe: str
    params: dict[str, Any] = {}
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float = 0.0
    error: str = ""
    started_ns: int | None = None
    ended_ns: int | None = None
    figures: dict[str, Any] = {}


class BacktestResult(Backtest):
    """With its curve as [seconds, equity], its trades, and profit by day (YYYY-MM-DD)."""

    equity: list[tuple[float, float]] = []
    drawdown: list[tuple[float, float]] = []
    trades: list[dict[str, Any]] = []
    days: dict[str, float] = {}


class Series(Told):
    """One stored series. `gaps` are spans without data, as [start, end] nanoseconds."""

    name: str
    instrument: str
    timeframe: str = ""
    kind: str = "bars"
    first_ns: int | None = None
    last_ns: int | None = None
    rows: int = 0
    gaps: list[tuple[int, int]] = []
    megabytes: float | None = None


class Download(Asked):
    symbol: str = Field(min_length=1, examples=["BTC/USDT@binance"])
    timeframe: str = "1m"
    since: str
    until: str | None = None


class Job(Told):
    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float = 0.0
    words: str = ""


class JournalEntry(Told):
    sequence: int
    at: int
    kind: str
    words: str = ""
    order_id: str | None = None
    correlation: str | None = None
    account: str | None = None
    record: dict[str, Any] = {}


class JournalPage(Told):
    """Newest first; `before` of the next page, null at the end."""

    entries: list[JournalEntry]
    before: int | None = None
