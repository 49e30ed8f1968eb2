"""Where a broker's replies hold what: the tables under `[fields]`.

A `Source` is the path of a value within a row (`data.0.price`), or a table that says more.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TimeUnit = Literal["s", "ms", "us", "ns", "iso"]
Scalar = str | int | bool


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file. What it does not know is refused."""


class Field(Table, frozen=True, kw_only=True):
    """A value of a reply: by its path, as a constant, or put together from several.

    `missing` is a word that stands for no value, as null and "" do; `decimals` reads a
    number of decimal places as a step; `negate` turns the sign.
    """

    path: str = ""
    value: Scalar | None = None
    text: str = ""  # `{path}` for each part
    default: Scalar | None = None
    missing: Scalar | None = None
    unit: TimeUnit | None = None
    decimals: bool = False
    negate: bool = False


Source = str | Field


class OrderFields(Table, frozen=True, kw_only=True):
    venue_order_id: Source
    client_order_id: Source | None = None
    symbol: Source
    status: Source
    side: Source
    type: Source
    quantity: Source
    cumulative_quantity: Source | None = None
    limit_price: Source | None = None
    stop_price: Source | None = None
    trail_amount: Source | None = None
    trail_percent: Source | None = None
    parent: Source | None = None
    time_in_force: Source | None = None
    average_price: Source | None = None
    replaces: Source | None = None
    reason: Source | None = None
    venue_time: Source | None = None


class FillFields(Table, frozen=True, kw_only=True):
    execution_id: Source
    venue_order_id: Source
    client_order_id: Source | None = None
    symbol: Source
    side: Source
    price: Source
    quantity: Source
    fee: Source | None = None
    fee_asset: Source
    liquidity: Source | None = None
    kind: Source | None = None
    replaces: Source | None = None
    position_side: Source | None = None
    account_sequence: Source | None = None
    venue_time: Source | None = None


class EventFields(Table, frozen=True, kw_only=True):
    event_id: Source
    kind: Source
    asset: Source
    amount: Source
    symbol: Source | None = None
    quantity: Source | None = None
    price: Source | None = None
    position_side: Source | None = None
    note: Source | None = None
    account_sequence: Source | None = None
    venue_time: Source | None = None


class BalanceFields(Table, frozen=True, kw_only=True):
    """`total` with `held`, or `free` with either."""

    asset: Source
    total: Source | None = None
    held: Source | None = None
    free: Source | None = None


class PositionFields(Table, frozen=True, kw_only=True):
    """`side` gives an unsigned quantity its sign."""

    symbol: Source
    quantity: Source
    side: Source | None = None
    position_side: Source | None = None
    entry_price: Source | None = None
    settle: Source
    realized_pnl: Source | None = None


class InstrumentFields(Table, frozen=True, kw_only=True):
    """`code` is the broker's word for it in requests and replies, where not `symbol`.

    `ticks` are pairs of a floor and a tick; `tick` is one for all prices.
    """

    symbol: Source
    code: Source | None = None
    venue_key: Source | None = None
    kind: Source | None = None
    base: Source
    quote: Source
    settle: Source | None = None
    tick: Source | None = None
    ticks: Source | None = None
    quantity_step: Source
    min_quantity: Source | None = None
    max_quantity: Source | None = None
    min_notional: Source | None = None
    multiplier: Source | None = None
    maker_fee_rate: Source | None = None
    taker_fee_rate: Source | None = None
    expiry_time: Source | None = None
    version: Source | None = None


class BookFields(Table, frozen=True, kw_only=True):
    """`price` and `quantity` are paths within one level."""

    bids: Source
    asks: Source
    price: Source = "0"
    quantity: Source = "1"
    sequence: Source | None = None
    venue_time: Source | None = None


class TradeFields(Table, frozen=True, kw_only=True):
    """`side` is the taker's."""

    trade_id: Source
    price: Source
    quantity: Source
    side: Source
    venue_time: Source | None = None


class Fields(Table, frozen=True, kw_only=True):
    order: OrderFields | None = None
    fill: FillFields | None = None
    event: EventFields | None = None
    balance: BalanceFields | None = None
    position: PositionFields | None = None
    instrument: InstrumentFields | None = None
    book: BookFields | None = None
    trade: TradeFields | None = None
