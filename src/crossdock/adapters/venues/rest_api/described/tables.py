"""The tables of a description: what a broker's file may say, key for key.

docs/how-to/describe-a-broker.md explains them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from crossdock.adapters.venues.rest_api.described.fields import (
    Fields,
    OrderFields,
    Scalar,
    Source,
    Table,
    TimeUnit,
)
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

Words = Scalar | list[Scalar]
"""The broker's word for one of ours, or all of them; the first is the one we say."""


class Call(Table, frozen=True, kw_only=True):
    """One request. Texts of path, query and body are templates.

    An entry whose placeholder has no value is left out. `rows` leads to what is meant in
    the reply; `only` keeps the rows whose value at a path is one of these.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str
    query: dict[str, Scalar] = msgspec.field(default_factory=dict)
    body: dict[str, object] | None = None
    form: bool = False
    signed: bool = True
    scope: str = ""
    weight: int = 1
    rows: str = ""
    only: dict[str, Words] = msgspec.field(default_factory=dict)

    def budget(self, *, writes: bool) -> str:
        """Return the scope of rate limits that the call counts in."""
        if self.scope or writes:
            return self.scope or "orders"
        return "reads" if self.signed else "public"


class OrderCall(Call, frozen=True, kw_only=True):
    """`answer = "look_up"`: the reply tells too little, so the order is looked up.

    `page_size` is how many orders a list holds at most: one that is full leaves others out.
    """

    answer: Literal["order", "look_up"] = "order"
    page_size: int = 0
    fields: OrderFields | None = None


class History(Call, frozen=True, kw_only=True):
    """Rows oldest first, behind `{cursor}`.

    `cursor` is the path in a row of what continues behind it, `newest` the path in the
    reply of the newest one there is. `gap_free`: they count up by one.
    """

    cursor: str
    newest: str = ""
    begin: str = ""
    gap_free: bool = False
    page_size: int


class ServerTime(Call, frozen=True, kw_only=True):
    time: Source


class Endpoints(Table, frozen=True, kw_only=True):
    """What is described is what the adapter can do."""

    instruments: Call | None = None
    book_snapshot: Call | None = None
    trades: Call | None = None
    submit: OrderCall | None = None
    cancel: list[OrderCall] = msgspec.field(default_factory=list)
    replace: list[OrderCall] = msgspec.field(default_factory=list)
    cancel_all: Call | None = None
    order_lookup: list[OrderCall] = msgspec.field(default_factory=list)
    open_orders: OrderCall | None = None
    fill_history: History | None = None
    account_history: History | None = None
    balances: Call | None = None
    positions: Call | None = None
    server_time: ServerTime | None = None


class Values(Table, frozen=True, kw_only=True):
    """The broker's words, by ours. A table that is left out: it uses our words."""

    side: dict[Side, Words] = msgspec.field(default_factory=dict)
    type: dict[OrderType, Words] = msgspec.field(default_factory=dict)
    time_in_force: dict[TimeInForce, Words] = msgspec.field(default_factory=dict)
    position_side: dict[PositionSide, Words] = msgspec.field(default_factory=dict)
    margin_mode: dict[MarginMode, Words] = msgspec.field(default_factory=dict)
    status: dict[OrderStatus, Words] = msgspec.field(default_factory=dict)
    liquidity: dict[Liquidity, Words] = msgspec.field(default_factory=dict)
    fill_kind: dict[FillKind, Words] = msgspec.field(default_factory=dict)
    contract: dict[ContractKind, Words] = msgspec.field(default_factory=dict)
    event: dict[AccountEventKind, Words] = msgspec.field(default_factory=dict)


class _Signed(Table, frozen=True, kw_only=True, tag_field="scheme"):
    """Headers and query parameters are templates over settings, time and request."""

    headers: dict[str, str] = msgspec.field(default_factory=dict)
    query: dict[str, str] = msgspec.field(default_factory=dict)


class NoAuth(_Signed, frozen=True, kw_only=True, tag="none"):
    pass


class HeaderAuth(_Signed, frozen=True, kw_only=True, tag="header"):
    headers: dict[str, str]


class QueryAuth(_Signed, frozen=True, kw_only=True, tag="query"):
    query: dict[str, str]


class BearerAuth(_Signed, frozen=True, kw_only=True, tag="bearer"):
    token: str


class BasicAuth(_Signed, frozen=True, kw_only=True, tag="basic"):
    user: str
    password: str


class HmacAuth(_Signed, frozen=True, kw_only=True, tag="hmac"):
    """`{signature}` stands in `headers`, or is the query parameter `signature_query`."""

    secret: str
    key_encoding: Literal["text", "hex", "base64"] = "text"
    signs: str
    hash: Literal["sha256", "sha384", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    signature_query: str = ""


Auth = NoAuth | HeaderAuth | QueryAuth | BearerAuth | BasicAuth | HmacAuth


class Refusals(Table, frozen=True, kw_only=True):
    """What a reply says no with. `proven` are codes that prove nothing was done, each
    with its source; `ok` the codes of a success, where those carry one too.
    """

    code: str = ""
    message: str = ""
    ok: list[Scalar] = msgspec.field(default_factory=list)
    proven: dict[str, str] = msgspec.field(default_factory=dict)
    keys: list[Scalar] = msgspec.field(default_factory=list)
    too_many: list[Scalar] = msgspec.field(default_factory=list)
    unknown_order: list[Scalar] = msgspec.field(default_factory=list)


class EvidenceTable(Table, frozen=True, kw_only=True):
    """As `crossdock.ports.Evidence`; what is in doubt is never sent again."""

    client_id: IdCodec
    client_id_length: int = 36
    lookup: Lookup
    uniqueness: Uniqueness
    retention_s: float
    arrival_horizon_s: float
    visibility_lag_s: float
    silence_s: float


class SettingTable(Table, frozen=True, kw_only=True):
    help: str
    default: str | None = None
    choices: tuple[str, ...] = ()


class RateLimitTable(Table, frozen=True, kw_only=True):
    scope: str
    calls: int
    per_s: float
    reserve: int = 0


class Description(Table, frozen=True, kw_only=True):
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
    settings: dict[str, SettingTable] = msgspec.field(default_factory=dict)
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

    description: Description = field(repr=False)
