"""Listen keys, and the connections on which their accounts are heard.

https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams, read
2026-11-21.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from crossdock.sandbox.faces.binance_words.door import encode
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.contract import Act, Face
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.frames import ping_frame
from crossdock.sandbox.stream.wire import Wire

_LIFE_NS = 3600 * 10**9
_PING_NS = 180 * 10**9


class ListenKeys:
    """The listen key of each account of one venue, good for an hour from its last word."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._keys: dict[str, tuple[str, int]] = {}
        self._made = 0

    def make(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            return {"listenKey": self._extended(account, now_ns)}

        return act

    def extend(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            if self.account_of(self._key_of(account)) is None:
                raise Said(-1125, "This listenKey does not exist.")
            return {"listenKey": self._extended(account, now_ns)}

        return act

    def end(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            self._host.expire_sessions(account)
            self.forget(account)
            return {}

        return act

    def forget(self, account: str) -> None:
        self._keys.pop(account, None)

    def account_of(self, key: str) -> str | None:
        """Return whose key it is while it is good."""
        for account, (known, until_ns) in self._keys.items():
            if known == key and self._host.now_ns() < until_ns:
                return account
        return None

    def _key_of(self, account: str) -> str:
        return self._keys.get(account, ("", 0))[0]

    def _extended(self, account: str, now_ns: int) -> str:
        key = self._key_of(account)
        if self.account_of(key) is None:
            self._made += 1
            seed = f"{self._host.name} {account} {self._made}".encode()
            key = hashlib.sha256(seed).hexdigest()
        self._keys[account] = (key, now_ns + _LIFE_NS)
        return key


class Beginning(Protocol):
    """Notes what an account has as somebody begins to hear it."""

    def begin(self, account: str, rows: Sequence[tuple[str, Decimal, Decimal]]) -> None: ...


class ListenConnection(Connection):
    """One connection on which an account is heard; it takes no requests."""

    def __init__(
        self, face: Face, wire: Wire, key: str, keys: ListenKeys, user_data: Beginning
    ) -> None:
        super().__init__(face, wire)
        self._keys = keys
        self._user_data = user_data
        self._key = key
        self._account: str | None = None
        self._pinged_ns = self.host.clock.time_ns()

    @property
    def is_signed_in(self) -> bool:
        return self._account is not None

    def opened(self) -> None:
        """Begin to hear the account; under a key that is not good there is silence."""
        self._account = self._keys.account_of(self._key)
        if self._account is not None:
            self.host.flush()
            balances = self.host.venue.balances(self._account)
            self._user_data.begin(self._account, balances)
            self.host.feed.subscribe_account(self._account, self, balances)

    def check_session(self) -> None:
        if self._account is not None and self._keys.account_of(self._key) is None:
            self._expire(self._account)

    def expire_session(self, account: str | None) -> bool:
        if self._account is None or account not in (None, self._account):
            return False
        self._expire(self._account)
        return True

    def received(self, text: str) -> None:
        raise Refusal("bad_request", "Invalid request")

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode({"result": result, "id": ticket})

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode({"error": {"code": 2, "msg": refusal.message}, "id": ticket})

    def beat(self, now_ns: int) -> None:
        """Ping every three minutes."""
        steady_ns = self.host.clock.time_ns()
        if steady_ns - self._pinged_ns >= _PING_NS:
            self._pinged_ns = steady_ns
            self.wire.write(ping_frame(str(milliseconds(now_ns)).encode()))

    def _expire(self, account: str) -> None:
        """Tell that the key is over. The connection stays, and hears nothing more."""
        self._keys.forget(account)
        self._account = None
        self.host.feed.leave_account(self, account)
        event = {
            "e": "listenKeyExpired",
            "E": milliseconds(self.host.now_ns()),
            "listenKey": self._key,
        }
        self.send(encode(event))
