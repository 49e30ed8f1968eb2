"""Where a desk is, read from a setting."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crossdock.errors import ConfigError

_UNIX = "unix:"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAddress:
    """A Unix socket, or a host and port. `secret` is what both sides know, by TCP."""

    path: Path | None = None
    host: str = ""
    port: int = 0
    secret: str = ""
    certificate: Path | None = None

    def __repr__(self) -> str:
        return f"DeskAddress({self})"

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}" if self.path else f"tcp://{self.host}:{self.port}"

    def tls(self) -> ssl.SSLContext | None:
        """Return what the desk's certificate is checked with, None for no TLS."""
        if self.certificate is None:
            return None
        try:
            return ssl.create_default_context(cafile=str(self.certificate))
        except OSError as error:
            raise ConfigError(
                f"the certificate {self.certificate} cannot be used: {error}",
                code="config-file",
                hint="set dashboard.platform_certificate to the desk's control_certificate",
            ) from None


def desk_address(
    url: str, *, control: Path, secret: str = "", certificate: Path | None = None
) -> DeskAddress:
    """Read `unix:PATH` or `tcp://HOST:PORT`; empty means `control`. Raises ConfigError."""
    if not url:
        return DeskAddress(path=control)
    if url.startswith(_UNIX):
        return DeskAddress(path=Path(url.removeprefix(_UNIX)).expanduser())
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "tcp" or not parts.hostname or not port:
        raise ConfigError(
            f"dashboard.platform_url = {url!r} is no address of a desk",
            code="config-value",
            hint="write unix:PATH or tcp://HOST:PORT",
        )
    if not secret:
        raise ConfigError(
            f"a desk at {url} is asked only with its secret",
            code="config-missing",
            hint="set dashboard.platform_secret to the desk's control_secret",
        )
    return DeskAddress(
        host=parts.hostname, port=port, secret=secret, certificate=certificate
    )
