"""What every transaction is wrapped in, and what of it is signed.

https://github.com/cosmos/cosmos-sdk/blob/main/proto/cosmos/tx/v1beta1/tx.proto, read
2026-11-21: TxRaw, TxBody, AuthInfo, SignerInfo and SignDoc, by their field numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.sandbox.faces.dydx.transactions.protobuf import Malformed, Message, joined

_DIRECT = 1  # SIGN_MODE_DIRECT
_PUBLIC_KEY = "/cosmos.crypto.secp256k1.PubKey"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message, and what its one signer put around it."""

    kind: str  # the message's type: "/dydxprotocol.clob.MsgPlaceOrder"
    message: Message
    sequence: int
    public_key: bytes
    signature: bytes
    body: bytes
    auth_info: bytes

    def signed(self, *, chain: str, account_number: int) -> bytes:
        """Return the SignDoc: the bytes that the signature is for."""
        return joined(
            (1, self.body), (2, self.auth_info), (3, chain.encode()), (4, account_number)
        )


def opened(data: bytes) -> Envelope:
    """Read a TxRaw. Raises Malformed."""
    raw = Message(data)
    body, auth_info = raw.data(1), raw.data(2)
    messages = [Message(it) for it in Message(body).every(1)]
    signers = [Message(it) for it in Message(auth_info).every(1)]
    signatures = raw.every(3)
    if len(messages) != 1 or len(signers) != 1 or len(signatures) != 1:
        raise Malformed("one message, one signer and one signature are read here")
    [signer] = signers
    if signer.message(2).message(1).number(1) not in (0, _DIRECT):
        raise Malformed("only what is signed directly is read here")
    key = signer.message(1)
    if key.text(1) != _PUBLIC_KEY:
        raise Malformed("only keys of the curve secp256k1 are read here")
    return Envelope(
        kind=messages[0].text(1),
        message=messages[0].message(2),
        sequence=signer.number(3),
        public_key=key.message(2).data(1),
        signature=signatures[0],
        body=body,
        auth_info=auth_info,
    )
