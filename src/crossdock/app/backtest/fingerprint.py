"""Which data a run was made of, by its bytes."""

from __future__ import annotations

from array import array
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.model import Bars

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run


def source_sha256(run: Run) -> str:
    """Return the digest of the source file, else of the bars; empty where neither is there."""
    try:
        with Path(run.source).open("rb") as opened:
            return file_digest(opened, "sha256").hexdigest()
    except OSError:
        return bars_sha256(run.bars) if run.bars is not None else ""


def bars_sha256(bars: Bars) -> str:
    """Return a digest of what bars say, however they were read: the same on every machine."""
    found = sha256(f"{bars.instrument} {bars.width_ns} {len(bars)}\n".encode())
    found.update(_little_endian(array("q", map(int, bars.start_time_ns))))
    for column in (bars.open, bars.high, bars.low, bars.close, bars.volume):
        found.update(_little_endian(array("d", column)))
    return found.hexdigest()


def _little_endian(numbers: array[int] | array[float]) -> bytes:
    from sys import byteorder

    if byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
