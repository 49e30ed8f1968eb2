"""Recorded calls of ccxt said as calls of our ports."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from tests.adapters.venues.ccxt.recorded.exchange import Opened
from tests.adapters.venues.ccxt.recorded.orders import (
    order,
    trailing_amount_order,
    triggered_order,
)
from tests.adapters.venues.ccxt.recorded.reasons import NotOurs, reason_of
from tests.adapters.venues.ccxt.recorded.terms import (
    Run,
    client_id,
    instrument_in,
    params_at,
)

from crossdock.errors import AdapterError
from crossdock.model import Asset, ClientOrderId, MarginMode, VenueOrderId, width_of
from crossdock.ports import PROTOCOL_OF, Can, CancelOrder, OrderRef

_START_NS = 1_700_000_000_000_000_000


def spoken(method: str, case: Mapping[str, Any], opened: Opened) -> Run:
    """Return what runs a case through our port. Raises NotOurs."""
    if method not in _MAKERS:
        raise NotOurs(reason_of(method))
    can, maker = _MAKERS[method]
    if can not in opened.manifest.can:
        raise NotOurs(f"not offered here: {can}")
    assert isinstance(opened.adapter, PROTOCOL_OF[can])
    given = list(case["input"])
    return maker(opened, given)


def _ref(opened: Opened, given: list[Any]) -> OrderRef:
    venue_id, symbol, *_ = [*given, None, None]
    instrument = instrument_in(opened, symbol)
    params = params_at(given, 2, "trigger", "stop", "clientOrderId")
    if "clientOrderId" in params:
        raise NotOurs("named by a client id of another form")
    mark = ""
    if params.get("trigger") or params.get("stop"):
        if opened.adapter.quirks.conditional is None:
            raise NotOurs("conditional orders live with the others here")
        mark = "algo:"
    return OrderRef(
        instrument=instrument,
        client_order_id=ClientOrderId("") if venue_id else client_id(opened),
        venue_order_ids=(VenueOrderId(f"{mark}{venue_id}"),) if venue_id else (),
    )


def _cancel(opened: Opened, given: list[Any]) -> Run:
    ref = _ref(opened, given)

    async def run(it: Opened) -> Any:
        return await it.adapter.cancel(CancelOrder(ref=ref, deadline_ns=it.deadline()))

    return run


def _look_up(opened: Opened, given: list[Any]) -> Run:
    ref = _ref(opened, given)

    async def run(it: Opened) -> Any:
        return await it.adapter.order(ref)

    return run


def _cancel_all(opened: Opened, given: list[Any]) -> Run:
    if given and given[0] is not None:
        raise NotOurs("ours cancels everything of the account, market by market if need be")
    params_at(given, 1)

    async def run(it: Opened) -> Any:
        return await it.adapter.cancel_all()

    return run


def _open_orders(opened: Opened, given: list[Any]) -> Run:
    if given and given[0] is not None:
        instrument = instrument_in(opened, given[0])
        if len(given) > 1 and any(given[1:3]):
            raise NotOurs("open orders are listed whole")
        params_at(given, 3, "trigger", "stop")

        return _every_kind(instrument.id.partition("@")[0])
    params_at(given, 3, "trigger", "stop")
    return _every_kind(None)


def _every_kind(symbol: str | None) -> Run:
    async def run(it: Opened) -> Any:
        for params in it.adapter.quirks.open_order_params:
            with suppress(AdapterError):
                await it.adapter.open_rows(dict(params), symbol=symbol)

    return run


def _fills(opened: Opened, given: list[Any]) -> Run:
    if given and given[0] is not None:
        instrument_in(opened, given[0])
    params_at(given, 3)
    if opened.adapter.quirks.fills.needs_symbol:
        raise NotOurs("fills are asked for page by page, of each market held or ordered")

    async def run(it: Opened) -> Any:
        return await it.adapter.fills_after("")

    return run


def _plainly(name: str) -> Run:
    async def run(it: Opened) -> Any:
        return await getattr(it.adapter, name)()

    return run


def _nothing_more(name: str, place: int) -> Callable[[Opened, list[Any]], Run]:
    def make(opened: Opened, given: list[Any]) -> Run:
        params_at(given, place, "type")
        return _plainly(name)

    return make


def _balances(opened: Opened, given: list[Any]) -> Run:
    params_at(given, 0, "type", "code", "marginMode", "subType")

    async def run(it: Opened) -> Any:
        for wallet in it.adapter.quirks.wallets:
            it.settings["wallets"] = wallet
            with suppress(AdapterError):
                await it.adapter.balances()
        it.settings["wallets"] = ""

    return run


def _positions(opened: Opened, given: list[Any]) -> Run:
    if given and given[0] is not None:
        raise NotOurs("positions are listed whole")
    params_at(given, 1)
    return _plainly("positions")


def _book(opened: Opened, given: list[Any]) -> Run:
    instrument = instrument_in(opened, given[0])
    params_at(given, 2)

    async def run(it: Opened) -> Any:
        return await it.adapter.book_snapshot(instrument.id)

    return run


def _bars(opened: Opened, given: list[Any]) -> Run:
    instrument = instrument_in(opened, given[0])
    params_at(given, 4, "until")
    width = given[1] if len(given) > 1 and given[1] else "1m"
    start_ns = int(given[2]) * 1_000_000 if len(given) > 2 and given[2] else _START_NS
    width_ns = width_of(width)

    async def run(it: Opened) -> Any:
        end_ns = start_ns + 100 * width_ns
        return await it.adapter.bars(
            instrument.id, width_ns, start_ns=start_ns, end_ns=end_ns
        )

    return run


def _trades(opened: Opened, given: list[Any]) -> Run:
    instrument = instrument_in(opened, given[0])
    params_at(given, 3)
    start_ns = int(given[1]) * 1_000_000 if len(given) > 1 and given[1] else _START_NS

    async def run(it: Opened) -> Any:
        end_ns = start_ns + 3_600 * 10**9
        return await it.adapter.trades_between(
            instrument.id, start_ns=start_ns, end_ns=end_ns
        )

    return run


def _set_leverage(opened: Opened, given: list[Any]) -> Run:
    leverage, symbol, *_ = given
    instrument = instrument_in(opened, symbol)
    params = params_at(given, 2, "marginMode")
    mode = MarginMode(params.get("marginMode", "none"))

    async def run(it: Opened) -> Any:
        return await it.adapter.set_leverage(
            instrument.id,
            Decimal(str(leverage)),
            margin_mode=mode,
            deadline_ns=it.deadline(),
        )

    return run


def _set_margin_mode(opened: Opened, given: list[Any]) -> Run:
    mode, symbol, *_ = [*given, None]
    instrument = instrument_in(opened, symbol)
    params_at(given, 2)

    async def run(it: Opened) -> Any:
        return await it.adapter.set_margin_mode(
            instrument.id, MarginMode(str(mode).lower()), deadline_ns=it.deadline()
        )

    return run


def _transfer(opened: Opened, given: list[Any]) -> Run:
    asset, amount, source, destination, *_ = given
    params_at(given, 4)

    async def run(it: Opened) -> Any:
        return await it.adapter.transfer(
            Asset(asset),
            Decimal(str(amount)),
            source=source,
            destination=destination,
            deadline_ns=it.deadline(),
        )

    return run


def _loan(name: str) -> Callable[[Opened, list[Any]], Run]:
    def make(opened: Opened, given: list[Any]) -> Run:
        asset, amount, *_ = given
        params_at(given, 2)

        async def run(it: Opened) -> Any:
            ask = getattr(it.adapter, name)
            return await ask(Asset(asset), Decimal(str(amount)), deadline_ns=it.deadline())

        return run

    return make


def _funding_rates(opened: Opened, given: list[Any]) -> Run:
    symbols = given[0] if given else None
    listed = [symbols] if isinstance(symbols, str) else symbols
    if not listed:
        raise NotOurs("our ports name a market")
    instruments = [instrument_in(opened, symbol).id for symbol in listed]
    params_at(given, 1)

    async def run(it: Opened) -> Any:
        return await it.adapter.funding_rates(instruments)

    return run


def _funding_history(opened: Opened, given: list[Any]) -> Run:
    instrument = instrument_in(opened, given[0] if given else None)
    params_at(given, 3, "until")
    start_ns = int(given[1]) * 1_000_000 if len(given) > 1 and given[1] else _START_NS

    async def run(it: Opened) -> Any:
        end_ns = start_ns + 86_400 * 10**9
        return await it.adapter.funding_rate_history(
            instrument.id, start_ns=start_ns, end_ns=end_ns
        )

    return run


def _fees(opened: Opened, given: list[Any]) -> Run:
    first = given[0] if given else None
    if isinstance(first, str):
        instruments = [instrument_in(opened, first).id]
    else:
        instruments = [next(iter(opened.instruments.values())).id]
    params_at(given, 1 if isinstance(first, str) else 0)

    async def run(it: Opened) -> Any:
        return await it.adapter.fee_rates(instruments)

    return run


def _leverage(opened: Opened, given: list[Any]) -> Run:
    instrument = instrument_in(opened, given[0])
    params_at(given, 1)

    async def run(it: Opened) -> Any:
        return await it.adapter.leverage(instrument.id)

    return run


def _borrow_rates(opened: Opened, given: list[Any]) -> Run:
    params_at(given, 1)

    async def run(it: Opened) -> Any:
        return await it.adapter.borrow_rates([Asset(given[0])])

    return run


def _loans(opened: Opened, given: list[Any]) -> Run:
    if any(it for it in given if it):
        raise NotOurs("loans are listed whole")
    return _plainly("loans")


def _options(opened: Opened, given: list[Any]) -> Run:
    params_at(given, 1)

    async def run(it: Opened) -> Any:
        return await it.adapter.option_chain(Asset(given[0]))

    return run


def _events(method: str) -> Callable[[Opened, list[Any]], Run]:
    def make(opened: Opened, given: list[Any]) -> Run:
        sources = [it.method for it in opened.adapter.quirks.events]
        if method not in sources:
            raise NotOurs("what moves the account is read from another list here")
        if any(it.needs_symbol or it.needs_code for it in opened.adapter.quirks.events):
            raise NotOurs("asked for each asset held")
        if given and given[0] is not None:
            raise NotOurs("what moves the account is listed whole")
        params_at(given, 3)

        async def run(it: Opened) -> Any:
            whole = it.adapter.quirks
            it.adapter.quirks = copy.copy(whole)
            it.adapter.quirks.events = [
                each for each in whole.events if each.method == method
            ]
            try:
                return await it.adapter.account_events_after("")
            finally:
                it.adapter.quirks = whole

        return run

    return make


_MAKERS: Mapping[str, tuple[Can, Callable[[Opened, list[Any]], Run]]] = {
    "createOrder": (Can.SUBMIT, order),
    "createTrailingAmountOrder": (Can.SUBMIT, trailing_amount_order),
    "createTriggerOrder": (Can.SUBMIT, triggered_order),
    "cancelOrder": (Can.SUBMIT, _cancel),
    "cancelAllOrders": (Can.CANCEL_ALL, _cancel_all),
    "fetchOrder": (Can.ORDER_LOOKUP, _look_up),
    "fetchOpenOrders": (Can.OPEN_ORDERS, _open_orders),
    "fetchMyTrades": (Can.FILL_HISTORY, _fills),
    "fetchBalance": (Can.BALANCES, _balances),
    "fetchPositions": (Can.POSITIONS, _positions),
    "fetchOptionPositions": (Can.POSITIONS, _positions),
    "fetchOrderBook": (Can.BOOK_SNAPSHOT, _book),
    "fetchOHLCV": (Can.BAR_HISTORY, _bars),
    "fetchTrades": (Can.TRADE_HISTORY, _trades),
    "fetchTime": (Can.SERVER_TIME, _nothing_more("server_time_ns", 0)),
    "setLeverage": (Can.LEVERAGE, _set_leverage),
    "fetchLeverage": (Can.LEVERAGE, _leverage),
    "setMarginMode": (Can.MARGIN_MODE, _set_margin_mode),
    "transfer": (Can.TRANSFERS, _transfer),
    "borrowCrossMargin": (Can.BORROWING, _loan("borrow")),
    "repayCrossMargin": (Can.BORROWING, _loan("repay")),
    "fetchCrossBorrowRate": (Can.BORROWING, _borrow_rates),
    "fetchBorrowInterest": (Can.BORROWING, _loans),
    "fetchFundingRate": (Can.FUNDING_RATES, _funding_rates),
    "fetchFundingRates": (Can.FUNDING_RATES, _funding_rates),
    "fetchFundingRateHistory": (Can.FUNDING_RATES, _funding_history),
    "fetchTradingFee": (Can.FEE_RATES, _fees),
    "fetchTradingFees": (Can.FEE_RATES, _fees),
    "fetchOptionChain": (Can.OPTION_CHAINS, _options),
    "fetchLedger": (Can.ACCOUNT_HISTORY, _events("fetch_ledger")),
    "fetchDeposits": (Can.ACCOUNT_HISTORY, _events("fetch_deposits")),
    "fetchWithdrawals": (Can.ACCOUNT_HISTORY, _events("fetch_withdrawals")),
    "fetchFundingHistory": (Can.ACCOUNT_HISTORY, _events("fetch_funding_history")),
}
