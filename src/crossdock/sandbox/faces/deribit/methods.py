"""The methods of the protocol, the same over HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.reads.account import Account
from crossdock.sandbox.faces.deribit.reads.market import Market
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

PUBLIC, PRIVATE = "public", "private"

Prepare = Callable[[Params, str], Act]


@dataclass(frozen=True, slots=True)
class Method:
    """`prepare` takes parameters and the caller's account, and returns the work."""

    prepare: Prepare
    operation: Operation = Operation.READ


def methods(face: DeribitFace) -> Mapping[tuple[str, str], Method]:
    """Return methods by scope and name."""
    public = {(PUBLIC, name): Method(it) for name, it in _public(Market(face)).items()}
    reads = {(PRIVATE, name): Method(it) for name, it in _private(Account(face)).items()}
    return public | reads | _writes(face)


def _public(market: Market) -> dict[str, Prepare]:
    return {
        "get_time": market.time,
        "test": market.test,
        "get_currencies": market.currencies,
        "get_instruments": market.instruments,
        "get_instrument": market.instrument,
        "get_order_book": market.order_book,
        "ticker": market.ticker,
        "get_book_summary_by_currency": market.summaries,
        "get_book_summary_by_instrument": market.summary,
        "get_last_trades_by_instrument": market.last_trades,
        "get_last_trades_by_instrument_and_time": market.trades_of_time,
        "get_tradingview_chart_data": market.chart,
    }


def _private(account: Account) -> dict[str, Prepare]:
    return {
        "get_open_orders": account.open_orders,
        "get_open_orders_by_currency": account.open_of_currency,
        "get_open_orders_by_instrument": account.open_of_instrument,
        "get_order_state": account.state,
        "get_order_state_by_label": account.states_of_label,
        "get_order_history_by_currency": account.done_of_currency,
        "get_order_history_by_instrument": account.done_of_instrument,
        "get_user_trades_by_currency": account.trades_of_currency,
        "get_user_trades_by_currency_and_time": account.timed_of_currency,
        "get_user_trades_by_instrument": account.trades_of_instrument,
        "get_user_trades_by_instrument_and_time": account.timed_of_instrument,
        "get_user_trades_by_order": account.trades_of_order,
        "get_account_summary": account.summary,
        "get_account_summaries": account.summaries,
        "get_positions": account.positions,
        "get_deposits": account.deposits,
        "get_withdrawals": account.withdrawals,
    }


def _writes(face: DeribitFace) -> dict[tuple[str, str], Method]:
    trading = face.trading
    return {
        (PRIVATE, "buy"): Method(trading.buy, Operation.SUBMIT),
        (PRIVATE, "sell"): Method(trading.sell, Operation.SUBMIT),
        (PRIVATE, "edit"): Method(trading.edit, Operation.REPLACE),
        (PRIVATE, "cancel"): Method(trading.cancel, Operation.CANCEL),
        (PRIVATE, "cancel_all"): Method(trading.cancel_all, Operation.CANCEL),
        (PRIVATE, "cancel_all_by_currency"): Method(
            trading.cancel_all_by_currency, Operation.CANCEL
        ),
        (PRIVATE, "cancel_all_by_instrument"): Method(
            trading.cancel_all_by_instrument, Operation.CANCEL
        ),
        (PRIVATE, "cancel_by_label"): Method(trading.cancel_by_label, Operation.CANCEL),
    }
