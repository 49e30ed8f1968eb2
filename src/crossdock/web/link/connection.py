"""One connection to the control server of a desk."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from crossdock.errors import DeskError
from crossdock.web.link.address import DeskAddress

CONNECT_S = 5.0
LONGEST_LINE = 1 << 26  # a snapshot of everything there is
_CHUNK = 1 << 18


class Connection:
    """Lines of JSON each way. Whoever holds it is the only one to use it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._read = bytearray()  # what has come of lines that were not asked for yet

    @property
    def is_usable(self) -> bool:
        """False once the desk has closed it, which the loop hears of by itself."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def send(self, said: Mapping[str, Any]) -> None:
        self._writer.write(json.dumps(said).encode() + b"\n")
        await self._writer.drain()

    async def line(self, silent_s: float | None = None) -> Any:
        """Return what the desk says next. Raises DeskError `desk-silent` at the end.

        Raises TimeoutError once not a byte has come for `silent_s`; what has come of a
        line is kept.
        """
        read, looked = self._read, 0
        while (end := read.find(b"\n", looked)) < 0:
            looked = len(read)
            if looked > LONGEST_LINE:
                raise _broken("a line is too long")
            try:
                async with asyncio.timeout(silent_s) as patience:
                    came = await self._reader.read(_CHUNK)
            except OSError as error:
                if patience.expired():
                    raise
                raise _broken(str(error)) from None
            if not came:
                raise DeskError(
                    "the desk closed the connection without an answer",
                    code="desk-silent",
                    hint="whether it did what was asked is not known: "
                    "look before you repeat it",
                )
            read += came
        line = bytes(read[:end])
        del read[: end + 1]
        return json.loads(line)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _broken(words: str) -> DeskError:
    return DeskError(f"the connection to the desk broke: {words}", code="desk-silent")


async def connect(address: DeskAddress) -> Connection:
    """Connect and, by TCP, prove that both know the secret. Raises DeskError."""
    try:
        async with asyncio.timeout(CONNECT_S):
            if address.path is not None:
                reader, writer = await asyncio.open_unix_connection(
                    str(address.path), limit=LONGEST_LINE
                )
                return Connection(reader, writer)
            reader, writer = await asyncio.open_connection(
                address.host, address.port, ssl=address.tls(), limit=LONGEST_LINE
            )
            return await _proven(reader, writer, address.secret)
    except (OSError, TimeoutError) as error:
        raise DeskError(
            f"no desk answers on {address}: {_why(error)}",
            code="desk-not-running",
            hint="start one with `crossdock run`",
        ) from None


async def _proven(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str
) -> Connection:
    from crossdock.app.doors.control.challenge import prove_to_desk

    try:
        await prove_to_desk(reader, writer, secret)
    except BaseException:
        writer.close()
        raise
    return Connection(reader, writer)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing within {CONNECT_S:g} s"
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
