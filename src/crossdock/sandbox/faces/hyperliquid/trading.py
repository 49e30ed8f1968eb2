"""Actions of `/exchange`: orders placed, cancelled and modified, in batches.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.hyperliquid.names import engine_id, plain
from crossdock.sandbox.faces.hyperliquid.params import Params
from crossdock.sandbox.faces.hyperliquid.refusals import (
    CANNOT_MODIFY,
    IOC_CANCEL,
    Err,
    OrderSaid,
    malformed,
    order_words,
)
from crossdock.sandbox.faces.hyperliquid.words import Row
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.hyperliquid.face import HyperliquidFace

_TIFS: Mapping[str, TimeInForce] = {
    "Gtc": TimeInForce.GTC,
    "Ioc": TimeInForce.IOC,
    "Alo": TimeInForce.GTC,
}
_TRIGGERS: Mapping[tuple[str, bool], OrderType] = {
    ("sl", True): OrderType.STOP,
    ("sl", False): OrderType.STOP_LIMIT,
    ("tp", True): OrderType.MARKET_IF_TOUCHED,
    ("tp", False): OrderType.LIMIT_IF_TOUCHED,
}
_NAMELESS = "~"

Work: TypeAlias = Callable[[int], Any]
Prepare = Callable[[Params, str], Act]


class Trading:
    """Writes of one venue's accounts. Each order of a batch stands alone."""

    def __init__(self, face: HyperliquidFace) -> None:
        self._face = face
        self._ids = face.host.client_ids
        self._made = 0

    def actions(self) -> Mapping[str, tuple[Prepare, Operation, str]]:
        """Return by type what prepares an action, what it does, and the batch it has."""
        cancel, replace = Operation.CANCEL, Operation.REPLACE
        return {
            "order": (self.place, Operation.SUBMIT, "orders"),
            "cancel": (self.cancel, cancel, "cancels"),
            "cancelByCloid": (self.cancel_by_cloid, cancel, "cancels"),
            "modify": (self.modify, replace, ""),
            "batchModify": (self.modify_each, replace, "modifies"),
            "updateLeverage": (self.leverage, Operation.READ, ""),
        }

    def place(self, action: Params, account: str) -> Act:
        if action.text("grouping") != "na":
            raise Err("Orders are not grouped here: send each with grouping na")
        works = [self._placing(it, account) for it in action.each("orders")]
        return _batch("order", works)

    def cancel(self, action: Params, account: str) -> Act:
        works = []
        for each in action.each("cancels"):
            ref = OrderRef(order_id=engine_id(each.whole("o")))
            works.append(self._canceling(each.whole("a"), account, ref))
        return _batch("cancel", works)

    def cancel_by_cloid(self, action: Params, account: str) -> Act:
        works = []
        for each in action.each("cancels"):
            cloid = each.cloid("cloid")
            works.append(self._canceling(each.whole("asset"), account, cloid))
        return _batch("cancel", works)

    def modify(self, action: Params, account: str) -> Act:
        """Modify one order; what refuses it is told as the call's refusal."""
        work = self._modifying(action, account)

        def act(now_ns: int) -> Row:
            told = work(now_ns)
            if "error" in told:
                raise Err(told["error"])
            return _ok({"type": "default"})

        return act

    def modify_each(self, action: Params, account: str) -> Act:
        works = [self._modifying(it, account) for it in action.each("modifies")]
        return _batch("order", works)

    def leverage(self, action: Params, account: str) -> Act:
        """Take note that margin should go further: it goes as far as it does."""
        if self._face.names.of_asset(action.whole("asset")) is None:
            raise malformed()
        action.flag("isCross")
        action.whole("leverage")
        return lambda _now_ns: _ok({"type": "default"})

    def _placing(self, order: Params, account: str) -> Work:
        asset = order.whole("a")
        market = self._face.names.of_asset(asset)
        cloid = order.cloid("c") if "c" in order else ""
        form = None if market is None else _form(order, market)

        def work(now_ns: int) -> Row:
            if market is None or form is None:
                return {"error": f"Asset {asset} does not exist"}
            try:
                placed = self._enter(
                    account, _named(form, self._name(account, cloid)), now_ns
                )
            except Refused as refused:
                return self._error(refused, market)
            return self._face.words.acknowledged(placed)

        return work

    def _canceling(self, asset: int, account: str, named: OrderRef | str) -> Work:
        market = self._face.names.of_asset(asset)

        def work(now_ns: int) -> str | Row:
            if market is None:
                return {"error": f"Asset {asset} does not exist"}
            try:
                order = self._find(account, named)
                if order.symbol != market.symbol:
                    raise Refused("unknown_order", "an order of another asset")
                self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
            except Refused as refused:
                return self._error(refused, market)
            return "success"

        return work

    def _modifying(self, asked: Params, account: str) -> Work:
        name, order = asked.order_name("oid"), asked.within("order")
        named = OrderRef(order_id=engine_id(name)) if isinstance(name, int) else name
        asset = order.whole("a")
        market = self._face.names.of_asset(asset)
        cloid = order.cloid("c") if "c" in order else ""
        form = None if market is None else _form(order, market)

        def work(now_ns: int) -> Row:
            if market is None or form is None:
                return {"error": f"Asset {asset} does not exist"}
            try:
                modified = self._modified(account, named, form, now_ns)
            except Refused as refused:
                return self._error(refused, market)
            if cloid:
                self._ids.rename(account, modified.client_order_id, cloid)
            return self._face.words.acknowledged(modified)

        return work

    def _modified(
        self, account: str, named: OrderRef | str, form: OrderForm, now_ns: int
    ) -> VenueOrder:
        order = self._find(account, named)
        if order.is_done or (order.symbol, order.side) != (form.symbol, form.side):
            raise OrderSaid(CANNOT_MODIFY)
        return self._face.dealing.replace(
            account,
            OrderRef(order_id=order.id),
            now_ns,
            rest=form.quantity,
            limit_price=form.limit_price if order.limit_price is not None else None,
            stop_price=form.stop_price if order.is_waiting else None,
        )

    def _find(self, account: str, named: OrderRef | str) -> VenueOrder:
        if isinstance(named, str):
            named = OrderRef(client_id=self._ids.find(account, named))
        return self._face.dealing.find(account, named)

    def _name(self, account: str, cloid: str) -> str:
        self._made += 1
        return self._ids.enter(account, cloid or f"{_NAMELESS}{self._made}")

    def _enter(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        order = self._face.dealing.submit(account, form, now_ns)
        self._ids.accepted(account, order.client_order_id)
        at_once = form.time_in_force is TimeInForce.IOC and not order.is_waiting
        if at_once and not order.cumulative_quantity:
            raise OrderSaid(IOC_CANCEL)
        return order

    def _error(self, refused: Refused, market: MarketSpec) -> Row:
        words = order_words(refused, market, self._best(market))
        return {"error": f"{words} asset={self._face.names.asset_of(market)}"}

    def _best(self, market: MarketSpec) -> str:
        _, bid, ask = self._face.host.venue.top(market.symbol)
        return "@".join(plain(it[0]) if it else "none" for it in (bid, ask))


def _form(order: Params, market: MarketSpec) -> OrderForm:
    """Read an order; its client order id is not in it yet. Raises Refusal."""
    kind = order.within("t")
    tif, wanted, stop = "Gtc", OrderType.LIMIT, None
    limit: Decimal | None = order.amount("p")
    if "trigger" in kind:
        trigger = kind.within("trigger")
        named = trigger.text("tpsl"), trigger.flag("isMarket")
        if named not in _TRIGGERS:
            raise malformed()
        wanted, stop = _TRIGGERS[named], trigger.amount("triggerPx")
        limit = None if named[1] else limit
    else:
        tif = kind.within("limit").text("tif")
    if tif not in _TIFS:
        raise malformed()
    return OrderForm(
        client_order_id="",
        symbol=market.symbol,
        side=Side.BUY if order.flag("b") else Side.SELL,
        type=wanted,
        quantity=order.amount("s"),
        limit_price=limit,
        stop_price=stop,
        time_in_force=_TIFS[tif],
        post_only=tif == "Alo",
        reduce_only=order.flag("r"),
    )


def _named(form: OrderForm, client_order_id: str) -> OrderForm:
    return replace(form, client_order_id=client_order_id)


def _ok(response: Row) -> Row:
    return {"status": "ok", "response": response}


def _batch(kind: str, works: Sequence[Work]) -> Act:
    """Return the work of a whole batch, told one by one."""

    def act(now_ns: int) -> Row:
        statuses = [work(now_ns) for work in works]
        return _ok({"type": kind, "data": {"statuses": statuses}})

    return act
