"""One series on disk: parts, and one small file that says which of them count.

A part is never changed: a new one is written beside it, and becomes the truth when the
manifest that names it is renamed into place. Whatever a crash leaves besides is swept away
by the next append.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crossdock.errors import DataError
from crossdock.model import InstrumentId
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

FORMAT = 1
MANIFEST_NAME = "series.json"
_LOCK_NAME = ".lock"
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
_READ_TRIES = 20  # a reader is overtaken by so many appends in a row only when stuck

Checkpoint = Callable[[str], None]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `gaps` counts the missing stretches inside it."""

    file: str
    period: str
    count: int
    first_ns: int
    last_ns: int
    gaps: int


class SeriesManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about a series. Parts are in order of time."""

    format: int = FORMAT
    instrument: str
    timeframe: str
    width_ns: int  # 0: ticks
    generation: int = 0
    sources: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


class Series:
    """The files of one series. `checkpoint` is called after each step of a commit."""

    def __init__(self, folder: Path, checkpoint: Checkpoint) -> None:
        self.folder = folder
        self._checkpoint = checkpoint

    def manifest(self) -> SeriesManifest | None:
        """Return what the series holds now, None when there is none."""
        file = self.folder / MANIFEST_NAME
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            found = msgspec.json.decode(data, type=SeriesManifest)
        except msgspec.DecodeError as error:
            raise _damaged(file, f"does not read: {error}") from None
        if found.format > FORMAT:
            raise DataError(
                f"is of format {found.format}, and this version reads up to {FORMAT}",
                file=str(file),
                code="data-newer",
                hint="use a newer Crossdock",
            )
        return found

    def read(
        self, start_ns: int | None, end_ns: int | None, last: int | None = None
    ) -> pl.DataFrame | None:
        """Return the rows of every part that overlaps [start_ns, end_ns).

        With `last`, of as many parts from the end as hold so many rows.
        """
        for attempt in range(_READ_TRIES):
            manifest = self.manifest()
            if manifest is None:
                return None
            parts = [
                part
                for part in manifest.parts
                if (end_ns is None or part.first_ns < end_ns)
                and (start_ns is None or part.last_ns >= start_ns)
            ]
            if last is not None:
                parts = _newest(parts, last, end_ns)
            files = [self.folder / part.file for part in parts]
            if not files:
                return None
            try:
                return read_files(files)
            except FileNotFoundError as error:
                # An append has replaced the part since: the new manifest names another.
                again = self.manifest()
                if again == manifest or attempt == _READ_TRIES - 1:
                    raise _damaged(Path(str(error)), "is missing") from None
        raise AssertionError("the last try returns or raises")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the series against other writers, in this process or another; waits."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            for above in (self.folder.parent, self.folder.parent.parent):
                _sync(above)
        fd = os.open(self.folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT, _FILE_MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def sweep(self, manifest: SeriesManifest | None) -> None:
        """Remove what a crash left: parts that no manifest names. Only while writing."""
        named = {part.file for part in manifest.parts} if manifest else set()
        for file in self.folder.iterdir():
            if file.name not in named and file.suffix in (".parquet", ".new"):
                file.unlink(missing_ok=True)

    def commit(
        self,
        manifest: SeriesManifest,
        frames: Mapping[str, tuple[pl.DataFrame, Part]],
        *,
        compression: str,
    ) -> None:
        """Write new parts, then make them count. Only while writing.

        `frames` are the new parts by period; the manifest has the other ones.
        """
        for frame, part in frames.values():
            file = self.folder / part.file
            about = {"instrument": manifest.instrument, "timeframe": manifest.timeframe}
            about["source"] = ", ".join(manifest.sources)
            _write(frame, file, compression, about)
            file.chmod(_FILE_MODE)
            self._checkpoint("part written")
            _sync(file)
            self._checkpoint("part synced")
        replaced = [p for p in manifest.parts if p.period in frames]
        kept = [p for p in manifest.parts if p.period not in frames]
        parts = sorted(
            [*kept, *(part for _, part in frames.values())], key=lambda part: part.first_ns
        )
        new = msgspec.structs.replace(manifest, parts=tuple(parts))
        waiting = self.folder / f"{MANIFEST_NAME}.new"
        waiting.write_bytes(msgspec.json.format(msgspec.json.encode(new)))
        self._checkpoint("manifest written")
        _sync(waiting)
        _sync(self.folder)
        self._checkpoint("manifest synced")
        waiting.replace(self.folder / MANIFEST_NAME)
        self._checkpoint("manifest in place")
        _sync(self.folder)
        self._checkpoint("folder synced")
        for part in replaced:
            (self.folder / part.file).unlink(missing_ok=True)
            self._checkpoint("old part removed")


def _write(
    frame: pl.DataFrame, file: Path, compression: str, about: dict[str, str]
) -> None:
    polars = load("polars", extra="research", what="the bar store")
    try:
        frame.write_parquet(file, compression=compression, metadata=about)  # type: ignore[arg-type]
    except polars.exceptions.PolarsError as error:
        # A full disk is told of as an error of computing.
        found = re.search(r"\(os error (\d+)\)", str(error))
        code = int(found[1]) if found else errno.EIO
        raise OSError(code, os.strerror(code), str(file)) from error


def _newest(parts: list[Part], last: int, end_ns: int | None) -> list[Part]:
    """Return the parts from the end that hold `last` rows before `end_ns`."""
    rows = 0
    for number, part in enumerate(reversed(parts), 1):
        if end_ns is None or part.last_ns < end_ns:
            rows += part.count
        if rows >= last:
            return parts[-number:]
    return parts


def read_files(files: list[Path]) -> pl.DataFrame:
    """Read parts of one series. Raises FileNotFoundError, or DataError for a damaged one."""
    polars = load("polars", extra="research", what="the bar store")
    for file in files:
        if not file.exists():
            raise FileNotFoundError(str(file))
    try:
        frame: pl.DataFrame = polars.read_parquet(
            files, hive_partitioning=False, glob=False
        )
    except FileNotFoundError:
        raise FileNotFoundError(str(files[0])) from None
    except Exception as error:  # noqa: BLE001 - polars raises OSError, its own, and panics
        words = str(error).partition("\n")[0]
        bad = next((file for file in files if not _reads(polars, file)), files[0])
        if not bad.exists():
            raise FileNotFoundError(str(bad)) from None
        raise _damaged(bad, f"cannot be read: {words}") from None
    return frame


def _reads(polars: object, file: Path) -> bool:
    try:
        polars.read_parquet(file, hive_partitioning=False, glob=False)  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - whatever it raises, it is this file
        return False
    return True


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _damaged(file: Path, words: str) -> DataError:
    return DataError(
        words,
        file=str(file),
        code="data-damaged",
        hint="restore the folder of this series, or remove it and import it again",
    )


def instrument_mismatch(folder: Path, instrument: InstrumentId, found: str) -> DataError:
    return _damaged(folder, f"holds {found}, not {instrument}")
