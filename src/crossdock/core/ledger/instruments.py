"""Which version of an instrument was in force when."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model import Instrument, InstrumentId


class InstrumentVersions:
    """Versions of every instrument, by the time they became valid."""

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions: dict[InstrumentId, list[Instrument]] = {}

    def __iter__(self) -> Iterator[Instrument]:
        for versions in self._versions.values():
            yield from versions

    def add(self, instrument: Instrument) -> None:
        """Keep a version; one valid from the same time is replaced.

        Raises ValueError when its kind or its assets are others: that is a new
        instrument under an old name, and positions in the two cannot be added up.
        """
        versions = self._versions.get(instrument.id, [])
        if versions and _nature(versions[-1]) != _nature(instrument):
            raise ValueError(
                f"{instrument.id} was {_nature(versions[-1])} and cannot become "
                f"{_nature(instrument)}: give it another id"
            )
        start = instrument.valid_from_ns
        kept = [version for version in versions if version.valid_from_ns != start]
        kept.append(instrument)
        kept.sort(key=lambda version: version.valid_from_ns)
        self._versions[instrument.id] = kept

    def newest(self, instrument: InstrumentId) -> Instrument:
        """Return the version that became valid last. Raises ValueError for a stranger."""
        return self._of(instrument)[-1]

    def at(self, instrument: InstrumentId, time_ns: int) -> Instrument:
        """Return the version in force at a time; the oldest for times before it.

        Time 0 stands for a time nobody reported, and means the newest.
        """
        versions = self._of(instrument)
        if len(versions) > 1 and time_ns:
            for version in reversed(versions):
                if version.valid_from_ns <= time_ns:
                    return version
            return versions[0]
        return versions[-1]

    def _of(self, instrument: InstrumentId) -> list[Instrument]:
        versions = self._versions.get(instrument)
        if versions is None:
            raise ValueError(f"{instrument} is not listed in the ledger")
        return versions


def _nature(instrument: Instrument) -> str:
    assets = f"{instrument.base}/{instrument.quote} settled in {instrument.settle}"
    return f"{instrument.kind} {assets}"
