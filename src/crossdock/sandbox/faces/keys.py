"""Keys, who holds them, and the window of time a signed call is good for."""

from __future__ import annotations

from dataclasses import dataclass, field

from crossdock.sandbox.faces.refusals import Refusal


@dataclass(slots=True)
class Holder:
    """Who holds a key: an account, what the key may do, and whether it is good.

    `secret` is a shared secret, or the holder's public key in PEM where the protocol
    takes signatures by a private one.
    """

    account: str
    key: str
    secret: bytes = field(repr=False)
    expires_ns: int
    passphrase: str = field(default="", repr=False)
    may_withdraw: bool = False
    may_trade: bool = True
    is_revoked: bool = False


class Keys:
    """Every key of a venue."""

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}

    def add(self, holder: Holder) -> None:
        self._holders[holder.key] = holder

    def __contains__(self, key: str) -> bool:
        return key in self._holders

    def find(self, key: str) -> Holder | None:
        return self._holders.get(key)

    def account_of(self, key: str) -> str | None:
        holder = self._holders.get(key)
        return None if holder is None else holder.account

    def of_account(self, account: str) -> Holder:
        for holder in self._holders.values():
            if holder.account == account:
                return holder
        raise KeyError(account)


@dataclass(frozen=True, slots=True)
class Window:
    """The time within which a call may reach the engine: the arrival horizon.

    `from_ns` and `until_ns` are on the venue's clock. `received_ns` is steady time: it
    bounds how long a call may stay inside the venue, so that a step of the venue's clock
    never lets one in that is older than `width_ns`.
    """

    from_ns: int
    until_ns: int
    received_ns: int
    width_ns: int
    words: str

    def check(self, venue_now_ns: int, steady_now_ns: int) -> None:
        """Raise Refusal (`bad_time`) unless the venue's clock lies inside."""
        if (
            not self.from_ns <= venue_now_ns <= self.until_ns
            or steady_now_ns - self.received_ns > self.width_ns
        ):
            raise Refusal("bad_time", self.words)
