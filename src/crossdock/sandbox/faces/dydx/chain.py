"""The chain as a node of it stands: blocks, accounts, and which transactions may enter.

https://github.com/dydxprotocol/v4-chain/tree/main/protocol/app/ante and
…/protocol/x/accountplus/keeper/timestampnonce.go, read 2026-11-21.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from crossdock.sandbox.faces.dydx.refusals import SDK, Checked
from crossdock.sandbox.faces.dydx.transactions.envelope import Envelope
from crossdock.sandbox.faces.dydx.transactions.orders import (
    CANCEL,
    CANCEL_BATCH,
    PLACE,
    cancel_of,
    order_of,
)
from crossdock.sandbox.faces.dydx.transactions.signatures import is_signed, public_key
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.host import SECOND_NS, Host

CHAIN = "dydx-mainnet-1"
BLOCK_NS = SECOND_NS
_FIRST_BLOCK_S = 1_600_000_000
_FIRST_TIME_NONCE = 1 << 40
_MOST_TIME_NONCES = 20
_TIME_NONCE_MS = 30_000  # old, or ahead
_MS_NS = 1_000_000


def height_at(time_ns: int) -> int:
    """Return the newest block's height: there is one in each second."""
    return time_ns // BLOCK_NS - _FIRST_BLOCK_S


def time_of(height: int) -> int:
    return (height + _FIRST_BLOCK_S) * BLOCK_NS


@dataclass(slots=True)
class _Nonces:
    """What an account's next transaction is numbered by."""

    sequence: int = 0
    times_ms: list[int] = field(default_factory=list)
    ejected_ms: int = 0


class Chain:
    """Whose transactions are let in. What is let in counts once `entered` says so."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._nonces: dict[str, _Nonces] = {}

    def number(self, holder: Holder) -> int:
        """Return the number of an account: that of its place among the venue's."""
        return self._host.venue.accounts.index(holder.account) + 1

    def account(self, holder: Holder) -> dict[str, object]:
        """Return what the chain tells of an account."""
        key = base64.b64encode(public_key(holder.secret)).decode()
        return {
            "address": holder.key,
            "pub_key": {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": key},
            "account_number": str(self.number(holder)),
            "sequence": str(self._of(holder).sequence),
        }

    def check(self, envelope: Envelope, owner: str, now_ns: int) -> Holder:
        """Return who signed a transaction. Raises Checked."""
        holder = self._host.keys.find(owner)
        if holder is None:
            raise Checked(SDK, 9, f"account {owner} does not exist")
        if envelope.public_key != public_key(holder.secret):
            raise Checked(SDK, 8, "pubKey does not match signer address")
        signed = envelope.signed(chain=CHAIN, account_number=self.number(holder))
        if not is_signed(holder.secret, envelope.signature, signed):
            what = (
                "signature verification failed; please verify account number "
                f"({self.number(holder)}) and chain-id ({CHAIN})"
            )
            raise Checked(SDK, 4, what)
        if not _ends_by_block(envelope):
            self._check_number(holder, envelope.sequence, now_ns)
        return holder

    def window(self, envelope: Envelope) -> Window | None:
        """Return the time in which a transaction numbered by one may arrive, if it is."""
        if _ends_by_block(envelope) or envelope.sequence < _FIRST_TIME_NONCE:
            return None
        words = f"timestamp nonce {envelope.sequence} not within valid time window"
        width_ns = _TIME_NONCE_MS * _MS_NS
        at_ns = envelope.sequence * _MS_NS
        return Window(
            from_ns=at_ns - width_ns,
            until_ns=at_ns + width_ns + BLOCK_NS,
            received_ns=self._host.clock.time_ns(),
            width_ns=2 * width_ns,
            words=words,
        )

    def entered(self, envelope: Envelope, holder: Holder) -> None:
        """Use the number of a transaction up."""
        if _ends_by_block(envelope):
            return
        nonces = self._of(holder)
        if envelope.sequence < _FIRST_TIME_NONCE:
            nonces.sequence += 1
            return
        if len(nonces.times_ms) >= _MOST_TIME_NONCES:
            nonces.ejected_ms = min(nonces.times_ms)
            nonces.times_ms.remove(nonces.ejected_ms)
        nonces.times_ms.append(envelope.sequence)

    def _check_number(self, holder: Holder, number: int, now_ns: int) -> None:
        nonces = self._of(holder)
        if number < _FIRST_TIME_NONCE:
            if number != nonces.sequence:
                what = f"account sequence mismatch, expected {nonces.sequence}"
                raise Checked(SDK, 32, f"{what}, got {number}")
            return
        block_ms = now_ns // BLOCK_NS * BLOCK_NS // _MS_NS
        if abs(number - block_ms) > _TIME_NONCE_MS:
            raise Checked(SDK, 32, f"timestamp nonce {number} not within valid time window")
        for stale in [it for it in nonces.times_ms if it < block_ms - _TIME_NONCE_MS]:
            nonces.times_ms.remove(stale)
            nonces.ejected_ms = max(nonces.ejected_ms, stale)
        full = len(nonces.times_ms) >= _MOST_TIME_NONCES
        if (
            number <= nonces.ejected_ms
            or number in nonces.times_ms
            or (full and number <= min(nonces.times_ms))
        ):
            raise Checked(SDK, 32, f"timestamp nonce {number} rejected")

    def _of(self, holder: Holder) -> _Nonces:
        return self._nonces.setdefault(holder.account, _Nonces())


def _ends_by_block(envelope: Envelope) -> bool:
    """Tell whether a good-til-block keeps a transaction from being repeated."""
    match envelope.kind:
        case kind if kind == CANCEL_BATCH:
            return True
        case kind if kind == PLACE:
            return order_of(envelope.message).id.is_short_term
        case kind if kind == CANCEL:
            return cancel_of(envelope.message).id.is_short_term
        case _:
            return False
