"""Limits and how much of them is used; switches and flags."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told
from crossdock.web.shapes.portfolio import Exposure


class LimitUse(Told):
    """A limit in one scope. `by` is "settings", or who set it in the running desk."""

    name: str
    scope: str = "desk"
    value: str | None = None
    used: str | None = None
    unit: str = ""
    breached: bool = False
    help: str = ""
    by: str = "settings"
    reason: str = ""
    at: int | None = None


class AccountRisk(Told):
    account: str
    live: bool
    equity: str | None = None
    day_start_equity: str | None = None
    day_pnl: str | None = None
    gross_exposure: str | None = None
    open_orders: int = 0
    halted: str = ""
    killed: str = ""
    quarantine: str = ""


class Risk(Told):
    """`drawdown` is a share of the highest equity; `killed` says why, empty if not."""

    currency: str
    limits: list[LimitUse] = []
    exposure: Exposure
    day_pnl: str | None = None
    drawdown: float | None = None
    killed: str = ""
    accounts: list[AccountRisk] = []


class LimitChange(Asked):
    name: str = Field(min_length=1, max_length=64)
    value: str | None = Field(
        None,
        max_length=1000,
        pattern=r"\S",
        description="As in the settings, `none` for no limit; null takes it back.",
    )
    scope: str = Field(
        "desk",
        max_length=128,
        examples=["account:alpha"],
        description="desk, account:N, portfolio:N, strategy:N or symbol:PATTERN.",
    )
    reason: str = Field(min_length=3, max_length=1000)
    confirm: str = Field(
        "",
        max_length=1000,
        description="The value once more, where the desk answers `limit-far`.",
    )


class Kill(Asked):
    """Cancel everything of ours and refuse what is new. `confirm` is the word KILL."""

    confirm: Literal["KILL"]
    reason: str = Field("", max_length=1000)
    flatten: bool = False
    account: str = ""


class Release(Asked):
    account: str = ""


class Flag(Told):
    name: str
    value: bool | str | None = None
    help: str = ""


class FlagChange(Asked):
    value: bool | str | None


class Killed(Told):
    """What the kill switch did; `left` and `positions` say what it left at the venues."""

    cancels_sent: int = 0
    flatten_orders: int = 0
    left: list[str] = []
    open_orders: int = 0
    doubts_open: int = 0
    positions: list[str] = []


class Released(Told):
    killed: str = ""
    accounts_killed: dict[str, str] = {}
