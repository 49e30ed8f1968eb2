"""What the order book is told by a transaction.

https://github.com/dydxprotocol/v4-chain/blob/main/proto/dydxprotocol/clob/order.proto and
…/clob/tx.proto, read 2026-11-21: their messages, by their field numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from crossdock.sandbox.faces.dydx.transactions.protobuf import Message

PLACE = "/dydxprotocol.clob.MsgPlaceOrder"
CANCEL = "/dydxprotocol.clob.MsgCancelOrder"
CANCEL_BATCH = "/dydxprotocol.clob.MsgBatchCancel"


class Flags(IntEnum):
    """What kind of order an id is of. Short-term ones live for blocks, others for a time."""

    SHORT_TERM = 0
    CONDITIONAL = 32
    LONG_TERM = 64


class TimeInForce(IntEnum):
    UNSPECIFIED = 0
    IOC = 1
    POST_ONLY = 2
    FILL_OR_KILL = 3  # deprecated


class Condition(IntEnum):
    NONE = 0
    STOP_LOSS = 1
    TAKE_PROFIT = 2


@dataclass(frozen=True, slots=True)
class OrderId:
    """By all of this together an order is known."""

    owner: str
    subaccount: int
    client_id: int
    flags: int
    clob_pair: int

    @property
    def is_short_term(self) -> bool:
        return self.flags == Flags.SHORT_TERM


@dataclass(frozen=True, slots=True)
class Order:
    id: OrderId
    side: int  # 1 buys, 2 sells
    quantums: int
    subticks: int
    good_til_block: int
    good_til_time_s: int
    time_in_force: int
    reduce_only: bool
    client_metadata: int
    condition: int
    trigger_subticks: int


@dataclass(frozen=True, slots=True)
class Cancel:
    id: OrderId
    good_til_block: int
    good_til_time_s: int


def order_of(message: Message) -> Order:
    """Read a MsgPlaceOrder. Raises Malformed."""
    order = message.message(1)
    return Order(
        id=_order_id(order.message(1)),
        side=order.number(2),
        quantums=order.number(3),
        subticks=order.number(4),
        good_til_block=order.number(5),
        good_til_time_s=order.number(6),
        time_in_force=order.number(7),
        reduce_only=bool(order.number(8)),
        client_metadata=order.number(9),
        condition=order.number(10),
        trigger_subticks=order.number(11),
    )


def cancel_of(message: Message) -> Cancel:
    """Read a MsgCancelOrder. Raises Malformed."""
    return Cancel(_order_id(message.message(1)), message.number(2), message.number(3))


def cancels_of(message: Message) -> list[Cancel]:
    """Read a MsgBatchCancel, which is of short-term orders. Raises Malformed."""
    owner, subaccount = _subaccount(message.message(1))
    until = message.number(3)
    return [
        Cancel(
            OrderId(owner, subaccount, ours, Flags.SHORT_TERM, batch.number(1)), until, 0
        )
        for batch in map(Message, message.every(2))
        for ours in batch.numbers(2)
    ]


def owner_of(kind: str, message: Message) -> str:
    """Return whose order a message is about: he has to sign it. Raises Malformed."""
    if kind == PLACE:
        return order_of(message).id.owner
    if kind == CANCEL:
        return cancel_of(message).id.owner
    return _subaccount(message.message(1))[0]


def _order_id(message: Message) -> OrderId:
    owner, number = _subaccount(message.message(1))
    return OrderId(owner, number, message.number(2), message.number(3), message.number(4))


def _subaccount(message: Message) -> tuple[str, int]:
    return message.text(1), message.number(2)
