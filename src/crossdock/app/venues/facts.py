"""What the catalogue can say of a venue: the tables of its TOML files.

A `Reading` is what one page said on one day, so that no fact stands without its source.
All of it is optional: what nobody read is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec


class VenueKind(StrEnum):
    EXCHANGE = "exchange"  # crypto, with custody
    BROKER = "broker"
    MT5_BROKER = "mt5_broker"
    FIX = "fix"
    DEX = "dex"
    NFT = "nft"
    PROP_FIRM = "prop_firm"
    SIMULATED = "simulated"


class VenueStatus(StrEnum):
    """`private`: it runs, and has no interface for programs that one may use."""

    OPEN = "open"
    RENAMED = "renamed"
    CLOSED = "closed"
    PRIVATE = "private"


class AssetClass(StrEnum):
    CRYPTO = "crypto"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    STOCK = "stock"
    ETF = "etf"
    BOND = "bond"
    FUND = "fund"
    FOREX = "forex"
    CFD = "cfd"
    EVENT = "event"
    NFT = "nft"


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a file. What it does not know is refused."""


class Standing(Table, frozen=True, kw_only=True):
    """Whether a venue can be used, since when, why, and where one goes instead."""

    word: VenueStatus
    since: date | None = None
    why: str = ""
    successor: str = ""  # an id of this catalogue
    advice: str = ""  # where the money and the records are now


class Part(Table, frozen=True, kw_only=True):
    """A market of its own within a venue, with its own addresses or account."""

    name: str
    words: str = ""


class Fee(Table, frozen=True, kw_only=True):
    """Percent of the notional at the lowest tier; negative is a rebate."""

    market: str
    maker_pct: Decimal
    taker_pct: Decimal
    words: str = ""


class Leverage(Table, frozen=True, kw_only=True):
    market: str
    times: Decimal
    words: str = ""


class Deposit(Table, frozen=True, kw_only=True):
    amount: Decimal
    asset: str
    words: str = ""


class Count(Table, frozen=True, kw_only=True):
    """A rough number of instruments, and of what."""

    about: int
    words: str


class Offer(Table, frozen=True, kw_only=True):
    """Something a venue has or has not."""

    offered: bool
    words: str = ""


class Reading(Table, frozen=True, kw_only=True):
    """What one page said on one day."""

    source: str
    day: date
    status: Standing | None = None
    parts: tuple[Part, ...] = ()
    asset_classes: tuple[AssetClass, ...] = ()
    instruments: tuple[Count, ...] = ()
    account_types: tuple[str, ...] = ()
    server_templates: tuple[str, ...] = ()
    live: Mapping[str, str] = {}
    test: Mapping[str, str] = {}
    spreads: str = ""
    fees: tuple[Fee, ...] = ()
    commission: str = ""
    withdrawal_fees: str = ""
    leverage: tuple[Leverage, ...] = ()
    minimum_deposit: Deposit | None = None
    execution: str = ""
    regulation: tuple[str, ...] = ()
    negative_balance_protection: Offer | None = None
    swap_free: Offer | None = None
    custody: str = ""
    copy_trading: Offer | None = None
    countries_refused: tuple[str, ...] = ()  # ISO 3166, two letters
    countries_words: str = ""
    credentials: tuple[str, ...] = ()
    login: str = ""  # how a session is made, and how long it lasts
    docs: str = ""
    notes: tuple[str, ...] = ()


FACTS: tuple[str, ...] = tuple(
    name for name in Reading.__struct_fields__ if name not in ("source", "day")
)
"""The names of all facts, in the order in which they are shown."""


class Entry(Table, frozen=True, kw_only=True):
    """One file: a venue, and what was read about it."""

    id: str
    name: str
    kind: VenueKind
    aliases: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()  # ids that trade there, in this build or another's
    readings: tuple[Reading, ...] = msgspec.field(name="read")
