"""What queries read: rows made from records. Pure; a store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.model import Fill, InstrumentId, symbol_of

Row = dict[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[str, ...]
    key: tuple[str, ...]
    order: str
    indexes: tuple[tuple[str, ...], ...] = ()  # by what else it is asked


SCHEMA: Mapping[str, Table] = {
    "history": Table(
        columns=("sequence", "at", "record", "order_id", "correlation", "ids", "payload"),
        key=("sequence",),
        order="sequence",
        indexes=(("order_id", "sequence"), ("correlation", "sequence")),
    ),
    "named": Table(  # each id that a record carries: a story is found by any of them
        columns=("id", "sequence"),
        key=("id", "sequence"),
        order="sequence",
    ),
    "orders": Table(
        columns=(
            "order_id",
            "client_order_id",
            "account",
            "instrument",
            "side",
            "type",
            "quantity",
            "limit_price",
            "stop_price",
            "portfolio",
            "strategy",
            "correlation",
            "status",
            "filled",
            "venue_order_ids",
            "at",
        ),
        key=("order_id",),
        order="at",
        indexes=(("correlation",),),
    ),
    "fills": Table(
        columns=(
            "account",
            "instrument",
            "venue_order_id",
            "execution_id",
            "sequence",
            "at",
            "order_id",
            "side",
            "price",
            "quantity",
            "fee",
            "fee_asset",
            "more_fees",
            "liquidity",
            "kind",
            "replaces",
            "source",
        ),
        key=("account", "instrument", "venue_order_id", "execution_id"),
        order="sequence",
        indexes=(("instrument", "sequence"), ("order_id", "sequence")),
    ),
    "events": Table(
        columns=(
            "account",
            "event_id",
            "sequence",
            "at",
            "kind",
            "asset",
            "amount",
            "note",
        ),
        key=("account", "event_id"),
        order="sequence",
    ),
    "alarms": Table(
        columns=("sequence", "at", "code", "words", "account", "order_id"),
        key=("sequence",),
        order="sequence",
    ),
}


def rows_of(sequence: int, record: r.AnyRecord, payload: bytes) -> list[tuple[str, Row]]:
    """Return every row that one record writes by itself; `order_row` makes those of orders."""
    rows: list[tuple[str, Row]] = []
    if not isinstance(record, r.Snapshot):
        rows.append(("history", _history(sequence, record, payload)))
        rows += [("named", {"id": name, "sequence": sequence}) for name in _ids(record)]
    match record:
        case r.FillRecorded(fill=fill):
            row: Row = {
                "account": fill.account,
                "instrument": fill.instrument,
                "venue_order_id": fill.venue_order_id,
                "execution_id": fill.execution_id,
                "sequence": sequence,
                "at": record.at,
                "order_id": record.order_id,
                "side": fill.side.value,
                "price": f"{fill.price:f}",
                "quantity": f"{fill.quantity:f}",
                "fee": f"{fill.fee:f}",
                "fee_asset": fill.fee_asset,
                "more_fees": more_fees_words(fill),
                "liquidity": fill.liquidity.value,
                "kind": fill.kind.value,
                "replaces": fill.replaces,
                "source": record.source.value,
            }
            rows.append(("fills", row))
        case r.AccountMoved(event=event):
            row = {
                "account": event.account,
                "event_id": event.event_id,
                "sequence": sequence,
                "at": record.at,
                "kind": event.kind.value,
                "asset": event.asset,
                "amount": f"{event.amount:f}",
                "note": event.note,
            }
            rows.append(("events", row))
        case r.Alarmed():
            row = {
                "sequence": sequence,
                "at": record.at,
                "code": record.code,
                "words": record.words,
                "account": record.account,
                "order_id": record.order_id,
            }
            rows.append(("alarms", row))
        case _:
            pass
    return rows


def more_fees_words(fill: Fill) -> str | None:
    """Return what was taken besides a fill's `fee`, as "0.1 BNB, 2 USDC"; or None."""
    return ", ".join(f"{fee:f} {asset}" for asset, fee in fill.more_fees) or None


