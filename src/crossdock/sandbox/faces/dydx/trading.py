"""What transactions do: place orders and cancel them, by the chain's own checks.

https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/types/message_place_order.go
and …/protocol/x/clob/keeper/orders.go, read 2026-11-21.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.dydx.chain import BLOCK_NS, height_at, time_of
from crossdock.sandbox.faces.dydx.refusals import CLOB, SDK, Checked
from crossdock.sandbox.faces.dydx.transactions import orders as clob
from crossdock.sandbox.faces.dydx.transactions.envelope import Envelope
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.dydx.face import DydxFace

_SHORT_BLOCK_WINDOW = 40
_STATEFUL_WINDOW_S = 95 * 86_400
_SIDES = {1: Side.BUY, 2: Side.SELL}
_CONDITIONS = {
    clob.Condition.STOP_LOSS: OrderType.STOP_LIMIT,
    clob.Condition.TAKE_PROFIT: OrderType.LIMIT_IF_TOUCHED,
}


class Trading:
    """The order book's door. What was placed is remembered by the engine's own id."""

    def __init__(self, face: DydxFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._placed: dict[tuple[str, str], clob.Order] = {}
        self._newest: dict[clob.OrderId, str] = {}

    def placed(self, account: str, engine_id: str) -> clob.Order | None:
        """Return an order as it was placed; None for one of the operator's own."""
        return self._placed.get((account, engine_id))

    def named(self, order_id: str) -> VenueOrder | None:
        """Return an order by the indexer's id; where an id came twice, the newest."""
        name_of, markets = self._face.words.order_id, self._face.markets
        for account in self._host.venue.accounts:
            for it in reversed(self._host.venue.orders(account)):
                if it.symbol not in markets:
                    continue
                if name_of(account, it.client_order_id, it.symbol) == order_id:
                    return it
        return None

    def work(self, envelope: Envelope, holder: Holder, raw: bytes) -> Act:
        """Return what a transaction does once it is let in."""
        account = holder.account

        def act(now_ns: int) -> Any:
            match envelope.kind:
                case clob.PLACE:
                    self._place(account, clob.order_of(envelope.message), now_ns)
                case clob.CANCEL:
                    self._cancel(account, clob.cancel_of(envelope.message), now_ns)
                case clob.CANCEL_BATCH:
                    for cancel in clob.cancels_of(envelope.message):
                        self._cancel(account, cancel, now_ns)
                case kind:
                    raise Checked(SDK, 6, f"unrecognized message route: {kind}")
            self._face.chain.entered(envelope, holder)
            return {
                "code": 0,
                "data": "",
                "log": "[]",
                "codespace": "",
                "hash": sha256(raw).hexdigest().upper(),
            }

        return act

    def _place(self, account: str, order: clob.Order, now_ns: int) -> None:
        _check_basic(order)
        form = self._form(account, order, now_ns)
        _check_life(order.id, order.good_til_block, order.good_til_time_s, now_ns)
        before = self._found(account, order.id)
        if before is not None and not order.id.is_short_term and not before.is_done:
            raise Checked(CLOB, 3005, "A stateful order with this OrderId already exists")
        if before is not None and order.id.is_short_term and before.cumulative_quantity:
            raise Checked(CLOB, 2004 if before.leaves else 24)
        entered = self._face.dealing.submit(account, form, now_ns)
        ours = entered.client_order_id
        self._ids.accepted(account, ours)
        self._placed[account, ours] = order
        self._newest[order.id] = ours

    def _form(self, account: str, order: clob.Order, now_ns: int) -> OrderForm:
        market = self._face.markets.numbered(order.id.clob_pair)
        if order.id.subaccount:
            raise Checked(CLOB, 3007, f"subaccount {order.id.subaccount} holds nothing")
        is_ioc = order.time_in_force == clob.TimeInForce.IOC
        until_ns = order.good_til_time_s * SECOND_NS
        if order.id.is_short_term:
            until_ns = time_of(order.good_til_block + 1)
        kind = OrderType.LIMIT
        if order.id.flags == clob.Flags.CONDITIONAL:
            kind = _CONDITIONS[clob.Condition(order.condition)]
        is_dated = not is_ioc and until_ns > now_ns
        return OrderForm(
            client_order_id=self._ids.enter(account, str(order.id.client_id)),
            symbol=market.symbol,
            side=_SIDES[order.side],
            type=kind,
            quantity=market.quantity(order.quantums),
            limit_price=market.price(order.subticks),
            stop_price=market.price(order.trigger_subticks) if order.condition else None,
            time_in_force=TimeInForce.GTD if is_dated else TimeInForce.IOC,
            expire_time_ns=until_ns if is_dated else None,
            post_only=order.time_in_force == clob.TimeInForce.POST_ONLY,
            reduce_only=order.reduce_only,
        )

    def _cancel(self, account: str, cancel: clob.Cancel, now_ns: int) -> None:
        _check_life(cancel.id, cancel.good_til_block, cancel.good_til_time_s, now_ns)
        self._face.markets.numbered(cancel.id.clob_pair)
        order = self._found(account, cancel.id)
        if order is None or order.is_done:
            if cancel.id.is_short_term:
                return
            what = "Order Id to cancel does not exist"
            raise Checked(CLOB, 3006, f"{what}. OrderId : {cancel.id.client_id}")
        placed = self.placed(account, order.client_order_id)
        if placed is not None and cancel.good_til_time_s < placed.good_til_time_s:
            what = "cancellation goodTilBlockTime less than stateful order's"
            raise Checked(CLOB, 29, what)
        self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)

    def _found(self, account: str, order_id: clob.OrderId) -> VenueOrder | None:
        ours = self._newest.get(order_id)
        if ours is None:
            found = self.named(self._face.words.name_of(order_id))
            return None if found is None or found.account != account else found
        return self._face.dealing.find(account, OrderRef(client_id=ours))


