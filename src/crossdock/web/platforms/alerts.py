"""What a charting service's alert says, as TradingView writes it: JSON in any case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.web.problems import Problem

_DIRECTIONS = {
    "buy": "long",
    "long": "long",
    "sell": "short",
    "short": "short",
    "flat": "flat",
    "close": "flat",
    "exit": "flat",
    "cover": "flat",
}
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`direction` is long, short or flat; `limit` only where the alert asks for one."""

    id: str
    symbol: str
    direction: str
    quantity: str | None
    limit: str | None
    price: str | None
    strategy: str
    confidence: float
    words: str


def read_alert(body: bytes) -> Alert:
    """Read `ticker`, `action` and what else there is. Raises Problem 422.

    `market_position`, where it is told, says what is wanted in the end: with `flat` a sale
    closes instead of opening the other side.
    """
    said = _object(body)
    action = _text(said, "action", "side").lower()
    wanted = _DIRECTIONS.get(action)
    if wanted is None:
        raise _wrong(f"action is one of {', '.join(_DIRECTIONS)}; got {action!r}")
    if _text(said, "market_position").lower() == "flat":
        wanted = "flat"
    symbol = _text(said, "ticker", "symbol")
    if not symbol:
        raise _wrong("ticker is missing", '{"ticker": "{{ticker}}", "action": "buy"}')
    price = _amount(said, "price")
    kind = _text(said, "type", "order_type").lower() or "market"
    if kind not in ("market", "limit") or (kind == "limit" and price is None):
        raise _wrong("type is market, or limit with a price")
    return Alert(
        # Not order_id: a charting service writes the entry's name there, each time the same.
        id=_text(said, "id", "alert_id"),
        symbol=symbol,
        direction=wanted,
        quantity=_amount(said, "quantity", "qty", "contracts"),
        limit=price if kind == "limit" else None,
        price=price,
        strategy=_text(said, "strategy").lower(),
        confidence=_share(said, "confidence"),
        words=_text(said, "comment", "message"),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        # Numbers stay as they are written: 0.1 is not a float's idea of it.
        said = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise _wrong(
            "the alert is not JSON",
            'write its message like {"ticker": "{{ticker}}", "action": "buy"}',
        ) from None
    if not isinstance(said, dict):
        raise _wrong("the alert is not a JSON object")
    return said


def _text(said: dict[str, Any], *names: str) -> str:
    for name in names:
        value = said.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise _wrong(f"{name} is text")
        if len(value) > _LONGEST:
            raise _wrong(f"{name} has {_LONGEST} characters at most")
        return value.strip()
    return ""


def _amount(said: dict[str, Any], *names: str) -> str | None:
    text = _text(said, *names)
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise _wrong(f"{names[0]} is a number, not {text!r}") from None
    if not amount.is_finite() or amount <= 0 or abs(amount.adjusted()) > 20:
        raise _wrong(f"{names[0]} is more than 0, not {text!r}")
    return f"{amount:f}"


def _share(said: dict[str, Any], name: str) -> float:
    text = _text(said, name)
    try:
        share = float(text) if text else 1.0
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise _wrong(f"{name} is between 0 and 1, not {text!r}")
    return share


def _wrong(words: str, hint: str = "") -> Problem:
    return Problem(422, "bad-argument", words, hint=hint)