def order_row(order: OrderState) -> Row:
    """Return an order as it is, with all that its records and fills have made of it."""
    request = order.request
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "account": request.account,
        "instrument": request.instrument,
        "side": request.side.value,
        "type": request.type.value,
        "quantity": f"{order.quantity:f}",
        "limit_price": _text(order.limit_price),
        "stop_price": _text(order.stop_price),
        "portfolio": request.portfolio,
        "strategy": request.strategy,
        "correlation": request.correlation,
        "status": order.status.value,
        "filled": f"{order.cumulative_quantity:f}",
        "venue_order_ids": " ".join(order.venue_order_ids),
        "at": order.created_at,
    }


def _history(sequence: int, record: r.AnyRecord, payload: bytes) -> Row:
    return {
        "sequence": sequence,
        "at": record.at,
        "record": type(record).__struct_config__.tag,
        "order_id": getattr(record, "order_id", None),
        "correlation": _correlation(record),
        "ids": " ".join(_ids(record)),
        "payload": payload.decode(),
    }


def _correlation(record: Any) -> str | None:
    for holder in (
        record,
        getattr(record, "request", None),
        getattr(record, "signal", None),
    ):
        found = getattr(holder, "correlation", None)
        if found:
            return str(found)
    return None


def _ids(record: Any) -> list[str]:
    """Return the other ids a person may trace by."""
    found = []
    for holder in (record, getattr(record, "report", None), getattr(record, "fill", None)):
        for name in _IDS:
            value = getattr(holder, name, None)
            if value and value not in found:
                found.append(str(value))
    return found


_IDS = (
    "client_order_id",
    "venue_order_id",
    "attempt_id",
    "execution_id",
    "movement_id",
    "venue_movement_id",
)


def describe(record: Mapping[str, Any]) -> str:
    """Return one line for people about a record in plain values."""
    kind = record["record"]
    match kind:
        case "signal_emitted":
            signal = record["signal"]
            return (
                f"signal {signal['direction']} {signal['symbol']} strength "
                f"{signal['strength']}: {record['routed']}"
            )
        case "request_refused":
            reasons = "; ".join(f"{check}: {why}" for check, why in record["reasons"])
            return f"refused by risk: {reasons}"
        case "order_intended":
            request = record["request"]
            price = _price_words(request)
            symbol = symbol_of(InstrumentId(request["instrument"]))
            return (
                f"intended {request['side']} {request['quantity']} {symbol} at {price} on "
                f"{request['account']}, approved as {record['approval_id']}"
            )
        case "attempt_started":
            new = ", ".join(
                f"{name.replace('_', ' ')} {record[name]}"
                for name in ("quantity", "limit_price", "stop_price")
                if record.get(name)
            )
            to = f" to {new}" if new else ""
            return f"{record['kind']}{to} about to be sent ({record['attempt_id']})"
        case "attempt_ended":
            words = f": {record['words']}" if record.get("words") else ""
            return f"attempt {record['outcome']}{words}"
        case "order_reported":
            report = record["report"]
            return (
                f"{record['source']} reports {report['status']}, filled "
                f"{report.get('cumulative_quantity', '0')} of {report['quantity']}"
            )
        case "leg_seen":
            report = record["report"]
            return (
                f"the venue made a leg of {record['parent']}: {report['side']} "
                f"{report['quantity']} at {_price_words(report)}, {report['status']}"
            )
        case "fill_recorded":
            fill = record["fill"]
            more = "".join(
                f" and {fee} {asset}" for asset, fee in fill.get("more_fees", ())
            )
            return (
                f"{fill.get('kind', 'reported')} fill {fill['quantity']} at {fill['price']}, "
                f"fee {fill['fee']} {fill['fee_asset']}{more}, by {record['source']}"
            )
        case "movement_intended":
            return (
                f"{record['kind']} {record['amount']} {record['asset']} of "
                f"{record['account']}{_way(record)} about to be asked for, by "
                f"{record.get('by') or 'nobody named'} ({record['movement_id']})"
            )
        case "movement_ended":
            words = f": {record['words']}" if record.get("words") else ""
            return f"movement {record['movement_id']} {record['outcome']}{words}"
        case "movement_settled":
            return (
                f"movement {record['movement_id']} is {record['verdict']}, by "
                f"{record['by']}: {record.get('words', '')}"
            )
        case "margin_decided":
            mode = record["margin_mode"]
            to = " ".join(
                part
                for part in (
                    f"leverage {record['leverage']}" if record.get("leverage") else "",
                    f"margin {mode}" if mode != "none" else "",
                )
                if part
            )
            ended = record.get("outcome") or "about to be set"
            return f"{record['instrument']} {to}: {ended}, by {record['by']}"
        case "kill_switched":
            where = record.get("account") or "all accounts"
            done = "engaged" if record["engaged"] else "released"
            return f"kill switch {done} for {where} by {record['by']}: {record['reason']}"
        case "account_halted":
            done = "halted" if record["halted"] else "resumed"
            return f"{record['account']} {done} by {record['by']}: {record['reason']}"
        case "live_confirmed":
            where = f"{record['adapter']} at {record['venue']}"
            said = f"{record['by']}: {record['words']}"
            return f"{record['account']} may trade real money ({where}), says {said}"
        case "doubt_resolved":
            return f"doubt ended: {record['verdict']}, by {record['by']}: {record['words']}"
        case "doubt_escalated":
            return f"doubt needs a person: {record['words']}"
        case "person_acted" | "flag_set" | "limit_set" | "strategy_steered":
            return _of_person(kind, record)
        case "alarmed":
            return f"alarm {record['code']}: {record['words']}"
        case _:
            return str(kind).replace("_", " ")


