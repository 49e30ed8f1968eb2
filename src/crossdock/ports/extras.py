"""Loads a package of an extra on first use, or says how to install it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from crossdock.errors import ExtraMissing


def load(module: str, *, extra: str, what: str) -> ModuleType:
    """Import an optional package. `what` says what it is needed for: "frames of bars".

    Raises ExtraMissing with the exact install line.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # it is there, and something it needs itself is not
        raise ExtraMissing(
            f"{what} need{'' if what.endswith('s') else 's'} the package {package}",
            hint=f"pip install 'crossdock[{extra}]'",
        ) from None
