"""The control server beyond its socket: a port for those who know the secret."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from crossdock.app.doors.control.challenge import admits
from crossdock.app.settings import DeskSettings
from crossdock.errors import ConfigError

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the desk can be asked by TCP, and what protects that."""

    host: str
    port: int
    secret: str
    certificate: Path | None = None
    key: Path | None = None

    def __repr__(self) -> str:
        return f"Listening({self.host}:{self.port})"

    async def start(self, serve: Serve, limit: int) -> asyncio.Server:
        """Begin to listen. Raises ConfigError when the place or the certificate is none."""

        async def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if await admits(reader, writer, self.secret):
                await serve(reader, writer)
            else:
                writer.close()

        try:
            return await asyncio.start_server(
                admit, self.host, self.port, limit=limit, ssl=self.tls()
            )
        except OSError as error:
            raise ConfigError(
                f"the desk cannot listen on {self.host}:{self.port}: {error.strerror}",
                code="control-socket",
                hint="set desk.control_listen to a free port of this machine",
            ) from error

    def tls(self) -> ssl.SSLContext | None:
        """Return what the desk shows; None for no TLS. Raises ConfigError."""
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise ConfigError(
                f"the certificate {self.certificate} cannot be used: {error}",
                code="control-socket",
                hint="set desk.control_certificate and desk.control_key",
            ) from error
        return context


def listening_of(settings: DeskSettings) -> Listening | None:
    """Return where a desk's settings have it listen; None for its socket alone."""
    if not settings.control_listen:
        return None
    host, _, port = settings.control_listen.rpartition(":")
    return Listening(
        host=host.strip("[]"),
        port=int(port),
        secret=settings.control_secret.reveal(),
        certificate=settings.control_certificate,
        key=settings.control_key,
    )
