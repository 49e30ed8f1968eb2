"""Read the settings of a desk: file, then environment, then flags; checked as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from crossdock.app.paths import Folders, user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings.adapters import (
    moves_money,
    own_options,
)
from crossdock.app.settings.build import build
from crossdock.app.settings.contradictions import contradictions
from crossdock.app.settings.dashboard import (
    DashboardSettings,
    FlagSettings,
    database_of,
)
from crossdock.app.settings.limits import lifted, limit_book
from crossdock.app.settings.models import (
    MAIN,
    AccountSettings,
    DeskSettings,
    Foreign,
    Mode,
    PortfolioSettings,
    StrategySettings,
    Use,
)
from crossdock.app.settings.notify import NotifySettings, receivers_of
from crossdock.app.settings.origins import (
    DEFAULT,
    KeyPath,
    Origin,
    Problem,
    dotted,
    refuse,
)
from crossdock.app.settings.section_secrets import (
    secret_fields,
    secret_keys,
    section_secrets,
)
from crossdock.app.settings.sources import SET, Tree, read_tree
from crossdock.core.risk.limits import LimitBook, Limits
from crossdock.errors import ConfigError
from crossdock.ports import Durability, Manifest
from crossdock.toolkit.secrets import Masker, Secret

_Section = TypeVar("_Section", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetting:
    """One setting as `config show` prints it. Secrets are masked."""

    key: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a desk is told, valid as a whole."""

    desk: DeskSettings
    limits: LimitBook
    accounts: Mapping[str, AccountSettings]
    strategies: Mapping[str, StrategySettings]
    portfolios: Mapping[str, PortfolioSettings]
    dashboard: DashboardSettings
    flags: FlagSettings
    notify: Mapping[str, NotifySettings]
    manifests: Mapping[str, Manifest]  # by account
    notify_manifests: Mapping[str, Manifest]  # by receiver
    tree: Tree
    file: Path | None
    mask: Masker = field(default_factory=Masker, repr=False, compare=False)

    def secrets(self) -> list[Secret]:
        dashboard = self.dashboard
        return [
            *(
                value
                for options in (
                    *(each.options for each in self.accounts.values()),
                    *(each.options for each in self.notify.values()),
                )
                for value in options.values()
                if isinstance(value, Secret)
            ),
            *(getattr(dashboard, name) for name in secret_fields(DashboardSettings)),
            *(getattr(self.desk, name) for name in secret_fields(DeskSettings)),
        ]

    def live_accounts(self) -> tuple[str, ...]:
        """Return the accounts whose orders move real money."""
        return tuple(
            name
            for name, account in self.accounts.items()
            if moves_money(account, self.manifests[name], self.desk.mode)
        )

    def overrides(self) -> list[str]:
        """Return what the command line set, as `load_settings` takes it."""
        given = (leaf for leaf in self.tree.leaves.values() if leaf.origin.where == "flag")
        return [f"{leaf.origin.name.removeprefix(SET)}={leaf.value}" for leaf in given]

    def masker(self) -> Masker:
        """Return the one masker of these settings: a secret added to it is masked everywhere."""
        for secret in self.secrets():
            self.mask.add(secret)
        return self.mask

    def shown(self) -> list[ShownSetting]:
        """Return every setting with its value and where it came from."""
        rows = _rows(self.desk, ("desk",), self.tree)
        base = self.limits.base
        for name in Limits.__dataclass_fields__:
            if Limits.__dataclass_fields__[name].init:
                rows.append(_row(("risk", name), getattr(base, name), self.tree))
        for path, given in self.tree.section("risk").items():
            if len(path) > 1:
                rows.append(_row(("risk", *path), given.value, self.tree))
        for section in ("accounts", "strategies", "portfolios", "notify"):
            for name, model in getattr(self, section).items():
                rows += _rows(model, (section, name), self.tree)
        rows += _rows(self.dashboard, ("dashboard",), self.tree)
        rows += _rows(self.flags, ("flags",), self.tree)
        return rows

    def digest(self) -> str:
        """Return a fingerprint that changes with any setting but the secrets."""
        text = "\n".join(f"{row.key}={row.value}" for row in self.shown())
        return hashlib.sha256(text.encode()).hexdigest()


def load_settings(
    file: Path | None,
    *,
    environment: Mapping[str, str] = os.environ,
    overrides: Sequence[str] = (),
    registry: Registry | None = None,
    folders: Folders | None = None,
) -> Settings:
    """Read, merge and check. Raises one ConfigError that tells everything wrong.

    `overrides` are the command line's `section.key=value`. Relative paths start at the
    file's folder.
    """
    return settings_of(
        read_tree(file, environment, overrides),
        file=file,
        registry=registry or Registry(),
        folders=folders or user_folders(environment),
    )


def settings_of(
    tree: Tree, *, file: Path | None, registry: Registry, folders: Folders
) -> Settings:
    """Check settings that were read, or made by a program. Raises as `load_settings`."""
    base = (file.parent if file else Path()).absolute()
    problems: list[Problem] = []

    desk = _desk(tree, folders, base, problems)
    limits = limit_book(tree, problems)
    accounts, manifests = _accounts(tree, desk, registry, base, problems)
    if desk and not desk.risk_checks and desk.mode is Mode.PAPER:
        limits = lifted(limits)
    currency = desk.currency if desk else ""
    portfolios = _tables(
        PortfolioSettings, "portfolios", tree, problems, {"currency": currency}
    )
    if not tree.names("portfolios"):
        portfolios = {
            MAIN: PortfolioSettings.model_validate({"currency": currency or "USDT"})
        }
    strategies = _tables(StrategySettings, "strategies", tree, problems, {})
    notify, notify_manifests = receivers_of(tree, registry, base, problems)
    dashboard = _dashboard(tree, desk, base, problems)
    flags = build(FlagSettings, tree, ("flags",), problems, defaults={})
    problems += contradictions(
        tree, desk, accounts, manifests, strategies, file=file, base=base
    )
    refuse(problems)
    if desk is None or dashboard is None or flags is None:
        raise ConfigError("the settings are wrong", code="config-value")
    return Settings(
        desk=desk,
        limits=limits,
        accounts=accounts,
        strategies=strategies,
        portfolios=portfolios,
        dashboard=dashboard,
        flags=flags,
        notify=notify,
        manifests=manifests,
        notify_manifests=notify_manifests,
        tree=tree,
        file=file,
    )


