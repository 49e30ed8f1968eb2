"""All that a venue knows of its accounts and markets: what clients are compared with.

In the native protocol's words, but ids are those that clients of the venue's face saw.
"""

from __future__ import annotations

from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Face
from crossdock.sandbox.faces.native.payloads import (
    Payload,
    event_payload,
    exact,
    exact_or_none,
    fill_payload,
    order_payload,
    position_payload,
)


def truth(face: Face) -> Payload:
    venue = face.host.venue
    accounts = {}
    for account in venue.accounts:
        accounts[account] = {
            "orders": [_order(face, it) for it in venue.orders(account)],
            "fills": [_fill(face, account, it) for it in venue.fills(account)],
            "events": [event_payload(it) for it in venue.events(account)],
            "cash": {asset: exact(total) for asset, total, _ in venue.balances(account)},
            "positions": [position_payload(it) for it in venue.positions(account)],
            "initial": {a: exact(amount) for a, amount in venue.initial(account).items()},
        }
    return {
        "accounts": accounts,
        "best": {symbol: _best(face, symbol) for symbol in venue.markets},
    }


def _best(face: Face, symbol: str) -> Payload:
    """Return the best prices of a market, none where nobody waits."""
    _, bid, ask = face.host.venue.top(symbol)
    return {
        "bid": exact_or_none(bid and bid[0]),
        "ask": exact_or_none(ask and ask[0]),
    }


def _order(face: Face, order: VenueOrder) -> Payload:
    chain = list(face.order_ids(order))
    payload = order_payload(order)
    if order.parent is not None:
        payload["parent_id"] = face.order_ids(order.parent)[-1]
    if order.legs:
        payload["legs"] = [face.order_ids(leg)[-1] for leg in order.legs]
    return payload | {
        "id": chain[-1],
        "replaces": chain[-2] if order.replaces and len(chain) > 1 else None,
        "client_order_id": face.client_id(order.account, order.client_order_id),
        "chain": chain,
        "amendments": len(order.chain) - 1,
        "status": face.status(order),
    }


def _fill(face: Face, account: str, fill: VenueFill) -> Payload:
    replaces = fill.replaces
    return fill_payload(fill) | {
        "execution_id": face.execution_id(fill.execution_id),
        "replaces": None if replaces is None else face.execution_id(replaces),
        "order_id": face.fill_order_id(account, fill),
        "client_order_id": face.client_id(account, fill.client_order_id),
    }
