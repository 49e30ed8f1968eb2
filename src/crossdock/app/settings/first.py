"""The settings file of `crossdock init`: what one uses on the first day, and where the rest is."""

from __future__ import annotations

import os
from pathlib import Path

from crossdock.app.demo.venues import RISK, sandbox_keys
from crossdock.app.settings.dashboard import DashboardSettings
from crossdock.app.settings.explained import comment, entries, limit_entries
from crossdock.app.settings.models import DeskSettings
from crossdock.app.settings.template import sandbox_settings
from crossdock.errors import ConfigError

ADMIN_PORT = 7400
PORT_BASE = 7401
VENUES = ("alpha", "beta", "gamma")

SANDBOX_COMMAND = f"crossdock sandbox --admin-port {ADMIN_PORT} --port-base {PORT_BASE}"

_DESK = ("mode", "currency", "on_exit")
_LIMITS = ("daily_loss_pct", "position_pct", "leverage_max", "order_notional_max")
_DASHBOARD = ("enabled", "port")

_HEAD = """\
# The settings of one desk, for the first day. What begins with # shows the default, or an
# example: take the # away to use it. There are many more settings, and none must be given.
#
#   crossdock config check           looks at this file, and starts nothing
#   crossdock config explain         tells every setting there is, with its meaning
#   crossdock adapters               lists the venues to trade at
#   crossdock adapters NAME --toml   prints the table of one, to paste below and fill
#
# The same as pages: docs/reference/settings.md and docs/adapters.
#
# Secrets may stand elsewhere: in a file that only you may read (chmod 600), and then it is
# said so: key_secret_file = "path"; or in the environment, where they are called
# CROSSDOCK_ACCOUNTS_<NAME>_KEY_SECRET.
"""

_LIMITS_HEAD = """\
Every order is held against these before it is sent. Money is in desk.currency, _pct is \
a percentage, and "none" lifts a limit."""

_SANDBOX_LIMITS = """\
Sandbox accounts begin with holdings of several coins: limits are wider than the defaults."""

_ACCOUNTS = f"""\
# Accounts: one table each, by a name you choose. Without one the desk starts, and trades
# nowhere.
#
# Paper money at real prices: public data needs no key, and the paper account trades on it.
# [accounts.prices]
# adapter = "binance"
# venue = "binance"
# use = "data"
#
# [accounts.paper]
# adapter = "paper"
# venue = "binance"
# market = "prices"
# balances = "100000 USDT, 1 BTC"

# An exchange on this machine, to try things at. `crossdock init --sandbox` writes a file
# with three of them. To start it: {SANDBOX_COMMAND}
# [accounts.alpha]
# adapter = "sandbox"
# url = "http://127.0.0.1:{PORT_BASE}"
# key = "sandbox-alpha"
# key_secret = "sandbox-alpha-secret"
"""

_REST = """\
# Strategies: `crossdock strategies` lists those that are here, and tells their params.
# [strategies.averages]
# kind = "sma_cross"
# symbols = ["BTC/USDT"]
# params = { timeframe = "1m", fast = 5, slow = 20 }

# Who is told of fills, doubts and kills; another way: `crossdock adapters telegram --toml`.
# [notify.office]
# adapter = "webhook"
# url_secret_file = "secrets/office.url"
# signing_secret_file = "secrets/office.signing"
"""

_DASHBOARD_HEAD = """\
The web dashboard that `crossdock run` starts beside the desk. Its first start prints a \
link by which you choose a name and a password; `crossdock dashboard link` prints another."""


def first_settings_text(*, sandbox: bool = False) -> str:
    """Return the file. `sandbox`: with an account at each of the sandbox's default venues."""
    parts = [
        _HEAD,
        "[desk]\n" + "\n".join(entries(DeskSettings, only=_DESK)),
        "\n".join(["[risk]", *_limits(sandbox=sandbox)]),
        _sandbox_accounts() if sandbox else _ACCOUNTS,
        _REST,
        "\n".join(
            [
                comment(_DASHBOARD_HEAD),
                "[dashboard]",
                *entries(DashboardSettings, only=_DASHBOARD),
            ]
        ),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def write_first_settings(file: Path, *, sandbox: bool = False) -> None:
    """Write the file, for its owner only. Raises ConfigError rather than overwrite one."""
    text = first_settings_text(sandbox=sandbox)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(
            f"{file} is there already and is not overwritten",
            code="config-exists",
            hint="move it away, or name another one with --settings",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}",
            code="config-file",
            hint="name a file in a folder of your own with --settings",
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)


def _limits(*, sandbox: bool) -> list[str]:
    if not sandbox:
        return [comment(_LIMITS_HEAD), "", *limit_entries(only=_LIMITS)]
    head = f"{_LIMITS_HEAD}\n{_SANDBOX_LIMITS}"
    return [comment(head), "", *limit_entries(given=RISK, only=_LIMITS)]


def _sandbox_accounts() -> str:
    addresses = {
        venue: f"http://127.0.0.1:{PORT_BASE + index}" for index, venue in enumerate(VENUES)
    }
    accounts = sandbox_settings({"venues": addresses}, sandbox_keys(addresses))
    accounts = accounts.removeprefix("[desk]\n").lstrip("\n")
    return f"# Start these venues with: {SANDBOX_COMMAND}\n{accounts}"
