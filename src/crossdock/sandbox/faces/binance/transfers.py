"""Money that came and went: deposits and withdrawals, newest first.

https://developers.binance.com/docs/wallet/capital/deposite-history and
https://developers.binance.com/docs/wallet/capital/withdraw-history, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import VenueEvent
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.contract import Act

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

_MOST_ROWS = 1000
_LONGEST_NS = 90 * 24 * 3600 * 10**9
_CREDITED = 1
_COMPLETED = 6
_NOT_INTERNAL = 0
_SPOT_WALLET = 0


class Transfers:
    """Reads of what moved in and out of one venue's accounts."""

    def __init__(self, face: BinanceFace) -> None:
        self._venue = face.host.venue

    def deposits(self, params: Params, account: str) -> Act:
        kind = AccountEventKind.DEPOSIT
        return self._act(params, account, kind, _CREDITED, _deposit)

    def withdrawals(self, params: Params, account: str) -> Act:
        kind = AccountEventKind.WITHDRAWAL
        return self._act(params, account, kind, _COMPLETED, _withdrawal)

    def _act(
        self, params: Params, account: str, kind: AccountEventKind, done: int, word: Any
    ) -> Act:
        coin, status = params.maybe("coin"), params.whole_or_none("status")
        start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")
        offset = params.whole_or_none("offset") or 0
        limit = params.whole("limit", _MOST_ROWS, most=_MOST_ROWS)
        span_ns = 0 if start_ns is None or end_ns is None else end_ns - start_ns
        if span_ns > _LONGEST_NS:
            raise Said(-1127, "More than 90 days between startTime and endTime.")

        def act(now_ns: int) -> Any:
            until_ns = now_ns if end_ns is None else end_ns
            from_ns = until_ns - _LONGEST_NS if start_ns is None else start_ns
            rows: Sequence[VenueEvent] = [
                it
                for it in self._venue.events(account)
                if it.kind is kind
                and coin in (None, it.asset)
                and status in (None, done)
                and milliseconds(from_ns)
                <= milliseconds(it.time_ns)
                <= milliseconds(until_ns)
            ][::-1]
            return [word(it, done) for it in rows[offset : offset + limit]]

        return act


def _deposit(event: VenueEvent, status: int) -> dict[str, Any]:
    return _moved(event, status) | {
        "insertTime": milliseconds(event.time_ns),
        "completeTime": milliseconds(event.time_ns),
        "confirmTimes": "1/1",
        "unlockConfirm": 1,
        "sourceAddress": "",
    }


def _withdrawal(event: VenueEvent, status: int) -> dict[str, Any]:
    moment = datetime.fromtimestamp(event.time_ns // 10**9, UTC)
    words = f"{moment:%Y-%m-%d %H:%M:%S}"
    return _moved(event, status) | {
        "transactionFee": "0",
        "applyTime": words,
        "completeTime": words,
        "confirmNo": 1,
        "info": "",
    }


def _moved(event: VenueEvent, status: int) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "amount": format(abs(event.amount).normalize(), "f"),
        "coin": event.asset,
        "network": event.asset,
        "status": status,
        "address": f"sandbox-{event.asset}",
        "addressTag": "",
        "txId": f"tx-{event.event_id}",
        "transferType": _NOT_INTERNAL,
        "walletType": _SPOT_WALLET,
    }
