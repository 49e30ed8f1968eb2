"""The tables of a description: what a broker's file may say, key for key.

docs/how-to/describe-a-broker.md explains them. A `Source` is the path of a value in a reply
(`data.0.price`), or a table that says more about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from crossdock.model import (
    AccountEventKind,
    ContractKind,
    FillKind,
    Liquidity,
    MarginMode,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.ports import IdCodec, Lookup, Manifest, Uniqueness

TimeUnit = Literal["s", "ms", "us", "ns", "iso"]
Scalar = str | int | bool
Words = Scalar | list[Scalar]
"""The broker's word for one of ours, or all of them; the first is the one we say."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file. What it does not know is refused."""


class Field(Table):
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


class OrderFields(Table):
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
    time_in_force: Source | None = None
    average_price: Source | None = None
    replaces: Source | None = None
    reason: Source | None = None
    venue_time: Source | None = None


class FillFields(Table):
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


class EventFields(Table):
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


class BalanceFields(Table):
    """`total` with `held`, or `free` with either."""

    asset: Source
    total: Source | None = None
    held: Source | None = None
    free: Source | None = None


class PositionFields(Table):
    """`side` gives an unsigned quantity its sign."""

    symbol: Source
    quantity: Source
    side: Source | None = None
    position_side: Source | None = None
    entry_price: Source | None = None
    settle: Source
    realized_pnl: Source | None = None


class InstrumentFields(Table):
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


class BookFields(Table):
    """`price` and `quantity` are paths within one level."""

    bids: Source
    asks: Source
    price: Source = "0"
    quantity: Source = "1"
    sequence: Source | None = None
    venue_time: Source | None = None


class TradeFields(Table):
    """`side` is the taker's."""

    trade_id: Source
    price: Source
    quantity: Source
    side: Source
    venue_time: Source | None = None


class Fields(Table):
    order: OrderFields | None = None
    fill: FillFields | None = None
    event: EventFields | None = None
    balance: BalanceFields | None = None
    position: PositionFields | None = None
    instrument: InstrumentFields | None = None
    book: BookFields | None = None
    trade: TradeFields | None = None


class Call(Table):
    """One request. Texts of path, query and body are templates.

    An entry whose placeholder has no value is left out. `rows` leads to what is meant in
    the reply; `only` keeps the rows whose value at a path is one of these.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str
    query: dict[str, Scalar] = {}
    body: dict[str, object] | None = None
    form: bool = False
    signed: bool = True
    scope: str = ""
    weight: int = 1
    rows: str = ""
    only: dict[str, Words] = {}


class OrderCall(Call):
    """`answer = "look_up"`: the reply tells too little, so the order is looked up."""

    answer: Literal["order", "look_up"] = "order"
    fields: OrderFields | None = None


class History(Call):
    """Rows oldest first, behind `{cursor}`.

    `cursor` is the path in a row of what continues behind it, `newest` the path in the
    reply of the newest one there is. `gap_free`: they count up by one.
    """

    cursor: str
    newest: str = ""
    begin: str = ""
    gap_free: bool = False
    page_size: int


class ServerTime(Call):
    time: Source


class Endpoints(Table):
    """What is described is what the adapter can do."""

    instruments: Call | None = None
    book_snapshot: Call | None = None
    trades: Call | None = None
    submit: OrderCall | None = None
    cancel: list[OrderCall] = []
    replace: list[OrderCall] = []
    cancel_all: Call | None = None
    order_lookup: list[OrderCall] = []
    open_orders: OrderCall | None = None
    fill_history: History | None = None
    account_history: History | None = None
    balances: Call | None = None
    positions: Call | None = None
    server_time: ServerTime | None = None


class Values(Table):
    """The broker's words, by ours. A table that is left out: it uses our words."""

    side: dict[Side, Words] = {}
    type: dict[OrderType, Words] = {}
    time_in_force: dict[TimeInForce, Words] = {}
    position_side: dict[PositionSide, Words] = {}
    margin_mode: dict[MarginMode, Words] = {}
    status: dict[OrderStatus, Words] = {}
    liquidity: dict[Liquidity, Words] = {}
    fill_kind: dict[FillKind, Words] = {}
    contract: dict[ContractKind, Words] = {}
    event: dict[AccountEventKind, Words] = {}


class _Signed(Table, tag_field="scheme"):
    """Headers and query parameters are templates over settings, time and request."""

    headers: dict[str, str] = {}
    query: dict[str, str] = {}


class NoAuth(_Signed, tag="none"):
    pass


class HeaderAuth(_Signed, tag="header"):
    headers: dict[str, str]


class QueryAuth(_Signed, tag="query"):
    query: dict[str, str]


class BearerAuth(_Signed, tag="bearer"):
    token: str


class BasicAuth(_Signed, tag="basic"):
    user: str
    password: str


class HmacAuth(_Signed, tag="hmac"):
    """`{signature}` stands in `headers`, or is the query parameter `signature_query`."""

    secret: str
    secret_encoding: Literal["text", "hex", "base64"] = "text"
    signs: str
    hash: Literal["sha256", "sha384", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    signature_query: str = ""


Auth = NoAuth | HeaderAuth | QueryAuth | BearerAuth | BasicAuth | HmacAuth


class Refusals(Table):
    """What a reply says no with. `proven` are codes that prove nothing was done, each
    with its source; `ok` the codes of a success, where those carry one too.
    """

    code: str = ""
    message: str = ""
    ok: list[Scalar] = []
    proven: dict[str, str] = {}
    keys: list[Scalar] = []
    too_many: list[Scalar] = []
    unknown_order: list[Scalar] = []


class EvidenceTable(Table):
    """As `crossdock.ports.Evidence`; what is in doubt is never sent again."""

    client_id: IdCodec
    client_id_length: int = 36
    lookup: Lookup
    uniqueness: Uniqueness
    retention_s: float
    arrival_horizon_s: float
    visibility_lag_s: float
    silence_s: float


class SettingTable(Table):
    help: str
    default: str | None = None
    choices: tuple[str, ...] = ()


class RateLimitTable(Table):
    scope: str
    calls: int
    per_s: float
    reserve: int = 0


class Description(Table):
    """One broker's file."""

    id: str
    name: str
    docs_url: str
    real_money: bool
    base_url: str
    countries_refused: tuple[str, ...] = ()
    order_types: frozenset[OrderType] = frozenset()
    times_in_force: frozenset[TimeInForce] = frozenset()
    time_unit: TimeUnit = "ms"
    poll_s: float = 1.0
    read_timeout_s: float = 10.0
    settings: dict[str, SettingTable] = {}
    auth: Auth
    evidence: EvidenceTable | None = None
    rate_limits: tuple[RateLimitTable, ...] = ()
    refusals: Refusals = Refusals()
    values: Values = Values()
    fields: Fields = Fields()
    endpoints: Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedManifest(Manifest):
    """A manifest that carries the description it was made from."""

    description: Description
