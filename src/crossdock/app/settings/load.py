"""Read the settings of a desk: file, then environment, then flags; checked as a whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import Folders, user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings.adapters import (
    keys_problem,
    money_problem,
    moves_money,
    own_options,
)
from crossdock.app.settings.build import build
from crossdock.app.settings.limits import limit_book
from crossdock.app.settings.models import (
    AccountSettings,
    DeskSettings,
    Foreign,
    Mode,
    PortfolioSettings,
    StrategySettings,
    Use,
)
from crossdock.app.settings.origins import (
    DEFAULT,
    KeyPath,
    Origin,
    Problem,
    dotted,
    refuse,
)
from crossdock.app.settings.sources import Tree, read_tree
from crossdock.app.venues import unavailable, venues
from crossdock.core.risk.limits import LimitBook, Limits
from crossdock.errors import ConfigError
from crossdock.ports import Durability, Manifest
from crossdock.toolkit.secrets import Masker, Secret

_Section = TypeVar("_Section", bound=BaseModel)
RECORDING = "recording:"  # a market that is played from a file
_MAIN = "main"  # the portfolio that is always there


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
    manifests: Mapping[str, Manifest]  # by account
    tree: Tree
    file: Path | None

    def secrets(self) -> list[Secret]:
        return [
            value
            for account in self.accounts.values()
            for value in account.options.values()
            if isinstance(value, Secret)
        ]

    def live_accounts(self) -> tuple[str, ...]:
        """Return the accounts whose orders move real money."""
        return tuple(
            name
            for name, account in self.accounts.items()
            if moves_money(account, self.manifests[name], self.desk.mode)
        )

    def masker(self) -> Masker:
        return Masker(self.secrets())

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
        for section in ("accounts", "strategies", "portfolios"):
            for name, model in getattr(self, section).items():
                rows += _rows(model, (section, name), self.tree)
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
    currency = desk.currency if desk else ""
    portfolios = _tables(
        PortfolioSettings, "portfolios", tree, problems, {"currency": currency}
    )
    if not tree.names("portfolios"):
        portfolios = {
            _MAIN: PortfolioSettings.model_validate({"currency": currency or "USDT"})
        }
    strategies = _tables(StrategySettings, "strategies", tree, problems, {})
    problems += _unknown_names(tree, accounts=tree.names("accounts"))
    problems += _marketless(tree, accounts, manifests, base)
    problems += _loose_secrets(file, tree, manifests)
    if desk:
        for name, account in accounts.items():
            for problem in (
                money_problem(name, account, manifests[name], desk.mode),
                keys_problem(name, account, manifests[name]),
            ):
                if problem is not None:
                    problems.append(problem)
        problems += _trades_all(tree, desk.mode, strategies)
    refuse(problems)
    if desk is None:
        raise ConfigError("the [desk] settings are wrong", code="config-value")
    return Settings(
        desk=desk,
        limits=limits,
        accounts=accounts,
        strategies=strategies,
        portfolios=portfolios,
        manifests=manifests,
        tree=tree,
        file=file,
    )


def _desk(
    tree: Tree, folders: Folders, base: Path, problems: list[Problem]
) -> DeskSettings | None:
    def given(key: str, default: str) -> str:
        leaf = tree.leaves.get(("desk", key))
        return str(leaf.value) if leaf else default

    name = given("name", _MAIN)
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
        },
    )
    if desk is None:
        return None
    return desk.model_copy(
        update={
            key: base / getattr(desk, key).expanduser()
            for key in ("journal", "control", "log_folder")
        }
    )


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
            problems.extend(_closed(tree, path, account, manifest))
    return accounts, manifests


def _closed(
    tree: Tree, path: tuple[str, ...], account: AccountSettings, manifest: Manifest
) -> Iterable[Problem]:
    """Find an account that would send real orders to a venue that is gone."""
    known = venues().get(account.venue)
    gone = unavailable(known) if known and manifest.real_money else None
    if gone is not None:
        yield Problem(
            code="unavailable",
            text=f"{dotted((*path, 'venue'))}: {gone.message}",
            origin=tree.origin((*path, "venue")),
            hint=gone.hint,
        )


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


def _unknown_names(tree: Tree, *, accounts: Sequence[str]) -> Iterable[Problem]:
    """Find strategies and limits that name an account, portfolio or strategy not there."""
    known = {
        "accounts": accounts,
        "portfolios": tree.names("portfolios") or [_MAIN],
        "strategies": [*tree.names("strategies"), "manual"],
    }
    named = [
        (path, path[2], path[1])
        for path in tree.tables
        if path[0] == "risk" and len(path) == 3 and path[1] in known
    ]
    for name in tree.names("strategies"):
        leaf = tree.leaves.get(("strategies", name, "portfolio"))
        portfolio = str(leaf.value) if leaf else _MAIN
        named.append((("strategies", name, "portfolio"), portfolio, "portfolios"))
        leaf = tree.leaves.get(("strategies", name, "accounts"))
        if leaf and isinstance(leaf.value, list):
            path = ("strategies", name, "accounts")
            named += [(path, str(each), "accounts") for each in leaf.value]
    for path, wanted, section in named:
        if wanted not in known[section]:
            yield Problem(
                code="config-value",
                text=f"{dotted(path)}: there is no [{section}.{wanted}]",
                origin=tree.origin(path),
                hint=did_you_mean(wanted, known[section]),
            )


def _marketless(
    tree: Tree,
    accounts: Mapping[str, AccountSettings],
    manifests: Mapping[str, Manifest],
    base: Path,
) -> Iterable[Problem]:
    """Find accounts that simulate against a market which is not there."""
    for name, account in accounts.items():
        if not manifests[name].needs_market or account.market == RECORDING:
            continue  # a replay hands in what it plays
        others = [other for other in tree.names("accounts") if other != name]
        recorded = account.market.removeprefix(RECORDING)
        if recorded != account.market:
            if (base / Path(recorded).expanduser()).exists():
                continue
            why = "there is no such file"
        elif account.market in others:
            continue
        else:
            why = "there is no such other account"
        path = ("accounts", name, "market")
        yield Problem(
            code="config-value",
            text=f"{dotted(path)} = {account.market!r}: {why}",
            origin=tree.origin(path) or DEFAULT,
            hint=f"there are: {', '.join(others) or 'none'}; or {RECORDING}PATH plays a file",
        )


def _trades_all(
    tree: Tree, mode: Mode, strategies: Mapping[str, StrategySettings]
) -> Iterable[Problem]:
    """Refuse strategies that would trade whatever the venues list, with real money."""
    for name, strategy in strategies.items():
        if mode is Mode.LIVE and strategy.enabled and not strategy.symbols:
            yield Problem(
                code="config-missing",
                text=f"strategies.{name}.symbols is missing: a live strategy does not "
                "trade all that a venue lists",
                origin=tree.origin(("strategies", name)) or DEFAULT,
                hint='name what it trades, as symbols = ["BTC/USDT"]',
            )


def _loose_secrets(
    file: Path | None, tree: Tree, manifests: Mapping[str, Manifest]
) -> Iterable[Problem]:
    """Refuse secrets of real accounts in a settings file that others may read."""
    if file is None or not stat.S_IMODE(file.stat().st_mode) & 0o077:
        return
    for path, given in tree.leaves.items():
        if (
            path[0] == "accounts"
            and path[-1].endswith("_secret")
            and given.origin.where == "file"
            and path[1] in manifests
            and manifests[path[1]].real_money
        ):
            yield Problem(
                code="config-secret",
                text=f"{dotted(path)} stands in a file that others may read",
                origin=given.origin,
                hint=f"run chmod 600 {file}, or use {path[-1]}_file",
            )


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
