"""How one account is to be kept, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crossdock.model import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    account: AccountId
    venue: str
    foreign: Literal["observe", "adopt", "halt"] = "observe"
    symbols: tuple[str, ...] = ()  # empty: all the venue has
    streams_market: bool = True  # one account per venue carries the market data
    audit_s: float | None = 5.0  # None: only when something asks for one
    moves_money: bool = False  # orders here cost or earn real money
    allow_withdrawal_keys: bool = False
    look_s: float | None = 1.0  # between two looks whether the market is mute
