"""Every setting with its meaning and its default, as the lines of a settings file."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import fields

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from crossdock.app.nearest import did_you_mean
from crossdock.app.paths import Folders, user_folders
from crossdock.app.settings.dashboard import DashboardSettings, FlagSettings, database_of
from crossdock.app.settings.limits import LIMIT_HELP, NO_LIMIT
from crossdock.app.settings.models import (
    MAIN,
    AccountSettings,
    DeskSettings,
    PortfolioSettings,
    StrategySettings,
)
from crossdock.app.settings.notify import NotifySettings
from crossdock.app.settings.template import toml_value
from crossdock.core.execution.sizing import METHODS, EquityShare
from crossdock.core.risk.limits import Limits
from crossdock.errors import ConfigError
from crossdock.ports import Durability

_WIDTH = 88

_HEAD = """\
Every setting of a desk. What is commented out shows its default.
Every value can also come from the environment (CROSSDOCK_DESK_MODE=paper,
CROSSDOCK_ACCOUNTS_<NAME>_<KEY>=…) or from the command line (--set desk.mode=paper).
`crossdock config show --origin` tells what holds and where it came from.
Money and quantities may stand in quotes or not: their digits are kept exactly."""

_ACCOUNTS_HEAD = """\
One table for each account, by a name you choose. Names that end in _secret also come
from a file only you may read (…_secret_file = "path") or from the environment. An
adapter's own settings: `crossdock adapters NAME --toml`."""

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


def default_settings_text(section: str = "", folders: Folders | None = None) -> str:
    """Return a settings file, or one section of it, that explains all and sets nothing.

    Raises ConfigError for a section there is none of.
    """
    sections = _sections(folders or user_folders())
    if section and section not in sections:
        raise ConfigError(
            f"the settings have no section {section!r}",
            code="config-unknown",
            hint=did_you_mean(section, sections),
        )
    parts = [sections[section]] if section else [[comment(_HEAD)], *sections.values()]
    return "\n\n".join("\n".join(lines).rstrip() for lines in parts) + "\n"


def _sections(folders: Folders) -> Mapping[str, list[str]]:
    journal = folders.journal(MAIN)
    places = {
        "journal": journal,
        "control": folders.control(MAIN),
        "log_folder": folders.logs,
        "durability": Durability.PROCESS,
    }
    return {
        "desk": ["[desk]", *entries(DeskSettings, places)],
        "risk": [
            "[risk]",
            comment(f'"{NO_LIMIT}" lifts a limit.'),
            *limit_entries(),
            comment(
                "Other limits for an account, portfolio, strategy or pattern of symbols:"
            ),
            '# [risk.symbols."BTC/*"]',
            '# order_notional_max = "10000"',
        ],
        "accounts": [
            comment(_ACCOUNTS_HEAD),
            "# [accounts.example]",
            *entries(
                AccountSettings,
                {"adapter": "sandbox", "venue": "example", "foreign": "observe"},
                skipped=("options",),
            ),
        ],
        "strategies": [
            "# [strategies.example]",
            *entries(StrategySettings, {"kind": "trend"}),
            "# [strategies.example.sizing]",
            *_sizing(),
        ],
        "portfolios": [
            "# [portfolios.main]",
            *entries(PortfolioSettings, {"currency": "USDT"}),
        ],
        "notify": [
            comment("Who is told what, so that nobody trades unwatched."),
            "# [notify.phone]",
            *entries(NotifySettings, {"adapter": "telegram"}, skipped=("options",)),
        ],
        "dashboard": [
            "[dashboard]",
            *entries(
                DashboardSettings,
                {"database": database_of(journal)},
                skipped=("oidc_roles",),
            ),
        ],
        "flags": ["[flags]", comment(_FLAGS_HEAD), *entries(FlagSettings, _FLAGS)],
    }


def entries(
    model: type[BaseModel],
    examples: Mapping[str, object] | None = None,
    *,
    only: Collection[str] = (),
    skipped: Collection[str] = (),
) -> list[str]:
    """Return the lines of a section's settings. `examples` stand for their defaults."""
    lines: list[str] = []
    for name, field in model.model_fields.items():
        value = (examples or {}).get(name, field.default)
        if name in skipped or (only and name not in only):
            continue
        # What only a table can hold has no line of its own, nor what is not set by default.
        if value is not PydanticUndefined and value is not None:
            lines += entry(name, field.description or "", value)
    return lines


def limit_entries(
    *, given: Mapping[str, object] | None = None, only: Collection[str] = ()
) -> list[str]:
    """Return the lines of the limits; those that are `given` are set."""
    given = given or {}
    lines: list[str] = []
    for field in fields(Limits):
        if not field.init or (only and field.name not in {*only, *given}):
            continue
        value = given.get(field.name, field.default)
        lines += entry(
            field.name,
            LIMIT_HELP[field.name],
            NO_LIMIT if value is None else value,
            is_set=field.name in given,
        )
    return lines


def entry(name: str, meaning: str, value: object, *, is_set: bool = False) -> list[str]:
    return [comment(meaning), f"{'' if is_set else '# '}{name} = {toml_value(value)}", ""]


def comment(text: str) -> str:
    return "\n".join(
        f"# {line}" for part in text.split("\n") for line in textwrap.wrap(part, _WIDTH)
    )


def _sizing() -> list[str]:
    methods = f"How signals become quantities: {', '.join(METHODS)}."
    lines = entry("method", methods, "equity_share")
    for field in fields(EquityShare):
        words = field.metadata["help"]
        lines += entry(field.name, f"{words[0].upper()}{words[1:]}.", field.default)
    return lines
