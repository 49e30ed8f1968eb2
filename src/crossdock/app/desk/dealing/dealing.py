"""The one way an order is made: risk, journal, send. Synchronous until the bytes are out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NoReturn

from crossdock.app.desk.accounts.absent import absent
from crossdock.app.desk.market.markets import Markets
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.gateway import Gateway, MarketWatch
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.execution.router import Venue
from crossdock.core.orders import OrderState
from crossdock.core.risk import Approved, Authority, Gate, NeedsApproval, Rehearsal, Working
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import (
    AccountId,
    AttemptId,
    Contingency,
    CorrelationId,
    OrderRequest,
    OrderType,
    symbol_of,
)
from crossdock.ports import Can

log = logging.getLogger(__name__)


class Dealing:
    """Places, amends and cancels for everybody: strategies, people, the kill switch."""

    def __init__(
        self,
        kernel: Kernel,
        gate: Gate,
        view: DeskView,
        markets: Markets,
        gateways: Mapping[AccountId, Gateway],
        watches: Mapping[AccountId, MarketWatch] | None = None,
    ) -> None:
        """`watches` are the data accounts, which take no order."""
        self._watches = {} if watches is None else watches
        self._kernel = kernel
        self._gate = gate
        self._view = view
        self._markets = markets
        self._gateways = gateways

    def new_correlation(self) -> CorrelationId:
        return CorrelationId(self._kernel.ids.next("c"))

    def place(
        self, request: OrderRequest, authority: Authority = Authority.REQUESTER
    ) -> OrderState:
        """Check, journal and send an order.

        Raises RiskRefused with every reason (journaled), DeskError when the account is
        unknown or away, JournalError when nothing can be written.
        """
        gateway = self.gateway(request.account)
        if not request.correlation:
            request = replace(request, correlation=self.new_correlation())
        adapter = gateway.adapter  # before risk is asked: a refusal here reserves nothing
        try:
            answer = self._gate.check(request, self._view, authority=authority)
            approved = self._approved(answer)
        except RiskRefused as refusal:
            self._record_refusal(request, refusal)
            raise
        return gateway.writes.submit(adapter, self._spend(approved))

    def rehearse(
        self, request: OrderRequest, authority: Authority = Authority.REQUESTER
    ) -> Rehearsal:
        """Check as `place` does and send nothing. Raises RiskRefused, which is not journaled."""
        return self._gate.rehearse(request, self._view, authority=authority)

    def _spend(self, approved: Approved) -> Approved:
        """Use the approval up: from here on the order's own intent holds what it held."""
        self._gate.consume(approved, self._view)
        return approved

    def _approved(self, answer: Approved | NeedsApproval) -> Approved:
        if isinstance(answer, NeedsApproval):
            raise RiskRefused(
                [("approval", answer.words)],
                hint="place it by hand with --approved-by NAME",
            )
        return answer

    def refuse(self, request: OrderRequest, check: str, words: str) -> NoReturn:
        """Raise RiskRefused for what is not risk's to judge, journaled like its refusals."""
        refusal = RiskRefused([(check, words)])
        self._record_refusal(request, refusal)
        raise refusal

    def _record_refusal(self, request: OrderRequest, refusal: RiskRefused) -> None:
        self._kernel.note(
            [
                r.RequestRefused(
                    at=self._kernel.now(),
                    request=request,
                    reasons=refusal.reasons,
                    allowed_quantity=refusal.allowed_quantity,
                )
            ]
        )

    def replace(
        self,
        order: OrderState,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
    ) -> AttemptId:
        """Amend an order. Values left out stay as they are.

        Raises as `place` does; DeskError also when nothing would change, or when the
        venue cannot amend.
        """
        gateway = self.gateway(order.request.account)
        if Can.REPLACE not in gateway.manifest.can:
            raise DeskError(f"{gateway.manifest.name} cannot amend an order; cancel it")
        _must_be_ours(order)
        if order.status.is_terminal:
            raise DeskError(f"order {order.order_id} is {order.status}: nothing to amend")
        if not order.venue_order_ids:
            raise DeskError(f"order {order.order_id} is not confirmed by the venue yet")
        trails = order.request.type is OrderType.TRAILING_STOP
        if trails and stop_price is not None:
            raise DeskError(f"the stop of order {order.order_id} follows the market")
        new = (
            order.quantity if quantity is None else quantity,
            order.limit_price if limit_price is None else limit_price,
            order.stop_price if stop_price is None else stop_price,
        )
        if new == (order.quantity, order.limit_price, order.stop_price):
            raise DeskError(f"order {order.order_id} has these values already")
        adapter = gateway.adapter
        gateway.writes.must_be_settled(order)
        working = Working(
            order_id=order.order_id,
            quantity=order.quantity,
            cumulative_quantity=order.cumulative_quantity,
            prices=order.worst_prices,
            reserved=self._kernel.state.worst_of(order),
        )
        request = replace(
            order.request,
            limit_price=order.limit_price,
            stop_price=None if trails else order.stop_price,
            attached=(),  # each leg is an order of its own by now
            contingency=Contingency.OTO,
        )
        try:
            answer = self._gate.check_replace(
                request,
                working,
                self._view,
                quantity=quantity,
                limit_price=limit_price,
                stop_price=stop_price,
            )
            approved = self._approved(answer)
        except RiskRefused as refusal:
            self._record_refusal(request, refusal)
            raise
        return gateway.writes.replace(
            adapter,
            order,
            self._spend(approved),
            quantity=new[0],
            limit_price=new[1],
            stop_price=None if trails else new[2],
        )

    def cancel(self, order: OrderState) -> bool:
        """Send a cancel. False when one is under way already. Never needs risk's leave."""
        _must_be_ours(order)
        if order.status.is_terminal and not order.attempts:
            raise DeskError(
                f"order {order.order_id} is {order.status}: nothing to cancel",
                code="order-done",
            )
        gateway = self.gateway(order.request.account)
        return gateway.writes.cancel(gateway.adapter, order) is not None

    def gateway(self, account: AccountId) -> Gateway:
        gateway = self._gateways.get(account)
        if account in self._watches:
            raise DeskError(
                f"{account} is a data account: it takes no order",
                code="account-data-only",
                hint=f'accounts.{account}.use = "trade", with its keys, lets it trade',
            )
        if gateway is None:
            raise absent(account, self._gateways, self._kernel.state)
        return gateway

    def venues(self, symbol: str) -> list[Venue]:
        """Return where a symbol trades now: each connected account with its book."""
        state = self._kernel.state
        found = []
        for account, gateway in self._gateways.items():
            if not gateway.ready.is_set():
                continue
            for instrument in state.instruments.values():
                here = instrument.id.endswith(f"@{gateway.options.venue}")
                book = self._markets.books.get(instrument.id)
                if here and book is not None and symbol_of(instrument.id) == symbol:
                    found.append(Venue(account=account, instrument=instrument, book=book))
        return found


def _must_be_ours(order: OrderState) -> None:
    if order.foreign:
        raise DeskError(
            f"order {order.order_id} is not ours",
            code="foreign-order",
            hint='set foreign = "adopt" for the account to take such orders over',
        )
