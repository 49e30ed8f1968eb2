"""A sign-in of one's own: a function that is named in the settings."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from crossdock.errors import ConfigError
from crossdock.web.identity.roles import Role

Authenticator = Callable[[str, str], Awaitable[Role | None]]
"""From user and password to a role; None turns them away."""


def authenticator_of(named: str) -> Authenticator | None:
    """Load `module:function`, plain or async. Raises ConfigError when it is not there."""
    if not named:
        return None
    module, _, name = named.partition(":")
    try:
        function: Callable[[str, str], Any] = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"dashboard.authenticator = {named!r} cannot be loaded: {error}",
            code="config-value",
            hint="it is package.module:function, importable where the dashboard starts",
        ) from None

    async def ask(user: str, password: str) -> Role | None:
        if inspect.iscoroutinefunction(function):
            answer = await function(user, password)
        else:  # it may well ask a directory over the network
            answer = await asyncio.to_thread(function, user, password)
        return None if answer is None else _role(named, answer)

    return ask


def _role(named: str, answer: object) -> Role:
    try:
        return Role(str(answer))
    except ValueError:
        raise ConfigError(
            f"{named} answered with something that is no role",
            code="config-value",
            hint=f"it returns one of {', '.join(Role)}, or None",
        ) from None
