"""Settings as text: the commented file of `crossdock init`, and one for sandbox venues."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from crossdock.app.paths import Folders, user_folders
from crossdock.app.settings.dashboard import DashboardSettings, FlagSettings, database_of
from crossdock.app.settings.limits import LIMIT_HELP, NO_LIMIT
from crossdock.app.settings.models import (
    AccountSettings,
    DeskSettings,
    PortfolioSettings,
    StrategySettings,
)
from crossdock.app.settings.notify import NotifySettings
from crossdock.core.execution.sizing import METHODS, EquityShare
from crossdock.core.risk.limits import Limits
from crossdock.ports import Durability, Manifest
from crossdock.toolkit.secrets import MASK, Secret

_WIDTH = 88

_HEAD = """\
The settings of one desk. What is commented out shows its default.
Every value can also come from the environment (CROSSDOCK_DESK_MODE=paper,
CROSSDOCK_ACCOUNTS_<NAME>_<KEY>=…) or from the command line (--set desk.mode=paper).
`crossdock config show --origin` tells what holds and where it came from.
Money and quantities may stand in quotes or not: their digits are kept exactly."""

_FLAGS_HEAD = """\
Set on every start of the desk; what is left out stays as people set it meanwhile."""

_FLAGS = {
    "trading": True,
    "risk_override": False,
    "strategy_control": True,
    "history": True,
    "notifications": True,
    "paper_only": False,
    "max_order_size": "10000",
}

_ACCOUNTS_HEAD = """\
One table for each account, by a name you choose. Names that end in _secret also come
from a file only you may read (…_secret_file = "path") or from the environment."""


def default_settings_text(
    manifests: Sequence[Manifest] = (), folders: Folders | None = None
) -> str:
    """Return a settings file with every setting explained, which means the defaults.

    `manifests` are the venue adapters to show an example account of.
    """
    folders = folders or user_folders()
    places = {
        "journal": folders.journal("main"),
        "control": folders.control("main"),
        "log_folder": folders.logs,
        "durability": Durability.PROCESS,
    }
    parts = [_comment(_HEAD), "", "[desk]", *_entries(DeskSettings, places)]
    parts += ["", "[risk]", _comment(f'"{NO_LIMIT}" lifts a limit.'), *_limits()]
    parts += [
        _comment("Other limits for an account, portfolio, strategy or pattern of symbols:"),
        '# [risk.symbols."BTC/*"]',
        '# order_notional_max = "10000"',
        "",
        _comment(_ACCOUNTS_HEAD),
    ]
    for manifest in manifests:
        parts += ["", f"# [accounts.{manifest.id}]", *_account(manifest)]
    parts += [
        "",
        "# [strategies.example]",
        *_entries(StrategySettings, {"kind": "trend"}),
        "",
        "# [strategies.example.sizing]",
        *_sizing(),
        "# [portfolios.main]",
        *_entries(PortfolioSettings, {"currency": "USDT"}),
        "",
        _comment("Who is told what, so that nobody trades unwatched."),
        "# [notify.phone]",
        *_entries(NotifySettings, {"adapter": "telegram"}, frozenset({"options"})),
        "[dashboard]",
        *_entries(
            DashboardSettings,
            {"database": database_of(folders.journal("main"))},
            frozenset({"oidc_roles"}),
        ),
        "[flags]",
        _comment(_FLAGS_HEAD),
        *_entries(FlagSettings, _FLAGS),
    ]
    return "\n".join(parts) + "\n"


def sandbox_settings(
    addresses: Mapping[str, object],
    accounts: Mapping[str, Mapping[str, str]],
    *,
    desk: Mapping[str, object] | None = None,
    risk: Mapping[str, object] | None = None,
    instruments: Sequence[str] = (),
    strategies: Mapping[str, Mapping[str, object]] | None = None,
) -> str:
    """Return the settings text of a desk on sandbox venues.

    `addresses` is the JSON line that the sandbox prints; `accounts` gives, by venue, the
    adapter's other settings (its key and secret). Accounts are named like their venues.
    """
    venues = addresses["venues"]
    if not isinstance(venues, Mapping):
        raise TypeError(f"venues is a table of addresses, got {venues!r}")
    tables: list[tuple[str, Mapping[str, object]]] = [("desk", desk or {})]
    if risk:
        tables.append(("risk", risk))
    for venue, address in venues.items():
        if venue not in accounts:
            continue
        values: dict[str, object] = {"adapter": "sandbox", "venue": venue, "url": address}
        values.update(accounts[venue])
        if instruments:
            values["instruments"] = list(instruments)
        tables.append((f"accounts.{_key(venue)}", values))
    tables += [
        (f"strategies.{_key(name)}", each) for name, each in (strategies or {}).items()
    ]
    return settings_text(tables)


def settings_text(tables: Sequence[tuple[str, Mapping[str, object]]]) -> str:
    """Return tables by their names as TOML; a table within a table comes after its values.

    A name is a path as TOML writes it.
    """
    return "\n".join(_table(name, values) for name, values in tables)


def _table(name: str, values: Mapping[str, object]) -> str:
    plain = {k: v for k, v in values.items() if not isinstance(v, Mapping)}
    lines = [f"[{name}]", *(f"{_key(k)} = {toml_value(v)}" for k, v in plain.items()), ""]
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines.append(_table(f"{name}.{_key(key)}", value))
    return "\n".join(lines)


def toml_value(value: object) -> str:
    """Write a text, number, boolean, path or list of them as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    if isinstance(value, Secret):
        value = value.reveal() and MASK
    if isinstance(value, str | Decimal | Path):
        # JSON escapes what TOML does, in the same way, except DEL and lone surrogates.
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    raise TypeError(f"settings hold no {type(value).__name__}")


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
    return name if plain else toml_value(name)


def _comment(text: str) -> str:
    return "\n".join(
        f"# {line}" for part in text.split("\n") for line in textwrap.wrap(part, _WIDTH)
    )


def _entries(
    model: type[BaseModel],
    examples: Mapping[str, object],
    skipped: frozenset[str] = frozenset(),
) -> list[str]:
    lines: list[str] = []
    for name, field in model.model_fields.items():
        value = examples.get(name, field.default)
        # What only a table can hold has no line of its own, nor what is not set by default.
        if name not in skipped and value is not PydanticUndefined and value is not None:
            lines += _entry(name, field.description or "", value)
    return lines


def _entry(name: str, meaning: str, value: object) -> list[str]:
    return [_comment(meaning), f"# {name} = {toml_value(value)}", ""]


def _limits() -> list[str]:
    lines: list[str] = []
    for field in fields(Limits):
        if field.init:
            value = NO_LIMIT if field.default is None else field.default
            lines += _entry(field.name, LIMIT_HELP[field.name], value)
    return lines


def _sizing() -> list[str]:
    methods = f"How signals become quantities: {', '.join(METHODS)}."
    lines = _entry("method", methods, "equity_share")
    for field in fields(EquityShare):
        words = field.metadata["help"]
        lines += _entry(field.name, f"{words[0].upper()}{words[1:]}.", field.default)
    return lines


def _account(manifest: Manifest) -> list[str]:
    lines = _entries(
        AccountSettings,
        {"adapter": manifest.id, "venue": manifest.id, "foreign": "observe"},
        frozenset({"options"}),
    )
    for name, setting in manifest.settings.items():
        choices = f": {', '.join(setting.choices)}" if setting.choices else ""
        meaning = setting.help.rstrip(".") + choices + "."
        lines += _entry(name, meaning, setting.default or "")
    return lines
