"""The closed vocabularies of orders, in FIX's words."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A closed vocabulary whose members hash as their text: Enum's own hash is slow."""

    __hash__ = str.__hash__


class Side(Word):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(Word):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    MARKET_IF_TOUCHED = "market_if_touched"  # many venues call it take-profit
    LIMIT_IF_TOUCHED = "limit_if_touched"
    TRAILING_STOP = "trailing_stop"  # a stop that follows the price, by amount or percent


class TimeInForce(Word):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    DAY = "DAY"
    GTD = "GTD"


class PositionSide(Word):
    """Net, or one leg of a hedge-mode account."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


class MarginMode(Word):
    NONE = "none"  # spot
    CROSS = "cross"
    ISOLATED = "isolated"


class Contingency(Word):
    """How an order and its attached legs hang together (FIX ContingencyType)."""

    OTO = "one_triggers_the_other"  # legs begin when the order fills; two of them are OCO
    OCO = "one_cancels_the_other"  # order and leg are both live; one done ends the other


class OrderStatus(Word):
    """The last status that was proven. Doubt is kept apart, one per attempt.

    The first two are ours, before any word from the venue. `NeverAccepted` is ours too:
    no byte left, or the venue's absence of the order was proven.
    """

    JOURNALED = "Journaled"
    SENT = "Sent"
    PENDING_NEW = "PendingNew"
    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELED = "Canceled"
    REJECTED = "Rejected"
    EXPIRED = "Expired"
    NEVER_ACCEPTED = "NeverAccepted"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL


LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
"""Types that carry a limit price."""

TRIGGERED = frozenset(
    {
        OrderType.STOP,
        OrderType.STOP_LIMIT,
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
    }
)
"""Types that carry a stop price, the one that triggers them."""

TERMINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.NEVER_ACCEPTED,
    }
)
