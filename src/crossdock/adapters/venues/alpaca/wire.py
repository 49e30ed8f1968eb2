"""What the Trading API v2 says, field for field.

https://docs.alpaca.markets/reference, read 2026-11-21. Fields nobody here reads are left
out; numbers come as JSON texts, in older replies as JSON numbers.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class WireAccount(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.alpaca.markets/reference/getaccount-1, read 2026-11-21.

    The fields of day trading are gone since 2026-07-06:
    https://docs.alpaca.markets/us/changelog/2026-07-06-pdt-db49dba
    """

    cash: Decimal
    equity: Decimal
    status: str = ""
    currency: str = "USD"
    buying_power: Decimal | None = None
    regt_buying_power: Decimal | None = None
    non_marginable_buying_power: Decimal | None = None
    options_buying_power: Decimal | None = None
    daytrading_buying_power: Decimal | None = None
    daytrade_count: int | None = None
    pattern_day_trader: bool | None = None
    trading_blocked: bool = False
    transfers_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False
    shorting_enabled: bool = False
    multiplier: Decimal | None = None
    options_trading_level: int | str | None = None
    crypto_status: str | None = None


class WireAsset(msgspec.Struct, frozen=True, kw_only=True, rename={"asset_class": "class"}):
    """https://docs.alpaca.markets/reference/get-v2-assets-1, read 2026-11-21."""

    id: str
    asset_class: str
    symbol: str
    status: str
    tradable: bool
    exchange: str = ""
    marginable: bool = False
    shortable: bool = False
    easy_to_borrow: bool = False
    fractionable: bool = False
    min_order_size: Decimal | None = None
    min_trade_increment: Decimal | None = None
    price_increment: Decimal | None = None
    attributes: tuple[str, ...] | None = None


class WireContract(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.alpaca.markets/reference/get-options-contracts, read 2026-11-21."""

    id: str
    symbol: str
    status: str
    tradable: bool
    expiration_date: str
    underlying_symbol: str
    type: str
    strike_price: Decimal
    size: Decimal
    style: str = ""


class ContractPage(msgspec.Struct, frozen=True):
    option_contracts: tuple[WireContract, ...] | None
    next_page_token: str | None = None


class WireOrder(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.alpaca.markets/reference/getorderbyorderid-1, read 2026-11-21.

    `qty` is null for an order by amount; a multi-leg order has no symbol of its own.
    `replaces` and `replaced_by` make the chain of a replaced order.
    """

    id: str
    client_order_id: str
    status: str
    symbol: str | None = None
    asset_class: str | None = None
    qty: Decimal | None = None
    notional: Decimal | None = None
    filled_qty: Decimal | None = None
    filled_avg_price: Decimal | None = None
    order_class: str | None = None
    type: str | None = None
    order_type: str | None = None
    side: str | None = None
    time_in_force: str = ""
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    submitted_at: str | None = None
    updated_at: str | None = None
    legs: tuple[WireOrder, ...] | None = None


class CanceledOrder(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/deleteallorders-1, read 2026-11-21."""

    id: str
    status: int


class WirePosition(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.alpaca.markets/reference/getallopenpositions, read 2026-11-21."""

    symbol: str
    asset_class: str
    qty: Decimal
    side: str
    asset_id: str = ""
    avg_entry_price: Decimal | None = None
    qty_available: Decimal | None = None


class WireActivity(msgspec.Struct, frozen=True, kw_only=True):
    """A fill or any other activity; which fields it has depends on `activity_type`.

    https://docs.alpaca.markets/docs/account-activities, read 2026-11-21.
    """

    id: str
    activity_type: str
    transaction_time: str | None = None
    order_id: str | None = None
    side: str | None = None
    cum_qty: Decimal | None = None
    date: str | None = None
    net_amount: Decimal | None = None
    symbol: str | None = None
    qty: Decimal | None = None
    price: Decimal | None = None
    description: str | None = None
    status: str | None = None


class WireDay(msgspec.Struct, frozen=True, kw_only=True):
    """https://docs.alpaca.markets/reference/getcalendar-1, read 2026-11-21.

    Times of the day in New York: `09:30`, and `0400` for the extended session.
    """

    date: str
    open: str
    close: str
    session_open: str | None = None
    session_close: str | None = None


class WireClock(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/reference/getclock-1, read 2026-11-21."""

    timestamp: str
    is_open: bool


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every refusal; some carry no code."""

    message: str
    code: int = 0


class AccountFrame(msgspec.Struct, frozen=True):
    """https://docs.alpaca.markets/docs/websocket-streaming, read 2026-11-21.

    `stream` is `authorization`, `listening` or `trade_updates`. Frames are binary on
    paper and text elsewhere; both hold JSON.
    """

    stream: str
    data: msgspec.Raw


class Authorization(msgspec.Struct, frozen=True):
    status: str


class Listening(msgspec.Struct, frozen=True):
    streams: tuple[str, ...]


class TradeUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What befell an order. Only fills have a price and a quantity of their own."""

    event: str
    order: WireOrder
    timestamp: str | None = None
    at: str | None = None
    execution_id: str | None = None
    previous_execution_id: str | None = None
    price: Decimal | None = None
    qty: Decimal | None = None


class Exit(msgspec.Struct, frozen=True, omit_defaults=True):
    """The take-profit or stop-loss of an order that is more than one."""

    stop_price: str | None = None
    limit_price: str | None = None


class SubmitFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """https://docs.alpaca.markets/reference/postorder, read 2026-11-21.

    Numbers are plain decimals: no exponent.
    """

    symbol: str
    qty: str
    side: str
    type: str
    time_in_force: str
    client_order_id: str
    limit_price: str | None = None
    stop_price: str | None = None
    trail_price: str | None = None
    trail_percent: str | None = None
    extended_hours: bool = False
    order_class: str | None = None
    take_profit: Exit | None = None
    stop_loss: Exit | None = None


class ReplaceFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """https://docs.alpaca.markets/reference/patchorderbyorderid-1, read 2026-11-21."""

    qty: str | None = None
    limit_price: str | None = None
    stop_price: str | None = None
