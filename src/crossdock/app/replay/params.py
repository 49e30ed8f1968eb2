"""Parameters as they are typed on a command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from crossdock.errors import ConfigError


def parse_params(given: Iterable[str]) -> dict[str, Any]:
    """Turn NAME=VALUE texts into what TOML would make of them. Raises ConfigError."""
    params: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        name = name.strip()
        if not separator or not name:
            raise ConfigError(
                f"{text!r} is no parameter", code="bad-argument", hint="write name=value"
            )
        if name in params:
            raise ConfigError(f"the parameter {name} is given twice", code="bad-argument")
        params[name] = parse_value(value.strip())
    return params


def parse_value(text: str) -> Any:
    """Read a number, true, false or a list as TOML would; anything else is text."""
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text
