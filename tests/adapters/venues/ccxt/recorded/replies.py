"""Recorded replies, read by the adapter and compared with what they mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.adapters.venues.ccxt.recorded.exchange import Opened
from tests.adapters.venues.ccxt.recorded.reasons import NotOurs, reason_of

from crossdock.adapters.venues.ccxt.abilities.market_data import levels, trade_of
from crossdock.model import Fill, OrderReport, OrderStatus, Position, Side
from crossdock.ports import Can

Read = Callable[[Opened, list[Any], Any], Awaitable[Iterator[str]]]

_ENDS = {
    "canceled": {OrderStatus.CANCELED},
    "expired": {OrderStatus.EXPIRED, OrderStatus.CANCELED},
    "rejected": {OrderStatus.REJECTED},
    "closed": {OrderStatus.FILLED, OrderStatus.CANCELED},
    "open": {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED},
    "canceling": {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED},
}


def read_by(method: str, opened: Opened) -> Read:
    """Return what reads a reply and yields what differs. Raises NotOurs."""
    if method not in _READERS:
        raise NotOurs(reason_of(method))
    can, read = _READERS[method]
    if can not in opened.manifest.can:
        raise NotOurs(f"not offered here: {can}")
    return read


def differs(what: str, ours: Any, theirs: Any) -> Iterator[str]:
    """Yield a difference, unless the recorded side is silent."""
    if theirs is None:
        return
    if isinstance(ours, Decimal) or isinstance(theirs, float | int):
        exact = Decimal(str(theirs))
        # What was recorded went through a double: sixteen digits of it are right.
        slack = abs(exact) * Decimal("1e-15") if isinstance(theirs, float) else 0
        same = ours is not None and abs(Decimal(str(ours)) - exact) <= slack
    else:
        same = ours == theirs
    if not same:
        yield f"{what} is {ours}, recorded {theirs}"


def of_order(ours: OrderReport, theirs: Mapping[str, Any]) -> Iterator[str]:
    yield from differs("id", ours.venue_order_id.removeprefix("algo:"), theirs.get("id"))
    yield from differs("symbol", ours.instrument.partition("@")[0], theirs.get("symbol"))
    yield from differs("side", ours.side.value, theirs.get("side"))
    yield from differs("quantity", ours.quantity, theirs.get("amount") or None)
    yield from differs("filled", ours.cumulative_quantity, theirs.get("filled"))
    if ours.limit_price is not None:
        yield from differs("price", ours.limit_price, theirs.get("price") or None)
    if ours.stop_price is not None:
        yield from differs("trigger", ours.stop_price, theirs.get("triggerPrice") or None)
    if ours.average_price is not None:
        yield from differs("average", ours.average_price, theirs.get("average"))
    told = theirs.get("status")
    if told is not None and ours.status not in _ENDS.get(told, {ours.status}):
        yield f"status is {ours.status}, recorded {told}"


def of_fill(ours: Fill, theirs: Mapping[str, Any]) -> Iterator[str]:
    yield from differs("id", ours.execution_id, theirs.get("id"))
    yield from differs("order", ours.venue_order_id, theirs.get("order"))
    yield from differs("symbol", ours.instrument.partition("@")[0], theirs.get("symbol"))
    yield from differs("side", ours.side.value, theirs.get("side"))
    yield from differs("price", ours.price, theirs.get("price"))
    yield from differs("quantity", ours.quantity, theirs.get("amount"))
    yield from differs("time", ours.venue_time_ns // 10**6, theirs.get("timestamp"))
    fee = theirs.get("fee") or {}
    yield from differs("fee", ours.fee, fee.get("cost"))
    yield from differs("fee's asset", ours.fee_asset, fee.get("currency"))
    if theirs.get("takerOrMaker"):
        yield from differs("liquidity", ours.liquidity.value, theirs["takerOrMaker"])


def of_position(ours: Position, theirs: Mapping[str, Any]) -> Iterator[str]:
    yield from differs("symbol", ours.key.instrument.partition("@")[0], theirs["symbol"])
    contracts = theirs.get("contracts")
    if contracts is not None:
        sign = -1 if theirs.get("side") == "short" and contracts > 0 else 1
        yield from differs("quantity", ours.quantity, sign * contracts)
    yield from differs("entry", ours.entry_price, theirs.get("entryPrice") or None)


def _rows(theirs: Any) -> list[Mapping[str, Any]]:
    return list(theirs.values()) if isinstance(theirs, dict) else list(theirs)


def _counted(ours: list[Any], theirs: list[Any]) -> Iterator[str]:
    if len(ours) != len(theirs):
        yield f"{len(ours)} rows, recorded {len(theirs)}"


def _order_by(method: str) -> Read:
    async def read(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
        raw = await getattr(it.adapter.driver, method)(*given)
        _is_whole(raw)
        return of_order(it.adapter.translation.order(raw), theirs)

    return read


def _orders_by(method: str) -> Read:
    async def read(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
        rows = await getattr(it.adapter.driver, method)(*given)
        for row in rows:
            _is_whole(row)
        reports = [it.adapter.translation.order(row) for row in rows]
        return (
            each
            for part in (
                _counted(reports, theirs),
                *(of_order(*pair) for pair in zip(reports, theirs, strict=False)),
            )
            for each in part
        )

    return read


def _is_whole(raw: Mapping[str, Any]) -> None:
    if raw.get("amount") is None or raw.get("symbol") is None or raw.get("side") is None:
        raise NotOurs("an acknowledgement without the order's own words")


async def _fills(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    rows = await it.adapter.driver.fetch_my_trades(*given)
    fills = [it.adapter.translation.fill(row) for row in rows]
    pairs = zip(fills, theirs, strict=False)
    parts = (_counted(fills, theirs), *(of_fill(*pair) for pair in pairs))
    return (each for part in parts for each in part)


async def _balances(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    params = given[0] if given and given[0] else {}
    wallet = await it.adapter._wallet("recorded", dict(params))
    return _of_balances(wallet, theirs)


def _of_balances(
    wallet: Mapping[str, tuple[Decimal, Decimal]], theirs: Mapping[str, Any]
) -> Iterator[str]:
    for asset, total in (theirs.get("total") or {}).items():
        if total is None:
            continue
        whole, _ = wallet[asset]
        yield from differs(f"total of {asset}", whole, total)
    for asset, used in (theirs.get("used") or {}).items():
        if used is not None and theirs["total"].get(asset) is not None:
            yield from differs(f"held of {asset}", wallet[asset][1], used)


async def _positions(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    rows = await it.adapter.driver.fetch_positions(*given)
    held = [it.adapter.position(row) for row in rows]
    pairs = zip(held, _rows(theirs), strict=False)
    parts = (_counted(held, _rows(theirs)), *(of_position(*pair) for pair in pairs))
    return (each for part in parts for each in part)


async def _book(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    raw = await it.adapter.driver.fetch_order_book(*given)
    return _of_book({side: levels(raw[side]) for side in ("bids", "asks")}, theirs)


def _of_book(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    for side in ("bids", "asks"):
        told = [level for level in theirs[side] if level[1]]
        yield from _counted(ours[side], told)
        for (price, quantity), level in zip(ours[side], told, strict=False):
            yield from differs(f"price in {side}", Decimal(price), level[0])
            yield from differs(f"quantity in {side}", Decimal(quantity), level[1])


async def _trades(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    instrument = it.instruments[given[0]]
    rows = await it.adapter.driver.fetch_trades(*given)
    trades = [trade_of(row, instrument.id, 0) for row in rows]
    return _of_trades(trades, theirs)


def _of_trades(ours: list[Any], theirs: list[Any]) -> Iterator[str]:
    yield from _counted(ours, theirs)
    for trade, told in zip(ours, theirs, strict=False):
        yield from differs("id", trade.trade_id, told.get("id"))
        yield from differs("price", trade.price, told["price"])
        yield from differs("quantity", trade.quantity, told["amount"])
        yield from differs("side", trade.side, Side(told["side"]))
        yield from differs("time", trade.venue_time_ns // 10**6, told["timestamp"])


async def _bars(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
    rows = await it.adapter.driver.fetch_ohlcv(*given)
    return _of_bars(rows, theirs)


def _of_bars(ours: list[Any], theirs: list[Any]) -> Iterator[str]:
    yield from _counted(ours, theirs)
    for row, told in zip(ours, theirs, strict=False):
        for mine, recorded in zip(row, told, strict=True):
            yield from differs("a figure of a bar", mine, recorded)


def _funding_by(method: str) -> Read:
    async def read(it: Opened, given: list[Any], theirs: Any) -> Iterator[str]:
        rows = await getattr(it.adapter.driver, method)(*given)
        if method == "fetch_funding_rate":
            return _of_funding([rows], [theirs])
        return _of_funding(_rows(rows), _rows(theirs))

    return read


def _of_funding(ours: list[Any], theirs: list[Any]) -> Iterator[str]:
    yield from _counted(ours, theirs)
    for row, told in zip(ours, theirs, strict=False):
        yield from differs("symbol", row["symbol"], told["symbol"])
        mine = row["fundingRate"]
        yield from differs("rate", mine and Decimal(str(mine)), told["fundingRate"])


_READERS: Mapping[str, tuple[Can, Read]] = {
    "createOrder": (Can.SUBMIT, _order_by("create_order")),
    "cancelOrder": (Can.SUBMIT, _order_by("cancel_order")),
    "fetchOrder": (Can.ORDER_LOOKUP, _order_by("fetch_order")),
    "fetchOpenOrders": (Can.OPEN_ORDERS, _orders_by("fetch_open_orders")),
    "fetchClosedOrders": (Can.ORDER_LOOKUP, _orders_by("fetch_closed_orders")),
    "fetchCanceledOrders": (Can.ORDER_LOOKUP, _orders_by("fetch_canceled_orders")),
    "fetchOrders": (Can.ORDER_LOOKUP, _orders_by("fetch_orders")),
    "fetchMyTrades": (Can.FILL_HISTORY, _fills),
    "fetchBalance": (Can.BALANCES, _balances),
    "fetchPositions": (Can.POSITIONS, _positions),
    "fetchOrderBook": (Can.BOOK_SNAPSHOT, _book),
    "fetchTrades": (Can.MARKET_STREAM, _trades),
    "fetchOHLCV": (Can.BAR_HISTORY, _bars),
    "fetchFundingRate": (Can.FUNDING_RATES, _funding_by("fetch_funding_rate")),
    "fetchFundingRates": (Can.FUNDING_RATES, _funding_by("fetch_funding_rates")),
    "fetchFundingRateHistory": (
        Can.FUNDING_RATES,
        _funding_by("fetch_funding_rate_history"),
    ),
}
