"""Accounts let into a running desk, tried before, and let out again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.accounts.absent import absent
from crossdock.app.live.confirmation import (
    Confirmation,
    note_confirmed,
    phrase_of,
    unconfirmed,
)
from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.app.settings.connections import NAME, drop_connection, keep_connection
from crossdock.app.settings.load import settings_of
from crossdock.app.settings.origins import Origin
from crossdock.app.settings.sources import CONNECTIONS, Given, Tree
from crossdock.errors import AdapterError, ConfigError, DeskError
from crossdock.model import AccountId
from crossdock.ports import Balances, Instruments, KeyRightsRead, is_secret_name
from crossdock.toolkit.secrets import Secret

if TYPE_CHECKING:
    from crossdock.app.desk.desk import Desk

NoteBy = Callable[[Settings], None]  # writes down who asked for what; it may refuse them
ConnectBy = Callable[[Settings, AccountId], AbstractAsyncContextManager[Any]]

READY_S = 15.0
TRY_S = 20.0
UNDER_WAY = "asked"  # a step of a trial that has no answer yet
_HERE = Origin("file", CONNECTIONS)


class Connections:
    """Holds what is let in to every rule of the settings, the ones of real money first."""

    def __init__(
        self, desk: Desk, registry: Registry, connect_by: ConnectBy | None
    ) -> None:
        self._desk = desk
        self._registry = registry
        self._connect_by = connect_by or (lambda _, account: desk.connect(account))
        # From the look at what there is to its replacement, one change at a time.
        self._changing = asyncio.Lock()

    def proposed(self, name: str, values: Mapping[str, Any]) -> Settings:
        """Return the desk's settings with one more account. Raises ConfigError, DeskError.

        With no values, one that was let out comes back as it was set up. It may take a
        second, for adapters are listed and imported: call it in a thread.
        """
        settings = self._desk.settings
        self._raise_unless_free(name)
        tree = Tree(dict(settings.tree.leaves), dict(settings.tree.tables))
        path = ("accounts", name)
        if values:
            tree.leaves = {key: it for key, it in tree.leaves.items() if key[:2] != path}
            tree.tables[path] = _HERE
            for key, value in values.items():
                plain = value.reveal() if isinstance(value, Secret) else value
                is_text = isinstance(plain, str)
                tree.leaves[*path, key] = Given(plain, _HERE, is_text=is_text)
        elif path not in tree.tables:
            raise DeskError(
                f"there is no account {name!r} to connect again",
                code="unknown-account",
                hint=did_you_mean(name, settings.accounts),
            )
        tree.leaves[*path, "enabled"] = Given(True, _HERE)
        made = settings_of(
            tree, file=settings.file, registry=self._registry, folders=user_folders()
        )
        self._registry.factory(made.manifests[name])  # what must be imported is by now
        return dataclasses.replace(
            settings, accounts=made.accounts, manifests=made.manifests, tree=tree
        )

    def _raise_unless_free(self, name: str) -> None:
        desk = self._desk
        if not NAME.fullmatch(name):
            raise DeskError(
                f"{name!r} cannot name an account: small letters, digits, - and _",
                code="bad-argument",
            )
        if name in desk.gateways or name in desk.watches:
            raise DeskError(
                f"there is an account {name!r} already",
                code="account-exists",
                hint=f"disconnect it first: `crossdock disconnect {name}`",
            )

    async def tried(
        self, name: str, values: Mapping[str, Any], note: NoteBy
    ) -> dict[str, Any]:
        """Connect, read what the account says, and let go of it again."""
        proposed = await asyncio.to_thread(self.proposed, name, values)
        note(proposed)
        mask = proposed.masker()
        steps = {
            "connect": UNDER_WAY,
            "instruments": "not asked",
            "read account": "not asked",
        }
        told: dict[str, Any] = {"account": name, "steps": steps, "balances": []}
        try:
            async with asyncio.timeout(TRY_S):
                async with self._connect_by(proposed, AccountId(name)) as adapter:
                    steps["connect"] = "reached"
                    await _look(
                        adapter, told, is_data=proposed.accounts[name].use == "data"
                    )
                    steps["let go"] = UNDER_WAY
        except TimeoutError:
            _fail(steps)
            return {**told, "standing": "away", "reason": f"no answer within {TRY_S:g} s"}
        except (AdapterError, ConfigError) as error:
            _fail(steps)
            words = mask.scrub(f"{type(error).__name__}: {error.message}")
            hint = mask.scrub(error.hint)
            return {**told, "standing": "away", "reason": words, "hint": hint}
        steps |= {"connect": "done", "let go": "done"}
        return {**told, "standing": "ready", "reason": ""}

    async def let_in(
        self,
        name: str,
        values: Mapping[str, Any],
        note: NoteBy,
        *,
        by: str,
        confirm: str,
    ) -> dict[str, Any]:
        """Start an account and keep it for the next start. Raises ConfigError, DeskError.

        Real money takes the words a person types, as at a start of the desk.
        """
        desk, account = self._desk, AccountId(name)
        async with self._changing:
            proposed = await asyncio.to_thread(self.proposed, name, values)
            note(proposed)
            self._start(account, proposed, values, by, confirm)
            gateway = desk.gateways.get(account)
            kept = gateway or desk.watches[account]
        await _either(kept.ready.wait(), desk.kernel.clock.sleep(READY_S))
        reason = kept.reason or (gateway.trouble if gateway else "")
        if not kept.ready.is_set():
            reason = reason or f"not ready within {READY_S:g} s; it goes on trying"
        return {
            "account": name,
            "steps": gateway.steps() if gateway else {},
            "standing": str(kept.standing),
            "reason": proposed.masker().scrub(reason),
            "kept": proposed.file is not None,
        }

    def _start(
        self,
        name: AccountId,
        proposed: Settings,
        values: Mapping[str, Any],
        by: str,
        confirm: str,
    ) -> None:
        desk = self._desk
        given: dict[str, Confirmation] = {}
        if name in unconfirmed(proposed, desk.kernel.state):
            if confirm != phrase_of(name):
                raise ConfigError(
                    f"{name} would trade real money for the first time",
                    code="live-unconfirmed",
                    hint=f"confirm it with the words: {phrase_of(name)}",
                )
            given[name] = Confirmation(by=by, words=confirm)
        if proposed.file is not None and values:
            options = proposed.accounts[name].options
            secrets = {
                k: v for k, v in options.items() if k in values and is_secret_name(k)
            }
            keep_connection(proposed.file, name, {**values, **secrets})
        note_confirmed(proposed, desk.kernel, given)
        proposed.masker()  # what is new is masked from now on, in every log
        desk.settings = proposed
        desk.accounts.add(name)
        desk.accounts.start(name)

    async def let_out(self, name: str) -> dict[str, Any]:
        """Stop an account, and forget one that was connected while the desk ran."""
        async with self._changing:
            return await self._stop(name)

    async def _stop(self, name: str) -> dict[str, Any]:
        desk = self._desk
        account = AccountId(name)
        if account not in desk.gateways and account not in desk.watches:
            raise absent(name, [*desk.gateways, *desk.watches], desk.kernel.state)
        settings, state = desk.settings, desk.kernel.state
        await desk.accounts.remove(account)
        tree = Tree(dict(settings.tree.leaves), dict(settings.tree.tables))
        tree.leaves["accounts", name, "enabled"] = Given(False, _HERE)
        accounts = dict(settings.accounts)
        accounts[name] = accounts[name].model_copy(update={"enabled": False})
        desk.settings = dataclasses.replace(settings, tree=tree, accounts=accounts)
        was_kept = settings.file is not None and drop_connection(settings.file, name)
        return {
            "account": name,
            "open_orders": sum(1 for _ in state.open_orders(account)),
            "doubts": sum(it.request.account == account for it, _ in state.doubts()),
            "comes_back": not was_kept and _is_in_settings(settings, name),
        }


async def _look(adapter: Any, told: dict[str, Any], *, is_data: bool) -> None:
    """Ask what a connected account can be asked without changing anything."""
    steps = told["steps"]
    if isinstance(adapter, Instruments):
        steps["instruments"] = UNDER_WAY
        steps["instruments"] = f"{len(await adapter.instruments())} listed"
    if is_data:
        return
    if isinstance(adapter, KeyRightsRead):
        steps["key"] = UNDER_WAY
        rights = await adapter.key_rights()
        steps["key"] = f"may {', '.join(sorted(rights.rights)) or 'nothing'}"
    if isinstance(adapter, Balances):
        steps["read account"] = UNDER_WAY
        balances = [each for each in await adapter.balances() if each.total]
        told["balances"] = [
            {"asset": each.asset, "total": f"{each.total:f}"} for each in balances
        ]
        steps["read account"] = f"{len(balances)} assets"


def _fail(steps: dict[str, str]) -> None:
    """Name the step at which a trial ended."""
    for step, word in steps.items():
        if word == UNDER_WAY:
            steps[step] = "failed"


def account_values(
    *,
    adapter: str,
    venue: str = "",
    settings: Mapping[str, str] | None = None,
    symbols: Sequence[str] = (),
    foreign: str = "",
    use: str = "",
    market: str = "",
) -> dict[str, Any]:
    """Return an account's table as the settings file would have it; secrets as `Secret`."""
    given: dict[str, Any] = {
        "adapter": adapter,
        "venue": venue,
        "foreign": foreign,
        "use": use,
        "market": market,
        "instruments": list(symbols),
    }
    values = {key: value for key, value in given.items() if value}
    for key, value in (settings or {}).items():
        values[key] = Secret(value) if is_secret_name(key) else value
    return values


def _is_in_settings(settings: Settings, name: str) -> bool:
    origin = settings.tree.tables.get(("accounts", name))
    return origin is not None and origin.name != CONNECTIONS


async def _either(*waiting: Any) -> None:
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
