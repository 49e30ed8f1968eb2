"""Settings as TOML text, and those of a desk on sandbox venues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from crossdock.toolkit.secrets import MASK, Secret


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
