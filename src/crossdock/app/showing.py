"""How what the desk knows is shown: plain values, the same at every door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from crossdock.core.amounts import money
from crossdock.core.movements import MovementState
from crossdock.core.orders import OrderState
from crossdock.core.state import State
from crossdock.errors import DeskError
from crossdock.model import AccountFacts, AccountId, ContractKind, InstrumentId, symbol_of
from crossdock.ports import Projection, Row
from crossdock.toolkit.health import StreamHealth

LOOKED_AT = 20_000  # of the newest fills, for those of one strategy or symbol
ASKED_SINGLY = 200  # orders, before all of the newest are read at once
LARGEST_EXPONENT = 30  # beyond it a number is a slip of the hand, and slow to print


def newest_orders(
    state: State, *, every: bool, limit: int, strategy: str = "", symbol: str = ""
) -> list[OrderState]:
    """Return working orders, or with `every` the done ones too, newest first.

    Of one strategy and one symbol, where they are named: BTC/USDT, or with its venue.
    """
    held = state.orders if every else state.working
    found: Iterable[OrderState] = reversed(held.values())
    if strategy:
        found = (each for each in found if each.request.strategy == strategy)
    if symbol:
        found = (each for each in found if is_of(each.request.instrument, symbol))
    return list(islice(found, max(limit, 0)))


def is_of(instrument: str, symbol: str) -> bool:
    """Tell whether an instrument is meant by a symbol, with or without its venue."""
    return symbol in (instrument, symbol_of(InstrumentId(instrument)))


def show_order(order: OrderState) -> dict[str, Any]:
    """Return an order in plain values, as every door shows it."""
    view = order.view()
    return {
        "order_id": view.order_id,
        "client_order_id": view.client_order_id,
        "venue_order_ids": list(view.venue_order_ids),
        "account": view.request.account,
        "instrument": view.request.instrument,
        "symbol": symbol_of(view.request.instrument),
        "side": str(view.request.side),
        "type": str(view.request.type),
        "time_in_force": str(view.request.time_in_force),
        "quantity": f"{view.quantity:f}",
        "limit_price": text(view.limit_price),
        "stop_price": text(view.stop_price),
        "trail_amount": text(view.request.trail_amount),
        "trail_percent": text(view.request.trail_percent),
        "attached": [
            {"limit_price": text(leg.limit_price), "stop_price": text(leg.stop_price)}
            for leg in view.request.attached
        ],
        "contingency": str(view.request.contingency) if view.request.attached else None,
        "parent": view.parent,
        "status": view.shown_status,
        "proven_status": str(view.status),
        "in_doubt": [str(kind) for kind in view.in_doubt],
        "cumulative_quantity": f"{view.cumulative_quantity:f}",
        "average_price": text(view.average_price),
        "fees": {asset: f"{amount:f}" for asset, amount in view.fees},
        "portfolio": view.request.portfolio,
        "strategy": view.request.strategy,
        "correlation": view.request.correlation,
        "foreign": order.foreign,
        "reason": view.reason,
        "created_time_ns": view.created_time_ns,
        "updated_time_ns": view.updated_time_ns,
    }


def show_doubts(state: State, now: int) -> list[dict[str, Any]]:
    """Return every write whose fate is not known, as of `now` (UTC nanoseconds)."""
    writes: list[dict[str, Any]] = [
        {
            "attempt_id": attempt.attempt_id,
            "kind": str(attempt.kind),
            "order_id": order.order_id,
            "client_order_id": order.client_order_id,
            "account": order.request.account,
            "instrument": order.request.instrument,
            "side": str(order.request.side),
            "quantity": f"{attempt.quantity or order.quantity:f}",
            "needs_person": attempt.escalated,
            "age_s": round((now - attempt.started_at) / 1e9, 3),
        }
        for order, attempt in state.doubts()
    ]
    return writes + [_show_money(movement, now) for movement in state.movements.doubts()]


def _show_money(movement: MovementState, now: int) -> dict[str, Any]:
    """Return a movement in doubt beside orders': of an asset, with no instrument or side."""
    wish = movement.wish
    return {
        "attempt_id": movement.movement_id,
        "kind": str(wish.kind),
        "order_id": None,
        "client_order_id": None,
        "account": wish.account,
        "instrument": wish.asset,
        "side": None,
        "quantity": f"{wish.amount:f}",
        "needs_person": True,  # history may prove that it was, never that it was not
        "age_s": round((now - movement.asked_at) / 1e9, 3),
    }


