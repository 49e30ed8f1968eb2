"""An adapter's own settings, checked against its manifest, and what money may move."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.models import AccountSettings, Mode, Use
from crossdock.app.settings.origins import DEFAULT, KeyPath, Problem, dotted
from crossdock.app.settings.sources import Given, Tree, variable_of
from crossdock.errors import ConfigError
from crossdock.ports import Can, Manifest, Setting, Tier, is_secret_name
from crossdock.toolkit.secrets import Secret, read_secret

_FILE = "_file"
_TEST_WORDS = r"(test|testnet|sandbox|paper|demo|practice|uat)"
_TEST_HOST = re.compile(rf"(^|[.\-]){_TEST_WORDS}([.\-]|$)")
_TEST_ENVIRONMENT = re.compile(rf"^{_TEST_WORDS}$")
_KEY = "key"
_OWN = frozenset(AccountSettings.model_fields) - {"options"}


def own_options(
    account: str,
    tree: Tree,
    manifest: Manifest,
    base: Path,
    problems: list[Problem],
    *,
    keyless: bool = False,
    section: str = "accounts",
    own: frozenset[str] = _OWN,
) -> dict[str, str | Secret]:
    """Return the options of an account, defaults filled in and secrets read.

    `keyless`: keys that must be given otherwise may be left out, and are empty then.
    `section` and `own` are of a table that is no account: whose it is, and which of its
    settings are not the adapter's.
    """
    path = (section, account)
    given = {
        ".".join(rest): leaf
        for rest, leaf in tree.section(*path).items()
        if rest[0] not in own
    }
    known = manifest.settings
    for key, leaf in given.items():
        if key in known or (key.removesuffix(_FILE) in known and _is_secret_file(key)):
            continue
        problems.append(
            Problem(
                code="config-unknown",
                text=f"there is no setting {dotted((*path, key))} (adapter {manifest.id})",
                origin=leaf.origin,
                hint=did_you_mean(key, [*known, *own]),
            )
        )
    options: dict[str, str | Secret] = {}
    for key, setting in known.items():
        if keyless and setting.default is None and (key == _KEY or is_secret_name(key)):
            setting = replace(setting, default="")  # noqa: PLW2901  as this account has it
        value = (
            _secret(path, key, setting, given, base, problems)
            if is_secret_name(key)
            else _plain(path, key, setting, given, tree, problems)
        )
        if value is not None:
            options[key] = value
    return options


def _is_secret_file(key: str) -> bool:
    return is_secret_name(key.removesuffix(_FILE))


def _plain(
    path: KeyPath,
    key: str,
    setting: Setting,
    given: Mapping[str, Given],
    tree: Tree,
    problems: list[Problem],
) -> str | None:
    name = dotted((*path, key))
    if key not in given:
        if setting.default is None:
            problems.append(
                Problem(
                    code="config-missing",
                    text=f"{name} is missing",
                    origin=tree.origin(path),
                    hint=setting.help,
                )
            )
        return setting.default
    leaf = given[key]
    value = leaf.value
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, list):
        value = ",".join(str(each) for each in value)
    text = str(value)
    if setting.choices and text not in setting.choices:
        problems.append(
            Problem(
                code="config-value",
                text=f'{name} = "{text}": expected one of {", ".join(setting.choices)}',
                origin=leaf.origin,
                hint=setting.help,
            )
        )
    return text


def _secret(
    path: KeyPath,
    key: str,
    setting: Setting,
    given: Mapping[str, Given],
    base: Path,
    problems: list[Problem],
) -> str | Secret | None:
    chosen = {name: str(given[name].value) for name in (key, key + _FILE) if name in given}
    if not chosen and setting.default is not None:
        return Secret(setting.default)
    origin = next((given[name].origin for name in chosen), DEFAULT)
    try:
        # The environment is merged already, with its origin: nothing is left to look up.
        secret = read_secret(key, chosen, {}, base)
    except ConfigError as error:
        missing = not chosen
        problems.append(
            Problem(
                code="config-missing" if missing else "config-secret",
                text=f"{dotted(path)}: {error.message}",
                origin=origin,
                hint=f"{setting.help.rstrip('.')}. Set {key}, {key}{_FILE}, or the environment "
                f"variable {variable_of((*path, key))}"
                if missing
                else error.hint,
            )
        )
        return None
    if setting.pattern and not re.fullmatch(setting.pattern, secret.reveal()):
        problems.append(
            Problem(
                code="config-secret",
                text=f"{dotted((*path, key))} has {len(secret.reveal())} characters, and is "
                "not what it must be",
                origin=origin,
                hint=setting.help,
            )
        )
    return secret


def money_problem(
    name: str, account: AccountSettings, manifest: Manifest, mode: Mode
) -> Problem | None:
    """Tell why this account must not trade in this mode; None when it may."""
    if not manifest.real_money or not account.enabled or account.use is Use.DATA:
        return None
    if host := _contradicted(account):
        return Problem(
            code="config-mode",
            text=f"[accounts.{name}] says environment = "
            f'"{account.options["environment"]}", and its address {host} is no test '
            "address",
            hint="leave the address out, or name the environment that it belongs to",
        )
    if mode is Mode.PAPER and not _leads_to_test(account):
        return Problem(
            code="config-mode",
            text=f"[accounts.{name}] reaches {manifest.name}, where real money moves, "
            'and desk.mode is "paper"',
            hint="point it at the venue's test environment, or set desk.mode = "
            '"live" when you mean it',
        )
    if mode is Mode.LIVE and manifest.tier is Tier.REPLAYED and not account.accept_unproven:
        return Problem(
            code="config-mode",
            text=f"[accounts.{name}] trades real money through {manifest.id}, whose tier "
            f"is {manifest.tier}: it never met a live exchange's behaviour",
            hint=f"set accounts.{name}.accept_unproven = true to take that risk",
        )
    return None


def moves_money(account: AccountSettings, manifest: Manifest, mode: Mode) -> bool:
    """Tell whether orders of this account cost or earn real money."""
    return (
        mode is Mode.LIVE
        and manifest.real_money
        and account.enabled
        and account.use is Use.TRADE
        and not _leads_to_test(account)
    )


def keys_problem(name: str, account: AccountSettings, manifest: Manifest) -> Problem | None:
    """Tell that a trading account has no keys; None when it has, or needs none."""
    if not account.enabled or account.use is Use.DATA or Can.SUBMIT not in manifest.can:
        return None
    secrets = [key for key in manifest.settings if is_secret_name(key)]
    given = [key for key in secrets if account.options.get(key)]
    if not secrets or (given and account.options.get(_KEY, "none needed")):
        return None
    missing = _KEY if given else secrets[0]
    where = f" Keys are made at {manifest.keys_url}." if manifest.keys_url else ""
    return Problem(
        code="config-keys",
        text=f"[accounts.{name}] is to trade at {manifest.name}, and {missing} is empty",
        hint=f'set its keys, or use = "data" for market data alone.{where}',
    )


def is_test_environment(name: str) -> bool:
    """Tell whether a choice of `environment` moves no real money."""
    return bool(_TEST_ENVIRONMENT.match(name))


def _contradicted(account: AccountSettings) -> str:
    """Return an address of real money in an account whose environment is one for tests."""
    environment = account.options.get("environment", "")
    if not isinstance(environment, str) or not is_test_environment(environment):
        return ""
    return next((host for host in _hosts(account) if not _is_test_host(host)), "")


def _hosts(account: AccountSettings) -> list[str]:
    values = [value for value in account.options.values() if isinstance(value, str)]
    return [host for value in values if "://" in value and (host := _host(value))]


def _leads_to_test(account: AccountSettings) -> bool:
    """Tell whether every address given, or the environment named, is one for tests."""
    if hosts := _hosts(account):
        return all(_is_test_host(host) for host in hosts)
    environment = account.options.get("environment", "")
    return isinstance(environment, str) and is_test_environment(environment)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_test_host(host: str) -> bool:
    if host == "localhost" or _TEST_HOST.search(host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
