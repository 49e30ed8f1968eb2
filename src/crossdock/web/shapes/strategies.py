"""Strategies that run, and what can be started."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told


class Parameter(Told):
    name: str
    type: str = "text"
    default: Any = None
    least: Any = None
    most: Any = None
    choices: list[Any] = []
    help: str = ""


class StrategyKind(Told):
    """A strategy that can be started by name."""

    name: str
    source: str = ""
    words: str = ""
    timeframe: str = ""
    params_schema: list[Parameter] = []
    problem: str = ""


class LogLine(Told):
    at: int
    level: str
    words: str


class StrategyPosition(Told):
    account: str
    instrument: str
    quantity: str


class Strategy(Told):
    """`by`: who steered it last. `equity` is its profit over time, [seconds, profit].

    `day_since_ns`: `day_pnl` begins there.
    """

    name: str
    kind: str = ""
    portfolio: str = ""
    symbols: list[str] = []
    accounts: list[str] = []
    state: Literal["running", "paused", "stopped", "failed", "removed"]
    failed: str = ""
    by: str = ""
    params: dict[str, Any] = {}
    params_schema: list[Parameter] = []
    pnl: str | None = None
    day_pnl: str | None = None
    day_since_ns: int | None = None
    currency: str | None = None
    trades: int = 0
    win_rate: float | None = None
    positions: list[StrategyPosition] = []
    orders: int = 0
    log: list[LogLine] = []
    equity: list[list[float | None]] = []


class StartTrading(Asked):
    """Begin to trade. `use_ml` asks for the strategy's model, where it has one."""

    strategy: str = Field(
        min_length=1, max_length=128, description="One of this desk, or a kind."
    )
    symbols: list[str] = Field([], max_length=100)
    brokers: list[str] = Field([], max_length=100, description="Accounts.")
    use_ml: bool = False
    params: dict[str, Any] = {}
    portfolio: str = Field("", max_length=64)


class StopTrading(Asked):
    strategy: str = Field("", description="Without it, every strategy is stopped.")


class Params(Asked):
    params: dict[str, Any]
