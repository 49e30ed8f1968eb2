"""What an account's venue offers, asked of its manifest before anything is sent."""

from __future__ import annotations

from typing import Any, Protocol

from crossdock.app.gateway import GatewayOptions
from crossdock.errors import DeskError
from crossdock.ports import PROTOCOL_OF, Can, Manifest


class Connected(Protocol):
    """An account that has a connection to its venue, or will have one again."""

    @property
    def manifest(self) -> Manifest: ...
    @property
    def options(self) -> GatewayOptions: ...
    @property
    def adapter(self) -> Any:
        """The connected adapter. Raises DeskError while the venue is away."""


def ability(account: Connected, can: Can) -> Any:
    """Return the adapter that can do it. Raises DeskError, and nothing is sent.

    `not-offered` where the manifest does not declare it, `account-away` while the venue
    is not connected.
    """
    manifest = account.manifest
    if can not in manifest.can:
        raise _refusal(account, can)
    adapter = account.adapter
    if not isinstance(adapter, PROTOCOL_OF[can]):
        raise _refusal(account, can)  # of this account, whatever others of the kind can
    return adapter


def _refusal(account: Connected, can: Can) -> DeskError:
    manifest, options = account.manifest, account.options
    what = str(can).replace("_", " ")
    return DeskError(
        f"{options.account}: {options.venue} ({manifest.name}) offers no {what} here",
        code="not-offered",
        hint=f"what it does offer is on the page of the adapter {manifest.id}",
    )
