"""Writes: place, cancel, replace and amend, alone and in lists."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import TERMINAL, ZERO, Side
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.binance.forms import (
    Naming,
    Wanted,
    read_oco,
    read_order,
    read_oto,
    read_otoco,
)
from crossdock.sandbox.faces.binance.refusals import VOCABULARY, filtered
from crossdock.sandbox.faces.binance.symbols import MOST_OPEN_ORDERS
from crossdock.sandbox.faces.binance.words import list_of, order_id
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

_DEPTH = 5000
_READERS = {"oco": read_oco, "oto": read_oto, "otoco": read_otoco}


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: BinanceFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def place(self, params: Params, account: str) -> Act:
        wanted = read_order(params, self._market(params), self._naming(account))

        def act(now_ns: int) -> Any:
            order = self._enter(account, wanted, now_ns)
            return self._face.words.placed(order, wanted.manner)

        return act

    def test(self, params: Params, account: str) -> Act:
        """Read an order and place nothing."""
        read_order(params, self._market(params), self._naming(account))
        return lambda _now_ns: {}

    def cancel(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        if "orderId" not in params and "origClientOrderId" not in params:
            raise Said(
                -1102,
                "Param 'origClientOrderId' or 'orderId' must be sent, "
                "but both were empty/null!",
            )
        order_ref = self._ref(params, account, "orderId", "origClientOrderId")
        cancel_id = params.client_id("newClientOrderId") or self._face.made_up()
        restriction = self._restriction(params)

        def act(now_ns: int) -> Any:
            return self._cancel(account, order_ref, symbol, cancel_id, restriction, now_ns)

        return act

    def cancel_open(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))

        def act(now_ns: int) -> Any:
            orders = self._open_orders(account, symbol)
            if not orders:
                raise Refused("unknown_order", "nothing is open")
            rows = []
            for order in orders:
                if order.status in TERMINAL:
                    continue
                ref = OrderRef(order_id=order.id)
                made_up = self._face.made_up()
                rows.append(self._cancel(account, ref, symbol, made_up, "", now_ns))
            return rows

        return act

    def cancel_replace(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        mode = params.choice("cancelReplaceMode", ("STOP_ON_FAILURE", "ALLOW_FAILURE"))
        if "cancelOrderId" not in params and "cancelOrigClientOrderId" not in params:
            raise Said(
                -1102,
                "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, "
                "but both were empty/null!",
            )
        wanted = read_order(params, self._market(params), self._naming(account))
        ref = self._ref(params, account, "cancelOrderId", "cancelOrigClientOrderId")
        cancel_id = params.client_id("cancelNewClientOrderId") or self._face.made_up()
        restriction = self._restriction(params)

        def act(now_ns: int) -> Any:
            return self._cancel_replace(
                account, symbol, mode, wanted, (ref, cancel_id, restriction), now_ns
            )

        return act

    def amend(self, params: Params, account: str) -> Act:
        """Make an order smaller; it keeps its id and its place in the queue."""
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._ref(params, account, "orderId", "origClientOrderId")
        quantity = params.decimal("newQty")
        new_id = params.client_id("newClientOrderId") or self._face.made_up()

        def act(now_ns: int) -> Any:
            order = self._find(account, ref, symbol)
            if quantity == order.quantity:
                words = "The requested action would change no state; rejecting"
                raise Said(-2038, words)
            if quantity > order.quantity:
                raise Said(-2038, "Order amend (quantity increase) is not supported.")
            before = self._face.words.client_id(order, account)
            named = OrderRef(order_id=order.id)
            amended = self._face.dealing.replace(account, named, now_ns, quantity=quantity)
            self._ids.rename(account, amended.client_order_id, new_id)
            return {
                "transactTime": now_ns // 1_000_000,
                "executionId": int(amended.id),
                "amendedOrder": self._face.words.amended(amended, before),
            }

        return act

    def place_list(self, kind: str, params: Params, account: str) -> Act:
        wanted = _READERS[kind](params, self._market(params), self._naming(account))

        def act(now_ns: int) -> Any:
            order = self._enter(account, wanted, now_ns)
            self._face.lists.enter(order, wanted.list_id or self._face.made_up())
            words = self._face.words
            reports = [words.placed(it, wanted.manner) for it in list_of(order)]
            return words.order_list(order) | {"orderReports": reports}

        return act

    def cancel_list(self, params: Params, account: str) -> Act:
        """Cancel every order of a list."""
        symbol = self._face.symbols.symbol(params.text("symbol"))
        number = params.whole_or_none("orderListId")
        name = params.maybe("listClientOrderId")

        def act(now_ns: int) -> Any:
            first = self._face.lists.find(account, number, name)
            if first.symbol != symbol:
                raise Refused("unknown_order", "no such list")
            open_ones = [it for it in list_of(first) if not it.is_done]
            if not open_ones:
                raise Refused("unknown_order", "the list is done")
            for order in open_ones:
                if not order.is_done:
                    named = OrderRef(order_id=order.id)
                    self._face.dealing.cancel(account, named, now_ns)
            words = self._face.words
            made_up = self._face.made_up()
            reports = [words.canceled(it, made_up) for it in list_of(first)]
            return words.order_list(first) | {"orderReports": reports}

        return act

    def _enter(self, account: str, wanted: Wanted, now_ns: int) -> VenueOrder:
        form = self._sized(wanted)
        self._check_open(account, form)
        order = self._face.dealing.submit(account, form, now_ns)
        for it in list_of(order):
            self._ids.accepted(account, it.client_order_id)
        return order

    def _check_open(self, account: str, form: OrderForm) -> None:
        """Refuse an id that an open order has, and more orders than may be open."""
        open_orders = self._host.venue.open_orders(account)
        taken = {self._face.client_id(account, it.client_order_id) for it in open_orders}
        for engine_id in (
            form.client_order_id,
            *(it.client_order_id for it in form.attached),
        ):
            if self._face.client_id(account, engine_id) in taken:
                raise Refused("duplicate_client_order_id", "an open order has this id")
        at_symbol = sum(it.symbol == form.symbol for it in open_orders)
        if at_symbol + 1 + len(form.attached) > MOST_OPEN_ORDERS:
            raise filtered("MAX_NUM_ORDERS")

    def _sized(self, wanted: Wanted) -> OrderForm:
        """Return the form, its quantity worked out where only a quote amount was given."""
        left = wanted.quote_quantity
        if left is None:
            return wanted.form
        form = wanted.form
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        step = self._host.venue.markets[form.symbol].quantity_step
        quantity = ZERO
        for price, available in asks if form.side is Side.BUY else bids:
            taken = min(available, left / price)
            quantity += taken
            left -= taken * price
            if left <= 0:
                break
        quantity = Decimal(quantity // step * step)
        if quantity <= 0:
            words = "Order book liquidity is less than symbol minimum quantity."
            raise Said(-2010, words)
        return replace(form, quantity=quantity)

    def _cancel(
        self,
        account: str,
        ref: OrderRef,
        symbol: str,
        cancel_id: str,
        restriction: str,
        now_ns: int,
    ) -> dict[str, Any]:
        order = self._find(account, ref, symbol)
        if restriction and not order.is_done and order.status.value != restriction:
            raise Said(-2011, "Order was not canceled due to cancel restrictions.")
        self._face.note_cancel(order, cancel_id)
        named = OrderRef(order_id=order.id)
        canceled = self._face.dealing.cancel(account, named, now_ns)
        return self._face.words.canceled(canceled, cancel_id)

    def _cancel_replace(
        self,
        account: str,
        symbol: str,
        mode: str,
        wanted: Wanted,
        cancel: tuple[OrderRef, str, str],
        now_ns: int,
    ) -> dict[str, Any]:
        canceled, cancel_failed = self._tried(
            lambda: self._cancel(account, cancel[0], symbol, *cancel[1:], now_ns),
            Operation.CANCEL,
        )
        placed: dict[str, Any] | None = None
        place_failed, attempted = False, True
        if cancel_failed and mode == "STOP_ON_FAILURE":
            attempted = False
        else:
            placed, place_failed = self._tried(
                lambda: self._face.words.placed(
                    self._enter(account, wanted, now_ns), wanted.manner
                ),
                Operation.SUBMIT,
            )
        said = {
            "cancelResult": "FAILURE" if cancel_failed else "SUCCESS",
            "newOrderResult": "FAILURE" if place_failed else "SUCCESS",
            "cancelResponse": canceled,
            "newOrderResponse": placed,
        }
        if not attempted:
            said["newOrderResult"] = "NOT_ATTEMPTED"
        if not cancel_failed and not place_failed:
            return said
        if cancel_failed and (place_failed or not attempted):
            raise Said(-2022, "Order cancel-replace failed.", data=said)
        # Something was done: what it caused is pushed before the refusal is sent.
        words = "Order cancel-replace partially failed."
        raise Said(-2021, words, status=409, data=said)

    def _tried(self, work: Any, operation: Operation) -> tuple[dict[str, Any], bool]:
        """Return the work's result, or the refusal in words and that it failed."""
        try:
            return work(), False
        except Refused as refused:
            return VOCABULARY.error(Refusal.of(refused), operation)[0], True
        except Refusal as refusal:
            return VOCABULARY.error(refusal, operation)[0], True

    def _find(self, account: str, ref: OrderRef, symbol: str) -> VenueOrder:
        order = self._face.dealing.find(account, ref)
        if order.symbol != symbol:
            raise Refused("unknown_order", "no such order of this symbol")
        return order

    def _open_orders(self, account: str, symbol: str) -> list[VenueOrder]:
        orders = self._host.venue.open_orders(account)
        return sorted((it for it in orders if it.symbol == symbol), key=order_id)

    def _ref(self, params: Params, account: str, by_id: str, by_client: str) -> OrderRef:
        return self._face.ref(params, account, by_id, by_client)

    def _market(self, params: Params) -> Any:
        return self._face.symbols.market(params.text("symbol"))

    def _naming(self, account: str) -> Naming:
        def named(text: str | None) -> str:
            return self._ids.enter(account, text or self._face.made_up())

        return named

    def _restriction(self, params: Params) -> str:
        if "cancelRestrictions" not in params:
            return ""
        allowed = {"ONLY_NEW": "New", "ONLY_PARTIALLY_FILLED": "PartiallyFilled"}
        named = params.maybe("cancelRestrictions")
        if named not in allowed:
            raise Said(
                -1145,
                "`cancelRestrictions` has to be either `ONLY_NEW` or "
                "`ONLY_PARTIALLY_FILLED`.",
            )
        return allowed[named]
