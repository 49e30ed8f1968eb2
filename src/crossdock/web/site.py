"""Serves the built web app from memory, each file as small as the browser takes it."""

from __future__ import annotations

import gzip
import hashlib
import html
import mimetypes
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from crossdock.web.problems import Problem
from crossdock.web.security_headers import content_policy

BUILT = Path(__file__).with_name("built")
# Of the style element that lightweight-charts makes for the mark its licence asks for.
STYLES = ("3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY=",)
_INDEX = "index.html"
_YEAR = "public, max-age=31536000, immutable"
_HASHED = re.compile(r"^assets/.+-[\w-]{8,}\.\w+$")
_NOT_PAGES = ("api/", "socket.io", "assets/")
_PACKED = frozenset({".js", ".css", ".svg", ".json", ".map", ".webmanifest", ".html"})
_WORTH_BYTES = 1024

_NOT_BUILT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Crossdock</title>
<h1>The web app is not built</h1>
<p>The API answers; its pages are not here. In a checkout, <code>make site</code> builds
them; an installed package brings them along.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    media_type: str
    encodings: Mapping[str, bytes]
    etag: str
    is_hashed: bool


class Site:
    """An ASGI application: the app's files, and its first page for each of its routes."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._files: dict[str, _File] = {}
        self._index = ""
        if (index := folder / _INDEX).is_file():
            self._index = index.read_text("utf-8")
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and path.suffix not in (".br", ".gz") and name != _INDEX:
                    self._files[name] = _read(path, name)

    @property
    def is_built(self) -> bool:
        return bool(self._index)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a WebSocket nobody serves
            await send({"type": "websocket.close", "code": 1008})
            return
        reply = self._reply(Request(scope))
        await reply(scope, receive, send)

    def _reply(self, request: Request) -> Response:
        root = request.scope.get("root_path", "")
        name = request.scope["path"].removeprefix(root).lstrip("/")
        if file := self._files.get(name):
            return _of_file(request, file)
        is_page = not name.startswith(_NOT_PAGES) and "." not in name.rpartition("/")[2]
        if request.method not in ("GET", "HEAD") or not is_page:
            raise Problem(
                404,
                "not-found",
                "there is nothing at this address",
                hint="the page /docs lists what can be asked",
            )
        if not self.is_built:
            return HTMLResponse(_NOT_BUILT, 503)
        return self._page(root)

    def _page(self, root: str) -> Response:
        """Return the first page, told where it lies and what its style elements carry."""
        nonce = secrets.token_urlsafe(16)
        base = html.escape(f"{root}/")
        head = (
            f'<head>\n    <base href="{base}" />\n'
            f'    <meta property="csp-nonce" nonce="{nonce}" />'
        )
        page = self._index.replace("<head>", head, 1).replace(
            '="/assets/', f'="{base}assets/'
        )
        return HTMLResponse(
            page,
            headers={"Content-Security-Policy": content_policy(nonce, hashes=STYLES)},
        )


def _read(path: Path, name: str) -> _File:
    body = path.read_bytes()
    encodings: dict[str, bytes] = {}
    brotli = path.with_name(path.name + ".br")
    if brotli.is_file():
        encodings["br"] = brotli.read_bytes()
    if path.suffix in _PACKED and len(body) >= _WORTH_BYTES:
        encodings["gzip"] = gzip.compress(body, 9, mtime=0)
    return _File(
        body=body,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        encodings=encodings,
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        is_hashed=bool(_HASHED.match(name)),
    )


def _of_file(request: Request, file: _File) -> Response:
    headers = {
        "ETag": file.etag,
        "Cache-Control": _YEAR if file.is_hashed else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if request.method not in ("GET", "HEAD"):
        raise Problem(405, "method-not-allowed", "files are only read")
    if request.headers.get("If-None-Match") == file.etag:
        return Response(status_code=304, headers=headers)
    taken = {
        each.partition(";")[0].strip()
        for each in request.headers.get("Accept-Encoding", "").split(",")
    }
    body = file.body
    for encoding in ("br", "gzip"):
        if encoding in taken and encoding in file.encodings:
            body = file.encodings[encoding]
            headers["Content-Encoding"] = encoding
            break
    return Response(body, headers=headers, media_type=file.media_type)
