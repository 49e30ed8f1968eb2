"""Every crypto exchange that ccxt knows: one adapter, one manifest for each exchange."""

from collections.abc import Iterator
from pathlib import Path

from crossdock.adapters.venues.ccxt.family import manifests
from crossdock.ports import Manifest


def family(settings: Path) -> Iterator[Manifest]:  # noqa: ARG001 - the same for everybody
    """Yield the manifest of each exchange. Imports nothing of ccxt."""
    yield from manifests()
