"""The protocol's REST calls, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.contract import Act, Call, Route
from crossdock.sandbox.faces.kraken.auth import TOKEN_LIFE_S
from crossdock.sandbox.faces.kraken.forms import Amended, Wanted, read_amend, read_rest
from crossdock.sandbox.faces.kraken.params import Params, flat
from crossdock.sandbox.faces.kraken.reads.account import Account
from crossdock.sandbox.faces.kraken.reads.market import Market
from crossdock.sandbox.faces.kraken.refusals import invalid, spoken
from crossdock.sandbox.faces.kraken.words import Row, txid
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

_PRIVATE = "/0/private/"
_WEIGHTS = {
    "TradesHistory": 2,
    "Ledgers": 2,
    "QueryLedgers": 2,
    "AddOrder": 0,
    "AddOrderBatch": 0,
    "AmendOrder": 0,
    "EditOrder": 0,
    "CancelOrder": 0,
    "CancelOrderBatch": 0,
}
_BATCH = range(2, 16)
_MOST_CANCELS = 50
_MOST_TIMEOUT_S = 86_400

Prepare = Callable[[Params, Call], Act]


def weight_of(path: str) -> int:
    """Return what a private call adds to its key's counter: writes have another one."""
    return _WEIGHTS.get(path.removeprefix(_PRIVATE), 1)


