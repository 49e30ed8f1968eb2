"""Unified ccxt structures, and what is raw beneath them, as our nouns."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from typing import Any, TypeVar

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks, Raw
from crossdock.adapters.venues.ccxt.groups import Groups
from crossdock.adapters.venues.ccxt.refusals import at_path
from crossdock.adapters.venues.ccxt.wire.numbers import exact, maybe, positive, time_ns
from crossdock.errors import BadPayload
from crossdock.model import (
    LIMITED,
    TRIGGERED,
    ZERO,
    Asset,
    ClientOrderId,
    ExecutionId,
    Fill,
    InstrumentId,
    Liquidity,
    MarginMode,
    OrderReport,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    VenueOrderId,
    instrument_id,
)
from crossdock.ports import NewOrder
from crossdock.toolkit import AdapterContext

CONDITIONAL = "algo:"
"""Before the venue's id of an order that it keeps apart until it triggers."""

_MOST_ORDERS = 50_000
_TRIGGERS = ("stopLossPrice", "takeProfitPrice", "triggerPrice", "stopPrice")
_POST_ONLY = "PO"  # ccxt's own, of a GTC order that may only rest
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_ENDED = {
    "canceled": OrderStatus.CANCELED,
    "cancelled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}


class Translation:
    """Reads orders and fills of one account. Remembers which order of ours a venue id is."""

    def __init__(self, context: AdapterContext, quirks: Quirks) -> None:
        self._account = context.account
        self._venue = context.venue
        self._clock = context.clock
        self._quirks = quirks
        evidence = context.manifest.evidence
        self.groups = Groups(
            context.state,
            context.manifest.id,
            now_ns=context.clock.monotonic_ns,
            doubt_s=0.0
            if evidence is None
            else evidence.arrival_horizon_s + evidence.visibility_lag_s,
        )
        self._ours: OrderedDict[VenueOrderId, ClientOrderId] = OrderedDict()
        self._seen: OrderedDict[VenueOrderId, OrderReport] = OrderedDict()
        self._taken: OrderedDict[ClientOrderId, None] = OrderedDict()
        self._modes: dict[str, MarginMode] = {}
        self._apart: OrderedDict[ClientOrderId, VenueOrderId] = OrderedDict()
        self._gone_on: OrderedDict[VenueOrderId, VenueOrderId] = OrderedDict()

    def instrument(self, symbol: Any) -> InstrumentId:
        if not isinstance(symbol, str) or not symbol:
            raise BadPayload("a row of the exchange names no market")
        try:
            return instrument_id(symbol, self._venue)
        except ValueError:
            raise BadPayload("a row of the exchange names no market") from None

    def order(
        self, raw: Raw, asked: NewOrder | None = None, *, ours: str = ""
    ) -> OrderReport:
        """Read an order. What a bare acknowledgement leaves out is as it was asked.

        `ours` is its client order id, where that is known better than the row tells it.
        """
        raw = self._quirks.order_row(raw)
        found = self.venue_order_id(raw, asked)
        self.follow(raw)
        if not ours:
            ours = self._client_id(raw) or ("" if asked is None else asked.client_order_id)
        before = self.waited_as(raw)
        if before is not None:
            ours = self._ours.get(before, ours)
        group = self._quirks.group(raw)
        parent = self.groups.see(group, found, ours) if group else None
        told = self._told_before(raw, found) if asked is None else None
        if before is not None:
            told = self._seen.get(before)
        kind = asked.type if asked else told.type if told else self._type(raw)
        quantity = positive(raw.get("amount"))
        if quantity is None:
            if asked is None:
                raise BadPayload("an order without its quantity")
            quantity = asked.quantity
        filled = maybe(raw.get("filled")) or ZERO
        triggered = told if before is not None else None
        symbol = raw.get("symbol")
        instrument = (
            self.instrument(symbol) if symbol or asked is None else asked.instrument.id
        )
        side = raw.get("side") or (asked and asked.side)
        report = OrderReport(
            account=self._account,
            instrument=instrument,
            venue_order_id=found,
            client_order_id=ClientOrderId(ours),
            status=self._status(raw, quantity, filled),
            side=_side(side),
            type=kind,
            quantity=quantity,
            cumulative_quantity=filled,
            limit_price=_limit_price(raw, kind, asked or told),
            stop_price=_stop_price(raw, kind, asked, triggered),
            time_in_force=_time_in_force(raw, asked),
            average_price=positive(raw.get("average")) if filled else None,
            replaces=before,
            parent=parent,
            trail_amount=asked.trail_amount if asked else None,
            trail_percent=asked.trail_percent if asked else None,
            reason=self._reason(raw),
            venue_time_ns=time_ns(
                raw.get("lastUpdateTimestamp")
                or raw.get("lastTradeTimestamp")
                or raw.get("timestamp")
            ),
            received_time_ns=self._clock.time_ns(),
        )
        self.learn(report, MarginMode.NONE if asked is None else asked.margin_mode)
        return report

    def follow(self, raw: Raw) -> None:
        """Remember what an order kept apart is called by us, and what it went on as."""
        if self._quirks.conditional is None or not self._quirks.is_conditional(raw):
            return
        found, ours = self.venue_order_id(raw), ClientOrderId(self._client_id(raw))
        went_on = VenueOrderId(self._quirks.goes_on_as(raw))
        if ours:
            _remember(self._apart, ours, found)
            _remember(self._ours, found, ours)
        if went_on:
            _remember(self._gone_on, went_on, found)
        if went_on and ours:
            _remember(self._ours, went_on, ours)

    def waited_as(self, raw: Raw) -> VenueOrderId | None:
        """Return what an order was called while it was kept apart, if that is known."""
        if not self._quirks.has_waited(raw):
            return None
        known = self._gone_on.get(VenueOrderId(str(raw.get("id"))))
        return known or self._apart.get(ClientOrderId(self._client_id(raw)))

    def awaits_parent(self, raw: Raw) -> bool:
        """Tell whether a row is to wait until it is known whose leg it is."""
        return self.groups.holds(self._quirks.group(raw), self._client_id(raw))

    def fill(self, raw: Raw) -> Fill:
        """Read one trade of the account."""
        raw = self._quirks.trade_row(raw)
        order = raw.get("order")
        paid = _fees(raw, _money(str(raw.get("symbol"))))
        instrument = self.instrument(raw.get("symbol"))
        venue_order_id = VenueOrderId("" if order is None else str(order))
        return Fill(
            account=self._account,
            instrument=instrument,
            venue_order_id=venue_order_id,
            execution_id=ExecutionId(execution_id(raw)),
            side=_side(raw.get("side")),
            price=exact(raw.get("price")),
            quantity=exact(raw.get("amount")),
            fee=paid[0][1],
            fee_asset=paid[0][0],
            liquidity=_liquidity(raw),
            client_order_id=self._ours.get(venue_order_id, ClientOrderId("")),
            position_side=_position_side(raw),
            margin_mode=self._modes.get(str(raw["symbol"]), MarginMode.NONE),
            venue_time_ns=time_ns(raw.get("timestamp")),
            received_time_ns=self._clock.time_ns(),
            more_fees=tuple(paid[1:]),
        )

    def venue_order_id(self, raw: Raw, asked: NewOrder | None = None) -> VenueOrderId:
        """Return the venue's id, marked where the exchange keeps the order apart."""
        found = raw.get("id")
        if found is None or found == "":
            raise BadPayload("an order without the exchange's id")
        apart = self._quirks.conditional is not None and (
            self._quirks.is_conditional(raw)
            if asked is None
            else asked.type not in (OrderType.MARKET, OrderType.LIMIT)
        )
        return VenueOrderId(f"{CONDITIONAL}{found}" if apart else str(found))

    def learn(self, report: OrderReport, mode: MarginMode = MarginMode.NONE) -> None:
        """Remember whose order a venue id is: fills of many exchanges do not tell."""
        _remember(self._seen, report.venue_order_id, report)
        if report.client_order_id:
            _remember(self._ours, report.venue_order_id, report.client_order_id)
            _remember(self._taken, report.client_order_id, None)
            if report.venue_order_id.startswith(CONDITIONAL):
                _remember(self._apart, report.client_order_id, report.venue_order_id)
        if mode is not MarginMode.NONE:
            self._modes[report.instrument.partition("@")[0]] = mode

    def known(self, order: VenueOrderId) -> OrderReport | None:
        """Return what was last read of an order; its side and type stay as they are."""
        return self._seen.get(order)

    def is_taken(self, client_order_id: ClientOrderId) -> bool:
        """Tell whether the exchange is known to have an order with an id of ours."""
        return client_order_id in self._taken

    def learn_mode(self, symbol: str, mode: MarginMode) -> None:
        self._modes[symbol] = mode

    def _client_id(self, raw: Raw) -> str:
        path = self._quirks.client_id_field
        found = at_path(raw.get("info"), path) if path else raw.get("clientOrderId")
        if found is None or found == "":
            return ""
        return self._quirks.client_id_back(str(found))

    def _told_before(self, raw: Raw, found: VenueOrderId) -> OrderReport | None:
        """Return what was read of an order before, where a row tells neither type nor price."""
        if raw.get("type") or raw.get("price") is not None:
            return None
        return self._seen.get(found)

    def _type(self, raw: Raw) -> OrderType:
        word = self._quirks.order_type(raw)
        if word:
            return OrderType(word)
        said = str(raw.get("type") or "").lower().replace("-", "_")
        limited = "market" not in said and positive(raw.get("price")) is not None
        if "trail" in said:
            return OrderType.TRAILING_STOP
        if _trigger(raw) is None:
            return OrderType.LIMIT if limited else OrderType.MARKET
        if "take" in said or positive(raw.get("takeProfitPrice")) is not None:
            return OrderType.LIMIT_IF_TOUCHED if limited else OrderType.MARKET_IF_TOUCHED
        return OrderType.STOP_LIMIT if limited else OrderType.STOP

    def _status(self, raw: Raw, quantity: Decimal, filled: Decimal) -> OrderStatus:
        word = self._quirks.status(raw)
        if word:
            return OrderStatus(word)
        said = raw.get("status")
        if said in _ENDED:
            return _ENDED[said]
        if filled >= quantity:
            return OrderStatus.FILLED
        if said == "closed":  # done, and not whole: an IOC's rest, or an old cancel
            return OrderStatus.CANCELED
        if filled:
            return OrderStatus.PARTIALLY_FILLED
        return OrderStatus.NEW if said else OrderStatus.PENDING_NEW

    def _reason(self, raw: Raw) -> str:
        if raw.get("status") != "rejected":
            return ""
        info = raw.get("info")
        for name in ("reason", "rejectReason", "reject_reason", "failureReason"):
            found = at_path(info, name)
            if isinstance(found, str):
                return found[:200]
        return ""


def _remember(known: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    known[key] = value
    if len(known) > _MOST_ORDERS:
        known.popitem(last=False)


def execution_id(raw: Raw) -> str:
    """Return a trade's id, or one made of the trade itself where there is none."""
    found = raw.get("id")
    if found is not None and found != "":
        return str(found)
    parts = (raw.get(name) for name in ("order", "timestamp", "side", "price", "amount"))
    return "-".join("" if part is None else str(part) for part in parts)


def _side(said: Any) -> Side:
    try:
        return Side(said)
    except ValueError:
        raise BadPayload("a row of the exchange is neither buy nor sell") from None


def _limit_price(
    raw: Raw, kind: OrderType, known: NewOrder | OrderReport | None
) -> Decimal | None:
    if kind not in LIMITED:
        return None
    return positive(raw.get("price")) or (known and known.limit_price) or None


def _stop_price(
    raw: Raw, kind: OrderType, asked: NewOrder | None, triggered: OrderReport | None
) -> Decimal | None:
    """Of what triggered, the price is behind it and told no more: it is as it was."""
    if kind not in TRIGGERED:
        return None
    if triggered is not None:
        return triggered.stop_price
    return _trigger(raw) or (asked and asked.stop_price) or None


def _trigger(raw: Raw) -> Decimal | None:
    for name in _TRIGGERS:
        found = positive(raw.get(name))
        if found is not None:
            return found
    return None


def _time_in_force(raw: Raw, asked: NewOrder | None) -> TimeInForce:
    if asked is not None:
        return asked.time_in_force
    said = raw.get("timeInForce")
    if not said or said == _POST_ONLY:
        return TimeInForce.GTC
    return TimeInForce(said) if said in list(TimeInForce) else TimeInForce.GTC


def _liquidity(raw: Raw) -> Liquidity:
    said = raw.get("takerOrMaker")
    return Liquidity(said) if said in ("maker", "taker") else Liquidity.UNKNOWN


def _position_side(raw: Raw) -> PositionSide:
    info = raw.get("info")
    for name in ("positionSide", "posSide", "ps"):
        said = str(at_path(info, name) or "").lower()
        if said in ("long", "short"):
            return PositionSide(said)
    return PositionSide.NET


def _fees(raw: Raw, money: str) -> list[tuple[Asset, Decimal]]:
    """Return what a trade cost, by asset: `money` where none is named. There is a first one."""
    told = [it for it in raw.get("fees") or () if it and it.get("cost") is not None]
    fee = raw.get("fee")
    if len(told) < 2 and fee and fee.get("cost") is not None:
        told = [fee]
    paid: dict[Asset, Decimal] = {}
    for each in told:
        asset = Asset(str(each.get("currency") or money))
        paid[asset] = paid.get(asset, ZERO) + exact(each["cost"])
    free = list(paid.items())[:1] or [(Asset(money), ZERO)]
    return [(asset, cost) for asset, cost in paid.items() if cost] or free


def _money(symbol: str) -> str:
    """Return what a symbol settles in: of `BTC/USDT:USDT-261225` it is USDT."""
    pair, _, settled = symbol.partition(":")
    return settled.partition("-")[0] or pair.partition("/")[2]
