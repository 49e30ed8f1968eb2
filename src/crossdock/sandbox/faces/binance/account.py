"""Reads of an account: orders, trades, balances, rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import Refused, VenueFill, VenueOrder
from crossdock.sandbox.faces.binance.words import is_told, order_id, trade_id
from crossdock.sandbox.faces.binance_words.limits import order_counts
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.rights import restrictions
from crossdock.sandbox.faces.binance_words.writing import eight
from crossdock.sandbox.faces.contract import Act

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

_MOST_ROWS = 1000
_USUAL_ROWS = 500
_DAY_NS = 24 * 3600 * 10**9
_MS_NS = 1_000_000


class Account:
    """Reads of one venue's accounts."""

    def __init__(self, face: BinanceFace) -> None:
        self._face = face
        self._host = face.host

    def order(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.ref(params, account, "orderId", "origClientOrderId")

        def act(_now_ns: int) -> Any:
            order = self._host.lookup(
                account, order_id=ref.order_id, client_id=ref.client_id
            )
            if order.symbol != symbol:
                raise Refused("unknown_order", "no such order of this symbol")
            return self._face.words.order(order)

        return act

    def open_orders(self, params: Params, account: str) -> Act:
        symbol = None
        if "symbol" in params:
            symbol = self._face.symbols.symbol(params.text("symbol"))

        def act(_now_ns: int) -> Any:
            orders = self._spot(self._host.open_orders(account), symbol)
            return [self._face.words.order(it) for it in sorted(orders, key=order_id)]

        return act

    def all_orders(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        first_id = params.whole_or_none("orderId")
        start_ns, end_ns, limit = _span(params)

        def act(_now_ns: int) -> Any:
            orders = sorted(self._spot(self._host.orders(account), symbol), key=order_id)
            rows: Sequence[Any]
            if first_id is not None:
                rows = [it for it in orders if order_id(it) >= first_id][:limit]
            else:
                rows = _between(orders, _created, start_ns, end_ns, limit)
            return [self._face.words.order(it) for it in self._page(account, rows)]

        return act

    def my_trades(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        first_id = params.whole_or_none("fromId")
        number = params.whole_or_none("orderId")
        start_ns, end_ns, limit = _span(params)
        if (first_id, number) != (None, None) and (start_ns, end_ns) != (None, None):
            raise Said(-1128, "Combination of optional parameters invalid.")

        def act(_now_ns: int) -> Any:
            fills = [
                it
                for it in self._host.venue.fills(account)
                if it.symbol == symbol and is_told(it)
            ]
            if number is not None:
                of_order = self._face.fill_order_id
                fills = [it for it in fills if of_order(account, it) == str(number)]
            rows: Sequence[Any]
            if first_id is not None:
                rows = [it for it in fills if trade_id(it) >= first_id][:limit]
            else:
                rows = _between(fills, _filled, start_ns, end_ns, limit)
            return [self._trade(account, it) for it in self._page(account, rows)]

        return act

    def account(self, params: Params, account: str) -> Act:
        omits_zeros = params.flag("omitZeroBalances")

        def act(now_ns: int) -> Any:
            holder = self._host.keys.of_account(account)
            markets = list(self._host.venue.markets.values())
            maker, taker = eight(markets[0].maker_fee), eight(markets[0].taker_fee)
            return {
                "makerCommission": 0,
                "takerCommission": 0,
                "buyerCommission": 0,
                "sellerCommission": 0,
                "commissionRates": {
                    "maker": maker,
                    "taker": taker,
                    "buyer": eight(ZERO),
                    "seller": eight(ZERO),
                },
                "canTrade": holder.may_trade,
                "canWithdraw": holder.may_withdraw,
                "canDeposit": True,
                "brokered": False,
                "requireSelfTradePrevention": False,
                "preventSor": False,
                "updateTime": now_ns // _MS_NS,
                "accountType": "SPOT",
                "balances": self._balances(account, omits_zeros=omits_zeros),
                "permissions": ["SPOT"],
                "uid": self._face.user_id(account),
            }

        return act

    def commission(self, params: Params, account: str) -> Act:
        name = params.text("symbol")
        market = self._face.symbols.market(name)
        nothing = {"maker": eight(ZERO), "taker": eight(ZERO)} | {
            "buyer": eight(ZERO),
            "seller": eight(ZERO),
        }
        standard = nothing | {
            "maker": eight(market.maker_fee),
            "taker": eight(market.taker_fee),
        }
        return lambda _now_ns: {
            "symbol": name,
            "standardCommission": standard,
            "specialCommission": nothing,
            "taxCommission": nothing,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": eight(ZERO),
            },
        }

    def trade_fees(self, params: Params, account: str) -> Act:
        symbols = self._face.symbols
        names = params.symbols() or [symbols.id(it) for it in symbols.all]
        markets = {name: symbols.market(name) for name in names}
        return lambda _now_ns: [
            {
                "symbol": name,
                "makerCommission": format(market.maker_fee, "f"),
                "takerCommission": format(market.taker_fee, "f"),
            }
            for name, market in markets.items()
        ]

    def order_rates(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            used = self._face.order_counts(account).used(self._host.clock.time_ns())
            return order_counts(self._face.limits, used)

        return act

    def restrictions(self, params: Params, account: str) -> Act:
        """Return what the key may do."""

        def act(now_ns: int) -> Any:
            return restrictions(self._host.keys.of_account(account), now_ns)

        return act

    def coins(self, params: Params, account: str) -> Act:
        """Return every asset, without networks to move it by."""

        def act(_now_ns: int) -> Any:
            held = {asset: (total, on) for asset, total, on in self._rows(account)}
            rows = []
            for asset in sorted({*self._face.assets(), *held}):
                total, locked = held.get(asset, (ZERO, ZERO))
                rows.append(
                    {
                        "coin": asset,
                        "depositAllEnable": True,
                        "withdrawAllEnable": True,
                        "name": asset,
                        "free": eight(total - locked),
                        "locked": eight(locked),
                        "freeze": "0",
                        "withdrawing": "0",
                        "ipoing": "0",
                        "ipoable": "0",
                        "storage": "0",
                        "isLegalMoney": False,
                        "trading": True,
                        "networkList": [],
                    }
                )
            return rows

        return act

    def order_list(self, params: Params, account: str) -> Act:
        number = params.whole_or_none("orderListId")
        name = params.maybe("origClientOrderId")

        def act(_now_ns: int) -> Any:
            first = self._face.lists.find(account, number, name)
            return self._face.words.order_list(first)

        return act

    def open_lists(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            return [
                self._face.words.order_list(it) for it in self._face.lists.open(account)
            ]

        return act

    def all_lists(self, params: Params, account: str) -> Act:
        limit = params.whole("limit", _USUAL_ROWS, most=_MOST_ROWS)

        def act(_now_ns: int) -> Any:
            lists = self._face.lists.all(account)[-limit:]
            return [self._face.words.order_list(it) for it in lists]

        return act

    def _trade(self, account: str, fill: VenueFill) -> dict[str, Any]:
        return self._face.words.trade(account, fill)

    def _balances(self, account: str, *, omits_zeros: bool) -> list[dict[str, str]]:
        return [
            {"asset": asset, "free": eight(total - held), "locked": eight(held)}
            for asset, total, held in self._rows(account)
            if total or not omits_zeros
        ]

    def _rows(self, account: str) -> Any:
        return self._host.venue.balances(account)

    def _spot(self, orders: Sequence[VenueOrder], symbol: str | None) -> list[VenueOrder]:
        symbols = self._face.symbols
        return [it for it in orders if it.symbol in symbols and symbol in (None, it.symbol)]

    def _page(self, account: str, rows: Sequence[Any]) -> Sequence[Any]:
        return self._face.passage.page(account, rows)


def _created(order: VenueOrder) -> int:
    return order.created_time_ns


def _filled(fill: VenueFill) -> int:
    return fill.time_ns


def _span(params: Params) -> tuple[int | None, int | None, int]:
    start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")
    if start_ns is not None and end_ns is not None and end_ns - start_ns > _DAY_NS:
        raise Said(-1127, "More than 24 hours between startTime and endTime.")
    return start_ns, end_ns, params.whole("limit", _USUAL_ROWS, most=_MOST_ROWS)


def _between(
    rows: Sequence[Any], time_of: Any, start_ns: int | None, end_ns: int | None, limit: int
) -> Sequence[Any]:
    """Return rows of a span of milliseconds: the oldest from a start on, else the newest."""
    found = [
        row
        for row in rows
        if (start_ns is None or time_of(row) // _MS_NS >= start_ns // _MS_NS)
        and (end_ns is None or time_of(row) // _MS_NS <= end_ns // _MS_NS)
    ]
    return found[:limit] if start_ns is not None else found[-limit:]