def show_positions(
    state: State, account: AccountId, marks: Mapping[InstrumentId, Decimal]
) -> list[dict[str, Any]]:
    """Return an account's balances, then its positions with their owners."""
    rows: list[dict[str, Any]] = [
        {"account": account, "asset": balance.asset, "total": f"{balance.total:f}"}
        for balance in state.ledger.balances(account)
    ]
    for part, unrealized in state.ledger.valued(account, marks):
        position = part.position
        instrument = state.instruments[position.key.instrument]
        rows.append(
            {
                "account": account,
                "instrument": instrument.id,
                "kind": str(instrument.kind),
                "holding": instrument.kind is not ContractKind.SPOT,
                "portfolio": part.portfolio,
                "strategy": part.strategy,
                "quantity": f"{position.quantity:f}",
                "entry_price": None
                if position.entry_price is None
                else money(position.entry_price),
                "mark": text(marks.get(instrument.id)),
                "realized_pnl": f"{position.realized_pnl:f}",
                "unrealized_pnl": None if unrealized is None else money(unrealized),
                "unvalued": f"there is no price of {instrument.id}"
                if unrealized is None
                else "",
                "currency": position.key.settle,
            }
        )
    return rows


def newest_fills(
    projection: Projection, limit: int, *, strategy: str = "", symbol: str = ""
) -> list[dict[str, Any]]:
    """Return fills, each with the portfolio and strategy its order belongs to.

    Of one strategy and one symbol, where they are named, among the newest `LOOKED_AT`.
    """
    is_all = not (strategy or symbol)
    where: Row | None = {"instrument": symbol} if "@" in symbol else None
    rows = projection.query("fills", where, limit=limit if is_all else LOOKED_AT)
    found = (row for row in rows if not symbol or is_of(str(row["instrument"]), symbol))
    owned = (row for row in _owned(projection, found) if strategy in ("", row["strategy"]))
    return list(islice(owned, max(limit, 0)))


def fills_of_each(projection: Projection, most: int) -> list[dict[str, Any]]:
    """Return the newest fills of every strategy: a busy one does not hide the others."""
    counts = Counter[str | None]()
    found = []
    for row in _owned(projection, projection.query("fills", limit=LOOKED_AT)):
        counts[row["strategy"]] += 1
        if counts[row["strategy"]] <= most:
            found.append(row)
    return found


def _owned(projection: Projection, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    known: dict[object, Mapping[str, Any]] = {None: {}}
    for row in rows:
        order_id = row["order_id"]
        if order_id not in known and len(known) == ASKED_SINGLY:
            newest = projection.query("orders", limit=LOOKED_AT)
            known |= {order["order_id"]: order for order in newest}
        if order_id not in known:
            found = projection.query("orders", {"order_id": order_id}, limit=1)
            known[order_id] = found[0] if found else {}
        owner = known[order_id]
        yield {
            **row,
            "portfolio": owner.get("portfolio") or "external",
            "strategy": owner.get("strategy"),
        }


def show_streams(streams: Mapping[str, StreamHealth]) -> dict[str, dict[str, Any]]:
    """Return the health of an account's streams, by what they carry."""
    return {
        name: {
            "state": str(health.verdict().state),
            "words": health.verdict().words,
            "message_age_s": health.message_age_s,
            "order_event_age_s": health.order_event_age_s,
            "heartbeat_age_s": health.heartbeat_age_s,
            "skew_s": health.skew.offset_s if health.skew else None,
            "latency_ms": _milliseconds(health.latency_s(50)),
            "reconnects": health.reconnects,
            "gaps": health.gaps,
        }
        for name, health in streams.items()
    }


def show_facts(facts: AccountFacts | None) -> dict[str, Any] | None:
    """Return what a broker says of an account, as a status shows it."""
    if facts is None:
        return None
    return {
        "equity": f"{facts.equity:f}",
        "currency": facts.currency,
        "buying_power": None if facts.buying_power is None else f"{facts.buying_power:f}",
        "day_trades": facts.day_trades,
        "is_pattern_day_trader": facts.is_pattern_day_trader,
        "is_trading_blocked": facts.is_trading_blocked,
        "notes": list(facts.notes),
    }


def number(text: str, what: str) -> Decimal:
    """Read what a person typed, exactly. Raises DeskError."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        raise DeskError(
            f"{what} is a plain number, like 0.05; got {text!r}", code="bad-argument"
        )
    return value


def text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)


def show_counts(state: State) -> dict[str, int]:
    """Return how many orders, fills and doubts there are and were."""
    return {
        "orders": len(state.orders),
        "open_orders": sum(1 for _ in state.open_orders()),
        "fills": state.counts.fills,
        "accepted": state.counts.accepted,
        "rejected": state.counts.rejected,
        "failed": state.counts.failed,
        "refused": state.counts.refused,
        "doubts_open": sum(1 for _ in state.doubts()),
        "movements_in_doubt": len(state.movements.doubts()),
    }
