"""What an account can be asked: money, orders, fills, fees.

https://www.bitstamp.net/api/#tag/Account-balances, …/#tag/Orders and
…/#tag/Transactions-private, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import MarketSpec, VenueEvent
from crossdock.sandbox.faces.bitstamp.params import Params, Row, moment
from crossdock.sandbox.faces.bitstamp.refusals import malformed
from crossdock.sandbox.faces.bitstamp.words import stands, trade_id
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitstamp.face import BitstampFace

_MOST_ROWS = 1000
_MOST_OFFSET = 200_000
_MOVES = {AccountEventKind.DEPOSIT: "0", AccountEventKind.WITHDRAWAL: "1"}


class Account:
    def __init__(self, face: BitstampFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> dict[str, Any]:
        return {
            "account_balances/": self.balances,
            "fees/trading/": self.fees,
            "fees/trading/{pair}/": self.fees,
            "open_orders/": self.open_orders,
            "open_orders/all/": self.open_orders,
            "open_orders/{pair}/": self.open_orders,
            "order_status/": self.order_status,
            "user_transactions/": self.transactions,
            "user_transactions/{pair}/": self.transactions,
            "websockets_token/": self.token,
        }

    def balances(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> list[Row]:
            return [
                {
                    "currency": asset.lower(),
                    "total": plain(total),
                    "available": plain(total - held),
                    "reserved": plain(held),
                }
                for asset, total, held in self._host.venue.balances(call.account)
            ]

        return act

    def fees(self, params: Params, call: Call) -> Act:
        market = self._market(params)

        def act(_now_ns: int) -> list[Row]:
            return [
                {
                    "currency_pair": self._face.names.id(it.symbol),
                    "market": self._face.names.id(it.symbol),
                    "fees": {
                        "maker": plain(it.maker_fee * 100),
                        "taker": plain(it.taker_fee * 100),
                    },
                }
                for it in self._face.names.markets
                if market in (None, it)
            ]

        return act

    def open_orders(self, params: Params, call: Call) -> Act:
        market = self._market(params)

        def act(_now_ns: int) -> list[Row]:
            return [
                self._face.words.resting(it)
                for it in self._host.open_orders(call.account)
                if it.symbol in self._face.names
                and (market is None or it.symbol == market.symbol)
            ]

        return act

    def order_status(self, params: Params, call: Call) -> Act:
        ref = self._face.trading.ref(params, call.account)
        with_trades = not params.flag("omit_transactions")

        def act(_now_ns: int) -> Row:
            order = self._host.lookup(
                call.account, order_id=ref.order_id, client_id=ref.client_id
            )
            return self._face.words.status(order, with_trades=with_trades)

        return act

    def transactions(self, params: Params, call: Call) -> Act:
        """Read a page of trades and of what else moved the account."""
        market = self._market(params)
        sort = params.maybe("sort") or "desc"
        if sort not in ("asc", "desc"):
            raise malformed("sort")
        limit = params.whole("limit", 100, most=_MOST_ROWS)
        offset = params.whole("offset", 0, most=_MOST_OFFSET)
        since_s = params.whole("since_timestamp", 0)
        until_s = params.whole("until_timestamp", 0)
        since_id = params.whole("since_id", 0)
        limit = _MOST_ROWS if since_id else limit

        def act(_now_ns: int) -> Any:
            told = self._rows(call.account, market)
            rows = [
                row
                for time_ns, row in told
                if row["id"] >= since_id
                and since_s <= time_ns // SECOND_NS
                and (not until_s or time_ns <= until_s * SECOND_NS)
            ]
            rows.sort(key=lambda it: it["id"], reverse=sort == "desc")
            return self._face.passage.page(call.account, rows[offset : offset + limit])

        return act

    def token(self, params: Params, call: Call) -> Act:
        holder = call.holder
        assert holder is not None, "the call is signed"

        def act(_now_ns: int) -> Row:
            return {
                "token": self._face.tokens.issue(holder),
                "valid_sec": 60,
                "user_id": self._face.user_id(holder.account),
            }

        return act

    def _rows(self, account: str, market: MarketSpec | None) -> list[tuple[int, Row]]:
        venue, words = self._host.venue, self._face.words
        fills = [
            (it.time_ns, words.fill(it))
            for it in venue.fills(account)
            if stands(it)
            and it.symbol in self._face.names
            and (market is None or it.symbol == market.symbol)
        ]
        if market is not None:
            return fills
        moves = [it for it in venue.events(account) if it.kind in _MOVES]
        return fills + [(it.time_ns, _move(it)) for it in moves]

    def _market(self, params: Params) -> MarketSpec | None:
        name = params.maybe("pair")
        return None if name is None else self._face.names.market(name)


def _move(event: VenueEvent) -> Row:
    return {
        "id": trade_id(event.event_id),
        "datetime": moment(event.time_ns),
        "type": _MOVES[event.kind],
        "fee": "0.00000000",
        event.asset.lower(): plain(event.amount),
    }
