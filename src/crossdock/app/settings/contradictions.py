"""What settings that are each valid cannot say together."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.adapters import keys_problem, money_problem
from crossdock.app.settings.control_link import control_problems
from crossdock.app.settings.models import (
    MAIN,
    RECORDING,
    AccountSettings,
    DeskSettings,
    Mode,
    StrategySettings,
)
from crossdock.app.settings.origins import DEFAULT, Problem, dotted
from crossdock.app.settings.sources import Tree
from crossdock.app.venues import unavailable, venues
from crossdock.ports import Manifest, is_secret_name


def contradictions(
    tree: Tree,
    desk: DeskSettings | None,
    accounts: Mapping[str, AccountSettings],
    manifests: Mapping[str, Manifest],
    strategies: Mapping[str, StrategySettings],
    *,
    file: Path | None,
    base: Path,
) -> Iterable[Problem]:
    """Find all that does not go together. Without a desk nothing is said of its mode."""
    yield from _unknown_names(tree, accounts=tree.names("accounts"))
    yield from _marketless(tree, accounts, manifests, base)
    yield from _loose_secrets(file, tree, manifests)
    for name, account in accounts.items():
        yield from _closed(tree, name, account, manifests[name])
    if desk is None:
        return
    for name, account in accounts.items():
        for problem in (
            money_problem(name, account, manifests[name], desk.mode),
            keys_problem(name, account, manifests[name]),
        ):
            if problem is not None:
                yield problem
    yield from _trades_all(tree, desk.mode, strategies)
    yield from _unchecked(tree, desk)
    yield from control_problems(tree, desk)


def _unchecked(tree: Tree, desk: DeskSettings) -> Iterable[Problem]:
    """Refuse real money without limits."""
    if not desk.risk_checks and desk.mode is Mode.LIVE:
        yield Problem(
            code="config-mode",
            text="desk.risk_checks is false, and desk.mode is live: real money is never "
            "traded unchecked",
            origin=tree.origin(("desk", "risk_checks")),
            hint='set desk.mode = "paper", or lift single limits in [risk]',
        )


def _closed(
    tree: Tree, name: str, account: AccountSettings, manifest: Manifest
) -> Iterable[Problem]:
    """Find an account that would send real orders to a venue that is gone."""
    path = ("accounts", name, "venue")
    known = venues().get(account.venue)
    gone = unavailable(known) if known and manifest.real_money else None
    if gone is not None:
        yield Problem(
            code="unavailable",
            text=f"{dotted(path)}: {gone.message}",
            origin=tree.origin(path),
            hint=gone.hint,
        )


def _unknown_names(tree: Tree, *, accounts: Sequence[str]) -> Iterable[Problem]:
    """Find strategies and limits that name an account, portfolio or strategy not there."""
    known = {
        "accounts": accounts,
        "portfolios": tree.names("portfolios") or [MAIN],
        "strategies": [*tree.names("strategies"), "manual"],
    }
    named = [
        (path, path[2], path[1])
        for path in tree.tables
        if path[0] == "risk" and len(path) == 3 and path[1] in known
    ]
    for name in tree.names("strategies"):
        leaf = tree.leaves.get(("strategies", name, "portfolio"))
        portfolio = str(leaf.value) if leaf else MAIN
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
            and is_secret_name(path[-1])
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