class Rest:
    """One venue's REST calls."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host
        self._trading = face.trading

    def routes(self) -> Sequence[Route]:
        return [*self._public(), *self._reads(), *self._writes()]

    def _public(self) -> list[Route]:
        market = Market(self._face)
        reads: dict[str, Prepare] = {
            "Time": market.time,
            "SystemStatus": market.status,
            "Assets": market.assets,
            "AssetPairs": market.pairs,
            "Ticker": market.ticker,
            "OHLC": market.ohlc,
            "Depth": market.depth,
            "Trades": market.trades,
        }
        return [
            Route(method, f"/0/public/{name}", self._asked(read), is_signed=False)
            for name, read in reads.items()
            for method in ("GET", "POST")
        ]

    def _reads(self) -> list[Route]:
        account = Account(self._face)
        reads: dict[str, Prepare] = {
            "Balance": account.balance,
            "BalanceEx": account.balance_ex,
            "TradeBalance": account.trade_balance,
            "OpenOrders": account.open_orders,
            "ClosedOrders": account.closed_orders,
            "QueryOrders": account.query_orders,
            "OrderAmends": account.order_amends,
            "TradesHistory": account.trades_history,
            "QueryTrades": account.query_trades,
            "Ledgers": account.ledgers,
            "QueryLedgers": account.query_ledgers,
            "OpenPositions": account.open_positions,
            "TradeVolume": account.trade_volume,
            "GetApiKeyInfo": account.key_info,
            "GetWebSocketsToken": self._token,
        }
        return [
            Route("POST", f"{_PRIVATE}{name}", self._asked(read))
            for name, read in reads.items()
        ]

    def _writes(self) -> list[Route]:
        submit, cancel, replace = Operation.SUBMIT, Operation.CANCEL, Operation.REPLACE
        writes: dict[str, tuple[Prepare, Operation]] = {
            "AddOrder": (self._add, submit),
            "AddOrderBatch": (self._add_batch, submit),
            "AmendOrder": (self._amend, replace),
            "EditOrder": (self._edit, replace),
            "CancelOrder": (self._cancel, cancel),
            "CancelOrderBatch": (self._cancel_batch, cancel),
            "CancelAll": (self._cancel_all, cancel),
            "CancelAllOrdersAfter": (self._cancel_after, cancel),
        }
        return [
            Route("POST", f"{_PRIVATE}{name}", self._asked(write), operation)
            for name, (write, operation) in writes.items()
        ]

    def _asked(self, prepare: Prepare) -> Callable[[Call], Act]:
        return lambda call: prepare(self._face.params(call), call)

    def _token(self, params: Params, call: Call) -> Act:
        holder = call.holder
        assert holder is not None, "the call is signed"
        return lambda _now_ns: {
            "token": self._face.tokens.issue(holder),
            "expires": TOKEN_LIFE_S,
        }

    def _add(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.of_pair(params.text("pair"))
        wanted = read_rest(params, symbol, self._host.now_ns())
        return lambda now_ns: self._added(call.account, wanted, now_ns)

    def _add_batch(self, params: Params, call: Call) -> Act:
        """Place two to fifteen orders of one pair; each may fail alone."""
        rows = params.rows("orders")
        symbol = self._face.names.of_pair(params.text("pair"))
        if len(rows) not in _BATCH or not all(isinstance(it, dict) for it in rows):
            raise invalid("orders")
        now_ns = self._host.now_ns()
        batch = [read_rest(Params(flat(it)), symbol, now_ns) for it in rows]

        def act(now_ns: int) -> Row:
            return {"orders": [self._one_of(call.account, it, now_ns) for it in batch]}

        return act

    def _amend(self, params: Params, call: Call) -> Act:
        ref, new = self._trading.ref(params, call.account, "txid"), read_amend(params)

        def act(now_ns: int) -> Row:
            return {"amend_id": self._trading.amend(call.account, ref, new, now_ns)}

        return act

    def _edit(self, params: Params, call: Call) -> Act:
        ref = self._trading.by_id(params.text("txid"))
        symbol = self._face.names.of_pair(params.text("pair"))
        userref = params.whole_or_none("userref")

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(call.account, ref)
            if order.symbol != symbol:
                raise Refused("unknown_order", "no such order of this pair")
            first, second = (
                params.decimal_or_none("price"),
                params.decimal_or_none("price2"),
            )
            is_waiting = order.stop_price is not None
            new = Amended(
                quantity=params.decimal_or_none("volume"),
                limit_price=second if is_waiting else first,
                trigger_price=first if is_waiting else None,
                post_only="post" in params.words("oflags"),
            )
            before, after = self._trading.edit(call.account, ref, new, userref, now_ns)
            return {
                "status": "ok",
                "txid": txid(after),
                "originaltxid": txid(before),
                "volume": self._face.words.quantity(symbol, after.quantity),
                "price": self._face.words.price(symbol, after.limit_price),
                "orders_cancelled": 1,
                "descr": {"order": self._face.words.described(after)["order"]},
            }

        return act

    def _cancel(self, params: Params, call: Call) -> Act:
        text = params.maybe("txid")
        if text is not None and text.isascii() and text.isdigit():
            userref = int(text)
            return lambda now_ns: {
                "count": self._trading.cancel_userref(call.account, userref, now_ns)
            }
        ref = self._trading.ref(params, call.account, "txid")

        def act(now_ns: int) -> Row:
            self._trading.cancel(call.account, ref, now_ns)
            return {"count": 1}

        return act

    def _cancel_batch(self, params: Params, call: Call) -> Act:
        """Cancel up to fifty orders; those that are not open are passed over."""
        rows = params.rows("orders") if "orders" in params else []
        texts = [it.get("txid") if isinstance(it, dict) else it for it in rows]
        named = [Params({"txid": text}) for text in texts]
        named += [Params({"cl_ord_id": text}) for text in params.words("cl_ord_ids")]
        refs = [self._trading.ref(it, call.account, "txid") for it in named]
        if not 0 < len(refs) <= _MOST_CANCELS:
            raise invalid("orders")

        def act(now_ns: int) -> Row:
            count = 0
            for ref in refs:
                try:
                    self._trading.cancel(call.account, ref, now_ns)
                except (Refused, Refusal):
                    continue
                count += 1
            return {"count": count}

        return act

    def _cancel_all(self, params: Params, call: Call) -> Act:
        return lambda now_ns: {"count": self._trading.cancel_all(call.account, now_ns)}

    def _cancel_after(self, params: Params, call: Call) -> Act:
        timeout_s = params.whole("timeout", -1, most=_MOST_TIMEOUT_S)
        if timeout_s < 0:
            raise invalid("timeout")
        return lambda now_ns: self.cancel_after(call.account, timeout_s, now_ns)

    def cancel_after(self, account: str, timeout_s: int, now_ns: int) -> Row:
        """Set, move or (with 0) stop the clock that cancels everything."""
        deadline_ns = now_ns + timeout_s * SECOND_NS if timeout_s else None
        self._trading.cancel_after(account, deadline_ns)
        return {
            "currentTime": _second(now_ns),
            "triggerTime": "0" if deadline_ns is None else _second(deadline_ns),
        }

    def _added(self, account: str, wanted: Wanted, now_ns: int) -> Row:
        order = self._trading.add(account, wanted, now_ns)
        if order is None:
            return {"descr": {"order": self._sentence(wanted)}}
        described = self._face.words.described(order)
        result: Row = {"descr": {"order": described["order"]}, "txid": [txid(order)]}
        if described["close"]:
            result["descr"]["close"] = described["close"]
        return result

    def _one_of(self, account: str, wanted: Wanted, now_ns: int) -> Row:
        try:
            added = self._added(account, wanted, now_ns)
        except Refused as refused:
            return {"error": spoken(Refusal.of(refused))}
        except Refusal as refusal:
            return {"error": spoken(refusal)}
        return added | {"txid": added.get("txid", [""])[0]}

    def _sentence(self, wanted: Wanted) -> str:
        form = wanted.form
        market = self._face.names.market(form.symbol)
        side = "buy" if form.side.sign > 0 else "sell"
        volume = self._face.words.quantity(form.symbol, form.quantity)
        return f"{side} {volume} {self._face.names.altname(market)} @ validated"


def _second(time_ns: int) -> Any:
    return datetime.fromtimestamp(time_ns // SECOND_NS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
