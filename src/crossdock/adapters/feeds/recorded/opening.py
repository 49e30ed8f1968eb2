"""Opens a recording, whichever way it is compressed, and tells where it breaks off."""

from __future__ import annotations

import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from crossdock.errors import DataError
from crossdock.ports.extras import load

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_STORED_BLOCK = 1 << 16
_UNPACKED_BLOCK = 1 << 18


def open_bytes(path: str) -> BinaryIO:
    """Open a file for reading its decompressed bytes; gzip and zstd are told by content.

    Opening and reading raise DataError, with the line reached: the file is missing or
    empty, or its compression is broken or cut off.
    """
    try:
        stored = Path(path).open("rb")  # noqa: SIM115 (handed on to the caller, who closes it)
    except FileNotFoundError:
        raise DataError(
            "there is no such file", file=path, code="data-missing", hint="check the path"
        ) from None
    except OSError as error:
        raise DataError(
            f"cannot be opened: {error.strerror}",
            file=path,
            code="data-missing",
            hint="name a file that you may read",
        ) from None
    try:
        return _unpacked(stored, path)
    except BaseException:
        stored.close()
        raise


def open_lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield (number from 1, line without its end), decompressed. Errors as `open_bytes`.

    The mark that some editors put before UTF-8 is left out.
    """
    with open_bytes(path) as source:
        for number, line in enumerate(source, start=1):
            text = line.rstrip(b"\r\n")
            yield number, text.removeprefix(BOM_UTF8) if number == 1 else text


def head_of(path: str, size: int = 1 << 16) -> bytes:
    """Return the first decompressed bytes. Raises DataError when there is none."""
    with open_bytes(path) as source:
        head = source.read(size)
    if not head:
        raise _empty(path)
    return head


def _unpacked(stored: BinaryIO, path: str) -> BinaryIO:
    magic = stored.read(4)
    if not magic:
        raise _empty(path)
    stored.seek(0)
    unpacking: _Unpacking
    if magic.startswith(_GZIP):
        unpacking = _Unpacking(
            stored, path, lambda: zlib.decompressobj(wbits=31), zlib.error
        )
    elif magic == _ZSTD:
        zstandard = load("zstandard", extra="archives", what="zst files")
        decompressor = zstandard.ZstdDecompressor()
        unpacking = _Unpacking(
            stored, path, decompressor.decompressobj, zstandard.ZstdError
        )
    else:
        return stored
    return io.BufferedReader(unpacking, _UNPACKED_BLOCK)


def _empty(path: str) -> DataError:
    return DataError(
        "the file is empty", file=path, code="data-empty", hint="record or copy it again"
    )


class _Frame(Protocol):
    """One gzip member or zstd frame; a file may hold several, one after the other."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Unpacking(io.RawIOBase):
    """Decompressed bytes, counted in lines so that an error can say where it is.

    The stream readers of the compressors are not used: zstandard's ends without a word
    where a file was cut off.
    """

    def __init__(
        self,
        stored: BinaryIO,
        path: str,
        new_frame: Callable[[], _Frame],
        broken: type[Exception],
    ) -> None:
        self._stored = stored
        self._path = path
        self._new_frame = new_frame
        self._frame: _Frame | None = None
        self._broken = broken
        self._packed = b""
        self._pending = memoryview(b"")
        self._lines = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._pending and self._advance():
            pass
        target = memoryview(buffer).cast("B")
        taken = self._pending[: len(target)]
        target[: len(taken)] = taken
        self._pending = self._pending[len(taken) :]
        self._lines += bytes(taken).count(b"\n")
        return len(taken)

    def close(self) -> None:
        self._stored.close()
        super().close()

    def _advance(self) -> bool:
        """Unpack one more block; False at a proper end."""
        packed = self._packed or self._stored.read(_STORED_BLOCK)
        if self._frame is None:
            if not packed:
                return False
            self._frame = self._new_frame()
        elif not packed:
            raise self._error("cut off: the compressed data ends early", "data-truncated")
        try:
            self._pending = memoryview(self._frame.decompress(packed))
        except self._broken as error:
            raise self._error(f"broken: {error}", "data-corrupt") from None
        self._packed = b""
        if self._frame.eof:
            self._packed = self._frame.unused_data
            self._frame = None
        return True

    def _error(self, words: str, code: str) -> DataError:
        return DataError(
            f"the compressed file is {words}",
            file=self._path,
            line=self._lines + 1,
            code=code,
            hint="get the file again, or unpack what can be read and keep whole lines of it",
        )
