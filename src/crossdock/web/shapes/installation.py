"""The desk as a whole, the machine it runs on, and who is told what."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from crossdock.web.shapes._shape import Asked, Told
from crossdock.web.shapes.orders import Fill


class DeskJournal(Told):
    path: str
    durability: str | None = None
    writable: bool | None = None
    unwritten: int | None = None


class Alarm(Told):
    at: int
    code: str
    words: str


class Held(Told):
    instrument: str
    quantity: str


class LeftBehind(Told):
    """An account that is not connected, with what it has at its venue as last heard."""

    account: str
    open_orders: int
    doubts: int
    positions: list[Held]


class DeskStatus(Told):
    """The desk without its accounts and strategies, which have routes of their own.

    Null is what only a running desk knows.
    """

    desk: str
    mode: str
    session: str | None = None
    uptime_s: float | None = None
    killed: str = ""
    journal: DeskJournal | None = None
    on_exit: str | None = None
    left_behind: list[LeftBehind] = []
    orders: int | None = None
    open_orders: int | None = None
    fills: int | None = None
    accepted: int | None = None
    rejected: int | None = None
    failed: int | None = None
    refused: int | None = None
    doubts_open: int | None = None
    movements_in_doubt: int | None = None
    unexplained_positions: int | None = None
    pnl: str | None = None
    pnl_missing_rates: list[str] = []
    currency: str | None = None
    loop_lag_ms: float | None = None
    alarms: list[Alarm] = []


class Stop(Asked):
    """End the desk. `confirm` is the word STOP: only at its machine can it be started."""

    confirm: Literal["STOP"]
    on_exit: Literal["keep", "cancel", "flatten"] | None = Field(
        None, description="What becomes of open orders; null: as in the settings."
    )


class Stopping(Told):
    stopping: bool


class Finding(Told):
    """One thing looked at. `advice` says what to do, empty when nothing."""

    about: str
    verdict: Literal["ok", "note", "bad"]
    words: str
    advice: str = ""


class Receiver(Told):
    """Who is told what. `quiet`: the hours in which only what is urgent is sent."""

    name: str
    adapter: str
    enabled: bool
    on: list[str] = []
    level: str
    quiet: str = ""


class Message(Told):
    """A message: sent, waiting, refused or too old, and why."""

    id: str
    receiver: str
    at: int
    title: str
    state: str
    tries: int
    words: str = ""


class MessageTried(Told):
    """A test message that its receiver took."""

    receiver: str
    id: str


class VenueExport(Asked):
    """A file of executions, as a venue gives it to its customers."""

    venue: str = Field(min_length=1, max_length=64, description="By any of its names.")
    csv: str = Field(min_length=1, description="The file's text, up to 4 MB.")
    account: str = Field("statement", min_length=1, max_length=64)
    timezone: str = Field("", max_length=64, description="Of times without one.")


class Statement(Told):
    """What a venue's export says. `left_out`: rows that are no executions, by what."""

    venue: str
    what: str
    fills: list[Fill]
    left_out: dict[str, int] = {}
    duplicates: int
    notes: list[str] = []
