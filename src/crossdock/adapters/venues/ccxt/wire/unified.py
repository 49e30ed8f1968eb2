"""Unified parameters that ccxt has to translate, and must not send as they are.

ccxt hands on what it does not know under its own name. What leaves is known again as the
very object that ccxt was given: one it has translated is another, even of the same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.errors import NotSent


def unshared(text: str) -> str:
    """Return a text as an object of its own: equal constants are one and the same."""
    return "".join(tuple(text))


def translated(params: Any, wished: Mapping[str, Any], demanded: Mapping[str, Any]) -> Any:
    """Return a request's parameters without wishes that ccxt left as they were.

    Raises NotSent for what the exchange would have to know and would not be told.
    """
    if not isinstance(params, dict):
        return params
    for name, value in demanded.items():
        if params.get(name) is value:
            raise NotSent(f"ccxt does not tell this exchange of {name} here")
    left = {name for name, value in wished.items() if params.get(name) is value}
    return {name: it for name, it in params.items() if name not in left}
