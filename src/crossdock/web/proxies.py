"""Which proxy in front is believed, and what of what it says."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.errors import ConfigError

_KEY = "crossdock.by_trusted_proxy"
_SECURE = {"http": "https", "ws": "wss"}


class Proxies:
    """Puts the true client and scheme in place where a trusted proxy tells them.

    From anybody else the same headers are not looked at.
    """

    def __init__(self, application: ASGIApp, trusted: Sequence[str]) -> None:
        self._application = application
        try:
            self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]
        except ValueError as error:
            raise ConfigError(
                f"dashboard.trusted_proxies: {error}",
                code="config-value",
                hint='addresses and networks, like ["10.0.0.5", "10.1.0.0/16"]',
            ) from None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            client = scope.get("client")
            scope = {**scope, _KEY: client is not None and self._is_trusted(client[0])}
            if scope[_KEY]:
                self._believe(scope)
        await self._application(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if headers.get("X-Forwarded-Proto", "").strip().lower() in ("https", "wss"):
            scope["scheme"] = _SECURE.get(scope["scheme"], scope["scheme"])
        # The last address that no trusted proxy has added is who came to the first of them.
        told = ",".join(headers.getlist("X-Forwarded-For")).split(",")
        for address in reversed([each.strip() for each in told]):
            if address and not self._is_trusted(address):
                scope["client"] = (address, 0)
                return

    def _is_trusted(self, address: str) -> bool:
        found = _read(address)
        return found is not None and any(found in network for network in self._trusted)


def came_by_trusted_proxy(scope: Scope) -> bool:
    return bool(scope.get(_KEY))


def client_address(scope: Scope) -> str:
    """Return where a request came from; IPv6 as its network, which one person has whole."""
    client = scope.get("client")
    if client is None:
        return "unknown"
    address = _read(client[0])
    if address is None:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _read(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; a listener on `::` tells of IPv4 ones as IPv6."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if found.version == 6 else None
    return mapped or found