def _check_basic(order: clob.Order) -> None:
    """Check what an order says by itself. Raises Checked."""
    is_ioc = order.time_in_force == clob.TimeInForce.IOC
    if order.time_in_force == clob.TimeInForce.FILL_OR_KILL:
        raise Checked(CLOB, 48, "Fill-or-kill has been deprecated")
    if order.side not in _SIDES:
        raise Checked(CLOB, 3, f"invalid order side ({order.side})")
    if order.time_in_force not in list(clob.TimeInForce):
        raise Checked(CLOB, 44, f"invalid time in force ({order.time_in_force})")
    if not order.quantums:
        raise Checked(CLOB, 4, "order size quantums cannot be 0")
    if order.id.flags not in list(clob.Flags):
        raise Checked(CLOB, 3000, f"invalid order flag {order.id.flags}")
    if order.id.flags == clob.Flags.LONG_TERM and is_ioc:
        raise Checked(CLOB, 3002)
    if order.reduce_only and not is_ioc:
        raise Checked(CLOB, 9003, "reduce only orders must be short term IOC orders")
    if not order.subticks:
        raise Checked(CLOB, 6, "order subticks cannot be 0 for this order type")
    waits = order.id.flags == clob.Flags.CONDITIONAL
    if order.condition not in list(clob.Condition) or waits != bool(order.condition):
        raise Checked(CLOB, 6000, f"condition type {order.condition} on such an order")
    if waits != bool(order.trigger_subticks):
        raise Checked(CLOB, 6001, "trigger subticks belong to conditional orders")


def _check_life(order_id: clob.OrderId, block: int, until_s: int, now_ns: int) -> None:
    """Check until when a message is good: a block, or a time. Raises Checked."""
    if order_id.is_short_term:
        if not block:
            raise Checked(CLOB, 5, "order goodTilBlock cannot be 0")
        following = height_at(now_ns) + 1
        if block < following:
            raise Checked(CLOB, 10, f"GoodTilBlock {block} is below {following}")
        if block > following + _SHORT_BLOCK_WINDOW:
            raise Checked(CLOB, 11, f"GoodTilBlock {block}, the next is {following}")
        return
    block_s = now_ns // BLOCK_NS * BLOCK_NS // SECOND_NS
    if not until_s:
        raise Checked(CLOB, 3001, "stateful order goodTilBlockTime cannot be 0")
    if until_s <= block_s:
        raise Checked(CLOB, 3003, f"GoodTilBlockTime {until_s} is not behind {block_s}")
    if until_s > block_s + _STATEFUL_WINDOW_S:
        raise Checked(CLOB, 3004, f"GoodTilBlockTime {until_s}, blocks are at {block_s}")
