"""Reads of accounts. Anybody may ask them: an address is all it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dydx.params import Params
from crossdock.sandbox.faces.dydx.refusals import absent
from crossdock.sandbox.faces.dydx.words import is_told, status_of

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace


class AccountReads:
    """What the indexer tells of the accounts of one venue."""

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._host = face.host
        self._words = face.words

    def address(self, params: Params) -> Act:
        account = self._account(params)
        return lambda _now_ns: {
            "subaccounts": [self._words.subaccount(account)],
            "totalTradingRewards": "0",
        }

    def subaccount(self, params: Params) -> Act:
        account = self._of_subaccount(params)
        if account is None:
            raise absent(
                f"No subaccount found with address {params.text('address')} and "
                f"subaccountNumber {params.text('subaccountNumber')}"
            )
        return lambda _now_ns: {"subaccount": self._words.subaccount(account)}

    def positions(self, params: Params) -> Act:
        def rows(account: str) -> list[Any]:
            if params.names("status") not in ([], ["OPEN"]):
                return []
            held = self._words.positions(account)
            return [self._words.position(account, it) for it in held]

        return self._listed(params, "positions", rows)

    def orders(self, params: Params) -> Act:
        """Return orders, newest first: a list without a name. An id has one order."""
        account = self._of_subaccount(params)
        limit, ticker = params.limit(), params.maybe("ticker")
        statuses, side = params.names("status"), params.maybe("side")
        symbol = self._face.markets.called(ticker).symbol if ticker else None

        def fits(order: VenueOrder) -> bool:
            return (
                symbol in (None, order.symbol)
                and (not statuses or status_of(order) in statuses)
                and side in ("", order.side.value.upper())
            )

        def act(_now_ns: int) -> Any:
            if account is None:
                return []
            newest = {
                self._words.order_id(account, it.client_order_id, it.symbol): it
                for it in self._host.orders(account)
                if it.symbol in self._face.markets
            }
            found = sorted(newest.values(), key=lambda it: it.number, reverse=True)
            return [self._words.order(it) for it in found if fits(it)][:limit]

        return act

    def order(self, params: Params) -> Act:
        name = params.text("orderId")

        def act(_now_ns: int) -> Any:
            order = self._face.trading.named(name)
            try:
                if order is not None:
                    return self._words.order(
                        self._host.lookup(order.account, order_id=order.id)
                    )
            except Refused:
                pass
            raise absent(f"Unable to find order id {name}")

        return act

    def fills(self, params: Params) -> Act:
        """Return fills, newest first; with a page asked for, in order and counted."""
        account = self._of_subaccount(params)
        limit, page = params.limit(), params.whole("page")
        before_ns = params.time_ns("createdBeforeOrAt")
        ticker = params.maybe("market")
        symbol = self._face.markets.called(ticker).symbol if ticker else None

        def act(_now_ns: int) -> Any:
            fills = [] if account is None else self._host.venue.fills(account)
            rows = [
                it
                for it in fills
                if is_told(it)
                and it.symbol in self._face.markets
                and symbol in (None, it.symbol)
                and (before_ns is None or it.time_ns <= before_ns)
            ]
            if page is None:
                told = self._page(account, rows[-limit:])
                newest = [self._words.fill(account or "", it) for it in told[::-1]]
                return {"fills": newest}
            offset = (page - 1) * limit
            told = self._page(account, rows[offset : offset + limit])
            return {
                "fills": [self._words.fill(account or "", it) for it in told],
                "pageSize": limit,
                "totalResults": len(rows),
                "offset": offset,
            }

        return act

    def transfers(self, params: Params) -> Act:
        limit, before_ns = params.limit(), params.time_ns("createdBeforeOrAt")

        def rows(account: str) -> list[Any]:
            told = [
                self._words.transfer(account, it)
                for it in self._host.venue.events(account)
                if before_ns is None or it.time_ns <= before_ns
            ]
            return [it for it in told if it is not None][::-1][:limit]

        return self._listed(params, "transfers", rows)

    def chain_account(self, params: Params) -> Act:
        """Return an account as the chain keeps it: its key, and its numbers."""
        holder = self._host.keys.find(params.text("address"))
        if holder is None:
            name = params.text("address")
            raise absent(f"rpc error: code = NotFound desc = account {name} not found")
        return lambda _now_ns: {"info": self._face.chain.account(holder)}

    def _listed(self, params: Params, name: str, rows: Callable[[str], list[Any]]) -> Act:
        account = self._of_subaccount(params)
        return lambda _now_ns: {name: [] if account is None else rows(account)}

    def _page(self, account: str | None, rows: list[Any]) -> Any:
        return self._face.passage.page(account or "", rows)

    def _account(self, params: Params) -> str:
        name = params.text("address")
        holder = self._host.keys.find(name)
        if holder is None:
            raise absent(f"No subaccounts found for address {name}")
        return holder.account

    def _of_subaccount(self, params: Params) -> str | None:
        """Return the account that a subaccount is of; None where there is none such."""
        params.text("subaccountNumber")
        holder = self._host.keys.find(params.text("address"))
        if holder is None or params.whole("subaccountNumber") != 0:
            return None
        return holder.account
