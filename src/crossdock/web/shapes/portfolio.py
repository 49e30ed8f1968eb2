"""What is held, what it is worth, and what was made of it."""

from __future__ import annotations

from crossdock.web.shapes._shape import Told


class Position(Told):
    """A balance (`asset`, `total`) or a position (`instrument`, `quantity`).

    Profit is in `currency`, by the contract's own size and kind. `unvalued` says why
    `unrealized_pnl` is null.
    """

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
    unvalued: str = ""
    currency: str | None = None


class Exposure(Told):
    """What is at work at today's prices; by symbol it is signed."""

    gross: str
    net: str
    by_symbol: dict[str, str] = {}
    unpriced: list[str] = []


class Worth(Told):
    """One account; null where a price is missing. `day_since_ns`: `day_pnl` begins there."""

    account: str
    live: bool
    equity: str | None = None
    day_pnl: str | None = None
    day_since_ns: int | None = None


class Portfolio(Told):
    """What one strategy made in one portfolio."""

    portfolio: str
    strategy: str
    pnl: str
    realized: str
    unrealized: str
    fees: str
    currency: str


class Holdings(Told):
    """The whole desk in its currency. `missing`: what has no price or rate yet.

    `declared`: every portfolio of the settings, whether or not anything is in it.
    """

    currency: str
    equity: str | None = None
    pnl: str | None = None
    day_pnl: str | None = None
    drawdown: float | None = None
    exposure: Exposure
    missing: list[str] = []
    accounts: list[Worth] = []
    declared: list[str] = []
    portfolios: list[Portfolio] = []


class EquityCurve(Told):
    """Points as [seconds, equity, pnl, drawdown, gross exposure]."""

    currency: str
    portfolio: str = ""
    strategy: str = ""
    points: list[list[float | None]]
