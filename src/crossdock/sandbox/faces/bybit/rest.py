"""The protocol's REST calls, by path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.bybit.params import Params, read_json
from crossdock.sandbox.faces.bybit.reads.account import Account
from crossdock.sandbox.faces.bybit.reads.market import Market
from crossdock.sandbox.faces.bybit.words import Row
from crossdock.sandbox.faces.contract import Act, Call, Route
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

ROOT = "/v5"

Read = Callable[[Params, str], Act]
Write = Callable[[str, Params, int], Row]


def params_of(call: Call) -> Params:
    if call.request.method == "GET":
        return Params(dict(call.request.query))
    return Params(read_json(call.body))


def routes(face: BybitFace) -> Sequence[Route]:
    return [*_public(face), *_reads(face), *_writes(face)]


def _public(face: BybitFace) -> list[Route]:
    market = Market(face)
    reads: dict[str, Read] = {
        "time": market.time,
        "instruments-info": market.instruments,
        "orderbook": market.orderbook,
        "recent-trade": market.trades,
        "kline": market.kline,
        "tickers": market.tickers,
    }
    return [
        Route("GET", f"{ROOT}/market/{name}", _asked(read), is_signed=False)
        for name, read in reads.items()
    ]


def _reads(face: BybitFace) -> list[Route]:
    account = Account(face)
    reads: dict[str, Read] = {
        "/order/realtime": account.realtime,
        "/order/history": account.history,
        "/execution/list": account.executions,
        "/position/list": account.positions,
        "/account/wallet-balance": account.wallet,
        "/account/transaction-log": account.log,
        "/account/fee-rate": account.fee_rate,
        "/account/info": account.info,
        "/asset/coin/query-info": account.coins,
        "/asset/transfer/query-account-coins-balance": account.funding,
    }

    def key(call: Call) -> Act:
        assert call.holder is not None, "the call is signed"
        return account.key(call.holder)

    asked = [Route("GET", f"{ROOT}{path}", _asked(read)) for path, read in reads.items()]
    return [*asked, Route("GET", f"{ROOT}/user/query-api", key)]


def _writes(face: BybitFace) -> list[Route]:
    trading = face.trading
    writes: dict[str, tuple[Write, Operation]] = {
        "create": (trading.create, Operation.SUBMIT),
        "amend": (trading.amend, Operation.REPLACE),
        "cancel": (trading.cancel, Operation.CANCEL),
        "cancel-all": (trading.cancel_all, Operation.CANCEL),
    }
    return [
        Route("POST", f"{ROOT}/order/{name}", _done(write), operation)
        for name, (write, operation) in writes.items()
    ]


def _asked(read: Read) -> Callable[[Call], Act]:
    return lambda call: read(params_of(call), call.account)


def _done(write: Write) -> Callable[[Call], Act]:
    def prepare(call: Call) -> Act:
        if call.holder is not None and not call.holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        params = params_of(call)
        return lambda now_ns: write(call.account, params, now_ns)

    return prepare
