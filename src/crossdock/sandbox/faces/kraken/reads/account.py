"""Reads of an account over REST: orders, trades, ledger, balances, and the key's rights.

https://docs.kraken.com/api-reference/account-data, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from crossdock.model import ZERO, FillKind
from crossdock.sandbox.engine import Refused, VenueFill, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.kraken.ids import number_of, trade_id
from crossdock.sandbox.faces.kraken.names import asset_id
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.reads.ledger import Entry
from crossdock.sandbox.faces.kraken.refusals import invalid
from crossdock.sandbox.faces.kraken.words import Row, is_told, padded, seconds, txid
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

_PAGE = 50
_MOST_ORDERS = 50
_MOST_TRADES = 20
_KEPT_OPEN = "query-open-trades", "query-closed-trades", "query-ledger", "query-funds"

Item = TypeVar("Item")


class Account:
    """Reads of one venue's accounts."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host

    def balance(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> Row:
            return {asset_id(it): padded(total, 4) for it, total, _ in self._rows(call)}

        return act

    def balance_ex(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> Row:
            return {
                asset_id(it): {"balance": padded(total, 4), "hold_trade": padded(held, 4)}
                for it, total, held in self._rows(call)
            }

        return act

    def trade_balance(self, params: Params, call: Call) -> Act:
        asset = self._face.names.asset(params.maybe("asset") or "ZUSD")

        def act(_now_ns: int) -> Row:
            worth = sum(
                (self._worth(it, total, asset) for it, total, _ in self._rows(call))
            )
            nothing, whole = padded(ZERO, 4), f"{worth:.4f}"
            return {
                "eb": whole,
                "tb": whole,
                "m": nothing,
                "n": nothing,
                "c": nothing,
                "v": nothing,
                "e": whole,
                "mf": whole,
            }

        return act

    def open_orders(self, params: Params, call: Call) -> Act:
        chosen = self._chosen(params, call.account)
        with_trades = params.flag("trades")

        def act(_now_ns: int) -> Row:
            orders = [it for it in self._host.open_orders(call.account) if chosen(it)]
            return {"open": self._orders(reversed(orders), with_trades=with_trades)}

        return act

    def closed_orders(self, params: Params, call: Call) -> Act:
        chosen = self._chosen(params, call.account)
        span = self._span(params)
        by_opening = params.maybe("closetime") == "open"
        with_trades = params.flag("trades")

        def time_of(order: VenueOrder) -> int:
            return order.created_time_ns if by_opening else order.updated_time_ns

        def act(_now_ns: int) -> Row:
            orders = self._host.orders(call.account)
            done = [it for it in orders if it.is_done and chosen(it)]
            rows, count = self._newest(call, params, done, time_of, span)
            return {
                "closed": self._orders(rows, with_trades=with_trades),
                "count": count,
            }

        return act

    def query_orders(self, params: Params, call: Call) -> Act:
        ids = params.words("txid")
        if not 0 < len(ids) <= _MOST_ORDERS:
            raise invalid("txid")
        chosen = self._chosen(params, call.account)
        with_trades = params.flag("trades")

        def act(_now_ns: int) -> Row:
            found = []
            for text in ids:
                ref = self._face.trading.by_id(text)
                order = self._host.lookup(call.account, order_id=ref.order_id)
                if not is_told(order):
                    raise Refused("unknown_order", "no such order")
                if chosen(order):
                    found.append(order)
            return self._orders(found, with_trades=with_trades)

        return act

    def order_amends(self, params: Params, call: Call) -> Act:
        """Tell how often an order was changed: what it was before is not kept."""
        ref = self._face.trading.by_id(params.text("order_id"))

        def act(_now_ns: int) -> Row:
            order = self._host.lookup(call.account, order_id=ref.order_id)
            words = self._face.words
            amends = [
                {
                    "amend_id": trade_id(engine_id),
                    "amend_type": "user" if index else "original",
                    "order_qty": words.quantity(order.symbol, order.quantity),
                    "remaining_qty": words.quantity(order.symbol, order.leaves),
                    "limit_price": words.price(order.symbol, order.limit_price),
                    "timestamp": order.updated_time_ns if index else order.created_time_ns,
                }
                for index, engine_id in enumerate(order.chain)
            ]
            return {"amends": amends, "count": len(amends)}

        return act

    def trades_history(self, params: Params, call: Call) -> Act:
        span = self._span(params)

        def act(_now_ns: int) -> Row:
            fills = self._fills(call.account)
            rows, count = self._newest(call, params, fills, _filled, span)
            return {"trades": self._trades(call.account, rows), "count": count}

        return act

    def query_trades(self, params: Params, call: Call) -> Act:
        ids = params.words("txid")
        if not 0 < len(ids) <= _MOST_TRADES:
            raise invalid("txid")
        wanted = {number_of(text, "T") for text in ids}

        def act(_now_ns: int) -> Row:
            fills = self._fills(call.account)
            found = [it for it in fills if it.execution_id[1:] in wanted]
            if len(found) != len(wanted):
                raise invalid("txid")
            return self._trades(call.account, found)

        return act

    def ledgers(self, params: Params, call: Call) -> Act:
        assets = {self._face.names.asset(it) for it in params.words("asset")}
        kind = params.maybe("type") or "all"
        span = self._span(params)

        def act(_now_ns: int) -> Row:
            entries = [
                it
                for it in self._face.ledger(call.account).entries()
                if kind in ("all", it.kind) and (not assets or it.asset in assets)
            ]
            rows, count = self._newest(call, params, entries, _booked, span)
            return {"ledger": {it.id: _entry(it) for it in rows}, "count": count}

        return act

    def query_ledgers(self, params: Params, call: Call) -> Act:
        ids = params.words("id")
        if not 0 < len(ids) <= _MOST_TRADES:
            raise invalid("id")

        def act(_now_ns: int) -> Row:
            by_id = {it.id: it for it in self._face.ledger(call.account).entries()}
            if not by_id.keys() >= set(ids):
                raise invalid("id")
            return {text: _entry(by_id[text]) for text in ids}

        return act

    def open_positions(self, params: Params, call: Call) -> Act:
        """Return none: nobody trades on margin here."""
        return lambda _now_ns: {}

    def trade_volume(self, params: Params, call: Call) -> Act:
        symbols = [self._face.names.of_pair(name) for name in params.words("pair")]

        def act(_now_ns: int) -> Row:
            traded = sum((it.price * it.quantity for it in self._fills(call.account)), ZERO)
            result: Row = {"currency": "ZUSD", "volume": padded(traded, 4)}
            if symbols:
                result["fees"] = {
                    self._face.names.id(it): _tier(self._face.names.market(it).taker_fee)
                    for it in symbols
                }
                result["fees_maker"] = {
                    self._face.names.id(it): _tier(self._face.names.market(it).maker_fee)
                    for it in symbols
                }
            return result

        return act

    def key_info(self, params: Params, call: Call) -> Act:
        """Return what the key may do."""
        holder = call.holder
        assert holder is not None, "the call is signed"

        def act(now_ns: int) -> Row:
            permissions = list(_KEPT_OPEN)
            if holder.may_trade:
                permissions += ["modify-trades", "close-trades"]
            if holder.may_withdraw:
                permissions.append("withdraw-funds")
            now_s = now_ns // SECOND_NS
            return {
                "apiKeyName": holder.account,
                "apiKey": holder.key,
                "nonce": str(self._face.nonces.last(holder.key)),
                "nonceWindow": 0,
                "permissions": permissions,
                "iban": "AA88 N84G SAND BOXX",
                "validUntil": str(holder.expires_ns // SECOND_NS),
                "queryFrom": "0",
                "queryTo": "0",
                "createdTime": str(now_s),
                "modifiedTime": str(now_s),
                "ipAllowlist": [],
                "lastUsed": str(now_s),
            }

        return act

    def _rows(self, call: Call) -> list[tuple[str, Decimal, Decimal]]:
        return self._host.venue.balances(call.account)

    def _worth(self, asset: str, total: Decimal, unit: str) -> Decimal:
        """Return what an amount is worth at the last price, 0 where there is none."""
        if asset == unit:
            return total
        price = None
        if (symbol := f"{asset}/{unit}") in self._face.names:
            price = self._host.venue.last_price(symbol)
        return total * price if price else ZERO

    def _chosen(self, params: Params, account: str) -> Callable[[VenueOrder], bool]:
        userref = params.whole_or_none("userref")
        cl_ord_id = params.client_id()

        def is_chosen(order: VenueOrder) -> bool:
            return (
                is_told(order)
                and order.symbol in self._face.names
                and (userref is None or self._face.trading.userref(order) == userref)
                and cl_ord_id
                in (None, self._face.cl_ord_id(account, order.client_order_id))
            )

        return is_chosen

    def _fills(self, account: str) -> list[VenueFill]:
        """Return the trades that stand: Kraken has no words for one taken back."""
        return [
            it
            for it in self._host.venue.fills(account)
            if it.kind is FillKind.REPORTED and it.symbol in self._face.names
        ]

    def _orders(self, orders: Any, *, with_trades: bool) -> Row:
        words = self._face.words
        return {txid(it): words.order(it, with_trades=with_trades) for it in orders}

    def _trades(self, account: str, fills: Sequence[VenueFill]) -> Row:
        trade = self._face.words.trade
        return {trade_id(it.execution_id): trade(account, it) for it in fills}

    def _span(self, params: Params) -> tuple[int | None, int | None, int]:
        """Read from when (exclusive), until when (inclusive), and how many to pass over."""
        now_ns = self._host.now_ns()
        return (
            params.time_ns("start", now_ns),
            params.time_ns("end", now_ns),
            params.whole("ofs", 0),
        )

    def _newest(
        self,
        call: Call,
        params: Params,
        rows: Sequence[Item],
        time_of: Callable[[Item], int],
        span: tuple[int | None, int | None, int],
    ) -> tuple[Sequence[Item], int]:
        """Return a page of fifty, newest first, and how many there are in all."""
        start_ns, end_ns, offset = span
        found = [
            it
            for it in sorted(rows, key=time_of)[::-1]
            if (start_ns is None or time_of(it) > start_ns)
            and (end_ns is None or time_of(it) <= end_ns)
        ]
        page = found[offset : offset + _PAGE]
        return self._face.passage.page(call.account, page), len(found)


def _filled(fill: VenueFill) -> int:
    return fill.time_ns


def _booked(entry: Entry) -> int:
    return entry.time_ns


def _tier(rate: Decimal) -> Row:
    percent = padded(rate * 100, 4)
    return {
        "fee": percent,
        "minfee": percent,
        "maxfee": percent,
        "nextfee": None,
        "nextvolume": None,
        "tiervolume": "0.0000",
    }


def _entry(entry: Entry) -> Row:
    return {
        "aclass": "currency",
        "amount": padded(entry.amount, 4),
        "asset": asset_id(entry.asset),
        "balance": padded(entry.balance, 4),
        "fee": padded(entry.fee, 4),
        "refid": entry.refid,
        "time": seconds(entry.time_ns),
        "type": entry.kind,
        "subtype": "",
    }
