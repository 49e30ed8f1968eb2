"""What is known of one exchange of the family, and the manifest it becomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crossdock.adapters.venues.ccxt.family.quality import proven_of
from crossdock.model import Contingency, ContractKind, OrderType, TimeInForce
from crossdock.ports import Can, Evidence, Manifest, RateLimit, Setting

FACTORY = "crossdock.adapters.venues.ccxt.venue:connect"
READ_ON = "2026-11-21"  # stored copies of the sources, some of them months older
CCXT = "https://github.com/ccxt/ccxt/blob/v4.5.90/python/ccxt"

DATA = frozenset(
    {
        Can.INSTRUMENTS,
        Can.MARKET_STREAM,
        Can.BOOK_SNAPSHOT,
        Can.BAR_HISTORY,
    }
)
"""What every exchange of the family tells of its markets."""

TRADING = frozenset(
    {
        Can.SUBMIT,
        Can.CANCEL_ALL,
        Can.ORDER_LOOKUP,
        Can.OPEN_ORDERS,
        Can.FILL_HISTORY,
        Can.BALANCES,
        Can.ACCOUNT_STREAM,
    }
)
"""What every exchange with an account needs before an order of it can be followed."""

PLAIN = (OrderType.MARKET, OrderType.LIMIT)
STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
TOUCHED = (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
TRAILING = (OrderType.TRAILING_STOP,)
EVERY_TYPE = (*PLAIN, *STOPS, *TOUCHED, *TRAILING)

PROMPT = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One member of the family, as data."""

    id: str
    name: str
    docs_url: str
    can: frozenset[Can]
    order_types: Mapping[ContractKind, Collection[OrderType]]
    times_in_force: Collection[TimeInForce] = PROMPT
    contingencies: Collection[Contingency] = ()
    most_legs: int = 0
    reduce_only: bool = False
    evidence: Evidence | None = None
    keys: Mapping[str, str] = field(default_factory=dict)  # setting -> help
    environments: tuple[str, ...] = ("live",)
    settings: Mapping[str, Setting] = field(default_factory=dict)  # further ones
    rate_limits: tuple[RateLimit, ...] = ()
    rejections: Mapping[str, str] = field(default_factory=dict)
    countries_refused: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    keys_url: str = ""
    keys_help: str = ""

    def manifest(self) -> Manifest:
        proven = proven_of(self.id)
        return Manifest(
            id=self.id,
            kind="venue",
            name=self.name,
            docs_url=self.docs_url,
            factory=FACTORY,
            can=self.can,
            order_types=frozenset(
                each for types in self.order_types.values() for each in types
            ),
            times_in_force=frozenset(self.times_in_force),
            contingencies=frozenset(self.contingencies),
            most_legs=self.most_legs,
            reduce_only=self.reduce_only,
            evidence=self.evidence,
            settings=self._settings(),
            rate_limits=self.rate_limits,
            rejection_codes=self.rejections,
            countries_refused=self.countries_refused,
            tier=proven.tier,
            tier_date=proven.date,
            requires=("ccxt",),
            oddities=self.oddities,
            keys_url=self.keys_url,
            keys_help=self.keys_help,
        )

    def _settings(self) -> Mapping[str, Setting]:
        return {
            **{name: Setting(help=text) for name, text in self.keys.items()},
            "environment": Setting(
                help="Where orders go: real markets, or the exchange's own practice site",
                default="live",
                choices=self.environments,
            ),
            "url": Setting(
                help="One address in place of all the exchange's own, for a simulator",
                default="",
            ),
            "wallets": Setting(
                help="Wallets whose balances count, with commas between; empty: the one that "
                "orders are paid from",
                default="",
            ),
            **self.settings,
        }


KEY_AND_SECRET: Mapping[str, str] = {
    "key": "The API key",
    "key_secret": "The API key's secret, which signs every call",
}
WITH_PASSPHRASE: Mapping[str, str] = {
    **KEY_AND_SECRET,
    "passphrase_secret": "The passphrase chosen when the key was made",
}
NO_WITHDRAWAL = "It needs reading and trading. It must not be allowed to withdraw."


def refused(source: str, *codes: str) -> dict[str, str]:
    """Return codes that prove a refusal, each with the text that was read for it."""
    return dict.fromkeys(codes, f"{source} ({READ_ON})")


def same(
    types: Iterable[OrderType], *kinds: ContractKind
) -> Mapping[ContractKind, Collection[OrderType]]:
    """Return the same order types for each kind of market."""
    return dict.fromkeys(kinds, tuple(types))
