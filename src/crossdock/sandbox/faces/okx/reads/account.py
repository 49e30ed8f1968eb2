"""Reads of an account: orders, executions, balances, positions, bills, the key's rights.

https://www.okx.com/docs-v5/en/#trading-account-rest-api and
https://www.okx.com/docs-v5/en/#order-book-trading-trade, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from crossdock.model import FillKind, OrderType
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.okx.bills import Bills
from crossdock.sandbox.faces.okx.forms import TRAILING
from crossdock.sandbox.faces.okx.params import Params
from crossdock.sandbox.faces.okx.refusals import Said
from crossdock.sandbox.faces.okx.words import Row, milliseconds
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.keys import Holder
    from crossdock.sandbox.faces.okx.face import OkxFace

_DAY_NS = 24 * 3600 * 10**9
_RECENT_NS, _ARCHIVED_NS = 7 * _DAY_NS, 90 * _DAY_NS
_MOST = 100
_ALGO_TYPES = frozenset({"conditional", "oco", "trigger", TRAILING, "chase", "twap"})

Item = TypeVar("Item")


class Account:
    """Reads of one venue's accounts. Each returns the rows of a reply."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host
        self._bills = Bills(face)

    def order(self, params: Params, account: str) -> Act:
        symbol = self._face.names.find(params.text("instId"))
        ref = self._face.trading.find(account, params)

        def act(_now_ns: int) -> list[Row]:
            order = self._found(account, ref.order_id, ref.client_id)
            if order.symbol != symbol or not self._face.trading.is_listed(order):
                raise Refusal("unknown_order", "no such order")
            return [self._face.words.order(order)]

        return act

    def algo(self, params: Params, account: str) -> Act:
        ref = self._face.trading.find(account, params, algo=True)

        def act(_now_ns: int) -> list[Row]:
            order = self._found(account, ref.order_id, ref.client_id)
            if not self._face.trading.is_algo(order):
                raise Refusal("unknown_order", "no such order")
            return [self._face.words.algo(order)]

        return act

    def pending(self, params: Params, account: str) -> Act:
        chosen = self._chosen(params)

        def act(_now_ns: int) -> list[Row]:
            orders = self._host.open_orders(account)
            found = [
                it
                for it in orders
                if chosen(it.symbol) and self._face.trading.is_listed(it)
            ]
            return [self._face.words.order(it) for it in _cut(found, params, _number)]

        return act

    def algos_pending(self, params: Params, account: str) -> Act:
        kinds = params.text("ordType").split(",")
        if not _ALGO_TYPES.issuperset(kinds):
            raise Said("51000", "Parameter ordType error")
        chosen = self._chosen(params)

        def act(_now_ns: int) -> list[Row]:
            waiting = [
                it
                for it in self._host.open_orders(account)
                if chosen(it.symbol) and it.is_waiting
            ]
            rows = [self._face.words.algo(it) for it in _cut(waiting, params, _number)]
            return [it for it in rows if it["ordType"] in kinds]

        return act

    def history(self, params: Params, account: str) -> Act:
        """Return orders that are done, the newest first."""
        chosen = self._chosen(params)
        state, kind = params.maybe("state"), params.maybe("ordType")
        span = _span(params)

        def act(_now_ns: int) -> list[Row]:
            done = [
                it
                for it in self._host.orders(account)
                if it.is_done
                and chosen(it.symbol)
                and self._face.trading.is_listed(it)
                and span(it.updated_time_ns)
            ]
            rows = [self._face.words.order(it) for it in _cut(done, params, _number)]
            return [
                it
                for it in rows
                if state in (None, it["state"]) and kind in (None, it["ordType"])
            ]

        return act

    def algos_history(self, params: Params, account: str) -> Act:
        kind, state = params.text("ordType"), params.maybe("state")
        chosen = self._chosen(params)

        def act(_now_ns: int) -> list[Row]:
            done = [
                it
                for it in self._host.orders(account)
                if chosen(it.symbol)
                and self._face.trading.is_algo(it)
                and not (it.is_waiting or it.is_pending)
            ]
            rows = [self._face.words.algo(it) for it in _cut(done, params, _number)]
            return [
                it for it in rows if it["ordType"] == kind and state in (None, it["state"])
            ]

        return act

    def fills(self, params: Params, account: str) -> Act:
        """Return executions, the newest first. A short page lacks the newest of them."""
        chosen, span = self._chosen(params), _span(params)
        of_order = params.maybe("ordId")

        def act(_now_ns: int) -> list[Row]:
            rows = []
            for fill in self._standing(account):
                if not chosen(fill.symbol) or not span(fill.time_ns):
                    continue
                order = self._host.venue.find(account, order_id=fill.order_id)
                rows.append(self._face.words.trade(order, fill))
            if of_order is not None:
                rows = [it for it in rows if it["ordId"] == of_order]
            newest = _cut(rows, params, _bill)
            page = self._face.passage.page(account, newest[::-1])
            return list(page)[::-1]

        return act

    def balance(self, params: Params, account: str) -> Act:
        assets = (params.maybe("ccy") or "").split(",") if params.maybe("ccy") else []
        return lambda now_ns: [self._face.words.account(account, assets, now_ns)]

    def funding(self, params: Params, account: str) -> Act:
        """Return the funding account, which holds nothing here."""
        return lambda _now_ns: []

    def currencies(self, params: Params, account: str) -> Act:
        """Return every asset with one chain, on which nothing moves."""
        asked = params.maybe("ccy")
        markets = self._host.venue.spec.markets
        assets = {it for market in markets for it in (market.base, market.quote)}

        def act(_now_ns: int) -> list[Row]:
            return [
                {
                    "ccy": asset,
                    "name": asset,
                    "chain": f"{asset}-Sandbox",
                    "mainNet": True,
                    "canDep": False,
                    "canWd": False,
                    "canInternal": False,
                    "wdTickSz": "8",
                    "minWd": "0",
                    "maxWd": "0",
                    "fee": "0",
                    "minFee": "0",
                    "maxFee": "0",
                }
                for asset in sorted(assets)
                if asked is None or asset in asked.split(",")
            ]

        return act

    def positions(self, params: Params, account: str) -> Act:
        chosen = self._chosen(params)

        def act(now_ns: int) -> list[Row]:
            return [
                self._face.words.position(it, now_ns)
                for it in self._host.venue.positions(account)
                if it.quantity and chosen(it.symbol)
            ]

        return act

    def bills(self, params: Params, account: str) -> Act:
        return self._told(params, account, _RECENT_NS)

    def archived_bills(self, params: Params, account: str) -> Act:
        return self._told(params, account, _ARCHIVED_NS)

    def _told(self, params: Params, account: str, kept_ns: int) -> Act:
        span = _span(params)
        kind, asset = params.maybe("type"), params.maybe("ccy")
        wanted = params.maybe("instType")

        def act(now_ns: int) -> list[Row]:
            rows = [
                it
                for it in self._bills.of(account)
                if int(it["ts"]) * 1_000_000 >= now_ns - kept_ns
                and kind in (None, it["type"])
                and wanted in (None, it["instType"])
                and asset in (None, it["ccy"])
                and span(int(it["ts"]) * 1_000_000)
            ]
            return _cut(rows, params, _bill)

        return act

    def trade_fee(self, params: Params, account: str) -> Act:
        """Return the rates of an instrument, or of the first of its type."""
        chosen = self._chosen(params)
        symbols = [it for it in self._face.names.symbols if chosen(it)]

        def act(now_ns: int) -> list[Row]:
            if not symbols:
                return []
            market = self._face.names.market(symbols[0])
            maker, taker = (
                plain(-market.maker_fee),
                plain(-market.taker_fee),
            )
            return [
                {
                    "category": "1",
                    "instType": self._face.names.type(market.symbol),
                    "level": "Lv1",
                    "maker": maker,
                    "taker": taker,
                    "makerU": maker,
                    "takerU": taker,
                    "ts": milliseconds(now_ns),
                }
            ]

        return act

    def config(self, holder: Holder) -> Act:
        """Return what the account is and what the key may do."""

        def act(_now_ns: int) -> list[Row]:
            rights = ["read_only"]
            if holder.may_trade:
                rights.append("trade")
            if holder.may_withdraw:
                rights.append("withdraw")
            hedged = self._host.venue.spec.hedge_mode
            return [
                {
                    "uid": holder.account,
                    "mainUid": holder.account,
                    "acctLv": "2",
                    "posMode": "long_short_mode" if hedged else "net_mode",
                    "autoLoan": False,
                    "level": "Lv1",
                    "perm": ",".join(rights),
                    "ip": "",
                    "label": holder.account,
                    "type": "0",
                }
            ]

        return act

    def _found(
        self, account: str, order_id: str | None, client_id: str | None
    ) -> VenueOrder:
        return self._host.lookup(account, order_id=order_id, client_id=client_id)

    def _standing(self, account: str) -> list[VenueFill]:
        """Return the executions that stand: OKX has no words for one taken back."""
        fills = self._host.venue.fills(account)
        return [it for it in fills if it.kind is FillKind.REPORTED]

    def _chosen(self, params: Params) -> Callable[[str], bool]:
        name, kind = params.maybe("instId"), params.maybe("instType")
        names = set()
        for each in (name or "").split(","):
            names |= set(self._face.names.of(kind, each or None))
        return lambda symbol: symbol in names


