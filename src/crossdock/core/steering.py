"""What people have set in a running desk, on top of its settings: flags, limits, strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import NamedTuple

from crossdock.core import person_records as p
from crossdock.model import ZERO, StrategyId

Flag = bool | Decimal | None


@dataclass(slots=True, kw_only=True)
class Flags:
    """Switches of the whole desk. The risk gate reads the first three with every order."""

    trading: bool = True  # False: no order that may add risk; what reduces passes
    paper_only: bool = False  # nothing that moves money takes on new risk
    max_order_size: Decimal | None = None  # value of one order, in the desk's currency
    risk_override: bool = False  # limits may be changed while the desk runs
    strategy_control: bool = True  # strategies may be started and set up by people
    history: bool = True
    notifications: bool = True

    def set(self, name: str, value: Flag) -> None:
        """Raise ValueError for a name or a value that is none of these."""
        if name not in NAMES:
            raise ValueError(f"there is no flag {name!r}")
        if name == "max_order_size":
            if not (value is None or (type(value) is Decimal and value.is_finite())):
                raise ValueError("max_order_size is an amount, or nothing")
            if value is not None and value < ZERO:
                raise ValueError("max_order_size is 0 or more")
        elif type(value) is not bool:
            raise ValueError(f"{name} is true or false")
        setattr(self, name, value)

    def loosens(self, name: str, value: Flag) -> bool:
        """Tell whether this value takes away from what guards the desk as it is set now."""
        now = getattr(self, name)
        if name == "max_order_size":
            return now is not None and (value is None or value > now)
        return now is _GUARDING.get(name) and value is not now


_GUARDING: Mapping[str, bool] = {
    "trading": False,
    "paper_only": True,
    "risk_override": False,
    "strategy_control": False,
    "notifications": True,
}
"""How a switch stands while it guards. `history` guards nothing: it hides a page."""

NAMES = tuple(each.name for each in fields(Flags))


class LimitKey(NamedTuple):
    name: str
    scope: str


@dataclass(slots=True, kw_only=True)
class Steered:
    """How a person left a strategy."""

    standing: p.Standing
    by: str
    plan: p.StrategyPlan | None = None


@dataclass(slots=True, kw_only=True)
class SteeringImage:
    """What a snapshot holds of it."""

    flags: Flags = field(default_factory=Flags)
    limits: list[p.LimitSet] = field(default_factory=list)
    strategies: dict[StrategyId, Steered] = field(default_factory=dict)


class Steering:
    """Changes only by records. `flags` stays one object: the gate holds it."""

    def __init__(self) -> None:
        self.flags = Flags()
        self.limits: dict[LimitKey, p.LimitSet] = {}
        self.strategies: dict[StrategyId, Steered] = {}
        self.paused: set[StrategyId] = set()

    def set_flag(self, record: p.FlagSet) -> None:
        self.flags.set(record.name, record.value)

    def set_limit(self, record: p.LimitSet) -> None:
        key = LimitKey(record.name, record.scope)
        self.limits.pop(key, None)  # the newest is the last, and wins
        if record.value is not None:
            self.limits[key] = record

    def steer(self, record: p.StrategySteered) -> None:
        before = self.strategies.get(record.strategy)
        plan = record.plan or (None if before is None else before.plan)
        self._keep(
            record.strategy, Steered(standing=record.standing, by=record.by, plan=plan)
        )

    def _keep(self, strategy: StrategyId, steered: Steered) -> None:
        self.strategies[strategy] = steered
        if steered.standing is p.Standing.PAUSED:
            self.paused.add(strategy)
        else:
            self.paused.discard(strategy)

    def to_image(self) -> SteeringImage:
        return SteeringImage(
            flags=self.flags,
            limits=list(self.limits.values()),
            strategies=self.strategies,
        )

    def restore(self, image: SteeringImage) -> None:
        for name in NAMES:
            self.flags.set(name, getattr(image.flags, name))
        for limit in image.limits:
            self.set_limit(limit)
        for strategy, steered in image.strategies.items():
            self._keep(strategy, steered)
