"""Notifiers made from settings, and the file of what is still to be told."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from crossdock.app.journal_tools import tool
from crossdock.app.nearest import did_you_mean
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.errors import ConfigError
from crossdock.model import AccountId
from crossdock.ports import (
    Alert,
    AlertEvent,
    AlertKind,
    AlertLevel,
    Clock,
    Ids,
    Notifier,
)
from crossdock.toolkit.clock import LiveClock, LiveIds
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets

TEST_S = 20.0
Open = Callable[[str], AbstractAsyncContextManager[Notifier]]
"""Makes the notifier of a receiver, by its name in the settings."""


def outbox_of(settings: Settings) -> Path:
    """Return the file that holds what is still to be told: beside the journal."""
    journal = settings.desk.journal
    return journal.with_name(f"{journal.name}.notify.sqlite")


def opener(
    settings: Settings, registry: Registry, clock: Clock, ids: Ids, pool: HttpPool
) -> Open:
    """Return what opens receivers. Their rate budgets are their own, no account's."""
    budgets, health = RateBudgets(clock), HealthRegistry(clock)
    files = tool("state", registry).StateFiles
    folder = settings.desk.journal.parent / "adapter-state"

    def opened(name: str) -> AbstractAsyncContextManager[Notifier]:
        manifest = settings.notify_manifests[name]
        context = AdapterContext(
            account=AccountId(name),
            venue="",
            manifest=manifest,
            settings=settings.notify[name].options,
            clock=clock,
            ids=ids,
            http=pool,
            budgets=budgets,
            health=health,
            state=files(folder / f"notify-{name}"),
            masker=settings.masker(),
        )
        try:
            made: Any = registry.factory(manifest)(context)
        except ConfigError as error:
            raise ConfigError(
                f"[notify.{name}]: {error.message}", code=error.code, hint=error.hint
            ) from None
        return made  # type: ignore[no-any-return]

    return opened


async def send_test_message(settings: Settings, name: str, by: str) -> Alert:
    """Send one message to a receiver now, past rules and outbox; return what was sent.

    Raises what the notifier raises, and ConfigError for a name that is none.
    """
    if name not in settings.notify:
        raise ConfigError(
            f"there is no [notify.{name}] in the settings",
            code="unknown-receiver",
            hint=did_you_mean(name, settings.notify) or "`crossdock adapters` lists kinds",
        )
    clock = LiveClock()
    now, tag = clock.time_ns(), f"test-{secrets.token_hex(8)}"
    desk, mode = settings.desk.name, str(settings.desk.mode)
    event = AlertEvent(
        id=tag,
        at=now,
        kind=AlertKind.ALARM,
        level=AlertLevel.NOTE,
        title="Test message",
        words=f"{by} asked whether messages arrive",
    )
    alert = Alert(
        id=tag,
        at=now,
        kind=event.kind,
        level=event.level,
        title=f"{mode.upper()} {desk}: {event.title}",
        lines=(event.words,),
        events=(event,),
        desk=desk,
        mode=mode,
    )
    async with HttpPool() as pool:
        opened = opener(settings, Registry(), clock, LiveIds(), pool)
        async with opened(name) as notifier:
            deadline_ns = clock.monotonic_ns() + int(TEST_S * 1e9)
            await notifier.notify(alert, again=False, deadline_ns=deadline_ns)
    return alert
