"""The page docs/reference/settings.md, made from the settings: `python -m … FILE` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from crossdock.app.settings.dashboard import DashboardSettings, FlagSettings
from crossdock.app.settings.limits import LIMIT_HELP, NO_LIMIT, OVERRIDES
from crossdock.app.settings.models import (
    AccountSettings,
    DeskSettings,
    PortfolioSettings,
    StrategySettings,
)
from crossdock.app.settings.notify import NotifySettings
from crossdock.app.settings.plain_names import PLAIN_NAMES
from crossdock.app.settings.template import toml_value
from crossdock.core.execution.sizing import METHODS
from crossdock.core.risk.limits import Limits
from crossdock.toolkit.secrets import Secret

_HEAD = """\
<!-- Made from the settings' own descriptions by `make docs`; changes here are lost. -->

# Settings

One TOML file describes one desk. `crossdock init` writes a short one to begin with;
`crossdock config check` looks at the whole of it without starting anything;
`crossdock config show --origin` tells what holds and where each value came from. All that
stands here, as lines of that file: `crossdock config explain`, or of one section, as in
`crossdock config explain risk`.

Three places are read, and the later one wins:

1. the file;
2. the environment: `CROSSDOCK_` and the path in capitals, as in `CROSSDOCK_DESK_MODE=paper`
   or `CROSSDOCK_ACCOUNTS_ALPHA_KEY_SECRET=…`;
3. the command line: `--set desk.mode=paper`.

Numbers may stand in quotes or not: their digits are kept exactly, and no amount of money
passes through a float. Relative paths start at the file. A name that is not known is refused,
with the nearest one that is."""

_DESK = "The desk itself."

_RISK = f"""\
Limits that every order is held against before it is journaled. Money is in `desk.currency`;
`_pct` is a percentage, `_bps` a hundredth of one. `"{NO_LIMIT}"` lifts a limit."""

_OVERRIDES = f"""\
The same names under {", ".join(f"`[risk.{group}.NAME]`" for group in OVERRIDES[:-1])} and
`[risk.{OVERRIDES[-1]}."PATTERN"]` hold for those alone. Of several that fit an order, the most
specific one that sets a limit holds: symbol before strategy, portfolio and account, and of two
patterns the one with more plain characters."""

_ACCOUNTS = """\
One table for each account at a venue, by a name you choose. Beside what is listed here it takes
the adapter's own settings, which [its page](../adapters/README.md) lists;
`crossdock adapters NAME --toml` prints the table of one to paste and fill. A setting whose name
ends in `_secret` may stand in a file that only you can read (`key_secret_file = "path"`) or in
the environment, and is masked everywhere."""

_STRATEGIES = "One table for each strategy that the desk runs, by a name you choose."

_SIZING = """\
How the strategy's signals become quantities, scaled down by each signal's confidence and
strength. `method` chooses; a position is never worth more than `most_share` of the capital of
its portfolio. Without the table, `equity_share` holds. All of it may stand in one text:
`sizing = "volatility target=0.2"`."""

_PORTFOLIOS = """\
Named pots of capital. Every order belongs to one, by its strategy or by `--portfolio`. Where no
table is given there is one, `main`."""

_DASHBOARD = """\
The web dashboard and the API, which `crossdock run` starts beside the desk and `crossdock dashboard` by
themselves. How to open it, and who may come in: [the dashboard](../how-to/open-the-dashboard.md),
[sign-in](sign-in.md). The secrets among these may stand in files of your own: `secret_key_file = "path"`."""

_FLAGS = """\
Switches that the desk sets on every start. One that is not given stays as people have set it while the
desk ran; what nobody has set has the flag's own default."""

_PLAIN = """\
These names, which container files commonly have, stand for settings as well. The `CROSSDOCK_` name of
the same setting comes before them. Switches take 1, true, yes, on and their opposites; an empty one
says nothing."""

