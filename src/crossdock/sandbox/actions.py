"""What an operator can do to a venue and its accounts: `POST /actions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.engine import OrderForm
from crossdock.sandbox.faces.native.forms import SubmitForm, decimal, positive, read_fields
from crossdock.sandbox.faces.native.payloads import (
    Payload,
    event_payload,
    fill_payload,
    instrument_payload,
    order_payload,
)
from crossdock.sandbox.faces.refusals import bad_request

if TYPE_CHECKING:
    from crossdock.sandbox.site import Site

_MOST_TIMES = 10_000

Fields = Mapping[str, Any]
Action = Callable[["Site", Fields], Payload]


def perform(site: Site, fields: Fields) -> Payload:
    """Do one action. Raises Refusal, or the engine's Refused, with nothing done."""
    name = fields.get("action")
    action = _ACTIONS.get(name) if isinstance(name, str) else None
    if action is None:
        raise bad_request(f"action: one of {', '.join(_ACTIONS)} was expected")
    return action(site, fields)


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"{name}: a text was expected")
    return value


def _account(site: Site, fields: Fields) -> str:
    account = _text(fields, "account")
    if account not in site.host.venue.accounts:
        raise bad_request("account: one of the venue's was expected")
    return account


def _deposit(site: Site, fields: Fields) -> Payload:
    account, asset = _account(site, fields), _text(fields, "asset")
    amount = positive(_text(fields, "amount"), "amount")
    host = site.host
    for _ in range(_times(fields) - 1):
        host.venue.deposit(account, asset, amount, host.now_ns())
    return event_payload(host.venue.deposit(account, asset, amount, host.now_ns()))


def _times(fields: Fields, most: int = _MOST_TIMES) -> int:
    times = fields.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= most:
        raise bad_request(f"times: a whole number from 1 to {most} was expected")
    return times


def _withdraw(site: Site, fields: Fields) -> Payload:
    account, asset = _account(site, fields), _text(fields, "asset")
    amount = positive(_text(fields, "amount"), "amount")
    host = site.host
    return event_payload(host.venue.withdraw(account, asset, amount, host.now_ns()))


def _funding(site: Site, fields: Fields) -> Payload:
    rate = decimal(_text(fields, "rate"), "rate")
    host = site.host
    paid = host.venue.funding(_text(fields, "symbol"), rate, host.now_ns())
    return {"events": [event_payload(event) for _, event in paid]}


def _liquidate(site: Site, fields: Fields) -> Payload:
    account, symbol = _account(site, fields), _text(fields, "symbol")
    events = site.host.venue.liquidate(account, symbol, site.host.now_ns())
    return {"events": [event_payload(event) for event in events]}


def _bust(site: Site, fields: Fields) -> Payload:
    account, execution = _account(site, fields), _text(fields, "execution_id")
    return fill_payload(site.host.venue.bust(account, execution, site.host.now_ns()))


def _correct(site: Site, fields: Fields) -> Payload:
    account, execution = _account(site, fields), _text(fields, "execution_id")
    price = positive(_text(fields, "price"), "price")
    host = site.host
    return fill_payload(host.venue.correct(account, execution, price, host.now_ns()))


def _manual_order(site: Site, fields: Fields) -> Payload:
    account = _account(site, fields)
    made_up = "client_order_id" not in fields
    wanted = read_fields({"client_order_id": "by-hand", **fields}, SubmitForm).order()
    form: OrderForm = replace(wanted, client_order_id="") if made_up else wanted
    host = site.host
    for _ in range(_times(fields, _MOST_TIMES if made_up else 1) - 1):
        host.venue.manual_order(account, form, host.now_ns())
    return order_payload(host.venue.manual_order(account, form, host.now_ns()))


def _expire(site: Site, fields: Fields) -> Payload:
    account, host = _account(site, fields), site.host
    ended = host.venue.expire_all(account, host.now_ns())
    return {"orders": [order_payload(it) for it in ended]}


def _tick_change(site: Site, fields: Fields) -> Payload:
    pairs = fields.get("ticks")
    if not isinstance(pairs, list) or not pairs:
        raise bad_request("ticks: a list of [floor, tick] pairs was expected")
    ticks = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise bad_request("ticks: a list of [floor, tick] pairs was expected")
        floor, tick = (decimal(str(part), "ticks") for part in pair)
        ticks.append((floor, tick))
    host = site.host
    symbol = _text(fields, "symbol")
    market = host.venue.tick_change(symbol, tuple(sorted(ticks)), host.now_ns())
    return instrument_payload(market)


def _restart(site: Site, _fields: Fields) -> Payload:
    return {"dropped": site.restart()}


def _clock_step(site: Site, fields: Fields) -> Payload:
    seconds = fields.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise bad_request("seconds: a number was expected")
    site.host.step_clock(seconds)
    return {"time_ns": site.host.now_ns()}


def _revoke_key(site: Site, fields: Fields) -> Payload:
    account = _account(site, fields)
    site.host.keys.of_account(account).is_revoked = True
    return {"expired": site.host.expire_sessions(account)}


def _restore_key(site: Site, fields: Fields) -> Payload:
    site.host.keys.of_account(_account(site, fields)).is_revoked = False
    return {}


def _expire_sessions(site: Site, _fields: Fields) -> Payload:
    return {"expired": site.host.expire_sessions()}


def _pause(site: Site, _fields: Fields) -> Payload:
    site.host.venue.pause()
    return {}


def _resume(site: Site, _fields: Fields) -> Payload:
    site.host.venue.resume()
    return {}


_ACTIONS: dict[str, Action] = {
    "deposit": _deposit,
    "withdraw": _withdraw,
    "funding": _funding,
    "liquidate": _liquidate,
    "bust": _bust,
    "correct": _correct,
    "manual_order": _manual_order,
    "expire": _expire,
    "tick_change": _tick_change,
    "restart": _restart,
    "clock_step": _clock_step,
    "revoke_key": _revoke_key,
    "restore_key": _restore_key,
    "expire_sessions": _expire_sessions,
    "pause": _pause,
    "resume": _resume,
}
