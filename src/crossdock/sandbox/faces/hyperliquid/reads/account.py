"""What is told of an account, to whoever names its address.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind
from crossdock.sandbox.engine import Refused, VenueEvent, VenueOrder, VenuePosition
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.hyperliquid.names import (
    MONEY,
    engine_id,
    milliseconds,
    plain,
    token,
)
from crossdock.sandbox.faces.hyperliquid.params import Params
from crossdock.sandbox.faces.hyperliquid.reads.market import LEVERAGE
from crossdock.sandbox.faces.hyperliquid.words import Row

if TYPE_CHECKING:
    from crossdock.sandbox.engine import MarketSpec
    from crossdock.sandbox.faces.hyperliquid.face import HyperliquidFace

_MOST_ROWS = 2000
_FILLS_KEPT = 10_000
_MOST_PAYMENTS = 500
_LONG = Context(prec=28)
_MARGIN = Decimal(1) / LEVERAGE

Read = Callable[[Params, str], Act]


class AccountReads:
    """Reads of one venue's accounts."""

    def __init__(self, face: HyperliquidFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> Mapping[str, Read]:
        return {
            "clearinghouseState": self.margin,
            "spotClearinghouseState": self.balances,
            "userAbstraction": lambda _, __: lambda _now_ns: "unifiedAccount",
            "userFees": self.fees,
            "openOrders": self.open_orders,
            "frontendOpenOrders": self.open_orders_in_full,
            "historicalOrders": self.orders,
            "orderStatus": self.order,
            "userFills": self.newest_fills,
            "userFillsByTime": self.fills,
            "userFunding": self.payments,
            "userNonFundingLedgerUpdates": self.movements,
        }

    def margin(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Row:
            held = [
                it
                for it in self._positions(account)
                if it.quantity and it.symbol in self._face.names
            ]
            worth = sum((abs(it.quantity) * self._mark(it) for it in held), ZERO)
            gained = sum((self._gain(it) for it in held), ZERO)
            summary = {
                "accountValue": plain(self._money(account) + gained),
                "totalNtlPos": plain(worth),
                "totalRawUsd": plain(self._money(account)),
                "totalMarginUsed": plain(worth * _MARGIN),
            }
            return {
                "marginSummary": summary,
                "crossMarginSummary": summary,
                "crossMaintenanceMarginUsed": plain(worth * _MARGIN / 2),
                "withdrawable": plain(self._free(account)),
                "assetPositions": [self._position(it) for it in held],
                "time": milliseconds(now_ns),
            }

        return act

    def balances(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Row:
            tokens = self._face.names.tokens
            rows = [
                {
                    "coin": token(asset),
                    "token": tokens.index(asset) if asset in tokens else len(tokens),
                    "hold": plain(min(held, max(total, ZERO))),
                    "total": plain(total),
                    "entryNtl": "0.0",
                }
                for asset, total, held in self._balances(account)
            ]
            return {"balances": rows}

        return act

    def fees(self, params: Params, account: str) -> Act:
        def act(_now_ns: int) -> Row:
            names = self._face.names
            spot = names.market(names.pairs[0]) if names.pairs else None
            perpetual = names.market(names.perpetuals[0]) if names.perpetuals else spot
            rates = _rates(perpetual, "user") | _rates(spot or perpetual, "userSpot")
            schedule = _rates(perpetual, "") | _rates(spot or perpetual, "spot")
            told = {
                "dailyUserVlm": [],
                "feeSchedule": schedule | {"tiers": {"vip": [], "mm": []}},
                "activeReferralDiscount": "0.0",
            }
            return told | {f"{name}Rate": rate for name, rate in rates.items()}

        return act

    def open_orders(self, params: Params, account: str) -> Act:
        words = self._face.words
        return lambda _now_ns: [words.basic(it) for it in self._open(account)]

    def open_orders_in_full(self, params: Params, account: str) -> Act:
        words = self._face.words
        return lambda _now_ns: [words.order(it) for it in self._open(account)]

    def orders(self, params: Params, account: str) -> Act:
        """Return the newest orders, open and done, newest first."""
        words = self._face.words

        def act(_now_ns: int) -> list[Row]:
            found = self._seen(self._host.orders(account) if account else ())
            return [words.lived(it, words.order(it)) for it in found[::-1][:_MOST_ROWS]]

        return act

    def order(self, params: Params, account: str) -> Act:
        name = params.order_name("oid")
        words = self._face.words

        def act(_now_ns: int) -> Row:
            order = self._lookup(account, name)
            if order is None:
                return {"status": "unknownOid"}
            return {"status": "order", "order": words.lived(order, words.order(order))}

        return act

    def newest_fills(self, params: Params, account: str) -> Act:
        """Return the newest fills, newest first."""

        def act(_now_ns: int) -> list[Row]:
            return self._fills(account)[::-1][:_MOST_ROWS]

        return act

    def fills(self, params: Params, account: str) -> Act:
        """Return the oldest fills of a time, as far as they are kept, oldest first."""
        start_ms, end_ms = params.whole("startTime"), params.maybe_whole("endTime")

        def act(_now_ns: int) -> Any:
            found = [
                it
                for it in self._fills(account)[-_FILLS_KEPT:]
                if it["time"] >= start_ms and (end_ms is None or it["time"] <= end_ms)
            ]
            return self._face.passage.page(account, found[:_MOST_ROWS])

        return act

    def payments(self, params: Params, account: str) -> Act:
        """Return payments of funding, oldest first."""
        words = self._face.words

        def row(event: VenueEvent) -> Row | None:
            return words.funding(event) if event.kind is AccountEventKind.FUNDING else None

        return self._events(params, account, row)

    def movements(self, params: Params, account: str) -> Act:
        """Return what else moved an account, oldest first."""
        words = self._face.words
        return self._events(params, account, lambda it: words.moved(account, it))

    def _events(
        self, params: Params, account: str, word: Callable[[VenueEvent], Row | None]
    ) -> Act:
        start_ms = params.maybe_whole("startTime") or 0
        end_ms = params.maybe_whole("endTime")

        def act(_now_ns: int) -> Any:
            events = self._host.venue.events(account) if account else []
            rows = [row for row in map(word, events) if row is not None]
            found = [
                it
                for it in rows
                if it["time"] >= start_ms and (end_ms is None or it["time"] <= end_ms)
            ]
            return self._face.passage.page(account, found[:_MOST_PAYMENTS])

        return act

    def _fills(self, account: str) -> list[Row]:
        return self._face.words.fills(account) if account else []

    def _lookup(self, account: str, name: int | str) -> VenueOrder | None:
        if not account:
            return None
        number = engine_id(name) if isinstance(name, int) else None
        cloid = None
        if isinstance(name, str):
            cloid = self._host.client_ids.find(account, name)
        try:
            found = self._host.lookup(account, order_id=number, client_id=cloid)
        except Refused:
            return None
        return found if found.symbol in self._face.names else None

    def _open(self, account: str) -> list[VenueOrder]:
        return self._seen(self._host.open_orders(account) if account else ())

    def _seen(self, orders: Sequence[VenueOrder]) -> list[VenueOrder]:
        return [it for it in orders if it.symbol in self._face.names]

    def _positions(self, account: str) -> Sequence[VenuePosition]:
        return self._host.venue.positions(account) if account else ()

    def _balances(self, account: str) -> Sequence[tuple[str, Decimal, Decimal]]:
        return self._host.venue.balances(account) if account else ()

    def _money(self, account: str) -> Decimal:
        found = (total for asset, total, _ in self._balances(account) if asset == MONEY)
        return next(found, ZERO)

    def _free(self, account: str) -> Decimal:
        rows = self._balances(account)
        found = (total - held for asset, total, held in rows if asset == MONEY)
        return max(ZERO, next(found, ZERO))

    def _mark(self, position: VenuePosition) -> Decimal:
        return self._face.market.mark(position.symbol)

    def _gain(self, position: VenuePosition) -> Decimal:
        entry = position.entry_price or ZERO
        return position.quantity * (self._mark(position) - entry)

    def _position(self, position: VenuePosition) -> Row:
        worth = abs(position.quantity) * self._mark(position)
        gain, margin = self._gain(position), worth * _MARGIN
        entry = _LONG.create_decimal(position.entry_price or ZERO)
        return {
            "type": "oneWay",
            "position": {
                "coin": self._face.names.coins[position.symbol],
                "szi": plain(position.quantity),
                "entryPx": plain(entry),
                "leverage": {"type": "cross", "value": LEVERAGE},
                "liquidationPx": None,
                "marginUsed": plain(margin),
                "maxLeverage": LEVERAGE,
                "positionValue": plain(worth),
                "returnOnEquity": plain(_LONG.divide(gain, margin) if margin else ZERO),
                "unrealizedPnl": plain(gain),
                "cumFunding": {"allTime": "0.0", "sinceOpen": "0.0", "sinceChange": "0.0"},
            },
        }


def _rates(market: MarketSpec | None, name: str) -> dict[str, str]:
    """Return what takers and makers pay."""
    taker, maker = (market.taker_fee, market.maker_fee) if market else (ZERO, ZERO)
    cross, add = ("Cross", "Add") if name else ("cross", "add")
    return {f"{name}{cross}": plain(taker), f"{name}{add}": plain(maker)}
