"""Reads of an account: balances, orders, fills, transfers and fees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.coinbaseexchange.params import Params
from crossdock.sandbox.faces.coinbaseexchange.refusals import Said
from crossdock.sandbox.faces.coinbaseexchange.words import (
    is_kept,
    is_told,
    moment,
    status_of,
    trade_id,
)
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

_USUAL_ROWS = 100
_MOST_ROWS = 1000
_OPEN = ("open", "pending", "active")
_TRANSFERS = {
    AccountEventKind.DEPOSIT: "deposit",
    AccountEventKind.WITHDRAWAL: "withdraw",
}


class AccountReads:
    """Reads of one venue's accounts."""

    def __init__(self, face: CoinbaseExchangeFace) -> None:
        self._face = face
        self._host = face.host

    def accounts(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Any:
            return [
                {
                    "id": self._face.wallet_id(account, asset),
                    "currency": asset,
                    "balance": format(total, "f"),
                    "hold": format(held, "f"),
                    "available": format(total - held, "f"),
                    "profile_id": self._face.profile_id(account),
                    "trading_enabled": True,
                }
                for asset, total, held in self._host.venue.balances(account)
            ]

        return act

    def order(self, _params: Params, account: str, ref: OrderRef) -> Act:
        def act(_now_ns: int) -> Any:
            order = self._host.lookup(
                account, order_id=ref.order_id, client_id=ref.client_id
            )
            if not is_kept(order) or order.symbol not in self._face.products:
                raise Refused("unknown_order", "no such order")
            return self._face.words.order(order)

        return act

    def orders(self, params: Params, account: str) -> Act:
        """Return orders of some statuses, newest first; those that are open by default."""
        statuses = params.every("status") or list(_OPEN)
        symbol = self._symbol(params)
        start_ns, end_ns = params.time_ns("start_date"), params.time_ns("end_date")
        limit = min(params.whole("limit", _USUAL_ROWS), _MOST_ROWS)

        def act(_now_ns: int) -> Any:
            found = [
                it
                for it in self._host.orders(account)
                if it.symbol in self._face.products
                and symbol in (None, it.symbol)
                and is_kept(it)
                and ("all" in statuses or status_of(it) in statuses)
                and (start_ns is None or it.created_time_ns >= start_ns)
                and (end_ns is None or it.created_time_ns <= end_ns)
            ]
            return [self._face.words.order(it) for it in found[::-1][:limit]]

        return act

    def fills(self, params: Params, account: str) -> Act:
        """Return fills of a product or an order, newest first."""
        symbol, number = self._symbol(params), params.maybe("order_id")
        if symbol is None and not number:
            raise Said("either order_id or product_id must be provided")
        start_ns, end_ns = params.time_ns("start_date"), params.time_ns("end_date")
        limit = min(params.whole("limit", _USUAL_ROWS), _MOST_ROWS)
        after = params.whole("after", 0)

        def act(_now_ns: int) -> Any:
            of_order = self._face.fill_order_id
            found = [
                it
                for it in self._host.venue.fills(account)
                if is_told(it)
                and (not after or trade_id(it) < after)
                and symbol in (None, it.symbol)
                and (not number or of_order(account, it) == number)
                and (start_ns is None or it.time_ns // 1000 >= start_ns // 1000)
                and (end_ns is None or it.time_ns // 1000 <= end_ns // 1000)
            ]
            page = self._face.passage.page(account, found[-limit:])
            return [self._face.words.fill(account, it) for it in page[::-1]]

        return act

    def transfers(self, params: Params, account: str) -> Act:
        """Return deposits and withdrawals, newest first."""
        return self._moved(params, account, None)

    def wallet_transfers(self, params: Params, account: str, wallet: str) -> Act:
        return self._moved(params, account, wallet)

    def fees(self, params: Params, account: str) -> Act:
        market = self._face.products.market(self._face.products.names[0])
        return lambda _now_ns: {
            "taker_fee_rate": format(market.taker_fee, "f"),
            "maker_fee_rate": format(market.maker_fee, "f"),
            "usd_volume": "0.00",
        }

    def _moved(self, params: Params, account: str, wallet: str | None) -> Act:
        wanted, before_ns = params.maybe("type"), params.time_ns("after")
        limit = min(params.whole("limit", _USUAL_ROWS), _MOST_ROWS)

        def act(_now_ns: int) -> Any:
            rows: Sequence[dict[str, Any]] = [
                {
                    "id": it.event_id,
                    "type": _TRANSFERS[it.kind],
                    "created_at": moment(it.time_ns),
                    "completed_at": moment(it.time_ns),
                    "canceled_at": None,
                    "processed_at": moment(it.time_ns),
                    "account_id": self._face.wallet_id(account, it.asset),
                    "user_id": account,
                    "amount": format(abs(it.amount), "f"),
                    "currency": it.asset,
                    "details": {},
                }
                for it in self._host.venue.events(account)
                if it.kind in _TRANSFERS
                and wanted in ("", _TRANSFERS[it.kind])
                and (before_ns is None or it.time_ns < before_ns)
                and wallet in (None, self._face.wallet_id(account, it.asset))
            ]
            return rows[::-1][:limit]

        return act

    def _symbol(self, params: Params) -> str | None:
        if "product_id" not in params:
            return None
        return self._face.products.symbol(params.text("product_id"))
