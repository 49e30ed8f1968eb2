"""The kill switch: what it cancels, and what it flattens.

Plans only; the desk sends. Flattening is planned from the position that is
left, so the desk asks for it once every cancel is proven (where the venue itself trims
reduce-only orders it may ask at once). Each flatten order goes through the gate with
`Authority.KILL`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.core.risk.view import VenueTerms
from crossdock.model import (
    ZERO,
    AccountId,
    ContractKind,
    CorrelationId,
    Instrument,
    OrderId,
    OrderRequest,
    OrderType,
    PositionKey,
    PositionSide,
    Rounding,
    Side,
    StrategyId,
    TimeInForce,
)

KILL_STRATEGY = StrategyId("kill-switch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engaged:
    """The switch, thrown. With `include_foreign` it also ends what is not Crossdock's."""

    by: str
    reason: str
    flatten: bool = False
    account: AccountId | None = None  # None: all
    include_foreign: bool = False

    def covers(self, account: AccountId) -> bool:
        return self.account is None or self.account == account


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOrders:
    """What may still fill in one account.

    `foreign` are orders that are not Crossdock's; None: nobody knows whether there are
    any (the venue is away, or was never asked).
    """

    account: AccountId
    ours: Sequence[OrderId]
    in_doubt: Sequence[OrderId] = ()  # of ours
    foreign: Sequence[OrderId] | None = None
    has_cancel_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPlan:
    """Accounts to cancel as a whole, and single orders. Cancel-all goes first."""

    cancel_all: tuple[AccountId, ...]
    cancels: tuple[OrderId, ...]


def plan_cancels(engaged: Engaged, accounts: Iterable[AccountOrders]) -> CancelPlan:
    """Say how to end every order the switch covers.

    The venue's cancel-all ends foreign orders too: it is used only where none exist, or
    where they are meant. Orders in doubt are always cancelled one by one as well, since
    one that has not arrived yet would escape a cancel-all.
    """
    whole: list[AccountId] = []
    single: list[OrderId] = []
    for each in accounts:
        if not engaged.covers(each.account):
            continue
        foreign = each.foreign
        wanted = engaged.include_foreign
        alone = foreign is not None and not foreign
        if each.has_cancel_all and (wanted or (alone and each.ours)):
            whole.append(each.account)
            single += each.in_doubt
            continue
        single += each.ours
        if wanted and foreign is not None:
            single += foreign
    return CancelPlan(cancel_all=tuple(whole), cancels=tuple(single))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position and how much of it is Crossdock's; both signed. `quarantine` as in the view."""

    key: PositionKey
    quantity: Decimal
    owned: Decimal
    instrument: Instrument
    terms: VenueTerms
    quarantine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlattenPlan:
    """Orders to send, and the holdings that stay, each with the reason, for a person."""

    orders: tuple[OrderRequest, ...]
    left: tuple[tuple[PositionKey, str], ...]


def plan_flatten(
    engaged: Engaged,
    holdings: Iterable[Holding],
    *,
    correlation: CorrelationId,
) -> FlattenPlan:
    """Say which market orders would end the positions the switch covers.

    Never more than what is Crossdock's, and never more than what is there: where a
    foreign position has already offset ours, the smaller of the two is closed.
    """
    orders: list[OrderRequest] = []
    left: list[tuple[PositionKey, str]] = []
    if not engaged.flatten:
        return FlattenPlan(orders=(), left=())
    for holding in holdings:
        if not engaged.covers(holding.key.account) or not holding.quantity:
            continue
        made, reason = _flatten(holding, engaged.include_foreign, correlation)
        orders += made
        if reason:
            left.append((holding.key, reason))
    return FlattenPlan(orders=tuple(orders), left=tuple(left))


def _flatten(
    holding: Holding, include_foreign: bool, correlation: CorrelationId
) -> tuple[list[OrderRequest], str]:
    total = holding.quantity
    ours = total if include_foreign else holding.owned
    if not ours or (ours > 0) is not (total > 0):
        return [], f"none of {total} is Crossdock's to close"
    if holding.quarantine:
        return [], f"the account is quarantined: {holding.quarantine}"
    terms = holding.terms
    if OrderType.MARKET not in terms.order_types:
        return [], "the venue takes no market orders here: close it by hand"
    lots, dust = _in_lots(min(abs(ours), abs(total)), holding.instrument)
    time_in_force = (
        TimeInForce.IOC
        if TimeInForce.IOC in terms.times_in_force
        else min(terms.times_in_force, default=TimeInForce.GTC)
    )
    orders = [
        OrderRequest(
            account=holding.key.account,
            instrument=holding.key.instrument,
            side=_closing_side(holding),
            type=OrderType.MARKET,
            quantity=quantity,
            time_in_force=time_in_force,
            reduce_only=terms.enforces_reduce_only
            and holding.instrument.kind is not ContractKind.SPOT,
            position_side=holding.key.position_side,
            margin_mode=holding.key.margin_mode,
            strategy=KILL_STRATEGY,
            correlation=correlation,
        )
        for quantity in lots
    ]
    if dust:
        return orders, f"{dust} is less than the venue trades"
    if abs(ours) < abs(total):
        return orders, f"{total - ours} of it is not Crossdock's"
    return orders, ""


def _closing_side(holding: Holding) -> Side:
    if holding.key.position_side is PositionSide.NET:
        return Side.SELL if holding.quantity > 0 else Side.BUY
    return Side.SELL if holding.key.position_side is PositionSide.LONG else Side.BUY


def _in_lots(quantity: Decimal, instrument: Instrument) -> tuple[list[Decimal], Decimal]:
    """Split into orders the venue takes; return them and what is too small to trade."""
    lots: list[Decimal] = []
    most = instrument.max_quantity
    while quantity > 0:
        part = quantity if most is None else min(quantity, most)
        try:
            part = instrument.quantity(part, Rounding.DOWN)
        except ValueError:
            break
        lots.append(part)
        quantity -= part
    return lots, max(quantity, ZERO)