_NOTIFY = """\
One table for each receiver of messages, by a name you choose. Beside what is listed here it takes
the adapter's own settings, which [its page](../adapters/README.md) lists, secrets as in an
account. How to set one up: [be told while you do not watch](../how-to/be-told.md)."""

_DEFAULTS: Mapping[str, str] = {
    "desk.journal": "`NAME/journal` in the data folder, see `crossdock paths`",
    "desk.durability": "`power` when live, else `process`",
    "desk.control": "`NAME.sock` in the runtime folder",
    "desk.log_folder": "the log folder",
    "accounts.venue": "the account's name",
    "accounts.foreign": "that of `[desk]`",
    "portfolios.currency": "that of `[desk]`",
    "dashboard.database": "`dashboard.sqlite` beside the journal",
}
"""Defaults that follow from other settings, or from the machine."""


def settings_page() -> str:
    """Return the page."""
    return (
        "\n\n".join(
            [
                _HEAD,
                *_section("[desk]", _DESK, _rows("desk", DeskSettings)),
                *_section("[risk]", _RISK, _limit_rows()),
                _OVERRIDES,
                *_section(
                    "[accounts.NAME]",
                    _ACCOUNTS,
                    _rows("accounts", AccountSettings, {"options"}),
                ),
                *_section(
                    "[strategies.NAME]", _STRATEGIES, _rows("strategies", StrategySettings)
                ),
                "### [strategies.NAME.sizing]",
                _SIZING,
                "\n".join(_sizing_rows()),
                *_section(
                    "[portfolios.NAME]", _PORTFOLIOS, _rows("portfolios", PortfolioSettings)
                ),
                *_section(
                    "[notify.NAME]", _NOTIFY, _rows("notify", NotifySettings, {"options"})
                ),
                *_section("[dashboard]", _DASHBOARD, _rows("dashboard", DashboardSettings)),
                *_section("[flags]", _FLAGS, _rows("flags", FlagSettings)),
                "## Names without the prefix",
                _PLAIN,
                "\n".join(_plain_rows()),
            ]
        )
        + "\n"
    )


def _section(head: str, words: str, rows: Iterable[str]) -> tuple[str, str, str]:
    table = "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])
    return f"## {head}", words, table


def _rows(
    section: str, model: type[BaseModel], skipped: Iterable[str] = ()
) -> Iterable[str]:
    for name, field in model.model_fields.items():
        if name not in skipped:
            default = _DEFAULTS.get(f"{section}.{name}") or _default(field)
            yield _row(name, default, field.description or "")


def _default(field: FieldInfo) -> str:
    # Not field.get_default(): that copies, which a secret does not let itself be.
    made = field.default_factory
    value = field.default if made is None else made()  # type: ignore[call-arg]
    if value is PydanticUndefined:
        return "must be given"
    if isinstance(value, Mapping | Secret):
        return "empty"
    if value is None:
        return "none"
    return f"`{toml_value(value.value if isinstance(value, StrEnum) else value)}`"


def _limit_rows() -> Iterable[str]:
    for field in fields(Limits):
        if field.init:
            value = NO_LIMIT if field.default is None else field.default
            yield _row(field.name, f"`{toml_value(value)}`", LIMIT_HELP[field.name])


def _sizing_rows() -> Iterable[str]:
    yield from ("| method | setting | default | meaning |", "|---|---|---|---|")
    for method, made_by in METHODS.items():
        for field in fields(made_by):
            default = f"`{toml_value(field.default)}`"
            words = field.metadata["help"]
            yield f"| `{method}` | `{field.name}` | {default} | {words} |"


def _plain_rows() -> Iterable[str]:
    yield from ("| variable | setting |", "|---|---|")
    for variable, path in PLAIN_NAMES.items():
        yield f"| `{variable}` | `{'.'.join(path)}` |"


def _row(name: str, default: str, meaning: str) -> str:
    words = " ".join(meaning.split()).replace("|", "\\|")
    return f"| `{name}` | {default} | {words} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(settings_page(), "utf-8")
    sys.stderr.write(f"{sys.argv[1]}\n")
