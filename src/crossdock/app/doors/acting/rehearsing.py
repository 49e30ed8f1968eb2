"""What would become of an order, without making it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.showing import text
from crossdock.core.amounts import money
from crossdock.core.risk import Authority, Rehearsal
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import (
    Instrument,
    OrderRequest,
    OrderType,
    Rounding,
    Side,
    symbol_of,
    venue_of,
)

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SMALL = Decimal(4)  # an order of which four times as much would pass needs no question
LARGE = Decimal(4) / Decimal(3)  # one of which a third more would not is typed out


def rehearsed(
    desk: Desk, request: OrderRequest, authority: Authority = Authority.REQUESTER
) -> dict[str, Any]:
    """Run the very checks of a real order and tell how they end, in plain values.

    Raises DeskError as placing would: for an account that is not connected.
    """
    gateway = desk.dealing.gateway(request.account)
    listed = desk.kernel.state.instruments.get(request.instrument)
    reasons: list[list[str]] = []
    allowed: str | None = None
    found: Rehearsal | None = None
    try:
        _ = gateway.adapter
        found = desk.dealing.rehearse(request, authority)
        if found.needs_approval:
            reasons = [["approval", found.needs_approval]]
    except RiskRefused as refusal:
        reasons = [list(reason) for reason in refusal.reasons]
        allowed = refusal.allowed_quantity
    except DeskError as away:
        reasons = [["account", away.message]]
    passes = not reasons
    return {
        "passes": passes,
        "reasons": reasons,
        "allowed_quantity": allowed,
        "account": request.account,
        "live": gateway.options.moves_money,
        "instrument": request.instrument,
        "symbol": symbol_of(request.instrument),
        "venue": venue_of(request.instrument),
        "side": str(request.side),
        "type": str(request.type),
        "time_in_force": str(request.time_in_force),
        "quantity": f"{request.quantity:f}",
        "price": text(_price(request)),
        **_worth(desk, request, listed, found),
        "confirmation": _confirmation(desk, request, listed, found, authority),
    }


def _price(request: OrderRequest) -> Decimal | None:
    return request.limit_price if request.limit_price is not None else request.stop_price


def _worth(
    desk: Desk,
    request: OrderRequest,
    listed: Instrument | None,
    found: Rehearsal | None,
) -> dict[str, Any]:
    """Return value, fee and what would be left, each None where nobody can say."""
    told: dict[str, Any] = dict.fromkeys(
        ("reference_price", "notional", "fee", "fee_currency", "fee_rate"),
    )
    told["currency"] = desk.settings.desk.currency
    told["position_after"] = told["buying_power_after"] = told["buying_power_asset"] = None
    if listed is None:
        return told
    price = _price(request) or _market(desk, request)
    if found is not None and found.reference_price:
        price = _price(request) or found.reference_price
    if price is not None:
        notional = abs(listed.notional(request.quantity, price))
        rate = desk.view.rate(listed.settle)
        told["reference_price"] = f"{price:f}"
        told["notional"] = None if rate is None else money(notional * rate)
        fee_rate = listed.maker_fee_rate if _rests(desk, request) else listed.taker_fee_rate
        if fee_rate is not None:
            told["fee_rate"] = f"{fee_rate:f}"
            told["fee"] = money(notional * fee_rate)
            told["fee_currency"] = listed.settle
    held = desk.view.position(request.account, request.instrument, request.position_side)
    told["position_after"] = f"{held + request.side.sign * request.quantity:f}"
    if found is not None:
        asset = found.reserved.cash_asset
        free = desk.view.free_cash(request.account, asset)
        if free is not None:
            told["buying_power_after"] = money(free - found.reserved.cash)
            told["buying_power_asset"] = asset
    return told


def _market(desk: Desk, request: OrderRequest) -> Decimal | None:
    mark = desk.view.mark(request.instrument)
    return None if mark is None else mark.price


def _rests(desk: Desk, request: OrderRequest) -> bool:
    """Tell whether the order would wait in the book, and so be charged as a maker."""
    if request.post_only:
        return True
    book = desk.markets.books.get(request.instrument)
    if request.type is not OrderType.LIMIT or book is None or not book.ready:
        return False
    assert request.limit_price is not None, "a limit order has one"
    if request.side is Side.BUY:
        return bool(request.limit_price < book.best_ask_price)
    return bool(request.limit_price > book.best_bid_price)


def _confirmation(
    desk: Desk,
    request: OrderRequest,
    listed: Instrument | None,
    found: Rehearsal | None,
    authority: Authority,
) -> str:
    """Say how a person is to confirm: by how near the order is to what would be refused."""
    if found is None or listed is None or found.needs_approval:
        return "type"
    is_live = desk.dealing.gateway(request.account).options.moves_money
    least = "click" if is_live else "none"
    if found.reduces:
        return least

    def passes(times: Decimal) -> bool:
        try:
            quantity = listed.quantity(request.quantity * times, Rounding.UP)
            larger = replace(request, quantity=quantity)
            return not desk.dealing.rehearse(larger, authority).needs_approval
        except (RiskRefused, ValueError):
            return False

    if passes(SMALL):
        return least
    return "click" if passes(LARGE) else "type"
