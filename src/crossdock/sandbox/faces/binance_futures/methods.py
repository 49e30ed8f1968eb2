"""Every call of Binance's futures exchanges, by its path.

Weights: https://developers.binance.com/docs/derivatives/usds-margined-futures, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.binance_words.method import Method, Prepare, Weight, either
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.rights import restrictions
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace


def methods(face: FuturesFace) -> list[Method]:
    """Return every call of a venue."""
    return [*_public(face), *_private(face), *_writes(face)]


def _public(face: FuturesFace) -> Iterator[Method]:
    data, v1 = face.market_data, f"{face.terms.prefix}/v1"
    calls: list[tuple[str, Prepare, int | Weight]] = [
        ("ping", data.ping, 1),
        ("time", data.time, 1),
        ("exchangeInfo", data.exchange_info, 1),
        ("depth", data.depth, _depth_weight),
        ("trades", data.trades, 5),
        ("aggTrades", data.aggregates, 20),
        ("klines", data.klines, _klines_weight),
        ("ticker/24hr", data.ticker, either(1, 40)),
        ("ticker/price", data.price, either(1, 2)),
        ("ticker/bookTicker", data.best, either(2, 5)),
        ("premiumIndex", data.premium, either(1, 10)),
        ("fundingRate", data.funding_rates, 1),
    ]
    for name, prepare, weight in calls:
        yield Method("GET", f"{v1}/{name}", prepare, "NONE", weight)


def _private(face: FuturesFace) -> Iterator[Method]:
    reads, held, prefix = face.reads, face.holdings, face.terms.prefix
    calls: list[tuple[str, Prepare, int | Weight]] = [
        ("v1/order", reads.order, 1),
        ("v1/openOrders", reads.open_orders, either(1, 40)),
        ("v1/allOrders", reads.all_orders, 5),
        ("v1/algoOrder", reads.algo_order, 1),
        ("v1/openAlgoOrders", reads.open_algos, either(1, 40)),
        ("v1/allAlgoOrders", reads.all_algos, 5),
        ("v1/userTrades", reads.trades, 5),
        ("v1/income", reads.income, 30),
        ("v1/commissionRate", held.commission, 20),
        ("v1/positionSide/dual", held.mode, 30),
    ]
    if face.terms.is_inverse:
        calls += [
            ("v1/account", held.account, 5),
            ("v1/balance", held.balance, 1),
            ("v1/positionRisk", held.positions, 1),
            ("v2/leverageBracket", held.brackets, 1),
        ]
    else:
        calls += [
            ("v2/account", held.account, 5),
            ("v3/account", held.account, 5),
            ("v2/balance", held.balance, 5),
            ("v3/balance", held.balance, 5),
            ("v2/positionRisk", held.positions, 5),
            ("v3/positionRisk", held.positions, 5),
            ("v1/leverageBracket", held.brackets, 1),
            ("v1/accountConfig", held.config, 5),
        ]
    for name, prepare, weight in calls:
        yield Method("GET", f"{prefix}/{name}", prepare, "USER_DATA", weight)

    def rights(_params: Params, account: str) -> Act:
        return lambda now_ns: restrictions(face.host.keys.of_account(account), now_ns)

    yield Method("GET", "/sapi/v1/account/apiRestrictions", rights, "USER_DATA", 1)


def _writes(face: FuturesFace) -> Iterator[Method]:
    trading, held, keys = face.trading, face.holdings, face.listen_keys
    v1 = f"{face.terms.prefix}/v1"
    submit, cancel, replace = Operation.SUBMIT, Operation.CANCEL, Operation.REPLACE
    calls: list[tuple[str, str, Prepare, Operation, int]] = [
        ("POST", "order", trading.place, submit, 1),
        ("POST", "order/test", trading.test, Operation.READ, 0),
        ("PUT", "order", trading.amend, replace, 1),
        ("DELETE", "order", trading.cancel, cancel, 0),
        ("DELETE", "allOpenOrders", trading.cancel_open, cancel, 0),
        ("POST", "algoOrder", trading.place_algo, submit, 1),
        ("DELETE", "algoOrder", trading.cancel_algo, cancel, 0),
        ("DELETE", "algoOpenOrders", trading.cancel_open_algos, cancel, 0),
        ("POST", "leverage", held.set_leverage, Operation.READ, 0),
        ("POST", "marginType", held.set_margin_type, Operation.READ, 0),
    ]
    for http, name, prepare, operation, orders in calls:
        yield Method(http, f"{v1}/{name}", prepare, "TRADE", 1, operation, orders)
    for http, listen in (("POST", keys.make), ("PUT", keys.extend), ("DELETE", keys.end)):
        yield Method(http, f"{v1}/listenKey", listen, "USER_STREAM", 1)


def _depth_weight(params: Params) -> int:
    limit = params.whole("limit", 500)
    for most, weight in ((50, 2), (100, 5), (500, 10)):
        if limit <= most:
            return weight
    return 20


def _klines_weight(params: Params) -> int:
    limit = params.whole("limit", 500)
    for most, weight in ((99, 1), (499, 2), (1000, 5)):
        if limit <= most:
            return weight
    return 10
