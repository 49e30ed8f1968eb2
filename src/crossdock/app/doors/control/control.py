"""The control server: how the command line and the dashboard reach a running desk.

One JSON object a line each way: `{"op": NAME, "args": {…}}`, answered by
`{"ok": true, "result": …}` or `{"ok": false, "error": {"type", "code", "message", "hint"}}`.
Only the owner of the desk can open the socket. Operations that are streams keep the
connection for themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import socket
import stat
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self

from crossdock.app.doors.control.answers import failure, result_of
from crossdock.app.doors.control.listening import Listening
from crossdock.app.own_folder import NotOwn, own_folder
from crossdock.errors import ConfigError, DeskError, Error

log = logging.getLogger(__name__)

Operation = Callable[..., Awaitable[Any] | Any]
Stream = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter, Mapping[str, Any]], Awaitable[None]
]
"""Takes a connection over, with the arguments it was asked for by."""
LONGEST_LINE = 1 << 20
ROWS_AT_ONCE = 100  # of an answer, encoded between two turns of the loop
ANSWER_TIMEOUT_S = 60.0  # a kill waits for cancels to be proven
READ_TIMEOUT_S = 10.0
READS = frozenset(
    {
        "status",
        "orders",
        "positions",
        "portfolio",
        "fills",
        "doubts",
        "books",
        "flags",
        "risk",
        "strategies",
        "ladder",
        "signals",
        "equity",
    }
)


class ControlServer:
    """Serves named operations on a Unix socket that only its owner can open."""

    def __init__(
        self,
        path: Path,
        operations: Mapping[str, Operation],
        streams: Mapping[str, Stream] | None = None,
        listening: Listening | None = None,
    ) -> None:
        """`listening`: a port at which the same is asked, by whoever knows its secret."""
        self._path = path
        self._listening = listening
        self._beyond: asyncio.Server | None = None
        self._operations = operations
        self._streams = streams or {}
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        folder = self._path.parent
        try:
            own_folder(folder)
        except NotOwn as error:
            raise ConfigError(
                f"the folder of the control socket, {folder}, {error.strerror}",
                code="control-socket",
                hint="set desk.control to a path in a folder of your own, which only you "
                "may write in (chmod 700)",
            ) from None
        if self._path.exists():
            _raise_unless_socket(self._path)
            if _answers(self._path):
                raise DeskError(
                    f"a desk answers on {self._path} already",
                    code="desk-running",
                    hint="stop it first, or give this desk another name",
                )
            self._path.unlink()
        # Bound under a narrow mask: there is no moment at which others could connect.
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, str(self._path), limit=LONGEST_LINE
            )
        finally:
            os.umask(before)
        if self._listening is not None:
            try:
                self._beyond = await self._listening.start(self._serve, LONGEST_LINE)
            except BaseException:
                await self.__aexit__()
                raise
        return self

    @property
    def port(self) -> int | None:
        """The port that is listened on, None for none."""
        sockets = self._beyond.sockets if self._beyond is not None else ()
        return int(sockets[0].getsockname()[1]) if sockets else None

    async def __aexit__(self, *_: object) -> None:
        if self._beyond is not None:
            self._beyond.close()
        if self._server is not None:
            self._server.close()
            left = list(self._connections)
            for writer in left:
                writer.close()
            closing = (writer.wait_closed() for writer in left)
            await asyncio.gather(*closing, return_exceptions=True)
            await self._server.wait_closed()
        if self._beyond is not None:
            await self._beyond.wait_closed()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._connections.add(writer)
        try:
            while line := await reader.readline():
                if (stream := self._stream_of(line)) is not None:
                    await stream[0](reader, writer, stream[1])
                    return
                writer.write(await _encoded(await self._answer(line)))
                await writer.drain()
        except Error as error:  # a stream that would not begin
            writer.write(json.dumps(failure(error)).encode() + b"\n")
        except (ConnectionError, ValueError) as error:
            log.debug("control connection: %s", error)
        finally:
            self._connections.discard(writer)
            writer.close()

    def _stream_of(self, line: bytes) -> tuple[Stream, Mapping[str, Any]] | None:
        try:
            asked = json.loads(line)
            return self._streams[asked["op"]], dict(asked.get("args") or {})
        except (ValueError, KeyError, TypeError):
            return None

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            operation = self._operations[asked["op"]]
            expired = time.time_ns() > asked.get("until_ns", math.inf)
        except (ValueError, KeyError, TypeError):
            return failure(DeskError("the desk does not know this operation"))
        if expired:
            # Whoever asked has left: an order given up must not go out minutes later.
            return failure(DeskError("asked too long ago", code="desk-silent"))
        try:
            result = operation(**asked.get("args", {}))
            if isinstance(result, Awaitable):
                result = await result
        except Error as error:
            return failure(error)
        except (TypeError, ValueError) as error:
            return failure(DeskError(str(error), code="bad-argument"))
        except Exception as error:  # the desk must outlive a bad operation
            log.exception("operation %s failed", asked["op"])
            return failure(DeskError(f"{type(error).__name__}: {error}", code="internal"))
        return {"ok": True, "result": result}


async def _encoded(answer: Mapping[str, Any]) -> bytes:
    """Return an answer's line. Trading goes on between the rows of a long one.

    A thread would not help: the encoder lets nobody else run until it is done.
    """
    rows = answer.get("result")
    if not isinstance(rows, list) or len(rows) <= ROWS_AT_ONCE:
        return json.dumps(answer).encode() + b"\n"
    parts = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await asyncio.sleep(0)
        parts.append(json.dumps(rows[start : start + ROWS_AT_ONCE])[1:-1].encode())
    return b'{"ok": true, "result": [' + b", ".join(parts) + b"]}\n"


def _raise_unless_socket(path: Path) -> None:
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise ConfigError(
            f"{path} is not a socket",
            code="control-socket",
            hint="set desk.control to another path",
        )


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def ask(path: Path, op: str, args: Mapping[str, Any] | None = None) -> Any:
    """Ask a running desk, and wait. Raises DeskError `desk-not-running` when none listens.

    What the desk refuses comes back as the same kind of error.
    """
    timeout_s = READ_TIMEOUT_S if op in READS else ANSWER_TIMEOUT_S
    asked = {
        "op": op,
        "args": dict(args or {}),
        "until_ns": time.time_ns() + int(timeout_s * 1e9),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            if path.exists():
                _raise_unless_socket(path)
            connection.connect(str(path))
        except OSError:
            raise DeskError(
                f"no desk answers on {path}",
                code="desk-not-running",
                hint="start one with `crossdock run`",
            ) from None
        connection.sendall(json.dumps(asked).encode() + b"\n")
        try:
            with connection.makefile("rb") as stream:
                line = stream.readline()
        except OSError as error:
            raise DeskError(
                f"the desk did not answer: {error}",
                code="desk-silent",
                hint="if it hangs, end it with kill -9; `crossdock kill` then goes to the "
                "venues by itself",
            ) from None
    if not line:
        raise DeskError(
            "the desk closed the connection without an answer", code="desk-silent"
        )
    return result_of(json.loads(line))
