"""The protocol's REST calls, by path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.contract import Act, Call, Route
from crossdock.sandbox.faces.okx.params import Params
from crossdock.sandbox.faces.okx.reads.account import Account
from crossdock.sandbox.faces.okx.reads.market import Market
from crossdock.sandbox.faces.okx.words import Row
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

ROOT = "/api/v5"
_MOST_IN_BATCH = 20
_MOST_ALGOS = 10

Read = Callable[[Params, str], Act]
One = Callable[[str, Params, int], Row]


class Rows(list[Row]):
    """Rows of writes: each tells of its own success."""


class Rest:
    """One venue's REST calls."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face

    def routes(self) -> Sequence[Route]:
        return [*self._public(), *self._reads(), *self._writes()]

    def _public(self) -> list[Route]:
        market = Market(self._face)
        reads: dict[str, Read] = {
            "/public/time": market.time,
            "/public/instruments": market.instruments,
            "/public/funding-rate": market.funding_rate,
            "/system/status": market.status,
            "/market/books": market.books,
            "/market/trades": market.trades,
            "/market/history-trades": market.trades,
            "/market/candles": market.candles,
            "/market/history-candles": market.candles,
            "/market/ticker": market.ticker,
            "/market/tickers": market.tickers,
        }
        return [
            Route("GET", f"{ROOT}{path}", _asked(read), is_signed=False)
            for path, read in reads.items()
        ]

    def _reads(self) -> list[Route]:
        account = Account(self._face)
        reads: dict[str, Read] = {
            "/trade/order": account.order,
            "/trade/order-algo": account.algo,
            "/trade/orders-pending": account.pending,
            "/trade/orders-algo-pending": account.algos_pending,
            "/trade/orders-history": account.history,
            "/trade/orders-history-archive": account.history,
            "/trade/orders-algo-history": account.algos_history,
            "/trade/fills": account.fills,
            "/trade/fills-history": account.fills,
            "/account/balance": account.balance,
            "/account/positions": account.positions,
            "/account/bills": account.bills,
            "/account/bills-archive": account.archived_bills,
            "/account/trade-fee": account.trade_fee,
            "/asset/balances": account.funding,
            "/asset/currencies": account.currencies,
        }

        def config(call: Call) -> Act:
            assert call.holder is not None, "the call is signed"
            return account.config(call.holder)

        routes = [
            Route("GET", f"{ROOT}{path}", _asked(read)) for path, read in reads.items()
        ]
        return [*routes, Route("GET", f"{ROOT}/account/config", config)]

    def _writes(self) -> list[Route]:
        trading = self._face.trading

        def cancel(account: str, params: Params, now_ns: int) -> Row:
            return trading.cancel(account, params, now_ns, algo=False)

        def cancel_algo(account: str, params: Params, now_ns: int) -> Row:
            return trading.cancel(account, params, now_ns, algo=True)

        def amend(account: str, params: Params, now_ns: int) -> Row:
            return trading.amend(account, params, now_ns, algo=False)

        def amend_algo(account: str, params: Params, now_ns: int) -> Row:
            return trading.amend(account, params, now_ns, algo=True)

        submit, replace = Operation.SUBMIT, Operation.REPLACE
        writes: dict[str, tuple[One, Operation, int]] = {
            "order": (trading.place, submit, 0),
            "batch-orders": (trading.place, submit, _MOST_IN_BATCH),
            "order-algo": (trading.place_algo, submit, 0),
            "amend-order": (amend, replace, 0),
            "amend-batch-orders": (amend, replace, _MOST_IN_BATCH),
            "amend-algos": (amend_algo, replace, 0),
            "cancel-order": (cancel, Operation.CANCEL, 0),
            "cancel-batch-orders": (cancel, Operation.CANCEL, _MOST_IN_BATCH),
            "cancel-algos": (cancel_algo, Operation.CANCEL, _MOST_ALGOS),
        }
        return [
            Route("POST", f"{ROOT}/trade/{name}", _each(one, most), operation)
            for name, (one, operation, most) in writes.items()
        ]


def _asked(read: Read) -> Callable[[Call], Act]:
    return lambda call: read(Params(dict(call.request.query)), call.account)


def _each(one: One, most: int) -> Callable[[Call], Act]:
    """Return what prepares a write of one order, or of each of at most so many."""

    def prepare(call: Call) -> Act:
        if call.holder is not None and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        body = call.body
        wanted = Params.rows(body, most=most) if most else [Params.of_body(body)]
        return lambda now_ns: Rows(one(call.account, it, now_ns) for it in wanted)

    return prepare