def _of_person(kind: str, record: Mapping[str, Any]) -> str:
    by = record["by"]
    match kind:
        case "person_acted":
            words = f": {record['words']}" if record.get("words") else ""
            door = f" by {record['door']}" if record.get("door") else ""
            parts = (record["action"].replace("_", " "), record.get("subject"))
            return f"{by} asks{door}: {' '.join(each for each in parts if each)}{words}"
        case "flag_set":
            value = record["value"]
            shown = str(value).lower() if isinstance(value, bool) else value or "none"
            return f"flag {record['name']} = {shown}, by {by}"
        case "limit_set":
            value = record["value"]
            # An empty text, which journals of old may hold, lifted the limit.
            value = "as in the settings" if value is None else value or "none"
            where = f"{record['name']} of {record['scope']}"
            return f"limit {where} = {value}, by {by}: {record['reason']}"
        case _:
            return f"strategy {record['strategy']} is to be {record['standing']}, by {by}"


def _way(movement: Mapping[str, Any]) -> str:
    """Say from where to where, on which instrument or product, money is to move."""
    parts = (
        ("from", "source"),
        ("to", "destination"),
        ("on", "instrument"),
        ("by", "product"),
    )
    return "".join(f" {word} {movement[n]}" for word, n in parts if movement.get(n))


def _price_words(order: Mapping[str, Any]) -> str:
    """Say at which prices an order trades or waits, and with which legs."""
    stop, limit = order.get("stop_price"), order.get("limit_price")
    trail, percent = order.get("trail_amount"), order.get("trail_percent")
    parts = [
        trail and f"trail {trail}",
        percent and f"trail {percent} %",
        stop and f"stop {stop}",
        limit and f"limit {limit}",
    ]
    words = " ".join(part for part in parts if part) or "market"
    legs = [_price_words(leg) for leg in order.get("attached") or ()]
    return f"{words} with {' and '.join(legs)}" if legs else words


def _text(value: object) -> str | None:
    return None if value is None else f"{value:f}"
