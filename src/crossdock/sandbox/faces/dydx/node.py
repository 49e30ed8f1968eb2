"""A node's way in: where the chain stands, and transactions, checked before they enter.

https://docs.cometbft.com/v0.38/rpc/ and
https://github.com/cosmos/cosmos-sdk/blob/main/proto/cosmos/tx/v1beta1/service.proto, read
2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.contract import Act, Call, Reply, Route
from crossdock.sandbox.faces.dydx.chain import height_at
from crossdock.sandbox.faces.dydx.limits import Windows
from crossdock.sandbox.faces.dydx.refusals import SDK, Checked, code_of, status_of
from crossdock.sandbox.faces.dydx.transactions import orders as clob
from crossdock.sandbox.faces.dydx.transactions.envelope import Envelope, opened
from crossdock.sandbox.faces.dydx.transactions.protobuf import Malformed, Message
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace

BROADCASTS = ("/broadcast_tx_sync", "/broadcast_tx_async")
_INFO = "/abci_info"
_SIMULATE = "/cosmos/tx/v1beta1/simulate"
_GAS = 100_000  # none is paid for orders
_UNCOUNTED = Windows()  # cancels of stateful orders
_CODE_NOT_FOUND, _CODE_INVALID = 5, 3  # gRPC's

encode = msgspec.json.Encoder().encode


class Node:
    """One node of the chain, for one venue."""

    queries = (_INFO,)

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._limits: dict[str, tuple[Windows, Windows]] = {}

    def routes(self) -> Sequence[Route]:
        return [
            Route("GET", _INFO, self._info, is_signed=False),
            Route("POST", _SIMULATE, self._simulate, is_signed=False),
            *(Route("GET", path, self._broadcast, Operation.SUBMIT) for path in BROADCASTS),
        ]

    def operation(self, call: Call) -> Operation:
        try:
            kind = opened(_raw(call)).kind
        except (Malformed, Checked):
            return Operation.SUBMIT
        return Operation.SUBMIT if kind == clob.PLACE else Operation.CANCEL

    def owner(self, call: Call) -> str:
        try:
            envelope = opened(_raw(call))
            return clob.owner_of(envelope.kind, envelope.message)
        except (Malformed, Checked):
            return ""

    def enter(self, call: Call) -> None:
        """Check who signed, and count what he sends. Raises Refusal."""
        envelope = _opened(call)
        owner = clob.owner_of(envelope.kind, envelope.message)
        now_ns = self._face.host.now_ns()
        call.holder = self._face.chain.check(envelope, owner, now_ns)
        call.window = self._face.chain.window(envelope)
        operation = self.operation(call)
        self._face.passage.check_key(call.holder, operation)
        limiter = self._limiter(call.account, envelope)
        self._face.passage.limit(limiter, operation, call.account)

    def reply(self, result: Any) -> Reply:
        return Reply(encode({"jsonrpc": "2.0", "id": -1, "result": result}))

    def refusal(self, call: Call, refusal: Refusal) -> Reply:
        """Word a refusal: of a transaction by its code, of a call as the servers do."""
        is_rpc = call.route.path in (*BROADCASTS, _INFO)
        status, words = status_of(refusal)
        if is_rpc and status >= 500:
            error = {"code": -32603, "message": "Internal error", "data": words}
            return Reply(encode({"jsonrpc": "2.0", "id": -1, "error": error}), status)
        if not is_rpc:
            code = _CODE_NOT_FOUND if status == 404 else _CODE_INVALID
            body = {"code": code, "message": words, "details": []}
            return Reply(encode(body), status)
        space, number, log = code_of(refusal)
        told = {"code": number, "data": "", "log": log, "codespace": space, "hash": ""}
        return self.reply(told)

    def _info(self, call: Call) -> Act:
        return lambda now_ns: {
            "response": {
                "data": "dydxprotocol",
                "version": "9.1.0",
                "last_block_height": str(height_at(now_ns)),
                "last_block_app_hash": "",
            }
        }

    def _simulate(self, call: Call) -> Act:
        """Tell what a transaction would use up, if it can be read."""
        try:
            fields = msgspec.json.decode(call.body, type=dict[str, Any])
            Message(base64.b64decode(str(fields.get("txBytes", "")), validate=True))
        except (msgspec.DecodeError, binascii.Error, Malformed) as problem:
            raise Refusal("bad_request", f"tx parse error: {problem}") from None
        gas = {"gas_wanted": str(2**64 - 1), "gas_used": str(_GAS)}
        return lambda _now_ns: {"gas_info": gas, "result": {}}

    def _broadcast(self, call: Call) -> Act:
        assert call.holder is not None
        return self._face.trading.work(_opened(call), call.holder, _raw(call))

    def _limiter(self, account: str, envelope: Envelope) -> Windows:
        limits = self._limits.get(account)
        if limits is None:
            limits = self._limits[account] = self._face.order_limiter()
        short_term, stateful = limits
        match envelope.kind:
            case clob.PLACE:
                order_id = clob.order_of(envelope.message).id
                return short_term if order_id.is_short_term else stateful
            case clob.CANCEL:
                order_id = clob.cancel_of(envelope.message).id
                return short_term if order_id.is_short_term else _UNCOUNTED
            case _:
                return short_term


def _opened(call: Call) -> Envelope:
    try:
        envelope = opened(_raw(call))
        clob.owner_of(envelope.kind, envelope.message)
    except Malformed as problem:
        raise Checked(SDK, 2, str(problem)) from None
    return envelope


def _raw(call: Call) -> bytes:
    """Return a transaction's bytes out of the query, where they stand in hex."""
    text = call.request.query.get("tx", "")
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise Checked(SDK, 2, "tx is given in hex, behind 0x") from None
