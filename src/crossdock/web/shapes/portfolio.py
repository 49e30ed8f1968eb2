"""What is held, what it is worth, and what was made of it."""

from __future__ import annotations

from crossdock.web.shapes._shape import Told


class Position(Told):
    """A balance (`asset`, `total`) or a position (`instrument`, `quantity`)."""

    account: str
    asset: str | None = None
    total: str | None = None
    instrument: str | None = None
    kind: str | None = None
    holding: bool | None = None
    portfolio: str | None = None
    strategy: str | None = None
    quantity: str | None = None
    entry_price: str | None = None
    mark: str | None = None
    realized_pnl: str | None = None
    unrealized_pnl: str | None = None
    currency: str | None = None


class Portfolio(Told):
    name: str
    capital: str | None = None
    currency: str | None = None
    pnl: str | None = None
    exposure: str | None = None


class Holdings(Told):
    """The whole desk in its currency."""

    currency: str
    equity: str | None = None
    pnl: str | None = None
    day_pnl: str | None = None
    exposure: str | None = None
    pnl_missing_rates: list[str] = []
    portfolios: list[Portfolio] = []
    positions: list[Position] = []


class EquityCurve(Told):
    """Points as [seconds, equity, pnl, drawdown, gross exposure]."""

    currency: str
    points: list[tuple[float, float | None, float | None, float | None, float | None]]
