"""Folders that begin somebody's own work and pass every check as they are."""

from __future__ import annotations

from pathlib import Path

from crossdock.app.registry import Registry
from crossdock.app.scaffold.writing import write_folder
from crossdock.strategies import EXAMPLES

__all__ = ["new_strategy", "new_venue"]


def new_strategy(name: str, parent: Path) -> list[Path]:
    """Write a strategy with its test into `parent / name`. Raises ConfigError."""
    return write_folder("strategy", name, parent, taken=EXAMPLES, example="my-breakout")


def new_venue(name: str, parent: Path) -> list[Path]:
    """Write a venue's adapter with its tests into `parent / name`. Raises ConfigError."""
    taken = {each.id for each in Registry().manifests("venue")}
    return write_folder("venue", name, parent, taken=taken, example="my-broker")
