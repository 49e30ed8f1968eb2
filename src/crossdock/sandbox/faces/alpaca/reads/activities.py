"""What befell an account: fills, fees, and money that came or went.

https://docs.alpaca.markets/docs/account-activities and
https://docs.alpaca.markets/reference/getaccountactivitiesbytype-1, read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import AccountEventKind, FillKind
from crossdock.sandbox.engine import VenueEvent, VenueFill
from crossdock.sandbox.faces.alpaca.assets import USD
from crossdock.sandbox.faces.alpaca.ids import (
    event_id,
    execution_id,
    fee_id,
    named_id,
    order_id,
)
from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.reads.calendar import day_of
from crossdock.sandbox.faces.alpaca.refusals import parameter
from crossdock.sandbox.faces.alpaca.times import SECOND_NS, moment, text_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]

_FILL = "FILL"
_MOST = 100
_TRADES, _OTHERS = "trade_activity", "non_trade_activity"
_MONEY = {AccountEventKind.DEPOSIT: "CSD", AccountEventKind.WITHDRAWAL: "CSW"}


@dataclass(frozen=True, slots=True)
class _Activity:
    at_ns: int
    type: str
    row: Row

    @property
    def id(self) -> str:
        return str(self.row["id"])


@dataclass(slots=True)
class _Log:
    """An account's activities as far as they were looked at, in the order they came."""

    fills: int = 0
    events: int = 0
    rows: list[_Activity] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add(self, rows: list[_Activity]) -> None:
        for row in sorted(rows, key=lambda it: it.at_ns):
            self.places[row.id] = len(self.rows)
            self.rows.append(row)


class Activities:
    """Histories of every account."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._venue = face.host.venue
        self._logs: dict[str, _Log] = {}

    def listed(self, call: Call) -> Act:
        """Return a page; fills only, or all but fills, or some types, as is asked."""
        query = Query(call.request.query)
        types = query.words("activity_types")
        path_type = call.request.match_info.get("type")
        if path_type is not None:
            types = [path_type]
        category = query.one_of("category", ("", _TRADES, _OTHERS), "")
        if category and types:
            raise parameter("category and activity_types exclude one another")
        descends = query.one_of("direction", ("asc", "desc"), "desc") == "desc"
        after_ns, until_ns = query.moment_ns("after"), query.moment_ns("until")
        day, token = query.text("date")[:10], query.text("page_token")
        size = query.whole("page_size", _MOST, _MOST)

        def is_wanted(it: _Activity) -> bool:
            if types and it.type not in types:
                return False
            if category and (it.type == _FILL) != (category == _TRADES):
                return False
            if day and text_of(it.at_ns)[:10] != day:
                return False
            if after_ns is not None and it.at_ns <= after_ns:
                return False
            return until_ns is None or it.at_ns < until_ns

        def act(_: int) -> list[Row]:
            log = self._log(call.account)
            rows = log.rows
            if token:
                place = log.places.get(token)
                if place is None:
                    raise parameter("invalid page_token")
                rows = rows[:place] if descends else rows[place + 1 :]
            page = [it.row for it in rows if is_wanted(it)]
            if descends:
                page.reverse()
            page = page[:size]
            if len(page) > 1:
                # An empty page would say that there is no more, which no fault may.
                page = list(self._face.passage.page(call.account, page))
            return page

        return act

    def _log(self, account: str) -> _Log:
        log = self._logs.setdefault(account, _Log())
        fills, events = self._venue.fills(account), self._venue.events(account)
        news = []
        for fill in fills[log.fills :]:
            if fill.kind is FillKind.REPORTED:
                news.append(self._fill(account, fill))
                if fill.fee:
                    news.append(self._fee(fill))
        news += [self._event(it) for it in events[log.events :]]
        log.fills, log.events = len(fills), len(events)
        log.add(news)
        return log

    def _fill(self, account: str, fill: VenueFill) -> _Activity:
        face = self._face
        order = self._venue.find(account, order_id=fill.order_id)
        total = face.executions.total_at(account, fill)
        standing = face.chains.standing(order, fill.order_id)
        quantity = standing.quantity - face.chains.carried(fill.order_id)
        left = max(quantity - total, quantity * 0)
        row = {
            "id": _id(fill.time_ns, execution_id(fill.execution_id)),
            "account_id": named_id(f"account {account}"),
            "activity_type": _FILL,
            "transaction_time": text_of(fill.time_ns),
            "type": "partial_fill" if left else "fill",
            "price": plain(fill.price),
            "qty": plain(fill.quantity),
            "side": fill.side.value,
            "symbol": face.assets.of(fill.symbol).symbol,
            "leaves_qty": plain(left),
            "order_id": order_id(fill.order_id),
            "cum_qty": plain(total),
            "order_status": "partially_filled" if left else "filled",
        }
        return _Activity(fill.time_ns, _FILL, row)

    def _fee(self, fill: VenueFill) -> _Activity:
        asset = self._face.assets.of(fill.symbol)
        identity = _id(fill.time_ns, fee_id(fill.execution_id))
        words = f"fee of {execution_id(fill.execution_id)}"
        return self._other(
            identity, "FEE", fill.time_ns, words, net=-fill.fee, symbol=asset.symbol
        )

    def _event(self, event: VenueEvent) -> _Activity:
        identity = _id(event.time_ns, event_id(int(event.event_id.lstrip("V"))))
        if event.asset == USD:
            type_ = _MONEY.get(event.kind, "JNLC")
            return self._other(
                identity, type_, event.time_ns, event.kind.value, net=event.amount
            )
        asset = self._face.assets.held(event.asset)
        is_coin = asset is None or asset.is_coin
        symbol = f"{event.asset}{USD}" if asset is None else asset.held_symbol
        return self._other(
            identity,
            "OCT" if is_coin else "JNLS",
            event.time_ns,
            event.kind.value,
            symbol=symbol,
            quantity=event.amount,
        )

    def _other(
        self,
        identity: str,
        type_: str,
        at_ns: int,
        words: str,
        *,
        net: Decimal | None = None,
        symbol: str | None = None,
        quantity: Decimal | None = None,
    ) -> _Activity:
        row: Row = {
            "id": identity,
            "account_id": named_id("account"),
            "activity_type": type_,
            "date": day_of(at_ns),
            "created_at": text_of(at_ns),
            "net_amount": "0" if net is None else plain(net),
            "description": words,
            "status": "executed",
        }
        if symbol is not None:
            row["symbol"] = symbol
        if quantity is not None:
            row["qty"] = plain(quantity)
        return _Activity(at_ns, type_, row)


def _id(at_ns: int, text: str) -> str:
    """Return an id that begins with the moment, to the millisecond."""
    whole_s, rest_ns = divmod(at_ns, SECOND_NS)
    shown = moment(whole_s).strftime("%Y%m%d%H%M%S")
    return f"{shown}{rest_ns // 10**6:03d}::{text}"
