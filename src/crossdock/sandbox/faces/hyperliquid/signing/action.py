"""What is signed of an action, and the doors that let its signer in.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing and
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets,
read 2026-11-21. The bytes are those of the Python SDK that the first one names:
https://github.com/hyperliquid-dex/hyperliquid-python-sdk/blob/master/hyperliquid/utils/signing.py
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from crossdock.sandbox.faces.hyperliquid.refusals import Err, malformed
from crossdock.sandbox.faces.hyperliquid.signing.addresses import address_of, signer_of
from crossdock.sandbox.faces.hyperliquid.signing.keccak import keccak256
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.host import SECOND_NS, Host

_MAINNET = "a"
_CHAIN = 1337
_DAY_NS = 86_400 * SECOND_NS
_MS_NS = 1_000_000
_KEPT = 100
_LARGEST = 2**64
_DOMAIN = keccak256(
    keccak256(
        b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    + keccak256(b"Exchange")
    + keccak256(b"1")
    + _CHAIN.to_bytes(32, "big")
    + bytes(32)
)
_AGENT = keccak256(b"Agent(string source,bytes32 connectionId)")
_SOURCE = keccak256(_MAINNET.encode())

packed = msgspec.msgpack.Encoder().encode


class Signature(msgspec.Struct, frozen=True):
    r: str
    s: str
    v: int


class Request(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a call of `/exchange`."""

    action: dict[str, Any]
    nonce: int
    signature: Signature
    vault_address: str | None = None
    expires_after: int | None = None


@lru_cache(maxsize=64)
def read_request(body: bytes) -> Request:
    """Read a body; kept, since a call is looked at more than once. Raises Refusal."""
    try:
        request = msgspec.json.decode(body, type=Request)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise malformed() from None
    for number in (request.nonce, request.expires_after or 0):
        if not 0 <= number < _LARGEST:
            raise malformed()
    return request


@lru_cache(maxsize=64)
def signer(body: bytes) -> str:
    """Return the address that signed a body. Raises Refusal.

    It is an address whatever was signed: that of another action is nobody's.
    """
    request = read_request(body)
    try:
        r, s = int(request.signature.r, 16), int(request.signature.s, 16)
        return signer_of(_digest(request), r, s, request.signature.v)
    except ValueError:
        raise malformed() from None


def action_hash(
    action: Mapping[str, Any], nonce: int, vault: str | None, expires_ms: int | None
) -> bytes:
    """Return the hash that stands for an action: its fields stay in the order they came."""
    data = packed(action) + nonce.to_bytes(8, "big")
    data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x"))
    if expires_ms is not None:
        data += b"\x00" + expires_ms.to_bytes(8, "big")
    return keccak256(data)


def _digest(request: Request) -> bytes:
    hashed = action_hash(
        request.action, request.nonce, request.vault_address, request.expires_after
    )
    return keccak256(b"\x19\x01" + _DOMAIN + keccak256(_AGENT + _SOURCE + hashed))


class Wallets:
    """Who may sign for which account, and the nonces that were used up."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._nonces: dict[str, list[int]] = {}
        self._signers: dict[str, str] = {}

    def known_as(self, address: str) -> str:
        """Return the key of the account with an address, in whatever case, or nothing."""
        return self._first(lambda it: it.key.lower() == address.lower())

    def signs_for(self, address: str) -> str:
        """Return the key of the account that an address signs for, or nothing."""
        return self._first(lambda it: self._signer(it) == address)

    def admit(self, request: Request, address: str) -> tuple[Holder, Window]:
        """Return who signed, and for how long it is good. Raises Refusal."""
        holder = self._host.keys.find(self.signs_for(address))
        if holder is None:
            raise Err(f"User or API Wallet {address} does not exist.")
        if request.vault_address is not None:
            raise Err(f"Vault not registered: {request.vault_address}")
        window = self._window(request)
        window.check(self._host.now_ns(), self._host.clock.time_ns())
        self._use(address, request.nonce)
        return holder, window

    def _first(self, fits: Callable[[Holder], bool]) -> str:
        keys = self._host.keys
        holders = map(keys.of_account, self._host.venue.accounts)
        return next((it.key for it in holders if fits(it)), "")

    def _signer(self, holder: Holder) -> str:
        """Return the address of the wallet that signs for an account."""
        found = self._signers.get(holder.key)
        if found is None:
            found = self._signers[holder.key] = _wallet(holder.secret)
        return found

    def _window(self, request: Request) -> Window:
        nonce_ns = request.nonce * _MS_NS
        until_ns = nonce_ns + 2 * _DAY_NS
        words = f"Invalid nonce: {request.nonce} is too far from the time of the block"
        if request.expires_after is not None:
            expires_ns = request.expires_after * _MS_NS
            if expires_ns < until_ns:
                until_ns, words = expires_ns, "Action expired"
        from_ns = nonce_ns - _DAY_NS
        return Window(
            from_ns=from_ns,
            until_ns=until_ns,
            received_ns=self._host.clock.time_ns(),
            width_ns=max(0, until_ns - self._host.now_ns()),
            words=words,
        )

    def _use(self, address: str, nonce: int) -> None:
        kept = self._nonces.setdefault(address, [])
        if nonce in kept or (len(kept) == _KEPT and nonce < kept[0]):
            raise Err(f"Invalid nonce: {nonce} was used, or is below those kept")
        insort(kept, nonce)
        del kept[:-_KEPT]


def _wallet(secret: bytes) -> str:
    """Return the address of a private key in hex; an address stands for itself."""
    text = secret.decode("utf-8", "replace").lower().removeprefix("0x")
    try:
        told = bytes.fromhex(text)
        return address_of(told) if len(told) == 32 else f"0x{text}"
    except ValueError:
        return ""  # nobody can sign for it