def _span(params: Params) -> Callable[[int], bool]:
    """Read `begin` and `end`, both inclusive."""
    begin_ns, end_ns = params.time_ns("begin"), params.time_ns("end")

    def holds(time_ns: int) -> bool:
        at_ns = time_ns // 1_000_000 * 1_000_000
        return (begin_ns is None or at_ns >= begin_ns) and (
            end_ns is None or at_ns <= end_ns
        )

    return holds


def _cut(rows: Sequence[Item], params: Params, number: Callable[[Item], int]) -> list[Item]:
    """Return a page, newest first: `after` an id are older ones, `before` it newer ones."""
    after, before = params.maybe("after"), params.maybe("before")
    limit = params.whole("limit", _MOST, most=_MOST)
    found = [
        it
        for it in reversed(rows)
        if (after is None or number(it) < _whole(after))
        and (before is None or number(it) > _whole(before))
    ]
    return found[:limit]


def _number(order: VenueOrder) -> int:
    first = 10**18 + 2 * int(order.chain[0])
    waits = order.type is OrderType.TRAILING_STOP or order.stop_price is not None
    return first + (0 if waits and order.is_waiting else 1)


def _bill(row: Row) -> int:
    return int(row["billId"])


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Said("51000", "Parameter after error")
    return int(text)
