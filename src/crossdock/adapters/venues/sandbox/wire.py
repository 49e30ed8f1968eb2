"""What the sandbox says, field for field.

docs/reference/sandbox-protocol.md, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from crossdock.model import (
    AccountEventKind,
    Contingency,
    ContractKind,
    FillKind,
    Level,
    Liquidity,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)

StatusWord = Literal[
    "PendingNew", "New", "PartiallyFilled", "Filled", "Canceled", "Rejected", "Expired"
]


class Time(msgspec.Struct, frozen=True):
    time_ns: int


class WireInstrument(msgspec.Struct, frozen=True, kw_only=True):
    """`ticks` holds (floor, tick) pairs; `version` grows with every change."""

    symbol: str
    key: str
    kind: ContractKind
    base: str
    quote: str
    settle: str
    ticks: tuple[tuple[Decimal, Decimal], ...]
    quantity_step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal | None
    min_notional: Decimal
    multiplier: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    version: int


class InstrumentList(msgspec.Struct, frozen=True):
    instruments: tuple[WireInstrument, ...]


class WireOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order as it stands. `id` changes with every replace; `replaces` is the one before.

    What belongs to trailing stops and to groups of orders is left out of the others.
    """

    id: str
    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    cumulative_quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: TimeInForce
    expire_time_ns: int | None
    post_only: bool
    reduce_only: bool
    position_side: PositionSide
    status: StatusWord
    reason: str
    replaces: str | None
    created_time_ns: int
    updated_time_ns: int
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    contingency: Contingency | None = None
    parent_id: str | None = None
    legs: tuple[str, ...] = ()


class OrderList(msgspec.Struct, frozen=True):
    orders: tuple[WireOrder, ...]


class CanceledList(msgspec.Struct, frozen=True):
    canceled: tuple[WireOrder, ...]


class WireFill(msgspec.Struct, frozen=True, kw_only=True):
    """An execution. `order_id` is the id the order had at that moment."""

    sequence: int
    execution_id: str
    order_id: str
    client_order_id: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: Liquidity
    kind: FillKind
    replaces: str | None
    position_side: PositionSide
    moment: int
    time_ns: int


class FillList(msgspec.Struct, frozen=True):
    """A page, oldest first. `last` is the account's newest sequence at that moment."""

    fills: tuple[WireFill, ...]
    last: int


class WireEvent(msgspec.Struct, frozen=True, kw_only=True):
    sequence: int
    event_id: str
    kind: AccountEventKind
    asset: str
    amount: Decimal
    symbol: str | None
    quantity: Decimal
    price: Decimal | None
    position_side: PositionSide
    note: str
    moment: int
    time_ns: int


class EventList(msgspec.Struct, frozen=True):
    """A page, oldest first. `last` is the account's newest sequence at that moment."""

    events: tuple[WireEvent, ...]
    last: int


class WireBalance(msgspec.Struct, frozen=True):
    asset: str
    total: Decimal
    held: Decimal


class BalanceList(msgspec.Struct, frozen=True):
    balances: tuple[WireBalance, ...]


class WirePosition(msgspec.Struct, frozen=True):
    symbol: str
    position_side: PositionSide
    quantity: Decimal
    entry_price: Decimal | None
    settle: str
    realized_pnl: Decimal


class PositionList(msgspec.Struct, frozen=True):
    positions: tuple[WirePosition, ...]


class BarList(msgspec.Struct, frozen=True):
    """Closed bars, oldest first: start (UTC nanoseconds), open, high, low, close, volume."""

    bars: tuple[tuple[int, str, str, str, str, str], ...]


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every refusal, over HTTP and in a reply frame."""

    code: str
    message: str


class SessionOpened(msgspec.Struct, frozen=True):
    """The result of `auth`."""

    session_expires_ns: int


class AccountSubscribed(msgspec.Struct, frozen=True):
    """The result of subscribing to `account`: the newest sequences of both histories."""

    fills_last: int
    ledger_last: int


class Reply(msgspec.Struct, frozen=True, tag_field="type", tag="reply"):
    """The answer to one request. `result` stays undecoded: its shape is the request's."""

    id: int | None  # null where the request's own could not be read
    ok: bool
    result: msgspec.Raw = msgspec.Raw()
    code: str = ""
    message: str = ""
    retry_after: Decimal | None = None


class Session(msgspec.Struct, frozen=True, tag_field="type", tag="session"):
    state: str


class Heartbeat(msgspec.Struct, frozen=True, tag_field="type", tag="heartbeat"):
    time_ns: int


class BookMessage(msgspec.Struct, frozen=True, tag_field="type", tag="book"):
    """A snapshot, or levels that changed; quantity "0" removes one."""

    symbol: str
    snapshot: bool
    first: int
    last: int
    bids: list[Level]
    asks: list[Level]
    time_ns: int


class QuoteMessage(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="quote"):
    symbol: str
    bid: str
    bid_quantity: str
    ask: str
    ask_quantity: str
    sequence: int
    time_ns: int


class WireTrade(msgspec.Struct, frozen=True, gc=False):
    id: str
    symbol: str
    price: Decimal
    quantity: Decimal
    side: Side
    time_ns: int


class TradeMessage(msgspec.Struct, frozen=True, tag_field="type", tag="trade"):
    data: WireTrade


class AccountMessage(msgspec.Struct, frozen=True, tag_field="type", tag="account"):
    """One of its four parts, numbered without gaps per connection."""

    sequence: int
    order: WireOrder | None = None
    fill: WireFill | None = None
    event: WireEvent | None = None
    instruments: tuple[WireInstrument, ...] = ()


MarketFrame = QuoteMessage | BookMessage | TradeMessage | Heartbeat | Reply | Session
AccountFrame = AccountMessage | Heartbeat | Reply | Session
EntryFrame = Reply | Heartbeat | Session


class LegFields(msgspec.Struct, frozen=True, omit_defaults=True):
    """An exit that goes with an order; the venue names it."""

    limit_price: str | None = None
    stop_price: str | None = None


class SubmitFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What we say of a new order. Numbers are plain decimals: no exponent."""

    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: str
    limit_price: str | None = None
    stop_price: str | None = None
    trail_amount: str | None = None
    trail_percent: str | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    attached: tuple[LegFields, ...] = ()
    contingency: Contingency = Contingency.OTO


class ReplaceFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values, absolute. `order_id` goes into the path over HTTP."""

    order_id: str | None = None
    quantity: str
    limit_price: str | None = None
    stop_price: str | None = None


class CancelFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the two."""

    order_id: str | None = None
    client_order_id: str | None = None
