"""Opens a desk: settings in, a running desk with its user's API out."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from crossdock.app.desk import Desk
from crossdock.app.desk.accounts.connections import ConnectBy
from crossdock.app.doors.user import DeskOpening, UserDesk
from crossdock.app.journal_tools import JOURNAL_STORE, tool
from crossdock.app.kernel import Checkpoint, Kernel, pass_by
from crossdock.app.live import Confirmation, confirmed_by_name
from crossdock.app.market_source import with_market
from crossdock.app.notify import Notifying, opener
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings, load_settings
from crossdock.app.user_name import user_name
from crossdock.core.projection import SCHEMA
from crossdock.errors import AdapterError
from crossdock.model import AccountId
from crossdock.ports import (
    AdapterState,
    Clock,
    Durability,
    Ids,
    Journal,
    JournalEntry,
    Projection,
    Strategy,
)
from crossdock.toolkit.clock import LiveClock, LiveIds
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.retry import Backoff

PROJECTION_STORE = "sqlite"


def open_desk(
    source: str | os.PathLike[str] | Settings,
    *,
    overrides: Sequence[str] = (),
    ready_timeout_s: float = 15.0,
    yes_live: Sequence[str] = (),
) -> DeskOpening:
    """Open a desk for a script or a notebook, and close it as its settings say.

    For `async with`, or for `with` where no event loop is at hand: then the desk lives in
    a thread of its own and its methods wait instead of being awaited.

    `source` is a settings file, settings already loaded, or "demo": three sandbox venues
    in a process of their own, gone when the desk is closed. `overrides` are
    `section.key=value`. `yes_live` names the accounts that may trade real money, the first
    time they do: it stands for the words a person types. Entering raises ConfigError, JournalError (the journal is in use),
    or AdapterError when an account is not ready in time.
    """
    return DeskOpening(lambda: _user_desk(source, overrides, ready_timeout_s, yes_live))


@asynccontextmanager
async def _user_desk(
    source: str | os.PathLike[str] | Settings,
    overrides: Sequence[str],
    ready_timeout_s: float,
    yes_live: Sequence[str],
) -> AsyncIterator[UserDesk]:
    async with AsyncExitStack() as stack:
        if source == "demo":
            from crossdock.app.demo import DemoVenues

            venues = await stack.enter_async_context(DemoVenues())
            source = venues.settings(strategies=False)
        settings = (
            source
            if isinstance(source, Settings)
            else load_settings(Path(source), overrides=overrides)
        )
        confirmations = confirmed_by_name(settings, yes_live, user_name())
        desk = await stack.enter_async_context(
            build_desk(settings, confirmations=confirmations)
        )
        away = await desk.ready(ready_timeout_s)
        if away:
            gateway = desk.gateways[away[0]]
            raise AdapterError(
                f"{', '.join(away)} not ready after {ready_timeout_s:g} s: "
                f"{gateway.reason or gateway.standing}",
                code="account-away",
            )
        await desk.day_opened()
        yield UserDesk(desk)


@asynccontextmanager
async def build_desk(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    registry: Registry | None = None,
    checkpoint: Checkpoint = pass_by,
    serves_control: bool = True,
    runs_strategies: bool = True,
    strategies: Mapping[str, type[Strategy]] | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
    only_leaves: bool = False,
) -> AsyncIterator[Desk]:
    """Put a desk together from settings and run it. Everything it owns closes with it.

    `strategies` are classes by the name of their settings, where `kind` cannot name them.
    `confirmations` are of accounts that trade real money for the first time; where one is
    missing, ConfigError is raised before anything connects. `only_leaves`: see `Desk`.
    """
    clock = clock or LiveClock()
    ids = ids or LiveIds()
    registry = registry or Registry()
    journal = open_journal(settings, registry)
    try:
        projection = open_projection(settings, registry)
    except BaseException:
        journal.close()
        raise
    holder: list[Desk] = []

    def failed(error: Exception, event: object, handler: object) -> None:
        holder[0].handler_failed(error, event, handler)

    kernel = Kernel(
        journal=journal,
        clock=clock,
        ids=ids,
        on_handler_error=failed,
        checkpoint=checkpoint,
        scrub=settings.masker().scrub,
    )
    try:
        health = HealthRegistry(clock)
        budgets = RateBudgets(clock)
        chance = random.Random()  # noqa: S311  jitter needs no secrecy
        async with HttpPool() as pool:
            connect_by = _connector(registry, clock, ids, pool, budgets, health)
            desk = Desk(
                settings,
                kernel,
                projection,
                health,
                lambda account: connect_by(holder[0].settings, account),
                lambda: read_journal(settings.desk.journal, registry),
                lambda: Backoff(chance),
                serves_control=serves_control,
                runs_strategies=runs_strategies,
                strategies=strategies,
                confirmations=confirmations,
                only_leaves=only_leaves,
                budgets=budgets,
                registry=registry,
                connect_by=connect_by,
            )
            holder.append(desk)
            notifying = Notifying(
                settings,
                kernel,
                opener(settings, registry, clock, ids, pool),
                lambda: read_journal(settings.desk.journal, registry),
            )
            async with notifying, desk:
                await notifying.follow(desk)
                yield desk
    finally:
        # The desk closed them in its own order; one that did not start leaves them to us.
        projection.close()
        journal.close()


def _connector(
    registry: Registry,
    clock: Clock,
    ids: Ids,
    pool: HttpPool,
    budgets: RateBudgets,
    health: HealthRegistry,
) -> ConnectBy:
    def context_of(settings: Settings, account: AccountId) -> AdapterContext:
        return AdapterContext(
            account=account,
            venue=settings.accounts[account].venue,
            manifest=settings.manifests[account],
            settings=settings.accounts[account].options,
            clock=clock,
            ids=ids,
            http=pool,
            budgets=budgets,
            health=health,
            state=_state_files(settings, registry)(account),
            masker=settings.masker(),
        )

    def connect(settings: Settings, account: AccountId) -> AbstractAsyncContextManager[Any]:
        context = context_of(settings, account)
        if context.manifest.needs_market:
            return with_market(
                settings, registry, context, lambda other: context_of(settings, other)
            )
        made: AbstractAsyncContextManager[Any] = registry.factory(context.manifest)(context)
        return made

    return connect


def open_journal(settings: Settings, registry: Registry, *, create: bool = True) -> Journal:
    """Open the journal and own it. Raises JournalError when another desk does."""
    manifest = registry.manifest("store", JOURNAL_STORE)
    opened: Journal = registry.factory(manifest).open(  # type: ignore[attr-defined]
        settings.desk.journal, Durability(settings.desk.durability), create=create
    )
    return opened


def open_projection(settings: Settings, registry: Registry) -> Projection:
    manifest = registry.manifest("store", PROJECTION_STORE)
    path = settings.desk.journal.parent / f"{settings.desk.journal.name}.sqlite"
    opened: Projection = registry.factory(manifest)(path, SCHEMA)
    return opened


def read_journal(path: Path, registry: Registry) -> Iterable[JournalEntry]:
    """Read every entry of a journal, also while a desk appends to it."""
    entries: Iterable[JournalEntry] = tool("reader", registry).read(path)
    return entries


def _state_files(
    settings: Settings, registry: Registry
) -> Callable[[AccountId], AdapterState]:
    files = tool("state", registry).StateFiles
    folder = settings.desk.journal.parent / "adapter-state"
    return lambda account: files(folder / account)
