"""The protocol's writes: forms in, the engine's orders out."""

from __future__ import annotations

from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.native.forms import ReplaceForm, SubmitForm
from crossdock.sandbox.faces.native.payloads import Payload, order_payload
from crossdock.sandbox.host import Host


class Gateway:
    """What REST and WebSocket writes have in common."""

    def __init__(self, host: Host, dealing: Dealing) -> None:
        self._host = host
        self._dealing = dealing

    def submit(self, account: str, form: SubmitForm) -> Act:
        """Return the submit of an order. Raises Refusal when the form cannot be one."""
        order_form = form.order()

        def act(now_ns: int) -> Payload:
            return order_payload(self._dealing.submit(account, order_form, now_ns))

        return act

    def cancel(self, account: str, ref: OrderRef) -> Act:
        def act(now_ns: int) -> Payload:
            return order_payload(self._dealing.cancel(account, ref, now_ns))

        return act

    def cancel_all(self, account: str) -> Act:
        def act(now_ns: int) -> Payload:
            canceled = self._host.venue.cancel_all(account, now_ns)
            return {"canceled": [order_payload(order) for order in canceled]}

        return act

    def replace(self, account: str, ref: OrderRef, form: ReplaceForm) -> Act:
        """Return the amend of an order. Raises Refusal when the form changes nothing."""
        quantity, limit_price, stop_price = form.values()

        def act(now_ns: int) -> Payload:
            replaced = self._dealing.replace(
                account,
                ref,
                now_ns,
                quantity=quantity,
                limit_price=limit_price,
                stop_price=stop_price,
            )
            return order_payload(replaced)

        return act
