"""Accounts at venues: those connected, those that could be, and how to."""

from __future__ import annotations

from typing import Any, Literal

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


class Quota(Told):
    """What a host lets us call: `used_pct` of `limit` in `per_s` seconds."""

    scope: str = ""
    per_s: float | None = None
    limit: float | None = None
    ours: float | None = None
    foreign: float | None = None
    used_pct: float | None = None


class Month(Told):
    month: str
    calls: int = 0
    success_pct: float | None = None
    errors: dict[str, int] = {}
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class Integration(Told):
    """How calls to one host fared for one account: since the start, and a month's sums."""

    account: str
    host: str
    calls: int = 0
    success_pct: float | None = None
    errors: dict[str, int] = {}
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    quotas: list[Quota] = []
    month: Month | None = None


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
    compared_at: int = 0
    foreign_orders: int = 0
    key: dict[str, Any] | str | None = None
    broker: dict[str, Any] | None = None
    steps: dict[str, str] = {}
    streams: dict[str, Stream] = {}
    usage: list[Integration] = []


class Accounts(Told):
    """Those that trade, and those for data."""

    accounts: list[Account] = []
    data_accounts: list[Account] = []


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
    since: str = ""
    successor: str = ""
    why: str = ""
    advice: str = ""
    aliases: list[str] = []
    asset_classes: list[str] = []
    tier: str | None = None
    adapters: list[str] = []
    fees: str | None = None
    facts: list[dict[str, Any]] = []
    capabilities: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None


class Connection(Asked):
    """An account to test or connect: the adapter's own settings, secrets among them."""

    name: Name
    adapter: str = Field(
        "", description="Empty: an account that was disconnected comes back as it was."
    )
    venue: str = ""
    settings: dict[str, str] = Field({}, repr=False)
    symbols: list[str] = []
    foreign: Literal["", "observe", "adopt", "halt"] = ""
    use: Literal["", "trade", "data"] = ""
    market: str = Field("", description="For a paper account: whose prices it trades at.")
    confirm: str = Field(
        "", description="Words that let it move real money, once asked for."
    )


class BrokerConnection(Asked):
    broker_name: str = Field(min_length=1)
    credentials: dict[str, str] = Field({}, repr=False)
    account: Name | Literal[""] = Field(
        "", description="Its name here; the broker's own without one."
    )
    confirm: str = Field(
        "", description="Words that let it move real money, once asked for."
    )


class Connected(Told):
    account: str
    standing: str
    reason: str = ""
    hint: str = ""
    steps: dict[str, str] = {}
    balances: list[dict[str, str]] = Field([], description="What a test saw.")
    kept: bool = Field(False, description="It is there again after the next start.")


class Disconnected(Told):
    """What stays at the venue, and whether the settings bring the account back."""

    account: str
    open_orders: int
    doubts: int
    comes_back: bool


class Resumed(Told):
    account: str
    halted: str = ""
    killed: str = ""
