"""Limits and how much of them is used; switches and flags."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told


class LimitUse(Told):
    name: str
    scope: str = ""
    value: str | None = None
    used: str | None = None
    unit: str = ""
    breached: bool = False
    help: str = ""
    overridden_by: str | None = None


class Risk(Told):
    limits: list[LimitUse] = []
    exposure: dict[str, Any] = {}
    day_pnl: str | None = None
    drawdown: str | None = None
    currency: str | None = None
    killed: str | bool = False
    accounts: list[dict[str, Any]] = []


class LimitChange(Asked):
    name: str
    value: str | None = Field(None, description="null takes the override back.")
    scope: str = ""
    reason: str = Field(min_length=3)


class Kill(Asked):
    """Cancel everything of ours and refuse what is new. `confirm` is the word KILL."""

    confirm: Literal["KILL"]
    reason: str = ""
    flatten: bool = False
    account: str = ""


class Release(Asked):
    account: str = ""


class Flag(Told):
    name: str
    value: bool | str | None = None
    help: str = ""
    by: str | None = None
    at: int | None = None


class FlagChange(Asked):
    value: bool | str | None
