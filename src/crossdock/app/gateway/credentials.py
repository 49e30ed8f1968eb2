"""What our key may do at a venue, asked before an account trades with it."""

from __future__ import annotations

import logging
from typing import Any

from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.errors import AuthFailed, BadPayload, Rejected, Unavailable
from crossdock.model import KeyRights, Right
from crossdock.ports import KeyRightsRead

log = logging.getLogger(__name__)

EXPIRING_S = 14 * 86_400.0
NOT_TOLD = "this venue does not tell what a key may do: check it there"


class Credentials:
    """Refuses keys that can withdraw. `words` is what is known, for status views."""

    def __init__(self, kernel: Kernel, options: GatewayOptions) -> None:
        self.words = "not checked yet"
        self._kernel = kernel
        self._options = options
        self._told: set[str] = set()

    async def check(self, adapter: Any) -> None:
        """Ask, warn and judge. Raises AuthFailed for a key that must not be used.

        Where the venue does not answer that question, the account trades and says so.
        """
        if not isinstance(adapter, KeyRightsRead):
            self.words = NOT_TOLD
            return
        try:
            rights = await adapter.key_rights()
        except (BadPayload, Rejected, Unavailable) as error:
            told = self._kernel.scrub(error.message)
            self.words = f"what the key may do could not be checked: {told}"
            self._tell("key-unchecked", self.words)
            return
        self.words = _words(rights)
        self._warn(rights)
        if Right.WITHDRAW in rights.rights:
            self._judge()

    def _judge(self) -> None:
        account = self._options.account
        words = f"the key of {account} can withdraw money"
        if not self._options.moves_money:
            self._tell("key-can-withdraw", f"{words}; no real money is reached with it")
        elif self._options.allow_withdrawal_keys:
            allowed = f"accounts.{account}.allow_withdrawal_keys = true"
            self._tell("key-can-withdraw", f"{words}; {allowed} lets it trade")
        else:
            self._tell("key-can-withdraw", f"{words}; the account does not start")
            raise AuthFailed(
                words,
                code="key-can-withdraw",
                hint="make a key at the venue that reads and trades and nothing else; "
                "allow_withdrawal_keys = true for the account trades with this one",
            )

    def _warn(self, rights: KeyRights) -> None:
        account = self._options.account
        if rights.is_address_bound is False:
            words = f"the key of {account} works from every address; bind it to yours"
            self._tell("key-not-bound", words)
        if rights.expires_time_ns is None:
            return
        left_s = (rights.expires_time_ns - self._kernel.now()) / 1e9
        if left_s < EXPIRING_S:
            days = max(left_s, 0.0) / 86_400
            words = f"the key of {account} expires in {days:.1f} days"
            self._tell("key-expiring", words)

    def _tell(self, code: str, words: str) -> None:
        """Alarm once a process, not at every connection."""
        if code in self._told:
            return
        self._told.add(code)
        log.warning("%s: %s", code, words)
        kernel = self._kernel
        account = self._options.account
        alarm = r.Alarmed(at=kernel.now(), code=code, words=words, account=account)
        kernel.note([alarm])


def _words(rights: KeyRights) -> str:
    may = ", ".join(sorted(rights.rights)) or "nothing"
    bound = {True: "bound to an address", False: "works from every address"}
    parts = [f"may {may}"]
    if rights.is_address_bound is not None:
        parts.append(bound[rights.is_address_bound])
    return "; ".join(parts)
