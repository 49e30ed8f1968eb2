"""Where a torture takes place: the sandbox's own venues, or one that speaks as another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from crossdock.conformance.torture.plan import Trial
from crossdock.errors import ConfigError
from crossdock.sandbox.faces import face_class
from crossdock.sandbox.faces.described import venue_of

NATIVE = "native"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A venue of the sandbox, and how a desk trades there.

    The desk may call `hurry` times as often as the adapter declares, and the face takes
    as much: its usual limits, those of `widened` times as high, and as `limits` say.
    `urls` are the adapter's settings that take the venue's address.
    """

    face: str
    venue: str  # the sandbox's name of it, and the desk's of its account there
    adapter: str
    symbols: tuple[str, ...]
    currency: str = "USDT"
    hurry: int = 1
    widened: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    urls: tuple[str, ...] = ("url",)
    lots: Mapping[str, Decimal] = field(default_factory=dict)  # of symbols; none: the step
    holds: Mapping[str, int] = field(default_factory=dict)  # beside what its face gives
    chooses_entry: bool = False  # orders go over a WebSocket or by HTTP, as told
    waits_pct: int = 15
    exits_pct: int = 25
    rate_per_s: Decimal = Decimal(6)  # actions of the strategy, on each symbol
    orders_per_s: int = 30
    audit_s: int = 1
    pace: float = 1  # how much longer phases last than at the sandbox's own venue
    settle_s: float = 60
    untold: frozenset[str] = frozenset()  # kinds its adapter can have no word of

    @property
    def absent(self) -> frozenset[str]:
        """Kinds of faults that cannot happen here, or that no client could book."""
        return self.untold | frozenset(map(str, face_class(self.face).absent))

    @property
    def renames_events(self) -> bool:
        """Tell whether clients see other ids of events than the venue's truth has."""
        return self.face != NATIVE

    def arguments(self, folder: Path, seed: int) -> list[str]:
        """Return the command line of this ground's sandbox."""
        told = ["--seed", str(seed)]
        if self.face == NATIVE:
            return told
        config = folder / "sandbox.json"
        usual = face_class(self.face).usual_limits
        wider = {name: usual[name] * self.hurry for name in self.widened}
        hosted = _hosted(self.face)
        [account] = hosted["accounts"]
        venue = {
            **hosted,
            "name": self.venue,
            "limits": wider | dict(self.limits),
            "accounts": [{**account, "balances": account["balances"] | self.holds}],
        }
        config.write_bytes(msgspec.json.encode({"venues": [venue]}))
        return [*told, "--config", str(config)]

    def account(self, address: str, trial: Trial) -> dict[str, str]:
        """Return the settings of the desk's account."""
        key, secret = f"sandbox-{self.venue}", f"sandbox-{self.venue}-secret"
        if self.face != NATIVE:
            holder = _hosted(self.face)["accounts"][0]
            key, secret = holder["key"], holder["secret"]
        told = {"adapter": self.adapter, "key": key, "key_secret": secret}
        told |= dict.fromkeys(self.urls, address)
        if self.chooses_entry:
            told["order_entry"] = trial.order_entry
        return told


def ground_of(face: str) -> Ground:
    """Return a face's ground. Raises ConfigError for one that has none."""
    ground = GROUNDS.get(face)
    if ground is None:
        raise ConfigError(f"--face: one of {', '.join(GROUNDS)} was expected, not {face!r}")
    return ground


@cache
def _hosted(face: str) -> dict[str, Any]:
    return venue_of(face)


GROUNDS: Mapping[str, Ground] = {
    NATIVE: Ground(
        face=NATIVE,
        venue="alpha",
        adapter="sandbox",
        symbols=("BTC/USDT", "ETH/USDT", "BTC/USDT:USDT"),
        chooses_entry=True,
    ),
    "binance": Ground(
        face="binance",
        venue="binance",
        adapter="binance",
        symbols=("BTC/USDT", "ETH/USDT", "ETH/BTC"),
        hurry=20,
        widened=("request_weight_1m", "orders_10s"),
        # Who calls on through a 429 is soon banned, and for a second.
        limits={"refused_before_ban": 2, "ban_s": 1},
        # It trails by ten hundredths of a percent at least, and attaches legs to limits.
        waits_pct=6,
        exits_pct=15,
        rate_per_s=Decimal(3),
        orders_per_s=20,
        pace=3,
    ),
    "kraken": Ground(
        face="kraken",
        venue="kraken",
        adapter="kraken",
        symbols=("BTC/USD", "ETH/USD", "ETH/BTC"),
        currency="USD",
        hurry=20,
        widened=(
            *("calls_most", "calls_decay_per_minute"),
            *("public_most", "public_decay_per_minute"),
            *("orders_most", "orders_decay_per_minute"),
        ),
        rate_per_s=Decimal(3),
        orders_per_s=20,
        audit_s=2,
        pace=3,
        settle_s=120,
    ),
    "coinbase": Ground(
        face="coinbase",
        venue="coinbase",
        adapter="coinbase",
        symbols=("BTC/USD", "ETH/USD", "ETH/BTC"),
        currency="USD",
        hurry=20,
        widened=("private_per_s", "public_per_s", "unsigned_messages_per_s"),
        rate_per_s=Decimal(3),
        orders_per_s=20,
        pace=3,
        settle_s=200,  # a call that was signed may arrive for two minutes
    ),
    "alpaca": Ground(
        face="alpaca",
        venue="alpaca",
        adapter="alpaca",
        symbols=("AAPL/USD", "SPY/USD"),
        currency="USD",
        hurry=20,
        widened=("trading_per_minute", "data_per_minute"),
        urls=("url", "data_url", "stream_url"),
        # Fractions of a share take simple day orders only.
        lots={"AAPL/USD": Decimal(1), "SPY/USD": Decimal(1)},
        holds={"AAPL": 100, "SPY": 100},  # what is not held cannot be sold
        waits_pct=0,
        rate_per_s=Decimal(3),
        orders_per_s=20,
        pace=3,
        settle_s=120,
        untold=frozenset({"tick_change"}),  # the steps of stocks are law, and not told
    ),
}
"""By the name of the face."""
