"""Backtests, stored series, and the journal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from crossdock.web.shapes._shape import Asked, Told, Written, amount_schema, exact_text

State = Literal["queued", "running", "done", "failed", "cancelled"]
Param = str | int | float | bool | None
Symbol = Annotated[
    str,
    Field(min_length=3, max_length=64, examples=["BTC/USDT@binance"]),
    Written("@", "a symbol with its venue, like BTC/USDT@binance, 64 characters at most"),
]
Timeframe = Annotated[
    str,
    Written(r"^[1-9]\d{0,3}[smhdw]$", "a number of s, m, h, d or w, like 1m or 4h"),
    Field(examples=["1m"]),
]
Time = Annotated[
    str, Field(max_length=40, examples=["2024-01-01"], description="ISO 8601; UTC.")
]
_POSITIVE = r"^\d{1,18}(\.\d{1,18})?$"
Positive = Annotated[
    str,
    Written(_POSITIVE, 'a plain decimal number, 0 or more, like "0.001" or 0.001'),
    BeforeValidator(exact_text),
    amount_schema(_POSITIVE, "validation"),
    amount_schema(_POSITIVE, "serialization"),
]


class BacktestOrder(Asked):
    """A backtest to run: a strategy on a stored series, over all of it or a part."""

    strategy: str = Field(
        min_length=1, max_length=128, description="One that /strategies/kinds lists."
    )
    symbol: Symbol
    timeframe: Timeframe = "1m"
    start: Time | None = None
    end: Time | None = None
    params: dict[str, Param] = Field({}, max_length=50)
    capital: Positive = "10000"
    fee: Positive | None = Field(
        None, description="Rate of maker and taker, as 0.001; 0.001 without it."
    )
    slippage_bps: Positive = "0"
    latency_ms: int = Field(0, ge=0, le=60_000)


class Backtest(Told):
    """A backtest as it stands. `figures` are there once it is done."""

    id: str
    strategy: str
    symbol: str
    timeframe: str
    params: dict[str, Any] = {}
    capital: str = ""
    start_ns: int | None = None
    end_ns: int | None = None
    state: State
    progress: float = 0.0
    words: str = ""
    error: str = ""
    by: str = ""
    created_ns: int
    started_ns: int | None = None
    ended_ns: int | None = None
    figures: dict[str, Any] = {}


class Trade(Told):
    """A round trip. Prices and money as floats, to draw and to sort."""

    entry_time: int
    exit_time: int | None = None
    instrument: str
    side: str
    quantity: float
    entry_price: float
    exit_price: float | None = None
    gross_pnl: float
    fees: float
    pnl: float
    fills: int


class BacktestResult(Backtest):
    """With its curve as [seconds, equity], its trades, and profit by day (YYYY-MM-DD)."""

    equity: list[list[float]] = []
    drawdown: list[list[float]] = []
    trades: list[Trade] = []
    days: dict[str, float] = {}
    notes: list[str] = Field([], description="What was taken for granted in the data.")
    refused: list[str] = Field([], description="Why orders were refused, the first ones.")


class Difference(Told):
    """What runs differ in, or a figure of theirs; `values` in the order of the runs."""

    what: str
    name: str
    values: list[Any]
    differs: bool


class Comparison(Told):
    runs: list[BacktestResult]
    rows: list[Difference]


class Series(Told):
    """One stored series. `gaps` are spans without data while its market was open, as
    [start, end] nanoseconds, the newest of `gap_count`; `age_s` is what is missing till now.
    """

    name: str
    instrument: str
    timeframe: str = ""
    kind: str = "bars"
    first_ns: int | None = None
    last_ns: int | None = None
    age_s: float | None = None
    rows: int = 0
    gap_count: int = 0
    gaps: list[list[int]] = []
    closures: int = Field(0, description="Stretches its market was closed.")
    problems: list[str] = []
    source: str = ""


class Download(Asked):
    """A venue's own history to fetch into the store. Repeated, it goes on."""

    symbol: Symbol
    timeframe: Timeframe = "1m"
    since: Time
    until: Time | None = None


class Job(Told):
    """Work that outlasts a request."""

    id: str
    kind: Literal["backtest", "download"]
    asked: dict[str, Any] = {}
    by: str = ""
    state: State
    progress: float = 0.0
    words: str = ""
    created_ns: int
    started_ns: int | None = None
    ended_ns: int | None = None
    figures: dict[str, Any] = {}


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


class Step(Told):
    """A fill or event that made a position, and what its account's position was after it."""

    sequence: int
    at: int
    kind: Literal["fill", "event", "baseline"]
    words: str = ""
    account: str
    instrument: str
    change: str
    quantity_after: str
    price: str | None = None
    order_id: str | None = None
    portfolio: str | None = None
    strategy: str | None = None
    correlation: str | None = None
    because: str = ""


class BadPlace(Told):
    code: str
    words: str
    hint: str = ""


class Verified(Told):
    """What a check of the whole journal found; `bad` is the first bad place."""

    whole: bool
    segments: int
    entries: int
    last_sequence: int
    tail_bytes: int
    damaged_head_slots: int
    bad: BadPlace | None = None


class Setting(Told):
    """A setting that holds, secrets masked, and where it came from."""

    key: str
    value: str
    origin: str
