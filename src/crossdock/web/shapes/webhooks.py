"""Signals that come in by webhook, and the tokens they come by."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crossdock.web.shapes._shape import Amount, Asked, Name, Size, Told


class NewWebhook(Asked):
    """A way in for signals. What is set here, no alert can change."""

    name: str = Field(min_length=1, max_length=64)
    strategy: Name = Field("webhook", description="Whom orders and profit belong to.")
    portfolio: str = Field("main", min_length=1, max_length=64)
    account: str = Field("", description="Without it, the router chooses.")
    symbols: list[str] = Field([], max_length=200, description="Empty: any.")
    most_quantity: Size | None = Field(
        None, description="Of one order; left out, the desk's limits alone bound it."
    )
    horizon_s: float = Field(3600, gt=0, le=31_536_000)
    window_s: float = Field(
        60,
        ge=1,
        le=86_400,
        description="The same alert without an id, within this time, is a repetition.",
    )


class Webhook(NewWebhook):
    most_quantity: Amount | None = Field(None, description="Of one order.")
    id: str
    user: str
    created_ns: int
    last_used_ns: int | None = None


class NewWebhookTold(Told):
    """The path to post to holds the token: it is shown here and never again."""

    webhook: Webhook
    path: str


class SignalTaken(Told):
    """What became of an alert. `repeated`: it was known, and nothing was done again.

    `closing`: an exit goes on, and no order of it is out yet.
    """

    outcome: Literal["ordered", "closing", "nothing-to-do", "refused", "needs-approval"]
    words: str = ""
    correlation: str
    order_ids: list[str] = []
    reasons: list[list[str]] = []
    order: dict[str, Any] | None = None
    repeated: bool = False
