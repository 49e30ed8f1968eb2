"""Strategies that run, and what can be started."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told


class Parameter(Told):
    name: str
    type: str = "text"
    default: Any = None
    help: str = ""


class StrategyKind(Told):
    """A strategy that can be started by name."""

    name: str
    target: str = ""
    source: str = ""
    words: str = ""
    timeframe: str = ""
    parameters: list[Parameter] = []
    problem: str = ""


class LogLine(Told):
    at: int
    level: str
    words: str


class Strategy(Told):
    name: str
    kind: str
    portfolio: str
    symbols: list[str] = []
    accounts: list[str] = []
    state: Literal["running", "paused", "stopped", "failed"]
    failed: str = ""
    params: dict[str, Any] = {}
    params_schema: list[Parameter] = []
    pnl: str | None = None
    day_pnl: str | None = None
    trades: int = 0
    win_rate: float | None = None
    positions: list[dict[str, Any]] = []
    orders: int = 0
    log: list[LogLine] = []
    equity: list[tuple[float, float | None]] = []


class StartTrading(Asked):
    """Begin to trade. `use_ml` asks for the strategy's model, where it has one."""

    strategy: str = Field(min_length=1)
    symbols: list[str] = Field(min_length=1)
    brokers: list[str] = []
    use_ml: bool = False
    params: dict[str, Any] = {}


class StopTrading(Asked):
    strategy: str = Field("", description="Without it, every strategy is stopped.")


class Params(Asked):
    params: dict[str, Any]
