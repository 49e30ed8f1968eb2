"""What an adapter declares before any of its code runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.model import Contingency, OrderType, TimeInForce


class Can(StrEnum):
    """A capability: one member per Protocol, see `PROTOCOL_OF`."""

    INSTRUMENTS = "instruments"
    MARKET_STREAM = "market_stream"
    BOOK_SNAPSHOT = "book_snapshot"
    SUBMIT = "submit"
    REPLACE = "replace"
    CANCEL_ALL = "cancel_all"
    ORDER_LOOKUP = "order_lookup"
    OPEN_ORDERS = "open_orders"
    FILL_HISTORY = "fill_history"
    ACCOUNT_HISTORY = "account_history"
    BALANCES = "balances"
    POSITIONS = "positions"
    ACCOUNT_STREAM = "account_stream"
    SERVER_TIME = "server_time"
    BAR_HISTORY = "bar_history"
    QUOTE_HISTORY = "quote_history"
    TRADE_HISTORY = "trade_history"
    LEVERAGE = "leverage"
    MARGIN_MODE = "margin_mode"
    BORROWING = "borrowing"
    TRANSFERS = "transfers"
    SUB_ACCOUNTS = "sub_accounts"
    EARN = "earn"
    FUNDING_RATES = "funding_rates"
    FEE_RATES = "fee_rates"
    OPTION_CHAINS = "option_chains"
    KEY_RIGHTS = "key_rights"
    ACCOUNT_FACTS = "account_facts"
    CALENDAR = "calendar"
    AUCTIONS = "auctions"
    NOTIFY = "notify"


class IdCodec(StrEnum):
    """What a venue accepts as a client order id."""

    TEXT = "text"  # [a-zA-Z0-9-], at most `client_id_length`
    UUID = "uuid"
    UINT32 = "uint32"
    HEX128 = "hex128"
    NONE = "none"


class Lookup(StrEnum):
    """What can be asked about an order whose fate is unknown."""

    ANY_ORDER = "any_order"  # any order, open or done, by client order id
    OPEN_ONLY = "open_only"  # only orders still open
    ECHOED_TAG = "echoed_tag"  # lists echo our tag, there is no query by it
    NONE = "none"


class Uniqueness(StrEnum):
    """Where a client order id must be unique for the venue to refuse a second one."""

    FOREVER = "forever"
    OPEN_ORDERS = "open_orders"
    SESSION = "session"
    NONE = "none"


class Resend(StrEnum):
    """Whether a write that is in doubt may ever be sent again."""

    NEVER = "never"
    SAME_ID = "same_id"
    SAME_BYTES = "same_bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a venue can prove about an order, in its own documented terms.

    A submit that found no trace counts as absent only by a query begun later than
    `arrival_horizon_s + visibility_lag_s` after its last byte could have left.
    """

    client_id: IdCodec
    client_id_length: int = 36
    lookup: Lookup
    uniqueness: Uniqueness
    retention_s: float  # how long done orders can still be looked up
    arrival_horizon_s: float  # after this, a write sent earlier can no longer be accepted
    visibility_lag_s: float  # an accepted order is visible to look-ups after this
    silence_s: float  # no reply for this long: in doubt
    resend: Resend = Resend.NEVER


def is_secret_name(setting: str) -> bool:
    """Tell whether a setting of an adapter is a secret: its name says so."""
    return setting.endswith("_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of an adapter. Names that end in `_secret` are masked everywhere."""

    help: str
    default: str | None = None  # None: the user must give it
    choices: tuple[str, ...] = ()
    pattern: str = ""  # a regular expression for the whole of a secret; empty: any text


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `calls` weights in `per_s` seconds, for calls of this `scope`.

    `reserve` of them only cancels may use, and as many again only cancels, other writes of
    orders and look-ups of orders. `used_header` is the reply header that carries the venue's
    own count of what this window has used.
    """

    scope: str  # "all", "orders", "reads", …
    calls: int
    per_s: float
    reserve: int = 0
    used_header: str = ""
    per_address: bool = False  # shared by all accounts behind one network address
    apart: bool = False  # calls of this scope count against no limit of "all"


class Tier(StrEnum):
    """How far an adapter was proven. Real money needs at least `sandboxed`."""

    REPLAYED = "replayed"
    SANDBOXED = "sandboxed"
    PROVEN = "proven"


class Status(StrEnum):
    OPEN = "open"
    RENAMED = "renamed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a person, a form or the conformance suite must know beforehand."""

    id: str  # equals its folder and its entry point
    kind: str  # "venue", "store", "feed", …: the entry-point group without its s
    name: str
    docs_url: str
    factory: str  # "module:Class", imported on first use
    can: frozenset[Can] = frozenset()
    order_types: frozenset[OrderType] = frozenset()
    times_in_force: frozenset[TimeInForce] = frozenset()
    contingencies: frozenset[Contingency] = frozenset()  # attached legs it holds itself
    most_legs: int = 0  # attached to one order
    reduce_only: bool = False  # the venue itself trims reduce-only orders to the position
    evidence: Evidence | None = None  # every venue that takes orders has one
    settings: Mapping[str, Setting] = field(default_factory=dict)
    rate_limits: tuple[RateLimit, ...] = ()
    rejection_codes: Mapping[str, str] = field(default_factory=dict)  # code -> source
    countries_refused: tuple[str, ...] = ()
    tier: Tier = Tier.REPLAYED
    tier_date: str = ""  # when it was reached, ISO 8601
    status: Status = Status.OPEN
    real_money: bool = True  # False: nothing of value can move here
    requires: tuple[str, ...] = ()  # the extra's distributions
    oddities: tuple[str, ...] = ()  # what surprises who knows other venues
    keys_url: str = ""  # where keys are made
    keys_help: str = ""  # which rights they need, and which they must not have
    needs_market: bool = False  # trades against another source: `AdapterContext.market`

    def __post_init__(self) -> None:
        if Can.SUBMIT in self.can and self.evidence is None:
            raise ValueError(f"{self.id} takes orders, so it must declare its evidence")
