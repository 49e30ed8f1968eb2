"""What an order by hand says in text, as the nouns it means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.app.showing import number
from crossdock.errors import DeskError
from crossdock.model import Contingency, Leg, OrderType


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """An order's type, prices and attached legs."""

    type: OrderType
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail_amount: Decimal | None
    trail_percent: Decimal | None
    attached: tuple[Leg, ...]
    contingency: Contingency

    @property
    def limit_at_once(self) -> Decimal | None:
        """The limit it trades at now; None where it has none, or waits for a price."""
        return self.limit_price if self.type is OrderType.LIMIT else None


def read_terms(
    *,
    limit: str | None,
    stop: str | None,
    if_touched: str | None,
    trail_amount: str | None,
    trail_percent: str | None,
    take_profit: str | None,
    stop_loss: str | None,
    oco: bool,
) -> Terms:
    """Read prices and legs. Raises DeskError for what is no number, or says two things.

    `stop` waits for the price to move on to it, `if_touched` for it to come back. A
    `stop_loss` is STOP or STOP:LIMIT. With `oco` the order itself is the take-profit.
    """
    waits = {
        "a stop": stop,
        "if-touched": if_touched,
        "a trail amount": trail_amount,
        "a trail percent": trail_percent,
    }
    said = [name for name, text in waits.items() if text is not None]
    trails = trail_amount is not None or trail_percent is not None
    if len(said) > 1:
        raise _mistake(f"an order waits for one thing, not for {' and '.join(said)}")
    if trails and limit is not None:
        raise _mistake("a trailing stop takes no limit")
    if oco and (take_profit is not None or stop_loss is None or limit is None or said):
        raise _mistake("OCO is a limit order with a stop loss: the limit takes the profit")
    attached = []
    if take_profit is not None:
        attached.append(Leg(limit_price=number(take_profit, "take profit")))
    if stop_loss is not None:
        attached.append(_stop_loss(stop_loss))
    waits_for_price = stop if if_touched is None else if_touched
    return Terms(
        type=_type_of(limit, stop, if_touched, trails=trails),
        limit_price=_number_or_none(limit, "limit"),
        stop_price=_number_or_none(waits_for_price, "stop"),
        trail_amount=_number_or_none(trail_amount, "trail amount"),
        trail_percent=_number_or_none(trail_percent, "trail percent"),
        attached=tuple(attached),
        contingency=Contingency.OCO if oco else Contingency.OTO,
    )


def _type_of(
    limit: str | None, stop: str | None, if_touched: str | None, *, trails: bool
) -> OrderType:
    if trails:
        return OrderType.TRAILING_STOP
    if if_touched is not None:
        at_market = limit is None
        return OrderType.MARKET_IF_TOUCHED if at_market else OrderType.LIMIT_IF_TOUCHED
    if limit is not None:
        return OrderType.LIMIT if stop is None else OrderType.STOP_LIMIT
    return OrderType.MARKET if stop is None else OrderType.STOP


def _stop_loss(text: str) -> Leg:
    stop, separator, limit = text.partition(":")
    return Leg(
        stop_price=number(stop, "stop loss"),
        limit_price=number(limit, "stop loss limit") if separator else None,
    )


def _number_or_none(text: str | None, what: str) -> Decimal | None:
    return None if text is None else number(text, what)


def _mistake(words: str) -> DeskError:
    return DeskError(words, code="bad-argument")
