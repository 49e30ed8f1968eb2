"""How dYdX says no: a transaction by a code of its codespace, the indexer by errors.

https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/types/errors.go and
https://github.com/cosmos/cosmos-sdk/blob/main/types/errors/errors.go, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.refusals import Refusal

CLOB, SDK = "clob", "sdk"
_WORDS = {
    (SDK, 2): "tx parse error",
    (SDK, 4): "unauthorized",
    (SDK, 6): "unknown request",
    (SDK, 8): "invalid pubkey",
    (SDK, 9): "unknown address",
    (SDK, 32): "incorrect account sequence",
    (CLOB, 3): "Invalid order side",
    (CLOB, 4): "Invalid order quantums",
    (CLOB, 5): "Invalid order goodTilBlock",
    (CLOB, 6): "Invalid order subticks",
    (CLOB, 8): "ClobPair ID does not reference a valid CLOB",
    (CLOB, 10): "The next block height is greater than the GoodTilBlock of the message",
    (CLOB, 11): (
        "The GoodTilBlock of the message is further than ShortBlockWindow blocks into the "
        "future"
    ),
    (CLOB, 12): "MsgPlaceOrder is invalid",
    (CLOB, 24): "Order is fully filled",
    (CLOB, 29): "Invalid stateful order cancellation",
    (CLOB, 44): "invalid time in force",
    (CLOB, 48): "This field has been deprecated",
    (CLOB, 2001): "Reduce-only orders cannot increase the position size",
    (CLOB, 2003): "Post-only order would cross one or more maker orders",
    (CLOB, 2004): "IOC order is already filled, remaining size is cancelled.",
    (CLOB, 3000): "Invalid order flags",
    (CLOB, 3001): "Invalid order goodTilBlockTime",
    (CLOB, 3002): "Stateful orders cannot require immediate execution",
    (CLOB, 3003): "The block time is greater than the GoodTilBlockTime of the message",
    (CLOB, 3004): (
        "The GoodTilBlockTime of the message is further than StatefulOrderTimeWindow into "
        "the future"
    ),
    (CLOB, 3005): "Existing stateful order has higher-or-equal priority than the new one",
    (CLOB, 3006): "Stateful order does not exist",
    (CLOB, 3007): "Stateful order collateralization check failed",
    (CLOB, 5001): "Block rate limit exceeded",
    (CLOB, 6000): "Conditional type is invalid",
    (CLOB, 6001): "Conditional order trigger subticks is invalid",
    (CLOB, 9003): "Reduce-only is currently disabled for non-IOC orders",
}
_CODES = {
    "key_revoked": (SDK, 4),
    "bad_time": (SDK, 32),
    "rate_limited": (CLOB, 5001),
    "insufficient_funds": (CLOB, 3007),
    "would_cross": (CLOB, 2003),
    "reduce_only": (CLOB, 2001),
    "duplicate_client_order_id": (CLOB, 3005),
    "stop_price": (CLOB, 6001),
    "order_done": (CLOB, 3006),
    "unknown_order": (CLOB, 3006),
}
_INVALID = (CLOB, 12)  # what else is wrong with an order


class Checked(Refusal):
    """A transaction that a node does not take, in the chain's own words."""

    def __init__(self, space: str, code: int, what: str = "") -> None:
        words = _WORDS[space, code]
        super().__init__("checked", f"{what}: {words}" if what else words)
        self.space = space
        self.number = code


class Unserved(Refusal):
    """A call of the indexer's that asks for what is not there, or not so."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__("unserved", words)
        self.status = status


def absent(words: str) -> Unserved:
    return Unserved(404, words)


def unfit(words: str) -> Unserved:
    return Unserved(400, words)


def code_of(refusal: Refusal) -> tuple[str, int, str]:
    """Return a refused transaction's codespace, code and log."""
    if isinstance(refusal, Checked):
        return refusal.space, refusal.number, refusal.message
    space, code = _CODES.get(refusal.code, _INVALID)
    return space, code, f"{refusal.message}: {_WORDS[space, code]}"


def status_of(refusal: Refusal) -> tuple[int, str]:
    """Return the status and words of a refused call of the indexer's."""
    if isinstance(refusal, Unserved):
        return refusal.status, refusal.message
    match refusal.code:
        case "rate_limited":
            return 429, "Too many requests"
        case "unavailable":
            return 503, "Service Unavailable"
        case "internal":
            return 500, "Internal Server Error"
        case "no_path":
            return 404, "Not Found"
        case _:
            return 400, refusal.message