def _desk(
    tree: Tree, folders: Folders, base: Path, problems: list[Problem]
) -> DeskSettings | None:
    def given(key: str, default: str) -> str:
        leaf = tree.leaves.get(("desk", key))
        return str(leaf.value) if leaf else default

    name = given("name", MAIN)
    live = given("mode", Mode.PAPER) == Mode.LIVE
    desk = build(
        DeskSettings,
        tree,
        ("desk",),
        problems,
        defaults={
            "journal": folders.journal(name),
            "control": folders.control(name),
            "log_folder": folders.logs,
            "durability": Durability.POWER if live else Durability.PROCESS,
            **section_secrets(DeskSettings, tree, ("desk",), base, problems),
        },
        ignored=secret_keys(DeskSettings),
    )
    if desk is None:
        return None
    paths = ("journal", "control", "log_folder", "control_certificate", "control_key")
    return desk.model_copy(
        update={
            key: base / path.expanduser()
            for key in paths
            if (path := getattr(desk, key)) is not None
        }
    )


def _dashboard(
    tree: Tree, desk: DeskSettings | None, base: Path, problems: list[Problem]
) -> DashboardSettings | None:
    path = ("dashboard",)
    journal = desk.journal if desk else Path()
    dashboard = build(
        DashboardSettings,
        tree,
        path,
        problems,
        defaults={
            "database": database_of(journal),
            **section_secrets(DashboardSettings, tree, path, base, problems),
        },
        ignored=secret_keys(DashboardSettings),
    )
    if dashboard is None:
        return None
    return dashboard.model_copy(update={"database": base / dashboard.database.expanduser()})


def _accounts(
    tree: Tree,
    desk: DeskSettings | None,
    registry: Registry,
    base: Path,
    problems: list[Problem],
) -> tuple[dict[str, AccountSettings], dict[str, Manifest]]:
    accounts: dict[str, AccountSettings] = {}
    manifests: dict[str, Manifest] = {}
    for name in tree.names("accounts"):
        path = ("accounts", name)
        manifest = _manifest(tree, path, registry, problems)
        if manifest is None:
            continue
        use = tree.leaves.get((*path, "use"))
        keyless = use is not None and use.value == Use.DATA
        options = own_options(name, tree, manifest, base, problems, keyless=keyless)
        own = {rest[0] for rest in tree.section(*path)} - set(AccountSettings.model_fields)
        account = build(
            AccountSettings,
            tree,
            path,
            problems,
            defaults={
                "adapter": manifest.id,
                "venue": name,
                "foreign": desk.foreign if desk else Foreign.OBSERVE,
            },
            extra={"options": options},
            ignored=frozenset(own),
        )
        if account is not None:
            accounts[name] = account
            manifests[name] = manifest
    return accounts, manifests


def _manifest(
    tree: Tree, path: KeyPath, registry: Registry, problems: list[Problem]
) -> Manifest | None:
    leaf = tree.leaves.get((*path, "adapter"))
    if leaf is None:
        venue = tree.leaves.get((*path, "venue"))
        name = str(venue.value) if venue else path[1]
        with contextlib.suppress(ConfigError):
            return registry.manifest("venue", name)
        problems.append(
            Problem(
                code="config-missing",
                text=f"{dotted(path)}.adapter is missing",
                origin=tree.origin(path),
                hint=f"known: {', '.join(m.id for m in registry.manifests('venue'))}",
            )
        )
        return None
    try:
        return registry.manifest("venue", str(leaf.value))
    except ConfigError as error:
        problems.append(
            Problem(
                code=error.code,
                text=f'{dotted(path)}.adapter = "{leaf.value}": {error.message}',
                origin=leaf.origin,
                hint=error.hint,
            )
        )
        return None


def _tables(
    model: type[_Section],
    section: str,
    tree: Tree,
    problems: list[Problem],
    defaults: Mapping[str, Any],
) -> dict[str, _Section]:
    made = {
        name: build(model, tree, (section, name), problems, defaults=defaults)
        for name in tree.names(section)
    }
    return {name: each for name, each in made.items() if each is not None}


def _rows(model: BaseModel, path: KeyPath, tree: Tree) -> list[ShownSetting]:
    rows = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Mapping):
            inner = path if name == "options" else (*path, name)
            rows += [_row((*inner, key), each, tree) for key, each in value.items()]
        else:
            rows.append(_row((*path, name), value, tree))
    return rows


def _row(path: KeyPath, value: object, tree: Tree) -> ShownSetting:
    leaf = tree.leaves.get(path) or tree.leaves.get((*path[:-1], path[-1] + "_file"))
    if isinstance(value, tuple | list):
        shown = ", ".join(str(each) for each in value)
    elif isinstance(value, bool):
        shown = str(value).lower()
    else:
        shown = "none" if value is None else str(value)
    return ShownSetting(
        key=dotted(path), value=shown, origin=leaf.origin if leaf else DEFAULT
    )
