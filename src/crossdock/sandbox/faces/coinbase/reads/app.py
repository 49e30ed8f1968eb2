"""The older Coinbase App reads, `/v2`, that clients of Advanced Trade still make."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import VenueEvent
from crossdock.sandbox.faces.coinbase.ids import named
from crossdock.sandbox.faces.coinbase.params import Query
from crossdock.sandbox.faces.coinbase.products import FIAT
from crossdock.sandbox.faces.coinbase.reads.account import Account, Balance
from crossdock.sandbox.faces.coinbase.values import Row, moment, quotient
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_USUAL_ROWS = 25
_MOST_ROWS = 250
_MOST_TRANSACTIONS = 100
_MOVES = {
    AccountEventKind.DEPOSIT: ("fiat_deposit", 1),
    AccountEventKind.WITHDRAWAL: ("fiat_withdrawal", -1),
}


class App:
    """What is read of one venue under `/v2`."""

    def __init__(self, face: CoinbaseFace, account: Account) -> None:
        self._face = face
        self._host = face.host
        self._account = account

    def time(self, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            return {"data": {"iso": moment(now_ns), "epoch": now_ns // SECOND_NS}}

        return act

    def fiat(self, call: Call) -> Act:
        rows = [
            {"id": it, "name": self._face.products.asset_name(it), "min_size": "0.01"}
            for it in self._face.products.assets()
            if it in FIAT
        ]
        return lambda _now_ns: {"data": rows}

    def crypto(self, call: Call) -> Act:
        assets = [it for it in self._face.products.assets() if it not in FIAT]
        return lambda _now_ns: {"data": [self._currency(it) for it in assets]}

    def rates(self, call: Call) -> Act:
        """Return how much of each asset a dollar buys."""

        def act(_now_ns: int) -> Row:
            rates = {"USD": "1"}
            for asset in self._face.products.assets():
                symbol = self._face.products.find(f"{asset}-USD")
                price = None if symbol is None else self._host.venue.last_price(symbol)
                if price is not None:
                    rates[asset] = plain(quotient(price / price, price))
            return {"data": {"currency": "USD", "rates": rates}}

        return act

    def accounts(self, call: Call) -> Act:
        query = Query(call.request.rel_url.raw_query_string)
        limit = query.whole("limit", _USUAL_ROWS, most=_MOST_ROWS) or _USUAL_ROWS
        after = query.maybe("starting_after")

        def act(now_ns: int) -> Row:
            rows = [
                self._row(call.account, it, now_ns)
                for it in self._account.balances(call.account)
            ]
            ids = [row["id"] for row in rows]
            first = ids.index(after) + 1 if after in ids else 0
            page = rows[first : first + limit]
            last = page[-1]["id"] if first + limit < len(rows) else None
            path = f"/v2/accounts?limit={limit}&starting_after={last}"
            return {
                "pagination": {
                    "ending_before": None,
                    "starting_after": after or None,
                    "previous_ending_before": None,
                    "next_starting_after": last,
                    "limit": limit,
                    "order": "desc",
                    "previous_uri": None,
                    "next_uri": path if last else None,
                },
                "data": page,
            }

        return act

    def deposits(self, call: Call) -> Act:
        return self._moves(call, AccountEventKind.DEPOSIT)

    def withdrawals(self, call: Call) -> Act:
        return self._moves(call, AccountEventKind.WITHDRAWAL)

    def transactions(self, call: Call) -> Act:
        """List what moved an account of one asset, newest first, in pages."""
        text = call.request.match_info["account_id"]
        query = Query(call.request.rel_url.raw_query_string)
        limit = query.whole("limit", _USUAL_ROWS, most=_MOST_TRANSACTIONS) or _USUAL_ROWS
        after = query.maybe("starting_after")

        def act(_now_ns: int) -> Row:
            asset = self._account.find(call.account, text)[0]
            rows = [
                self._transaction(it, call.account, text)
                for it in self._events(call.account, asset, _MOVES)
            ]
            ids = [row["id"] for row in rows]
            first = ids.index(after) + 1 if after in ids else 0
            page = rows[first : first + limit]
            last = page[-1]["id"] if first + limit < len(rows) else ""
            path = f"/v2/accounts/{text}/transactions?starting_after={last}"
            return {
                "pagination": {
                    "ending_before": None,
                    "starting_after": after or None,
                    "next_starting_after": last,
                    "limit": limit,
                    "order": "desc",
                    "next_uri": path if last else "",
                },
                "data": page,
            }

        return act

    def _moves(self, call: Call, *kinds: AccountEventKind) -> Act:
        text = call.request.match_info["account_id"]

        def act(_now_ns: int) -> Row:
            asset = self._account.find(call.account, text)[0]
            events = self._events(call.account, asset, kinds)
            return {
                "pagination": {"next_uri": None},
                "data": [self._move(it, call.account) for it in events],
            }

        return act

    def _events(
        self, account: str, asset: str, kinds: Container[AccountEventKind]
    ) -> list[VenueEvent]:
        return [
            it
            for it in reversed(self._host.venue.events(account))
            if it.kind in kinds and it.asset == asset
        ]

    def _transaction(self, event: VenueEvent, account: str, wallet: str) -> Row:
        kind, sign = _MOVES[event.kind]
        if event.asset not in FIAT:
            kind = "receive" if sign > 0 else "send"
        number = named(self._host.name, account, event.event_id)
        amount = {"amount": plain(abs(event.amount) * sign), "currency": event.asset}
        return {
            "id": number,
            "type": kind,
            "status": "completed",
            "amount": amount,
            "native_amount": amount,
            "created_at": moment(event.time_ns),
            "resource": "transaction",
            "resource_path": f"/v2/accounts/{wallet}/transactions/{number}",
        }

    def _move(self, event: VenueEvent, account: str) -> Row:
        kind, sign = _MOVES[event.kind]
        amount = {"amount": plain(abs(event.amount) * sign), "currency": event.asset}
        size = {"amount": plain(abs(event.amount)), "currency": event.asset}
        return {
            "id": named(self._host.name, account, event.event_id),
            "type": kind,
            "status": "completed",
            "amount": size if event.asset in FIAT else amount,
            "subtotal": size,
            "fee": {"amount": "0", "currency": event.asset},
            "created_at": moment(event.time_ns),
            "updated_at": moment(event.time_ns),
            "payout_at": moment(event.time_ns),
            "resource": kind.removeprefix("fiat_"),
            "committed": True,
        }

    def _row(self, account: str, balance: Balance, now_ns: int) -> Row:
        asset, total, _ = balance
        uuid = self._account.uuid(account, asset)
        return {
            "id": uuid,
            "name": f"{asset} Wallet",
            "primary": True,
            "type": "fiat" if asset in FIAT else "wallet",
            "currency": self._currency(asset),
            "balance": {"amount": plain(total), "currency": asset},
            "created_at": moment(0),
            "updated_at": moment(now_ns),
            "resource": "account",
            "resource_path": f"/v2/accounts/{uuid}",
            "allow_deposits": True,
            "allow_withdrawals": True,
        }

    def _currency(self, asset: str) -> Row:
        return {
            "asset_id": named("asset", asset),
            "code": asset,
            "name": self._face.products.asset_name(asset),
            "color": "#0433FF",
            "sort_index": 100,
            "exponent": 8,
            "type": "fiat" if asset in FIAT else "crypto",
            "address_regex": "",
        }
