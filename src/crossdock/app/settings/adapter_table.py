"""One adapter as a table of the settings file, to paste and fill."""

from __future__ import annotations

import re

from crossdock.app.settings.adapters import is_test_environment
from crossdock.app.settings.explained import comment, entry
from crossdock.app.settings.sources import variable_of
from crossdock.app.settings.template import toml_value
from crossdock.errors import ConfigError
from crossdock.ports import Manifest, Setting, Tier, is_secret_name

SECTIONS = {"venue": "accounts", "alert": "notify"}
"""Where the settings name an adapter, by its kind."""

_MARKET = "Whose market data it trades against: another account's name, or recording:PATH."
_PLACES = "It stands in a file that only you may read (chmod 600), or in the environment as"


def adapter_table(manifest: Manifest) -> str:
    """Return the table. What is empty must be filled, and a secret's file made; the rest may stay.

    It reaches no real money as it is: it names the venue's test environment, or asks for
    market data alone. Raises ConfigError for an adapter that no table of the settings names.
    """
    section = SECTIONS.get(manifest.kind)
    if section is None:
        raise ConfigError(
            f"{manifest.id} is of the kind {manifest.kind}, which no table of the settings names",
            code="adapter-unknown",
            hint="accounts are of venues, and [notify] is of alerts: see `crossdock adapters`",
        )
    table = _Table(manifest, section)
    return "\n".join(table.lines()).rstrip() + "\n"


class _Table:
    def __init__(self, manifest: Manifest, section: str) -> None:
        self._manifest = manifest
        self._section = section
        self._name = re.sub(r"[^A-Za-z0-9_-]+", "-", manifest.id)
        self._test = _test_environment(manifest)
        self._is_keyless = manifest.real_money and not self._test

    def lines(self) -> list[str]:
        manifest = self._manifest
        lines = [
            comment(self._head()),
            f"[{self._section}.{self._name}]",
            f"adapter = {toml_value(manifest.id)}",
            "",
        ]
        if self._is_keyless:
            lines += entry("use", _keyless(manifest), "data", is_set=True)
        elif manifest.real_money:
            lines += entry("use", "data: market data alone, which needs no keys.", "trade")
        if manifest.needs_market:
            lines += entry("market", _MARKET, "", is_set=True)
        if self._section == "accounts":
            lines += entry("instruments", "Symbols, as in BTC/USDT; none means all.", ())
        for key, setting in manifest.settings.items():
            lines += self._entry(key, setting)
        return lines

    def _head(self) -> str:
        manifest = self._manifest
        words = (
            f"{manifest.name}: {manifest.docs_url}" if manifest.docs_url else manifest.name
        )
        if manifest.keys_url:
            words += f"\nKeys are made at {manifest.keys_url}"
        steps = "Fill what is empty"
        if any(map(self._is_needed_secret, manifest.settings)):
            steps += ", make the file of each secret"
        return (
            f"{words}\n{steps}; the rest may stay. More: crossdock adapters {manifest.id}"
        )

    def _is_needed_secret(self, key: str) -> bool:
        is_needed = self._manifest.settings[key].default is None and not self._is_keyless
        return is_needed and is_secret_name(key)

    def _entry(self, key: str, setting: Setting) -> list[str]:
        meaning = setting.help.rstrip(".") + "."
        if setting.choices:
            meaning += f" One of: {', '.join(setting.choices)}."
        value = setting.default or ""
        is_set = setting.default is None
        if is_secret_name(key):
            meaning += f" {_PLACES} {variable_of((self._section, self._name, key))}."
            is_set = self._is_needed_secret(key)
            value, key = f"secrets/{self._name}.{key}", f"{key}_file"
        elif key == "key":
            is_set = is_set and not self._is_keyless
        elif key == "environment" and self._manifest.real_money and self._test:
            meaning += " What is live moves real money."
            value, is_set = self._test, True
        return entry(key, meaning, value, is_set=is_set)


def _keyless(manifest: Manifest) -> str:
    words = (
        "Market data alone. Its orders move real money: for them take this line out, give "
    )
    words += 'the keys, and set mode = "live" in [desk]'
    if manifest.tier is Tier.REPLAYED:
        words += f" and accept_unproven = true here, for its tier is {manifest.tier}"
    return f"{words}."


def _test_environment(manifest: Manifest) -> str:
    setting = manifest.settings.get("environment")
    choices = setting.choices if setting else ()
    return next((each for each in choices if is_test_environment(each)), "")
