"""Reads of an account: orders, executions, the wallet, positions, the key's rights.

https://bybit-exchange.github.io/docs/v5/order/open-order and
https://bybit-exchange.github.io/docs/v5/order/execution, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossdock.model import FillKind
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.bybit.log import Log
from crossdock.sandbox.faces.bybit.params import Params
from crossdock.sandbox.faces.bybit.refusals import invalid
from crossdock.sandbox.faces.bybit.words import Row
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace
    from crossdock.sandbox.faces.keys import Holder

_ORDERS, _MOST_ORDERS = 20, 50
_EXECUTIONS, _MOST_EXECUTIONS = 50, 100
_RECENT = 500
_DAY_NS = 24 * 3600 * 10**9
_SEVEN_DAYS_NS = 7 * _DAY_NS

Keeps = Callable[[int], bool]


class Account:
    """Reads of one venue's accounts. Each returns a reply's result."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._log = Log(face)

    def realtime(self, params: Params, account: str) -> Act:
        """Return open orders; one that is named is found among the newest done ones too."""
        category, chosen = params.category, self._chosen(params)
        is_named = params.maybe("orderId") or params.maybe("orderLinkId")
        only_done = params.maybe("openOnly") == "1"
        if category != "spot" and not is_named:
            self._wants_symbol(params)

        def act(_now_ns: int) -> Row:
            orders = [it for it in self._host.orders(account) if not _is_hidden(it)]
            done = [it for it in orders if it.is_done][-_RECENT:]
            found = done if only_done else [it for it in orders if not it.is_done]
            if is_named and not only_done:
                found = [*done, *found]
            rows = [self._face.words.order(it) for it in found if chosen(it)]
            return _page(category, rows[::-1], params, _ORDERS, _MOST_ORDERS)

        return act

    def history(self, params: Params, account: str) -> Act:
        """Return orders that are done, the newest first."""
        category, chosen, keeps = params.category, self._chosen(params), _span(params)
        status = params.maybe("orderStatus")

        def act(_now_ns: int) -> Row:
            rows = [
                self._face.words.order(it)
                for it in self._host.orders(account)
                if it.is_done
                and not _is_hidden(it)
                and chosen(it)
                and keeps(it.created_time_ns)
            ]
            rows = [it for it in rows if status in (None, it["orderStatus"])]
            return _page(category, rows[::-1], params, _ORDERS, _MOST_ORDERS)

        return act

    def executions(self, params: Params, account: str) -> Act:
        """Return executions, newest first. A short page lacks the newest of them."""
        category, keeps = params.category, _span(params)
        symbols = self._face.names.of(category, params.maybe("symbol"))
        of_order, of_link = params.maybe("orderId"), params.maybe("orderLinkId")

        def act(_now_ns: int) -> Row:
            rows = [
                self._face.words.execution(account, it)
                for it in self._host.venue.fills(account)
                if it.kind is FillKind.REPORTED
                and it.symbol in symbols
                and keeps(it.time_ns)
            ]
            rows = [
                it
                for it in rows
                if of_order in (None, it["orderId"])
                and of_link in (None, it["orderLinkId"])
            ]
            rows = list(self._face.passage.page(account, rows))
            return _page(category, rows[::-1], params, _EXECUTIONS, _MOST_EXECUTIONS)

        return act

    def wallet(self, params: Params, account: str) -> Act:
        params.choice("accountType", ("UNIFIED",))
        coins = (params.maybe("coin") or "").split(",")

        def act(_now_ns: int) -> Row:
            rows = [
                it
                for it in self._host.venue.balances(account)
                if coins == [""] or it[0] in coins
            ]
            return {"list": [self._face.words.wallet(rows)]}

        return act

    def funding(self, params: Params, account: str) -> Act:
        """Return the funding account, which holds nothing here."""
        kind = params.text("accountType")
        return lambda _now_ns: {"accountType": kind, "balance": []}

    def coins(self, params: Params, account: str) -> Act:
        """Return every asset with one chain, on which nothing moves."""

        def act(_now_ns: int) -> Row:
            rows = [
                {
                    "name": asset,
                    "coin": asset,
                    "remainAmount": "0",
                    "chains": [
                        {
                            "chain": "SANDBOX",
                            "chainType": "Sandbox",
                            "chainDeposit": "0",
                            "chainWithdraw": "0",
                            "minAccuracy": "8",
                            "withdrawFee": "0",
                            "withdrawMin": "0",
                            "depositMin": "0",
                        }
                    ],
                }
                for asset in self._face.names.assets
            ]
            return {"rows": rows}

        return act

    def positions(self, params: Params, account: str) -> Act:
        category = params.category
        self._wants_symbol(params)
        name, coin = params.maybe("symbol"), params.maybe("settleCoin")
        symbols = self._face.names.of(category, name)

        def act(now_ns: int) -> Row:
            rows = [
                self._face.words.position(it, now_ns)
                for it in self._host.venue.positions(account)
                if it.symbol in symbols
                and coin in (None, it.settle)
                and (it.quantity or name is not None)
            ]
            return {"category": category, "list": rows, "nextPageCursor": ""}

        return act

    def log(self, params: Params, account: str) -> Act:
        keeps, kind = _span(params, alone_ns=_DAY_NS), params.maybe("type")
        asset = params.maybe("currency")

        def act(_now_ns: int) -> Row:
            rows = [
                it
                for it in self._log.of(account)
                if kind in (None, it["type"])
                and asset in (None, it["currency"])
                and keeps(int(it["transactionTime"]) * 1_000_000)
            ]
            return _page("", rows[::-1], params, _ORDERS, _MOST_ORDERS)

        return act

    def fee_rate(self, params: Params, account: str) -> Act:
        category = params.category
        symbols = self._face.names.of(category, params.maybe("symbol"))

        def act(_now_ns: int) -> Row:
            rows = []
            for symbol in symbols:
                market = self._face.names.market(symbol)
                maker, taker = (
                    plain(market.maker_fee),
                    plain(market.taker_fee),
                )
                name = self._face.names.id(symbol)
                rows.append({"symbol": name, "makerFeeRate": maker, "takerFeeRate": taker})
            return {"category": category, "list": rows}

        return act

    def info(self, params: Params, account: str) -> Act:
        return lambda _now_ns: {
            "unifiedMarginStatus": 6,
            "marginMode": "REGULAR_MARGIN",
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    def key(self, holder: Holder) -> Act:
        """Return what the key may do."""

        def act(_now_ns: int) -> Row:
            may = holder.may_trade
            expires = datetime.fromtimestamp(holder.expires_ns // SECOND_NS, UTC)
            return {
                "id": holder.account,
                "note": holder.account,
                "apiKey": holder.key,
                "readOnly": 0 if may else 1,
                "permissions": {
                    "ContractTrade": ["Order", "Position"] if may else [],
                    "Spot": ["SpotTrade"] if may else [],
                    "Wallet": ["Withdraw"] if holder.may_withdraw else [],
                    "Options": [],
                    "Derivatives": ["DerivativesTrade"] if may else [],
                },
                "ips": ["*"],
                "type": 1,
                "expiredAt": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
                "unified": 0,
                "uta": 1,
                "userID": 1,
                "isMaster": True,
            }

        return act

    def _wants_symbol(self, params: Params) -> None:
        names = ("symbol", "settleCoin", "baseCoin")
        if params.category == "linear" and not any(params.maybe(it) for it in names):
            raise invalid("symbol or settleCoin is required")

    def _chosen(self, params: Params) -> Callable[[VenueOrder], bool]:
        symbols = self._face.names.of(params.category, params.maybe("symbol"))
        coin, order_filter = params.maybe("settleCoin"), params.maybe("orderFilter")
        named = params.maybe("orderId") or params.maybe("orderLinkId")
        names = self._face.names

        def is_chosen(order: VenueOrder) -> bool:
            if order.symbol not in symbols:
                return False
            if coin not in (None, names.market(order.symbol).settle):
                return False
            if order_filter is not None and (order_filter == "Order") is order.is_waiting:
                return False
            return named is None or named in self._face.names_of(order)

        return is_chosen


def _is_hidden(order: VenueOrder) -> bool:
    """Tell whether an order is an exit that never began: there is no such order yet."""
    return order.is_pending or order.reason == "parent"


def _span(params: Params, alone_ns: int = _SEVEN_DAYS_NS) -> Keeps:
    """Read startTime and endTime, inclusive and seven days apart at most.

    One of them alone is an end of a span as long as `alone_ns`.
    """
    start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")
    if start_ns is not None and end_ns is not None:
        if end_ns - start_ns > _SEVEN_DAYS_NS:
            raise invalid("The time range between startTime and endTime exceeds 7 days")
    elif start_ns is not None:
        end_ns = start_ns + alone_ns
    elif end_ns is not None:
        start_ns = end_ns - alone_ns

    def keeps(time_ns: int) -> bool:
        at_ns = time_ns // 1_000_000 * 1_000_000
        return (start_ns is None or at_ns >= start_ns) and (
            end_ns is None or at_ns <= end_ns
        )

    return keeps


def _page(category: str, rows: Sequence[Row], params: Params, usual: int, most: int) -> Row:
    """Return a page, and the cursor to what comes behind it."""
    limit = params.whole("limit", usual, most=most)
    offset = params.whole("cursor", 0, most=10**9)
    page = rows[offset : offset + limit]
    more = offset + limit < len(rows)
    result: Row = {"list": page, "nextPageCursor": str(offset + limit) if more else ""}
    return {"category": category, **result} if category else result
