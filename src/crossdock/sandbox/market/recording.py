"""Raw Binance messages as a recorder wrote them, one `local_time_ns message` a line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from crossdock.model import Side
from crossdock.sandbox.engine import PriceLevel

_GZIP_MAGIC = b"\x1f\x8b"
_ADVICE = (
    "every line is `local_time_ns message` with the message as Binance sent it; "
    "remove the line or record again"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole book as of an update id."""

    time_ns: int
    last: int
    bids: list[PriceLevel]
    asks: list[PriceLevel]


@dataclass(frozen=True, slots=True)
class Depth:
    """Level changes over the update ids `first` to `last`."""

    time_ns: int
    symbol: str
    first: int
    last: int
    bids: list[PriceLevel]
    asks: list[PriceLevel]


@dataclass(frozen=True, slots=True)
class Print:
    """A public trade; `side` is the taker's."""

    time_ns: int
    symbol: str
    trade_id: int
    price: Decimal
    quantity: Decimal
    side: Side


Record = Snapshot | Depth | Print


class _Data(msgspec.Struct, frozen=True, gc=False):
    """Fields of the streams that are read.

    https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
    """

    e: str = ""
    s: str = ""
    U: int | None = None
    u: int | None = None
    b: list[tuple[str, str]] | str | None = None
    a: list[tuple[str, str]] | str | int | None = None
    t: int | None = None
    p: str | None = None
    q: str | None = None
    m: bool | None = None


class _Message(msgspec.Struct, frozen=True, gc=False):
    """A combined-stream message, or the reply to a REST depth request."""

    stream: str = ""
    data: _Data | None = None
    lastUpdateId: int | None = None  # noqa: N815 - Binance's name
    bids: list[tuple[str, str]] | None = None
    asks: list[tuple[str, str]] | None = None


_DECODER = msgspec.json.Decoder(_Message)


def read(path: Path) -> Iterator[Record]:
    """Yield the snapshots, depth changes and trades of a recording, lazily.

    Gzip is known by its first bytes. Other streams are passed over. Raises ValueError,
    naming file and line, for a line that cannot be read.
    """
    number = 0
    with _open(path) as lines:
        try:
            for number, line in enumerate(lines, start=1):  # noqa: B007 - for the error
                if line.strip():
                    record = _record(line)
                    if record is not None:
                        yield record
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(
                f"{path}: damaged after line {number} ({error}); copy the file again"
            ) from None
        except (msgspec.MsgspecError, InvalidOperation, ValueError) as error:
            raise ValueError(f"{path}:{number}: {_words(error)}; {_ADVICE}") from None


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path, "rb")) if zipped else path.open("rb")


def _words(error: Exception) -> str:
    if isinstance(error, InvalidOperation):
        return "a price or quantity is not a number"
    return str(error)


def _record(line: bytes) -> Record | None:
    time, _, text = line.partition(b" ")
    if not time.isdigit():
        raise ValueError(f"it begins with {time[:30]!r} instead of a time")
    time_ns = int(time)
    message = _DECODER.decode(text)
    if message.lastUpdateId is not None:
        return Snapshot(
            time_ns, message.lastUpdateId, _levels(message.bids), _levels(message.asks)
        )
    data = message.data
    if data is None:
        raise ValueError("the message has neither `data` nor `lastUpdateId`")
    if data.e == "depthUpdate":
        if data.U is None or data.u is None:
            raise ValueError("the depth update lacks its update ids `U` and `u`")
        return Depth(time_ns, data.s, data.U, data.u, _levels(data.b), _levels(data.a))
    if data.e == "trade":
        if data.t is None or data.p is None or data.q is None or data.m is None:
            raise ValueError("the trade lacks one of `t`, `p`, `q`, `m`")
        side = Side.SELL if data.m else Side.BUY
        return Print(time_ns, data.s, data.t, _number(data.p), _number(data.q), side)
    return None


def _levels(levels: list[tuple[str, str]] | str | int | None) -> list[PriceLevel]:
    if isinstance(levels, list):
        return [(_number(price), _number(quantity)) for price, quantity in levels]
    raise ValueError("the depth lacks its levels")


def _number(text: str) -> Decimal:
    """Return an exact number without the zeros Binance pads it with."""
    number = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    if not number.is_finite() or number < 0:
        raise ValueError(f"{text!r} is not a price or quantity")
    return number
