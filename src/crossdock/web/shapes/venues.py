"""Accounts at venues: those connected, those that could be, and how to."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Name, Told


class Stream(Told):
    state: str
    words: str = ""
    message_age_s: float | None = None
    order_event_age_s: float | None = None
    heartbeat_age_s: float | None = None
    skew_s: float | None = None
    latency_ms: float | None = None
    reconnects: int = 0
    gaps: int = 0


class Account(Told):
    """One account, each step of its session, and each of its streams."""

    account: str
    venue: str
    adapter: str
    mode: str = "data"
    tier: str = ""
    standing: str
    reason: str = ""
    halted: str = ""
    killed: bool | str = False
    audits: int = 0
    foreign_orders: int = 0
    key: dict[str, Any] | str | None = None
    broker: dict[str, Any] | None = None
    steps: dict[str, str] = {}
    streams: dict[str, Stream] = {}
    usage: list[dict[str, Any]] = []


class AdapterSetting(Told):
    """One field of the form that connects an account."""

    name: str
    help: str
    required: bool
    secret: bool
    default: str | None = None
    choices: list[str] = []


class Adapter(Told):
    id: str
    name: str
    tier: str
    real_money: bool
    docs: str = ""
    keys_url: str = ""
    keys_help: str = ""
    can: list[str] = []
    order_types: list[str] = []
    oddities: list[str] = []
    settings: list[AdapterSetting] = []


class CatalogueEntry(Told):
    """A venue, open or closed. Of a closed one `error` says since when, and what instead."""

    id: str
    name: str
    kind: str
    status: str
    tier: str | None = None
    adapters: list[str] = []
    fees: str | None = None
    facts: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None


class Connection(Asked):
    """An account to test or connect: the adapter's own settings, secrets among them."""

    name: Name
    adapter: str = Field(min_length=1)
    venue: str = ""
    settings: dict[str, str] = Field({}, repr=False)
    symbols: list[str] = []
    foreign: str = "observe"
    confirm: str = Field(
        "", description="Words that let it move real money, once asked for."
    )


class BrokerConnection(Asked):
    broker_name: str = Field(min_length=1)
    credentials: dict[str, str] = Field({}, repr=False)
    account: str = Field("", description="Its name here; the broker's own without one.")


class Connected(Told):
    account: str
    standing: str
    reason: str = ""
    steps: dict[str, str] = {}
    saw: dict[str, Any] = {}
