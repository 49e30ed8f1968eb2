"""Records of what people decided: who acted, and what stays so until changed back."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from crossdock.core.record import Record
from crossdock.model import CorrelationId, StrategyId


class Standing(StrEnum):
    """What a person wants of a strategy."""

    RUNNING = "running"
    PAUSED = "paused"  # it follows its orders and opens nothing
    STOPPED = "stopped"
    REMOVED = "removed"


class StrategyPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A strategy as a person set it up, in place of what the settings say of it."""

    kind: str
    portfolio: str = "main"
    accounts: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    params: dict[str, Any] = {}
    sizing: dict[str, Any] = {}


class PersonActed(Record, frozen=True, kw_only=True, tag="person_acted"):
    """A named person is about to have something done. `door` is how they reached us."""

    by: str
    action: str  # the operation's name
    subject: str = ""  # the account, order, strategy or limit it is done to
    door: str = ""
    words: str = ""
    correlation: CorrelationId = CorrelationId("")


class FlagSet(Record, frozen=True, kw_only=True, tag="flag_set"):
    """A switch of the whole desk, until it is set again. See `core.steering.Flags`."""

    name: str
    value: bool | Decimal | None
    by: str


class LimitSet(Record, frozen=True, kw_only=True, tag="limit_set"):
    """A risk limit in place of the settings' own. `value` is written as settings are.

    `scope` is `desk`, or one of `account:`, `portfolio:`, `strategy:` and `symbol:` with
    a name. None gives the settings' own value back.
    """

    name: str
    scope: str
    value: str | None
    by: str
    reason: str


class StrategySteered(Record, frozen=True, kw_only=True, tag="strategy_steered"):
    """A person started, stopped, paused or removed a strategy, or set it up anew."""

    strategy: StrategyId
    standing: Standing
    by: str
    plan: StrategyPlan | None = None  # None: as before
