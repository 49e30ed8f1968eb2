"""Cassettes: what went over the wire, scrubbed, as JSON lines; and a server that plays them."""

from __future__ import annotations

import asyncio
import base64
import re
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
from aiohttp import WSMsgType, web

from crossdock.errors import ConfigError
from crossdock.ports import Clock
from crossdock.toolkit.exchange import HttpReply, HttpRequest
from crossdock.toolkit.secrets import MASK, Masker

_KEPT_HEADERS = re.compile(
    r"content-type|retry-after|date|.*(rate|limit|weight).*", re.IGNORECASE
)
_HIDDEN = r"\w*(?:signature|secret|token|passw|passphrase|api[-_]?key|authorization)\w*"
_HIDDEN_IN_REPLIES = rf"(?:{_HIDDEN}|listenkey)"
_HIDDEN_IN_REQUESTS = rf"(?:{_HIDDEN}|listenkey|key|sig|sign|otp)"
_PLAYER_CLOSE_S = 0.1


class Exchange(msgspec.Struct, frozen=True, kw_only=True, tag="http", tag_field="kind"):
    """One HTTP request and its reply. Of the request's headers nothing is kept."""

    at_ns: int
    method: str
    target: str
    request: str
    status: int
    headers: dict[str, str]
    reply: str
    reply_is_base64: bool = False

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag="frame", tag_field="kind"):
    """One WebSocket message. `sent` is from us to the venue."""

    at_ns: int
    path: str
    sent: bool
    text: str


_ENCODER = msgspec.json.Encoder()
_LINE = msgspec.json.Decoder(Exchange | Frame)


class Recorder:
    """Writes a cassette. Three nets keep secrets out of it.

    Request headers are not kept at all and reply headers only by name; values of fields,
    form fields and query parameters whose names say key, signature, token, … are masked;
    and every text passes the masker.
    """

    def __init__(self, path: Path, clock: Clock, masker: Masker) -> None:
        self._path = path
        self._clock = clock
        self._masker = masker
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def exchange(self, request: HttpRequest, reply: HttpReply) -> None:
        """Record one request with its reply."""
        try:
            text, is_base64 = reply.body.decode(), False
        except UnicodeDecodeError:
            scrubbed = self._masker.scrub_bytes(reply.body)
            text, is_base64 = base64.b64encode(scrubbed).decode(), True
        self._write(
            Exchange(
                at_ns=self._clock.time_ns(),
                method=request.method,
                target=self._scrubbed(request.target, _HIDDEN_IN_REQUESTS),
                request=self._scrubbed(
                    request.body.decode("utf-8", "replace"), _HIDDEN_IN_REQUESTS
                ),
                status=reply.status,
                headers=self._kept(reply.headers),
                reply=text if is_base64 else self._scrubbed(text, _HIDDEN_IN_REPLIES),
                reply_is_base64=is_base64,
            )
        )

    def frame(self, path: str, data: bytes, *, sent: bool) -> None:
        """Record one WebSocket message."""
        hidden = _HIDDEN_IN_REQUESTS if sent else _HIDDEN_IN_REPLIES
        self._write(
            Frame(
                at_ns=self._clock.time_ns(),
                path=path.partition("?")[0],
                sent=sent,
                text=self._scrubbed(data.decode("utf-8", "replace"), hidden),
            )
        )

    def _kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self._masker.scrub(value)
            for name, value in headers.items()
            if _KEPT_HEADERS.fullmatch(name)
        }

    def _scrubbed(self, text: str, hidden: str) -> str:
        # By pattern and not by parsing, so that every other byte stays as it came.
        field = rf'("{hidden}"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|-?[\d.]+)'
        text = re.sub(field, rf'\1"{MASK}"', text, flags=re.IGNORECASE)
        text = re.sub(
            rf"((?:^|[?&]){hidden}=)[^&]*", rf"\1{MASK}", text, flags=re.IGNORECASE
        )
        return self._masker.scrub(text)

    def _write(self, line: Exchange | Frame) -> None:
        if self._file is None:
            raise RuntimeError("the recorder is not open: use it as a context manager")
        self._file.write(_ENCODER.encode(line) + b"\n")
        self._file.flush()


def read_cassette(path: Path) -> list[Exchange | Frame]:
    """Read a cassette, or raise ConfigError naming file and line."""
    try:
        texts = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"cassette {path}: {error.strerror}") from None
    lines: list[Exchange | Frame] = []
    for number, text in enumerate(texts, 1):
        try:
            lines.append(_LINE.decode(text))
        except msgspec.DecodeError as error:
            raise ConfigError(f"cassette {path}, line {number}: {error}") from None
    return lines


class CassettePlayer:
    """A real server on loopback that answers from a cassette.

    Requests of one method and path are answered in the order they were recorded. A
    WebSocket plays its path's messages: received ones are pushed, at sent ones it waits
    for the client's next message. What the cassette does not hold is answered with 404,
    and leaving the context raises LookupError that says what was asked and what there is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._exchanges: dict[tuple[str, str], deque[Exchange]] = defaultdict(deque)
        self._frames: dict[str, deque[Frame]] = defaultdict(deque)
        self._misses: list[str] = []
        self._runner: web.AppRunner | None = None
        self._port = 0
        for line in read_cassette(path):
            if isinstance(line, Exchange):
                self._exchanges[line.method, line.path].append(line)
            else:
                self._frames[line.path].append(line)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=_PLAYER_CLOSE_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._misses and (error is None or isinstance(error, Exception)):
            raise LookupError("; ".join(self._misses)) from error

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def unplayed(self) -> list[str]:
        """What was recorded and not asked for, as `METHOD path` and `stream path`."""
        calls = [" ".join(key) for key, left in self._exchanges.items() for _ in left]
        return calls + [f"stream {path}" for path, left in self._frames.items() if left]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._play_frames(request, path)
        recorded = self._exchanges.get((request.method, path))
        if not recorded:
            return self._missed(f"{request.method} {path}")
        line = recorded.popleft()
        body = base64.b64decode(line.reply) if line.reply_is_base64 else line.reply.encode()
        kept = {k: v for k, v in line.headers.items() if k.lower() != "date"}
        return web.Response(status=line.status, headers=kept, body=body)

    async def _play_frames(self, request: web.Request, path: str) -> web.StreamResponse:
        frames = self._frames.get(path)
        if not frames:
            return self._missed(f"stream {path}")
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        while frames:
            frame = frames.popleft()
            if not frame.sent:
                await stream.send_str(frame.text)
            elif (await stream.receive()).type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                frames.appendleft(frame)
                break
        await asyncio.shield(stream.close())
        return stream

    def _missed(self, what: str) -> web.Response:
        has = ", ".join(self.unplayed) or "nothing more"
        self._misses.append(
            f"{what} is not in the cassette {self._path.name}; it has {has}"
        )
        return web.json_response(
            {"code": "not_in_cassette", "message": self._misses[-1]}, status=404
        )
